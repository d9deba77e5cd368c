"""The pixel size comes with all the evidence for it."""

import cv2
import numpy as np
import pytest

from segmetry.calibrate import Banner, calibrate
from segmetry.errors import CalibrationConflictError, CalibrationError
from segmetry.image import Image, PixelSize
from segmetry.io import read

BLANK = Image(np.zeros((80, 120), np.uint8))


def size(value, source, unit="um"):
    return PixelSize(y=value, x=value, unit=unit, source=source)


def with_bar(pixel_size=None):
    """Draw a scale bar of 2 µm on 110 pixels."""
    rng = np.random.default_rng(0)
    pixels = rng.normal(80, 6, (300, 500)).clip(0, 255).astype(np.uint8)
    pixels[260:266, 300:410] = 255
    cv2.putText(pixels, "2 um", (320, 250), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    return Image(pixels, pixel_size=pixel_size)


def test_an_unknown_pixel_size_stays_unknown():
    found = calibrate(BLANK)
    assert (found.pixel_size, found.candidates, found.bar) == (None, (), None)
    assert found.note == "pixel size unknown"


def test_metadata_alone_is_taken_with_its_source():
    image = Image(BLANK.pixels, pixel_size=size(2.6145, "zeiss"))
    found = calibrate(image)
    assert found.pixel_size is image.pixel_size
    assert found.note == "metadata (zeiss) 2.6145 µm"


def test_a_typed_value_is_compared_with_metadata():
    image = Image(BLANK.pixels, pixel_size=size(2.0, "fei"))
    found = calibrate(image, typed=size(2.02, "typed"))
    assert found.pixel_size.source == "typed"
    assert found.note == "typed 2.02 µm; metadata (fei) 2 µm agrees within 0.99 %"
    with pytest.raises(CalibrationConflictError, match="typed 3 µm and metadata"):
        calibrate(image, typed=size(3, "typed"))


def test_a_choice_settles_a_conflict_and_the_note_says_so():
    image = Image(BLANK.pixels, pixel_size=size(2.0, "fei"))
    found = calibrate(image, typed=size(3.0, "typed"), choice="metadata")
    assert found.pixel_size.source == "fei"
    assert found.note == "metadata (fei) 2 µm; typed 3 µm disagrees by 50 %"


def test_a_bar_alone_gives_the_pixel_size_and_its_uncertainty():
    found = calibrate(with_bar())
    assert found.pixel_size.source == "scale bar"
    assert found.pixel_size.in_um.x == pytest.approx(2 / 110, rel=0.005)
    assert found.pixel_size.uncertainty == pytest.approx(1 / 110, rel=0.01)
    assert found.bar.text == "2 µm"
    assert found.note == "bar 2 µm = 110 px"


def test_the_published_example_is_right_from_the_picture_on():
    pixel = calibrate(with_bar()).pixel_size.in_um
    assert 500 * pixel.x * pixel.y == pytest.approx(0.165, rel=0.01)


def test_a_bar_is_compared_with_metadata():
    agreeing = calibrate(with_bar(size(18.3, "zeiss", "nm")))
    assert agreeing.pixel_size.source == "zeiss"
    assert len(agreeing.candidates) == 2
    assert "bar 2 µm = 110 px agrees within" in agreeing.note
    with pytest.raises(
        CalibrationConflictError, match="choose it with --calibration bar or"
    ):
        calibrate(with_bar(size(15, "zeiss", "nm")))


def test_a_bar_is_not_looked_for_where_it_is_not_wanted():
    assert calibrate(with_bar(), read_bar=False).bar is None
    assert calibrate(with_bar(), choice="none").bar is None


@pytest.mark.parametrize("choice", ["bar", "scale bar"])
def test_the_bar_can_be_chosen(choice):
    found = calibrate(with_bar(size(15, "zeiss", "nm")), choice=choice)
    assert found.pixel_size.source == "scale bar"
    with pytest.raises(CalibrationError, match="scale bar that can be read"):
        calibrate(BLANK, choice=choice)


def test_none_sets_everything_aside():
    found = calibrate(Image(BLANK.pixels, pixel_size=size(2, "fei")), choice="none")
    assert found.pixel_size is None
    assert found.note == "pixel size set aside"


def test_a_banner_that_is_known_is_where_the_bar_is_looked_for_first():
    assert calibrate(with_bar(), banner=Banner(230, 300)).bar is not None
    assert calibrate(with_bar(), banner=Banner(0, 20)).bar is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["zeiss_1k", "zeiss_512", "fei_helios_ebeam_8bit", "tvips_bin4"]
)
def test_bars_of_real_files_agree_with_their_metadata(data, name):
    image = read(data(f"sem_raw/{name}.tif"))
    found = calibrate(image)
    assert found.pixel_size is image.pixel_size
    bar = found.bar.pixel_size.in_um
    assert bar.x == pytest.approx(image.pixel_size.in_um.x, rel=0.011)
    assert "agrees within" in found.note
