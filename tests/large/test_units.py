import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.large.drawn import shapes

from segmetry.large.boxes import Grid
from segmetry.large.tile_parts import parts_of_tile
from segmetry.large.units import join_parts
from segmetry.segment.objects import fill_holes


def units_of(foreground, side, *, holes):
    grid = Grid(foreground.shape, side)
    tiles = []
    for tile in range(len(grid)):
        core = grid.core(tile)
        part = foreground[core]
        tiles.append(parts_of_tile(part, core, foreground.shape, holes=holes))
    return sorted(join_parts(grid, tiles).tolist())


def boxes_of(foreground, *, holes):
    filled = fill_holes(foreground) if holes else foreground
    sums = cv2.connectedComponentsWithStats(filled.view(np.uint8), connectivity=8)[2]
    return sorted(
        [y, x, y + height, x + width] for x, y, width, height, _ in sums[1:].tolist()
    )


@given(shapes(least=8, most=70), st.integers(4, 50), st.booleans())
@settings(max_examples=60, deadline=None)
def test_units_are_the_connected_parts_of_the_whole_picture(foreground, side, holes):
    found = units_of(foreground, side, holes=holes)
    assert found == boxes_of(foreground, holes=holes)


@pytest.mark.parametrize("side", [3, 4, 5, 7, 11])
def test_a_ring_over_many_tiles_holds_what_lies_in_it(side):
    picture = np.zeros((20, 20), bool)
    picture[2:18, 2:18] = True
    picture[4:16, 4:16] = False
    picture[8:11, 8:11] = True
    assert units_of(picture, side, holes=True) == [[2, 2, 18, 18]]
    assert units_of(picture, side, holes=False) == [[2, 2, 18, 18], [8, 8, 11, 11]]


@pytest.mark.parametrize("side", [3, 4, 5, 7, 11])
def test_a_ring_with_a_gap_holds_nothing(side):
    picture = np.zeros((20, 20), bool)
    picture[2:18, 2:18] = True
    picture[4:16, 4:16] = False
    picture[8:11, 8:11] = True
    picture[2:4, 9] = False
    assert units_of(picture, side, holes=True) == [[2, 2, 18, 18], [8, 8, 11, 11]]


def test_pixels_that_touch_over_the_corner_of_four_tiles_are_one_unit():
    picture = np.zeros((4, 4), bool)
    picture[1, 1] = picture[2, 2] = True
    assert units_of(picture, 2, holes=True) == [[1, 1, 3, 3]]


def test_background_does_not_leak_over_the_corner_of_four_tiles():
    ring = np.zeros((8, 8), bool)
    ring[2, 3:5] = ring[5, 3:5] = ring[3:5, 2] = ring[3:5, 5] = True  # closed over corners
    ring[3, 3] = True
    assert units_of(ring, 4, holes=True) == [[2, 2, 6, 6]]


def test_small_units_that_end_in_a_tile_can_be_left_out():
    picture = np.zeros((4, 9), bool)
    picture[1, 1] = picture[1, 5:8] = True
    parts = parts_of_tile(
        picture, (slice(0, 4), slice(0, 9)), (4, 9), holes=True, min_area=2
    )
    assert parts.closed.tolist() == [[1, 5, 2, 8]]
