"""A bar is paired with its label only where the pair is clear."""

from dataclasses import replace

import numpy as np
import pytest

from segmetry.calibrate.bar_geometry import Bar
from segmetry.calibrate.bar_match import match_bars
from segmetry.calibrate.bar_text import Label
from segmetry.calibrate.ocr import Text

BAR = Bar(x_start=100, x_stop=200, y_top=100, y_bottom=104, level=255)


def label(x, y, *, value=200.0, width=60, height=20):
    return Label(value, "nm", Text("200 nm", 0.99, x, y, x + width, y + height))


def picture(*labels, ground=80.0, ink=255.0):
    """Draw letters as stripes, a fifth of the box."""
    grey = np.full((250, 500), ground, np.float32)
    for said in labels:
        box = said.box
        rows = slice(max(0, int(box.y_min)), int(box.y_max))
        grey[rows, int(box.x_min) : int(box.x_max) : 5] = ink
    return grey


def matched(bars, labels, **options):
    return match_bars(picture(*labels, **options), bars, labels)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (120, 76),
        (100, 70),
        (160, 60),
        (120, 108),
        (120, 125),
        (30, 92),
        (40, 92),
        (205, 92),
    ],
)
def test_a_label_above_below_or_beside_its_bar_is_matched(x, y):
    match = matched([BAR], [label(x, y)])
    assert (match.x_start, match.x_stop, match.method) == (100, 200, "bar")
    assert match.label.value == 200


@pytest.mark.parametrize("place", [(120, 20), (120, 160), (300, 92), (205, 60), (10, 10)])
def test_a_label_far_from_the_bar_is_not_matched(place):
    assert matched([BAR], [label(*place)]) is None


def test_nothing_to_match_is_none():
    assert matched([], []) is None
    assert matched([BAR], []) is None
    assert matched([], [label(120, 76)]) is None


def test_two_bars_about_as_near_are_doubtful():
    above = replace(BAR, x_start=80, y_top=66, y_bottom=70)
    assert matched([BAR, above], [label(120, 76)]) is None


def test_a_bar_farther_off_does_not_disturb():
    far = replace(BAR, x_start=80, y_top=50, y_bottom=54)
    assert matched([BAR, far], [label(120, 78)]).x_start == 100


def test_two_labels_that_differ_are_doubtful():
    assert matched([BAR], [label(120, 76), label(120, 108, value=500.0)]) is None


def test_the_same_label_read_twice_is_one():
    assert matched([BAR], [label(120, 76), label(121, 75)]).label.value == 200


@pytest.mark.parametrize(
    ("level", "found"), [(255, True), (160, True), (0, False), (90, False)]
)
def test_a_bar_stands_out_to_the_same_side_as_its_letters(level, found):
    match = matched([replace(BAR, level=level)], [label(120, 76)])
    assert (match is not None) == found


def test_dark_letters_want_a_dark_bar():
    dark = replace(BAR, level=0)
    assert matched([dark], [label(120, 76)], ground=200.0, ink=0.0) is not None
    assert matched([BAR], [label(120, 76)], ground=200.0, ink=0.0) is None


def test_a_label_outside_the_picture_is_not_matched():
    outside = label(120, 76)
    away = replace(outside, box=replace(outside.box, y_min=400, y_max=420))
    assert match_bars(picture(), [BAR], [away]) is None


def test_a_stroke_of_a_letter_is_no_bar():
    stroke = replace(BAR, x_start=124, x_stop=132, y_top=94, y_bottom=96)
    assert matched([stroke], [label(120, 76)]) is None


def test_the_middles_of_two_ticks_are_the_ends():
    bar = replace(BAR, left_tick=101, right_tick=199)
    match = matched([bar], [label(120, 70)])
    assert (match.x_start, match.x_stop, match.method) == (101, 199, "bar with ticks")


def test_thick_ticks_count_to_their_outer_ends_with_more_uncertainty():
    bar = replace(BAR, left_tick=102.5, right_tick=197.5)
    match = matched([bar], [label(120, 70)])
    assert (match.x_start, match.x_stop, match.uncertainty_px) == (100, 200, 2.5)
    thin = matched([replace(BAR, left_tick=101, right_tick=199)], [label(120, 70)])
    assert thin.uncertainty_px == 1


@pytest.mark.parametrize("tick", [{"left_tick": 101.0}, {"right_tick": 199.0}])
def test_a_long_tick_at_one_end_only_is_doubtful(tick):
    said = label(120, 68)
    grey = picture(said)
    bar = replace(BAR, **tick)
    # A grain of noise beside the bar is no tick, and the outer ends count.
    match = match_bars(grey, [bar], [said])
    assert (match.x_start, match.x_stop, match.method) == (100, 200, "bar")
    (column,) = tick.values()
    grey[92:112, int(column)] = 255
    assert match_bars(grey, [bar], [said]) is None


def test_two_halves_on_both_sides_of_a_label_are_one_bar():
    left, right = replace(BAR, left_tick=101), replace(BAR, x_start=280, x_stop=380)
    match = matched([left, right], [label(210, 92)])
    assert (match.x_start, match.x_stop, match.method) == (100, 380, "split bar")
    ticked = replace(right, right_tick=379)
    match = matched([left, ticked], [label(210, 92)])
    assert (match.x_start, match.x_stop) == (101, 379)


def test_half_a_bar_is_never_taken_for_a_whole_one():
    said = label(210, 92)
    for bar, rest in (
        (BAR, slice(280, 380)),
        (replace(BAR, x_start=280, x_stop=380), None),
    ):
        grey = picture(said)
        grey[100:104, rest or slice(100, 200)] = 255
        assert match_bars(grey, [bar], [said]) is None


def test_halves_of_unequal_length_are_no_bar():
    right = replace(BAR, x_start=280, x_stop=330)
    match = matched([BAR, right], [label(210, 92)])
    assert match is None


def test_a_ruler_is_matched_whatever_the_grey_of_its_ticks():
    ruler = replace(BAR, kind="ruler", level=90)
    assert matched([ruler], [label(150, 108)]).method == "ruler"


@pytest.mark.parametrize("beyond", [slice(60, 90), slice(210, 240)])
def test_a_bar_that_goes_on_after_a_gap_is_doubtful(beyond):
    said = label(120, 70)
    grey = picture(said)
    grey[100:104, 100:200] = 255
    assert match_bars(grey, [BAR], [said]) is not None
    grey[100:104, beyond] = 255
    assert match_bars(grey, [BAR], [said]) is None


def test_of_a_bar_found_twice_the_whole_one_is_taken():
    blurred = replace(BAR, y_top=99, y_bottom=100, level=180)
    match = matched([blurred, BAR], [label(120, 70)])
    assert (match.y_top, match.y_bottom) == (100, 104)
