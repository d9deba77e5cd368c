import math

import numpy as np
import pytest

from segmetry.evaluate import group_means, mean_score


def test_the_mean_lies_in_its_interval():
    scores = np.random.default_rng(0).random(40)
    mean = mean_score(scores)
    assert mean.low < mean.value < mean.high
    assert mean.value == pytest.approx(scores.mean())
    assert mean.n == 40


def test_the_interval_is_that_of_the_normal_law_for_many_pictures():
    scores = np.random.default_rng(1).normal(0.5, 0.1, 400)
    mean = mean_score(scores, resamples=4000)
    half = 1.96 * scores.std(ddof=1) / 20
    assert mean.high - mean.value == pytest.approx(half, rel=0.1)
    assert mean.value - mean.low == pytest.approx(half, rel=0.1)


@pytest.mark.slow
def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(2)
    held = 0
    for trial in range(300):
        mean = mean_score(rng.normal(0, 1, 40), resamples=400, seed=trial)
        held += mean.low <= 0 <= mean.high
    assert 0.89 <= held / 300 <= 0.98


def test_a_wider_level_gives_a_wider_interval():
    scores = np.random.default_rng(3).random(20)
    narrow, wide = mean_score(scores, level=0.5), mean_score(scores, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_same_seed_gives_the_same_interval():
    scores = np.random.default_rng(4).random(20)
    assert mean_score(scores, seed=7) == mean_score(scores, seed=7)
    assert mean_score(scores, seed=7) != mean_score(scores, seed=8)


def test_pictures_without_a_score_are_left_out():
    with_gap = mean_score([0.2, math.nan, 0.4])
    assert with_gap == mean_score([0.2, 0.4])
    assert with_gap.n == 2


def test_one_picture_has_a_mean_but_no_interval():
    mean = mean_score([0.7])
    assert (mean.value, mean.n) == (0.7, 1)
    assert math.isnan(mean.low)
    assert math.isnan(mean.high)


def test_no_picture_has_no_mean():
    mean = mean_score([])
    assert math.isnan(mean.value)
    assert mean.n == 0


@pytest.mark.parametrize("options", [{"level": 0}, {"level": 1}, {"resamples": 0}])
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(ValueError, match="level must be within 0 and 1"):
        mean_score([0.1, 0.2], **options)


def test_groups_have_means_of_their_own_in_order_of_their_names():
    means = group_means([1.0, 0.0, 0.5, 0.7], ["b", "a", "b", "a"])
    assert list(means) == ["a", "b"]
    assert means["a"].value == pytest.approx(0.35)
    assert means["b"].value == pytest.approx(0.75)


def test_every_score_needs_a_group():
    with pytest.raises(ValueError, match="each score needs a group"):
        group_means([1.0], [])
