import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binom, nbinom, poisson

from segmetry.evaluate.review import Errors, _at_most, review_objects
from segmetry.evaluate.review_queue import review_order
from segmetry.evaluate.verdicts import RIGHT, UNSEEN, WRONG

SEEDS = st.integers(0, 2**32 - 1)


def population(rng, n=300, *, base=-3.0, spread=1.8):
    """Doubts that are true: each object is wrong with the probability that is told."""
    doubt = expit(rng.normal(base, spread, n))
    return doubt, rng.random(n) < doubt


def partly(wrong, seen):
    return np.where(seen, np.where(wrong, WRONG, RIGHT), UNSEEN)


def test_without_verdicts_the_method_is_believed():
    doubt = np.array([0.0, 0.003, 0.01, 0.1, 0.37, 0.5, 0.8, 0.97, 0.997, 1.0])
    told = review_objects(doubt, np.full(10, UNSEEN)).probability
    assert told == pytest.approx(np.clip(doubt, 0.003, 0.997))


def test_without_verdicts_as_many_errors_are_expected_as_the_method_says():
    doubt = np.linspace(0.01, 0.6, 200)
    left = review_objects(doubt, np.full(200, UNSEEN)).errors_left()
    assert left.value == pytest.approx(doubt.sum())
    assert left.low < doubt.sum() / 1.4  # nobody knows yet whether the method is right here
    assert left.high > doubt.sum() * 1.4


def test_where_all_were_looked_at_no_error_is_left_and_that_is_certain():
    doubt, wrong = population(np.random.default_rng(1))
    told = review_objects(doubt, partly(wrong, np.ones(300, bool)))
    assert told.errors_left() == Errors(0.0, 0, 0)
    assert np.array_equal(told.probability, wrong)


def test_no_objects_have_no_errors():
    assert review_objects([], []).errors_left() == Errors(0.0, 0, 0)


def test_right_objects_lower_and_wrong_ones_raise_what_is_expected_of_the_others():
    doubt = np.full(120, 0.1)
    seen = np.arange(120) < 40
    before = review_objects(doubt, np.full(120, UNSEEN)).only(~seen).errors_left()
    fewer = review_objects(doubt, partly(np.zeros(120, bool), seen)).errors_left()
    more = review_objects(doubt, partly(np.ones(120, bool), seen)).errors_left()
    assert fewer.value < before.value / 3
    assert more.value > before.value * 5


def test_many_verdicts_overrule_a_method_that_is_far_too_sure():
    rng = np.random.default_rng(2)
    doubt, _ = population(rng, 3000)
    true = expit(logit(doubt) + 1.5)
    wrong, seen = rng.random(3000) < true, rng.random(3000) < 0.5
    told = review_objects(doubt, partly(wrong, seen))
    assert told.probability[~seen] == pytest.approx(true[~seen], abs=0.08)
    left = told.errors_left()
    assert left.low <= wrong[~seen].sum() <= left.high
    assert left.high - left.low < 0.25 * left.value


def test_a_slope_is_learned_too():
    rng = np.random.default_rng(3)
    doubt, _ = population(rng, 4000, base=-1)
    true = expit(0.5 * logit(doubt))
    wrong, seen = rng.random(4000) < true, rng.random(4000) < 0.6
    told = review_objects(doubt, partly(wrong, seen))
    middle = ~seen & (doubt > 0.05) & (doubt < 0.8)
    assert told.probability[middle] == pytest.approx(true[middle], abs=0.06)


def test_a_bad_picture_tells_most_of_itself_and_a_little_of_the_others():
    doubt, picture = np.full(200, 0.1), np.repeat([0, 1], 100)
    seen = np.arange(200) < 40  # all of the first picture, and all wrong
    told = review_objects(doubt, partly(seen, seen), picture=picture).probability
    assert told[50] > 0.6
    assert 0.12 < told[150] < told[50]


def test_pictures_of_different_quality_widen_what_is_said_of_one_not_seen():
    rng = np.random.default_rng(4)
    picture = np.repeat(np.arange(9), 80)
    doubt = np.full(720, 0.1)
    even = rng.random(720) < 0.1
    bad = np.isin(picture, [1, 4, 7])
    uneven = rng.random(720) < np.where(bad, 0.28, 0.01)
    seen = picture < 8
    widths = []
    for wrong in (even, uneven):
        left = review_objects(doubt, partly(wrong, seen), picture=picture).errors_left()
        widths.append((left.high - left.low) / max(left.value, 1))
    assert widths[1] > 1.4 * widths[0]


def test_part_of_the_objects_is_told_by_the_verdicts_on_all():
    rng = np.random.default_rng(5)
    doubt, wrong = population(rng)
    whole = review_objects(doubt, partly(wrong, rng.random(300) < 0.3))
    some = rng.random(300) < 0.5
    assert whole.only(some).errors_left() == whole.errors_left(some)
    assert np.array_equal(whole.only(some).probability, whole.probability[some])


