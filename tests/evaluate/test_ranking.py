import math
import time

import numpy as np
import pytest

from segmetry.evaluate.intervals import draw_pictures
from segmetry.evaluate.ranking import (
    auc_pr,
    auc_roc,
    binned,
    merge_rankings,
    rank_pixels,
    sensitivity_at,
)


def drawn(seed, *, n=120, n_values=None):
    """Values that tell foreground from background more or less, with ties if asked."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < rng.uniform(0.1, 0.9)
    values = rng.normal(truth * rng.uniform(0, 3), 1)
    if n_values:
        values = np.round(values * n_values / 6)
    return values.astype(np.float32), truth


def roc_by_pairs(values, truth):
    """The chance that a foreground pixel stands above a background pixel."""
    wins = [(a > b) + 0.5 * (a == b) for a in values[truth] for b in values[~truth]]
    return np.mean(wins)


def points(values, truth):
    """True and false positives at every cutoff, one by one."""
    for cutoff in sorted(set(values.tolist()), reverse=True):
        yield (truth & (values >= cutoff)).sum(), (~truth & (values >= cutoff)).sum()


def precision_by_cutoffs(values, truth):
    area, before = 0.0, 0
    for tp, fp in points(values, truth):
        area += (tp - before) / truth.sum() * tp / (tp + fp)
        before = tp
    return area


SETTINGS = [(seed, n_values) for seed in range(10) for n_values in (None, 4, 12)]


@pytest.mark.parametrize(("seed", "n_values"), SETTINGS)
def test_the_roc_area_is_the_share_of_pairs_in_the_right_order(seed, n_values):
    values, truth = drawn(seed, n_values=n_values)
    assert rank_pixels(values, truth).auc_roc() == pytest.approx(
        roc_by_pairs(values, truth)
    )


@pytest.mark.parametrize(("seed", "n_values"), SETTINGS)
def test_the_precision_recall_area_is_summed_cutoff_by_cutoff(seed, n_values):
    values, truth = drawn(seed, n_values=n_values)
    expected = precision_by_cutoffs(values, truth)
    assert rank_pixels(values, truth).auc_pr() == pytest.approx(expected)


@pytest.mark.parametrize(("seed", "n_values"), SETTINGS)
@pytest.mark.parametrize("specificity", [0, 0.5, 0.9, 1])
def test_the_sensitivity_is_the_best_of_all_cutoffs_specific_enough(
    seed, n_values, specificity
):
    values, truth = drawn(seed, n_values=n_values)
    allowed = [
        tp for tp, fp in points(values, truth) if 1 - fp / (~truth).sum() >= specificity
    ]
    expected = max(allowed, default=0) / truth.sum()
    assert rank_pixels(values, truth).sensitivity_at(specificity) == pytest.approx(expected)


@pytest.mark.parametrize(("seed", "n_values"), SETTINGS)
def test_both_areas_are_those_that_scikit_learn_finds(seed, n_values):
    metrics = pytest.importorskip("sklearn.metrics")
    values, truth = drawn(seed, n=2000, n_values=n_values)
    ranking = rank_pixels(values, truth)
    assert ranking.auc_roc() == pytest.approx(metrics.roc_auc_score(truth, values))
    expected = metrics.average_precision_score(truth, values)
    assert ranking.auc_pr() == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_values_fall_and_each_stands_once_whatever_its_sign(seed):
    values, truth = drawn(seed, n=500, n_values=20)
    values[::7], values[1::7] = 0.0, -0.0
    ranking = rank_pixels(values, truth)
    assert ranking.values.tolist() == sorted(set(values.tolist()), reverse=True)
    counts = [(truth & (values == value)).sum() for value in ranking.values]
    assert ranking.positives.tolist() == counts


@pytest.mark.slow
def test_ranking_the_pixels_of_twenty_pictures_together_takes_seconds_at_most():
    # 20 x 330,000 pixels: CPU time, so that a busy machine does not count.
    rng = np.random.default_rng(0)
    maps = rng.random((20, 330_000), dtype=np.float32)
    truths = rng.random(maps.shape, dtype=np.float32) < 0.1
    start = time.process_time()
    parts = [rank_pixels(*pair) for pair in zip(maps, truths, strict=True)]
    assert merge_rankings(parts).auc_roc() == pytest.approx(0.5, abs=2e-3)
    assert time.process_time() - start < 4  # about 0.7 s when the machine is free


def test_a_specificity_that_is_reached_exactly_is_reached():
    truth = np.array([True] * 10 + [False] * 10)
    values = np.r_[np.full(10, 0.8), 0.9, np.zeros(9)]
    assert rank_pixels(values, truth).sensitivity_at(0.9) == 1
    assert rank_pixels(values, truth).sensitivity_at(0.91) == 0


@pytest.mark.parametrize("seed", range(10))
def test_only_the_order_of_the_values_counts(seed):
    values, truth = drawn(seed, n_values=20)
    one, other = rank_pixels(values, truth), rank_pixels(np.exp(values / 3), truth)
    assert one.auc_roc() == other.auc_roc()
    assert one.auc_pr() == other.auc_pr()


@pytest.mark.parametrize("seed", range(5))
def test_a_turned_map_has_the_rest_of_the_roc_area(seed):
    values, truth = drawn(seed, n_values=15)
    there, back = rank_pixels(values, truth), rank_pixels(-values, truth)
    assert there.auc_roc() + back.auc_roc() == pytest.approx(1)


def test_a_constant_map_knows_nothing():
    truth = np.arange(50) < 10
    ranking = rank_pixels(np.full(50, 0.3), truth)
    assert ranking.auc_roc() == 0.5
    assert ranking.auc_pr() == pytest.approx(0.2)
    assert ranking.sensitivity_at(0.95) == 0


def test_a_perfect_map_scores_one():
    truth = np.arange(50).reshape(5, 10) < 10
    ranking = rank_pixels(truth.astype(float), truth)
    assert ranking.auc_roc() == ranking.auc_pr() == ranking.sensitivity_at(1) == 1


def test_pixels_outside_the_field_of_view_do_not_count():
    truth = np.array([True, False, True, False])
    values, inside = np.array([0.9, 0.1, 0.0, 1.0]), np.array([True, True, False, False])
    assert rank_pixels(values, truth, included=inside).auc_roc() == 1
    assert rank_pixels(values, truth).auc_roc() < 0.5


@pytest.mark.parametrize("truth", [np.ones(4, bool), np.zeros(4, bool)])
def test_one_class_alone_has_no_roc_area(truth):
    ranking = rank_pixels(np.arange(4.0), truth)
    assert math.isnan(ranking.auc_roc())
    assert math.isnan(ranking.sensitivity_at(0.9))
    assert math.isnan(ranking.auc_pr()) == (not truth.any())


def test_no_pixel_has_no_score():
    nothing = rank_pixels(np.zeros(0), np.zeros(0, bool))
    assert math.isnan(nothing.auc_roc())
    assert math.isnan(merge_rankings([]).auc_pr())
    assert math.isnan(nothing.sensitivity_at(0.5))


@pytest.mark.parametrize("seed", range(5))
def test_pooled_rankings_are_those_of_all_pixels_together(seed):
    parts = [drawn(10 * seed + k, n=40 + k, n_values=9) for k in range(4)]
    pooled = merge_rankings([rank_pixels(*part) for part in parts])
    values, truth = (np.concatenate(each) for each in zip(*parts, strict=True))
    whole = rank_pixels(values, truth)
    assert pooled.values.tolist() == whole.values.tolist()
    assert pooled.positives.tolist() == whole.positives.tolist()
    assert pooled.auc_roc() == whole.auc_roc()


@pytest.mark.parametrize("seed", range(5))
def test_bins_lose_no_pixel_and_hardly_change_an_area(seed):
    parts = [rank_pixels(*drawn(10 * seed + k, n=3000)) for k in range(6)]
    positives, negatives = binned(parts, merge_rankings(parts))
    assert positives.shape[0] == 6
    assert positives.sum(axis=1).tolist() == [part.positives.sum() for part in parts]
    assert negatives.sum(axis=1).tolist() == [part.negatives.sum() for part in parts]
    for row, part in enumerate(parts):
        assert auc_roc(positives, negatives)[row] == pytest.approx(part.auc_roc(), abs=2e-3)
        assert auc_pr(positives, negatives)[row] == pytest.approx(part.auc_pr(), abs=5e-3)
        found = sensitivity_at(positives, negatives, 0.9)[row]
        assert found == pytest.approx(part.sensitivity_at(0.9), abs=0.02)


def test_few_values_are_binned_without_loss():
    parts = [rank_pixels(*drawn(k, n_values=5)) for k in range(3)]
    areas = auc_roc(*binned(parts, merge_rankings(parts)))
    assert areas.tolist() == pytest.approx([part.auc_roc() for part in parts])


def test_rankings_without_pixels_can_be_binned():
    empty = rank_pixels(np.zeros(0), np.zeros(0, bool))
    assert binned([empty], empty)[0].sum() == 0


def test_scores_of_many_draws_are_found_at_once():
    parts = [rank_pixels(*drawn(k, n_values=8)) for k in range(6)]
    positives, negatives = binned(parts, merge_rankings(parts))
    draws = draw_pictures(6, resamples=9).draws
    areas = auc_roc(draws @ positives, draws @ negatives)
    for area, draw in zip(areas, draws, strict=True):
        chosen = np.repeat(np.arange(6), draw.astype(int))
        assert area == pytest.approx(merge_rankings([parts[k] for k in chosen]).auc_roc())


def test_input_that_cannot_be_ranked_is_refused():
    with pytest.raises(ValueError, match="must have one shape"):
        rank_pixels(np.zeros(3), np.zeros(4, bool))
    with pytest.raises(ValueError, match="must have one shape"):
        rank_pixels(np.zeros(3), np.zeros(3, bool), included=np.zeros(2, bool))
    with pytest.raises(ValueError, match="NaN or infinite"):
        rank_pixels(np.array([np.nan]), np.zeros(1, bool))
    with pytest.raises(ValueError, match="specificity must be from 0 to 1"):
        rank_pixels(*drawn(0)).sensitivity_at(95)
