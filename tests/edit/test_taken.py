"""Labels that another program has left: taken over by the pixels that differ."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit import Change, Edit
from segmetry.edit.change import AFTER, BEFORE
from segmetry.edit.spans import ROW, START, STOP
from segmetry.edit.table import ORIGINS
from segmetry.edit.taken import differing
from segmetry.errors import EditError

SHAPE = (26, 34)


def two(canvas_of, **more):
    data = np.zeros(SHAPE, np.uint32)
    data[2:8, 2:8], data[12:20, 10:30] = 3, 7
    return canvas_of(data, **more), data.copy()


@given(seed=st.integers(0, 10_000), other=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_runs_that_differ_turn_one_picture_into_the_other(objects, seed, other):
    before, after = objects(seed, SHAPE), objects(other, SHAPE)
    runs = differing(before, after)
    painted = before.copy()
    for run in runs:
        part = painted[run[ROW], run[START] : run[STOP]]
        assert (part == run[BEFORE]).all()
        part[:] = run[AFTER]
    assert np.array_equal(painted, after)
    assert (runs[:, BEFORE] != runs[:, AFTER]).all()


@given(
    seed=st.integers(0, 10_000),
    banner=st.integers(0, 5),
    highest=st.sampled_from([9, 60, 2**32 - 1]),
)
@settings(max_examples=60, deadline=None)
def test_what_was_painted_elsewhere_is_taken_over_and_can_be_undone(
    objects, canvas_of, recount, state, seed, banner, highest
):
    """The same partition outside the banner, known numbers kept, new ones never given."""
    rng = np.random.default_rng(seed + 1)
    canvas = canvas_of(objects(seed, SHAPE), banner=banner)
    canvas.apply(Edit("delete", ids=(1,)) if seed % 2 else Edit("fill", ids=(1,)))
    before, given_so_far = state(canvas), canvas.next_id
    was = canvas.labels().data
    left = was.copy()
    for _ in range(rng.integers(0, 5)):
        y, x = rng.integers(0, SHAPE[0]), rng.integers(0, SHAPE[1])
        number = rng.choice([0, 1, 2, int(rng.integers(1, highest + 1))])
        left[y : y + rng.integers(1, 9), x : x + rng.integers(1, 9)] = number
    known = np.unique(was)
    change = Change.from_bytes(canvas.take_over(left).to_bytes())

    now = canvas.labels().data
    inside = slice(0, SHAPE[0] - banner)
    assert np.array_equal(now[SHAPE[0] - banner :], was[SHAPE[0] - banner :])
    pairs = np.unique(np.stack([left[inside].ravel(), now[inside].ravel()]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    for came, kept in pairs.T:
        assert kept == came if came in known else kept >= given_so_far
    assert (np.diff(np.unique(now[now >= given_so_far])) == 1).all()
    recount(canvas)
    canvas.revert(change)
    assert state(canvas) == before


def test_objects_that_came_back_as_they_were_are_no_change(canvas_of):
    canvas, data = two(canvas_of)
    assert canvas.take_over(data.astype(np.int64)).is_empty


def test_origins_tell_what_a_person_did_in_the_other_program(canvas_of):
    canvas, data = two(canvas_of)
    data[2:4, 2:8] = 0
    data[22:25, 2:6] = 4
    change = canvas.take_over(data)
    assert (change.created, change.changed, change.gone) == ((8,), (3,), ())
    origins = {int(row["label"]): ORIGINS[row["origin"]] for row in canvas.objects}
    assert origins == {3: "edited", 7: "found", 8: "drawn"}


def test_an_object_that_was_left_in_two_pieces_keeps_its_number(canvas_of):
    canvas, data = two(canvas_of)
    data[12:20, 18:20] = 0
    change = canvas.take_over(data)
    assert (change.changed, change.pending) == ((7,), ())
    assert np.array_equal(canvas.labels().data, data)


def test_a_number_that_was_given_before_is_not_given_to_another_object(canvas_of):
    canvas, data = two(canvas_of)
    canvas.apply(Edit("delete", ids=(7,)))
    data[data == 7] = 0
    data[22:25, 2:6] = 7
    assert canvas.take_over(data).created == (8,)


def test_what_was_painted_on_the_banner_does_not_count(canvas_of):
    canvas, data = two(canvas_of, banner=4)
    data[20:26, 2:6] = 9
    assert canvas.take_over(data).created == (8,)
    assert canvas.labels().data[22:].max() == 0


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (np.zeros((3, 4), int), r"shape \(26, 34\) cannot become those of shape \(3, 4\)"),
        (np.zeros(SHAPE), "whole numbers, got float64"),
        (np.full(SHAPE, -1), "0 to 4294967295, got -1 to -1"),
        (np.full(SHAPE, 2**40), "got 1099511627776 to"),
    ],
)
def test_what_cannot_be_labels_is_refused_and_nothing_changes(canvas_of, data, told, state):
    canvas, _ = two(canvas_of)
    before = state(canvas)
    with pytest.raises(EditError, match=told):
        canvas.take_over(data)
    assert state(canvas) == before
