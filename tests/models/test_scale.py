"""Pictures and maps are brought to another scale."""

import numpy as np
import pytest

from segmetry.models.scale import allowed_factor, resampled, typical_diameter


@pytest.mark.parametrize("seed", range(15))
def test_resampling_keeps_the_range_and_flat_pictures(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.integers(1, 60, (2, 2))
    channels = int(rng.integers(1, 5))
    values = rng.random((*before, channels)).astype(np.float32)
    changed = resampled(values, tuple(after))
    assert changed.shape == (*after, channels)
    assert changed.dtype == np.float32
    assert values.min() - 1e-6 <= changed.min() <= changed.max() <= values.max() + 1e-6
    flat = resampled(np.full_like(values, 0.3), tuple(after))
    np.testing.assert_allclose(flat, 0.3, atol=1e-6)


@pytest.mark.parametrize(("down", "across"), [(2, 3), (4, 1), (1, 5), (3, 3)])
def test_shrinking_averages_pixels(down, across):
    values = np.random.default_rng(0).random((12 * down, 10 * across, 2)).astype(np.float32)
    mean = values.reshape(12, down, 10, across, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(resampled(values, (12, 10)), mean, atol=1e-6)


def test_one_axis_may_shrink_while_the_other_grows():
    values = np.repeat([[[0.0], [2.0]]], 4, axis=0).astype(np.float32)  # (4, 2, 1)
    changed = resampled(values, (2, 4))
    np.testing.assert_allclose(changed[..., 0], [[0, 0.5, 1.5, 2]] * 2, atol=1e-6)


def test_enlarging_leaves_a_ramp_a_ramp():
    ramp = np.linspace(0, 1, 21, dtype=np.float32)[:, None, None]
    larger = resampled(ramp, (210, 1))[5:-5, 0, 0]
    np.testing.assert_allclose(np.diff(larger), 0.005, atol=1e-5)


def test_the_same_size_changes_nothing():
    values = np.random.default_rng(0).random((5, 6, 1)).astype(np.float32)
    assert resampled(values, (5, 6)) is values


def test_a_smooth_picture_survives_enlarging_and_shrinking():
    y, x = np.mgrid[:30, :40]
    values = (0.5 + 0.5 * np.sin(y / 6) * np.cos(x / 6)).astype(np.float32)[..., None]
    back = resampled(resampled(values, (90, 120)), (30, 40))
    assert np.abs(back - values).max() < 0.02


def test_the_typical_diameter_is_the_median_over_numbers_in_use():
    labels = np.zeros((60, 60), np.uint32)
    labels[:2, :2] = 3  # 4 pixels
    labels[10:20, 10:20] = 5  # 100
    labels[30:60, 30:60] = 9  # 900
    assert typical_diameter(labels) == pytest.approx(2 * np.sqrt(100 / np.pi))
    assert typical_diameter(np.zeros((4, 4), np.uint32)) is None


def test_what_a_large_picture_may_grow_to_is_bounded():
    assert allowed_factor(4, 2**25) == 1
    assert allowed_factor(4, 2**23) == 2
    assert allowed_factor(0.5, 2**40) == 0.5
