import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from segmetry.errors import DatasetError
from segmetry.evaluate.corrected_run import estimate_run
from segmetry.evaluate.corrected_sample import estimate_total
from segmetry.evaluate.corrections import compare
from segmetry.measure.error_budget import Budget, Part
from segmetry.measure.options import StatisticsOptions

SHAPE = (120, 120)
PLACES = [(y, x) for y in range(5, 110, 10) for x in range(5, 110, 10)]


def row(name, *, pixel_size=0.5, **more):
    return {
        "image": name,
        "frame_x_min_px": 0,
        "frame_y_min_px": 0,
        "frame_x_max_px": SHAPE[1],
        "frame_y_max_px": SHAPE[0],
        "included_area_px": SHAPE[0] * SHAPE[1],
        "pixel_size": pixel_size,
        "unit": "" if pixel_size is None else "um",
        "calibration_uncertainty": np.nan,
        **more,
    }


def squares(numbers, *, side=6):
    labels = np.zeros(SHAPE, np.uint32)
    for number in numbers:
        y, x = PLACES[number]
        labels[y : y + side, x : x + side] = number + 1
    return labels


class World:
    """Pictures of squares of which the automatic run misses some and makes others small."""

    def __init__(self, n=12, seed=0, **columns):
        rng = np.random.default_rng(seed)
        self.rows = [
            row(f"p{k:02d}", **{key: column[k] for key, column in columns.items()})
            for k in range(n)
        ]
        self.true = [
            rng.choice(len(PLACES), rng.integers(10, 60), replace=False) for _ in range(n)
        ]
        self.found = [there[rng.random(there.size) < 0.9] for there in self.true]
        self.changes = [
            compare(squares(found, side=5), squares(true), one)
            for found, true, one in zip(self.found, self.true, self.rows, strict=True)
        ]
        self.images = pd.DataFrame(self.rows)
        self.objects = pd.concat([one.before for one in self.changes], ignore_index=True)

    @property
    def total(self):
        return sum(there.size for there in self.true)

    def estimate(self, n=6, **how):
        options = StatisticsOptions(edge_rule="keep", target=how.pop("target", 0.05))
        return estimate_run(
            self.objects, self.images, self.changes[:n], statistics=options, **how
        )


@pytest.fixture(scope="module")
def world():
    return World()


def test_all_numbers_are_json_and_say_what_they_rest_on(world):
    told = world.estimate()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert (told["n_pictures"], told["n_corrected"]) == (12, 6)
    assert told["corrected"] == [f"p0{k}" for k in range(6)]
    assert told["automatic_count"] == sum(there.size for there in world.found)


def test_count_density_and_mean_are_those_of_the_truth(world):
    told = world.estimate()
    assert told["count"]["low"] <= world.total <= told["count"]["high"]
    area = 12 * 60.0 * 60.0
    assert told["density"]["low"] <= world.total / area <= told["density"]["high"]
    # A square of 6 px of 0.5 µm; automatic ones have 5.
    assert told["mean"]["value"] == pytest.approx(6 / np.sqrt(np.pi), rel=1e-6)
    assert told["automatic_mean"] == pytest.approx(5 / np.sqrt(np.pi), rel=1e-6)


def test_with_every_picture_corrected_the_numbers_are_exact(world):
    told = world.estimate(12)
    assert told["count"] == {
        "value": pytest.approx(world.total),
        "low": pytest.approx(world.total),
        "high": pytest.approx(world.total),
        "n": 12,
    }
    assert told["mean"]["high"] == pytest.approx(6 / np.sqrt(np.pi))


def test_the_bias_is_that_of_the_automatic_count(world):
    told = world.estimate(12)
    off = 100 * (told["automatic_count"] / world.total - 1)
    assert told["bias_percent"]["value"] == pytest.approx(off)
    six = world.estimate()["bias_percent"]
    assert six["low"] <= off <= six["high"]


def test_precision_is_perfect_where_nothing_was_deleted_and_recall_is_not(world):
    told = world.estimate()
    assert told["precision"]["value"] == 1
    missed = sum(
        true.size - found.size
        for true, found in zip(world.true[:6], world.found[:6], strict=True)
    )
    there = sum(true.size for true in world.true[:6])
    assert told["recall"]["value"] == pytest.approx(1 - missed / there)
    assert told["recall"]["low"] < 0.9 < told["recall"]["high"]


def test_every_estimator_is_told_and_the_first_is_the_one_used(world):
    told = world.estimate()
    assert next(iter(told["methods"].values())) == told["count"]
    assert len(told["methods"]) == 4


def test_the_edge_rule_is_that_of_the_run(world):
    weighted = estimate_run(
        world.objects, world.images, world.changes, statistics=StatisticsOptions()
    )
    assert weighted["count"]["value"] == pytest.approx(world.total)
    plain = world.estimate(12)
    expected = plain["density"]["value"] * (120 / 114) ** 2
    assert weighted["density"]["value"] == pytest.approx(expected)


