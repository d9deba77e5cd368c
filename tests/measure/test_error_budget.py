import json
import math

import numpy as np
import pytest
from scipy.stats import t as student

from segmetry.measure.error_budget import SOURCES, Budget, Part, error_budget
from segmetry.measure.estimates import by_number, density
from segmetry.measure.intervals import Estimate
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import pool
from segmetry.measure.weighted import weigh


@pytest.fixture
def scattered(object_table, image_table):
    """Return a function: discs of 40 to 120 px strewn over images, cut at their edges."""

    def build(n_images=10, *, per_image=40, spread=0.4, scale=1.0, seed=0, **columns):
        rng = np.random.default_rng(seed)
        factor = rng.gamma(1 / spread**2, spread**2, n_images) if spread else 1.0
        counts = rng.poisson(per_image * 1.6 * factor, n_images)
        image = np.repeat(np.arange(n_images), counts)
        d = rng.uniform(40, 120, image.size)
        low = rng.uniform(-130, 1130, (d.size, 2)) - d[:, np.newaxis] / 2
        high = np.clip(low + d[:, np.newaxis], 0, 1000)
        low = np.clip(low, 0, 1000)
        there = (high > low).all(axis=1)
        low, high, image = low[there], high[there], image[there]
        objects = object_table(
            np.sqrt((high - low).prod(axis=1)),
            image=image,
            corner=low,
            pixel_size=columns.get("pixel_size", 0.01 * scale),
        )
        objects[["bbox_x_max_px", "bbox_y_max_px"]] = high
        objects["touches_edge"] = ((low <= 0) | (high >= 1000)).any(axis=1)
        table = image_table(n_images, **{"pixel_size": 0.01 * scale, **columns})
        return pool(objects, table)[0]

    return build


def budgets(sample, rule="miles-lantuejoul", **options):
    group = weigh(sample, StatisticsOptions(edge_rule=rule, **options))
    mean, number = estimates(group)
    return error_budget(group, mean_size=mean, density=number), mean, number


def estimates(group):
    how = {"resampling": group.resampling, "relative_uncertainty": group.shared}
    diameters, areas = group.sample.diameters, group.sample.included_areas
    mean = by_number(diameters, group.weights, keys=("mean",), **how)["mean"]
    return mean, density(group.weights, areas, **how)


def test_the_published_example_of_the_gum_is_met():
    # JCGM 100:2008, H.1: an end gauge; uncertainties in nm, degrees of freedom.
    known = [(25.0, 18), (9.7, 25.6), (2.9, 50), (16.6, 2)]
    parts = {name: Part(*one) for name, one in zip(SOURCES, known, strict=True)}
    gauge = Budget(1.0, parts, level=0.99)
    assert round(gauge.relative) == 32
    assert math.floor(gauge.freedom) == 16
    assert gauge.half_width == pytest.approx(93, abs=1.5)


def test_parts_add_up_by_their_squares_and_freedoms_by_welch_and_satterthwaite():
    budget = Budget(8.0, {"sampling": Part(0.03, 5), "calibration": Part(0.04)})
    assert budget.relative == pytest.approx(0.05)
    freedom = 0.05**4 / (0.03**4 / 5)
    assert budget.freedom == pytest.approx(freedom)
    assert budget.half_width == pytest.approx(0.05 * student.ppf(0.975, freedom))


def test_a_level_is_a_share():
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got 95"):
        Budget(1.0, {}, level=95)


def test_a_single_part_keeps_its_own_degrees_of_freedom():
    assert Budget(1.0, {"sampling": Part(0.1, 7)}).freedom == pytest.approx(7)
    assert math.isinf(Budget(1.0, {"sampling": Part(0.1)}).freedom)


def test_what_is_not_known_is_named_and_not_counted_as_nothing():
    parts = {"segmentation": Part(None), "sampling": Part(0.1, 9)}
    budget = Budget(1.0, parts)
    assert budget.unknown == ("segmentation",)
    assert budget.relative == pytest.approx(0.1)
    nothing = Budget(1.0, {"segmentation": Part(None)})
    assert nothing.relative is None
    assert nothing.half_width is None


def test_a_budget_survives_json_and_takes_a_better_part():
    budget = Budget(2.0, {"segmentation": Part(None, note="?"), "sampling": Part(0.1, 9)})
    back = Budget.from_json(json.loads(json.dumps(budget.as_json(), allow_nan=False)))
    assert back == budget
    better = back.with_part("segmentation", Part(0.05, 5, -0.06), value=2.1)
    assert better.unknown == ()
    assert better.value == 2.1
    assert better.relative == pytest.approx(math.hypot(0.1, 0.05))


TOLD = Budget(2.0, {"sampling": Part(0.1, 9, 0.02, "?")}).as_json()
SAMPLING = TOLD["sources"]["sampling"]


