import numpy as np
import pytest
from skimage import filters

from segmetry.image import Image
from segmetry.segment.local import Local


def noise(seed):
    return np.random.default_rng(seed).random((60, 80)).astype(np.float32) * 255


@pytest.fixture
def slope():
    y, x = np.mgrid[:200, :300]
    picture = 20 + 0.7 * x
    for centre in range(30, 300, 60):
        picture[(y - 100) ** 2 + (x - centre) ** 2 <= 12**2] += 30
    return picture


@pytest.mark.parametrize("method", ["mean", "gauss"])
def test_objects_on_a_slope_of_light_are_found(method, slope):
    found = Local(method=method, window=61, polarity="bright")(Image(slope))
    centres = [found.data[100, centre] for centre in range(30, 300, 60)]
    assert len(set(centres) - {0}) == 5


@pytest.mark.parametrize("method", ["sauvola", "mean", "gauss"])
@pytest.mark.parametrize("seed", range(4))
def test_a_negative_has_the_same_objects_with_the_other_polarity(method, seed):
    pixels = noise(seed)
    bright = Local(method=method, polarity="bright", min_area=1)(Image(pixels))
    dark = Local(method=method, polarity="dark", min_area=1)(Image(-pixels))
    assert np.array_equal(bright.data, dark.data)


@pytest.mark.parametrize("seed", range(4))
def test_sauvola_is_that_of_scikit_image(seed):
    pixels = noise(seed)
    pixels -= pixels.min()
    cutoff = filters.threshold_sauvola(pixels, window_size=21, k=0.2, r=pixels.max() / 2)
    segmenter = Local(
        method="sauvola",
        window=21,
        polarity="dark",
        denoise=0,
        min_area=1,
        fill_holes=False,
    )
    differs = (segmenter(Image(pixels)).data > 0) != (pixels < cutoff)
    inner = differs[10:-10, 10:-10]
    assert inner.mean() < 0.002


@pytest.mark.parametrize("seed", range(4))
def test_the_mean_of_the_surroundings_is_that_of_a_box(seed):
    pixels = noise(seed)
    options = {"polarity": "bright", "denoise": 0, "min_area": 1, "fill_holes": False}
    segmenter = Local(method="mean", window=9, sensitivity=0, **options)
    y, x = 30, 40
    box = pixels[y - 4 : y + 5, x - 4 : x + 5]
    found = segmenter(Image(pixels)).data > 0
    assert found[y, x] == (pixels[y, x] > box.mean())


def test_the_window_follows_the_picture_and_is_odd(slope):
    step = Local()(Image(slope)).steps[0]
    assert step.options["found_window"] == 200 // 8 | 1
    assert Local(window=30)(Image(slope)).steps[0].options["found_window"] == 31


def test_small_pictures_have_a_smallest_window():
    step = Local()(Image(noise(0)[:20, :20])).steps[0]
    assert step.options["found_window"] == 15


def test_higher_sensitivity_finds_less(slope):
    shares = [
        (
            Local(sensitivity=value, polarity="bright", window=61)(Image(slope)).data > 0
        ).mean()
        for value in (0, 0.2, 0.5, 1)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < shares[0]


@pytest.mark.parametrize("method", ["mean", "gauss"])
@pytest.mark.parametrize("seed", range(3))
def test_light_that_is_added_everywhere_changes_nothing(method, seed):
    pixels = np.rint(noise(seed))
    segmenter = Local(method=method, polarity="bright", min_area=1, window=21)
    before, after = (segmenter(Image(pixels + more)).data for more in (0, 512))
    assert np.mean(after != before) < 0.01


@pytest.mark.parametrize("seed", range(3))
def test_sauvola_does_not_know_how_long_a_picture_was_exposed(seed):
    pixels = np.rint(noise(seed))
    pixels[0, 0] = 0  # it counts from black
    segmenter = Local(method="sauvola", polarity="bright", min_area=1, window=21)
    before, after = (segmenter(Image(pixels * times)).data for times in (1, 4))
    assert np.array_equal(after, before)


@pytest.mark.parametrize("method", ["mean", "gauss"])
@pytest.mark.parametrize("seed", range(3))
def test_objects_turn_with_the_picture(method, seed):
    pixels = noise(seed)
    segmenter = Local(method=method, polarity="bright", window=15, min_area=1)
    found = segmenter(Image(pixels)).data > 0
    turned = segmenter(Image(np.rot90(pixels).copy())).data > 0
    assert np.mean(np.rot90(found) != turned) < 0.01


def test_edges_at_the_cutoff_are_those_of_the_foreground(slope):
    options = {"window": 61, "polarity": "bright", "fill_holes": False, "min_area": 1}
    segmenter = Local(edges="cutoff", **options)
    labels, maps = segmenter.labels_and_maps(Image(slope))
    assert maps.edge_grey is None
    assert np.array_equal(labels.data > 0, maps.foreground > 0.5)
    assert Local(edges="halfway", **options).maps(Image(slope)).edge_grey is not None
