import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.measure.distribution import (
    effective_number,
    geometric_sd,
    iso_mean_size,
    mean,
    moment_ratio,
    quantile,
    sd,
    skewness,
    span,
    volume_weights,
)

SIZES = st.lists(st.floats(0.01, 1000), min_size=2, max_size=30)
LENGTHS = {
    "mean": mean,
    "sd": sd,
    "median": lambda x, **k: float(quantile(x, 0.5, **k)),
    "d90": lambda x, **k: float(quantile(x, 0.9, **k)),
    "d43": lambda x, **k: moment_ratio(x, 4, 3, **k),
    "d32": lambda x, **k: moment_ratio(x, 3, 2, **k),
    "d00": lambda x, **k: moment_ratio(x, 0, 0, **k),
}
RATIOS = {"skewness": skewness, "gsd": geometric_sd, "span": span}


def test_the_numbers_of_a_sample_worked_out_by_hand():
    x = [1.0, 2.0, 3.0, 6.0]
    assert mean(x) == 3.0
    assert sd(x) ** 2 == pytest.approx(14 / 3)
    assert sd(x, ddof=0) ** 2 == pytest.approx(14 / 4)
    assert skewness(x) == pytest.approx((18 / 4) / (14 / 4) ** 1.5)
    assert quantile(x, 0.5) == 2.5
    assert moment_ratio(x, 4, 3) == pytest.approx((1 + 16 + 81 + 1296) / (1 + 8 + 27 + 216))
    assert moment_ratio(x, 3, 2) == pytest.approx(252 / 50)
    assert moment_ratio(x, 2, 0) == pytest.approx((50 / 4) ** 0.5)


def test_weighted_numbers_worked_out_by_hand():
    x, w = [10.0, 20.0], [3.0, 1.0]
    assert mean(x, weights=w) == 12.5
    assert sd(x, weights=w, ddof=0) ** 2 == pytest.approx(75 / 4)
    # Reliability weights: 75 / (4 - 10/4).
    assert sd(x, weights=w) ** 2 == pytest.approx(50.0)
    assert moment_ratio(x, 4, 3, weights=w) == pytest.approx(190_000 / 11_000)


def test_quantiles_stand_at_mid_ranks():
    # Four equal weights stand at 1/8, 3/8, 5/8 and 7/8.
    x = [1.0, 2.0, 3.0, 4.0]
    assert quantile(x, [1 / 8, 3 / 8, 5 / 8, 7 / 8]) == pytest.approx(x)
    assert quantile(x, [0.0, 1.0]) == pytest.approx([1.0, 4.0])
    assert quantile(x, 0.25) == 1.5


def test_quantiles_are_those_of_numpys_hazen_rule_where_no_values_tie():
    x = np.random.default_rng(0).lognormal(size=37)
    p = np.linspace(0, 1, 21)
    assert quantile(x, p) == pytest.approx(np.quantile(x, p, method="hazen"))


def test_the_scale_of_weights_does_not_matter():
    x, w = [1.0, 5.0, 7.0], np.array([1.0, 2.0, 3.0])
    for number in (LENGTHS | RATIOS).values():
        assert number(x, weights=w) == pytest.approx(number(x, weights=10 * w))


@pytest.mark.parametrize("name", LENGTHS)
@given(x=SIZES)
def test_doubling_all_sizes_doubles_every_length(name, x):
    x = np.array(x)
    assert LENGTHS[name](2 * x) == pytest.approx(2 * LENGTHS[name](x), rel=1e-9)


@pytest.mark.parametrize("name", RATIOS)
@pytest.mark.parametrize("seed", range(10))
def test_doubling_all_sizes_changes_no_number_without_unit(name, seed):
    x = np.random.default_rng(seed).lognormal(sigma=0.5, size=20)
    assert RATIOS[name](2 * x) == pytest.approx(RATIOS[name](x))


@pytest.mark.parametrize("name", [*LENGTHS, *RATIOS])
@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_objects_does_not_matter(name, seed):
    rng = np.random.default_rng(seed)
    x, w = rng.lognormal(size=30), rng.uniform(0.5, 2, 30)
    order = rng.permutation(30)
    number = (LENGTHS | RATIOS)[name]
    assert number(x, weights=w) == pytest.approx(number(x[order], weights=w[order]))


@given(x=SIZES, data=st.data())
def test_a_whole_weight_is_the_object_repeated(x, data):
    counts = data.draw(st.lists(st.integers(1, 4), min_size=len(x), max_size=len(x)))
    repeated = np.repeat(x, counts)
    p = [0.0, 0.1, 0.5, 0.9, 1.0]
    assert quantile(x, p, weights=counts) == pytest.approx(quantile(repeated, p))
    assert mean(x, weights=counts) == pytest.approx(mean(repeated))
    assert sd(x, weights=counts, ddof=0) == pytest.approx(sd(repeated, ddof=0), abs=1e-9)
    assert moment_ratio(x, 4, 3, weights=counts) == pytest.approx(
        moment_ratio(repeated, 4, 3)
    )