@pytest.mark.parametrize(
    "told",
    [
        None,
        3,
        "sampling",
        [],
        {},
        TOLD | {"sources": None},
        TOLD | {"sources": {"sampling": {}}},
        TOLD | {"sources": {"sampling": None}},
        TOLD | {"sources": {"weather": SAMPLING}},
        TOLD | {"sources": {"sampling": SAMPLING | {"relative": "large"}}},
        TOLD | {"sources": {"sampling": SAMPLING | {"relative": -0.1}}},
        TOLD | {"sources": {"sampling": SAMPLING | {"freedom": 0}}},
        TOLD | {"sources": {"sampling": SAMPLING | {"freedom": math.nan}}},
        TOLD | {"sources": {"sampling": SAMPLING | {"bias_removed": [1]}}},
        TOLD | {"value": "2"},
        TOLD | {"level": None},
        TOLD | {"level": True},
        TOLD | {"level": "0.95"},
        TOLD | {"level": 95},
    ],
)
def test_what_is_no_budget_is_refused_in_a_sentence(told):
    with pytest.raises(ValueError, match="expected an error budget as"):
        Budget.from_json(told)


@pytest.mark.parametrize("uncertainty", [0.004, 0.05])
def test_lengths_carry_the_pixel_size_once_and_densities_twice(scattered, uncertainty):
    found = budgets(scattered(calibration_uncertainty=uncertainty))[0]
    parts = {key: budget.parts["calibration"] for key, budget in found.items()}
    assert parts["mean"].relative == pytest.approx(uncertainty)
    assert parts["density"].relative == pytest.approx(2 * uncertainty)


def test_a_pixel_size_that_states_no_uncertainty_is_not_known_to_be_exact(scattered):
    for budget in budgets(scattered())[0].values():
        assert "calibration" in budget.unknown


def test_numbers_in_pixels_need_no_pixel_size(scattered):
    for budget in budgets(scattered(pixel_size=None))[0].values():
        assert budget.parts["calibration"].relative == 0


def test_segmentation_is_never_taken_for_perfect(scattered):
    for budget in budgets(scattered())[0].values():
        assert budget.parts["segmentation"].relative is None
        assert "segmetry estimate" in budget.parts["segmentation"].note


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_add_up_to_the_interval_that_the_summary_gives(scattered, seed):
    sample = scattered(calibration_uncertainty=0.01, seed=seed)
    found, mean, number = budgets(sample)
    for key, estimate, shared in (("mean", mean, 0.01), ("density", number, 0.02)):
        parts = found[key].parts
        random = math.hypot(parts["edge rule"].relative, parts["sampling"].relative)
        half = math.hypot(student.ppf(0.975, 9) * random, 1.959964 * shared)
        assert half == pytest.approx(math.log(estimate.high / estimate.low) / 2, rel=1e-6)


def test_the_bias_that_the_rule_removes_is_that_of_counting_everything(scattered):
    sample = scattered()
    found, mean, number = budgets(sample)
    kept = sample.diameters.mean() / mean.value - 1
    assert found["mean"].parts["edge rule"].bias_removed == pytest.approx(kept)
    crowd = sample.n / sample.included_areas.sum() / number.value - 1
    assert found["density"].parts["edge rule"].bias_removed == pytest.approx(crowd)
    assert kept < 0 < crowd


def test_a_rule_that_leaves_a_bias_counts_all_of_it_as_uncertainty(scattered):
    sample = scattered()
    right = budgets(sample)[1].value
    found, mean, _ = budgets(sample, "drop")
    part = found["mean"].parts["edge rule"]
    assert part.relative == pytest.approx(abs(mean.value / right - 1))
    assert part.bias_removed is None
    assert "leaves" in part.note


def test_counting_two_sides_mends_densities_and_not_sizes(scattered):
    found = budgets(scattered(), "two-sides")[0]
    assert found["density"].parts["edge rule"].bias_removed is not None
    assert found["mean"].parts["edge rule"].bias_removed is None


def test_too_few_objects_leave_sources_unknown(scattered):
    found = budgets(scattered(1, per_image=2, spread=0))[0]
    assert found["mean"].parts["sampling"].relative is None
    assert found["mean"].relative is None


def test_no_object_leaves_all_but_the_pixel_size_unknown(object_table, image_table):
    empty = pool(object_table([]), image_table(3, calibration_uncertainty=0.01))[0]
    nothing = Estimate(None, None, None, 0)
    group = weigh(empty, StatisticsOptions())
    found = error_budget(group, mean_size=nothing, density=nothing)
    assert found["mean"].unknown == ("segmentation", "edge rule", "sampling")


def test_few_pictures_say_that_they_cannot_tell_how_pictures_differ(scattered):
    part = budgets(scattered(3))[0]["mean"].parts["sampling"]
    assert "too few" in part.note
    assert part.relative > 0


@pytest.mark.slow
def test_the_combined_uncertainty_is_the_spread_over_repeats(scattered):
    rng = np.random.default_rng(5)
    values, told = {"mean": [], "density": []}, {"mean": [], "density": []}
    for seed in range(150):
        # The pixel size that the repeat believes in is off by 2 %, differently each time.
        scale = float(np.exp(0.02 * rng.standard_normal()))
        sample = scattered(12, scale=scale, calibration_uncertainty=0.02, seed=seed)
        found, mean, number = budgets(sample, resamples=200, seed=seed)
        for key, estimate in (("mean", mean), ("density", number)):
            values[key].append(estimate.value)
            told[key].append(found[key].relative)
    for key, numbers in values.items():
        spread = np.log(numbers).std(ddof=1)
        assert np.sqrt(np.mean(np.square(told[key]))) == pytest.approx(spread, rel=0.15)
