import json

import pytest

from segmetry.io import column, described_columns, schema

# As agreed for objects.csv and images.csv.
OBJECTS = [
    "image",
    "label",
    "area_um2",
    "equivalent_diameter_um",
    "centroid_x_px",
    "centroid_y_px",
    "bbox_x_min_px",
    "bbox_y_min_px",
    "bbox_x_max_px",
    "bbox_y_max_px",
    "axis_major_length_um",
    "axis_minor_length_um",
    "orientation_deg",
    "eccentricity",
    "feret_diameter_max_um",
    "feret_diameter_min_um",
    "perimeter_um",
    "circularity",
    "aspect_ratio",
    "solidity",
    "extent",
    "euler_number",
    "intensity_mean",
    "intensity_std",
    "intensity_min",
    "intensity_max",
    "intensity_mean_above_background",
    "touches_edge",
    "too_small_for_shape",
    "area_px",
]
IMAGES = [
    "image",
    "path",
    "status",
    "reason",
    "n_objects",
    "width_px",
    "height_px",
    "frame_x_min_px",
    "frame_y_min_px",
    "frame_x_max_px",
    "frame_y_max_px",
    "included_area_px",
    "pixel_size",
    "pixel_size_y",
    "unit",
    "calibration_source",
    "calibration_uncertainty",
    "calibration_note",
    "scale_bar_text",
    "scale_bar_px",
    "banner_rows",
    "segmenter",
    "segmenter_reason",
    "foreground_fraction",
]


@pytest.mark.parametrize("name", [*OBJECTS, *IMAGES])
def test_every_column_of_the_tables_has_a_meaning(name):
    found = column(name)
    assert found.name == name
    assert found.type != "any"
    assert found.description


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("area_um2", "um2"),
        ("area_px", "px2"),
        ("perimeter_um", "um"),
        ("perimeter_px", "px"),
        ("centroid_x_px", "px"),
        ("orientation_deg", "degree"),
        ("pixel_size", "um"),
        ("solidity", ""),
    ],
)
def test_units_are_those_of_the_name(name, unit):
    assert column(name).unit == unit


@pytest.mark.parametrize("name", ["time_h", "area_um", "perimeter_um2", "length_um", "px"])
def test_other_names_are_conditions_of_the_users_sheet(name):
    found = column(name)
    assert (found.type, found.unit) == ("any", "")
    assert "sheet" in found.description


def test_a_schema_lists_the_fields_in_their_order():
    found = schema(["image", "area_um2", "time_h"])
    assert [field["name"] for field in found["fields"]] == ["image", "area_um2", "time_h"]
    assert found["missingValues"] == [""]
    for field in found["fields"]:
        assert set(field) == {"name", "type", "unit", "description"}
    assert json.loads(json.dumps(found)) == found


def test_all_described_columns_describe_themselves():
    names = described_columns()
    assert len(set(names)) == len(names)
    assert {*OBJECTS, *IMAGES} <= set(names)
    assert all(column(name).type != "any" for name in names)
