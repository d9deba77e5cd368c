import math
from dataclasses import astuple, replace

import cv2
import numpy as np
import pytest

from segmetry.image import Image, Labels
from segmetry.measure.picture_quality import clipped_share, picture_quality

SHAPE = (300, 400)


def scene(seed=0, *, shape=SHAPE, noise=2):
    """Bright discs of several sizes on a dark ground, under a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.full(shape, 40.0)
    for _ in range(40):
        at = rng.random(2) * shape
        picture[np.hypot(y - at[0], x - at[1]) < rng.uniform(4, 14)] = rng.uniform(90, 200)
    return picture + rng.normal(0, noise, shape)


def stored(picture, kind=np.uint8):
    limit = np.iinfo(kind).max
    return Image(np.clip(np.rint(picture), 0, limit).astype(kind))


def blurred(picture, sigma):
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma else picture


def apart():
    """Twelve discs far from each other, without noise."""
    y, x = np.mgrid[:400, :500]
    picture = np.full(y.shape, 40.0)
    for place in range(12):
        row, column = divmod(place, 4)
        picture[np.hypot(y - 70 - 130 * row, x - 65 - 120 * column) < 40] = 150
    return picture


@pytest.mark.parametrize("noise", [0, 2])
@pytest.mark.parametrize("sigma", [1, 1.5, 2, 3, 4])
def test_the_blur_of_edges_is_that_of_the_optics(sigma, noise):
    camera = np.random.default_rng(0).normal(0, noise, (400, 500))
    for stretched in (1, 0.3):
        soft = stored(stretched * blurred(apart(), sigma) + camera)
        assert picture_quality(soft).edge_blur_px == pytest.approx(sigma, rel=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_the_more_blur_the_less_sharp(seed):
    picture = scene(seed)
    found = [
        picture_quality(stored(blurred(picture, s))).edge_blur_px for s in (0, 1, 2, 4)
    ]
    assert found == sorted(found)
    assert found[0] < 1
    assert found[-1] > 3


@pytest.mark.parametrize("seed", range(5))
def test_turning_mirroring_and_another_contrast_change_no_sharpness(seed):
    picture = blurred(scene(seed), 1.5)
    known = picture_quality(Image(picture.astype(np.float32))).edge_blur_px
    for changed in (np.rot90(picture), picture[::-1], 3 * picture + 100, -picture):
        found = picture_quality(Image(np.ascontiguousarray(changed, np.float32)))
        assert found.edge_blur_px == pytest.approx(known, rel=0.03)


@pytest.mark.parametrize("noise", [0, 2])
def test_dust_in_focus_in_one_place_does_not_make_a_blurred_picture_sharp(noise):
    soft = blurred(apart(), 3)
    soft[190:290, 255:355] += 110 * (np.arange(100) // 20 % 2)[:, None]
    camera = np.random.default_rng(0).normal(0, noise, soft.shape)
    assert picture_quality(stored(soft + camera)).edge_blur_px > 2.3


def test_a_blur_far_wider_than_the_tile_can_tell_is_no_number_without_end():
    slope = np.tile(np.linspace(0, 200, 400), (300, 1)).astype(np.float32)
    assert picture_quality(Image(slope)).edge_blur_px == 20


@pytest.mark.parametrize(
    ("kind", "most"), [(np.uint8, 255), (np.uint16, 4095), (np.uint16, 65_535)]
)
def test_clipped_pixels_are_counted_at_both_ends_of_the_camera(kind, most):
    pixels = np.full((10, 20), most // 2, kind)
    pixels[:2], pixels[2, :10] = most, 0
    found = picture_quality(Image(pixels))
    assert found.clipped_high_fraction == 40 / 200
    assert found.clipped_low_fraction == 10 / 200
    assert found.brightness == most // 2


def test_clipped_pixels_outside_of_the_sample_do_not_count():
    pixels = np.full((10, 20), 100, np.uint8)
    pixels[:2], pixels[2, :10] = 255, 0
    excluded = np.zeros((10, 20), bool)
    excluded[1:3] = True
    found = picture_quality(Image(pixels, excluded=excluded))
    assert (found.clipped_high_fraction, found.clipped_low_fraction) == (20 / 160, 0)


def test_values_below_the_limit_and_fractions_are_not_clipped():
    pixels = np.full((10, 20), 1000, np.uint16)
    assert picture_quality(Image(pixels)).clipped_high_fraction == 0
    fractions = Image(np.where(pixels > 0, 1.0, 0.0))
    assert picture_quality(fractions).clipped_high_fraction == 0


def test_one_clipped_colour_is_enough_and_a_missing_one_is_none():
    pixels = np.full((10, 10, 3), 100, np.uint8)
    pixels[..., 2] = 0  # yellow has no blue
    pixels[:3, :, 0] = 255
    pixels[9] = 0
    found = picture_quality(Image(pixels, axes="YXC"))
    assert (found.clipped_high_fraction, found.clipped_low_fraction) == (0.3, 0.1)


def test_contrast_leaves_out_a_hundredth_at_either_end():
    ramp = np.tile(np.arange(200, dtype=np.uint8), (60, 1))
    found = picture_quality(Image(ramp))
    assert found.contrast == pytest.approx(0.98 * 199, abs=1)
    assert found.brightness == pytest.approx(99.5, abs=0.6)


def test_a_banner_changes_nothing():
    picture = blurred(scene(3), 2)
    alone = picture_quality(stored(picture))
    banner = np.where(np.random.default_rng(0).random((60, SHAPE[1])) < 0.5, 0, 255)
    excluded = np.zeros((360, SHAPE[1]), bool)
    excluded[300:] = True
    pixels = stored(np.concatenate([picture, banner])).pixels
    found = picture_quality(Image(pixels, excluded=excluded))
    assert found.edge_blur_px == pytest.approx(alone.edge_blur_px, rel=0.05)
    assert astuple(found)[1:3] == astuple(alone)[1:3]
    assert astuple(found)[3:] == pytest.approx(astuple(alone)[3:], abs=3)
    with_banner = picture_quality(Image(pixels))
    assert with_banner.clipped_high_fraction > 0.05
    assert with_banner.edge_blur_px < 0.9 * alone.edge_blur_px


def test_the_border_of_a_round_field_of_view_is_no_edge():
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    outside = np.hypot(y - 150, x - 200) > 140
    picture = stored(blurred(scene(), 3)).pixels.copy()
    picture[outside] = 0
    inside = picture_quality(Image(picture, excluded=outside))
    assert inside.edge_blur_px == pytest.approx(3, rel=0.15)
    assert picture_quality(Image(picture)).edge_blur_px < 0.8 * inside.edge_blur_px


@pytest.mark.parametrize("shape", [(16, 300), (3, 3), (1, 1)])
def test_pictures_too_small_for_edges_have_none(shape):
    found = picture_quality(stored(scene(shape=shape)))
    assert math.isnan(found.edge_blur_px)
    assert math.isfinite(found.brightness)


def test_a_flat_picture_has_no_edges():
    found = picture_quality(Image(np.full(SHAPE, 7, np.uint8)))
    assert math.isnan(found.edge_blur_px)
    assert (found.brightness, found.contrast) == (7, 0)


def test_large_pictures_are_judged_where_something_is():
    picture = np.full((2000, 2500), 40.0)
    picture[1500:1900, 1000:1500] = blurred(apart(), 2)
    picture += np.random.default_rng(0).normal(0, 1, picture.shape)
    assert picture_quality(stored(picture)).edge_blur_px == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_pixels_without_a_number_cause_no_warning(value):
    picture = apart().astype(np.float32)
    picture[50:60, 50:60] = value
    assert math.isfinite(picture_quality(Image(picture)).clipped_high_fraction)


def test_of_a_picture_without_included_pixels_nothing_is_known():
    nothing = Image(np.zeros((200, 200), np.uint8), excluded=np.ones((200, 200), bool))
    assert all(math.isnan(value) for value in astuple(picture_quality(nothing)))


def test_the_same_picture_gives_the_same_numbers():
    picture = stored(scene(1))
    assert picture_quality(picture) == picture_quality(replace(picture))


def test_only_the_pixels_of_objects_count_as_clipped():
    pixels = np.full((10, 10), 255, np.uint8)
    pixels[2:6, 2:6] = 100
    labels = np.zeros((10, 10), np.uint32)
    labels[2:6, 2:7] = 300
    assert clipped_share(Labels(labels, Image(pixels))) == 4 / 20
    pixels[2:4, 2:6] = 0
    assert clipped_share(Labels(labels, Image(pixels))) == 12 / 20
    assert math.isnan(clipped_share(Labels(np.zeros((10, 10), int), Image(pixels))))
