import numpy as np
import pandas as pd
import pytest

from segmetry.errors import RecipeError
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure
from segmetry.measure.column import summarize_column
from segmetry.measure.distribution import mean, quantile, sd, volume_weights
from segmetry.measure.options import StatisticsOptions

KEEP = StatisticsOptions(edge_rule="keep")
FRAME = {"frame_x_min_px": 0, "frame_y_min_px": 0, "included_area_px": 90_000}
FRAME |= {"frame_x_max_px": 300, "frame_y_max_px": 300, "pixel_size": None}


def squares(sides, *, pixel_size=None):
    """Return the table of bright squares on a grid of 10 x 10 places."""
    data = np.zeros((300, 300), np.uint32)
    for i, side in enumerate(sides):
        y, x = 30 * (i // 10) + 2, 30 * (i % 10) + 2
        data[y : y + side, x : x + side] = i + 1
    pixels = np.where(data > 0, 90, 10).astype(np.uint8)
    return measure(Labels(data, Image(pixels, pixel_size=pixel_size)))


@pytest.mark.parametrize("seed", range(5))
def test_each_number_is_that_of_the_raw_values(seed):
    sides = np.random.default_rng(seed).integers(3, 20, 60)
    objects = squares(sides)
    found = summarize_column(objects, FRAME, "area_px", options=KEEP)["values"]
    areas = sides.astype(float) ** 2
    d10, d50, d90 = quantile(areas, [0.1, 0.5, 0.9])
    expected = {"mean": mean(areas), "sd": sd(areas), "median": d50}
    expected |= {"d10": d10, "d50": d50, "d90": d90}
    assert {key: found[key]["value"] for key in found} == pytest.approx(expected)
    for number in found.values():
        assert number["low"] <= number["value"] <= number["high"]


def test_by_volume_an_object_counts_with_the_cube_of_its_diameter():
    objects = squares([5] * 50 + [20] * 50)
    found = summarize_column(objects, FRAME, "area_px", weight="volume", options=KEEP)
    expected = mean(
        objects["area_px"], weights=volume_weights(objects["equivalent_diameter_px"])
    )
    assert found["values"]["mean"]["value"] == pytest.approx(expected)
    assert expected > 0.95 * 400


def test_the_uncertainty_of_the_pixel_size_widens_lengths_once_and_areas_twice():
    size = PixelSize(0.1, 0.1, "um", "typed", uncertainty=0.1)
    objects = squares([10] * 100, pixel_size=size)
    row = FRAME | {"pixel_size": 0.1, "unit": "um", "calibration_uncertainty": 0.1}
    widths = {}
    for column in ("feret_diameter_max_um", "area_um2", "solidity"):
        told = summarize_column(objects, row, column, options=KEEP)["values"]["mean"]
        widths[column] = np.log(told["high"] / told["low"]) / 2
    assert widths["feret_diameter_max_um"] == pytest.approx(1.96 * 0.1, rel=1e-3)
    assert widths["area_um2"] == pytest.approx(1.96 * 0.2, rel=1e-3)
    assert widths["solidity"] == pytest.approx(0, abs=1e-12)


def test_values_of_any_sign_get_an_interval_around_them():
    objects = squares([10] * 100)
    rng = np.random.default_rng(0)
    objects = objects.assign(above=rng.normal(0, 1, 100))
    told = summarize_column(objects, FRAME, "above", options=KEEP)["values"]["mean"]
    assert told["low"] < 0 < told["high"]
    half = 1.96 * objects["above"].std() / 10
    assert told["high"] - told["low"] == pytest.approx(2 * half, rel=0.15)


def test_missing_values_are_left_out():
    objects = squares([10] * 20)
    objects = objects.assign(confidence=[np.nan] * 15 + [0.5] * 5)
    told = summarize_column(objects, FRAME, "confidence", options=KEEP)
    assert (told["n"], told["values"]["mean"]["value"]) == (5, 0.5)


def test_no_object_has_no_number():
    told = summarize_column(squares([]), FRAME, "area_px", options=KEEP)
    assert told["n"] == 0
    assert {number["value"] for number in told["values"].values()} == {None}


def test_a_rule_that_fits_sizes_weighs_other_columns_as_miles_and_lantuejoul():
    objects = squares(list(range(3, 20)) * 4)
    told = [
        summarize_column(
            objects, FRAME, "area_px", options=StatisticsOptions(edge_rule=rule)
        )
        for rule in ("truncated-log-normal", "miles-lantuejoul")
    ]
    assert told[0] == told[1]
    assert told[0]["edge_rule"] == "miles-lantuejoul"


@pytest.mark.parametrize("column", ["colour", "touches_edge", "image"])
def test_a_column_without_numbers_is_refused(column):
    objects = squares([5]).assign(image="a")
    with pytest.raises(RecipeError, match=column):
        summarize_column(pd.DataFrame(objects), FRAME, column)
