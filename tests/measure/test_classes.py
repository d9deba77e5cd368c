import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmetry.image import NOT_KNOWN, ClassMap, Image, PixelSize
from segmetry.measure.classes import measure_classes, summarize_classes
from segmetry.measure.options import StatisticsOptions

NAMES = ("ground", "epithelium", "stroma")
numbers = st.sampled_from([0, 1, 2, NOT_KNOWN])


def map_of(data, size=None):
    data = np.asarray(data, np.uint8)
    axes = "YX" if data.ndim == 2 else "ZYX"
    return ClassMap(data, Image(np.zeros(data.shape, np.uint8), axes, size), NAMES)


def size_of(y=2.0, x=3.0, z=None):
    return PixelSize(y, x, "um", "typed", z=z)


@given(hnp.arrays(np.uint8, (4, 6), elements=numbers))
def test_areas_add_up_to_all_that_is_known(data):
    table = measure_classes(map_of(data, size_of()))
    known = int((data != NOT_KNOWN).sum())
    assert table["class"].tolist() == [*NAMES]
    assert table["area_px"].sum() == known
    assert table["area_um2"].tolist() == (6.0 * table["area_px"]).tolist()
    if known:
        assert table["area_percent"].sum() == pytest.approx(100)
    else:
        assert table["area_percent"].isna().all()


@given(hnp.arrays(np.uint8, (3, 4, 5), elements=numbers))
def test_volumes_are_those_of_slices_added_up(data):
    volume = measure_classes(map_of(data, size_of(z=10)))
    slices = [measure_classes(map_of(each, size_of())) for each in data]
    total = sum(table["area_px"].to_numpy() for table in slices)
    assert volume["volume_px"].tolist() == total.tolist()
    assert volume["volume_um3"].tolist() == (60.0 * total).tolist()


def test_nothing_is_in_micrometres_where_they_are_not_known():
    assert "area_um2" not in measure_classes(map_of([[0, 1]]))
    flat = measure_classes(map_of([[[0, 1]]], size_of()))  # the slices' distance is unknown
    assert list(flat) == ["class_number", "class", "volume_px", "volume_percent"]


@given(hnp.arrays(np.uint8, (4, 6), elements=numbers), st.integers(1, 3))
def test_turning_and_enlarging_change_no_share(data, times):
    shares = measure_classes(map_of(data))["area_percent"]
    turned = measure_classes(map_of(np.rot90(data)))["area_percent"]
    larger = measure_classes(map_of(np.kron(data, np.ones((times, times), np.uint8))))
    np.testing.assert_array_equal(shares, turned)
    np.testing.assert_allclose(shares, larger["area_percent"])


def pictures(shares, size=100, **columns):
    """A table of pictures in which the second class takes these shares, in percent."""
    rows = []
    for number, share in enumerate(shares):
        filled = np.zeros(size * size, np.uint8)
        filled[: round(size * size * share / 100)] = 1
        one = measure_classes(map_of(filled.reshape(size, size), size_of()))
        rows.append(one.assign(image=f"p{number}"))
    images = pd.DataFrame({"image": [f"p{number}" for number in range(len(shares))]})
    return pd.concat(rows, ignore_index=True), images.assign(**columns)


def row_of(told, name, group=""):
    return next(r for r in told["rows"] if (r["class"], r["group"]) == (name, group))


def test_the_share_of_all_pictures_is_that_of_their_areas():
    told = summarize_classes(*pictures([10, 20, 30, 40, 50, 60]))
    assert (told["quantity"], told["unit"]) == ("area", "um2")
    row = row_of(told, "epithelium")
    assert row["percent"]["value"] == pytest.approx(35)
    assert row["percent"]["low"] < 25
    assert row["percent"]["high"] > 45
    assert row["n_pictures"] == 6
    assert row["amount"] == pytest.approx(6 * 0.35 * 60_000)
    nothing = {"value": 0.0, "low": None, "high": None, "n": 6}
    assert row_of(told, "stroma")["percent"] == nothing
    json.dumps(told, allow_nan=False)


def test_few_pictures_have_no_interval():
    for shares in ([30], [30, 40, 50, 60]):
        row = row_of(summarize_classes(*pictures(shares)), "epithelium")
        assert row["percent"]["value"] == pytest.approx(np.mean(shares))
        assert row["percent"]["low"] is None


def test_conditions_are_told_apart():
    table, images = pictures([10, 10, 50, 50], time_h=[1, 1, 2, 2])
    told = summarize_classes(table, images, conditions=["time_h"])
    assert row_of(told, "epithelium", "time_h=1")["percent"]["value"] == pytest.approx(10)
    assert row_of(told, "epithelium", "time_h=2")["percent"]["value"] == pytest.approx(50)
    assert row_of(told, "epithelium")["percent"]["value"] == pytest.approx(30)


def test_pictures_of_unknown_pixel_size_are_added_up_in_pixels():
    table, images = pictures([10, 20])
    table.loc[table["image"] == "p1", "area_um2"] = np.nan
    told = summarize_classes(table, images)
    assert told["unit"] == "px"
    assert row_of(told, "epithelium")["amount"] == 3000


def test_pictures_without_a_known_pixel_do_not_matter():
    table, images = pictures([10, 20])
    blank = measure_classes(map_of(np.full((2, 2), NOT_KNOWN), size_of()))
    more = pd.concat([table, blank.assign(image="p2")], ignore_index=True)
    images = pd.concat([images, pd.DataFrame({"image": ["p2"]})], ignore_index=True)
    row = row_of(summarize_classes(more, images), "epithelium")
    assert (row["percent"]["value"], row["n_pictures"]) == (pytest.approx(15), 2)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(5, 95), min_size=5, max_size=12), st.randoms())
def test_the_order_of_pictures_does_not_matter_and_intervals_hold_the_value(shares, random):
    table, images = pictures(shares, size=20)
    options = StatisticsOptions(resamples=100)
    row = row_of(summarize_classes(table, images, options=options), "epithelium")
    low, value, high = (row["percent"][key] for key in ("low", "value", "high"))
    assert 0 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 100
    random.shuffle(shares)
    again = row_of(summarize_classes(*pictures(shares, size=20)), "epithelium")
    assert again["percent"]["value"] == pytest.approx(value)


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(5)
    held = []
    options = StatisticsOptions(resamples=200)
    for _ in range(150):
        table, images = pictures(rng.normal(30, 6, 8), size=20)
        told = row_of(summarize_classes(table, images, options=options), "epithelium")
        held.append(told["percent"]["low"] <= 30 <= told["percent"]["high"])
    assert 0.90 <= np.mean(held) <= 0.99