def test_an_uncertain_pixel_size_widens_lengths_once_and_densities_twice():
    shaky = World(calibration_uncertainty=[0.1] * 12).estimate(12)
    z = 1.959964
    for key, times in (("mean", 1), ("density", 2)):
        half = (shaky[key]["high"] - shaky[key]["value"]) / shaky[key]["value"]
        assert half == pytest.approx(z * times * 0.1, rel=1e-5)
    assert shaky["count"]["high"] == shaky["count"]["value"]


def test_groups_with_enough_corrected_pictures_have_numbers_of_their_own():
    world = World(drug=["a", "b"] * 5 + ["c", "c"])
    told = world.estimate(8, conditions=["drug"])
    by_name = {group["name"]: group for group in told["groups"]}
    assert list(by_name) == ["drug=a", "drug=b", "drug=c"]
    here = [there.size for there in world.true[:10:2]]
    assert (
        by_name["drug=a"]["count"]["low"] <= sum(here) <= by_name["drug=a"]["count"]["high"]
    )
    assert by_name["drug=a"]["n_corrected"] == 4
    assert by_name["drug=c"] == {
        "name": "drug=c", "conditions": {"drug": "c"}, "n_pictures": 2, "n_corrected": 0,
    }  # fmt: skip


def test_segmentation_takes_its_place_in_the_error_budget(world):
    known = {
        key: Budget(1.0, {"segmentation": Part(None), "sampling": Part(0.04, 11)})
        for key in ("density", "mean")
    }
    told = world.estimate(budgets=known)["error_budget"]
    assert list(told) == ["count", "density", "mean"]
    part = told["density"]["sources"]["segmentation"]
    assert part["freedom"] == 5
    assert part["bias_removed"] < 0
    bias = f"{100 * abs(part['bias_removed']):.1f}"
    assert part["note"] == f"From 6 corrected pictures, which take off a bias of −{bias} %."
    assert told["density"]["relative"] == pytest.approx(math.hypot(0.04, part["relative"]))
    assert told["density"]["unknown"] == []
    assert told["density"]["value"] == world.estimate()["density"]["value"]
    assert list(told["count"]["sources"]) == ["segmentation"]


def test_without_a_budget_of_the_run_only_the_count_has_one(world):
    assert list(world.estimate()["error_budget"]) == ["count"]


def test_the_plan_is_for_the_half_width_that_the_run_wants(world):
    assert world.estimate(target=0.5)["plan"]["needed"] == 6


def test_pictures_outside_the_statistics_are_told_of():
    world = World(pixel_size=[0.5] * 10 + [None] * 2)
    told = estimate_run(
        world.objects,
        world.images,
        world.changes[7:11],
        statistics=StatisticsOptions(edge_rule="keep"),
    )
    assert told["n_pictures"] == 10
    assert told["corrected"] == ["p07", "p08", "p09"]
    assert told["notes"][0] == "Corrected, but not in the statistics of the run: p10."
    assert told["notes"][1].startswith("2 pictures of the run are left out")
    with pytest.raises(DatasetError, match="can be used"):
        estimate_run(
            world.objects,
            world.images,
            world.changes[10:],
            statistics=StatisticsOptions(),
        )


def test_a_choice_that_missed_the_rich_pictures_is_told_of(world):
    few = World()
    few.changes = [
        compare(squares([3], side=5), squares([3]), one) for one in few.rows[:3]
    ] + few.changes[3:]
    few.objects = pd.concat([one.before for one in few.changes], ignore_index=True)
    assert "chance left out the rich pictures" in few.estimate(3)["notes"][0]
    assert world.estimate()["notes"] == []


def test_pictures_without_any_object_have_a_count_and_no_mean():
    world = World()
    world.changes = [compare(squares([]), squares([]), one) for one in world.rows]
    world.objects = world.changes[0].before
    told = world.estimate()
    assert told["count"]["value"] == 0
    assert told["count"]["high"] > 0
    assert told["mean"]["value"] is told["recall"]["value"] is None
    assert told["bias_percent"]["value"] is None


@pytest.mark.slow
def test_sampling_and_segmentation_together_are_the_spread_over_repeats():
    rng = np.random.default_rng(4)
    k, n, values, told = 40, 10, [], []
    for _ in range(600):
        true = rng.poisson(rng.gamma(10, 4, k)).astype(float)
        found = rng.binomial(true.astype(int), rng.beta(14, 4, k)).astype(float)
        total = estimate_total(found, found[:n], true[:n])
        spread = found.std(ddof=1) / found.mean() / math.sqrt(k)
        segmentation = (total.high - total.value) / total.value / 2.262157
        parts = {
            "sampling": Part(spread, k - 1),
            "segmentation": Part(segmentation, n - 1),
        }
        values.append(total.value)
        told.append(Budget(total.value, parts).relative)
    found = np.log(values).std(ddof=1)
    assert np.sqrt(np.mean(np.square(told))) == pytest.approx(found, rel=0.12)


def test_every_key_is_explained_in_the_documentation(world):
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "corrected_sample.md").read_text(encoding="utf-8")
    for key in world.estimate():
        assert f"`{key}`" in page, f"{key} is not explained"
