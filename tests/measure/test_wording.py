import numpy as np
import pytest

from segmetry.measure.intervals import Estimate
from segmetry.measure.wording import (
    few_digits,
    format_estimate,
    format_number,
    named,
    reading_unit,
)


@pytest.mark.parametrize(
    ("numbers", "unit", "text"),
    [
        ((0.0123, 0.0119, 0.0127), "um", "12.3 ± 0.4 nm"),
        ((0.1234, 0.1111, 0.1357), "um", "123 ± 12 nm"),
        ((1.5, 1.2, 2.4), "um", "1.5 [1.2, 2.4] µm"),
        ((2500.0, 2400.0, 2600.0), "um", "2.50 ± 0.10 mm"),
        ((2e-4, 1.9e-4, 2.1e-4), "um", "200 ± 10 pm"),
        ((812.0, 700.0, 924.0), "px", "810 ± 110 px"),
        ((1.49, 1.45, 1.53), "", "1.49 ± 0.04"),
        ((0.3, 0.25, 0.35), "um2", "0.30 ± 0.05 µm²"),
        ((-0.1, -0.4, 0.2), "", "-0.1 ± 0.3"),
        ((1234.0, 1000.0, 1468.0), "", "1200 ± 200"),
    ],
)
def test_digits_are_those_that_the_interval_bears(numbers, unit, text):
    assert format_estimate(Estimate(*numbers, 100), unit) == text


def test_a_number_without_an_interval_gets_two_digits():
    assert format_estimate(Estimate(123.4, None, None, 1), "px") == "about 120 px"
    assert format_estimate(Estimate(0.0, None, None, 1), "px") == "about 0.0 px"


def test_no_value_is_a_dash():
    assert format_estimate(Estimate(None, None, None, 0), "um") == "–"


def test_an_interval_of_no_width_gives_four_digits():
    assert format_estimate(Estimate(20.0, 20.0, 20.0, 5), "px") == "20 px"


@pytest.mark.parametrize("seed", range(20))
def test_the_text_never_claims_more_than_two_digits_of_the_interval(seed):
    rng = np.random.default_rng(seed)
    value = float(np.exp(rng.normal(0, 3)))
    half = value * float(rng.uniform(0.001, 0.3))
    text = format_estimate(Estimate(value, value - half, value + half, 9))
    shown = text.split(" ± ")[1].replace(".", "").strip("0")
    assert 1 <= len(shown) <= 2
    decimals = {len(part.partition(".")[2]) for part in text.split(" ± ")}
    assert len(decimals) == 1
    assert float(text.split(" ± ")[1]) == pytest.approx(half, rel=0.26)


def test_rounding_keeps_whole_tens_and_drops_minus_zero():
    assert format_number(1251.0, -1) == "1250"
    assert format_number(-0.04, 1) == "0.0"


@pytest.mark.parametrize(
    ("value", "unit", "name"),
    [
        (5e-5, "um", "pm"),
        (0.999, "um", "nm"),
        (1.0, "um", "µm"),
        (999.0, "um", "µm"),
        (1000.0, "um", "mm"),
        (0.02, "um2", "µm²"),
        (0.005, "um2", "nm²"),
        (0.0, "um", "µm"),
        (-0.5, "um", "nm"),
        (3.0, "per um2", "per µm²"),
        (3.0, "px2", "px²"),
    ],
)
def test_a_unit_is_chosen_for_reading(value, unit, name):
    assert reading_unit(value, unit)[1] == name


@pytest.mark.parametrize("value", [3e-5, 0.2, 7.0, 4000.0])
def test_the_reading_unit_keeps_the_size(value):
    metres = {"pm": 1e-12, "nm": 1e-9, "µm": 1e-6, "mm": 1e-3}
    factor, name = reading_unit(value, "um")
    assert value * factor * metres[name] == pytest.approx(value * 1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_few_digits_are_near_the_number_and_no_power_of_ten(seed):
    number = float(10 ** np.random.default_rng(seed).uniform(-5, 9))
    text = few_digits(number)
    assert "e" not in text
    assert float(text) == pytest.approx(number, rel=0.051)


def test_few_digits_keep_those_before_the_point():
    assert few_digits(812.4) == "810"
    assert few_digits(812.4, 3) == "812"


def test_names_are_listed_up_to_three():
    assert named([]) == ""
    assert named(["a"]) == "a"
    assert named(["a", "b", "c"]) == "a, b and c"
    assert named(["a", "b", "c", "d"]) == "a, b, c and 1 more"
