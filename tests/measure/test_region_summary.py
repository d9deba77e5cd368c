import json

import numpy as np
import pandas as pd
import pytest

from segmetry.measure.abercrombie import Section
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.region_summary import MOST_GROUPS, summarize_regions

OPTIONS = StatisticsOptions(resamples=400)


def table(n_animals=6, n_slices=3, *, groups=("KO", "WT"), seed=0, spread=0.0, rate=40.0):
    """Draw counts of two regions; animals differ by `spread` on a logarithmic scale."""
    rng = np.random.default_rng(seed)
    rows = []
    for animal in range(n_animals):
        level = rate * np.exp(rng.normal(0, spread)) if spread else rate
        rows += [
            {
                "image": f"s{animal}-{number}",
                "region": region,
                "animal": f"m{animal}",
                "group": groups[animal % len(groups)],
                "slice": number,
                "n_objects": int(rng.poisson(level * area)),
                "area_px": area * 1e6,
                "area_mm2": area,
            }
            for number in range(n_slices)
            for region, area in (("CA1", rng.uniform(0.5, 2)), ("CA3", 0.5))
        ]
    return pd.DataFrame(rows)


def summary(regions, **said):
    said = {"conditions": ("animal", "group", "slice"), "options": OPTIONS} | said
    told = summarize_regions(regions, **said)
    json.dumps(told, allow_nan=False)
    return told


def test_rows_are_groups_and_regions_and_animals_their_parts():
    regions = table(n_animals=12)
    told = summary(regions)
    assert [(row["group"], row["region"]) for row in told["rows"]] == [
        *(("group=KO", "CA1"), ("group=KO", "CA3")),
        *(("group=WT", "CA1"), ("group=WT", "CA3")),
    ]
    chosen = regions[(regions["group"] == "KO") & (regions["region"] == "CA1")]
    row = told["rows"][0]
    assert (row["n_units"], row["n_pictures"]) == (6, 18)
    assert row["n_objects"] == chosen["n_objects"].sum()
    density = chosen["n_objects"].sum() / chosen["area_mm2"].sum() / 1e6
    assert row["density"]["value"] == pytest.approx(density)
    assert row["density"]["unit"] == "per um2"
    assert row["density"]["low"] < density < row["density"]["high"]
    assert sum(one["n_objects"] for one in told["animals"]) == regions["n_objects"].sum()
    assert len(told["animals"]) == 24


def test_few_animals_have_no_interval_and_it_is_said():
    told = summary(table(n_animals=4))
    assert all(row["density"]["low"] is None for row in told["rows"])
    assert any("fewer than 5 animals have no interval" in one for one in told["warnings"])


def test_slices_of_few_animals_make_no_interval_narrower():
    few, many = (
        summary(table(n_animals=10, n_slices=n, groups=("all",), spread=0.5, rate=200))
        for n in (2, 30)
    )
    widths = [
        told["rows"][0]["density"]["high"] - told["rows"][0]["density"]["low"]
        for told in (few, many)
    ]
    assert widths[1] > 0.5 * widths[0]


@pytest.mark.slow
def test_intervals_by_animal_hold_the_truth_about_as_often_as_they_say():
    truth = 40 * np.exp(0.3**2 / 2) / 1e6  # the mean of the log-normal
    held = 0
    for seed in range(200):
        drawn = table(8, 4, groups=("all",), seed=seed, spread=0.3)
        density = summary(drawn, conditions=("animal",))["rows"][1]["density"]
        held += density["low"] <= truth <= density["high"]
    assert 0.89 <= held / 200 <= 0.99


def test_without_animals_pictures_are_the_units_and_every_condition_a_group():
    regions = table(n_animals=12).drop(columns="animal")
    told = summary(regions, conditions=("group",))
    assert told["unit"] == "picture"
    assert told["rows"][0]["n_units"] == 18
    assert told["rows"][0]["density"]["low"] is not None


def test_more_combinations_than_an_experiment_has_are_no_groups_and_it_is_said():
    regions = table(n_animals=MOST_GROUPS + 1, n_slices=1).drop(columns="animal")
    told = summary(regions.assign(slice=regions["image"]), conditions=("slice",))
    assert {row["group"] for row in told["rows"]} == {""}
    (remark,) = (one for one in told["warnings"] if "too many for groups" in one)
    assert remark.startswith("25 combinations of slice are too many for groups: ")
    assert "told without groups" in remark


def test_as_many_combinations_as_an_experiment_may_have_are_groups():
    regions = table(n_animals=MOST_GROUPS, n_slices=1).drop(columns="animal")
    told = summary(regions.assign(slice=regions["image"]), conditions=("slice",))
    assert len({row["group"] for row in told["rows"]}) == MOST_GROUPS
    assert not any("too many" in one for one in told["warnings"])


def test_where_every_animal_has_its_own_weight_groups_are_those_of_the_column_group():
    regions = table(n_animals=30, n_slices=1)
    regions["weight_g"] = regions["animal"].str[1:].astype(float) / 10 + 20
    told = summary(regions, conditions=("animal", "group", "weight_g"))
    assert {row["group"] for row in told["rows"]} == {"group=KO", "group=WT"}
    assert all(row["n_units"] == 15 for row in told["rows"])
    assert any(
        "30 combinations of group and weight_g are too many for groups" in one
        and "told by group alone" in one
        for one in told["warnings"]
    )