@pytest.mark.parametrize(
    ("doubt", "verdict", "picture", "message"),
    [
        ([0.1, 0.2], [UNSEEN], None, "one value for each"),
        ([0.1], [UNSEEN], [0, 1], "one value for each"),
        ([[0.1]], [[UNSEEN]], [[0]], "one value for each"),
        ([1.2], [UNSEEN], None, "from 0 to 1"),
        ([np.nan], [UNSEEN], None, "from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(doubt, verdict, picture, message):
    with pytest.raises(ValueError, match=message):
        review_objects(doubt, verdict, picture=picture)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_within_a_picture_more_doubt_is_never_a_smaller_probability(seed):
    rng = np.random.default_rng(seed)
    doubt = np.sort(rng.random(60))
    wrong = rng.random(60) < rng.random()  # also where the method knows nothing
    picture = rng.integers(0, 3, 60)
    told = review_objects(doubt, partly(wrong, rng.random(60) < 0.5), picture=picture)
    for number in range(3):
        rising = told.probability[(picture == number) & (told.verdict == UNSEEN)]
        assert (np.diff(rising) >= -1e-9).all()
    assert ((told.probability >= 0) & (told.probability <= 1)).all()


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_the_order_of_objects_and_the_numbers_of_pictures_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    doubt, wrong = population(rng, 50)
    picture = rng.integers(0, 4, 50)
    verdict = partly(wrong, rng.random(50) < 0.4)
    one = review_objects(doubt, verdict, picture=picture)
    order = rng.permutation(50)
    names = np.array([90, 7, 31, 2])
    other = review_objects(doubt[order], verdict[order], picture=names[picture][order])
    assert other.probability == pytest.approx(one.probability[order])
    assert other.errors_left().value == pytest.approx(one.errors_left().value)


@pytest.mark.parametrize("known", [binom(30, 0.2), poisson(4.0), nbinom(6, 0.4)])
def test_counts_of_known_kind_have_their_exact_probabilities(known):
    mean, variance = (np.array([float(one)]) for one in known.stats("mv"))
    for number in (0, 2, 7, 15, 40):
        told = _at_most(number, mean, variance)
        assert told[0] == pytest.approx(known.cdf(number), abs=1e-6)


def test_a_count_without_a_mean_is_none():
    assert _at_most(0, np.zeros(1), np.zeros(1)).tolist() == [1.0]


def drawn_review(rng, n_seen, *, is_queue=True, off=1.0):
    """A person looks at some objects of four pictures, where a method is off somehow."""
    n, picture = 240, np.repeat(np.arange(4), 60)
    doubt = expit(rng.normal(rng.uniform(-4, -2), rng.uniform(1, 2.2), n))
    odds = np.exp(off * rng.normal(0, 0.25)) * logit(doubt) + off * rng.normal(0, 0.7)
    odds += off * rng.choice([0, 0.5]) * rng.standard_normal(4)[picture]
    wrong = rng.random(n) < expit(odds)
    order = rng.permutation(n)
    if is_queue:
        order = review_order(doubt, names=rng.permutation(n))
    seen = np.zeros(n, bool)
    seen[order[:n_seen]] = True
    left = review_objects(doubt, partly(wrong, seen), picture=picture).errors_left()
    return left, int(wrong[~seen].sum())


@pytest.mark.slow
def test_few_verdicts_do_no_harm():
    """What is expected is no worse than before, and does not drift where all was right."""
    for off in (1.0, 0.0):
        before, after = np.zeros((2, 30, 2))
        for seed in range(30):
            for rows, n_seen in ((before, 0), (after, 10)):
                rng = np.random.default_rng(seed)
                left, truth = drawn_review(rng, n_seen, off=off)
                rows[seed] = left.value, truth
        if off:
            errors = [np.abs(rows[:, 0] - rows[:, 1]).mean() for rows in (before, after)]
            assert errors[1] < errors[0]
        assert after[:, 0].mean() == pytest.approx(after[:, 1].mean(), rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("is_queue", [True, False], ids=["queue", "random"])
def test_the_interval_holds_what_is_truly_left(is_queue):
    """In 1,000 reviews of `benchmarks/review_coverage.py`, and in fewer here."""
    rng = np.random.default_rng(7)
    n_trials = 60
    told = [
        drawn_review(rng, (12, 48, 120)[trial % 3], is_queue=is_queue)
        for trial in range(n_trials)
    ]
    held = sum(left.low <= truth <= left.high for left, truth in told)
    assert held >= 0.9 * n_trials


def test_ten_thousand_objects_of_a_hundred_pictures_are_told_at_once():
    rng = np.random.default_rng(9)
    doubt, wrong = population(rng, 10_000)
    picture = np.repeat(np.arange(100), 100)
    verdict = partly(wrong, (picture < 10) & (rng.random(10_000) < 0.5))
    start = time.process_time()
    review_objects(doubt, verdict, picture=picture).errors_left()
    assert time.process_time() - start < 5
