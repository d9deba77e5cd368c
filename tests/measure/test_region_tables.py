import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.measure import summarize
from segmetry.measure.abercrombie import Section
from segmetry.measure.edge_rules import EDGE_RULES
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.region_tables import (
    animals_table,
    constant_within,
    group_conditions,
    picture_columns,
    regions_table,
)

SECTION = Section(thickness_um=40, object_height_um=10, measured=False)


def counted(rows, *, unit="um"):
    """Return a picture's table: region, objects, area in mm2 (or px) and mean diameter."""
    names, objects, areas, means = zip(*rows, strict=True)
    columns = {
        "region": names,
        "classification": "",
        "rule": "centroid",
        "n_objects": objects,
        "area_px": np.multiply(areas, 1e6 if unit == "um" else 1.0),
    }
    if unit == "um":
        columns["area_mm2"] = areas
    columns[f"mean_equivalent_diameter_{unit}"] = means
    return pd.DataFrame(columns)


def images(**conditions):
    n = len(next(iter(conditions.values())))
    return pd.DataFrame({"image": [f"s{k}" for k in range(n)], **conditions})


TABLES = {
    "s0": counted([("CA1", 10, 0.5, 8.0), ("CA3", 0, 0.25, np.nan)]),
    "s1": counted([("CA1", 30, 1.0, 12.0)]),
    "s2": counted([("CA1", 5, 0.5, 9.0), ("CA3", 4, 0.5, 7.0)]),
}
SHEET = images(animal=["m1", "m1", "m2"], group=["WT", "WT", "KO"], slice=[1, 2, 1])
CONDITIONS = ("animal", "group", "slice")


def test_a_row_is_a_picture_and_a_region_with_the_conditions_of_the_picture():
    table = regions_table(TABLES, SHEET, conditions=CONDITIONS)
    assert table.columns.tolist() == [
        *("image", "region", "animal", "group", "slice", "rule", "n_objects", "area_px"),
        *("area_mm2", "density_per_mm2", "mean_equivalent_diameter_um"),
    ]
    assert table["image"].tolist() == ["s0", "s0", "s1", "s2", "s2"]
    assert table["group"].tolist() == ["WT", "WT", "WT", "KO", "KO"]
    assert table["density_per_mm2"].tolist() == [20, 0, 30, 10, 8]


def test_empty_regions_are_rows_with_0_and_absent_ones_are_no_rows():
    table = regions_table(TABLES, SHEET)
    assert table[table["region"] == "CA3"]["n_objects"].tolist() == [0, 4]
    assert len(table[table["image"] == "s1"]) == 1


def test_without_a_pixel_size_densities_are_per_squared_pixel():
    table = regions_table({"s0": counted([("a", 3, 600.0, 5.0)], unit="px")}, SHEET)
    assert table["density_per_px2"].tolist() == [0.005]
    assert "density_per_mm2" not in table


def test_a_picture_of_unknown_pixel_size_has_no_density_beside_others():
    tables = {"s0": TABLES["s0"], "s1": counted([("CA1", 3, 600.0, 5.0)], unit="px")}
    table = regions_table(tables, SHEET)
    assert table["density_per_mm2"].isna().tolist() == [False, False, True]
    assert table["mean_equivalent_diameter_px"].notna().tolist() == [False, False, True]


def test_a_region_without_area_has_no_density():
    table = regions_table({"s0": counted([("a", 0, 0.0, np.nan)])}, SHEET)
    assert table["density_per_mm2"].isna().all()


def test_classes_are_told_where_there_are_any():
    one = TABLES["s0"].assign(classification=["layer", ""])
    table = regions_table({"s0": one}, SHEET)
    assert table["classification"].tolist() == ["layer", ""]


def test_no_regions_are_an_empty_table():
    assert regions_table({}, SHEET).columns.tolist() == ["image", "region"]


def test_corrected_columns_stand_beside_the_plain_ones():
    plain = regions_table(TABLES, SHEET)
    table = regions_table(TABLES, SHEET, section=SECTION)
    assert table[plain.columns].equals(plain)
    assert table["n_objects_abercrombie"].tolist() == [8, 0, 24, 4, pytest.approx(3.2)]
    assert table["density_abercrombie_per_mm2"].tolist() == pytest.approx(
        [16, 0, 24, 8, 6.4]
    )


def test_an_animal_has_the_sums_of_its_pictures():
    table = regions_table(TABLES, SHEET, conditions=CONDITIONS)
    animals = animals_table(table, conditions=CONDITIONS, section=SECTION)
    assert animals.columns.tolist()[:5] == [
        "animal",
        "group",
        "region",
        "n_pictures",
        "n_objects",
    ]
    first = animals.iloc[0]
    assert (first["animal"], first["region"], first["n_pictures"]) == ("m1", "CA1", 2)
    assert (first["n_objects"], first["area_mm2"]) == (40, 1.5)
    assert first["density_per_mm2"] == pytest.approx(40 / 1.5)
    assert first["mean_equivalent_diameter_um"] == pytest.approx((10 * 8 + 30 * 12) / 40)
    assert first["n_objects_abercrombie"] == pytest.approx(32)
    assert len(animals) == 4


