"""All that is known about the pixel size is compared before one is chosen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.calibrate import reconcile
from segmetry.calibrate.conflicts import difference_of, length_text
from segmetry.errors import CalibrationConflictError, CalibrationError
from segmetry.image import PixelSize


def size(value, source, *, unit="um", y=None, uncertainty=None):
    height = value if y is None else y
    return PixelSize(y=height, x=value, unit=unit, source=source, uncertainty=uncertainty)


def test_nothing_known_is_unknown():
    assert reconcile([]) is None


@pytest.mark.parametrize("source", ["zeiss", "scale bar", "typed"])
def test_a_single_source_is_taken(source):
    only = size(2.0, source)
    assert reconcile([only]) is only


def test_typed_goes_before_metadata_and_metadata_before_the_bar():
    typed, metadata, bar = size(2.0, "typed"), size(2.01, "fei"), size(2.02, "scale bar")
    assert reconcile([bar, metadata, typed]) is typed
    assert reconcile([bar, metadata]) is metadata


def test_units_are_compared_as_lengths():
    assert reconcile([size(2000, "tvips", unit="nm"), size(2, "typed")]).source == "typed"


@given(st.floats(0.01, 100), st.floats(0.5, 2))
def test_three_percent_is_the_line(value, ratio):
    pair = [size(value, "typed"), size(value * ratio, "zeiss")]
    if abs(ratio - 1) < 0.0299:
        assert reconcile(pair).source == "typed"
    elif abs(ratio - 1) > 0.0301:
        with pytest.raises(CalibrationConflictError):
            reconcile(pair)


def test_a_short_bar_may_differ_by_twice_its_uncertainty():
    metadata = size(11.65, "zeiss", unit="nm")
    bar_of_17_px = size(200 / 16, "scale bar", unit="nm", uncertainty=1 / 16)
    assert reconcile([metadata, bar_of_17_px]) is metadata
    far = size(200 / 14, "scale bar", unit="nm", uncertainty=1 / 14)
    with pytest.raises(CalibrationConflictError):
        reconcile([metadata, far])


def test_every_pair_is_compared():
    agreeing = [size(2.0, "typed"), size(2.04, "zeiss")]
    assert reconcile(agreeing).source == "typed"
    with pytest.raises(CalibrationConflictError, match="scale bar"):
        reconcile([*agreeing, size(1.96, "scale bar")])


def test_a_conflict_names_both_values_the_difference_and_the_way_out():
    with pytest.raises(CalibrationConflictError) as caught:
        reconcile([size(2.0, "zeiss"), size(0.025, "scale bar", uncertainty=0.01)])
    message = str(caught.value)
    for part in ("metadata (zeiss) 2 µm", "scale bar 25 nm", "99 %", "3 %"):
        assert part in message
    assert "--calibration bar or metadata" in message


@pytest.mark.parametrize(
    ("choice", "source"),
    [
        ("metadata", "zeiss"),
        ("bar", "scale bar"),
        ("scale bar", "scale bar"),
        ("typed",) * 2,
    ],
)
def test_a_choice_settles_a_conflict(choice, source):
    known = [size(1.0, "zeiss"), size(2.0, "scale bar"), size(3.0, "typed")]
    assert reconcile(known, choice=choice).source == source


def test_the_choice_none_sets_everything_aside():
    assert reconcile([size(1.0, "zeiss"), size(2.0, "typed")], choice="none") is None


@pytest.mark.parametrize(
    ("choice", "origin"),
    [("metadata", "metadata"), ("bar", "scale bar"), ("typed", "--pixel-size")],
)
def test_a_choice_that_is_not_there_is_refused(choice, origin):
    with pytest.raises(CalibrationError, match=f"{origin}.*known here: nothing"):
        reconcile([], choice=choice)


def test_an_unknown_choice_is_refused():
    with pytest.raises(CalibrationError, match="got 'magic'"):
        reconcile([size(1.0, "zeiss")], choice="magic")


def test_pixels_that_are_not_square_stay_so():
    metadata = size(2.0, "zeiss", y=2.5)
    assert reconcile([metadata, size(2.01, "scale bar")]) is metadata
    with pytest.raises(CalibrationConflictError, match="2 x 2.5 µm"):
        reconcile([metadata, size(2.0, "typed")])


def test_a_bar_says_nothing_about_the_height_of_a_pixel():
    metadata, bar = size(2.0, "zeiss", y=4.0), size(2.0, "scale bar")
    assert difference_of(metadata, bar) == 0
    assert difference_of(metadata, size(2.0, "typed")) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.6145, "um", "2.6145 µm"),
        (0.0125, "um", "12.5 nm"),
        (20, "pm", "20 pm"),
        (0.5, "pm", "0.5 pm"),
        (1500, "um", "1.5 mm"),
        (1.3, "angstrom", "130 pm"),
    ],
)
def test_lengths_are_told_in_a_unit_that_suits_them(value, unit, text):
    assert length_text(size(value, "typed", unit=unit)) == text
