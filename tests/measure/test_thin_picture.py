"""The numbers of a picture: what they are, and how sure."""

import numpy as np
import pytest

from segmetry.image import PixelSize
from segmetry.measure import measure_thin
from segmetry.measure.intervals import resample
from segmetry.measure.thin_picture import weighted_numbers


def ladder(widths, *, lengths=None, shape=(400, 300)):
    """Straight lines of some widths, one below the other."""
    mask = np.zeros(shape, bool)
    lengths = [200] * len(widths) if lengths is None else lengths
    for k, (width, length) in enumerate(zip(widths, lengths, strict=True)):
        mask[15 + 25 * k : 15 + 25 * k + width, 30 : 30 + length] = True
    return mask


def rows(found):
    return found.picture.set_index("quantity")


def test_means_are_weighted_by_length():
    found = rows(measure_thin(ladder([3, 9], lengths=[200, 50])))
    value = found.loc["width_mean_px", "value"]
    assert value == pytest.approx((3 * 200 + 9 * 50) / 250, rel=0.02)
    assert found.loc["total_length_px", "value"] == pytest.approx(250, rel=0.01)


def test_percentiles_are_those_of_the_length():
    found = rows(measure_thin(ladder([3, 5, 9], lengths=[100, 100, 100])))["value"]
    assert found["width_p5_px"] == pytest.approx(3, abs=0.1)
    assert found["width_median_px"] == pytest.approx(5, abs=0.1)
    assert found["width_p95_px"] == pytest.approx(9, abs=0.1)


def test_a_line_counts_by_its_length_however_much_of_it_was_measured():
    mask = ladder([3, 9])
    included = np.ones(mask.shape, bool)
    included[:16, 40:200] = False  # most of the first line lacks an edge
    included[:15, :] = True
    found = measure_thin(mask, included=included)
    sections = found.segments["n_sections"]
    assert sections.min() < 0.6 * sections.max()
    lengths, widths = found.segments["length_px"], found.segments["width_mean_px"]
    told = rows(found).loc["width_mean_px", "value"]
    used = sections > 0
    assert told == pytest.approx(np.average(widths[used], weights=lengths[used]))


def test_density_is_length_over_the_included_area():
    mask = ladder([3, 5])
    included = np.ones(mask.shape, bool)
    included[200:] = False
    found = rows(measure_thin(mask, included=included))["value"]
    assert found["length_density_per_px"] == pytest.approx(400 / (200 * 300), rel=0.01)
    assert found["area_fraction"] == pytest.approx(8 * 200 / (200 * 300))


def test_amounts_of_the_one_picture_have_no_interval():
    found = rows(measure_thin(ladder([3] * 8)))
    for name in ("total_length_px", "n_segments", "area_fraction", "fractal_dimension"):
        assert found.loc[name, ["low", "high"]].isna().all()
        assert np.isfinite(found.loc[name, "value"])


def test_means_have_an_interval_from_five_segments_on():
    few, many = (rows(measure_thin(ladder([3, 4, 5, 6, 7, 8][:n]))) for n in (4, 6))
    assert few.loc["width_mean_px", ["low", "high"]].isna().all()
    low, value, high = many.loc["width_mean_px", ["low", "value", "high"]]
    assert low < value < high
    assert low <= 5.5 <= high


def test_more_segments_give_narrower_intervals():
    def width_of_interval(n):
        widths = np.resize([3, 5, 7, 9], n)
        row = rows(measure_thin(ladder(widths, shape=(60 + 25 * n, 300))))
        low, high = row.loc["width_mean_px", ["low", "high"]]
        return high - low

    assert width_of_interval(40) < 0.6 * width_of_interval(8)


def test_the_same_seed_gives_the_same_intervals_and_another_does_not():
    mask = ladder([3, 4, 5, 6, 7, 8])
    one, same, other = (measure_thin(mask, seed=s).picture for s in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)
    assert np.array_equal(one["value"], other["value"], equal_nan=True)


def test_an_uncertain_pixel_size_widens_the_intervals_of_lengths_only():
    def share(uncertainty):
        size = PixelSize(1, 1, "um", "typed", uncertainty=uncertainty)
        found = rows(measure_thin(ladder([3, 4, 5, 6, 7, 8]), pixel_size=size))
        return [found.loc[k, "high"] for k in ("width_mean_um", "tortuosity_mean")]

    sure, unsure = share(None), share(0.2)
    assert unsure[0] > 1.05 * sure[0]
    assert unsure[1] == sure[1]


def test_no_interval_of_a_tortuosity_reaches_below_one():
    rng = np.random.default_rng(0)
    resampling = resample(np.zeros(8, dtype=np.intp), n_images=1, seed=0)
    values = np.append(1 + 0.01 * rng.random(7), 6.0)  # one line that winds
    free, bound = (
        weighted_numbers(values, np.ones(8), resampling, 0.0, floor=floor)["mean"]
        for floor in (0.0, 1.0)
    )
    assert free.low < 1
    assert (bound.low, bound.value, bound.high) == (1, free.value, free.high)


def test_the_dimension_comes_with_its_range_and_error():
    found = rows(measure_thin(ladder([3] * 10)))["value"]
    assert found["fractal_dimension_box_min_px"] == 4
    assert found["fractal_dimension_box_max_px"] >= 32
    assert 0 < found["fractal_dimension_standard_error"] < 0.2
    assert 0.9 < found["fractal_dimension_r_squared"] <= 1


def test_one_straight_line_has_dimension_one():
    mask = np.zeros((500, 40), bool)
    mask[10:490, 18:21] = True
    assert rows(measure_thin(mask)).loc["fractal_dimension", "value"] == pytest.approx(
        1, abs=0.04
    )


def test_the_columns_are_those_that_are_documented():
    found = measure_thin(ladder([3, 4])).picture
    assert list(found) == ["quantity", "value", "low", "high", "unit", "n"]
    assert not found["quantity"].duplicated().any()


def test_the_blur_is_told_with_grey_values_only():
    mask = ladder([6, 8])
    assert "blur_px" not in rows(measure_thin(mask)).index
    found = rows(measure_thin(mask, grey=100.0 * mask))
    assert found.loc["blur_px", "value"] < 0.8
    assert found.loc["blur_px", "unit"] == "px"
