import numpy as np
import pytest
import tifffile

from segmetry.errors import PictureError, ProjectError, RecipeError
from segmetry.project import look_at
from segmetry.recipe import Recipe, changed, recipe_text
from segmetry.web import work
from segmetry.web.job_table import JobRow
from segmetry.web.training import Wishes
from segmetry.web.work import work_of


class Here:
    """Does work in this process."""

    @staticmethod
    def do(function, argument, *, tick):
        tick()
        return function(argument)


def row(kind, asked, picture=""):
    return JobRow("1", kind, "a", asked, picture=picture)


def test_a_run_keeps_what_the_recipe_finds(project, picture, simple):
    ticks = []
    job = work_of(project, row("run", recipe_text(simple), picture))
    job.do(Here, lambda: ticks.append(1))
    (found,) = project.labels.records(picture)
    assert project.labels.n_objects(found.id) == 12
    assert (job.told, job.seconds_left, ticks) == (None, None, [1])


def test_a_run_of_an_upload_has_a_limit_of_memory_while_it_lasts(
    project, home, look, simple, monkeypatch
):
    resource = pytest.importorskip("resource")
    limits, run = [], work.carry_out
    before = resource.getrlimit(resource.RLIMIT_AS)

    def noted(order):
        limits.append(resource.getrlimit(resource.RLIMIT_AS)[0])
        return run(order)

    monkeypatch.setattr(work, "carry_out", noted)
    content = (home / "a.png").read_bytes()
    upload = project.pictures.upload("b.png", [content])
    project.pictures.keep_look(upload, look_at(home / "a.png", simple))
    for picture in (look(home / "a.png"), upload):
        job = row("run", recipe_text(simple), picture)
        work_of(project, job).do(Here, lambda: None)
    assert limits[0] == before[0]
    assert 0 < limits[1] <= 16 * 2**30
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_what_cannot_be_done_is_refused_before_it_waits(project, picture):
    with pytest.raises(RecipeError):
        work_of(project, row("run", "format = 99", picture))
    with pytest.raises(ProjectError, match="so far there are 0"):
        work_of(project, row("training", Wishes("mine").as_json()))


@pytest.fixture
def stack(home, look):
    values = np.arange(1200, dtype=np.uint16).reshape(3, 20, 20)
    tifffile.imwrite(home / "stack.tif", values, imagej=True, metadata={"axes": "ZYX"})
    return look(home / "stack.tif")


def with_method(name):
    return Recipe(segmentation={"name": name})


def test_a_volume_is_left_out_by_a_method_for_single_pictures(project, stack):
    with pytest.raises(PictureError) as caught:
        work_of(project, row("run", recipe_text(with_method("local")), stack))
    assert str(caught.value) == (
        "stack.tif is a volume and was left out: the method local is for single pictures. "
        "For volumes, choose threshold or lungs."
    )


@pytest.mark.parametrize("name", ["threshold", "lungs"])
def test_a_volume_is_run_by_a_method_for_volumes(project, stack, name):
    work_of(project, row("run", recipe_text(with_method(name)), stack))


def test_a_slice_of_a_volume_is_a_single_picture(project, stack):
    recipe = changed(with_method("local"), {"reading": {"page": 1}})
    work_of(project, row("run", recipe_text(recipe), stack))


def test_no_job_is_left_of_a_volume_that_was_left_out(client, project, stack):
    asked = {"segmenter": "auto", "params": {}}
    before = project.recipe
    answer = client.post(f"/api/v1/images/{stack}/runs", json=asked)
    assert answer.status_code == 409, answer.text
    assert "stack.tif is a volume" in answer.text
    assert client.get("/api/v1/jobs").json() == []
    assert project.recipe == before
