import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit import Edit
from segmetry.edit.cut import share_out
from segmetry.edit.runs import LABEL, find

SHAPE = (24, 32)
PATIENT = settings(deadline=None, max_examples=60)

point = st.tuples(st.integers(-3, SHAPE[1] + 3), st.integers(-3, SHAPE[0] + 3))
strokes = st.lists(point, min_size=1, max_size=4).map(tuple)


@pytest.fixture(scope="module")
def tools(objects, canvas_of, pieces_of, stroke_mask):
    return objects, canvas_of, pieces_of, stroke_mask


@PATIENT
@given(st.integers(0, 5000), strokes, st.integers(1, 7))
def test_a_cut_parts_what_it_crosses_and_loses_no_pixel(tools, seed, stroke, width):
    objects, canvas_of, pieces_of, stroke_mask = tools
    data = objects(seed, SHAPE)
    canvas = canvas_of(data)
    canvas.apply(Edit("split", stroke, width))
    after, cut = canvas.labels().data, stroke_mask(stroke, width, SHAPE)
    assert np.array_equal(after > 0, data > 0)
    for label in np.unique(data[data > 0]):
        for whole in pieces_of(data == label):
            left = pieces_of(whole & ~cut)
            numbers = np.unique(after[whole])
            if len(left) < 2:
                assert numbers.tolist() == [label]
                continue
            assert len(numbers) == len(left)
            largest = min(left, key=lambda piece: (-piece.sum(), piece.argmax()))
            assert (after[largest] == label).all()
            for piece in left:
                assert len(np.unique(after[piece])) == 1
            for number in numbers:
                assert len(pieces_of((after == number) & whole)) == 1


def test_a_disc_cut_through_its_middle_gives_two_halves(canvas_of):
    y, x = np.mgrid[:61, :61] - 30
    canvas = canvas_of((np.hypot(y, x) <= 25).astype(np.uint32))
    area = int(canvas.objects["area"][0])
    change = canvas.apply(Edit("split", ((30, 0), (30, 60)), 5))
    assert change.created == (2,)
    # The middle column goes to one side.
    areas = canvas.objects["area"]
    assert areas.sum() == area
    assert abs(areas[0] - areas[1]) <= 51


def test_one_stroke_cuts_all_that_it_crosses(canvas_of):
    data = np.zeros((20, 60), np.uint32)
    for k in range(5):
        data[5:15, 12 * k : 12 * k + 9] = k + 1
    change = canvas_of(data).apply(Edit("split", ((0, 9), (59, 9)), 1))
    assert change.created == (6, 7, 8, 9, 10)


def test_a_stroke_that_ends_inside_cuts_nothing(canvas_of):
    canvas = canvas_of(np.ones((20, 20), np.uint32))
    assert canvas.apply(Edit("split", ((10, 0), (10, 15)), 3)).is_empty


def test_an_object_wholly_under_the_stroke_stays(canvas_of):
    data = np.zeros((20, 20), np.uint32)
    data[9:12, 9:12] = 1
    assert canvas_of(data).apply(Edit("split", ((0, 10), (19, 10)), 9)).is_empty


def test_a_ring_is_cut_by_two_crossings_and_not_by_one(canvas_of):
    y, x = np.mgrid[:61, :61] - 30
    ring = ((np.hypot(y, x) <= 25) & (np.hypot(y, x) >= 15)).astype(np.uint32)
    canvas = canvas_of(ring)
    assert canvas.apply(Edit("split", ((30, 30), (30, 0)), 3)).is_empty
    assert canvas.apply(Edit("split", ((30, 0), (30, 60)), 3)).created == (2,)


def painted(runs):
    canvas = np.zeros(SHAPE, int)
    for row, start, stop, number in runs:
        canvas[row, start:stop] = number
    return canvas


@PATIENT
@given(st.integers(0, 5000), strokes, st.integers(1, 9))
def test_a_long_cut_is_shared_out_as_a_short_one(tools, seed, stroke, width):
    _, _, pieces_of, stroke_mask = tools
    cut = stroke_mask(stroke, width, SHAPE)
    shores = np.zeros(SHAPE, int)
    for k, piece in enumerate(pieces_of(~cut)):
        shores[piece] = seed % 7 + 3 * k + 1
    if not shores.any():
        return
    cut_runs, shore_runs = find(cut), find(shores)
    at_once = share_out(cut_runs, shore_runs)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_AT_ONCE", 1), ("_BAND", 5), ("_REACH", 4)):
            patch.setattr(f"segmetry.edit.cut.{name}", value)
        in_bands = share_out(cut_runs, shore_runs)
    assert np.array_equal(painted(at_once), painted(in_bands))
    assert np.array_equal(painted(at_once) > 0, cut)
    assert np.isin(at_once[:, LABEL], shores[shores > 0]).all()


def test_pixels_go_to_the_nearer_shore(canvas_of):
    canvas = canvas_of(np.ones((9, 40), np.uint32))
    canvas.apply(Edit("split", ((20, -10), (20, 20)), 9))
    after = canvas.labels().data
    # The stroke holds columns 16 to 24; columns 20 is as near to both.
    assert (after[:, :20] == after[0, 0]).all()
    assert (after[:, 21:] == after[0, 39]).all()
    assert after[0, 0] != after[0, 39]
