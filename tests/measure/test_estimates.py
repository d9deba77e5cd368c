import numpy as np
import pytest

from segmetry.measure.estimates import (
    NUMBER_KEYS,
    VOLUME_KEYS,
    by_number,
    by_volume,
    density,
    geometric_mean,
    of_area,
)
from segmetry.measure.intervals import normal_quantile, resample

LENGTHS = ("mean", "median", "sd", "mode", "d10", "d50", "d90", "d43", "d32")
RATIOS = ("span", "gsd", "skewness")


def sizes(n=200, n_images=10, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.lognormal(1, 0.3, n)
    drawn = resample(np.arange(n) % n_images, n_images=n_images, resamples=1000)
    return x, np.ones(n), drawn


def everything(x, w, drawn, **options):
    return {
        **by_volume(x, w, resampling=drawn, **options),
        **by_number(x, w, resampling=drawn, **options),
    }


def test_every_number_lies_within_its_interval():
    found = everything(*sizes())
    assert set(found) == {*NUMBER_KEYS, *VOLUME_KEYS}
    for key, number in found.items():
        assert number.low < number.value < number.high, key
        assert number.n == 200


def test_doubling_all_sizes_doubles_lengths_and_their_intervals():
    x, w, drawn = sizes()
    one, two = everything(x, w, drawn), everything(2 * x, w, drawn)
    for key in (*LENGTHS, *RATIOS):
        factor = 1 if key in RATIOS else 2
        for end in ("value", "low", "high"):
            expected = factor * getattr(one[key], end)
            assert getattr(two[key], end) == pytest.approx(expected), key


def test_the_pixel_size_widens_lengths_but_no_ratios():
    x, w, drawn = sizes()
    plain = everything(x, w, drawn)
    with_scale = everything(x, w, drawn, relative_uncertainty=0.05)
    for key in LENGTHS:
        shared = normal_quantile(0.975) * 0.05
        sampling = np.log(plain[key].high / plain[key].value)
        expected = with_scale[key].value * np.exp(np.hypot(sampling, shared))
        assert with_scale[key].high == pytest.approx(expected), key
    for key in RATIOS:
        assert with_scale[key] == plain[key]


def test_the_pixel_size_widens_areas_twice_as_much():
    x = np.full(20, 3.0)
    drawn = resample(np.arange(20) % 5, n_images=5)
    length = by_number(x, np.ones(20), resampling=drawn, relative_uncertainty=0.01)
    area = of_area(x**2, np.ones(20), resampling=drawn, relative_uncertainty=0.01)
    for key in ("mean", "median"):
        assert np.log(area[key].high / 9) == pytest.approx(2 * np.log(length[key].high / 3))


def test_more_images_give_narrower_intervals():
    few, many = (
        everything(*sizes(20 * k, k, seed=1))["mean"].relative_half_width for k in (8, 80)
    )
    assert many < 0.5 * few


def test_images_that_differ_give_wider_intervals_than_images_that_do_not():
    rng = np.random.default_rng(2)
    image = np.repeat(np.arange(10), 20)
    alike = rng.lognormal(1, 0.1, 200)
    unlike = alike * np.exp(rng.normal(0, 0.3, 10))[image]
    drawn = resample(image, n_images=10)
    widths = [
        by_number(x, np.ones(200), resampling=drawn)["mean"].relative_half_width
        for x in (alike, unlike)
    ]
    assert widths[1] > 4 * widths[0]


def test_the_standard_error_of_the_mean_is_the_classical_one_for_single_objects():
    x = np.random.default_rng(3).normal(100, 10, 150)
    drawn = resample(np.zeros(150, int), n_images=1, resamples=4000)
    found = by_number(x, np.ones(150), resampling=drawn)["mean"]
    expected = 1.976 * x.std(ddof=1) / np.sqrt(150)
    assert (found.high - found.low) / 2 == pytest.approx(expected, rel=0.04)


def test_numbers_asked_for_alone_are_those_among_all():
    x = np.random.default_rng(4).lognormal(size=80)
    drawn = resample(np.zeros(80, np.intp), n_images=1)
    everything = by_number(x, np.ones(80), resampling=drawn)
    few = by_number(x, np.ones(80), resampling=drawn, keys=("d50", "mode"))
    assert few == {key: everything[key] for key in ("d50", "mode")}


def test_one_object_has_values_without_intervals():
    drawn = resample(np.zeros(1, int), n_images=1)
    found = everything(np.array([4.0]), np.ones(1), drawn)
    for key in ("mean", "median", "d10", "d90", "d43", "d32", "mode"):
        assert (found[key].value, found[key].low) == (pytest.approx(4.0), None)
    for key in ("sd", "gsd", "skewness"):
        assert found[key].value is None


def test_equal_objects_are_known_exactly():
    drawn = resample(np.arange(12) % 6, n_images=6)
    found = everything(np.full(12, 4.0), np.ones(12), drawn)
    assert found["sd"].value == 0
    assert found["sd"].high == pytest.approx(0, abs=1e-12)
    for key in ("mean", "d50", "d43", "mode"):
        assert found[key].low == pytest.approx(4.0)
        assert found[key].high == pytest.approx(4.0)


def test_no_objects_have_no_numbers():
    drawn = resample(np.zeros(0, int), n_images=3)
    nothing = np.zeros(0)
    found = everything(nothing, nothing, drawn) | of_area(
        nothing, nothing, resampling=drawn
    )
    assert all(number.value is None and number.n == 0 for number in found.values())


def test_weights_enter_every_number():
    x, w, drawn = sizes()
    heavy = np.where(x > np.median(x), 3.0, 1.0)
    plain, weighted = everything(x, w, drawn), everything(x, heavy, drawn)
    for key in ("mean", "median", "d10", "d50", "d90", "d43", "d32", "mode"):
        assert weighted[key].value > plain[key].value


def test_the_geometric_mean_of_powers_of_two():
    drawn = resample(np.arange(15) % 5, n_images=5)
    x = np.tile([1.0, 2.0, 4.0], 5)
    found = geometric_mean(x, np.ones(15), resampling=drawn)
    assert found.value == pytest.approx(2.0)
    assert found.low <= 2.0 <= found.high


def test_a_density_is_weights_over_area():
    drawn = resample(np.zeros(4, int), n_images=1)
    found = density(np.full(4, 1.5), np.array([3.0]), resampling=drawn)
    assert found.value == 2.0
    assert np.log(found.high / 2) == pytest.approx(normal_quantile(0.975) / 2)


def test_a_density_over_images_counts_those_without_objects():
    image = np.repeat(np.arange(5), 10)
    drawn = resample(image, n_images=10)
    found = density(np.ones(50), np.full(10, 5.0), resampling=drawn)
    assert found.value == 1.0
    # Half of the images are empty, which makes the density most unsure.
    assert found.relative_half_width > 0.5


def test_an_uncertain_pixel_size_enters_a_density_twice():
    drawn = resample(np.zeros(10**6, int), n_images=1, resamples=2)
    weights, area = np.ones(10**6), np.array([10.0])
    found = density(weights, area, resampling=drawn, relative_uncertainty=0.05)
    expected = normal_quantile(0.975) * 0.1
    assert np.log(found.high / found.value) == pytest.approx(expected, rel=1e-3)


def test_no_objects_in_an_area_still_bound_the_density():
    drawn = resample(np.zeros(0, int), n_images=2)
    found = density(np.zeros(0), np.array([1.0, 3.0]), resampling=drawn)
    assert (found.value, found.low) == (0, 0)
    # The largest rate at which nothing is seen in 2.5 of 100 cases.
    assert np.exp(-found.high * 4) == pytest.approx(0.025)
    assert density(np.zeros(0), np.zeros(0), resampling=drawn).value is None
