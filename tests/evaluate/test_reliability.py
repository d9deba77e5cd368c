import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from segmetry.evaluate import (
    ReliabilityBin,
    brier_score,
    calibration_error,
    reliability,
)


def test_the_brier_score_of_certainty_is_the_share_of_errors():
    said = np.array([1.0, 1.0, 0.0, 0.0])
    assert brier_score(said, np.array([True, False, False, False])) == 0.25
    assert math.isnan(brier_score(np.zeros(0), np.zeros(0, bool)))


def test_bins_hold_every_object_once():
    said = np.array([0.0, 0.1, 0.19, 0.5, 0.999, 1.0])
    bins = reliability(said, said > 0.4)
    assert [item.n for item in bins] == [1, 2, 0, 0, 0, 1, 0, 0, 0, 2]
    assert (bins[0].low, bins[-1].high) == (0, 1)
    assert math.isnan(bins[2].probability)
    assert bins[9].matched == 1


def test_the_calibration_error_weighs_bins_by_their_objects():
    bins = [
        ReliabilityBin(0, 0.5, 0.2, 0.3, 30),
        ReliabilityBin(0.5, 1, 0.9, 0.5, 10),
        ReliabilityBin(0.5, 1, math.nan, math.nan, 0),
    ]
    assert calibration_error(bins) == pytest.approx((30 * 0.1 + 10 * 0.4) / 40)
    assert math.isnan(calibration_error(bins[2:]))


SAID = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


@given(SAID, st.integers(1, 20))
def test_whatever_is_said_falls_into_one_bin_and_none_is_lost(said, n_bins):
    probability = np.array([p for p, _ in said])
    matched = np.array([right for _, right in said], dtype=bool)
    bins = reliability(probability, matched, n_bins=n_bins)
    assert sum(item.n for item in bins) == len(said)
    full = [item for item in bins if item.n]
    assert sum(item.n * item.matched for item in full) == pytest.approx(matched.sum())
    total = sum(item.n * item.probability for item in full)
    assert total == pytest.approx(probability.sum())
    hair = 1e-9
    assert all(item.low - hair <= item.probability <= item.high + hair for item in full)
    assert [item.low for item in bins[1:]] == [item.high for item in bins[:-1]]


@given(SAID.filter(len), st.integers(1, 20))
def test_errors_are_shares_and_forget_the_order_of_objects(said, n_bins):
    probability = np.array([p for p, _ in said])
    matched = np.array([right for _, right in said], dtype=bool)
    error = calibration_error(reliability(probability, matched, n_bins=n_bins))
    assert 0 <= error <= 1
    backwards = reliability(probability[::-1], matched[::-1], n_bins=n_bins)
    assert calibration_error(backwards) == pytest.approx(error)
    # By Jensen, no bins hide less than what is wrong over all objects together.
    assert error >= abs(probability.mean() - matched.mean()) - 1e-9
    assert 0 <= brier_score(probability, matched) <= 1


@given(SAID.filter(len), st.integers(1, 10), st.integers(2, 4))
def test_finer_bins_find_no_smaller_error(said, n_bins, factor):
    probability = np.array([p for p, _ in said])
    matched = np.array([right for _, right in said], dtype=bool)
    # Places of bins that are no parts of wider ones by rounding are left out.
    coarse = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    fine = np.minimum((probability * n_bins * factor).astype(int), n_bins * factor - 1)
    assume((fine // factor == coarse).all())
    errors = [
        calibration_error(reliability(probability, matched, n_bins=n))
        for n in (n_bins, n_bins * factor)
    ]
    assert errors[1] >= errors[0] - 1e-9


@given(st.integers(1, 9), st.integers(1, 5))
def test_who_says_the_true_share_of_each_kind_makes_no_error(tenths, times):
    said = np.full(10 * times, tenths / 10)
    matched = np.arange(10 * times) % 10 < tenths
    assert calibration_error(reliability(said, matched)) == pytest.approx(0, abs=1e-12)
    share = tenths / 10
    assert brier_score(said, matched) == pytest.approx(share * (1 - share))