@given(x=SIZES)
def test_quantiles_never_fall_and_stay_within_the_sizes(x):
    found = quantile(x, np.linspace(0, 1, 33))
    assert (np.diff(found) >= 0).all()
    assert min(x) <= found[0]
    assert found[-1] <= max(x)


@given(x=SIZES)
def test_mean_sizes_rise_with_their_powers(x):
    sizes = [moment_ratio(x, p, q) for p, q in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3)]]
    assert (np.diff(sizes) >= -1e-9 * max(x)).all()


def test_equal_powers_are_the_limit_of_unequal_ones():
    x = [1.0, 2.0, 5.0]
    assert moment_ratio(x, 3, 3) == pytest.approx(moment_ratio(x, 3 + 1e-7, 3), rel=1e-6)
    assert moment_ratio(x, 0, 0) == pytest.approx(10 ** (1 / 3))


@pytest.mark.parametrize(("k", "r", "p", "q"), [(1, 3, 4, 3), (1, 2, 3, 2), (3, 0, 3, 0)])
def test_moment_notation_is_moment_ratio_notation_with_other_subscripts(k, r, p, q):
    x = np.random.default_rng(1).lognormal(size=50)
    assert iso_mean_size(x, k=k, r=r) == moment_ratio(x, p, q)
    # The definition of ISO 9276-2: the k-th root of M_{k+r,0} / M_{r,0}.
    expected = (np.mean(x ** (k + r)) / np.mean(x**r)) ** (1 / k)
    assert iso_mean_size(x, k=k, r=r) == pytest.approx(expected)


def test_the_sauter_mean_is_volume_over_surface():
    x = np.array([3.0, 4.0, 9.0])
    volume, surface = np.pi / 6 * (x**3).sum(), np.pi * (x**2).sum()
    assert moment_ratio(x, 3, 2) == pytest.approx(6 * volume / surface)


def test_high_powers_of_large_sizes_do_not_overflow():
    assert moment_ratio([1e200, 2e200], 4, 3) == pytest.approx(17 / 9 * 1e200)


def test_the_mean_of_the_volume_distribution_is_d43():
    x = np.random.default_rng(2).lognormal(size=40)
    assert mean(x, weights=volume_weights(x)) == pytest.approx(moment_ratio(x, 4, 3))


def test_one_object_has_a_size_but_no_spread():
    assert mean([7.0]) == 7.0
    assert quantile([7.0], [0.1, 0.9]) == pytest.approx([7.0, 7.0])
    assert span([7.0]) == 0
    assert sd([7.0], ddof=0) == 0
    assert np.isnan([sd([7.0]), geometric_sd([7.0]), skewness([7.0])]).all()


def test_equal_sizes_have_no_spread():
    x = [0.1] * 7
    assert sd(x) == pytest.approx(0, abs=1e-15)
    assert geometric_sd(x) == pytest.approx(1)
    assert np.isnan(skewness(x))
    assert moment_ratio(x, 4, 3) == pytest.approx(0.1)


def test_no_objects_give_nothing_and_no_warning():
    assert np.isnan([mean([]), sd([]), skewness([]), moment_ratio([], 4, 3)]).all()
    assert np.isnan(quantile([], [0.1, 0.5])).all()
    assert volume_weights([]).size == 0
    assert effective_number([]) == 0


def test_the_effective_number_falls_with_uneven_weights():
    assert effective_number(np.ones(50)) == pytest.approx(50)
    assert effective_number([1, 1, 2]) == pytest.approx(16 / 6)


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ([1.0, 2.0], [1.0], "equal length"),
        ([[1.0]], None, "equal length"),
        ([1.0, np.nan], None, "finite"),
        ([1.0, 2.0], [1.0, np.inf], "finite"),
        ([1.0, 2.0], [1.0, -1.0], "negative"),
        ([1.0, 2.0], [0.0, 0.0], "positive"),
    ],
)
def test_input_that_means_nothing_is_refused(values, weights, message):
    with pytest.raises(ValueError, match=message):
        mean(values, weights=weights)


def test_other_degrees_of_freedom_are_refused():
    with pytest.raises(ValueError, match="ddof must be 0 or 1"):
        sd([1.0, 2.0], ddof=2)


def test_the_logarithm_of_no_size_is_refused():
    with pytest.raises(ValueError, match="sizes must be positive"):
        geometric_sd([0.0, 1.0])
