import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.measure.distribution import quantile, volume_weights
from segmetry.report.sample import SizeSample, size_sample

sizes = st.lists(st.floats(0.1, 100), min_size=2, max_size=40, unique=True)


def sample_of(values):
    diameters = np.sort(np.asarray(values, dtype=float))
    return SizeSample(diameters, np.ones(diameters.size))


@given(sizes, st.sampled_from([0, 3]))
def test_the_curve_goes_up_from_above_0_to_below_1(values, power):
    share = sample_of(values).cumulative(power=power)
    assert (np.diff(share) >= 0).all()
    assert 0 <= share[0] <= share[-1] <= 1


@given(sizes)
def test_the_curve_passes_through_the_deciles_of_the_statistics(values):
    sample = sample_of(values)
    for power, weights in ((0, None), (3, volume_weights(sample.diameters))):
        read = np.interp([0.1, 0.5, 0.9], sample.cumulative(power=power), sample.diameters)
        told = quantile(sample.diameters, [0.1, 0.5, 0.9], weights=weights)
        assert read == pytest.approx(told)


@given(sizes, st.sampled_from([0, 3]))
def test_the_area_under_the_density_is_1(values, power):
    sample = sample_of(values)
    at = np.geomspace(sample.diameters[0] / 1e5, sample.diameters[-1] * 1e5, 9000)
    density = sample.density(at, power=power)
    assert np.trapezoid(density, np.log(at)) == pytest.approx(1, abs=0.02)


def test_equal_sizes_have_a_finite_density():
    density = SizeSample(np.full(5, 2.0), np.ones(5)).density(np.array([1.0, 2.0, 4.0]))
    assert np.isfinite(density).all()
    assert density.argmax() == 1


def test_the_density_of_a_log_normal_is_a_bell_on_its_median():
    values = np.random.default_rng(0).lognormal(np.log(5), 0.4, 20_000)
    at = np.geomspace(1, 25, 100)
    bell = np.exp(-0.5 * (np.log(at / 5) / 0.4) ** 2) / (0.4 * np.sqrt(2 * np.pi))
    assert sample_of(values).density(at) == pytest.approx(bell, abs=0.06)


def test_volume_moves_the_density_as_hatch_and_choate_say():
    values = np.random.default_rng(1).lognormal(np.log(5), 0.3, 20_000)
    at = np.geomspace(1, 25, 400)
    density = sample_of(values).density(at, power=3)
    assert at[density.argmax()] == pytest.approx(5 * np.exp(3 * 0.3**2), rel=0.08)


def tables():
    """Two pictures of 100 x 100 px; in each an object inside and one at the right edge."""
    images = pd.DataFrame(
        {
            "image": ["a", "b"],
            "status": "done",
            "pixel_size": 0.5,
            "unit": "um",
            "frame_x_min_px": 0,
            "frame_y_min_px": 0,
            "frame_x_max_px": 100,
            "frame_y_max_px": 100,
            "included_area_px": 10_000,
            "sample": ["x", None],
        }
    )
    objects = pd.DataFrame(
        {
            "image": ["a", "a", "b", "b"],
            "equivalent_diameter_um": [10.0, 5.0, 20.0, 6.0],
            "area_um2": 1.0,
            "bbox_x_min_px": [10, 90, 10, 90],
            "bbox_y_min_px": 10,
            "bbox_x_max_px": [30, 100, 60, 100],
            "bbox_y_max_px": [30, 20, 60, 20],
            "touches_edge": [False, True, False, True],
        }
    )
    return objects, images


@pytest.mark.parametrize(
    ("rule", "diameters"),
    [
        ("keep", [5, 6, 10, 20]),
        ("drop", [10, 20]),
        ("two-sides", [10, 20]),
        ("miles-lantuejoul", [10, 20]),
        ("truncated-log-normal", [10, 20]),
    ],
)
def test_the_edge_rule_says_which_objects_count(rule, diameters):
    sample = size_sample(*tables(), edge_rule=rule)
    assert sample.diameters.tolist() == diameters


@pytest.mark.parametrize("rule", ["miles-lantuejoul", "truncated-log-normal"])
def test_objects_count_for_the_reciprocal_of_their_chance_to_be_seen_whole(rule):
    sample = size_sample(*tables(), edge_rule=rule)
    assert sample.weights == pytest.approx([1 / (0.8 * 0.8), 1 / (0.5 * 0.5)])


def test_conditions_choose_pictures_and_a_missing_value_is_one():
    objects, images = tables()
    for value, diameter in (("x", 10), (None, 20)):
        conditions = {"sample": value}
        sample = size_sample(objects, images, edge_rule="drop", conditions=conditions)
        assert sample.diameters.tolist() == [diameter]


def test_objects_of_other_pictures_are_left_out():
    objects, images = tables()
    assert size_sample(objects, images.iloc[:1], edge_rule="keep").diameters.size == 2


def test_a_table_without_rows_gives_an_empty_sample():
    sample = size_sample(pd.DataFrame(), tables()[1], edge_rule="miles-lantuejoul")
    assert sample.diameters.size == sample.weights.size == 0


def test_the_sample_is_the_one_of_the_statistics(content):
    pooled = content.summary["pooled"]
    sample = size_sample(content.objects, content.images, edge_rule="miles-lantuejoul")
    assert sample.diameters.size == pooled["n_used"]
    mean = np.average(sample.diameters, weights=sample.weights)
    assert mean == pytest.approx(pooled["number"]["mean"]["value"])
    assert sample.weights.sum() == pytest.approx(
        sum(pooled["histogram"]["weighted_counts"])
    )


@given(sizes, st.integers(2, 5), st.sampled_from([0, 3]))
def test_a_weight_counts_like_as_many_objects(values, times, power):
    sample = sample_of(values)
    weighted = SizeSample(sample.diameters, np.full(sample.diameters.size, float(times)))
    repeated = sample_of(np.repeat(sample.diameters, times))
    middle = slice(times // 2, None, times)
    if times % 2:
        told = repeated.cumulative(power=power)[middle]
        assert weighted.cumulative(power=power) == pytest.approx(told)
    assert weighted.cumulative(power=power) == pytest.approx(sample.cumulative(power=power))


@given(sizes, st.floats(0.01, 100))
def test_another_unit_moves_the_density_and_keeps_its_shape(values, factor):
    sample = sample_of(values)
    scaled = SizeSample(sample.diameters * factor, sample.weights)
    at = np.geomspace(0.05, 200, 50)
    assert scaled.density(at * factor) == pytest.approx(sample.density(at), abs=1e-6)
