"""What a person may type as a length, and what is refused with a sentence."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.calibrate import calibrate, kind_of, parse_length, parse_pixel_size
from segmetry.errors import CalibrationError
from segmetry.image import LENGTH_IN_UM, Image, PixelSize


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("12.3 nm", 12.3, "nm"),
        ("12.3nm", 12.3, "nm"),
        ("0,5 µm", 0.5, "um"),
        ("0.5 μm", 0.5, "um"),
        ("0.5um", 0.5, "um"),
        ("0,125 um", 0.125, "um"),
        ("12,3456 nm", 12.3456, "nm"),
        (".5 UM", 0.5, "um"),
        ("1e-3 mm", 0.001, "mm"),
        ("2E2 pm", 200, "pm"),
        ("+4. nm", 4, "nm"),
        ("3 micron", 3, "um"),
        ("3 Microns", 3, "um"),
        ("1.2 Å", 1.2, "angstrom"),
        ("1.2 \u212b", 1.2, "angstrom"),
        ("1.2 A", 1.2, "angstrom"),
        ("1.2 angstrom", 1.2, "angstrom"),
        ("  7 nm/px ", 7, "nm"),
        ("7 nm per pixel", 7, "nm"),
        ("0.1 cm", 0.1, "cm"),
        ("1e-6 m", 1e-6, "m"),
    ],
)
def test_lengths_are_read_as_people_write_them(text, value, unit):
    size = parse_length(text)
    assert (size.x, size.y, size.unit) == (value, value, unit)
    assert size.source == "typed"
    assert size.uncertainty is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expected a length"),
        ("nm", "Expected a length"),
        ("twelve nm", "Expected a length"),
        ("1.2.3 nm", "Expected a length"),
        ("1 2 nm", "Expected a length"),
        ("12.3", "without a unit"),
        ("12.3 px", "the units known are"),
        ("12 parsec", "the units known are"),
        ("1 Mm", "the units known are"),
        ("96 dpi", "dots per inch"),
        ("300 PPI", "dots per inch"),
        ("0 nm", "larger than zero"),
        ("-3 nm", "larger than zero"),
        ("1e999 nm", "finite"),
        ("1,000 nm", "thousands or decimals"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text, reason):
    with pytest.raises(CalibrationError, match=reason) as caught:
        parse_length(text)
    assert repr(text) in str(caught.value)
    assert '"12.3 nm"' in str(caught.value)
    assert str(caught.value).endswith(".")


@given(
    st.floats(1e-6, 1e6),
    st.sampled_from(sorted(LENGTH_IN_UM)),
    st.sampled_from(["", " ", "  "]),
)
def test_any_positive_number_with_a_unit_comes_back(value, unit, space):
    assert parse_length(f"{value!r}{space}{unit}").x == value
    assert parse_length(f"{value!r}{space}{unit}").unit == unit


@given(st.text(max_size=20))
def test_any_text_is_a_length_or_a_calibration_error(text):
    with suppress(CalibrationError):
        assert parse_length(text).x > 0


@pytest.mark.parametrize("text", ["357 µm / 510 px", "357um/510px", "357 um / 5.1e2 px "])
def test_a_drawn_line_tells_the_pixel_size_and_how_sure_it_is(text):
    size = parse_pixel_size(text)
    assert (size.x, size.y, size.unit) == (0.7, 0.7, "um")
    assert size.source == "a line of 510 px drawn by a person, said to be 357 µm"
    assert kind_of(size) == "typed"


def test_the_uncertainty_of_a_line_is_the_scatter_of_ends_within_a_pixel():
    rng = np.random.default_rng(0)
    first, last = rng.uniform(-1, 1, (2, 200_000))
    scatter = (40 + last - first).std() / 40
    assert parse_pixel_size("8 nm / 40 px").uncertainty == pytest.approx(scatter, rel=0.01)


def test_what_is_no_line_is_a_typed_size():
    assert parse_pixel_size("12.3 nm per pixel") == parse_length("12.3 nm")
    with pytest.raises(CalibrationError, match="Expected a length"):
        parse_pixel_size("3 nm / 1.2.3 px")
    with pytest.raises(CalibrationError, match="too short"):
        parse_pixel_size("3 nm / 1.9 px")


def test_a_drawn_line_is_compared_with_what_the_file_tells():
    file = PixelSize(y=0.71, x=0.71, unit="um", source="zeiss")
    picture = Image(np.zeros((64, 64), np.uint8), pixel_size=file)
    found = calibrate(picture, typed=parse_pixel_size("357 µm / 510 px"))
    assert found.note == (
        "a line of 510 px drawn by a person, said to be 357 µm (700 nm); "
        "metadata (zeiss) 710 nm agrees within 1.4 %"
    )


@pytest.mark.parametrize(
    "text", ["5 x 0.7 x 0.8 mm", "5x0.7x0.8mm", "5,0 × 0,7 × 0,8 mm per pixel"]
)
def test_the_size_of_a_voxel_is_that_of_slices_rows_and_columns(text):
    size = parse_pixel_size(text)
    assert (size.z, size.y, size.x, size.unit) == (5, 0.7, 0.8, "mm")
    assert size.source == "typed"


@pytest.mark.parametrize(
    "text", ["5 mm x 0.7 x 0.7 mm", "5 x 0.7 mm", "0 x 1 x 1 mm", "a x b x c mm"]
)
def test_what_is_no_voxel_is_refused(text):
    with pytest.raises(CalibrationError):
        parse_pixel_size(text)
