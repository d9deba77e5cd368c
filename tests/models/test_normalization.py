"""Networks see the same values whatever the microscope's scale was."""

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.models.normalization import normalized


def picture(seed=0, shape=(40, 50)):
    return np.random.default_rng(seed).integers(20, 200, shape).astype(np.float64)


@pytest.mark.parametrize("seed", range(10))
def test_offset_and_gain_of_a_camera_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    pixels = picture(seed)
    changed = pixels * rng.uniform(0.1, 100) + rng.uniform(-1000, 1000)
    np.testing.assert_allclose(
        normalized(Image(changed), channels=1),
        normalized(Image(pixels), channels=1),
        atol=1e-3,
    )


def test_the_percentiles_become_0_and_1():
    ramp = np.arange(1001.0).reshape(7, 143)
    values = normalized(Image(ramp), channels=1, low=10, high=60)
    assert values[..., 0].ravel()[[100, 350, 600]] == pytest.approx([0, 0.5, 1], abs=1e-5)


def test_nothing_goes_beyond_the_limits():
    pixels = picture()
    pixels[0, 0], pixels[0, 1] = 1e6, -1e6
    values = normalized(Image(pixels), channels=1)
    assert (values.min(), values.max()) == (-0.5, 1.5)
    assert values.dtype == np.float32


def test_a_grey_picture_is_repeated_for_a_network_of_three_channels():
    values = normalized(Image(picture()), channels=3)
    assert values.shape == (40, 50, 3)
    assert (values == values[..., :1]).all()


def test_colours_keep_their_hue():
    pixels = np.zeros((20, 20, 3))
    pixels[:10] = (90, 30, 60)
    pixels[10:] = (0, 10, 100)
    values = normalized(Image(pixels, axes="YXC"), channels=3, low=0, high=100)
    np.testing.assert_allclose(values * 100, pixels, atol=1e-4)


def test_colours_become_luma_for_a_network_of_one_channel():
    pixels = picture(shape=(20, 30, 3))
    image = Image(pixels, axes="YXC")
    np.testing.assert_array_equal(
        normalized(image, channels=1), normalized(Image(image.grey), channels=1)
    )


@pytest.mark.parametrize("n_channels", [1, 2, 4, 7])
def test_other_numbers_of_channels_are_averaged(n_channels):
    pixels = picture(shape=(20, 30, n_channels))
    values = normalized(Image(pixels, axes="YXC"), channels=3)
    expected = normalized(Image(pixels.mean(axis=-1)), channels=3)
    np.testing.assert_allclose(values, expected, atol=1e-5)


def test_excluded_pixels_neither_count_nor_stand_out():
    pixels = picture()
    excluded = np.zeros(pixels.shape, bool)
    excluded[30:] = True
    pixels[30:] = 1e5
    values = normalized(Image(pixels, excluded=excluded), channels=1)[..., 0]
    alone = normalized(Image(pixels[:30]), channels=1)[..., 0]
    np.testing.assert_array_equal(values[:30], alone)
    assert (values[30:] == np.median(alone)).all()


def test_a_flat_picture_is_0_everywhere():
    flat = np.full((4, 5), 77, np.uint8)
    assert not normalized(Image(flat), channels=1).any()
    everything = np.ones((4, 5), bool)
    assert not normalized(Image(flat, excluded=everything), channels=3).any()


def test_the_picture_itself_is_not_changed():
    pixels = picture()
    normalized(Image(pixels), channels=1)[:] = 9
    np.testing.assert_array_equal(pixels, picture())
