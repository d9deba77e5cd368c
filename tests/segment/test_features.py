import numpy as np
import pytest

from segmetry.segment.features import FEATURES, feature_stack


def noise(seed, shape=(50, 60)):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


def test_a_slope_has_its_steepness_and_no_curvature():
    y, x = np.mgrid[:60, :70].astype(np.float32)
    stack = feature_stack(3 * x + 4 * y, scales=[2.0])
    inner = stack[20:40, 20:50]
    assert np.allclose(inner[..., 0], (3 * x + 4 * y)[20:40, 20:50], atol=0.02)
    assert np.allclose(inner[..., 1], 5, atol=0.01)
    assert np.allclose(inner[..., 2], 0, atol=0.01)


def test_a_bowl_has_the_curvature_of_a_bowl():
    y, x = np.mgrid[-30:31, -30:31].astype(np.float32)
    laplacian = feature_stack(x**2 + 2 * y**2, scales=[1.0])[30, 30, 2]
    assert laplacian == pytest.approx(2 + 4, rel=1e-3)


def test_the_spread_is_the_standard_deviation_of_what_is_around():
    stripes = np.tile(np.repeat([0, 10], 16).astype(np.float32), (96, 3))
    spread = feature_stack(stripes, scales=[1.0])[48, :, 3]
    assert spread[16:81:16].min() > 3.6  # on the edge half is 0 and half 10, blurred
    assert spread[24:80:16].max() < 0.1  # eight pixels off, all is one value


def test_a_bright_spot_has_a_laplacian_below_0():
    spot = np.zeros((31, 31), np.float32)
    spot[15, 15] = 100
    stack = feature_stack(spot)
    assert stack[15, 15, 2] < 0
    assert stack[15, 15, 0] == stack[..., 0].max()


@pytest.mark.parametrize("seed", range(3))
def test_features_turn_with_the_picture(seed):
    grey = noise(seed)
    stack = feature_stack(grey, scales=[1.0, 2.0])
    turned = feature_stack(np.rot90(grey).copy(), scales=[1.0, 2.0])
    assert np.allclose(np.rot90(stack), turned, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("times", "more"), [(4.0, 0.0), (0.5, 3.0), (1.0, 1000.0)])
def test_light_that_is_added_moves_the_grey_alone(seed, times, more):
    before = feature_stack(noise(seed))
    after = feature_stack(np.float32(times) * noise(seed) + np.float32(more))
    rounding = 2e-7 * max(more, 1)
    moved = np.array([more, 0, 0, 0], np.float32)
    assert np.allclose(after, times * before + moved, atol=20 * rounding)


def test_each_scale_adds_the_same_features():
    stack = feature_stack(noise(0), scales=[1.0, 2.5, 4.0])
    assert stack.shape == (50, 60, 3 * len(FEATURES))
    assert stack.dtype == np.float32
    assert np.array_equal(stack[..., 4:8], feature_stack(noise(0), scales=[2.5]))


def test_wider_scales_are_smoother():
    stack = feature_stack(noise(0), scales=[1.0, 2.0, 4.0])
    spreads = stack[..., ::4].std(axis=(0, 1))
    assert (np.diff(spreads) < 0).all()


def test_a_flat_picture_has_no_features_but_its_grey():
    stack = feature_stack(np.full((9, 9), 7, np.float32))
    assert np.allclose(stack, [7, 0, 0, 0], atol=1e-6)
