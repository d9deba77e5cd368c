import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from segmetry.evaluate.corrected_sample import (
    METHODS,
    estimate_mean,
    estimate_total,
    totals,
)

K, CORRECTED, TRIALS = 60, 6, 2000


def counts(seed, *, mean=30.0, over=1.0, recall=(0.88, 0.06), false=2.0, trials=TRIALS):
    """Draw true and automatic counts: variance `over` times the mean, recall by picture."""
    rng = np.random.default_rng(seed)
    shape = (trials, K)
    rate = mean if over == 1 else rng.gamma(mean / (over - 1), over - 1, shape)
    true = rng.poisson(rate, shape)
    centre, spread = recall
    size = centre * (1 - centre) / spread**2 - 1
    found = rng.binomial(true, rng.beta(centre * size, (1 - centre) * size, shape))
    return true.astype(float), (found + rng.poisson(false, shape)).astype(float)


def trial(true, found, method="prediction-powered"):
    """Return value, low and high in every trial; the first pictures are corrected ones."""
    return totals(found, found[:, :CORRECTED], true[:, :CORRECTED], method=method)


@pytest.mark.parametrize("over", [1.0, 4.0])
def test_the_interval_holds_the_true_total_and_is_narrower_than_correcting_alone(over):
    true, found = counts(int(over), over=over)
    total = true.sum(axis=1)
    _, low, high = trial(true, found)
    assert 0.92 <= ((low <= total) & (total <= high)).mean() <= 0.98
    _, alone_low, alone_high = trial(true, found, "corrected alone")
    assert (high - low).mean() < 0.8 * (alone_high - alone_low).mean()


def test_useless_automatic_counts_cost_little():
    true = counts(7, over=4.0)[0]
    useless = counts(8, over=4.0)[0]
    total = true.sum(axis=1)
    _, low, high = trial(true, useless)
    _, alone_low, alone_high = trial(true, useless, "corrected alone")
    assert 0.92 <= ((low <= total) & (total <= high)).mean() <= 0.98
    assert (high - low).mean() < 1.25 * (alone_high - alone_low).mean()


@pytest.mark.parametrize("method", METHODS)
def test_no_estimator_is_off_on_average(method):
    true, found = counts(9, over=4.0)
    value = trial(true, found, method)[0]
    assert value.mean() == pytest.approx(true.sum(axis=1).mean(), rel=0.01)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 9), st.sampled_from(list(METHODS)), st.integers(0, 10_000))
def test_with_all_pictures_corrected_the_total_is_theirs(k, method, seed):
    rng = np.random.default_rng(seed)
    true, found = rng.poisson(20, k), 1 + rng.poisson(20, k)
    total = estimate_total(found, found, true, method=method)
    assert total.value == pytest.approx(true.sum())
    assert total.low == pytest.approx(true.sum())
    assert total.high == pytest.approx(true.sum())


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(list(METHODS)), st.integers(0, 10_000))
def test_pictures_have_no_order(method, seed):
    rng = np.random.default_rng(seed)
    true, found = rng.poisson(20, 5), 1 + rng.poisson(20, 30)
    turned = rng.permutation(5)
    one = estimate_total(found, found[:5], true, method=method)
    other = estimate_total(
        rng.permutation(found), found[:5][turned], true[turned], method=method
    )
    assert other.value == pytest.approx(one.value)
    assert other.high == pytest.approx(one.high)


def test_correcting_alone_is_the_textbook_interval():
    corrected = [12.0, 20.0, 16.0, 24.0]
    total = estimate_total(range(40), [1, 2, 3, 4], corrected, method="corrected alone")
    half = student.ppf(0.975, 3) * 40 * np.std(corrected, ddof=1) / 2 * np.sqrt(0.9)
    assert total.value == 40 * 18
    assert total.high == pytest.approx(720 + half)


def test_the_difference_takes_off_the_mean_error():
    total = estimate_total([10] * 20, [10, 10, 10], [12, 11, 13], method="difference")
    assert total.value == pytest.approx(20 * 12)


def test_the_ratio_follows_recall():
    total = estimate_total([8, 16, 24, 32], [8, 16], [10, 20], method="ratio")
    assert total.value == pytest.approx(100)
    assert total.high == pytest.approx(100)


def test_a_ratio_to_nothing_has_no_value():
    total = estimate_total([0, 0, 5], [0, 0], [1, 2], method="ratio")
    assert (total.value, total.low, total.high) == (None, None, None)