def test_a_region_of_an_animal_without_objects_has_no_mean():
    table = regions_table(TABLES, SHEET, conditions=CONDITIONS)
    animals = animals_table(table, conditions=CONDITIONS).set_index(["animal", "region"])
    assert animals.loc[("m1", "CA3"), "n_objects"] == 0
    assert np.isnan(animals.loc[("m1", "CA3"), "mean_equivalent_diameter_um"])


def test_pictures_without_an_animal_are_in_no_sum():
    sheet = images(animal=["m1", None, "m2"])
    table = regions_table(TABLES, sheet, conditions=("animal",))
    animals = animals_table(table, conditions=("animal",))
    assert animals["n_objects"].tolist() == [10, 0, 5, 4]


def test_a_sum_of_which_one_area_is_not_known_is_not_known():
    tables = {"s0": TABLES["s0"], "s1": counted([("CA1", 3, 600.0, 5.0)], unit="px")}
    table = regions_table(tables, SHEET, conditions=("animal",))
    animals = animals_table(table).set_index("region")
    assert np.isnan(animals.loc["CA1", "density_per_mm2"])
    assert animals.loc["CA3", "density_per_mm2"] == 0


def test_conditions_that_change_within_an_animal_tell_no_group():
    table = regions_table(TABLES, SHEET, conditions=CONDITIONS)
    assert constant_within(table, ["group", "slice"]) == ["group"]


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 50), st.floats(0.01, 5)),
        min_size=1,
        max_size=9,
    )
)
def test_animals_sum_to_what_regions_sum_to(rows):
    tables = {
        f"s{k}": counted([("a", n, area, 5.0)]) for k, (_, n, area) in enumerate(rows)
    }
    sheet = images(animal=[f"m{animal}" for animal, *_ in rows])
    table = regions_table(tables, sheet, conditions=("animal",))
    animals = animals_table(table)
    for name in ("n_objects", "area_px", "area_mm2"):
        assert animals[name].sum() == pytest.approx(table[name].sum())
    assert animals["n_pictures"].sum() == len(rows)


def test_an_animal_is_one_of_its_group_as_numbers_may_start_anew_in_each():
    sheet = images(group=["WT", "WT", "KO"], animal=["1", "1", "1"], sex=["f", "f", "m"])
    conditions = ("group", "animal", "sex")
    table = regions_table(TABLES, sheet, conditions=conditions)
    animals = animals_table(table, conditions=conditions)
    assert animals[["animal", "group", "sex", "region"]].to_numpy().tolist() == [
        ["1", "WT", "f", "CA1"],
        ["1", "WT", "f", "CA3"],
        ["1", "KO", "m", "CA1"],
        ["1", "KO", "m", "CA3"],
    ]
    assert animals["n_objects"].tolist() == [40, 0, 5, 4]
    assert animals["n_pictures"].tolist() == [2, 1, 1, 1]


def test_animals_of_no_told_group_are_kept_apart_from_those_of_a_group():
    sheet = images(animal=["1", "2", "1"], group=["WT", None, None])
    table = regions_table(TABLES, sheet, conditions=("animal", "group"))
    animals = animals_table(table, conditions=("animal", "group"))
    told = animals[["animal", "group", "n_objects"]].fillna("none").to_numpy().tolist()
    assert told == [
        ["1", "WT", 10],
        ["1", "WT", 0],
        ["2", "none", 30],
        ["1", "none", 5],
        ["1", "none", 4],
    ]


def test_the_columns_for_a_mixed_model_tell_rates_and_how_animals_differ():
    # A random intercept: each animal has a level of its own, log-normal with sigma 0.4,
    # and numbers start anew in each group. Many small regions hold no cell.
    rng = np.random.default_rng(5)
    rates, sigma, n_animals, n_regions = {"WT": 6.0, "KO": 12.0}, 0.4, 100, 4
    tables, sheet = {}, []
    for group, rate in rates.items():
        for animal in range(n_animals):
            level = rate * np.exp(rng.normal(-(sigma**2) / 2, sigma))
            areas = rng.uniform(0.2, 0.6, n_regions)
            rows = [(f"CA{k}", rng.poisson(level * a), a, 5.0) for k, a in enumerate(areas)]
            name = f"s{len(sheet)}"
            tables[name] = counted(rows)
            sheet.append({"image": name, "animal": f"{animal}", "group": group})
    conditions = ("animal", "group")
    table = regions_table(tables, pd.DataFrame(sheet), conditions=conditions)
    table = table[["animal", "group", "region", "n_objects", "area_mm2"]]
    assert len(table) == 2 * n_animals * n_regions
    zeros = sum((one["n_objects"] == 0).sum() for one in tables.values())
    assert (table["n_objects"] == 0).sum() == zeros > 50
    animals = table.groupby(["group", "animal"])[["n_objects", "area_mm2"]].sum()
    assert len(animals) == 2 * n_animals
    for group, rate in rates.items():
        n, area = animals.loc[group].to_numpy(np.float64).T
        found = n.sum() / area.sum()
        assert found == pytest.approx(rate, rel=0.15)
        # Of a Poisson count, E n (n - 1) is the mean of (level area)²; levels with sigma
        # have a mean square of exp(sigma²) times the square of their mean.
        spread = np.log((n * (n - 1)).sum() / (area**2).sum() / found**2)
        assert spread == pytest.approx(sigma**2, abs=3 * 0.046)  # by many such draws


