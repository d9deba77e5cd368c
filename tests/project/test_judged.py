import uuid

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.evaluate.verdicts import RIGHT, UNSEEN, WRONG, verdicts_of
from segmetry.io import write_png
from segmetry.project.annotated import mark_checked
from segmetry.project.checkpoints import Checkpoint
from segmetry.project.judged import _found, _judged
from segmetry.project.review import review_project
from segmetry.recipe import Recipe


@pytest.fixture
def edit(labels):
    def make(kind, *ids, **more):
        edit = Edit(kind, ids=tuple(ids), **more)
        labels.edit(edit, op_id=str(uuid.uuid4()), base=labels.rev)

    return make


@pytest.fixture
def judged(project, labels):
    """What is known of the twelve discs: the verdict on each, by its number."""
    del labels  # they must be there
    record = project.labels.records(project.pictures.records()[0].id)[-1]

    def read(*, is_checked=False):
        found = project.judged.of(record, is_checked=is_checked)
        assert len(found.ids) == len(found.verdict) == len(found.doubt)
        return dict(zip(found.ids.tolist(), found.verdict.tolist(), strict=True))

    return read


def test_nobody_has_looked_at_what_was_just_found(judged):
    assert judged() == dict.fromkeys(range(1, 13), UNSEEN)


def test_acceptance_and_rejection_are_verdicts_and_undo_takes_them_back(
    judged, edit, labels
):
    edit("accept", 3)
    edit("reject", 5)
    assert (judged()[3], judged()[5], judged()[4]) == (RIGHT, WRONG, UNSEEN)
    labels.undo(op_id=str(uuid.uuid4()), base=labels.rev)
    assert (judged()[3], judged()[5]) == (RIGHT, UNSEEN)


def test_an_object_that_was_cut_was_wrong(judged, edit, labels):
    rows, columns = np.nonzero(labels.labels.data == 1)
    y, left, right = int(rows.mean()), int(columns.min()) - 3, int(columns.max()) + 3
    edit("split", points=((left, y), (right, y)), width=1)
    assert judged()[1] == WRONG


def test_objects_that_one_act_deleted_by_the_dozen_are_no_verdicts(
    project, home, discs, simple
):
    write_png(home / "many.png", discs([4] * 40))
    labels = project.labels.run(project.pictures.add(home / "many.png"), simple)
    opened = project.labels.open(labels)
    n_found = opened.n_objects
    many = Edit("delete", ids=tuple(range(1, 26)))
    opened.edit(many, op_id=str(uuid.uuid4()), base=0)
    opened.edit(Edit("delete", ids=(30, 31)), op_id=str(uuid.uuid4()), base=1)
    found = project.judged.of(project.labels.record(labels), is_checked=False)
    assert len(found.ids) == n_found - 25
    assert found.verdict[np.isin(found.ids, [30, 31])].tolist() == [WRONG, WRONG]


def test_in_a_picture_that_was_checked_everything_was_looked_at(judged, edit):
    assert set(judged(is_checked=True).values()) == {RIGHT}
    edit("reject", 2)
    told = judged(is_checked=True)
    assert (told.pop(2), set(told.values())) == (WRONG, {RIGHT})


def test_verdicts_are_read_without_opening_labels_again(
    project, judged, edit, labels, monkeypatch
):
    edit("accept", 1)
    first = judged()
    monkeypatch.setattr(project.labels, "read", None)
    assert judged() == first
    assert labels.rev == 1


def test_labels_that_were_closed_tell_the_same(project, judged, edit):
    edit("accept", 7)
    edit("reject", 8)
    told = judged()
    project.labels.close()
    project.judged._kept.clear()
    assert judged() == told


def test_each_object_has_a_doubt_of_its_own(project, home, discs, simple):
    picture = discs([10] * 12).astype(float)
    picture[:, 150:] = 50 + 0.5 * (picture[:, 150:] - 50)  # dim, on the right
    write_png(home / "dim.png", picture.astype(np.uint8))
    labels = project.labels.run(project.pictures.add(home / "dim.png"), simple)
    found = project.judged.of(project.labels.record(labels), is_checked=False)
    assert found.basis == "steadiness"
    assert ((found.doubt > 0) & (found.doubt < 1)).all()


def test_a_model_tells_its_doubts_itself(project, home, discs):
    write_png(home / "a.png", discs([10] * 12))
    parts = {"segmentation": {"name": "nuclei"}, "calibration": {"scale_bar": False}}
    recipe = Recipe.model_validate(parts)
    labels = project.labels.run(project.pictures.add(home / "a.png"), recipe)
    found = project.judged.of(project.labels.record(labels), is_checked=False)
    assert found.basis == "confidence"
    table = project.labels.open(labels).table
    assert found.ids.tolist() == table["label"].tolist()
    assert found.doubt == pytest.approx(1 - table["confidence"], abs=1e-6)


def test_labels_of_an_early_version_know_no_doubts(project, labels):
    del project
    found = labels.labels.data
    told = _judged(_found(Checkpoint(found)), verdicts_of(found, found))
    assert (told.basis, set(told.doubt.tolist())) == ("none", {0.1})


def test_the_mark_of_a_picture_decides_in_a_review(project, labels):
    del labels
    record = project.pictures.records()[0]
    mark_checked(project, record.id, project.labels.records(record.id)[-1].id)
    assert review_project(project).advice.n_left == 0
