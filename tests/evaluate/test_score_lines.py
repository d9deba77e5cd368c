import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from segmetry.evaluate.score_lines import SCALE, likely_lines

SEEDS = st.integers(0, 2**32 - 1)


def counts(*pictures):
    """Objects by picture and place, from scores and numbers."""
    table = np.zeros((len(pictures), len(SCALE)))
    for row, told in zip(table, pictures, strict=True):
        for score, number in told.items():
            row[np.flatnonzero(score == SCALE)] = number
    return table


def drawn_lines(rng, n, usual):
    """Lines drawn from the prior, which the grid must agree with."""
    spread = rng.choice([0.0, 0.5, 1.2], n, p=[0.4, 0.4, 0.2])
    untold = rng.choice([0.0, 0.003, 0.015], n, p=[0.6, 0.3, 0.1])
    slope = np.exp(rng.normal(0, 0.3, n))
    level = usual + rng.normal(0, 1, n)

    def probability(scores, own):
        odds = level + slope * (np.asarray(scores)[:, None] - usual) + spread * own
        return untold + (1 - untold) * expit(odds)

    return probability


def told_by_drawing(wrong, right, usual, *, n=40_000):
    """The probability of an error by picture and place, by drawing from the prior."""
    rng = np.random.default_rng(0)
    probability = drawn_lines(rng, n, usual)
    likely, each = np.ones(n), []
    for its_wrong, its_right in zip(wrong, right, strict=True):
        chance = probability(SCALE, rng.standard_normal(n))
        each.append(chance)
        for k in np.flatnonzero(its_wrong + its_right):
            likely = likely * chance[k] ** its_wrong[k] * (1 - chance[k]) ** its_right[k]
    return np.stack([chance @ likely / likely.sum() for chance in each])


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (counts({}), counts({})),
        (counts({0.0: 3}), counts({0.0: 2, -3.0: 4})),
        (counts({}), counts({-4.0: 20})),
        (counts({2.0: 6}, {-1.0: 1}, {}), counts({}, {-1.0: 6}, {})),
    ],
    ids=["no verdicts", "some", "all right", "three pictures"],
)
@pytest.mark.slow
def test_the_grid_agrees_with_drawing_from_the_prior(wrong, right):
    told = likely_lines(wrong, right, usual=-2.0).told
    chosen = (SCALE >= -6) & (SCALE <= 5)
    expected = told_by_drawing(wrong, right, -2.0)
    assert told[:, chosen] == pytest.approx(expected[:, chosen], abs=0.025)


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_weights_are_shares_and_lines_rise(seed):
    rng = np.random.default_rng(seed)
    shape = (3, len(SCALE))
    wrong, right = rng.poisson(0.1, shape).astype(float), rng.poisson(0.2, shape)
    lines = likely_lines(wrong, right.astype(float), usual=rng.normal(-2, 1))
    assert lines.weights.sum() == pytest.approx(1)
    assert lines.nodes.sum(axis=2) == pytest.approx(1)
    assert (np.diff(lines.probability, axis=0) >= 0).all()
    assert (np.diff(lines.told, axis=1) >= 0).all()


def test_thousands_of_verdicts_are_followed_closely():
    """The grid is laid closer the more is known."""
    scores = np.arange(-6, 3.1, 1.0)
    chance = expit(0.7 * scores + 0.8)
    wrong = counts(dict(zip(scores, 5000 * chance, strict=True)))
    right = counts(dict(zip(scores, 5000 * (1 - chance), strict=True)))
    lines = likely_lines(wrong, right, usual=-2.0)
    places = np.isin(SCALE, scores)
    assert lines.told[0, places] == pytest.approx(chance, abs=0.004)


def test_moments_are_those_of_counts_drawn_from_the_lines():
    rng = np.random.default_rng(1)
    lines = likely_lines(counts({0.0: 2}, {}), counts({-3.0: 3}, {}), usual=-2.0)
    left = counts({-2.0: 30}, {-1.0: 12, 1.0: 3})
    means, variances = lines.moments(left)
    line = int(np.argmax(lines.weights))
    totals = np.zeros(20_000)
    for row, nodes in zip(left, lines.nodes[:, line], strict=True):
        node = rng.choice(len(nodes), len(totals), p=nodes)
        for place in np.flatnonzero(row):
            chance = lines.probability[place, line, node]
            totals += rng.binomial(int(row[place]), chance)
    assert means[line] == pytest.approx(totals.mean(), rel=0.03)
    assert variances[line] == pytest.approx(totals.var(), rel=0.06)
