from dataclasses import replace

import numpy as np
import pytest

from segmetry import read
from segmetry.errors import SegmetryWarning
from segmetry.evaluate import rank_pixels
from segmetry.image import Image
from segmetry.models import find_model, read_model
from segmetry.models.network import Network
from segmetry.models.normalization import normalized
from segmetry.models.tiling import blended
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


@pytest.mark.parametrize("seed", range(10))
def test_what_is_struck_out_before_leaves_the_scale_as_it_is(vessels, seed):
    image, view = retina(270)
    y, x, height, width = np.random.default_rng(seed).integers(20, 100, 4)
    excluded = np.ones(view.shape, bool)
    excluded[y : y + height, x : x + width] = False
    part = exclude_outside(replace(image, excluded=excluded), view)
    assert vessels.usual_factor(part) == vessels.usual_factor(exclude_outside(image, view))


@pytest.mark.parametrize("is_excluded", [True, False])
def test_without_a_field_of_view_a_picture_is_taken_as_it_is_with_a_warning(
    vessels, is_excluded
):
    image, view = retina(200)
    image = replace(image, excluded=~view if is_excluded else None)
    with pytest.warns(SegmetryWarning, match="field of view is not known"):
        assert vessels.usual_factor(image) == 1
    with pytest.warns(SegmetryWarning, match="about 12 pixels a degree"):
        vessels(image)


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


# Held out while everything was chosen; the last turn of training has seen them.
@pytest.fixture(scope="module", params=["25", "40"])
def marked(request, data):
    """A fundus picture of DRIVE, its vessels, and where it shows the eye."""
    folder, name = data("drive/train"), f"{request.param}.png"
    view = read(folder / "fov" / name).pixels > 0
    image = exclude_outside(read(folder / "images" / name), view)
    return image, read(folder / "masks" / name).pixels > 0, view


def area_under_the_curve(marked, maps):
    _, truth, view = marked
    return rank_pixels(maps.foreground, truth, included=view).auc_roc()


@pytest.mark.slow
def test_vessels_are_found_in_real_retinas_and_better_with_flips(marked):
    flips, plain = (
        area_under_the_curve(marked, Vessels(flips=flips).maps(marked[0]))
        for flips in (True, False)
    )
    assert flips > plain > 0.96


@pytest.mark.slow
def test_a_picture_of_twice_the_size_is_seen_as_in_training(marked):
    image, truth, view = (
        part.repeat(2, axis=0).repeat(2, axis=1) for part in (marked[0].pixels, *marked[1:])
    )
    larger = exclude_outside(Image(image, axes="YXC"), view)
    maps = Vessels(flips=False).maps(larger)
    assert maps.found["scale"] == pytest.approx(0.5, abs=0.01)
    usual = area_under_the_curve(marked, Vessels(flips=False).maps(marked[0]))
    found = area_under_the_curve((larger, truth, view), maps)
    assert found > usual - 0.01


@pytest.mark.slow
def test_tiles_give_the_map_of_the_whole_picture(marked):
    network = Network.open(read_model(find_model("vessels")), precision="fp32")
    pixels = normalized(marked[0], channels=3)
    whole, tiled = (
        blended(network.predict, pixels, n_outputs=1, tile=tile) for tile in (1024, 320)
    )
    away = np.abs(whole - tiled)[marked[2]]
    assert away.mean() < 1e-3
    assert np.quantile(away, 0.999) < 0.05