def test_what_was_counted_by_hand_is_there():
    total = estimate_total([0, 0, 0, 90], [0, 0, 90], [3, 4, 1])
    assert total.low >= 8
    assert total.value >= 8


def test_no_change_in_a_few_pictures_is_not_taken_for_a_proof():
    same = [10, 12, 9, 14, 11, 8]
    total = estimate_total(same * 10, same, same)
    assert total.value == pytest.approx(640)
    assert total.low < 630
    assert total.high > 650


def test_two_pictures_pull_the_slope_but_a_little():
    # Mean of all 20 with variance 200/3, of the two 15; their own slope would be 0.8.
    total = estimate_total([10, 20, 30], [10, 20], [12, 20])
    slope = (40 + 2 * 200 / 3) / (50 + 2 * 200 / 3)
    assert total.value == pytest.approx(3 * (16 + 5 * slope))


def test_where_too_much_is_found_the_slope_is_drawn_towards_the_share_that_is_right():
    # Six pictures of 20 automatic objects of which 10 are right, six more of 40; two
    # pictures' worth of the mean, 30, are taken to be all right.
    total = estimate_total([20] * 6 + [40] * 6, [20] * 6, [10] * 6)
    share = (6 * 10 + 2 * 30) / (6 * 20 + 2 * 30)
    assert total.value == pytest.approx(12 * (10 + share * (30 - 20)))


def test_a_picture_richer_than_all_corrected_ones_is_uncertain_by_what_is_in_excess():
    same = [10, 12, 9, 14, 11, 8]
    total = estimate_total([*same * 10, 300], same, same)
    unseen = 61 * np.sqrt((1 - 6 / 61) * 0.5) / 6  # half an error in six pictures
    half = student.ppf(0.975, 5) * np.hypot((300 - 14) / np.sqrt(6), unseen)
    assert total.value == pytest.approx(640 + 300)
    assert total.high - total.value == pytest.approx(half)


def test_one_corrected_picture_gives_no_interval():
    total = estimate_total([10, 20, 30], [20], [22])
    assert total.value == pytest.approx(66)
    assert (total.low, total.high, total.n) == (None, None, 1)


def test_a_higher_level_is_wider():
    data = ([10, 20, 30, 15, 25], [20, 10, 15], [22, 10, 18])
    assert estimate_total(*data, level=0.99).high > estimate_total(*data).high


@pytest.mark.parametrize(
    ("data", "options", "said"),
    [
        (([1, 2], [1], [1, 2]), {}, "expected arrays of shape"),
        (([[1, 2]], [1], [1]), {}, "expected arrays of shape"),
        (([1, 2], [], []), {}, "can be corrected, got 0"),
        (([1], [1, 1], [1, 1]), {}, "can be corrected, got 2"),
        (([1, np.nan], [1], [1]), {}, "must be numbers"),
        (([1, 2], [1], [-1]), {}, "must not be negative"),
        (([1, 2], [1], [1]), {"method": "guess"}, "method must be one of"),
        (([1, 2], [1], [1]), {"level": 95}, "level must lie between 0 and 1"),
    ],
)
def test_what_is_no_sample_is_refused(data, options, said):
    with pytest.raises(ValueError, match=said):
        estimate_total(*data, **options)


def sizes(rng):
    """Draw sums of sizes and counts of pictures; automatic ones are smaller and fewer."""
    n = rng.poisson(rng.gamma(10, 3, K))
    size = n * rng.normal(12, 1, K)
    found = rng.binomial(n, rng.beta(22, 3, K))
    automatic = np.stack([found * rng.normal(10.5, 0.4, K), found], axis=1)
    return np.stack([size, n], axis=1).astype(float), automatic.astype(float)


@pytest.mark.slow
def test_the_interval_of_the_mean_size_holds_it():
    rng = np.random.default_rng(0)
    held, values, truths = [], [], []
    for _ in range(1500):
        true, found = sizes(rng)
        mean = estimate_mean(found, found[:CORRECTED], true[:CORRECTED])
        truths.append(true[:, 0].sum() / true[:, 1].sum())
        values.append(mean.value)
        held.append(mean.low <= truths[-1] <= mean.high)
    assert 0.92 <= np.mean(held) <= 0.98
    assert np.mean(values) == pytest.approx(np.mean(truths), rel=0.005)


