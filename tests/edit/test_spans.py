import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit.spans import grow, join, n_pixels, subtract

PATIENT = settings(deadline=None, max_examples=60)
SHAPE = (9, 14)


def mask(spans, shape=SHAPE):
    painted = np.zeros(shape, bool)
    for row, start, stop in spans:
        assert start < stop
        assert not painted[row, start:stop].any()
        painted[row, start:stop] = True
    return painted


def is_tidy(spans):
    """Sorted by row and column, and no two spans touch."""
    place = spans[:, 0].astype(int) * (SHAPE[1] + 9)
    return bool((place[1:] + spans[1:, 1] > place[:-1] + spans[:-1, 2]).all())


one_span = st.tuples(
    st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1), st.integers(1, SHAPE[1])
).map(lambda s: (s[0], s[1], min(s[1] + s[2], SHAPE[1])))
tables = st.lists(one_span, max_size=12).map(
    lambda rows: np.array(rows, np.int32).reshape(-1, 3)
)


@PATIENT
@given(tables)
def test_joining_keeps_every_pixel_once(spans):
    expected = np.zeros(SHAPE, bool)
    for row, start, stop in spans:
        expected[row, start:stop] = True
    joined = join(spans)
    assert joined.dtype == np.int32
    assert is_tidy(joined)
    assert np.array_equal(mask(joined), expected)
    assert n_pixels(joined) == expected.sum()


@PATIENT
@given(tables)
def test_growing_adds_the_neighbours_by_sides_and_corners(spans):
    grown = grow(join(spans), shape=SHAPE)
    before = np.pad(mask(join(spans)), 1)
    expected = np.zeros(SHAPE, bool)
    for dy in range(3):
        for dx in range(3):
            expected |= before[dy : dy + SHAPE[0], dx : dx + SHAPE[1]]
    assert is_tidy(grown)
    assert np.array_equal(mask(grown), expected)


@PATIENT
@given(tables, tables)
def test_subtracting_leaves_what_the_other_lacks(spans, others):
    left = subtract(join(spans), join(others))
    assert is_tidy(left)
    assert np.array_equal(mask(left), mask(join(spans)) & ~mask(join(others)))


@pytest.mark.parametrize("function", [join, lambda none: grow(none, shape=SHAPE)])
def test_nothing_stays_nothing(function):
    assert function(np.empty((0, 3), np.int32)).shape == (0, 3)
    assert n_pixels(np.empty((0, 3), np.int32)) == 0


def test_pictures_of_a_million_columns_do_not_overflow():
    spans = np.array([[100_000, 5, 1_000_000], [99_999, 7, 1_000_000]], np.int32)
    assert n_pixels(join(spans)) == 2_000_000 - 12
    assert subtract(join(spans), spans[:1]).tolist() == [[99_999, 7, 1_000_000]]
