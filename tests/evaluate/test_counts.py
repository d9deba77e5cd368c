import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate import judge_counts, score_counts


def values_of(scores):
    return {name: score.value for name, score in scores.items()}


@pytest.mark.parametrize("seed", range(10))
def test_errors_follow_from_their_definitions(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 50, 17)
    found = rng.poisson(truth * 1.1)
    errors = found - truth
    assert values_of(score_counts(found, truth)) == pytest.approx(
        {
            "count_bias": errors.mean(),
            "count_mae": np.abs(errors).mean(),
            "count_rmse": math.sqrt((errors**2).mean()),
            "count_medae": np.median(np.abs(errors)),
            "count_limit_low": errors.mean() - 1.96 * errors.std(ddof=1),
            "count_limit_high": errors.mean() + 1.96 * errors.std(ddof=1),
            "count_error_percent": np.mean(
                [100 * abs(f - t) / max(f, t, 1) for f, t in zip(found, truth, strict=True)]
            ),
            "count_bias_percent": 100 * errors.sum() / truth.sum(),
        }
    )


@pytest.mark.parametrize("n", [1, 2, 7, 8])
def test_the_median_of_even_and_odd_numbers_of_pictures_is_the_usual_one(n):
    found = np.arange(n) ** 2
    assert score_counts(found, np.zeros(n))["count_medae"].value == np.median(found)


def test_the_same_count_error_on_all_pictures_is_all_bias():
    scores = score_counts([12, 32, 7, 9, 22], [10, 30, 5, 7, 20])
    assert values_of(scores) | {"count_bias_percent": 0, "count_error_percent": 0} == {
        **dict.fromkeys(("count_bias", "count_mae", "count_rmse", "count_medae"), 2),
        **dict.fromkeys(("count_limit_low", "count_limit_high"), 2),
        "count_bias_percent": 0,
        "count_error_percent": 0,
    }
    assert (scores["count_bias"].low, scores["count_bias"].high) == (2, 2)


def test_one_false_object_on_an_empty_picture_is_an_error_of_100_percent():
    assert judge_counts(1, 0)["count_error_percent"] == 100
    scores = score_counts([1, 10, 0], [0, 10, 0])
    assert scores["count_error_percent"].value == pytest.approx(100 / 3)
    only_empty = score_counts([1, 0, 0, 0, 0], [0] * 5)
    assert only_empty["count_error_percent"].value == 20
    assert 20 < only_empty["count_error_percent"].high <= 100
    assert math.isfinite(only_empty["count_limit_high"].high)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_error_in_percent_is_the_same_both_ways_and_never_above_100(one, other):
    error = judge_counts(one, other)["count_error_percent"]
    assert error == judge_counts(other, one)["count_error_percent"]
    assert 0 <= error <= 100
    assert (error == 0) == (one == other)
    assert (error == 100) == (min(one, other) == 0 < max(one, other))


def test_turning_found_and_true_turns_bias_and_limits():
    found, true = [3, 9, 4, 8, 1], [5, 6, 4, 9, 0]
    there, back = score_counts(found, true), score_counts(true, found)
    assert there["count_bias"].value == -back["count_bias"].value
    assert there["count_limit_low"].value == -back["count_limit_high"].value
    assert there["count_mae"] == back["count_mae"]


def test_pictures_without_objects_are_defined():
    scores = score_counts([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
    assert math.isnan(scores.pop("count_bias_percent").value)
    assert set(values_of(scores).values()) == {0}


@pytest.mark.slow
def test_limits_of_agreement_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    held = np.zeros(2)
    for trial in range(150):
        errors = rng.normal(3, 2, 30)
        scores = score_counts(errors + 40, np.full(30, 40), seed=trial)
        limits = scores["count_limit_low"], scores["count_limit_high"]
        for k, true in enumerate((3 - 1.96 * 2, 3 + 1.96 * 2)):
            held[k] += limits[k].low <= true <= limits[k].high
    assert (held / 150 > 0.88).all()


def test_clusters_widen_the_intervals():
    errors = np.repeat([-6, 0, 5, 2, -3, 4], 6)
    plain = score_counts(errors + 20, np.full(36, 20))["count_bias"]
    apart = score_counts(
        errors + 20, np.full(36, 20), clusters=np.repeat(list("abcdef"), 6).tolist()
    )["count_bias"]
    assert apart.high - apart.low > 1.5 * (plain.high - plain.low)


def test_one_picture_has_errors_but_no_limits():
    scores = score_counts([4], [5])
    assert scores["count_bias"].value == -1
    assert math.isnan(scores["count_limit_low"].value)


def test_no_picture_has_no_error():
    assert math.isnan(score_counts([], [])["count_mae"].value)


def test_counts_that_fit_nothing_are_refused():
    with pytest.raises(ValueError, match="one count a picture, got 2 and 1"):
        score_counts([1, 2], [1])
    for bad in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="numbers from 0 up"):
            score_counts([bad], [1])


PATIENT = settings(deadline=None, max_examples=25)
PAIRS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30)


@PATIENT
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_pictures_counts_for_nothing(pairs, random):
    found, true = zip(*pairs, strict=True)
    mixed = list(pairs)
    random.shuffle(mixed)
    there = values_of(score_counts(found, true))
    again = values_of(score_counts(*zip(*mixed, strict=True)))
    assert again == pytest.approx(there, nan_ok=True, abs=1e-9)


@PATIENT
@given(PAIRS)
def test_errors_stand_in_the_order_that_mathematics_demands(pairs):
    values = values_of(score_counts(*zip(*pairs, strict=True)))
    hair = 1e-9
    assert abs(values["count_bias"]) <= values["count_mae"] + hair
    assert values["count_mae"] <= values["count_rmse"] + hair
    assert values["count_medae"] <= 2 * values["count_mae"] + hair  # by Markov
    if len(pairs) > 1:
        low, high = values["count_limit_low"], values["count_limit_high"]
        assert low - hair <= values["count_bias"] <= high + hair


@PATIENT
@given(PAIRS, st.integers(1, 50))
def test_as_many_objects_more_on_both_sides_change_no_error(pairs, more):
    found, true = np.array(pairs).T
    before, after = (
        values_of(score_counts(found + extra, true + extra)) for extra in (0, more)
    )
    for values in (before, after):
        values.pop("count_bias_percent")
        values.pop("count_error_percent")
    assert after == pytest.approx(before, nan_ok=True, abs=1e-9)


@PATIENT
@given(PAIRS, st.integers(2, 9))
def test_times_as_many_objects_have_errors_times_as_large(pairs, times):
    found, true = np.array(pairs).T
    before = values_of(score_counts(found, true))
    after = values_of(score_counts(found * times, true * times))
    for name in ("count_bias_percent", "count_error_percent"):
        assert after.pop(name) == pytest.approx(before.pop(name), nan_ok=True)
    grown = {name: value * times for name, value in before.items()}
    assert after == pytest.approx(grown, nan_ok=True, rel=1e-6, abs=1e-6)
