import numpy as np
import pytest

from segmetry.image import Image
from segmetry.report.thumbnails import draw_thumbnail


def test_the_longer_side_is_as_asked_and_the_shape_stays():
    image = Image(np.zeros((300, 600), np.uint8))
    assert draw_thumbnail(image, side=100).shape == (50, 100, 3)
    assert draw_thumbnail(image, side=900).shape == (300, 600, 3)


def test_very_long_pictures_keep_a_row():
    assert draw_thumbnail(Image(np.zeros((1, 3000), np.uint8))).shape == (1, 240, 3)


@pytest.mark.parametrize("top", [1, 255, 4095, 0.001])
def test_a_dark_picture_is_seen(top):
    pixels = np.zeros((40, 40), type(top) if isinstance(top, float) else np.uint16)
    pixels[10:30, 10:30] = top
    shown = draw_thumbnail(Image(pixels))
    assert shown[20, 20].tolist() == [255, 255, 255]
    assert shown[2, 2].tolist() == [0, 0, 0]


def test_colour_stays():
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:20] = (100, 50, 0)
    shown = draw_thumbnail(Image(pixels, axes="YXC"))
    assert shown[5, 5] == pytest.approx([255, 128, 0], abs=1)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [((40, 40, 2), "YXC"), ((5, 40, 40), "ZYX"), ((5, 40, 40, 3), "ZYXC")],
)
def test_any_picture_becomes_a_coloured_one(shape, axes):
    pixels = np.random.default_rng(0).integers(0, 99, shape).astype(np.uint8)
    assert draw_thumbnail(Image(pixels, axes=axes)).shape == (40, 40, 3)


def test_of_a_stack_the_middle_slice_is_shown():
    pixels = np.zeros((3, 40, 40), np.uint8)
    pixels[1, :20] = 200
    assert draw_thumbnail(Image(pixels, axes="ZYX"))[0, 0, 0] == 255


def test_a_picture_of_one_grey_is_no_reason_to_stop():
    assert not draw_thumbnail(Image(np.full((9, 9), 7, np.uint8))).any()
