import json

import numpy as np
import pytest
import tifffile

from segmetry.calibrate import ScaleBar
from segmetry.errors import CalibrationError
from segmetry.image import Image, Labels, PixelSize
from segmetry.io import write_labels, write_png
from segmetry.project.looks import (
    _facts_of_bar,
    look_at,
    pixel_size_facts,
    pixel_size_of,
    recalibrated,
)
from segmetry.recipe import Recipe


def recipe(**parts):
    return Recipe.model_validate({"calibration": {"scale_bar": False}} | parts)


def test_a_look_tells_size_contrast_and_pixel_size(picture):
    chosen = recipe(calibration={"pixel_size": "2 nm", "scale_bar": False})
    look = look_at(picture, chosen)
    facts = look.facts
    assert look.status == "ready"
    assert (facts["width_px"], facts["height_px"], facts["n_slices"]) == (300, 200, 1)
    assert not facts["is_color"]
    assert 25 < facts["low"] < 45
    assert 195 < facts["high"] < 215
    assert pixel_size_of(facts["pixel_size"]).in_um.x == pytest.approx(0.002)
    assert facts["note"] == "typed 2 nm"
    assert facts["banner_rows"] is None
    assert facts["excluded_px"] == 0
    assert look.thumbnail.shape == (160, 240, 3)
    assert json.loads(json.dumps(facts)) == facts


def test_a_look_tells_what_the_recipe_strikes_out(picture):
    look = look_at(
        picture, recipe(banner={"exclude": "20"}, area={"exclude": [[0, 0, 5, 4]]})
    )
    assert look.facts["banner_rows"] == [180, 200]
    assert look.facts["excluded_px"] == 20 * 300 + 5 * 4


def test_a_flat_picture_has_a_contrast_too(draw):
    facts = look_at(draw("a.png", value=7), recipe()).facts
    assert facts["low"] < facts["high"]


def test_colours_are_told(home):
    path = home / "a.png"
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[..., 1] = np.arange(30)
    write_png(path, pixels)
    facts = look_at(path, recipe()).facts
    assert facts["is_color"]
    red, green, blue = facts["channels"]
    assert [red["name"], green["name"], blue["name"]] == ["red", "green", "blue"]
    assert (green["low"], green["high"]) == (0, 29)
    assert look_at(path, recipe(reading={"channel": 3})).status == "failed"


def test_a_picture_in_red_is_shown_as_its_file_has_it(home):
    path = home / "a.png"
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[..., 0] = np.random.default_rng(0).integers(0, 224, (60, 80))
    write_png(path, pixels)
    look = look_at(path, recipe())
    assert (look.facts["low"], look.facts["high"]) == (0, 255)
    assert np.array_equal(look.thumbnail, pixels)


def test_sources_that_disagree_are_shown_for_a_person_to_choose(home, discs):
    path = home / "a.tif"
    size = PixelSize(y=20, x=20, unit="nm", source="typed")
    data = discs([10] * 12)
    write_labels(path, Labels(data, Image(data, pixel_size=size)))
    typed = {"pixel_size": "22 nm", "scale_bar": False}
    look = look_at(path, recipe(calibration=typed))
    assert look.status == "failed"
    assert look.facts["conflict"]
    assert "20" in look.facts["error"]
    assert "22" in look.facts["error"]
    found = [pixel_size_of(facts).in_um.x for facts in look.facts["candidates"]]
    assert found == pytest.approx([0.022, 0.020])
    settled = look_at(path, recipe(calibration=typed | {"choice": "metadata"}))
    assert settled.status == "ready"
    assert not settled.facts["conflict"]


def test_a_stack_is_a_volume_and_one_of_its_pages_a_picture(home):
    path = home / "a.tif"
    slices = np.arange(3 * 64 * 64, dtype=np.uint16).reshape(3, 64, 64)
    tifffile.imwrite(path, slices, photometric="minisblack")
    look = look_at(path, recipe())
    assert (look.status, look.facts["n_slices"]) == ("ready", 3)
    assert look.facts["pixel_size"] is None
    assert look.thumbnail is not None
    page = look_at(path, recipe(reading={"page": 1}))
    assert (page.status, page.facts["n_slices"]) == ("ready", 1)


def test_a_scale_bar_that_was_read_is_told_for_drawing():
    bar = ScaleBar(2.0, "um", np.float64(10), 120.0, 90, 94, text="2 µm", method="bar")
    facts = _facts_of_bar(bar)
    assert facts["length_px"] == 110
    assert (facts["x_start"], facts["x_stop"], facts["y_top"]) == (10, 120, 90)
    assert json.loads(json.dumps(facts))["text"] == "2 µm"
    assert _facts_of_bar(None) is None


@pytest.mark.slow
def test_what_a_real_scale_bar_tells_can_be_kept_and_comes_back(data):
    found = look_at(data("sem_scalebar/1 um.png"), Recipe()).facts
    kept = json.loads(json.dumps(found))
    assert len(kept["bar"]["label_box"]) == 4  # the reader's own kind of numbers
    after, calibration = recalibrated(kept, Recipe())
    assert calibration.bar.label_box == tuple(kept["bar"]["label_box"])
    assert after == kept


def test_a_file_that_is_no_picture_says_why(home):
    path = home / "a.tif"
    path.write_bytes(b"II*\0 and then nothing")
    look = look_at(path, recipe())
    assert look.status == "failed"
    assert "a.tif" in look.facts["error"]
    assert look.thumbnail is None


def test_a_pixel_size_comes_back_whole():
    size = PixelSize(y=1.25, x=1.5, unit="nm", source="zeiss", uncertainty=0.01, z=3)
    assert pixel_size_of(json.loads(json.dumps(pixel_size_facts(size)))) == size
    assert pixel_size_of(None) is None


def test_another_pixel_size_gives_the_facts_of_another_look(picture):
    typed = recipe(calibration={"pixel_size": "2 nm", "scale_bar": False})
    before = look_at(picture, recipe()).facts
    after, calibration = recalibrated(before, typed)
    assert after == look_at(picture, typed).facts
    assert calibration.note == "typed 2 nm"
    assert recalibrated(after, recipe())[0] == before


def test_a_choice_ends_the_disagreement_of_two_sources(home, discs):
    path = home / "a.tif"
    size = PixelSize(y=20, x=20, unit="nm", source="typed")
    data = discs([10] * 12)
    write_labels(path, Labels(data, Image(data, pixel_size=size)))
    disputed = recipe(calibration={"pixel_size": "10 nm", "scale_bar": False})
    facts = look_at(path, disputed).facts
    assert facts["conflict"]
    settled = recipe(calibration={"choice": "metadata", "scale_bar": False})
    after, _ = recalibrated(facts, settled)
    assert (after["conflict"], after["error"]) == (False, "")
    assert pixel_size_of(after["pixel_size"]).in_um.x == pytest.approx(0.02)
    with pytest.raises(CalibrationError, match="disagree"):
        recalibrated(facts, disputed)


def test_a_scale_bar_that_was_read_need_not_be_read_again():
    bar = ScaleBar(200.0, "nm", 10.0, 110.0, 5, 8, text="200 nm", method="bar")
    size = pixel_size_facts(bar.pixel_size)
    facts = {"error": "", "conflict": False, "candidates": [size]}
    facts |= {"bar": _facts_of_bar(bar)}
    after, _ = recalibrated(json.loads(json.dumps(facts)), recipe())
    assert pixel_size_of(after["pixel_size"]) == bar.pixel_size
    assert after["bar"] == facts["bar"]
