import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate.review import review_objects
from segmetry.evaluate.review_queue import RANDOM_EVERY, advise, review_order
from segmetry.evaluate.verdicts import RIGHT, UNSEEN, WRONG

SEEDS = st.integers(0, 2**32 - 1)


def test_the_most_doubtful_come_first():
    doubt = np.linspace(0, 1, 9)
    assert review_order(doubt, names=range(9)).tolist() == list(range(8, -1, -1))


def test_every_tenth_is_drawn_from_the_rest():
    doubt = np.linspace(1, 0, 1000)
    order = review_order(doubt, names=np.arange(1000))
    drawn = order[RANDOM_EVERY - 1 :: RANDOM_EVERY]
    others = np.setdiff1d(order, drawn, assume_unique=True)
    first = order[:300]
    assert np.median(drawn[:30]) > 250  # from all over, not from the doubtful
    assert np.isin(np.arange(260), first).all()
    assert len(others) == 900


def test_places_are_counted_on_where_some_were_looked_at():
    doubt = np.linspace(1, 0, 100)
    names = np.arange(100)
    shifted = review_order(doubt, names=names, n_before=9)
    plain = review_order(doubt, names=names, random_every=0)
    assert plain.tolist() == list(range(100))
    assert shifted[0] != 0  # the tenth place: drawn
    assert shifted[1:10].tolist() == list(range(9))


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.integers(0, 120), st.integers(0, 30), st.integers(0, 12))
def test_each_object_comes_once_whatever_the_order_of_the_arrays(
    seed, n, n_before, random_every
):
    rng = np.random.default_rng(seed)
    doubt, names = rng.integers(0, 5, n) / 4, rng.permutation(10 * n)[:n]
    more = {"n_before": n_before, "random_every": random_every}
    order = review_order(doubt, names=names, **more)
    assert np.array_equal(np.sort(order), np.arange(n))
    shuffled = rng.permutation(n)
    again = review_order(doubt[shuffled], names=names[shuffled], **more)
    assert np.array_equal(names[shuffled][again], names[order])


@pytest.mark.parametrize(("doubt", "names"), [([0.1], [1, 2]), ([[0.1]], [[1]])])
def test_arrays_that_do_not_fit_are_refused(doubt, names):
    with pytest.raises(ValueError, match="one value for each"):
        review_order(doubt, names=names)


def half_reviewed(rng, n=300):
    doubt = rng.beta(0.4, 4, n)
    wrong = rng.random(n) < doubt
    order = review_order(doubt, names=np.arange(n))
    verdict = np.full(n, UNSEEN)
    seen = order[: n // 4]
    verdict[seen] = np.where(wrong[seen], WRONG, RIGHT)
    return review_objects(doubt, verdict), order[n // 4 :]


def test_an_advice_tells_what_was_seen_and_what_is_left():
    told, order = half_reviewed(np.random.default_rng(1))
    advice = advise(told, order)
    assert (advice.n_seen, advice.n_left) == (75, 225)
    assert advice.n_wrong == (told.verdict == WRONG).sum()
    assert advice.errors_left == told.errors_left()
    stay = 75 - advice.n_wrong + 225
    assert advice.precision == pytest.approx(1 - advice.errors_left.value / stay)
    assert advice.precision_low == pytest.approx(1 - advice.errors_left.high / stay)
    assert advice.precision_high == pytest.approx(1 - advice.errors_left.low / stay)


def test_the_next_hold_a_part_of_the_errors_left_and_more_than_their_share():
    told, order = half_reviewed(np.random.default_rng(2))
    advice = advise(told, order, n_next=30)
    assert advice.n_next == 30
    expected = told.probability[order[:30]].sum()
    assert advice.errors_next.value == pytest.approx(expected, rel=0.02)
    assert advice.errors_left.value * 30 / 225 < advice.errors_next.value
    assert advise(told, order, n_next=10_000).n_next == 225


def test_a_higher_precision_asks_for_more():
    told, order = half_reviewed(np.random.default_rng(3))
    asked = [
        advise(told, order, precision=share).n_to_stop
        for share in (0.5, 0.9, 0.95, 0.98, 0.999)
    ]
    assert asked == sorted(asked)
    assert asked[0] == 0
    assert asked[-1] > 100


def test_the_advice_is_to_stop_once_the_precision_is_certain():
    """All of 200 looked at were right, and five are left."""
    verdict = np.repeat([RIGHT, UNSEEN], [200, 5])
    told = review_objects(np.full(205, 0.05), verdict)
    assert advise(told, np.arange(200, 205)).n_to_stop == 0


def test_the_advice_comes_true():
    """After so many more, the lower end of the precision reaches what was asked for."""
    told, order = half_reviewed(np.random.default_rng(4))
    n_more = advise(told, order, precision=0.97).n_to_stop
    assert 0 < n_more < len(order)
    rest = np.isin(np.arange(300), order[n_more:])
    stay = 300 - (told.verdict == WRONG).sum() - told.probability[order[:n_more]].sum()
    assert told.errors_left(rest).high <= 0.03 * stay


def test_where_none_is_left_nothing_is_to_do():
    told = review_objects([0.5, 0.5], [RIGHT, WRONG])
    advice = advise(told, np.zeros(0, np.intp))
    assert (advice.n_left, advice.n_next, advice.n_to_stop) == (0, 0, 0)
    assert advice.precision == 1
    nothing = advise(review_objects([], []), np.zeros(0, np.intp))
    assert nothing.precision is None


@pytest.mark.parametrize("precision", [0, 1, -0.2, 1.5])
def test_a_precision_that_none_can_have_is_refused(precision):
    told = review_objects([0.5], [UNSEEN])
    with pytest.raises(ValueError, match="between 0 and 1"):
        advise(told, np.zeros(1, np.intp), precision=precision)
