import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_fill_holes

from segmetry.edit import Edit

SHAPE = (24, 32)
PATIENT = settings(deadline=None, max_examples=40)

point = st.tuples(st.integers(-3, SHAPE[1] + 3), st.integers(-3, SHAPE[0] + 3))
strokes = st.lists(point, min_size=1, max_size=3).map(tuple)


@pytest.fixture(scope="module")
def tools(objects, canvas_of, stroke_mask):
    return objects, canvas_of, stroke_mask


def meant(data, stroke, ids, stroke_mask):
    touched = data[stroke_mask(stroke, 3, SHAPE)]
    labels = {*touched[touched > 0].tolist(), *ids} & set(np.unique(data).tolist())
    return sorted(labels - {0})


@pytest.mark.parametrize("cost", [0, 10**9])
@pytest.mark.parametrize("kind", ["remove", "delete", "reject"])
def test_taking_away_takes_whole_objects_and_no_others(tools, kind, cost, monkeypatch):
    objects, canvas_of, stroke_mask = tools
    monkeypatch.setattr("segmetry.edit.whole._COST_OF_OBJECT", cost)
    for seed in range(12):
        data = objects(seed, SHAPE)
        canvas = canvas_of(data)
        stroke, ids = ((seed, 2), (30 - seed, 20)), (1, 77)
        labels = meant(data, stroke, ids, stroke_mask)
        assert canvas.apply(Edit(kind, stroke, 3, ids=ids)).gone == tuple(labels)
        expected = np.where(np.isin(data, labels), 0, data)
        assert np.array_equal(canvas.labels().data, expected)


@PATIENT
@given(st.integers(0, 5000), strokes)
def test_merging_gives_the_smallest_number_to_all(tools, seed, stroke):
    objects, canvas_of, stroke_mask = tools
    data = objects(seed, SHAPE)
    canvas = canvas_of(data)
    labels = meant(data, stroke, (), stroke_mask)
    change = canvas.apply(Edit("merge", stroke, 3))
    expected = np.where(np.isin(data, labels), labels[0], data) if labels else data
    assert np.array_equal(canvas.labels().data, expected)
    assert change.gone == tuple(labels[1:])


@pytest.mark.parametrize(
    ("row", "ids", "remark"),
    [
        ([1, 1, 2, 2, 3], (1, 2, 3), ""),
        ([1, 1, 2, 2, 3], (1, 3), "apart"),
        ([1, 0, 2, 2, 3], (1, 2, 3), "apart"),
        ([2, 2, 0, 1, 2], (1, 2), ""),
        ([1, 2, 2, 2, 3], (2, 9), ""),
    ],
)
def test_merging_objects_that_do_not_touch_says_so(canvas_of, row, ids, remark):
    assert canvas_of([row]).apply(Edit("merge", ids=ids)).remark == remark


def test_objects_that_meet_at_a_corner_touch(canvas_of):
    assert canvas_of(np.diag([1, 2, 3])).apply(Edit("merge", ids=(1, 2, 3))).remark == ""


@PATIENT
@given(st.integers(0, 5000), strokes, st.integers(0, 5))
def test_filling_fills_the_holes_and_nothing_else(tools, seed, stroke, banner):
    objects, canvas_of, stroke_mask = tools
    data = objects(seed, SHAPE)
    rng = np.random.default_rng(seed)
    data[rng.random(SHAPE) < 0.15] = 0
    canvas = canvas_of(data, banner=banner)
    labels = meant(data, stroke, (), stroke_mask)
    canvas.apply(Edit("fill", stroke, 3))
    after = canvas.labels().data
    holes = np.zeros(SHAPE, bool)
    for label in labels:
        # scipy joins background by sides, which is right for objects joined by corners.
        holes |= binary_fill_holes(data == label)
    holes &= data == 0
    holes[SHAPE[0] - banner :] = False
    assert np.array_equal(after > 0, (data > 0) | holes)
    assert np.array_equal(after[~holes], data[~holes])
    assert np.isin(after[holes], labels).all()


def test_of_rings_in_rings_each_fills_its_own_hole(canvas_of):
    data = np.zeros((30, 30), np.uint32)
    y, x = np.mgrid[:30, :30] - 15
    square = np.maximum(abs(y), abs(x))
    data[square == 12], data[square == 6] = 1, 2
    canvas = canvas_of(data)
    canvas.apply(Edit("fill", ids=(1, 2)))
    expected = np.where(square <= 6, 2, np.where(square <= 12, 1, 0))
    assert np.array_equal(canvas.labels().data, expected)


def test_a_bay_that_is_open_to_the_border_is_no_hole(canvas_of):
    data = np.ones((9, 9), np.uint32)
    data[0:5, 4] = 0
    assert canvas_of(data).apply(Edit("fill", ids=(1,))).is_empty
