import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.report.reading import (
    ReadingUnit,
    area_text,
    choose_unit,
    density_text,
    number_text,
    reading_unit,
    reason_text,
)


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (0.0005, "pm"),
        (0.002, "nm"),
        (0.999, "nm"),
        (1.0, "µm"),
        (999.0, "µm"),
        (1000.0, "mm"),
        (None, "µm"),
    ],
)
def test_the_unit_suits_the_length(length, name):
    assert choose_unit(length, "um").name == name


def test_pixels_stay_pixels_and_broken_lengths_stay_micrometres():
    assert choose_unit(0.2, "px") == ReadingUnit("px", 1.0)
    assert choose_unit(math.nan, "um") == ReadingUnit("µm", 1.0)


@given(st.floats(1e-6, 1e9))
def test_a_length_in_its_unit_is_the_same_length(length):
    unit = choose_unit(length, "um")
    in_um = {"pm": 1e-6, "nm": 1e-3, "µm": 1.0, "mm": 1e3}[unit.name]
    assert length * unit.factor * in_um == pytest.approx(length)


def test_the_median_of_a_group_sets_its_unit():
    assert reading_unit({"unit": "um", "number": {"median": {"value": 0.2}}}).name == "nm"
    assert reading_unit({"unit": "um", "number": {"median": {"value": None}}}).name == "µm"
    assert reading_unit({"unit": "um"}).name == "µm"


@pytest.mark.parametrize(
    ("estimate", "texts"),
    [
        (
            {"value": 0.16523, "low": 0.16101, "high": 0.16987},
            ("0.1652", "0.1610 to 0.1699"),
        ),
        ({"value": 12345.6, "low": 12000, "high": 12700}, ("12350", "12000 to 12700")),
        ({"value": -1.234, "low": -1.5, "high": -1.0}, ("−1.23", "−1.50 to −1.00")),
        ({"value": 5.0, "low": 5.0, "high": 5.0}, ("5.00", "5.00 to 5.00")),
        ({"value": 0.0, "low": 0.0, "high": 0.0}, ("0", "0 to 0")),
        ({"value": 3.14159, "low": None, "high": None}, ("3.14", "")),
        ({"value": 3.14159, "low": math.nan, "high": 4.0}, ("3.14", "")),
        ({"value": None, "low": None, "high": None}, ("–", "")),
        ({"value": math.nan}, ("–", "")),
        ({}, ("–", "")),
        (None, ("–", "")),
        (0.0, ("0", "")),
        (165.289, ("165", "")),
    ],
)
def test_digits_are_those_that_the_interval_supports(estimate, texts):
    assert number_text(estimate) == texts


@pytest.mark.parametrize(
    ("estimate", "texts"),
    [
        (
            {"value": 65746.6, "low": 131.3, "high": 32927878.0},
            ("66000", "130 to 33000000"),
        ),
        ({"value": 191.34, "low": 2.0056, "high": 18254.0}, ("190", "2.0 to 18000")),
        ({"value": 3.2e-4, "low": 6.3e-9, "high": 16.03}, ("0.00032", "6.3 × 10⁻⁹ to 16")),
        ({"value": 5.0, "low": 0.5, "high": 9.96e9}, ("5.0", "0.50 to 1.0 × 10¹⁰")),
        ({"value": 1.643, "low": -4.98, "high": 8.27}, ("1.6", "−5.0 to 8.3")),
        ({"value": 6.534, "low": -0.4304, "high": 13.5}, ("6.5", "−0.43 to 13.5")),
        ({"value": 3.0, "low": 0.98, "high": 9.0}, ("3.0", "0.98 to 9.0")),
        ({"value": 0.0, "low": -5.0, "high": 5.0}, ("0.0", "−5.0 to 5.0")),
    ],
)
def test_a_wide_interval_takes_no_number_its_two_digits(estimate, texts):
    assert number_text(estimate) == texts


@given(st.floats(1e-3, 1e6), st.floats(1.01, 1e5), st.floats(1.01, 1e5))
def test_value_and_ends_are_right_to_two_digits_however_wide(value, down, up):
    low, high = value / down, value * up
    text, interval = number_text({"value": value, "low": low, "high": high})
    texts = (text, *interval.split(" to "))
    for shown, number in zip(texts, (value, low, high), strict=True):
        if "×" not in shown:
            assert float(shown) == pytest.approx(number, rel=0.0501)


@given(st.floats(1e-3, 1e6), st.floats(1e-4, 0.5))
def test_rounding_moves_a_value_by_less_than_a_tenth_of_its_interval(value, share):
    half = value * share
    estimate = {"value": value, "low": value - half, "high": value + half}
    text = number_text(estimate)[0]
    assert abs(float(text) - value) <= 0.1 * half


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 0.5), st.sampled_from([1.0, 1e3, 1e-3]))
def test_both_ends_are_shown_in_the_decimals_of_the_value(value, share, factor):
    low, high = value * (1 - share), value * (1 + share)
    text, interval = number_text({"value": value, "low": low, "high": high}, factor=factor)
    decimals = {len(part.partition(".")[2]) for part in (text, *interval.split(" to "))}
    assert len(decimals) == 1


def test_the_published_example_is_a_sixth_of_a_square_micrometre():
    assert area_text(500 * (2 / 110) ** 2, unit="um") == ("0.165", "", "µm²")


@pytest.mark.parametrize(
    ("area", "unit", "text"),
    [
        (2e-4, "um", ("200", "", "nm²")),
        (3e7, "um", ("30.0", "", "mm²")),
        (500.0, "px", ("500", "", "px²")),
        (None, "um", ("–", "", "µm²")),
    ],
)
def test_areas_have_the_unit_that_reads_well(area, unit, text):
    assert area_text(area, unit=unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7.1, "per um2", ("7.1", "6.4 to 7.8", "per µm²")),
        (7.1e-4, "per um2", ("710", "640 to 780", "per mm²")),
        (7.1e-5, "per px2", ("71", "64 to 78", "per megapixel")),
    ],
)
def test_densities_have_the_area_that_reads_well(value, unit, text):
    estimate = {"value": value, "low": 0.9 * value, "high": 1.1 * value, "unit": unit}
    texts = density_text(estimate)
    assert texts[2] == text[2]
    assert float(texts[0]) == pytest.approx(float(text[0]), rel=0.01)


@pytest.mark.parametrize("density", [None, {}, {"value": None, "unit": "per um2"}])
def test_no_density_is_a_dash(density):
    assert density_text(density) == ("–", "", "")


def test_a_verdict_is_not_said_twice():
    assert reason_text("Refused: two hills.") == ": two hills"
    assert reason_text("Accepted: it fits") == ": it fits"
    assert reason_text(None) == reason_text("") == ""
