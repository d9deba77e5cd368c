"""The crop shows the bar with its ends marked."""

import numpy as np
import pytest

from segmetry.calibrate import ScaleBar, crop_of_bar
from segmetry.image import Image

MAGENTA = [255, 0, 160]


def bar(x_start, x_stop, y):
    return ScaleBar(1.0, "um", x_start, x_stop, y, y + 4, text="1 µm", method="bar")


def test_both_ends_are_marked_where_they_are():
    pixels = np.zeros((200, 700), np.uint8)
    pixels[100:104, 200:400] = 255
    crop = crop_of_bar(Image(pixels), bar(200, 400, 100))
    assert crop.dtype == np.uint8
    marked = np.flatnonzero((crop[102 - 4] == MAGENTA).all(axis=-1))
    # The crop starts half a bar's length to the left of the bar, and is not enlarged.
    assert marked.tolist() == [99, 100, 299, 300]


@pytest.mark.parametrize(
    ("x_start", "x_stop", "y"), [(0, 20, 0), (80, 100, 46), (2, 99, 20)]
)
def test_bars_at_the_edge_are_drawn_inside_the_crop(x_start, x_stop, y):
    crop = crop_of_bar(Image(np.full((50, 100), 80, np.uint8)), bar(x_start, x_stop, y))
    assert crop.shape[2] == 3
    assert (crop == MAGENTA).all(axis=-1).any()


def test_a_short_bar_is_enlarged_by_a_whole_factor():
    crop = crop_of_bar(Image(np.zeros((400, 400), np.uint8)), bar(200, 220, 200))
    assert crop.shape[1] == 68 * 6


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_pictures_of_other_kinds_are_shown_as_bytes(dtype):
    pixels = np.linspace(0, 4000, 100 * 300).reshape(100, 300).astype(dtype)
    assert crop_of_bar(Image(pixels), bar(100, 200, 50)).max() == 255


def test_colour_pictures_are_shown():
    picture = Image(np.zeros((100, 300, 3), np.uint8), axes="YXC")
    assert crop_of_bar(picture, bar(100, 200, 50)).shape[2] == 3