def test_a_column_group_of_too_many_groups_is_none():
    regions = table(n_animals=MOST_GROUPS + 1, n_slices=1)
    told = summary(regions.assign(group=regions["animal"]), conditions=("animal", "group"))
    assert {row["group"] for row in told["rows"]} == {""}
    assert any("told without groups" in one for one in told["warnings"])


def test_no_conditions_are_one_group():
    told = summary(table(), conditions=("animal",))
    assert [(row["group"], row["region"]) for row in told["rows"]] == [
        ("", "CA1"),
        ("", "CA3"),
    ]


def test_no_object_at_all_has_a_density_of_0_and_no_interval():
    regions = table().assign(n_objects=0)
    assert summary(regions)["rows"][0]["density"]["value"] == 0
    assert summary(regions)["rows"][0]["density"]["high"] is None


def test_an_unknown_area_has_no_density():
    regions = table()
    regions.loc[0, "area_mm2"] = np.nan
    row = summary(regions)["rows"][0]
    assert row["density"]["value"] is None
    assert row["n_objects"] > 0


def test_densities_without_a_pixel_size_are_per_squared_pixel():
    row = summary(table(12).drop(columns="area_mm2"))["rows"][0]
    assert row["density"]["unit"] == "per px2"
    assert row["density"]["value"] == pytest.approx(40e-6, rel=0.3)


def test_a_doubtful_pixel_size_makes_intervals_wider():
    plain, doubtful = (
        summary(table(12), uncertainty=uncertainty)["rows"][0]["density"]
        for uncertainty in (0.0, 0.1)
    )
    assert doubtful["value"] == plain["value"]
    assert doubtful["high"] / doubtful["low"] > 1.5 * plain["high"] / plain["low"]


def test_pictures_without_an_animal_are_told():
    regions = table()
    regions.loc[:1, "animal"] = None
    told = summary(regions)
    assert any("names no animal for 1 of the pictures" in one for one in told["warnings"])
    assert sum(one["n_objects"] for one in told["animals"]) < regions["n_objects"].sum()


def test_the_section_is_told_with_its_share():
    section = Section(thickness_um=40, object_height_um=10, measured=True)
    assert summary(table(), section=section)["section"] == {
        "thickness_um": 40,
        "object_height_um": 10,
        "measured": True,
        "factor": 0.8,
    }


def test_the_same_seed_gives_the_same_intervals():
    assert summary(table(12)) == summary(table(12))


def numbered_anew(regions):
    """Return a table whose animals have numbers that start anew in each of two groups."""
    return regions.assign(animal=(regions["animal"].str[1:].astype(int) // 2).astype(str))


def test_animals_numbered_anew_in_each_group_are_different_animals_and_it_is_said():
    regions = table(n_animals=12)
    plain, anew = (
        summary(one, conditions=("animal", "group"))
        for one in (regions, numbered_anew(regions))
    )
    assert [row | {"name": ""} for row in anew["animals"]] == [
        row | {"name": ""} for row in plain["animals"]
    ]
    assert anew["rows"] == plain["rows"]
    assert [row["n_units"] for row in anew["rows"]] == [6] * 4
    assert {row["name"] for row in anew["animals"]} == set("012345")
    told = "Animals of one name in several groups (0, 1, 2 and 3 more) are taken for "
    assert not any("of one name" in one for one in plain["warnings"])
    assert any(one.startswith(told) for one in anew["warnings"])


def test_animals_numbered_anew_draw_intervals_as_so_many_animals():
    regions = table(n_animals=20, spread=0.5, rate=300, groups=("all",))
    apart = regions.assign(group="all")
    merged = numbered_anew(apart)
    merged["group"] = np.where(regions["animal"].str[1:].astype(int) % 2, "a", "b")
    told = summary(merged, conditions=("animal",))
    assert told["rows"][0]["n_units"] == 20
    assert told["rows"][0]["density"] == summary(apart)["rows"][0]["density"]


def test_numbers_that_start_anew_in_a_column_of_another_name_are_told_of():
    regions = numbered_anew(table(n_animals=6)).rename(columns={"group": "genotype"})
    told = summary(regions, conditions=("animal", "genotype"))
    assert {row["group"] for row in told["rows"]} == {""}
    assert [row["n_units"] for row in told["rows"]] == [3, 3]
    assert any("in each group, call it 'group'" in one for one in told["warnings"])
    unique = table(n_animals=6).rename(columns={"group": "genotype"})
    told = summary(unique, conditions=("animal", "genotype"))
    assert not any("call it 'group'" in one for one in told["warnings"])


def test_a_region_that_is_excluded_altogether_is_no_animal_to_draw():
    regions = table(8, groups=("all",))
    gone = regions["animal"].isin(["m0", "m1", "m2"])
    regions.loc[gone, ["area_mm2", "area_px", "n_objects"]] = 0
    row = summary(regions)["rows"][0]
    assert (row["n_units"], row["n_pictures"]) == (5, 24)
    assert row["density"]["low"] < row["density"]["value"] < row["density"]["high"] < 1
