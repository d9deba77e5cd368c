from dataclasses import replace

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.models.vessels import Vessels
from segmetry.prepare import exclude_outside


def retina(diameter, *, width=4):
    """A disc of a field of view, with one bright vessel down its middle."""
    side = diameter + 20
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    pixels = np.full((side, side), 40, np.uint8)
    pixels[np.abs(x) < width / 2] = 200
    return Image(pixels), np.hypot(y, x) <= diameter / 2


@pytest.fixture
def vessels(make_model):
    model = make_model(scale="native", diameter_px=None)
    return Vessels(model=str(model.path), flips=False)


@pytest.mark.parametrize(
    ("diameter", "angle", "factor"),
    [(540, 45, 1), (500, 45, 1), (270, 45, 2), (1080, 45, 0.5), (540, 90, 2)],
)
def test_the_field_of_view_tells_the_scale(vessels, diameter, angle, factor):
    image, view = retina(diameter)
    chosen = replace(vessels, angle=angle)
    assert chosen.usual_factor(exclude_outside(image, view)) == pytest.approx(factor, 0.01)


def test_a_field_cut_off_at_two_sides_tells_the_same_scale(vessels):
    image, view = retina(1080)
    view[:200] = view[-200:] = False
    factor = vessels.usual_factor(exclude_outside(image, view))
    assert factor == pytest.approx(0.5, 0.01)


def test_a_part_of_a_picture_is_seen_at_the_scale_of_the_whole(vessels):
    image = exclude_outside(*retina(1080))
    part = (slice(400, 700), slice(300, 500))
    seen = replace(image, pixels=image.pixels[part], excluded=image.excluded[part])
    assert vessels.usual_factor(seen) == pytest.approx(0.5, 0.01)


def test_without_a_field_of_view_a_picture_is_taken_as_it_is(vessels):
    image, view = retina(200)
    assert vessels.usual_factor(image) == 1
    assert vessels.usual_factor(replace(image, excluded=~view)) == 1


def test_maps_have_the_size_of_the_picture_whatever_the_scale(vessels):
    image, view = retina(270)
    labels, maps = vessels.labels_and_maps(exclude_outside(image, view))
    assert maps.found["scale"] == pytest.approx(2, 0.01)
    assert maps.foreground.shape == labels.data.shape == image.spatial_shape
    middle = image.spatial_shape[0] // 2
    assert labels.data[middle, middle] == 1
    assert not labels.data[~view].any()


def test_vessels_that_touch_stay_in_one_piece(vessels):
    image, view = retina(300)
    pixels = image.pixels.copy()
    pixels[158:162] = 200
    assert len(vessels(exclude_outside(Image(pixels), view)).ids) == 1