def test_the_mean_size_of_all_corrected_pictures_is_exact():
    true, found = sizes(np.random.default_rng(0))
    mean = estimate_mean(found, found, true)
    exact = true[:, 0].sum() / true[:, 1].sum()
    assert mean.value == pytest.approx(exact)
    assert mean.low == pytest.approx(exact)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 100), st.integers(0, 10_000))
def test_sizes_in_another_unit_are_the_same_sizes(factor, seed):
    true, found = sizes(np.random.default_rng(seed))
    one = estimate_mean(found, found[:5], true[:5])
    unit = np.array([factor, 1.0])
    other = estimate_mean(found * unit, found[:5] * unit, true[:5] * unit)
    assert other.value == pytest.approx(factor * one.value)
    assert other.high == pytest.approx(factor * one.high)


def test_automatic_sizes_that_are_all_too_small_by_a_factor_are_no_harm():
    true, found = sizes(np.random.default_rng(1))
    found = true * (0.8, 1.0)
    mean = estimate_mean(found, found[:CORRECTED], true[:CORRECTED])
    assert mean.value == pytest.approx(true[:, 0].sum() / true[:, 1].sum(), rel=0.01)


def test_a_size_without_objects_has_no_mean():
    assert estimate_mean([(5.0, 1), (4.0, 1)], [(5.0, 1)], [(0.0, 0)]).value is None


def test_one_corrected_picture_gives_a_mean_without_an_interval():
    mean = estimate_mean([(10.0, 2), (20.0, 4)], [(10.0, 2)], [(12.0, 2)])
    assert mean.value == pytest.approx(6)
    assert mean.low is None


def test_the_interval_of_a_mean_size_is_the_textbook_one_where_automatic_ones_are_equal():
    # Then nothing is to be learned from these, and what is left is the ratio of sums of
    # Cochran's chapter 6: (1 - f) / (n mean²) times the variance of size - ratio count.
    corrected = np.array([(30.0, 3), (44.0, 4), (48.0, 4), (70.0, 5)])
    mean = estimate_mean([(30.0, 3)] * 20, [(30.0, 3)] * 4, corrected)
    ratio = (30 + 44 + 48 + 70) / 16
    errors = corrected[:, 0] - ratio * corrected[:, 1]
    error = np.sqrt((1 - 4 / 20) * np.var(errors, ddof=1) / 4) / 4
    # Of three degrees of freedom the slope, which two more pictures pull, takes 3 / 5.
    half = student.ppf(0.975, 3 - 3 / 5) * error
    assert mean.value == pytest.approx(ratio)
    assert mean.high - mean.value == pytest.approx(half)
    assert mean.value - mean.low == pytest.approx(half)


def test_many_trials_at_once_are_the_same_as_one_by_one():
    true, found = counts(11, over=4.0, trials=5)
    value, low, high = trial(true, found)
    for row in range(5):
        one = estimate_total(found[row], found[row, :CORRECTED], true[row, :CORRECTED])
        assert (one.value, one.low, one.high) == pytest.approx(
            (value[row], low[row], high[row])
        )


def test_objects_too_few_to_bear_the_correction_have_no_mean_size():
    # The one object by hand is small; the automatic ones of these pictures were wrong.
    automatic = [(105.0, 9), (41.0, 3), (0.0, 0), (80.0, 7), (81.0, 10), (30.0, 3)]
    automatic += [(52.0, 9), (18.0, 2), (27.0, 5), (38.0, 5), *[(0.0, 0)] * 8]
    mean = estimate_mean(automatic, automatic[:3], [(0.0, 0), (0.0, 0), (7.0, 1)])
    assert (mean.value, mean.low, mean.high, mean.n) == (None, None, None, 3)


@given(st.integers(0, 100_000))
def test_the_interval_of_a_mean_size_holds_it_however_few_objects_there_are(seed):
    rng = np.random.default_rng(seed)
    n_all = rng.integers(4, 40)
    n = rng.integers(2, min(6, n_all) + 1)
    automatic, true = (
        np.stack([counts * rng.uniform(5, 15, n_all), counts], axis=1)
        for counts in rng.poisson(rng.gamma(0.3, 10, (2, n_all)))
    )
    mean = estimate_mean(automatic, automatic[:n], true[:n])
    if mean.value is not None:
        assert 0 <= mean.low <= mean.value <= mean.high < np.inf
        assert mean.value > 0
