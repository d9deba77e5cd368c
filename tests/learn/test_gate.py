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


def test_three_pictures_accept_but_claim_nothing():
    verdict = compare([0.6, 0.7, 0.8], [0.5, 0.6, 0.7], name="nuclei")
    assert verdict.accepted
    assert verdict.low is None
    assert verdict.high is None
    assert "too few pictures to tell it from chance" in verdict.sentence


def test_pictures_of_few_groups_claim_nothing_either():
    scores = np.linspace(0.4, 0.6, 8)
    groups = ["dish 1", "dish 2"] * 4
    verdict = compare(scores + 0.1, scores, name="nuclei", groups=groups)
    assert verdict.accepted
    assert verdict.low is None


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
    assert "not better than nuclei" in verdict.sentence
    assert f"{np.mean(new):.3f} against {np.mean(old):.3f}" in verdict.sentence
    assert f"worse on {verdict.n_worse}" in verdict.sentence


def test_one_picture_is_one():
    assert "on 1 held-out picture," in compare([0.5], [0.6], name="old").sentence


def test_a_difference_that_may_be_chance_is_said_to_be_so():
    old = np.full(6, 0.5)
    new = old + np.array([0.3, -0.1, 0.05, -0.1, 0.2, 0.02])
    verdict = compare(new, old, name="nuclei")
    assert verdict.accepted
    assert verdict.low < 0 < verdict.high
    assert "chance is not excluded" in verdict.sentence


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
