"""Networks see the same values whatever the microscope's scale was."""

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.models.normalization import normalized, scaled, scaling_of


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


OF_OTHERS = [
    {"kind": "range", "low": 2.0, "high": 98.0, "epsilon": 1e-3},
    {"kind": "mean", "epsilon": 1e-3},
    {"kind": "percentiles", "per_channel": True},
    {"kind": "mean", "per_channel": True},
    {"kind": "none"},
]


@pytest.mark.parametrize("how", [{}, *OF_OTHERS])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_part_is_scaled_as_the_whole_is(how, channels):
    pixels = picture(shape=(40, 50, 3))
    excluded = np.zeros((40, 50), bool)
    excluded[30:, :9] = True
    image = Image(pixels, axes="YXC", excluded=excluded)
    whole = normalized(image, channels=channels, **how)
    scaling = scaling_of(image, channels=channels, **how)
    window = (slice(20, 39), slice(3, 30))
    part = Image(pixels[window], axes="YXC", excluded=excluded[window])
    assert np.array_equal(scaled(part, scaling, channels=channels), whole[window])


def test_the_mean_becomes_0_and_the_standard_deviation_1():
    values = normalized(Image(picture() + 5000), channels=1, kind="mean")
    assert values.mean() == pytest.approx(0, abs=1e-3)
    assert values.std() == pytest.approx(1, abs=1e-3)


def test_a_range_goes_on_beyond_0_and_1():
    pixels = picture()
    pixels[0, 0] = 1e6
    values = normalized(Image(pixels), channels=1, kind="range", low=1, high=99)
    assert values[0, 0, 0] > 1000


def test_each_channel_may_be_scaled_by_itself():
    pixels = picture(shape=(40, 50, 3)) * (1, 10, 100)
    values = normalized(
        Image(pixels, axes="YXC"), channels=3, kind="mean", per_channel=True
    )
    np.testing.assert_allclose(values.std(axis=(0, 1)), 1, atol=1e-5)


def test_grey_values_may_stay_as_they_are():
    pixels = picture()
    values = normalized(Image(pixels), channels=1, kind="none")
    assert np.array_equal(values[..., 0], pixels)


@pytest.mark.parametrize("how", [{}, *OF_OTHERS])
def test_a_flat_picture_gives_numbers(how):
    flat = Image(np.full((8, 9), 7.0))
    values = normalized(flat, channels=3, **how)
    assert (values == (7 if how.get("kind") == "none" else 0)).all()


@pytest.mark.parametrize("how", OF_OTHERS[1:4])
def test_what_is_added_to_the_divisor_makes_values_smaller(how):
    image = Image(picture(shape=(40, 50, 3)), axes="YXC")
    usual = normalized(image, channels=3, **{**how, "epsilon": 0.0})
    smaller = normalized(image, channels=3, **{**how, "epsilon": 1.0})
    assert np.abs(smaller).sum() < np.abs(usual).sum()
