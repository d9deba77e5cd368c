import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st

from segmetry.measure.runs import (
    OBJECT,
    ROW,
    START,
    STOP,
    find_runs,
    number_objects,
)

HIGHEST = 2**32 - 1
IDS = st.sampled_from([0, 0, 1, 2, 3, 70_000, HIGHEST - 1, HIGHEST])
SCENES = numpy_st.arrays(
    np.uint32, numpy_st.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=IDS
)


def read_only(labels):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    return view


def draw(runs, ids, shape):
    """Paint the runs; every pixel may be painted only once."""
    scene = np.zeros(shape, dtype=np.uint32)
    for row, start, stop, i in runs:
        assert not scene[row, start:stop].any()
        scene[row, start:stop] = ids[i]
    return scene


@given(SCENES)
@settings(max_examples=200, deadline=None)
def test_painting_the_runs_gives_the_labels_back(labels):
    runs, ids = find_runs(read_only(labels))
    np.testing.assert_array_equal(draw(runs, ids, labels.shape), labels)


@given(SCENES)
@settings(max_examples=200, deadline=None)
def test_runs_are_as_long_as_they_can_be_and_in_order(labels):
    runs, _ = find_runs(read_only(labels))
    assert (runs[:, START] < runs[:, STOP]).all()
    places = runs[:, ROW].astype(np.int64) * 1000 + runs[:, START]
    assert (np.diff(places) > 0).all()
    same_row = np.diff(runs[:, ROW]) == 0
    touching = runs[1:, START] == runs[:-1, STOP]
    same_object = np.diff(runs[:, OBJECT]) == 0
    assert not (same_row & touching & same_object).any()


@given(SCENES)
@settings(max_examples=200, deadline=None)
def test_ids_are_those_in_use_ascending(labels):
    _, ids = find_runs(read_only(labels))
    in_use = np.unique(labels)
    np.testing.assert_array_equal(ids, in_use[in_use > 0])
    assert ids.dtype == np.uint32


def test_a_blank_picture_has_no_runs():
    runs, ids = find_runs(read_only(np.zeros((4, 5))))
    assert runs.shape == (0, 4)
    assert ids.shape == (0,)


def test_a_full_picture_has_one_run_a_row():
    runs, ids = find_runs(read_only(np.full((3, 5), 9)))
    assert runs.tolist() == [[0, 0, 5, 0], [1, 0, 5, 0], [2, 0, 5, 0]]
    assert ids.tolist() == [9]


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_pictures_one_pixel_wide_work(shape):
    runs, _ = find_runs(read_only(np.ones(shape)))
    assert (runs[:, STOP] - runs[:, START]).sum() == np.prod(shape)


def test_objects_that_touch_in_a_row_are_different_runs():
    runs, ids = find_runs(read_only([[5, 5, 2, 2, 5]]))
    assert runs[:, [START, STOP]].tolist() == [[0, 2], [2, 4], [4, 5]]
    assert ids[runs[:, OBJECT]].tolist() == [5, 2, 5]


@pytest.mark.parametrize("highest", [40, 5_000, HIGHEST])
def test_numbering_by_table_and_by_sorting_agree(highest):
    run_ids = np.random.default_rng(3).integers(1, highest + 1, 50).astype(np.uint32)
    run_ids[7] = highest
    ids, positions = number_objects(run_ids)
    np.testing.assert_array_equal(ids, np.unique(run_ids))
    np.testing.assert_array_equal(ids[positions], run_ids)


def test_no_runs_have_no_numbers():
    ids, positions = number_objects(np.empty(0, dtype=np.uint32))
    assert ids.size == positions.size == 0
