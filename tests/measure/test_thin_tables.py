import json

import numpy as np
import pytest

from segmetry.image import PixelSize
from segmetry.measure import measure_thin
from segmetry.measure.thin_tables import quantities, tables_of


def cross():
    """Two bars of 4 and 6 px that cross at right angles."""
    mask = np.zeros((100, 120), bool)
    mask[48:52, 10:110] = True
    mask[10:90, 57:63] = True
    return mask


def test_each_point_of_a_line_has_its_place_and_distance():
    tables = tables_of(measure_thin(cross()))
    assert tables.unit == "px"
    for number, points in tables.widths.groupby("segment"):
        segment = tables.segments.set_index("segment").loc[number]
        along = points["distance_px"].to_numpy()
        assert np.all(np.diff(along) > 0)
        assert 0 < along[0] <= 1
        assert along[-1] == pytest.approx(segment["length_px"], abs=1)
        first = points.iloc[0][["x_px", "y_px"]].to_numpy(float)
        start = segment[["start_x_px", "start_y_px"]].to_numpy(float)
        assert np.hypot(*(first - start)) < 1


def test_widths_of_the_points_are_those_that_the_segments_are_told_by():
    tables = tables_of(measure_thin(cross(), grey=np.where(cross(), 90.0, 20.0)))
    known = tables.segments.set_index("segment")
    of_points = tables.widths.groupby("segment")
    for name in ("width", "width_grey"):
        means = of_points[f"{name}_px"].mean()
        assert means.to_numpy() == pytest.approx(known[f"{name}_mean_px"].to_numpy())
    counted = of_points["width_px"].count().to_numpy()
    assert counted.tolist() == known["n_sections"].tolist()


def test_lengths_are_in_micrometres_where_the_pixel_size_is_known():
    size = PixelSize(y=250, x=250, unit="nm", source="typed")
    known, plain = tables_of(measure_thin(cross(), pixel_size=size)), measure_thin(cross())
    assert known.unit == "um"
    assert "width_grey_um" not in known.widths
    widths = known.widths["width_um"].to_numpy()
    np.testing.assert_allclose(widths, plain.widths / 4)
    longest = known.widths["distance_um"].max()
    assert longest == pytest.approx(tables_of(plain).widths["distance_px"].max() / 4)


def test_a_mask_without_lines_has_tables_without_rows():
    tables = tables_of(measure_thin(np.zeros((30, 40), bool)))
    assert tables.unit == "px"
    for table in (tables.segments, tables.nodes, tables.widths):
        assert table.empty
        assert len(table.columns)


def test_quantities_are_json_without_nan():
    told = quantities(measure_thin(np.zeros((30, 40), bool)).picture)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["width_mean_px"]["value"] is None
    assert told["total_length_px"] == {
        "value": 0.0,
        "low": None,
        "high": None,
        "unit": "px",
        "n": 0,
    }
