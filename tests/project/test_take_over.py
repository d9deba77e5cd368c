"""Labels that another program left of those it was given."""

import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.errors import EditError, OutdatedError
from segmetry.measure import measure
from segmetry.project import Project


@pytest.fixture
def painted(labels, hand):
    """The labels without object 5, with a new one where nothing was."""
    data = labels.labels.data.copy()
    data[data == 5] = 0
    x, y = hand.empty
    data[y : y + 4, x : x + 6] = 77
    return data


def test_it_is_one_step_of_the_history_and_measured(labels, painted):
    answer = labels.take_over(painted, op_id="a", base=0, source="napari")
    assert (answer.rev, answer.gone, answer.undo.kind) == (1, (5,), "take over")
    assert answer.rows[["label", "origin", "area_px"]].to_numpy().tolist() == [
        [13, "drawn", 24]
    ]
    assert labels.table.equals(measure(labels.labels))
    [entry] = labels.history()
    assert entry["edit"] == {"kind": "take over", "source": "napari"}


def test_it_can_be_undone_and_made_again(labels, painted, hand):
    before = hand.state(labels)
    labels.take_over(painted, op_id="a", base=0, source="napari")
    after = hand.state(labels)
    hand.undo(labels)
    hand.assert_same(labels, before)
    assert hand.redo(labels).undo.kind == "take over"
    hand.assert_same(labels, after)


def test_labels_that_came_back_as_they_were_are_no_step(labels):
    data = labels.labels.data
    answer = labels.take_over(data, op_id="a", base=0, source="napari")
    assert (answer.rev, answer.undo) == (0, None)


def test_who_began_with_older_labels_is_refused(labels, painted):
    labels.edit(Edit("delete", ids=(1,)), op_id="a", base=0)
    with pytest.raises(OutdatedError, match="revision 1"):
        labels.take_over(painted, op_id="b", base=0, source="napari")
    assert labels.n_objects == 11


def test_a_second_answer_is_asked_for_without_doing_it_twice(labels, painted):
    labels.take_over(painted, op_id="a", base=0, source="napari")
    again = labels.take_over(painted, op_id="a", base=0, source="napari")
    assert (again.rev, labels.n_objects) == (1, 12)


def test_labels_of_another_picture_are_refused(labels):
    with pytest.raises(EditError, match="cannot become"):
        labels.take_over(np.zeros((3, 4), int), op_id="a", base=0, source="napari")
    assert not labels.is_edited


def test_it_is_there_after_a_crash(labels, painted, project, home):
    labels.take_over(painted, op_id="a", base=0, source="napari")
    expected = labels.labels.data.copy()
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    project.close(save=False)
    with Project.open(home) as again:
        assert np.array_equal(again.labels.open(name).labels.data, expected)
