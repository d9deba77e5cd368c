"""Labels of scale bars are read, and other text is not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.calibrate.bar_text import labels_in, parse_label
from segmetry.calibrate.ocr import Text


def line(text, x=0, y=0, *, width=60, height=20, score=0.99):
    return Text(text, score, x, y, x + width, y + height)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("200 nm", 200, "nm"),
        ("200nm", 200, "nm"),
        ("0.5 μm", 0.5, "um"),
        ("0,5 µm", 0.5, "um"),
        ("2.00um", 2, "um"),
        ("1 μ m", 1, "um"),
        ("l um", 1, "um"),
        ("1Onm", 10, "nm"),
        ("5 Å", 5, "angstrom"),
        ("1 mm", 1, "mm"),
        ("2 cm", 2, "cm"),
        ("35 nm", 35, "nm"),
        ("250 nm", 250, "nm"),
        ("0.25 um", 0.25, "um"),
        ("125 nm", 125, "nm"),
        ("50x200μm", 200, "um"),
        ("-5 μm", 5, "um"),
        ("·500 nm'", 500, "nm"),
        ("100μm1", 100, "um"),
        ("100 nm|", 100, "nm"),
    ],
)
def test_labels_are_read_with_the_slips_of_a_reader(text, value, unit):
    assert parse_label(text) == (value, unit)


@pytest.mark.parametrize(
    "text",
    [
        *("", "nm", "200", "EHT = 5.00 kV", "WD = 2.9 mm", "WD:28.0mm", "8kV"),
        *("5 pm", "202 nm", "1.73 mm", "10 000 x", "x20.0k 6/23/2017", "29.7 ± 2.7"),
        *("05 um", "1,000 nm", ".5 um", "1.5.2 um", "0 nm", "90000 nm", "200 nm 5 kV"),
    ],
)
def test_other_text_is_no_label(text):
    assert parse_label(text) is None


@given(
    st.integers(1, 9),
    st.sampled_from([0.1, 1, 10, 100]),
    st.sampled_from(["nm", "µm", "mm"]),
    st.sampled_from(["", " "]),
)
def test_any_round_value_is_read(digit, scale, unit, space):
    value = round(digit * scale, 1)
    assert parse_label(f"{value:g}{space}{unit}") == (value, unit.replace("µ", "u"))


@given(st.text(alphabet="0123456789.,lO|xnmµu kV=WD-", max_size=12))
def test_any_text_is_a_round_positive_length_or_nothing(text):
    found = parse_label(text)
    if found is not None:
        assert 0.1 <= found[0] <= 5000
        assert found[1] in {"nm", "um", "mm", "cm", "angstrom"}


def test_a_number_and_a_unit_side_by_side_are_one_label():
    (label,) = labels_in([line("200", 0), line("nm", 66, width=40)])
    assert label.says == (200, "nm")
    assert (label.box.x_min, label.box.x_max) == (0, 106)
    assert label.text == "200 nm"


@pytest.mark.parametrize(("x", "y"), [(120, 0), (66, 18), (-70, 0)])
def test_a_number_and_a_unit_apart_are_no_label(x, y):
    assert labels_in([line("200", 0), line("nm", x, y)]) == []


def test_doubtful_lines_are_not_read():
    assert labels_in([line("200 nm", score=0.6)]) == []


def test_a_magnification_is_cut_off_the_box():
    (label,) = labels_in([line("50x200um", 0, width=80)])
    assert label.box.x_min == pytest.approx(30)
    assert label.box.x_max == 80


@pytest.mark.parametrize(
    ("text", "told"), [("2um", "2 µm"), ("0.5 mm", "0.5 mm"), ("5Å", "5 Å")]
)
def test_labels_are_told_as_people_write_them(text, told):
    (label,) = labels_in([line(text)])
    assert label.text == told
