import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segmetry.edit import Edit

SHAPE = (24, 32)
PATIENT = settings(deadline=None, max_examples=60)

point = st.tuples(st.integers(-3, SHAPE[1] + 3), st.integers(-3, SHAPE[0] + 3))
strokes = st.lists(point, min_size=1, max_size=4).map(tuple)
seeds, widths = st.integers(0, 5000), st.integers(1, 7)


def same_parts(one, other):
    """Whether two label images are equal but for the numbers."""
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return np.array_equal(one == 0, other == 0) and len(pairs) == len(
        np.unique(one)
    ) == len(np.unique(other))


def apart(data, pieces_of):
    """Number each piece by itself: which piece of an object keeps its number may differ."""
    alone = np.zeros_like(data)
    for label in np.unique(data[data > 0]):
        for piece in pieces_of(data == label):
            alone[piece] = alone.max() + 1
    return alone


@pytest.fixture(scope="module")
def tools(objects, canvas_of, pieces_of, stroke_mask):
    return objects, canvas_of, pieces_of, stroke_mask


@PATIENT
@given(seeds, strokes, widths, st.booleans(), st.integers(0, 5))
def test_drawing_paints_what_it_may_and_nothing_else(
    tools, seed, stroke, width, overwrite, banner
):
    objects, canvas_of, pieces_of, stroke_mask = tools
    data = objects(seed, SHAPE)
    canvas = canvas_of(data, banner=banner)
    canvas.apply(Edit("draw", stroke, width, overwrite=overwrite))
    after = canvas.labels().data
    free = stroke_mask(stroke, width, SHAPE)
    free[SHAPE[0] - banner :] = False
    x, y = stroke[0]
    target = int(data[y, x]) if 0 <= y < SHAPE[0] and 0 <= x < SHAPE[1] else 0
    free &= (data != target) if overwrite else (data == 0)
    assert (after[free] > 0).all()
    if not overwrite:
        assert np.array_equal(after[~free], data[~free])
    # What touches the object that the stroke extends is part of it, and nothing else is.
    for piece in pieces_of(free | ((data == target) & (target > 0))):
        numbers = np.unique(after[piece])
        assert len(numbers) == 1
        is_extended = target > 0 and (data[piece] == target).any()
        assert (numbers[0] == target) == is_extended


@PATIENT
@given(seeds, strokes, widths)
def test_what_erasing_parts_gets_numbers_of_its_own(tools, seed, stroke, width):
    objects, canvas_of, pieces_of, stroke_mask = tools
    data = objects(seed, SHAPE)
    canvas = canvas_of(data)
    change = canvas.apply(Edit("erase", stroke, width))
    after, erased = canvas.labels().data, stroke_mask(stroke, width, SHAPE)
    assert np.array_equal(after > 0, (data > 0) & ~erased)
    new = []
    for label in np.unique(data[data > 0]):
        for whole in pieces_of(data == label):
            left = pieces_of(whole & ~erased)
            numbers = [np.unique(after[piece]).tolist() for piece in left]
            assert all(len(several) == 1 for several in numbers)
            if not left:
                continue
            # The largest keeps the number; of equal ones, the first in reading order.
            largest = min(
                range(len(left)), key=lambda k: (-left[k].sum(), left[k].argmax())
            )
            assert numbers[largest] == [label]
            new += [n[0] for k, n in enumerate(numbers) if k != largest]
    assert sorted(new) == list(change.created)


@PATIENT
@example(2637, ((0, 5), (28, 14), (0, 0)), 3, 1, True)  # noqa: FBT003
@given(seeds, strokes, widths, st.integers(1, 3), st.booleans())
def test_pieces_of_a_stroke_draw_what_the_whole_stroke_draws(
    tools, seed, stroke, width, length, overwrite
):
    objects, canvas_of, pieces_of, _ = tools
    data = apart(objects(seed, SHAPE), pieces_of)
    whole, chunked = canvas_of(data), canvas_of(data)
    whole.apply(Edit("draw", stroke, width, overwrite=overwrite))
    into = ()
    for start in range(0, max(len(stroke) - 1, 1), length):
        piece = stroke[start : start + length + 1]
        edit = Edit("draw", piece, width, ids=into, overwrite=overwrite)
        into = chunked.apply(edit).into
        assert into
    assert same_parts(chunked.labels().data, whole.labels().data)


