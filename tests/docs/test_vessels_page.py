"""What the page on vessels says is what its tables and the shipped model's card tell."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def test_the_shipped_start_is_the_best_by_the_criterion_that_is_named(
    page, card, rows_of, in_one_line
):
    plain = [row for row in rows_of("starts") if row["flips"] == "no"]
    best = max(plain, key=lambda row: float(row["held out, per picture"]))
    assert best["start"] == str(card.training.seed)
    assert f"Start {best['start']} comes with the program" in page
    means = sorted(float(row["held out, per picture"]) for row in plain)
    assert f"within {means[-1] - means[0]:.5f} there" in in_one_line


def test_one_start_is_told_as_it_is_in_the_table(rows_of, in_one_line):
    pooled = [row["held out"] for row in rows_of("starts") if row["flips"] == "yes"]
    assert f"one start {min(pooled)} to {max(pooled)} " in in_one_line


def test_whether_the_goal_is_missed_and_the_floor_held_follows_from_the_table(
    page, rows_of, in_one_line
):
    first = rows_of("scores")[0]["AUC-ROC, first observer"]
    value, low, high = (float(number) for number in re.findall(r"\d\.\d+", first))
    assert 0.979 < value < 0.985
    told = f"against the first observer, and it is missed**: {value:.4f}"
    assert told in in_one_line
    assert (high < 0.985) == ("0.985 lies above its interval" in in_one_line)
    assert (low < 0.979) == (f"the interval begins at {low:.4f}" in page)


def test_what_lighter_numbers_cost_is_on_the_card(card, in_one_line):
    losses = {kind: told["dice_loss"] for kind, told in card.fidelity.items()}
    told = in_one_line
    assert f"(int8) cost the shipped weights {losses['int8']:.3f} of Dice" in told
    assert f"(bf16) cost {losses['bf16']:.5f} " in told
    assert "after it, on the 20 pictures" in card.training.options["note"]


def test_the_comparison_of_ways_to_learn_is_one_step_away(page):
    assert "](vessels_comparison.md)" in page
    assert (DOCS / "vessels_comparison.md").is_file()


def test_a_limit_that_rests_on_one_try_says_so():
    limit = pytest.importorskip("segmetry.learn.start")._LEAST_ALIKE
    page = (DOCS / "training.md").read_text(encoding="utf-8")
    told = re.sub(r"\s+", " ", page)
    assert f"if its Dice is above {limit}" in told
    assert f"That limit of {limit} rests on one try" in told
