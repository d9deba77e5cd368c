"""A scale bar gives a pixel size with the uncertainty of its ends."""

from dataclasses import replace

import pytest

from segmetry.calibrate import ScaleBar, scale_bar_area


def bar(length, unit, pixels):
    return ScaleBar(length, unit, 10.0, 10.0 + pixels, 90, 94, text="", method="bar")


def test_the_published_example_gives_its_area():
    # 2 µm are 110 pixels, so 500 pixels are 0.165 µm²; the paper says 0.9 µm².
    size = bar(2.0, "um", 110).pixel_size.in_um
    assert 500 * size.x * size.y == pytest.approx(0.165, abs=0.0005)


@pytest.mark.parametrize("pixels", [17, 110, 1000])
def test_the_ends_are_known_to_a_pixel(pixels):
    size = bar(200, "nm", pixels).pixel_size
    assert size.uncertainty == pytest.approx(1 / pixels)
    assert size.x == size.y == pytest.approx(200 / pixels)
    assert (size.unit, size.source) == ("nm", "scale bar")


def test_the_length_is_from_end_to_end():
    assert bar(1, "um", 34.5).length_px == 34.5


def test_thick_ticks_make_the_ends_less_certain():
    ticked = replace(bar(200, "nm", 141), uncertainty_px=2.5)
    assert ticked.pixel_size.uncertainty == pytest.approx(2.5 / 141)


def test_the_area_covers_bar_and_label_and_little_else():
    bar = ScaleBar(
        *(2.0, "um", 20.0, 90.0, 100, 104),
        text="2 µm",
        method="bar",
        label_box=(40.0, 70.0, 70.0, 90.0),
    )
    area = scale_bar_area(bar, (120, 200))
    assert area[100:104, 20:90].all()
    assert area[70:90, 40:70].all()
    assert area.sum() < 2 * (14 * 80 + 34 * 44)
    assert not area[:50].any()


def test_the_area_ends_with_the_picture():
    bar = ScaleBar(2.0, "um", 0.0, 50.0, 58, 60, text="2 µm", method="bar")
    assert scale_bar_area(bar, (60, 50))[53:].all()
