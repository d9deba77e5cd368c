"""What a run on a cluster needs: one folder for all machines, the same models."""

from pathlib import Path

import pytest

from segmetry.batch import far
from segmetry.batch.far import Far, see_to_sharing, wait_for_results
from segmetry.batch.inputs import Picture
from segmetry.batch.manifest import fingerprint
from segmetry.errors import WorkersError, WriteError
from segmetry.recipe import Recipe


class Elsewhere:
    """A worker that looks at a copy of the folder, as another machine's disk is one."""

    def __init__(self, *, shared, local, sees_picture=True):
        self.shared, self.local, self.sees_picture = shared, local, sees_picture

    def ask_elsewhere(self, question):
        probe, picture = question.args
        if not self.shared:
            here = self.local / probe.name
            here.mkdir(parents=True)
            probe = here
        if not self.sees_picture:
            picture = self.local / "gone"
        return {"tcp://10.0.0.1:40001": question.func(probe, picture)}


@pytest.fixture
def out(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "a.png").touch()
    return tmp_path / "out"


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch):
    monkeypatch.setattr(far, "_PATIENCE", 0.3)


def test_a_shared_folder_is_left_as_it_was(out, tmp_path):
    see_to_sharing(
        Elsewhere(shared=True, local=tmp_path / "local"), out, tmp_path / "a.png"
    )
    assert list(out.iterdir()) == []


def test_a_worker_that_writes_to_its_own_disk_is_told(out, tmp_path):
    worker = Elsewhere(shared=False, local=tmp_path / "local")
    with pytest.raises(
        WorkersError, match=r"tcp://10\.0\.0\.1:40001 .* folder out .* share"
    ):
        see_to_sharing(worker, out, tmp_path / "a.png")
    assert list(out.iterdir()) == []


def test_a_worker_that_cannot_write_is_told(out, tmp_path):
    class Forbidden(Elsewhere):
        def ask_elsewhere(self, question):
            probe, picture = question.args
            return {"tcp://w:1": question.func(probe / "no folder", picture)}

    with pytest.raises(WorkersError, match="does not write into the folder out"):
        see_to_sharing(Forbidden(shared=True, local=tmp_path), out, tmp_path / "a.png")


def test_a_worker_that_does_not_see_the_pictures_is_told(out, tmp_path):
    worker = Elsewhere(shared=True, local=tmp_path / "local", sees_picture=False)
    with pytest.raises(
        WorkersError, match="does not see a.png; put the pictures on storage"
    ):
        see_to_sharing(worker, out, tmp_path / "a.png")


def test_results_that_do_not_appear_are_told(out):
    with pytest.raises(WriteError, match="results of a where this machine does not see"):
        wait_for_results(out / "a")
    (out / "a").mkdir()
    (out / "a" / "picture.json").touch()
    wait_for_results(out / "a")


def test_a_machine_with_another_model_is_refused(out):
    picture = Picture("a", Path("a.png"), "a.png")
    recipe = Recipe(segmentation={"name": "threshold"})
    assert Far(out, recipe, fingerprint(recipe), str)(picture) == str(picture)
    with pytest.raises(WorkersError, match="has another model file of the name threshold"):
        Far(out, recipe, "another", str)(picture)
