import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.large.boxes import Grid, area_of, as_boxes, grown, hull, meet, within


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 70))
def test_tiles_cover_a_picture_once(height, width, side):
    grid = Grid((height, width), side)
    times = np.zeros((height, width), int)
    for tile in range(len(grid)):
        times[grid.core(tile)] += 1
    assert (times == 1).all()


@given(st.data(), st.integers(1, 20))
def test_tiles_of_a_window_are_those_that_share_pixels_with_it(data, side):
    grid = Grid((40, 50), side)
    top, left = data.draw(st.tuples(st.integers(0, 39), st.integers(0, 49)))
    window = (
        slice(top, data.draw(st.integers(top + 1, 40))),
        slice(left, data.draw(st.integers(left + 1, 50))),
    )
    seen = np.zeros((40, 50), bool)
    seen[window] = True
    expected = [tile for tile in range(len(grid)) if seen[grid.core(tile)].any()]
    assert list(grid.tiles_in(window)) == expected


def test_a_window_grows_up_to_the_frame():
    window = (slice(3, 5), slice(7, 9))
    assert grown(window, 4, (8, 100)) == (slice(0, 8), slice(3, 13))
    assert area_of(window) == 4


@pytest.mark.parametrize(("box", "meets"), [([0, 0, 2, 9], True), ([0, 0, 1, 9], False)])
def test_boxes_meet_a_window_if_they_share_a_pixel(box, meets):
    assert meet(as_boxes([box]), (slice(1, 4), slice(2, 4))).tolist() == [meets]


def test_a_window_in_another_shows_the_same_pixels():
    picture = np.arange(200).reshape(10, 20)
    outer, inner = (slice(2, 9), slice(3, 17)), (slice(4, 6), slice(5, 11))
    assert np.array_equal(picture[outer][within(inner, outer)], picture[inner])
    assert hull(as_boxes([[4, 5, 6, 7], [5, 6, 6, 11]])) == inner
