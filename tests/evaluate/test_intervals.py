import json
import math

import numpy as np
import pytest

from segmetry.errors import DatasetError
from segmetry.evaluate import mean_score, paired_difference
from segmetry.evaluate.intervals import draw_pictures, with_interval


def test_the_mean_lies_in_its_interval():
    scores = np.random.default_rng(0).random(40)
    mean = mean_score(scores)
    assert mean.low < mean.value < mean.high
    assert mean.value == pytest.approx(scores.mean())
    assert mean.n == 40


@pytest.mark.parametrize(("n", "t"), [(5, 2.776), (10, 2.262), (400, 1.966)])
def test_the_interval_is_that_of_students_t(n, t):
    scores = np.random.default_rng(1).normal(0.5, 0.1, n)
    mean = mean_score(scores, resamples=20_000)
    half = t * scores.std(ddof=1) / math.sqrt(n)
    assert mean.high - mean.value == pytest.approx(half, rel=0.03)
    assert mean.value - mean.low == pytest.approx(half, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 40])
def test_intervals_hold_the_truth_about_as_often_as_they_say(n):
    rng = np.random.default_rng(2)
    held = 0
    for trial in range(400):
        mean = mean_score(rng.normal(0, 1, n), resamples=400, seed=trial)
        held += mean.low <= 0 <= mean.high
    assert 0.92 <= held / 400 <= 0.98  # 0.95 and two standard errors


def clustered(rng, *, n_clusters=12, size=8):
    """Scores of which most of the scatter is between clusters; their true mean is 0."""
    scores = rng.normal(0, 1, (n_clusters, 1)) + rng.normal(0, 0.3, (n_clusters, size))
    return scores.ravel(), np.repeat(np.arange(n_clusters).astype(str), size)


@pytest.mark.slow
def test_intervals_of_pictures_that_hang_together_hold_only_by_cluster():
    rng = np.random.default_rng(3)
    held = np.zeros(2)
    for trial in range(300):
        scores, clusters = clustered(rng)
        for k, given in enumerate((clusters, None)):
            mean = mean_score(scores, clusters=given, resamples=400, seed=trial)
            held[k] += mean.low <= 0 <= mean.high
    by_cluster, by_picture = held / 300
    assert 0.92 <= by_cluster <= 0.98
    assert by_picture < 0.7


def test_clusters_of_one_picture_change_nothing():
    scores = np.random.default_rng(4).random(12)
    alone = mean_score(scores, clusters=[f"{k:02}" for k in range(12)])
    assert alone == mean_score(scores)


def test_a_wider_level_gives_a_wider_interval():
    scores = np.random.default_rng(3).random(20)
    narrow, wide = mean_score(scores, level=0.5), mean_score(scores, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_same_seed_gives_the_same_interval():
    scores = np.random.default_rng(4).random(20)
    assert mean_score(scores, seed=7) == mean_score(scores, seed=7)
    assert mean_score(scores, seed=7) != mean_score(scores, seed=8)


def test_an_interval_ends_at_the_bounds_of_its_score():
    scores = [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert mean_score(scores).high > 1
    assert mean_score(scores, bounds=(0, 1)).high == 1
    assert mean_score([-x for x in scores], bounds=(-1, 0)).low == -1


def test_pictures_without_a_score_are_left_out():
    scores = [0.2, 0.4, 0.1, 0.8, 0.4, 0.9]
    clusters = list("aabcde")
    with_gap = mean_score([*scores, math.nan], clusters=[*clusters, "f"])
    assert with_gap == mean_score(scores, clusters=clusters)
    assert with_gap.n == 6


@pytest.mark.parametrize("scores", [[0.7], [0.7, 0.7, 0.7, 0.7]])
def test_fewer_than_five_pictures_have_a_mean_but_no_interval(scores):
    mean = mean_score(scores)
    assert mean.value == pytest.approx(0.7)
    assert mean.n == len(scores)
    assert math.isnan(mean.low)
    assert math.isnan(mean.high)


def test_many_pictures_of_few_clusters_have_no_interval():
    assert math.isnan(mean_score([0.1, 0.5, 0.3] * 4, clusters=list("abcd") * 3).low)


def test_no_picture_has_no_mean():
    mean = mean_score([])
    assert math.isnan(mean.value)
    assert mean.n == 0


def test_json_says_null_where_nothing_is_known():
    told = json.dumps(mean_score([0.5]).as_json())
    assert json.loads(told) == {"value": 0.5, "low": None, "high": None, "n": 1}


@pytest.mark.parametrize("options", [{"level": 0}, {"level": 1}, {"resamples": 0}])
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(ValueError, match="level must be within 0 and 1"):
        mean_score([0.1, 0.2], **options)


def test_every_score_and_every_picture_needs_a_cluster():
    with pytest.raises(ValueError, match="each score needs a cluster"):
        mean_score([0.1, 0.2], clusters=["a"])
    with pytest.raises(ValueError, match="each picture needs a cluster"):
        draw_pictures(2, clusters=["a"])


def test_a_statistic_of_pictures_is_resampled_as_a_whole():
    areas, found = np.array([[10.0, 20, 30, 40, 50], [5, 10, 15, 20, 25]])
    ratio = with_interval(lambda d: (d @ found) / (d @ areas), draw_pictures(5))
    assert (ratio.value, ratio.low, ratio.high) == (0.5, 0.5, 0.5)


def test_a_value_known_more_exactly_takes_the_place_of_the_statistics():
    drawn = draw_pictures(6)
    found = with_interval(lambda d: d @ np.arange(6.0), drawn, value=15.5)
    assert found.value == 15.5
    assert found.low + found.high == pytest.approx(31)


def test_a_small_gain_on_every_picture_shows_only_when_paired():
    rng = np.random.default_rng(6)
    scores = rng.random(20)
    better = scores + 0.02 + rng.normal(0, 0.005, 20)
    gain = paired_difference(better, scores)
    assert 0 < gain.low < 0.02 < gain.high
    assert mean_score(better).low < mean_score(scores).high


def test_a_prediction_is_as_good_as_itself_and_swapping_turns_the_sign():
    rng = np.random.default_rng(7)
    one, two = rng.random((2, 9))
    assert paired_difference(one, one).value == 0
    there, back = paired_difference(one, two), paired_difference(two, one)
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)


def test_four_pictures_are_too_few_to_say_which_is_better():
    with pytest.raises(DatasetError, match="at least 5 pictures .* got 4"):
        paired_difference([1, 1, 1, 1, math.nan], [0, 0, 0, 0, 0])
    with pytest.raises(DatasetError, match="5 clusters of pictures .* got 2"):
        paired_difference([1] * 6, [0] * 6, clusters=list("aaabbb"))


def test_a_comparison_needs_the_same_pictures():
    with pytest.raises(ValueError, match="both need one score a picture, got 6 and 5"):
        paired_difference([1] * 6, [0] * 5)
