import json

import numpy as np
import pytest

from segmetry.image import Image, Labels, PixelSize
from segmetry.io import (
    IMAGE_COLUMNS,
    THIN_COLUMNS,
    THIN_IMAGE_COLUMNS,
    column,
    described_columns,
    schema,
)
from segmetry.measure import measure, measure_thin
from segmetry.measure.thin_tables import tables_of

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
    "field_of_view",
    "segmenter",
    "segmenter_reason",
    "threshold",
    "mask_origin",
    "foreground_fraction",
    "expected_wrong_fraction",
    "verdict",
    "verdict_reason",
    "edge_blur_px",
    "brightness",
    "contrast",
    "clipped_low_fraction",
    "clipped_high_fraction",
    "clipped_objects_fraction",
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


@pytest.mark.parametrize("size", [None, PixelSize(2, 2, "nm", "typed")])
def test_every_column_of_thin_structures_has_a_meaning_in_its_table(size):
    bar = np.zeros((30, 60), bool)
    bar[12:16, 8:52] = True
    found = tables_of(measure_thin(bar, pixel_size=size, grey=np.where(bar, 90.0, 20.0)))
    unit = "px" if size is None else "um"
    for table in ("segments", "nodes", "widths"):
        names = getattr(found, table).columns
        assert set(names) <= set(THIN_COLUMNS[table])
        for name in names:
            told = column(name, table=table)
            assert told.type != "any"
            assert told.description
            if name.endswith(f"_{unit}"):
                assert told.unit == unit
    left = set(found.picture["quantity"]) - set(THIN_IMAGE_COLUMNS)
    assert left == {f"included_area_{unit}2", "area_fraction"}


def test_a_name_means_what_its_table_says():
    assert column("touches_edge") != column("touches_edge", table="segments")
    assert column("tortuosity").type == "any"
    assert column("total_length_um", table="images").unit == "um"
    assert column("image", table="segments") == column("image")
    fields = schema(["segment", "length_px"], table="segments")["fields"]
    assert [field["unit"] for field in fields] == ["", "px"]


def test_no_column_of_thin_structures_has_the_name_of_another_in_the_table_of_pictures():
    assert not set(THIN_IMAGE_COLUMNS) & set(IMAGE_COLUMNS)
    for names in THIN_COLUMNS.values():
        assert len(set(names)) == len(names)
