"""Weights that tell doubtful objects can be fitted anew by benchmarks/fit_doubt.py."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from segmetry.segment.doubt import TRAITS, WEIGHTS

PATH = Path(__file__).parents[2] / "benchmarks" / "fit_doubt.py"


@pytest.fixture(scope="module")
def script():
    found = importlib.util.spec_from_file_location("fit_doubt", PATH)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def objects(rng, n, *, wrong=0.3, constant=0.0):
    """Traits of objects, of which only the second tells which are right."""
    rows, right = rng.random((n, len(TRAITS))), rng.random(n) >= wrong
    rows[:, 1] = np.where(right, 0.9, 0.4) + rng.normal(0, 0.1, n) + constant
    return rows, right


def test_the_trait_that_tells_right_objects_gets_the_weight(script):
    rng = np.random.default_rng(0)
    found = script.fitted([objects(rng, 400), objects(rng, 9000)])
    weights = dict(zip(TRAITS, found.coefficients, strict=True))
    assert weights["steady_above"] > 10 * max(
        abs(weight) for trait, weight in weights.items() if trait != "steady_above"
    )


def test_a_large_set_counts_no_more_than_a_small_one(script):
    rng = np.random.default_rng(1)
    small, large = objects(rng, 300, wrong=0.6), objects(rng, 30_000, wrong=0.1)
    found = script.fitted([small, large])
    rows = np.concatenate([small[0], large[0][:300]])
    assert found.probability(rows).mean() == pytest.approx(0.65, abs=0.04)


def test_the_same_objects_give_the_same_weights(script):
    sets = [objects(np.random.default_rng(seed), 500) for seed in (2, 3)]
    assert script.fitted(sets) == script.fitted(sets)


def test_the_area_is_the_share_of_pairs_in_the_right_order(script):
    rng = np.random.default_rng(4)
    told, right = rng.random(40), rng.random(40) < 0.6
    pairs = told[right][:, None] > told[~right]
    assert script.area(told, right) == pytest.approx(pairs.mean())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::segmetry.errors.SegmetryWarning")  # hard slices
def test_drawn_slices_are_judged_alike_each_time_and_tell_as_the_weights_say(script):
    seeds = range(80_000, 80_003)  # neither of the fit nor of the exam
    rows, right = script.judged(script.slices(seeds), "auto")
    again = script.judged(script.slices(seeds), "auto")
    assert np.array_equal(rows, again[0])
    assert np.array_equal(right, again[1])
    assert len(rows) == len(right) > 30
    assert 0 < right.sum() < len(right)
    assert script.area(-rows @ np.array(WEIGHTS), right) > 0.6
