import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate.correction_scores import share_over_pictures


def test_the_share_is_that_of_all_objects_not_the_mean_over_pictures():
    assert share_over_pictures([90, 0], [100, 10], n_pictures=20).value == 90 / 110


def test_objects_that_are_all_right_leave_doubt():
    sure = share_over_pictures([20, 30, 25], [20, 30, 25], n_pictures=60)
    assert sure.value == 1
    assert sure.high == pytest.approx(1)
    assert 0.7 < sure.low < 0.97


def test_more_objects_leave_less_doubt():
    few = share_over_pictures([9, 8, 10, 9], [10, 10, 10, 10], n_pictures=60)
    many = share_over_pictures([90, 80, 100, 90], [100, 100, 100, 100], n_pictures=60)
    assert few.value == many.value
    assert many.high - many.low < few.high - few.low


def test_pictures_that_differ_leave_more_doubt_than_pictures_that_do_not():
    alike = share_over_pictures([80, 80, 80, 80], [100] * 4, n_pictures=60)
    unlike = share_over_pictures([100, 60, 95, 65], [100] * 4, n_pictures=60)
    assert unlike.high - unlike.low > 1.5 * (alike.high - alike.low)


def test_with_all_pictures_corrected_the_share_is_exact():
    exact = share_over_pictures([7, 8], [10, 10], n_pictures=2)
    assert (exact.value, exact.low, exact.high) == (0.75, 0.75, 0.75)


def test_one_picture_has_a_share_without_an_interval():
    one = share_over_pictures([7], [10], n_pictures=5)
    assert (one.value, one.low, one.high) == (0.7, None, None)


def test_no_object_has_no_share():
    assert share_over_pictures([0, 0], [0, 0], n_pictures=5).value is None


@pytest.mark.parametrize(
    ("part", "whole", "n_pictures", "said"),
    [
        ([1, 2], [3], 5, "one part for each whole"),
        ([4], [3], 5, "between 0 and its whole"),
        ([-1], [3], 5, "between 0 and its whole"),
        ([1, 1], [3, 3], 1, "at most as many"),
    ],
)
def test_what_is_no_share_is_refused(part, whole, n_pictures, said):
    with pytest.raises(ValueError, match=said):
        share_over_pictures(part, whole, n_pictures=n_pictures)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_an_interval_holds_its_share_and_stays_between_0_and_1(k, seed):
    rng = np.random.default_rng(seed)
    whole = rng.integers(0, 60, k)
    share = share_over_pictures(rng.binomial(whole, 0.8), whole, n_pictures=3 * k)
    if share.value is not None:
        assert 0 <= share.low <= share.value <= share.high <= 1


@pytest.mark.slow
def test_the_interval_holds_the_recall_of_all_pictures():
    rng = np.random.default_rng(2)
    held = []
    for _ in range(1000):
        true = rng.poisson(rng.gamma(10, 3, 60))
        found = rng.binomial(true, rng.beta(22, 3, 60))
        recall = share_over_pictures(found[:6], true[:6], n_pictures=60)
        held.append(recall.low <= found.sum() / true.sum() <= recall.high)
    assert 0.93 <= np.mean(held) <= 0.99
