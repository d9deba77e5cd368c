import numpy as np
import pytest
from scipy.stats import bootstrap, t

from segmetry.measure.distribution import quantile
from segmetry.measure.intervals import (
    Estimate,
    interval,
    normal_quantile,
    resample,
    wilson,
)


def test_whole_images_are_drawn_from_five_on():
    four, five = np.arange(20) % 4, np.arange(20) % 5
    assert not resample(four, n_images=4).by_image
    assert resample(five, n_images=5).by_image
    # Images without objects do not make up for those with.
    assert not resample(four, n_images=9).by_image


def test_images_without_objects_are_drawn_too():
    drawn = resample(np.arange(20) % 5, n_images=7)
    assert drawn.n_units == 7
    assert (drawn.draws.sum(axis=1) == 7).all()


def test_every_resample_draws_as_many_units_as_there_are():
    drawn = resample(np.zeros(30, int), n_images=1, resamples=50)
    assert drawn.draws.shape == (50, 30)
    assert (drawn.draws.sum(axis=1) == 30).all()


def test_many_objects_are_dealt_into_groups_of_equal_size():
    drawn = resample(np.zeros(1000, int), n_images=1, resamples=10)
    assert drawn.n_units == 200
    assert (np.bincount(drawn.unit) == 5).all()


def test_the_same_seed_draws_the_same():
    image = np.arange(12) % 6
    one, two, other = (resample(image, n_images=6, seed=s).draws for s in (3, 3, 4))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_no_objects_can_be_drawn_from():
    drawn = resample(np.zeros(0, int), n_images=0)
    assert drawn.n_units == 0
    assert np.isnan(drawn.multiplier)


def test_intervals_are_students_with_one_degree_of_freedom_less_than_images():
    drawn = resample(np.arange(8), n_images=8, level=0.9)
    assert drawn.multiplier == pytest.approx(t.ppf(0.95, 7) * np.sqrt(8 / 7))


def test_totals_are_those_of_the_objects_drawn():
    rng = np.random.default_rng(0)
    image = np.sort(rng.integers(0, 6, 40))
    features = rng.random((40, 3))
    drawn = resample(image, n_images=6, resamples=20)
    expected = [(features * times[image, np.newaxis]).sum(axis=0) for times in drawn.draws]
    assert drawn.totals(features) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("n", [1, 2, 40, 256])
def test_quantiles_are_those_of_the_objects_drawn(n):
    rng = np.random.default_rng(n)
    x, w = rng.lognormal(size=n), rng.uniform(1, 2, n)
    drawn = resample(np.zeros(n, int), n_images=1, resamples=15)
    found = drawn.quantiles(x, [0.1, 0.5], weights=w)
    for row, times in zip(found, drawn.draws, strict=True):
        weights = w * times[drawn.unit]
        there = weights > 0
        expected = quantile(x[there], [0.1, 0.5], weights=weights[there])
        # Objects that were not drawn still hold a place on the curve.
        gap = np.diff(np.sort(x), prepend=0).max() if n > 1 else 1e-12
        assert np.abs(row - expected).max() <= gap


def test_joining_many_objects_into_steps_keeps_the_spread_of_quantiles():
    x = np.random.default_rng(5).lognormal(sigma=0.4, size=5000)
    drawn = resample(np.arange(5000) % 20, n_images=20, resamples=500)
    w = np.ones(5000)
    found = drawn.quantiles(x, [0.1, 0.5, 0.9], weights=w)
    exact = [
        quantile(x, [0.1, 0.5, 0.9], weights=times[drawn.unit] + 1e-12)
        for times in drawn.draws
    ]
    assert found.std(axis=0) == pytest.approx(np.std(exact, axis=0), rel=0.03)


def test_the_standard_error_of_a_mean_is_that_of_scipys_bootstrap():
    x = np.random.default_rng(1).normal(10, 1, 50)
    drawn = resample(np.zeros(50, int), n_images=1, resamples=4000)
    means = drawn.totals(np.stack([x, np.ones(50)], axis=1))
    found = (means[:, 0] / means[:, 1]).std(ddof=1)
    expected = bootstrap((x,), np.mean, n_resamples=4000, rng=2, method="basic")
    assert found == pytest.approx(expected.standard_error, rel=0.06)


def test_an_interval_of_a_positive_number_is_even_on_a_logarithmic_scale():
    drawn = resample(np.arange(9), n_images=9)
    replicates = np.exp(np.random.default_rng(0).normal(0, 0.1, 2000))
    found = interval(1.0, replicates, drawn)
    assert found.low * found.high == pytest.approx(1.0)
    assert np.log(found.high) == pytest.approx(0.1 * drawn.multiplier, rel=0.05)


def test_an_interval_of_a_number_of_any_sign_is_even():
    drawn = resample(np.arange(9), n_images=9)
    replicates = np.random.default_rng(0).normal(0, 1, 2000)
    found = interval(0.2, replicates, drawn, positive=False)
    assert found.high - 0.2 == pytest.approx(0.2 - found.low)
    assert found.low < 0


