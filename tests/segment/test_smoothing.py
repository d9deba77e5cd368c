import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.segment.smoothing import blurred, reach_of_blur


def picture(seed):
    rng = np.random.default_rng(seed)
    return (rng.random(rng.integers(1, 120, 2)) * 255).astype(np.float32)


@given(st.integers(0, 2**31), st.sampled_from([0.2, 0.5, 1, 2.3, 6]))
@settings(max_examples=60, deadline=None)
def test_a_window_read_with_its_reach_is_blurred_as_in_the_picture(seed, sigma):
    grey, rng = picture(seed), np.random.default_rng(seed)
    whole, reach = blurred(grey, sigma), reach_of_blur(sigma)
    ends = [np.sort(rng.choice(length + 1, 2, replace=False)) for length in grey.shape]
    outer = tuple(slice(max(start - reach, 0), stop + reach) for start, stop in ends)
    inner = tuple(
        slice(start - side.start, stop - side.start)
        for (start, stop), side in zip(ends, outer, strict=True)
    )
    window = tuple(slice(start, stop) for start, stop in ends)
    assert np.array_equal(blurred(grey[outer], sigma)[inner], whole[window])


@pytest.mark.parametrize("sigma", [0.5, 1, 2.3, 6])
def test_it_is_the_blur_of_opencv_but_for_rounding(sigma):
    grey = picture(1)
    usual = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    assert np.abs(blurred(grey, sigma) - usual).max() < 1e-3


def test_no_light_is_lost():
    grey = picture(2)
    assert blurred(grey, 3).mean() == pytest.approx(grey.mean(), rel=0.1)
    assert np.allclose(blurred(np.full((9, 400), 7, np.float32), 30), 7, rtol=1e-5)