def test_the_column_of_groups_tells_animals_apart_also_where_nobody_asks_for_it():
    sheet = images(animal=["1", "1", "1"], group=["WT", "WT", "KO"])
    table = regions_table(TABLES, sheet, conditions=("animal", "group"))
    assert animals_table(table)["group"].tolist() == ["WT", "WT", "KO", "KO"]


@pytest.mark.parametrize("rule", EDGE_RULES)
@pytest.mark.parametrize("pixel_size", [0.01, None])
def test_densities_of_pictures_are_those_of_the_summary_by_the_same_edge_rule(
    object_table, image_table, rule, pixel_size
):
    rng = np.random.default_rng(3)
    sides, places = rng.uniform(20, 200, 60), rng.uniform(-60, 980, (60, 2))
    table = image_table(3, pixel_size=pixel_size)
    table["included_area_px"] = [1e6, 7e5, 1e6]
    found = object_table(
        sides, image=rng.integers(0, 3, 60), corner=places, pixel_size=pixel_size
    )
    whole = picture_columns(table, found, edge_rule=rule)
    areas = table["included_area_px"] * (pixel_size or 1) ** 2
    # A truncated log-normal gives no weights to single objects.
    rule = "miles-lantuejoul" if rule == "truncated-log-normal" else rule
    options = StatisticsOptions(edge_rule=rule, resamples=20)
    pooled = summarize(found, table, options=options)["pooled"]
    unit, scale = ("px2", 1) if pixel_size is None else ("mm2", 1e6)
    density = np.average(whole[f"density_per_{unit}"], weights=areas) / scale
    assert density == pytest.approx(pooled["density"]["value"])
    mean = whole["mean_equivalent_diameter_" + ("px" if pixel_size is None else "um")]
    counts = whole[f"density_per_{unit}"] * areas
    expected = pooled["number"]["mean"]["value"]
    assert np.average(mean, weights=counts) == pytest.approx(expected)


def test_a_picture_that_failed_has_no_density_and_one_without_objects_has_0(
    object_table, image_table
):
    table = image_table(3, status=["failed", "done", "done"])
    table.loc[0, ["included_area_px", "frame_x_max_px", "pixel_size"]] = np.nan
    found = object_table([100, 50], image=[2, 2], corner=[(300, 300), (0, 0)])
    whole = picture_columns(table, found, edge_rule="miles-lantuejoul")
    weight = 1 / (0.9 * 0.9)  # of the one that no edge cuts
    area = (1000 * 0.01e-3) ** 2
    assert whole["density_per_mm2"].tolist() == [
        pytest.approx(np.nan, nan_ok=True),
        0,
        pytest.approx(weight / area),
    ]
    assert whole["mean_equivalent_diameter_um"].isna().tolist() == [True, True, False]
    assert whole["mean_equivalent_diameter_um"][2] == pytest.approx(1.0)


def test_sums_have_no_digits_of_binary_fractions():
    slices = [0.1, 0.2, 0.371944]  # which python adds up to 0.6719440000000001
    tables = {f"s{k}": counted([("CA1", 1, area, 8.0)]) for k, area in enumerate(slices)}
    sheet = images(animal=["m1"] * 3)
    table = animals_table(regions_table(tables, sheet, conditions=("animal",)))
    assert sum(slices) == 0.6719440000000001
    assert table["area_mm2"].tolist() == [0.671944]
    assert table["n_objects"].dtype.kind == "i"


def test_the_sum_of_an_area_that_is_not_known_is_not_known():
    tables = {"s0": counted([("CA1", 1, np.nan, 8.0)]), "s1": counted([("CA1", 1, 1, 8)])}
    table = regions_table(tables, images(animal=["m1"] * 2), conditions=("animal",))
    assert animals_table(table)["area_mm2"].isna().tolist() == [True]


def test_animals_tell_no_groups():
    assert group_conditions(("animal", "group", "slice")) == ["group", "slice"]
    assert group_conditions(("animal",)) == []
