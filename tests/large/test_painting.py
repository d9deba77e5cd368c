import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from segmetry.large.painting import boxes_of, first_pixels_of, paint, runs_of

LABELS = arrays(
    np.uint32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 5)
)


def ids_of(labels):
    return np.unique(labels[labels > 0]).astype(np.uint32)


@given(LABELS, st.integers(0, 9), st.integers(0, 9))
def test_what_is_painted_is_what_was_kept(labels, top, left):
    window = (slice(top, top + labels.shape[0]), slice(left, left + labels.shape[1]))
    ids = ids_of(labels)
    runs = runs_of(labels, window, ids)
    canvas = np.zeros((30, 30), np.uint32)
    paint(canvas, (slice(0, 30), slice(0, 30)), runs, ids)
    assert np.array_equal(canvas[window], labels)
    part = (slice(6, 14), slice(5, 16))
    cropped = np.zeros((8, 11), np.uint32)
    paint(cropped, part, runs, ids)
    assert np.array_equal(cropped, canvas[part])


@given(LABELS)
def test_boxes_and_first_pixels_are_those_of_the_labels(labels):
    ids = ids_of(labels)
    runs = runs_of(labels, (slice(0, 0), slice(0, 0)), ids)
    found = ndimage.find_objects(labels.astype(int))
    boxes = [
        [*(s.start for s in found[i - 1]), *(s.stop for s in found[i - 1])] for i in ids
    ]
    assert boxes_of(runs, len(ids)).tolist() == boxes
    firsts = [np.argwhere(labels == number)[0].tolist() for number in ids]
    assert first_pixels_of(runs, len(ids)).tolist() == firsts


def test_objects_that_are_not_wanted_leave_no_runs():
    labels = np.array([[1, 1, 2, 3]], np.uint32)
    runs = runs_of(labels, (slice(0, 1), slice(0, 4)), np.array([1, 3], np.uint32))
    assert runs.tolist() == [[0, 0, 2, 0], [0, 3, 4, 1]]


def test_an_object_named_0_covers_nothing():
    canvas = np.full((1, 3), 7, np.uint32)
    runs = np.array([[0, 0, 2, 0], [0, 2, 3, 1]], np.int32)
    paint(canvas, (slice(0, 1), slice(0, 3)), runs, np.array([0, 9], np.uint32))
    assert canvas.tolist() == [[7, 7, 9]]
