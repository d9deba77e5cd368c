"""What is black and what is white follows from the brightest channel of each pixel."""

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.io import read
from segmetry.report.contrast import color_range, grey_range
from segmetry.report.overlay import shown_picture
from segmetry.report.thumbnails import draw_thumbnail


def in_one_color(channel, grey):
    colors = np.zeros((*grey.shape, 3), grey.dtype)
    colors[..., channel] = grey
    return colors


@pytest.mark.parametrize("channel", [0, 1, 2])
@pytest.mark.parametrize("top", [90, 200, 255])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_picture_in_one_color_does_not_burn_out(channel, top, dtype):
    grey = np.random.default_rng(top).integers(0, top + 1, (90, 100)).astype(dtype)
    image = Image(in_one_color(channel, grey), axes="YXC")
    low, high = color_range(image.pixels)
    assert low == 0
    assert np.mean(grey > high) <= 0.004
    assert np.mean(shown_picture(image)[..., channel] == 255) < 0.02
    assert np.mean(draw_thumbnail(image)[..., channel] == 255) < 0.02


def test_colors_of_8_bits_are_as_in_any_viewer_unless_they_are_dim():
    ramp = in_one_color(0, np.tile(np.arange(256, dtype=np.uint8), (20, 1)))
    assert color_range(ramp) == (0, 255)
    assert color_range(ramp // 2 + 30) == (0, 255)
    assert color_range(ramp // 4) == (0, 63)
    assert color_range(np.zeros_like(ramp)) == (0, 255)


def test_other_colors_go_from_zero_or_below_to_where_nearly_all_end():
    ramp = in_one_color(1, np.tile(np.arange(1001.0), (20, 1)))
    assert color_range(ramp) == (0, 997)
    assert color_range(ramp - 500) == (-497, 497)
    assert color_range(np.full((5, 5, 3), -8.0)) == (-8, -7)
    assert color_range(np.full((5, 5, 3), 8.0)) == (0, 8)
    ramp[0] = np.nan
    assert color_range(ramp) == (0, 997)


def test_a_hot_pixel_does_not_set_the_range_of_grey():
    grey = np.tile(np.linspace(100, 200, 50), (50, 1))
    grey[0, 0] = 65_535
    low, high = grey_range(grey)
    assert 100 <= low < high <= 200


@pytest.mark.parametrize("value", [-3.0, 0.0, 7.0, 1e9, 1e20, np.nan, np.inf])
def test_grey_of_one_value_has_a_range_too(value):
    low, high = grey_range(np.full((4, 5), value))
    assert low < high


def test_grey_of_two_values_goes_from_one_to_the_other():
    grey = np.zeros((100, 100))
    grey[3, 3] = 900
    assert grey_range(grey) == (0, 900)


def test_real_neurons_in_red_are_shown_as_their_file_has_them(data):
    image = read(data("fluocells/train/images/red_RT359S3C1R1_r1.png"))
    assert color_range(image.pixels) == (0, 255)
    assert np.array_equal(shown_picture(image), image.pixels)


def test_real_neurons_in_a_dim_red_are_brightened_and_not_burnt_out(data):
    image = read(data("fluocells/train/images/red_MAR31S1C1R2_DMHr_200x_r.png"))
    shown = shown_picture(image)[..., 0]
    assert 0 < np.mean(shown == 255) < 0.005