@PATIENT
@given(seeds, strokes, widths, st.integers(1, 3))
def test_pieces_of_a_stroke_erase_what_the_whole_stroke_erases(
    tools, seed, stroke, width, length
):
    objects, canvas_of, pieces_of, _ = tools
    data = apart(objects(seed, SHAPE), pieces_of)
    whole, chunked = canvas_of(data), canvas_of(data)
    whole.apply(Edit("erase", stroke, width))
    for start in range(0, max(len(stroke) - 1, 1), length):
        chunked.apply(Edit("erase", stroke[start : start + length + 1], width))
    assert same_parts(chunked.labels().data, whole.labels().data)


def test_a_stroke_that_returns_joins_the_pieces_it_began(canvas_of):
    data = np.zeros((30, 40), np.uint32)
    data[5:25, 18:22] = 1
    canvas = canvas_of(data)
    first = canvas.apply(Edit("draw", ((5, 10), (35, 10)), 3))
    assert (first.created, first.into) == ((2, 3), (2, 3))
    around = canvas.apply(
        Edit("draw", ((35, 10), (35, 28), (5, 28), (5, 10)), 3, ids=(2, 3))
    )
    assert (around.gone, around.into) == ((3,), (2,))
    assert canvas.labels().ids.tolist() == [1, 2]


def test_a_stroke_begun_on_excluded_pixels_goes_on_as_a_new_object(canvas_of):
    data = np.zeros((20, 20), np.uint32)
    data[0:4] = 1
    canvas = canvas_of(data, banner=5)
    nothing = canvas.apply(Edit("draw", ((5, 18), (9, 18)), 1))
    assert nothing.is_empty
    assert nothing.into == (0,)
    drawn = canvas.apply(Edit("draw", ((9, 2), (9, 10)), 1, ids=nothing.into))
    assert (drawn.created, drawn.changed) == ((2,), ())


def test_a_stroke_that_stays_in_its_object_goes_on_with_it(canvas_of):
    canvas = canvas_of(np.full((9, 9), 4))
    change = canvas.apply(Edit("draw", ((2, 2), (5, 5)), 3))
    assert change.is_empty
    assert change.into == (4,)


def test_overwriting_cuts_what_is_in_its_way(canvas_of):
    data = np.zeros((20, 40), np.uint32)
    data[8:12, 5:35] = 1
    canvas = canvas_of(data)
    change = canvas.apply(Edit("draw", ((15, 0), (15, 19)), 3, overwrite=True))
    assert (change.created, change.changed) == ((2, 3), (1,))
    after = canvas.labels().data
    assert (after[:, 15] == 2).all()
    assert (after[9, 5], after[9, 34]) == (3, 1)


def test_a_stroke_that_begins_outside_the_picture_makes_an_object(canvas_of):
    canvas = canvas_of(np.zeros((9, 9)))
    assert canvas.apply(Edit("draw", ((-4, 4), (4, 4)), 1)).created == (1,)


def test_objects_in_several_pieces_stay_one_where_the_eraser_does_not_part_them(canvas_of):
    data = np.zeros((20, 40), np.uint32)
    data[2:6, 2:6], data[10:14, 20:36] = 7, 7
    canvas = canvas_of(data)
    assert canvas.apply(Edit("erase", ((2, 2),), 3)).created == ()
    assert len(canvas.apply(Edit("erase", ((26, 5), (26, 19)), 3)).created) == 1
    assert canvas.labels().data[4, 4] == 7
