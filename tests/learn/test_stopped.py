import json
from dataclasses import asdict

import pytest

from segmetry.errors import ModelError, RecipeError, WriteError
from segmetry.learn.fitting import Plan
from segmetry.learn.stopped import Stopped, plan_from_json

IDENTITY = {"options": {"seed": 0}, "pictures": "abc"}
CHOICES = {"plan": asdict(Plan(seed=4, diameter=None)), "start": None, "sentences": ["a"]}
NEW = {"resume": False, "overwrite": False}


@pytest.fixture
def stopped(tmp_path):
    return Stopped(tmp_path / "cells.checkpoint")


def test_a_new_training_leaves_no_folder_before_it_has_chosen(stopped):
    assert stopped.begin(IDENTITY, **NEW) is None
    assert not stopped.folder.exists()


def test_the_choices_are_taken_up_again(stopped):
    stopped.keep(IDENTITY, CHOICES)
    found = stopped.begin(IDENTITY, resume=True, overwrite=False)
    assert plan_from_json(found["plan"]) == Plan(seed=4, diameter=None)
    assert found["sentences"] == ["a"]


def test_there_may_be_nothing_to_go_on_with(stopped):
    assert stopped.begin(IDENTITY, resume=True, overwrite=False) is None


def test_a_stopped_training_is_not_lost_by_accident(stopped):
    stopped.keep(IDENTITY, CHOICES)
    with pytest.raises(RecipeError, match="--resume goes on with it, --overwrite begins"):
        stopped.begin(IDENTITY, **NEW)
    assert stopped.folder.is_dir()
    assert stopped.begin(IDENTITY, resume=False, overwrite=True) is None
    assert not stopped.folder.exists()


def test_other_options_or_pictures_cannot_go_on(stopped):
    stopped.keep(IDENTITY, CHOICES)
    other = {**IDENTITY, "pictures": "xyz"}
    with pytest.raises(RecipeError, match=r"other options or pictures \(pictures\)"):
        stopped.begin(other, resume=True, overwrite=False)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        json.dumps({"identity": IDENTITY, "choices": {"plan": {"side": 3}}}),
        json.dumps({"identity": 3, "choices": CHOICES}),
    ],
)
def test_a_damaged_folder_is_told(stopped, content):
    stopped.keep(IDENTITY, CHOICES)
    (stopped.folder / "choices.json").write_text(content)
    with pytest.raises(ModelError, match="damaged"):
        stopped.begin(IDENTITY, resume=True, overwrite=False)


def test_only_its_own_files_are_removed(stopped):
    stopped.keep(IDENTITY, CHOICES)
    stopped.state("fold 1 of 3").write_bytes(b"state")
    mine = stopped.folder / "my notes.txt"
    mine.write_text("mine")
    stopped.remove()
    assert [path.name for path in stopped.folder.iterdir()] == ["my notes.txt"]
    mine.unlink()
    stopped.remove()
    assert not stopped.folder.exists()


def test_a_file_in_the_place_of_the_folder_is_told(stopped):
    stopped.folder.write_text("")
    with pytest.raises(WriteError, match="cannot be made"):
        stopped.keep(IDENTITY, CHOICES)


def test_each_training_has_a_state_of_its_own(stopped):
    names = {stopped.state(f"fold {k} of 3").name for k in range(3)}
    assert len(names) == 3
    assert all(" " not in name for name in names)
