"""Growth rates and their intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress, t

from segmetry.tracking import fit_growth

rates = st.floats(-0.5, 0.5)


@given(rate=rates, start=st.floats(0.1, 1e6), n=st.integers(3, 12))
@settings(max_examples=40)
def test_exact_growth_is_found_exactly(rate, start, n):
    times = np.arange(n, dtype=float)
    growth = fit_growth(times, start * np.exp(rate * times))
    assert growth.rate == pytest.approx(rate, abs=1e-9)
    assert growth.size == pytest.approx(start, rel=1e-9)
    assert growth.rate_low <= growth.rate <= growth.rate_high
    np.testing.assert_allclose(growth.at(times), start * np.exp(rate * times), rtol=1e-8)
    if rate > 1e-6:
        assert growth.doubling_time == pytest.approx(np.log(2) / rate)
    if rate < -1e-6:
        assert growth.doubling_time is None


def noisy(seed, *, rate=0.1, n=8, noise=0.1):
    random = np.random.default_rng(seed)
    times = np.sort(random.uniform(0, 24, n))
    return times, 50 * np.exp(rate * times + random.normal(0, noise, n))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20)
def test_the_interval_is_that_of_a_regression(seed):
    times, sizes = noisy(seed)
    growth = fit_growth(times, sizes, level=0.9)
    theirs = linregress(times, np.log(sizes))
    half = t.ppf(0.95, len(times) - 2) * theirs.stderr
    assert growth.rate == pytest.approx(theirs.slope)
    assert growth.rate_low == pytest.approx(theirs.slope - half)
    assert growth.rate_high == pytest.approx(theirs.slope + half)


@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100), later=st.floats(-50, 50))
@settings(max_examples=20)
def test_units_of_size_and_the_start_of_the_clock_do_not_matter(seed, scale, later):
    times, sizes = noisy(seed)
    plain, other = fit_growth(times, sizes), fit_growth(times + later, scale * sizes)
    assert plain.rate == pytest.approx(other.rate, rel=1e-6)
    assert plain.rate_high == pytest.approx(other.rate_high, rel=1e-6)


def test_time_in_minutes_gives_a_sixtieth_of_the_rate():
    times, sizes = noisy(1)
    hours, minutes = fit_growth(times, sizes), fit_growth(60 * times, sizes)
    assert minutes.rate == pytest.approx(hours.rate / 60)
    assert minutes.doubling_time == pytest.approx(60 * hours.doubling_time)


def test_95_of_100_intervals_hold_the_true_rate():
    growths = [fit_growth(*noisy(seed)) for seed in range(400)]
    held = np.mean([one.rate_low <= 0.1 <= one.rate_high for one in growths])
    assert 0.92 < held < 0.98
    held = np.mean(
        [
            one.doubling_time_low <= np.log(2) / 0.1
            and (
                one.doubling_time_high is None or np.log(2) / 0.1 <= one.doubling_time_high
            )
            for one in growths
        ]
    )
    assert 0.92 < held < 0.98


def test_growth_that_may_be_none_has_no_longest_doubling_time():
    growth = fit_growth([0, 1, 2, 3], [100, 120, 95, 112])
    assert growth.rate_low < 0 < growth.rate
    assert growth.doubling_time_high is None
    assert growth.doubling_time_low > 0


def test_what_stays_the_same_does_not_grow():
    growth = fit_growth([0, 2, 4, 6, 8], [4, 4, 4, 4, 4])
    assert growth.rate == growth.rate_low == growth.rate_high == 0
    assert growth.doubling_time is growth.doubling_time_low is None


def test_two_values_have_a_rate_but_no_interval():
    growth = fit_growth([0, 2], [10, 40])
    assert growth.doubling_time == pytest.approx(1)
    assert growth.rate_low is growth.rate_high is growth.doubling_time_low is None


def test_too_little_gives_nothing():
    assert fit_growth([], []) is None
    assert fit_growth([1, 1], [10, 20]) is None
    assert fit_growth([0, 1], [10, 0]) is None


def test_sizes_without_a_logarithm_are_left_out():
    assert fit_growth([0, 1, 2, 3, 4], [1, 2, 0, np.nan, 16]).n == 3


def test_growth_that_levels_off_is_told():
    times = np.arange(10.0)
    logistic = 100 / (1 + 9 * np.exp(-0.8 * times))
    assert fit_growth(times, logistic).is_curved
    assert not fit_growth(times, 3 * np.exp(0.2 * times)).is_curved
    doubted = [fit_growth(*noisy(seed)).is_curved for seed in range(300)]
    assert 0.02 < np.mean(doubted) < 0.09


@pytest.mark.parametrize("level", [0, 1])
def test_a_level_that_means_nothing_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        fit_growth([0, 1], [1, 2], level=level)


def test_times_and_sizes_must_go_together():
    with pytest.raises(ValueError, match="as many times"):
        fit_growth([0, 1], [1])
