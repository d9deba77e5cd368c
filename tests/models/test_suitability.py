"""A picture unlike those of the training is told of."""

import csv
import warnings
from datetime import date

import numpy as np
import pytest

from segmetry import read, segmenter
from segmetry.errors import SegmetryWarning
from segmetry.image import Image, PixelSize
from segmetry.models.card import Card
from segmetry.models.suitability import doubts, unsure


def card(**changes):
    values = {
        "name": "cells",
        "created": date(2026, 1, 31),
        "architecture": {},
        "channels": 1,
        "outputs": ("foreground",),
        "multiple": 1,
        "diameter_px": 20,
        "pixel_size_um": 0.5,
    }
    return Card(**{**values, **changes})


def picture(pixel_um=None):
    size = None
    if pixel_um:
        size = PixelSize(y=pixel_um, x=pixel_um, unit="um", source="typed")
    return Image(np.zeros((9, 9), np.uint8), pixel_size=size)


@pytest.mark.parametrize("pixel_um", [None, 0.5, 0.3, 0.9])
@pytest.mark.parametrize("diameter", [None, 14, 20, 39])
@pytest.mark.parametrize("scale", ["native", "match"])
def test_a_picture_like_those_of_the_training_raises_no_doubt(pixel_um, diameter, scale):
    assert doubts(card(scale=scale), picture(pixel_um), diameter=diameter, factor=1) == []


@pytest.mark.parametrize("pixel_um", [0.2, 1.1])
def test_a_model_that_does_not_resample_minds_the_pixel_size(pixel_um):
    told = doubts(card(scale="native"), picture(pixel_um), diameter=None, factor=1)
    (sentence,) = told
    assert f"has {pixel_um} µm a pixel, but the model cells learned from 0.5 µm" in sentence
    assert doubts(card(), picture(pixel_um), diameter=None, factor=1) == []


def test_a_model_that_does_not_resample_minds_the_size_of_objects_in_pixels():
    (told,) = doubts(card(scale="native"), picture(), diameter=50, factor=1)
    assert "Objects of about 50 px are seen by the model cells at 50 px" in told
    assert "learned from about 20 px; --set diameter=50 resamples" in told


def test_objects_out_of_reach_of_resampling_are_told_of():
    (told,) = doubts(card(), picture(), diameter=400, factor=1 / 8)
    assert "Objects of about 400 px are seen by the model cells at 50 px" in told
    assert told.endswith("check the objects with care.")
    assert doubts(card(), picture(), diameter=200, factor=1 / 10) == []


@pytest.mark.parametrize(("pixel_um", "size"), [(0.01, "0.3"), (10, "300")])
def test_objects_of_another_size_in_micrometres_are_told_of(pixel_um, size):
    (told,) = doubts(card(), picture(pixel_um), diameter=30, factor=0.67)
    assert (
        f"about {size} µm across, but the model cells learned from objects of about 10"
        in told
    )


def test_a_model_that_knows_no_sizes_raises_no_doubt():
    silent = card(diameter_px=None, pixel_size_um=None, scale="native")
    assert doubts(silent, picture(7), diameter=500, factor=1) == []


def test_a_picture_whose_objects_are_sure_raises_no_doubt():
    assert unsure(card(), np.array([0.9, 0.95, 0.1]), least=0.5) == ""
    assert unsure(card(), np.array([]), least=0.5) == ""


def test_a_picture_of_which_much_is_expected_to_be_wrong_is_told_of():
    sentence = unsure(card(), np.array([0.6, 0.8, 0.7, 0.01]), least=0.5)
    assert "about 30 % of the objects" in sentence
    assert "cells" in sentence


def test_a_picture_with_doubtful_objects_only_is_told_of():
    sentence = unsure(card(), np.array([0.3, 0.2]), least=0.5)
    assert "found nothing here that it is sure of, but 2 doubtful ones" in sentence


@pytest.mark.slow
def test_asking_for_sure_objects_only_does_not_make_a_picture_doubtful():
    y, x = np.mgrid[:120, :160]
    pixels = np.random.default_rng(0).normal(20, 3, y.shape)
    for centre in (35, 80, 125):
        pixels[np.hypot(y - 60, x - centre) <= 12] += 120
    image = Image(pixels.clip(0, 255).astype(np.uint8))
    assert len(segmenter("nuclei")(image).ids) == 3
    sure = segmenter("nuclei", min_confidence=1.0)  # a warning would be an error
    assert not sure(image).ids.size


@pytest.mark.slow
def test_stained_tissue_is_told_of_and_dark_fluorescence_is_not(data):
    folder = data("dsb2018")
    with (folder / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    held_out = {"f7e5dcfc9c93", "f952cc653760"}  # groups that nuclei did not learn from
    shown = {
        "fluo_small": [row for row in rows if row["class"] == "fluo_small"][:6],
        "he_purple": [row for row in rows if row["group"] in held_out],
    }
    warned = dict.fromkeys(shown, 0)
    for kind, some in shown.items():
        for row in some:
            image = read(folder / "train" / "images" / row["file"])
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", SegmetryWarning)
                segmenter("nuclei")(image)
            warned[kind] += any("to be wrong" in str(one.message) for one in caught)
    assert len(shown["he_purple"]) == 7
    assert warned["fluo_small"] == 0
    assert warned["he_purple"] >= 2
