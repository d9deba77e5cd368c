import numpy as np
import pandas as pd
import pytest

from segmetry.errors import RecipeError
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure, summarize
from segmetry.measure.column import summarize_column, summarize_columns
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


@pytest.mark.parametrize("rule", ["keep", "miles-lantuejoul", "truncated-log-normal"])
@pytest.mark.parametrize("weight", ["number", "volume"])
def test_numbers_of_the_diameter_are_those_of_a_summary(rule, weight):
    objects = squares(np.random.default_rng(3).integers(3, 20, 100))
    options = StatisticsOptions(edge_rule=rule)
    told = summarize_column(
        objects, FRAME, "equivalent_diameter_px", weight=weight, options=options
    )
    images = pd.DataFrame([FRAME | {"image": "a"}])
    whole = summarize(objects.assign(image="a"), images, options=options)["pooled"]
    assert told["n"] == whole["n_used"]
    assert told["values"] == {key: whole[weight][key] for key in told["values"]}
    assert (told["refused"] is None) == ({"d10", "d50", "d90"} <= told["values"].keys())
    assert told["histogram"].items() <= whole["histogram"].items()
    assert told["note"] == whole["intervals"]["note"]


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


def pictures(*sides, times=None):
    """Return the tables of pictures of squares, taken at times."""
    tables = [squares(of_one).assign(image=str(k)) for k, of_one in enumerate(sides)]
    images = [{"image": str(k), **FRAME} for k in range(len(sides))]
    images = pd.DataFrame(images).assign(time_h=times or range(len(sides)))
    return pd.concat(tables, ignore_index=True), images


def drawn_sides(seed, n):
    return np.random.default_rng(seed).integers(3, 20, n)


@pytest.mark.parametrize("seed", range(3))
def test_sizes_of_all_pictures_and_of_each_condition_are_those_of_a_run(seed):
    objects, images = pictures(*(drawn_sides(seed + k, 30) for k in range(4)))
    images["time_h"] = [1, 1, 2, 3]
    column = "equivalent_diameter_px"
    found = summarize_columns(objects, images, column, by=["time_h"], options=KEEP)
    expected = summarize(objects, images, options=KEEP, conditions=["time_h"])
    for told, of_run in zip(
        [found["pooled"], *found["groups"]],
        [expected["pooled"], *expected["groups"]],
        strict=True,
    ):
        assert told["values"] == {key: of_run["number"][key] for key in told["values"]}
        assert (told["name"], told["n"]) == (of_run["name"], of_run["n_used"])
        assert told["conditions"] == of_run["conditions"]
        assert told["n_pictures"] == of_run["n_images"]
        assert told["density"] == of_run["density"]


@pytest.mark.parametrize("column", ["area_px", "equivalent_diameter_px", "extent"])
@pytest.mark.parametrize("seed", range(3))
def test_all_groups_are_counted_in_the_same_bins(column, seed):
    objects, images = pictures(*(drawn_sides(seed + k, 5 + 20 * k) for k in range(3)))
    found = summarize_columns(objects, images, column, by=["time_h"], options=KEEP)
    edges = np.array(found["edges"])
    for group in found["groups"]:
        values = objects[objects["image"] == str(group["conditions"]["time_h"])][column]
        counts = np.histogram(values, edges - 1e-9 * np.ptp(edges))[0]
        assert group["counts"] == counts.tolist()
    total = np.sum([group["counts"] for group in found["groups"]], axis=0)
    assert found["pooled"]["counts"] == total.tolist()
    assert total.sum() == len(objects)


def test_a_group_without_objects_has_no_counts_and_no_numbers():
    objects, images = pictures([5, 6, 7], [8], times=[1, 2])
    objects = objects[objects["image"] == "0"]
    told = summarize_columns(objects, images, "area_px", by=["time_h"], options=KEEP)
    empty = told["groups"][1]
    assert (empty["n"], sum(empty["counts"])) == (0, 0)
    assert empty["values"]["mean"]["value"] is None
    density = empty["density"]
    assert density["value"] == density["low"] == 0 < density["high"]
    assert density["unit"] == "per px2"


def test_pictures_of_unknown_scale_are_left_out_and_told_of():
    objects, images = pictures([5, 6, 7, 9], [8, 9])
    images["pixel_size"], images["unit"] = [0.5, None], ["um", None]
    objects["equivalent_diameter_um"] = objects["equivalent_diameter_px"] / 2
    objects["area_um2"] = objects["area_px"] / 4
    found = summarize_columns(objects, images, "area_um2", options=KEEP)
    assert (found["pooled"]["n"], found["pooled"]["n_pictures"]) == (4, 1)
    assert "no known pixel size" in found["warnings"][0]


def test_a_condition_that_no_picture_has_is_refused():
    objects, images = pictures([5, 6])
    with pytest.raises(RecipeError, match="no condition 'ph'"):
        summarize_columns(objects, images, "area_px", by=["ph"])
