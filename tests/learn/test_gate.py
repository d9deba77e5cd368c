import json

import numpy as np
import pytest

from segmetry.learn.gate import compare


def test_a_model_that_is_better_on_all_pictures_is_accepted_with_its_interval():
    old = [0.5, 0.6, 0.4, 0.7, 0.55, 0.65]
    verdict = compare([score + 0.1 for score in old], old, name="nuclei")
    assert verdict.accepted
    assert (verdict.n_better, verdict.n_worse) == (6, 0)
    assert verdict.difference == pytest.approx(0.1)
    assert verdict.low == pytest.approx(0.1)
    assert "Accepted in place of nuclei" in verdict.sentence
    assert "chance" not in verdict.sentence


@pytest.mark.parametrize(("n", "one_in"), [(1, 2), (3, 8), (4, 16)])
def test_few_pictures_accept_but_claim_no_proof(n, one_in):
    old = np.linspace(0.5, 0.7, n)
    verdict = compare(old + 0.1, old, name="nuclei")
    assert verdict.accepted
    assert verdict.low is None
    assert verdict.high is None
    assert "So few are no proof" in verdict.sentence
    assert f"1 in {one_in} gets as far" in verdict.sentence


def test_with_few_pictures_none_may_be_worse():
    old = [0.5, 0.6, 0.7]
    assert compare([0.9, 0.9, 0.7], old, name="a").accepted
    assert not compare([0.9, 0.9, 0.69], old, name="a").accepted


def test_pictures_of_few_groups_claim_nothing_either():
    scores = np.linspace(0.4, 0.6, 8)
    groups = ["dish 1", "dish 2"] * 4
    verdict = compare(scores + 0.1, scores, name="nuclei", groups=groups)
    assert verdict.accepted
    assert verdict.low is None
    assert "on 8 held-out pictures of 2 groups" in verdict.sentence
    assert "1 in 4 gets as far" in verdict.sentence
    worse_in_one = scores + np.array([0.3, -0.1] * 4)
    assert not compare(worse_in_one, scores, name="nuclei", groups=groups).accepted


def test_a_higher_mean_is_not_enough_where_chance_may_have_made_it():
    old = np.full(6, 0.5)
    new = old + np.array([0.3, -0.1, 0.05, -0.1, 0.2, 0.02])
    verdict = compare(new, old, name="nuclei")
    assert not verdict.accepted
    assert verdict.low < 0 < verdict.difference < verdict.high
    assert "90 % interval" in verdict.sentence
    assert "which must lie above 0" in verdict.sentence


def test_a_small_but_steady_gain_is_accepted():
    gains = [0.02, 0.03, 0.01, 0.02, -0.005, 0.025]
    verdict = compare(np.add(0.5, gains), [0.5] * 6, name="nuclei")
    assert verdict.accepted
    # Student's t of 5 degrees of freedom, one-sided 5 %: 2.015 standard errors.
    error = np.std(gains, ddof=1) / np.sqrt(6)
    assert verdict.low == pytest.approx(np.mean(gains) - 2.015 * error, abs=0.1 * error)


def passed(n, effect, *, repeats=300):
    """Share of accepted models whose scores differ from the old by chance, and effect."""
    random = np.random.default_rng(n)
    old = np.full(n, 0.5)
    apart = random.normal(effect, 0.03, (repeats, n))
    return np.mean([compare(old + row, old, name="a").accepted for row in apart])


@pytest.mark.parametrize(("n", "most"), [(3, 0.18), (5, 0.09), (10, 0.09)])
def test_models_that_are_only_as_good_seldom_pass(n, most):
    assert passed(n, 0.0) < most


@pytest.mark.parametrize(("n", "least"), [(3, 0.5), (5, 0.5), (10, 0.8)])
def test_models_that_are_better_pass_more_often_than_not(n, least):
    assert passed(n, 0.03) > least


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),  # the same
        ([0.5, 0.5, 0.4], [0.5, 0.5, 0.5]),  # worse
        ([0.9, 0.4, 0.4], [0.5, 0.5, 0.5]),  # better on average, worse on most
        ([0.5 + 1e-12, 0.5, 0.5], [0.5, 0.5, 0.5]),  # rounding
    ],
)
def test_a_model_that_is_not_better_is_refused_with_the_figures(new, old):
    verdict = compare(new, old, name="nuclei")
    assert not verdict.accepted
    assert "not shown to be better than nuclei" in verdict.sentence
    assert f"{np.mean(new):.3f} against {np.mean(old):.3f}" in verdict.sentence
    assert f"worse on {verdict.n_worse}" in verdict.sentence


def test_one_picture_is_one():
    assert "on 1 held-out picture," in compare([0.5], [0.6], name="old").sentence


@pytest.mark.parametrize("seed", range(30))
def test_never_are_both_of_two_models_accepted_in_place_of_each_other(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    first, second = rng.uniform(0, 1, n), rng.uniform(0, 1, n)
    one, other = (
        compare(first, second, name="b"),
        compare(second, first, name="a"),
    )
    assert not (one.accepted and other.accepted)
    assert one.difference == pytest.approx(-other.difference)
    assert (one.n_better, one.n_worse) == (other.n_worse, other.n_better)
    if one.low is not None:
        assert one.low <= one.difference <= one.high


def test_a_verdict_is_json():
    verdict = compare([0.5], [0.4], name="old")
    assert json.loads(json.dumps(verdict.as_json()))["n_better"] == 1


@pytest.mark.parametrize(("new", "old"), [([0.5], [0.5, 0.6]), ([], [])])
def test_scores_that_do_not_pair_are_an_error(new, old):
    with pytest.raises(ValueError, match="a score for each picture"):
        compare(new, old, name="old")
