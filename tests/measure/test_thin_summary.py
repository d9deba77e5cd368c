import json

import numpy as np
import pytest

from segmetry.image import PixelSize
from segmetry.measure import measure_thin
from segmetry.measure.thin_summary import summarize_thin
from segmetry.measure.thin_tables import quantities, tables_of

HALF = PixelSize(y=0.5, x=0.5, unit="um", source="typed", uncertainty=0.02)


def bars(*widths, length=100, size=None, grey=False):
    """Horizontal bars of some widths, one below the other; all of one length."""
    mask = np.zeros((30 * len(widths) + 20, length + 40), bool)
    for row, width in enumerate(widths):
        mask[20 + 30 * row : 20 + 30 * row + width, 20 : 20 + length] = True
    picture = np.where(mask, 150.0, 50.0) if grey else None
    return tables_of(measure_thin(mask, pixel_size=size, grey=picture))


def summary(pictures, **options):
    return summarize_thin(pictures, dict.fromkeys(pictures), **options)


def value(told, name):
    return told["pooled"][name]["value"]


def test_lengths_areas_and_counts_are_added_up():
    told = summary({"a": bars(3, 5), "b": bars(7)})
    assert value(told, "total_length_px") == pytest.approx(300, rel=0.01)
    assert value(told, "n_segments") == 3
    assert value(told, "n_end_points") == 6
    area = 140 * (80 + 50)
    assert value(told, "included_area_px2") == area
    assert value(told, "area_fraction") == pytest.approx(100 * (3 + 5 + 7) / area)
    assert value(told, "length_density_per_px") == pytest.approx(300 / area, rel=0.01)


def test_widths_are_averaged_by_length_not_by_picture():
    told = summary({"short": bars(4, length=40), "long": bars(8, length=160)})
    expected = (40 * 4 + 160 * 8) / 200
    assert value(told, "width_mean_px") == pytest.approx(expected, rel=0.02)
    # 4 stands at a tenth of the length and 8 at six tenths, in the middle of their own.
    assert value(told, "width_median_px") == pytest.approx(7.2, rel=0.01)
    assert value(told, "width_p95_px") == pytest.approx(8, rel=0.01)
    assert value(told, "tortuosity_mean") == pytest.approx(1, abs=1e-3)


def test_the_numbers_of_one_picture_are_those_of_the_picture():
    tables = bars(3, 4, 5, 6, 7, 8, grey=True)
    told = summary({"a": tables})
    own = quantities(tables.picture)
    for name, number in told["pooled"].items():
        for key in ("value", "low", "high"):
            assert number[key] == pytest.approx(own[name][key]), (name, key)
        assert (number["n"], number["unit"]) == (own[name]["n"], own[name]["unit"])
    assert told["pictures"]["a"] == own
    alone = {"fractal_dimension", "blur_px"}
    left = set(own) - set(told["pooled"])
    assert left == {name for name in own if name.startswith(tuple(alone))}


def test_few_pictures_are_resampled_by_segment_and_many_by_picture():
    few = summary({str(k): bars(3, 4, 5) for k in range(4)})
    many = summary({str(k): bars(3 + k % 3, 4) for k in range(6)})
    assert few["intervals"]["unit"] == "segment"
    assert many["intervals"]["unit"] == "picture"
    for told in (few, many):
        number = told["pooled"]["width_mean_px"]
        assert number["low"] < number["value"] < number["high"]


def test_the_uncertainty_of_the_pixel_size_widens_the_intervals():
    pictures = {"a": bars(3, 4, 5, 6, 7, size=HALF)}
    sure = summarize_thin(pictures, {"a": None})["pooled"]["width_mean_um"]
    unsure = summarize_thin(pictures, {"a": 0.2})["pooled"]["width_mean_um"]
    assert unsure["high"] - unsure["low"] > sure["high"] - sure["low"]
    assert sure["value"] == unsure["value"] == pytest.approx(2.5, rel=0.02)


def test_pictures_of_unknown_pixel_size_are_never_pooled_with_others():
    told = summary({"known": bars(4, size=HALF), "unknown": bars(8)})
    assert told["unit"] == "um"
    assert told["n_pictures"] == 1
    assert value(told, "total_length_um") == pytest.approx(50, rel=0.01)
    assert set(told["pictures"]) == {"known", "unknown"}
    assert "1 picture" in told["warnings"][0]
    assert not summary({"a": bars(4), "b": bars(8)})["warnings"]


@pytest.mark.parametrize("grey", [False, True])
def test_the_histogram_holds_all_the_length_that_has_a_width(grey):
    told = summary({"a": bars(3, 6, grey=grey), "b": bars(12, grey=grey)})
    histogram = told["histogram"]
    edges, step = np.array(histogram["edges"]), histogram["bin_width"]
    np.testing.assert_allclose(np.diff(edges), step)
    assert 12 / step <= 41
    for name in ["length", "length_grey"] if grey else ["length"]:
        length = np.array(histogram[name])
        assert length.sum() == pytest.approx(value(told, "total_length_px"))
        middles = (edges[:-1] + edges[1:]) / 2
        assert np.average(middles, weights=length) == pytest.approx(7, abs=step)
    assert ("length_grey" in histogram) == grey


@pytest.mark.parametrize("seed", range(5))
def test_pooling_a_picture_with_itself_changes_no_mean(seed):
    rng = np.random.default_rng(seed)
    tables = bars(*rng.integers(2, 12, 5))
    once, twice = summary({"a": tables}), summary({"a": tables, "b": tables})
    for name, number in once["pooled"].items():
        factor = 2 if name.startswith(("n_", "total", "included")) else 1
        assert value(twice, name) == pytest.approx(factor * number["value"]), name


def test_pictures_without_lines_count_with_their_area():
    empty = tables_of(measure_thin(np.zeros((50, 140), bool)))
    told = summary({"a": bars(5), "b": empty})
    assert value(told, "length_density_per_px") == pytest.approx(100 / (2 * 50 * 140), 0.01)
    nothing = summary({"b": empty})
    assert nothing["pooled"]["width_mean_px"]["value"] is None
    assert value(nothing, "total_length_px") == 0
    assert sum(nothing["histogram"]["length"]) == 0
    json.dumps(nothing, allow_nan=False)


def test_no_picture_gives_a_summary_of_nothing():
    told = summary({})
    assert told["n_pictures"] == 0
    assert told["pooled"]["length_density_per_px"]["value"] is None
    json.dumps(told, allow_nan=False)
