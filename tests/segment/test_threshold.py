import numpy as np
import pytest
from skimage import filters

from segmetry.errors import PictureError, RecipeError
from segmetry.image import Image
from segmetry.segment.threshold import Threshold, cutoff_of

METHODS = ("otsu", "li", "triangle", "yen")


def two_hills(seed):
    rng = np.random.default_rng(seed)
    dark = rng.normal(rng.uniform(30, 80), rng.uniform(5, 15), 6000)
    bright = rng.normal(rng.uniform(130, 220), rng.uniform(5, 20), rng.integers(500, 5000))
    return np.concatenate([dark, bright]).astype(np.float32)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("method", ["triangle", "yen"])
def test_a_cutoff_is_that_of_scikit_image(method, seed):
    values = two_hills(seed)
    peer = getattr(filters, f"threshold_{method}")(values[None], nbins=1024)
    assert cutoff_of(values, method=method) == pytest.approx(peer, abs=1e-3)


@pytest.mark.parametrize("seed", range(10))
def test_the_cutoff_of_otsu_parts_the_values_as_that_of_scikit_image(seed):
    values = two_hills(seed)
    peer = filters.threshold_otsu(values[None], nbins=1024)
    assert np.mean((values > cutoff_of(values, method="otsu")) != (values > peer)) < 0.001


def test_the_cutoff_of_otsu_lies_amid_the_gap_between_two_classes():
    """At its lower end, the pixels of the last dark value would be taken for bright."""
    values = np.repeat([9.0, 10.0, 50.0, 52.0], 100)
    assert cutoff_of(values, method="otsu") == pytest.approx(30, abs=0.5)


@pytest.mark.parametrize("seed", range(10))
def test_the_cutoff_of_li_is_that_of_scikit_image_within_a_bin(seed):
    values = two_hills(seed)
    bin_width = float(np.ptp(values)) / 1024
    peer = float(filters.threshold_li(values))
    assert cutoff_of(values, method="li") == pytest.approx(peer, abs=1.5 * bin_width)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(5))
def test_a_cutoff_follows_the_scale_of_the_grey_values(method, seed):
    values = two_hills(seed).astype(np.float64)
    cutoff = cutoff_of(values, method=method)
    assert cutoff_of(values * 64 + 1000, method=method) == pytest.approx(64 * cutoff + 1000)


@pytest.mark.parametrize("method", METHODS)
def test_two_grey_values_are_cut_between(method):
    values = np.repeat([10.0, 200.0], [700, 300])
    assert 10 < cutoff_of(values, method=method) < 200


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("inverted", [False, True])
def test_discs_are_counted_whatever_their_polarity(discs, method, inverted):
    picture = discs([9, 11, 13, 15, 17])
    labels = Threshold(method=method)(Image(255 - picture if inverted else picture))
    assert len(labels.ids) == 5
    found = labels.steps[0].options
    assert found["found_polarity"] == ("dark" if inverted else "bright")


def test_areas_are_those_of_the_discs_drawn(discs):
    radii = [9, 11, 13, 15, 17]
    areas = np.bincount(Threshold()(Image(discs(radii))).data.ravel())[1:]
    assert np.sort(areas) == pytest.approx(np.pi * np.square(radii), rel=0.03)


def test_the_history_tells_method_options_and_what_was_found(discs):
    step = Threshold(method="li", min_area=5)(Image(discs([12]))).steps[-1]
    assert step.name == "threshold"
    assert step.options["method"] == "li"
    assert step.options["min_area"] == 5
    assert 40 < step.options["found_threshold"] < 200


def test_a_manual_cutoff_is_taken_as_a_grey_value():
    pixels = np.arange(100, dtype=np.uint8).reshape(10, 10)
    segmenter = Threshold(
        method="manual", level=49, polarity="bright", denoise=0, min_area=1
    )
    assert np.array_equal(segmenter(Image(pixels)).data > 0, pixels > 49)
    dark = Threshold(method="manual", level=49, polarity="dark", denoise=0, min_area=1)
    assert np.array_equal(dark(Image(pixels)).data > 0, pixels < 49)


def test_a_hot_pixel_in_12_bits_does_not_hide_the_objects(discs):
    pixels = discs([12, 14]).astype(np.uint16) * 16
    assert len(Threshold()(Image(pixels)).ids) == 2


def test_uneven_light_is_flattened():
    y, x = np.mgrid[:200, :300]
    light = 0.6 * x
    picture = 20 + light
    for centre in range(30, 300, 60):
        picture[(y - 100) ** 2 + (x - centre) ** 2 <= 12**2] += 60
    assert len(Threshold()(Image(picture)).ids) < 5
    assert len(Threshold(flatten=80)(Image(picture)).ids) == 5


def test_colour_pictures_are_segmented_by_their_grey_values(discs):
    grey = discs([12, 14])
    colour = Image(np.repeat(grey[..., None], 3, axis=2), axes="YXC")
    assert np.array_equal(Threshold()(colour).data, Threshold()(Image(grey)).data)


def test_no_object_is_found_in_the_excluded_area(discs):
    picture = discs([12, 14, 16])
    excluded = np.zeros(picture.shape, dtype=bool)
    excluded[:, 48:] = True
    image = Image(picture, excluded=excluded)
    labels = Threshold(polarity="bright")(image)
    assert not (labels.data[excluded] > 0).any()
    assert len(labels.ids) == 1


def test_the_excluded_area_has_no_say_in_the_cutoff(discs):
    picture = discs([12, 14, 16], dark=40, bright=90)
    banner = picture.copy()
    banner[-60:] = np.tile(np.array([0, 255], np.uint8), 150)
    excluded = np.zeros(picture.shape, dtype=bool)
    excluded[-60:] = True
    clean = Threshold()(Image(picture, excluded=excluded))
    assert np.array_equal(Threshold()(Image(banner, excluded=excluded)).data, clean.data)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_picture_is_refused_in_words(method, value):
    image = Image(np.full((20, 20), value, np.uint8))
    with pytest.raises(PictureError, match="one flat value .* nothing to segment"):
        Threshold(method=method)(image)


def test_an_unknown_method_is_refused():
    with pytest.raises(RecipeError, match="method must be one of otsu, li"):
        Threshold(method="ostu")
