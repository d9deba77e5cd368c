import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.segment.histogram import Bins, binned, histogram, joined

SEEDS = st.integers(0, 2**31)


def numbers(seed, n=3000):
    """Return numbers of any size, far from 0 or around it."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n) * 10 ** rng.uniform(-20, 12)
    return (values + rng.choice([0, 1000]) * np.abs(values).max()).astype(np.float32)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_parts_add_up_to_the_whole_in_any_order(seed):
    values, rng = numbers(seed), np.random.default_rng(seed)
    values[: rng.integers(0, 1500)] = values[0]  # a part may be flat
    parts = np.split(values, np.sort(rng.integers(0, len(values), 4)))
    rng.shuffle(whole := [histogram(part) for part in parts])
    found, expected = joined(whole), histogram(values)
    assert (found.exponent, found.first) == (expected.exponent, expected.first)
    assert (found.low, found.high) == (values.min(), values.max())
    assert np.array_equal(found.counts, expected.counts)


@given(SEEDS, st.floats(0, 100))
@settings(max_examples=60, deadline=None)
def test_a_percentile_is_right_to_the_width_of_a_bin(seed, percent):
    values = numbers(seed)
    found = histogram(values)
    width = 2.0**found.exponent
    assert found.percentile(percent) == pytest.approx(
        np.percentile(values.astype(np.float64), percent), abs=width
    )
    assert (found.high - found.low) / width < 2**16


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_whole_numbers_are_told_exactly(dtype):
    values = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, 999).astype(dtype)
    found = histogram(values)
    assert found.median == np.median(values)
    assert found.percentile(0.5) == pytest.approx(np.percentile(values, 0.5))
    assert found.n == 999


def test_a_histogram_of_nothing_adds_nothing():
    nothing, something = histogram(np.zeros(0)), histogram(np.array([2.0, 3.0]))
    assert nothing.n == 0
    assert math.isinf(nothing.low)
    assert joined([nothing, something, nothing]).median == 2.5


@given(SEEDS, st.integers(1, 300))
@settings(max_examples=40, deadline=None)
def test_equal_bins_are_those_of_numpy(seed, n_bins):
    values = np.random.default_rng(seed).random(2000).astype(np.float32)
    low, high = float(values.min()), float(values.max())
    counts = binned(values, low, high, n_bins=n_bins)
    expected = np.histogram(values.astype(np.float64), bins=n_bins, range=(low, high))[0]
    assert counts.sum() == 2000
    assert np.abs(counts - expected).sum() <= 2  # a value on the border of two bins


def test_bins_tell_spread_and_contrast():
    values = np.random.default_rng(0).normal(100, 5, 5000)
    values[:1000] += 60
    low, high = float(values.min()), float(values.max())
    bins = Bins(binned(values, low, high, n_bins=1024), low, high)
    assert bins.spread == pytest.approx(values.std(), rel=1e-3)
    assert bins.contrast(130) == pytest.approx(60, abs=0.5)
    assert math.isnan(bins.contrast(1000))
