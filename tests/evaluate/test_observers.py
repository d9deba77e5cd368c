import math

import numpy as np
import pytest

from segmetry.evaluate import beside_observer, judge_pixels, merge_rankings, rank_pixels
from segmetry.evaluate.ranking import sensitivity_at


def pictures(n=8, *, skill=1.5, seed=0):
    """Truths, probability maps, and masks of a person who sees as through more noise."""
    rng = np.random.default_rng(seed)
    found, person = [], []
    for _ in range(n):
        truth = rng.random((30, 40)) < 0.2
        light = rng.normal(truth * skill, 1)
        values = 1 / (1 + np.exp(-light))
        marked = rng.normal(truth * 1.5, 1) > 1.2
        found.append(judge_pixels(values > 0.5, truth, probability=values))
        person.append(judge_pixels(marked, truth))
    return found, person


def test_both_are_told_at_the_specificity_of_the_person():
    found, person = pictures()
    beside = beside_observer(found, person)
    tp, fp, fn, tn = (
        sum(getattr(item.counts, name) for item in person)
        for name in ("tp", "fp", "fn", "tn")
    )
    assert beside.specificity == tn / (tn + fp)
    assert beside.observer.value == tp / (tp + fn)
    pooled = merge_rankings([item.ranking for item in found])
    assert beside.prediction.value == pooled.sensitivity_at(tn / (tn + fp))
    gain = beside.prediction.value - beside.observer.value
    assert beside.difference.value == pytest.approx(gain)
    assert beside.difference.low < gain < beside.difference.high


@pytest.mark.parametrize(("skill", "sign"), [(3.0, 1), (0.3, -1)])
def test_who_sees_more_is_told_from_who_sees_less(skill, sign):
    beside = beside_observer(*pictures(skill=skill))
    assert min(sign * beside.difference.low, sign * beside.difference.high) > 0


def test_a_prediction_that_is_the_person_s_mask_differs_by_nothing():
    rng = np.random.default_rng(5)
    truths = [rng.random((20, 20)) < 0.3 for _ in range(6)]
    masks = [truth ^ (rng.random(truth.shape) < 0.1) for truth in truths]
    pairs = list(zip(masks, truths, strict=True))
    found = [judge_pixels(m, t, probability=m.astype(float)) for m, t in pairs]
    beside = beside_observer(found, [judge_pixels(*pair) for pair in pairs])
    assert beside.difference.value == pytest.approx(0)
    assert beside.difference.low == pytest.approx(0, abs=1e-12)
    assert beside.difference.high == pytest.approx(0, abs=1e-12)


def test_the_interval_is_that_of_resampled_pictures():
    found, person = pictures(6)
    rng = np.random.default_rng(1)
    gains = []
    for chosen in rng.integers(0, 6, (400, 6)):
        counts = [person[k].counts for k in chosen]
        tp, fp, fn, tn = (
            sum(getattr(c, name) for c in counts) for name in ("tp", "fp", "fn", "tn")
        )
        pooled = merge_rankings([found[k].ranking for k in chosen])
        gains.append(pooled.sensitivity_at(tn / (tn + fp)) - tp / (tp + fn))
    beside = beside_observer(found, person)
    half = (beside.difference.high - beside.difference.low) / 2
    # 2.571: Student's t of 5
    assert half == pytest.approx(2.571 * np.std(gains), rel=0.2)


def test_few_pictures_have_no_interval_and_clusters_are_drawn_together():
    found, person = pictures(4)
    assert math.isnan(beside_observer(found, person).difference.low)
    found, person = pictures(8)
    two = beside_observer(found, person, clusters=["a", "b"] * 4)
    assert math.isnan(two.difference.low)


def test_json_has_all_four_numbers():
    told = beside_observer(*pictures()).as_json()
    assert set(told) == {"specificity", "sensitivity", "prediction", "difference"}
    assert set(told["difference"]) == {"value", "low", "high", "n"}


def test_masks_and_empty_truths_have_no_comparison():
    found, person = pictures()
    assert beside_observer(person, person) is None
    nothing = np.zeros(9, bool)
    blank = judge_pixels(nothing, nothing, probability=np.zeros(9))
    assert beside_observer([blank], [judge_pixels(nothing, nothing)]) is None
    with pytest.raises(ValueError, match="the same pictures"):
        beside_observer(found, person[1:])


def test_one_specificity_each_is_allowed_for_draws():
    ranking = rank_pixels(np.array([0.9, 0.8, 0.7, 0.1]), np.array([1, 0, 1, 0], bool))
    twice = np.stack([ranking.positives] * 2), np.stack([ranking.negatives] * 2)
    assert sensitivity_at(*twice, np.array([[1.0], [0.5]])).tolist() == [0.5, 1.0]
