import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.measure.abercrombie import Section
from segmetry.measure.region_tables import (
    animals_table,
    constant_within,
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


def test_whole_pictures_have_a_density_and_a_mean_too():
    table = images(n_objects=[2, 0], included_area_px=[1e6, 1e6]).assign(
        pixel_size=0.5, pixel_size_y=0.5
    )
    objects = pd.DataFrame({"image": ["s0", "s0"], "equivalent_diameter_um": [4.0, 6.0]})
    whole = picture_columns(table, objects)
    assert whole["density_per_mm2"].tolist() == [8, 0]
    assert whole["mean_equivalent_diameter_um"].tolist() == [
        5,
        pytest.approx(np.nan, nan_ok=True),
    ]


def test_whole_pictures_without_a_pixel_size_are_told_in_pixels():
    table = images(n_objects=[2], included_area_px=[100]).assign(
        pixel_size=None, pixel_size_y=None
    )
    objects = pd.DataFrame({"image": ["s0", "s0"], "equivalent_diameter_px": [4.0, 6.0]})
    whole = picture_columns(table, objects)
    assert whole.columns.tolist() == ["density_per_px2", "mean_equivalent_diameter_px"]
    assert whole["density_per_px2"].tolist() == [0.02]
