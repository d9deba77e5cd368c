import stat
import subprocess
import sys
from contextlib import nullcontext

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmetry.errors import PictureError, ProjectError, RecipeError, WriteError
from segmetry.project import Project, holds, look_at, projects_folder
from segmetry.recipe import Recipe

# Each example chooses anew for one picture of one project.
PATIENT = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def test_a_project_lies_beside_its_pictures(project, home):
    assert project.folder == home / ".segmetry"
    assert project.name == "Powder batch 7"
    assert project.recipe == Recipe()


def test_a_project_without_pictures_lies_with_the_users_data(tmp_path):
    with Project.create(None, "Loose") as project:
        assert project.folder.parent == projects_folder() == tmp_path / "projects"
        place = project.folder
    with Project.open(place) as again:
        assert again.name == "Loose"


def test_the_usual_place_is_the_users_own(monkeypatch):
    monkeypatch.delenv("SEGMETRY_PROJECTS")
    assert projects_folder().name == "projects"
    assert "segmetry" in str(projects_folder())


def test_what_was_chosen_is_there_when_opened_again(project, home):
    recipe = Recipe(segmentation={"name": "local", "options": {"min_area": 30}})
    project.set_recipe(recipe)
    project.rename("  Batch 8 ")
    project.close()
    for place in (home, str(home), home / ".segmetry"):
        with Project.open(place) as again:
            assert (again.name, again.recipe) == ("Batch 8", recipe)


def test_nobody_else_on_the_computer_sees_a_project(project):
    if sys.platform != "win32":
        assert stat.S_IMODE(project.folder.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("name", ["", "   "])
def test_a_project_needs_a_name(project, home, name):
    with pytest.raises(ProjectError, match="needs a name"):
        project.rename(name)
    with pytest.raises(ProjectError, match="needs a name"):
        Project.create(home / "other", name)
    assert project.name == "Powder batch 7"


def test_a_folder_has_one_project(project, home):
    project.close()
    with pytest.raises(ProjectError, match="already"):
        Project.create(home, "Another")
    with Project.open(home) as again:
        assert again.name == "Powder batch 7"


def test_a_folder_that_is_not_there_has_no_project(tmp_path):
    with pytest.raises(ProjectError, match="There is no project in absent"):
        Project.open(tmp_path / "absent")
    with pytest.raises(WriteError, match="No project can be made"):
        Project.create(tmp_path / "absent" / "deeper", "Lost")
    assert not (tmp_path / "absent").exists()


OTHER = """
import sys
from segmetry.project import Project
with Project.open(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_a_project_that_another_program_has_open_is_not_opened(project, home):
    project.close()
    command = [sys.executable, "-c", OTHER, str(home)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ProjectError, match=f"in powders is already .* {other.pid} on"):
            Project.open(home)
        other.communicate("\n")
    Project.open(home).close()


def test_a_damaged_project_is_told_and_can_be_opened_once_restored(project, home):
    project.close()
    path = home / ".segmetry" / "project.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:5000])
    for _ in range(2):
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(home)
    assert path.read_bytes() == whole[:5000]
    path.write_bytes(whole)
    Project.open(home).close()


def test_a_recipe_of_a_newer_version_is_told(project):
    project._database.rows("UPDATE project SET recipe = 'format = 99'")
    with pytest.raises(RecipeError, match="Install a newer Segmetry"):
        _ = project.recipe


@pytest.fixture
def looked(project, draw, simple):
    """Identifier of a picture of 30 x 20 pixels that was looked at."""
    path = draw("grey.png")
    picture = project.pictures.add(path)
    project.pictures.keep_look(picture, look_at(path, simple))
    return picture


boxes = st.tuples(
    st.integers(0, 29), st.integers(0, 19), st.integers(1, 40), st.integers(1, 30)
)


@PATIENT
@given(st.lists(boxes, max_size=3))
def test_areas_are_kept_where_all_lie_in_the_picture_and_none_else(
    project, looked, rectangles
):
    project.exclude(looked, banner=None)
    is_inside = all(x + w <= 30 and y + h <= 20 for x, y, w, h in rectangles)
    with (
        nullcontext() if is_inside else pytest.raises(PictureError, match="30 x 20 pixels")
    ):
        project.exclude(looked, banner=None, rectangles=rectangles)
    area = project.pictures.recipe(looked, project.recipe).area
    assert (area.exclude, area.only) == (tuple(rectangles) if is_inside else (), ())
    assert project.pictures.record(looked).status == "ready"


@PATIENT
@given(st.integers(-2, 22), st.integers(-2, 22))
def test_a_banner_is_some_rows_of_the_picture_but_not_all(project, looked, top, bottom):
    is_one = 0 <= top < bottom <= 20 and bottom - top < 20
    with nullcontext() if is_one else pytest.raises(PictureError, match="draw them again"):
        project.exclude(looked, banner=(top, bottom))
        assert project.pictures.record(looked).look["banner_rows"] == [top, bottom]
        banner = project.pictures.recipe(looked, project.recipe).banner
        assert banner.exclude == f"{top}:{bottom}"
        project.exclude(looked, banner=None)
        banner = project.pictures.recipe(looked, project.recipe).banner
        assert banner.exclude == "none"


def test_a_picture_without_channels_has_none_to_choose(project, looked):
    project.use_channel(looked, None)
    with pytest.raises(PictureError, match=r"grey\.png has no channels to choose from"):
        project.use_channel(looked, 0)


def test_a_channel_is_chosen_and_taken_back_beside_the_page(project, home, simple):
    pixels = np.zeros((2, 20, 30), np.uint16)
    named = {"axes": "CYX", "Channel": {"Name": ["DAPI", "walls"]}}
    path = home / "cells.ome.tif"
    tifffile.imwrite(path, pixels, metadata=named)
    picture = project.pictures.add(path)
    project.pictures.keep_look(picture, look_at(path, simple))
    project.pictures.choose(picture, {"reading": {"page": 0}})
    project.pictures.keep_look(picture, look_at(path, simple))
    for channel in (1, 0, None):
        project.use_channel(picture, channel)
        reading = project.pictures.recipe(picture, project.recipe).reading
        assert (reading.page, reading.channel) == (0, channel)
    with pytest.raises(PictureError, match="has 2 channels .* no channel 2"):
        project.use_channel(picture, 2)


@pytest.mark.parametrize(
    "choose",
    [
        lambda project, picture: project.exclude(picture, banner=None),
        lambda project, picture: project.use_channel(picture, 0),
        lambda project, picture: project.calibrate(picture, choice="none"),
    ],
)
def test_nothing_is_chosen_for_a_picture_that_was_not_read(project, draw, choose):
    picture = project.pictures.add(draw("new.png"))
    with pytest.raises(PictureError, match=r"new\.png is not read yet"):
        choose(project, picture)


def test_a_closed_project_tells_what_it_holds(project, home, looked):
    place = project.folder
    assert project.holds("picture", looked)
    project.close()
    assert holds(place, "picture", looked)
    assert not holds(place, "label_set", looked)
    with pytest.raises(WriteError):
        holds(home / "nowhere", "picture", looked)
