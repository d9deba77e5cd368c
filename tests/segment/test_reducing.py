import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.segment import windows
from segmetry.segment.reducing import enlarged, patch, reduced_shape, whole
from segmetry.segment.windows import blocks, everywhere

SEEDS = st.integers(0, 2**31)


@given(SEEDS, st.floats(1, 9))
@settings(max_examples=60, deadline=None)
def test_a_copy_made_in_one_piece_is_that_of_opencv(seed, factor):
    rng = np.random.default_rng(seed)
    shape = tuple(int(length) for length in rng.integers(3, 150, 2))
    values, small = rng.random(shape).astype(np.float32), reduced_shape(shape, factor)
    copy = whole([patch(values, everywhere(shape), shape, small)], small)
    usual = cv2.resize(values, small[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(copy - usual.reshape(small)).max() < 1e-5


@pytest.mark.parametrize("seed", range(12))
def test_a_copy_made_of_blocks_is_that_of_the_whole(seed, monkeypatch):
    monkeypatch.setattr(windows, "_BLOCK", 37)
    rng = np.random.default_rng(seed)
    shape = tuple(int(length) for length in rng.integers(3, 150, 2))
    values, small = rng.random(shape), reduced_shape(shape, rng.uniform(1, 9))
    copy = whole((patch(values[own], own, shape, small) for own in blocks(shape)), small)
    at_once = whole([patch(values, everywhere(shape), shape, small)], small)
    assert np.allclose(copy, at_once, rtol=1e-6)
    assert copy.mean() == pytest.approx(values.mean(), rel=1e-5)


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_the_way_back_is_that_of_opencv_and_the_same_in_any_window(seed):
    rng = np.random.default_rng(seed)
    copy = rng.random(rng.integers(1, 30, 2)).astype(np.float32)
    shape = tuple(int(length * rng.uniform(1, 9)) for length in copy.shape)
    found = enlarged(copy, shape, everywhere(shape))
    usual = cv2.resize(copy, shape[::-1], interpolation=cv2.INTER_CUBIC)
    assert np.abs(found - usual.reshape(shape)).max() < 1e-5
    ends = [np.sort(rng.choice(length + 1, 2, replace=False)) for length in shape]
    window = tuple(slice(int(start), int(stop)) for start, stop in ends)
    assert np.array_equal(enlarged(copy, shape, window), found[window])
