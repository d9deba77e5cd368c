import json

import numpy as np
import pytest

from segmetry.image import Image, Labels, PixelSize
from segmetry.io import IMAGE_COLUMNS, column, described_columns, schema
from segmetry.measure import measure

# As agreed for images.csv.
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


def test_the_columns_of_the_pictures_are_those_agreed():
    assert list(IMAGE_COLUMNS) == IMAGES


@pytest.mark.parametrize("size", [None, PixelSize(2, 2, "nm", "typed")])
def test_every_column_of_the_objects_has_a_meaning(size):
    square = np.zeros((20, 20), np.uint8)
    square[5:15, 5:15] = 200
    table = measure(Labels(np.uint32(square > 0), Image(square, pixel_size=size)))
    for name in table.columns:
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
    assert set(IMAGES) <= set(names)
    assert all(column(name).type != "any" for name in names)
