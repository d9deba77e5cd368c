"""What a page says follows from its numbers, and from nothing else."""

import math
import re

import numpy as np
import pytest
from scipy.stats import t as student
from vessels_comparison_page import (
    AUGMENTED,
    PLAIN,
    PRETRAINED,
    RIDGE,
    Told,
    claim,
    luck,
    over_starts,
    page,
    per_picture,
    pooled,
)

N = 20
TOLD = Told(
    source="that of a drawn model",
    names=[f"{k}.png" for k in range(N)],
    steps=1500,
    parameters=1_930_000,
    is_full=False,
)


def half(scores, *, whole=None, cpu_s=120.0):
    return {
        "pooled": float(np.mean(scores)) if whole is None else whole,
        "auc_roc": list(scores),
        "auc_pr": [one - 0.1 for one in scores],
        "cpu_s": cpu_s,
    }


def variant(level, *, by_start=(0, 0, 0), noise=0.0, seed=0):
    """Return results of pictures that differ far more than variants and starts do."""
    hard = np.random.default_rng(99).normal(0, 0.01, N)
    random = np.random.default_rng(seed)
    starts = []
    for extra in by_start:
        scores = level + hard + extra + random.normal(0, noise, N)
        starts.append([half(scores[: N // 2]), half(scores[N // 2 :])])
    return starts


def results(pretrained, augmented, plain):
    return {PRETRAINED: pretrained, AUGMENTED: augmented, PLAIN: plain}


RIDGE_HALVES = [half([0.95] * 10, cpu_s=1.0), half([0.94] * 10, cpu_s=1.0)]


@pytest.mark.parametrize("seed", range(5))
def test_students_interval_over_starts_is_the_textbooks(seed):
    values = np.random.default_rng(seed).normal(0.001, 0.002, 2 + seed)
    found = over_starts(values.tolist())
    half_width = student.ppf(0.975, 1 + seed) * values.std(ddof=1) / math.sqrt(2 + seed)
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.value == pytest.approx(half_width)
    assert found.value - found.low == pytest.approx(half_width)
    assert found.n == 2 + seed


def test_known_values_of_students_interval():
    # t is 4.303 with 2 degrees of freedom, and the standard error of 1, 2, 3 is 0.577.
    found = over_starts([1, 2, 3])
    assert (found.low, found.high) == pytest.approx((-0.484, 4.484), abs=1e-3)
    assert math.isnan(over_starts([1.0]).low)


def test_intervals_over_starts_hold_the_truth_as_often_as_they_say():
    random = np.random.default_rng(0)
    spans = [over_starts(random.normal(0, 1, 3).tolist()) for _ in range(1000)]
    held = np.mean([one.low <= 0 <= one.high for one in spans])
    assert held == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(("up", "word"), [(1, "it helps"), (-1, "it harms")])
def test_a_difference_in_every_picture_and_start_is_shown(up, word):
    better = variant(0.97, by_start=(0, 0.001, 0.002))
    worse = variant(0.97 - 0.004 * up, by_start=(0.0002, 0.001, 0.0018))
    said = claim("It", AUGMENTED, PLAIN, results(better, better, worse), TOLD)
    assert f"{0.004 * up:+.4f}" in said
    assert word in said
    assert f"Pooled it is {0.004 * up:+.4f}" in said


def test_pooled_scores_are_told_beside_those_of_pictures():
    one = [[half([0.97] * 10, whole=level)] * 2 for level in (0.96, 0.962, 0.964)]
    other = [[half([0.97] * 10, whole=0.96)] * 2] * 3
    said = claim("It", AUGMENTED, PLAIN, results(one, one, other), TOLD)
    assert "no difference is shown. Pooled it is +0.0020 (-0.0030 to +0.0070" in said


def test_a_difference_that_starts_may_turn_round_is_not_shown():
    one = variant(0.97, by_start=(0.008, -0.001, 0.002), noise=1e-4)
    other = variant(0.97, noise=1e-4, seed=1)
    said = claim("It", AUGMENTED, PLAIN, results(other, one, other), TOLD)
    assert "+0.0030" in said
    assert "not shown, as other starts may turn it round" in said


@pytest.mark.parametrize("seed", range(5))
def test_a_difference_of_some_pictures_only_is_not_shown(seed):
    one, other = (variant(0.97, noise=0.02, seed=seed + k) for k in (0, 50))
    mean = np.mean(per_picture(one, "auc_roc")) - np.mean(per_picture(other, "auc_roc"))
    moved = variant(0.97 - mean, noise=0.02, seed=seed)  # equal means
    said = claim("It", AUGMENTED, PLAIN, results(other, moved, other), TOLD)
    assert "no difference is shown" in said


def test_scores_of_pictures_and_pools_are_those_of_their_starts():
    starts = [[half([0.1, 0.2], whole=0.9), half([0.3, 0.4], whole=0.7)]] * 2
    assert per_picture(starts, "auc_roc") == [[0.1, 0.2, 0.3, 0.4]] * 2
    assert pooled(starts) == pytest.approx([0.8, 0.8])


def flat(*levels):
    return [[half([level] * 10), half([level] * 10)] for level in levels]


def test_clear_variants_keep_their_order_whichever_runs_are_taken():
    said = luck(results(flat(0.97, 0.971), flat(0.98, 0.981), flat(0.96, 0.961)))
    assert "Of the 8 ways to take one run of each, 0 put" in said
    assert "comes out in 2 of 2 starts" in said
    assert "up to 0.0010 of pooled AUC apart" in said
    assert "the means of the variants 0.0200, the published runs 0.0014" in said


def test_order_by_luck_is_called_so():
    # Means order as pretrained, augmented, plain: 0.972, 0.971, 0.970.
    said = luck(results(flat(0.974, 0.970), flat(0.971, 0.971), flat(0.968, 0.972)))
    # Of 4 pairs (the augmented ones are alike), only 0.974 with 0.968 keeps that order.
    assert "Of the 8 ways to take one run of each, 6 put" in said
    assert "comes out in 0 of 2 starts" in said


def table(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_has_a_row_for_each_variant_and_the_baseline():
    three = (
        variant(0.975, by_start=(0, 0.001, 0.002)),
        variant(0.970, by_start=(0, 0.001, 0.002)),
        variant(0.960, by_start=(0, 0.001, 0.002)),
    )
    head, *rows = table(page(results(*three), RIDGE_HALVES, TOLD))
    assert [row[0] for row in rows] == [PRETRAINED, AUGMENTED, PLAIN, RIDGE]
    assert {len(row) for row in [head, *rows]} == {8}
    pretrained, augmented, plain, ridge = rows
    assert pretrained[4].startswith("+0.0050 (+0.00")
    assert pretrained[5] == "+0.0050, +0.0050, +0.0050"
    assert augmented[4] == augmented[5] == ""
    assert plain[4].startswith("-0.0100 (-0.01")
    assert ridge[1] == "0.9450"
    assert ridge[2] == ridge[5] == ""
    assert ridge[4].startswith("-0.0")
    assert [row[7] for row in rows] == ["12.0", "12.0", "12.0", "0.0"]


def test_the_page_tells_the_source_the_size_and_the_compute():
    same = variant(0.97, by_start=(0, 0.001, 0.002), noise=1e-3)
    text = page(results(same, same, same), RIDGE_HALVES, TOLD)
    assert "encoder is that of a drawn model." in text
    assert "18 trainings of 1,500 steps, 36 CPU minutes in all, 2.0 each" in text
    assert "1.9 million parameters" in text
    assert "small budget" in text
    assert not re.search(r"nan|\{|\}", text)


def test_the_page_of_the_published_size_says_so():
    same = variant(0.97, by_start=(0, 0.001), noise=1e-3)
    full = Told(**{**vars(TOLD), "is_full": True, "steps": 12_500})
    text = page(results(same, same, same), RIDGE_HALVES, full)
    assert "The size is the published one." in text
    assert "12 trainings of 12,500 steps" in text
    assert "small budget" not in text
