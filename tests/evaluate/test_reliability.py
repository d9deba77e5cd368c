import math

import numpy as np
import pytest

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