def test_the_uncertainty_of_the_pixel_size_does_not_shrink_with_objects():
    drawn = resample(np.arange(9), n_images=9)
    same = np.full(2000, 3.0)
    found = interval(3.0, same, drawn, relative_uncertainty=0.02)
    assert found.high == pytest.approx(3 * np.exp(1.959964 * 0.02))
    assert interval(3.0, same, drawn).high == pytest.approx(3.0)


def test_two_sources_of_uncertainty_add_in_quadrature():
    drawn = resample(np.arange(9), n_images=9)
    replicates = np.exp(np.random.default_rng(0).normal(0, 0.1, 2000))
    sampling = np.log(interval(1.0, replicates, drawn).high)
    both = np.log(interval(1.0, replicates, drawn, relative_uncertainty=0.1).high)
    assert both == pytest.approx(np.hypot(sampling, 0.1959964))


def test_a_number_that_cannot_be_told_has_no_interval():
    drawn = resample(np.arange(9), n_images=9)
    assert interval(np.nan, np.ones(2000), drawn) == Estimate(None, None, None, 9)
    nothing = np.full(2000, np.nan)
    assert interval(2.0, nothing, drawn) == Estimate(2.0, None, None, 9)
    alone = resample(np.zeros(1, int), n_images=1)
    assert interval(2.0, np.full(2000, 2.0), alone) == Estimate(2.0, None, None, 1)


def test_resamples_without_a_value_are_left_out():
    drawn = resample(np.arange(9), n_images=9)
    replicates = np.where(np.arange(2000) % 10 == 0, np.nan, 2.0)
    assert interval(2.0, replicates, drawn).low == pytest.approx(2.0)


def test_an_estimate_knows_its_relative_half_width():
    assert Estimate(10.0, 9.0, 11.0, 5).relative_half_width == pytest.approx(0.1)
    assert Estimate(-10.0, -11.0, -9.0, 5).relative_half_width == pytest.approx(0.1)
    assert Estimate(10.0, None, None, 1).relative_half_width is None
    assert Estimate(None, None, None, 0).relative_half_width is None
    assert Estimate(0.0, 0.0, 1.0, 0).relative_half_width is None
    assert Estimate(1.0, 0.5, 2.0, 3).as_json() == {
        "value": 1.0,
        "low": 0.5,
        "high": 2.0,
        "n": 3,
    }


def test_wilsons_interval_solves_its_quadratic():
    # Both ends p satisfy (share - p)^2 = z^2 p (1 - p) / n.
    z = normal_quantile(0.975)
    for share in (0.02, 0.3, 0.9):
        for end in wilson(share, 57):
            assert (share - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / 57)


@pytest.mark.parametrize("n", [1, 10, 1000])
def test_wilsons_interval_has_a_width_even_at_the_ends(n):
    z2 = normal_quantile(0.975) ** 2
    assert wilson(0.0, n) == (0.0, pytest.approx(z2 / (n + z2)))
    assert wilson(1.0, n) == (pytest.approx(n / (n + z2)), 1.0)


@pytest.mark.parametrize("share", [0.03, 0.2, 0.5])
def test_wilsons_interval_holds_the_truth_as_often_as_it_says(share):
    hits = np.random.default_rng(0).binomial(80, share, 4000)
    ends = np.array([wilson(h / 80, 80) for h in hits])
    coverage = np.mean((ends[:, 0] <= share) & (share <= ends[:, 1]))
    assert 0.93 <= coverage <= 0.98


def test_options_that_mean_nothing_are_refused():
    with pytest.raises(ValueError, match="resamples must be at least 2"):
        resample(np.zeros(3, int), n_images=1, resamples=1)
    with pytest.raises(ValueError, match="level must lie between 0 and 1"):
        resample(np.zeros(3, int), n_images=1, level=95)


@pytest.mark.parametrize(("value", "floor"), [(0.5, 0.0), (1.1, 1.0)])
def test_an_interval_does_not_reach_below_what_can_be(value, floor):
    drawn = resample(np.arange(8), n_images=8)
    for lowest in (0.0, 0.1):
        replicates = np.random.default_rng(0).uniform(lowest, 3, 2000)
        replicates[0] = lowest
        found = interval(value, replicates, drawn, floor=floor)
        assert floor <= found.low < value < found.high
    free = interval(value, replicates - 2, drawn, positive=False)
    assert free.low < 0


@pytest.mark.parametrize(("n", "has_interval"), [(2, False), (4, False), (5, True)])
def test_fewer_than_five_objects_have_no_interval(n, has_interval):
    drawn = resample(np.zeros(n, int), n_images=1)
    found = interval(1.0, np.linspace(0.9, 1.1, 2000), drawn)
    assert found.value == 1.0
    assert (found.low is not None) == (found.high is not None) == has_interval
