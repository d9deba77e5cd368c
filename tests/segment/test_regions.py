import numpy as np
import pytest

from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.regions import Regions
from segmetry.segment.threshold import Threshold


@pytest.mark.parametrize("method", ["felzenszwalb", "slic"])
def test_a_negative_has_the_same_objects(method, discs):
    pixels = discs([12, 15, 9])
    segment = Regions(method=method, superpixels=1500)
    bright, dark = (segment(Image(each)) for each in (pixels, 255 - pixels))
    assert bright.data.max() == dark.data.max() == 3
    assert np.mean((bright.data > 0) == (dark.data > 0)) > 0.99
    told = [labels.steps[0].options["found_polarity"] for labels in (bright, dark)]
    assert told == ["bright", "dark"]


def test_a_speckled_object_stays_whole():
    rng = np.random.default_rng(0)
    mask = np.zeros((100, 120), bool)
    mask[30:70, 30:90] = True
    pixels = np.where(mask, rng.choice([60, 180], mask.shape), 50.0)
    options = {"fill_holes": False, "separate": False, "denoise": 1, "min_area": 40}
    whole, holed = (
        kind(polarity="bright", **options)(Image(pixels)).data > 0
        for kind in (Regions, Threshold)
    )
    assert dice(whole, mask) > 0.95
    assert dice(whole, mask) > dice(holed, mask) + 0.1


def test_the_map_has_one_value_in_each_region(discs):
    maps = Regions(scale=300).maps(Image(discs([12, 15, 9])))
    assert len(np.unique(maps.foreground)) <= maps.found["found_regions"]


@pytest.mark.parametrize("method", ["felzenszwalb", "slic"])
def test_one_region_is_neither_object_nor_ground(method):
    pixels = np.random.default_rng(0).random((30, 30))
    image = Image(pixels)
    segment = Regions(method=method, scale=100_000, superpixels=10, min_area=901)
    maps = segment.maps(image)
    if method == "felzenszwalb":
        assert maps.found == {"found_regions": 1}
        assert not maps.foreground.any()
    assert not segment(image).data.any()


@pytest.mark.slow
@pytest.mark.parametrize("method", ["felzenszwalb", "slic"])
def test_particles_in_a_real_picture_are_found(method, data):
    name = "Sc1Tile_001-001-000_0-000.png"
    folder = data("ampis_powder/train")
    part = np.s_[200:600, 300:800]
    truth = read_labels(folder / "masks" / name)[part] > 0
    image = Image(read(folder / "images" / name).pixels[part])
    found = Regions(method=method, polarity="bright")(image).data > 0
    assert dice(found, truth) > 0.85
