import math

import numpy as np
import pytest

from segmetry.evaluate import (
    count_pixels,
    judge_objects,
    judge_pixels,
    match_objects,
    merge_rankings,
    score_objects,
    score_pixels,
)


def squares(seed, n=6):
    """Squares on a grid, and the same with some gone, some moved and one invented."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((40, 20 * n), np.uint32)
    for k in range(n):
        side = rng.integers(6, 14)
        truth[4 : 4 + side, 20 * k + 2 : 20 * k + 2 + side] = k + 1
    predicted = np.where(truth == rng.integers(1, n + 1), 0, truth)
    predicted = np.roll(predicted, rng.integers(0, 4), axis=1)
    predicted[34:38, :5] = 99
    return predicted, truth


def judged_objects(n=8):
    return [judge_objects(match_objects(*squares(seed))) for seed in range(n)]


def drawn_pixels(n=7):
    rng = np.random.default_rng(1)
    items = []
    for k in range(n):
        truth = rng.random((30, 20 + k)) < 0.2
        values = np.clip(rng.normal(0.3 + 0.3 * truth, 0.2), 0, 1).astype(np.float32)
        items.append((values > 0.5, truth, values))
    return items


def test_a_plain_score_is_the_mean_over_pictures():
    judged = judged_objects()
    scores = score_objects(judged)
    for name in ("dsb_score", "dsb_precision_75", "f1_50", "pq", "aji", "size_ks"):
        assert scores[name].value == pytest.approx(np.mean([row[name] for row in judged]))
        assert 0 <= scores[name].low <= scores[name].value <= scores[name].high <= 1
        assert scores[name].n == 8


def test_a_pooled_score_counts_every_object_the_same():
    judged = judged_objects()
    scores = score_objects(judged)
    tp, fp, fn = (sum(row[name] for row in judged) for name in ("tp_50", "fp_50", "fn_50"))
    assert (scores["tp_50"].value, scores["fp_50"].value) == (tp, fp)
    assert math.isnan(scores["fn_50"].low)
    assert scores["f1_50_pooled"].value == 2 * tp / (2 * tp + fp + fn)
    assert scores["precision_50_pooled"].value == tp / (tp + fp)
    assert scores["recall_50_pooled"].value == tp / (tp + fn)


@pytest.mark.parametrize("seed", range(10))
def test_hits_and_misses_add_up_to_the_objects(seed):
    row = judge_objects(match_objects(*squares(seed)))
    assert row["tp_50"] + row["fp_50"] == row["n_predicted"]
    assert row["tp_50"] + row["fn_50"] == row["n_true"]
    assert row["count_bias"] == row["n_predicted"] - row["n_true"]
    assert row["count_mae"] == abs(row["count_bias"])


def test_scores_of_objects_without_any_object_are_defined():
    empty, full = np.zeros((5, 5), np.uint32), np.ones((5, 5), np.uint32)
    for found, true, expected in ((empty, empty, 1), (empty, full, 0), (full, empty, 0)):
        scores = score_objects([judge_objects(match_objects(found, true))])
        for name in ("dsb_score", "f1_50", "precision_50", "recall_50", "pq", "aji"):
            assert scores[name].value == expected
        for name in ("f1_50_pooled", "precision_50_pooled", "recall_50_pooled"):
            assert scores[name].value == expected
        assert math.isnan(scores["size_bias_mean"].value)


def test_clusters_are_resampled_as_one():
    judged = judged_objects(12)
    alone = score_objects(judged)
    assert score_objects(judged, clusters=[f"{k:02}" for k in range(12)]) == alone
    two = score_objects(judged, clusters=["a", "b"] * 6)
    assert all(math.isnan(score.low) for score in two.values())


def test_pooled_pixels_are_counted_together():
    items = drawn_pixels()
    judged = [judge_pixels(p, t, probability=v) for p, t, v in items]
    scores = score_pixels(judged, specificity=0.9)
    p, t, v = (np.concatenate([item[k].ravel() for item in items]) for k in range(3))
    whole = judge_pixels(p, t, probability=v).scores(specificity=0.9)
    for name, value in whole.items():
        pooled = scores[f"{name}_pooled"]
        assert pooled.value == pytest.approx(value)
        assert pooled.low < value < pooled.high
        single = [item.scores(specificity=0.9)[name] for item in judged]
        assert scores[name].value == pytest.approx(np.mean(single))


def test_pixels_outside_the_field_of_view_change_no_score():
    predicted, truth, values = drawn_pixels(1)[0]
    view = np.zeros(truth.shape, bool)
    view[5:25, 3:15] = True
    inside = judge_pixels(predicted, truth, probability=values, included=view)
    cut = [each[5:25, 3:15] for each in (predicted, truth, values)]
    assert inside.counts == count_pixels(cut[0], cut[1])
    other = judge_pixels(
        predicted ^ ~view,
        truth ^ ~view,
        probability=np.where(view, values, 9),
        included=view,
    )
    assert inside.scores(specificity=0.8) == other.scores(specificity=0.8)


def test_masks_without_a_probability_have_no_areas_under_curves():
    judged = [judge_pixels(p, t) for p, t, _ in drawn_pixels()]
    scores = score_pixels(judged)
    assert math.isnan(scores["auc_roc"].value)
    assert scores["auc_roc"].n == 0
    assert "auc_roc_pooled" not in scores
    assert scores["dice_pooled"].value > 0


def test_one_picture_without_a_probability_leaves_no_pooled_area():
    (p, t, v), (q, u, _) = drawn_pixels(2)
    judged = [judge_pixels(p, t, probability=v), judge_pixels(q, u)]
    scores = score_pixels(judged)
    assert scores["auc_roc"].n == 1
    assert "auc_pr_pooled" not in scores


def test_intervals_of_pooled_areas_are_those_of_resampled_pictures():
    items = drawn_pixels(20)
    judged = [judge_pixels(p, t, probability=v) for p, t, v in items]
    found = score_pixels(judged)["auc_roc_pooled"]
    rng = np.random.default_rng(0)
    rankings = [item.ranking for item in judged]
    areas = [
        merge_rankings([rankings[k] for k in rng.integers(0, 20, 20)]).auc_roc()
        for _ in range(200)
    ]
    half = 2.093 * np.std(areas) * math.sqrt(20 / 19)  # Student's t of 19
    assert found.high - found.value == pytest.approx(half, rel=0.25)
