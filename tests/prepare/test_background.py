import numpy as np
import pytest

from segmetry.image import Image
from segmetry.prepare import flatten_background
from segmetry.prepare.background import background, blurred

METHODS = ("gauss", "opening", "closing", "rolling ball")


def sloped(*, objects=40.0, shape=(240, 320)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    light = 50 + 0.4 * x + 0.2 * y
    inside = np.zeros(shape, dtype=bool)
    for row in range(40, shape[0], 80):
        for column in range(40, shape[1], 80):
            inside |= (y - row) ** 2 + (x - column) ** 2 <= 6**2
    return (light + objects * inside).astype(np.float32), inside, light


@pytest.mark.parametrize(
    ("method", "objects"),
    [
        ("gauss", 40),
        ("gauss", -40),
        ("opening", 40),
        ("closing", -40),
        ("rolling ball", 40),
    ],
)
def test_light_is_evened_and_objects_stay(method, objects):
    picture, inside, _ = sloped(objects=objects)
    flat = flatten_background(Image(picture), scale=60, method=method).pixels
    core = np.s_[40:-40, 40:-40]
    ground = flat[core][~inside[core]]
    contrast = flat[core][inside[core]].mean() - ground.mean()
    assert ground.std() < 0.15 * picture[core][~inside[core]].std()
    assert contrast == pytest.approx(objects, rel=0.2)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0, 120])
def test_a_flat_picture_stays_as_it_is(method, value):
    pixels = np.full((60, 50), value, np.float32)
    flat = flatten_background(Image(pixels), scale=20, method=method).pixels
    assert flat == pytest.approx(pixels, abs=1e-3)


@pytest.mark.parametrize("scale", [1, 3, 16, 100, 5000])
@pytest.mark.parametrize("shape", [(3, 3), (1, 40), (33, 70)])
def test_any_scale_suits_any_shape(scale, shape):
    grey = np.random.default_rng(0).random(shape).astype(np.float32)
    light = background(grey, scale=scale)
    assert light.shape == shape
    assert np.isfinite(light).all()


@pytest.mark.parametrize("seed", range(5))
def test_adding_light_adds_it_to_the_background(seed):
    grey = np.random.default_rng(seed).random((80, 90)).astype(np.float32)
    more = background(grey + 10, scale=30)
    assert more == pytest.approx(background(grey, scale=30) + 10, abs=1e-3)


def test_a_blur_keeps_the_mean():
    grey = np.random.default_rng(0).random((80, 90)).astype(np.float32)
    assert blurred(grey, 3).mean() == pytest.approx(grey.mean(), rel=1e-2)
    assert blurred(grey, 3).std() < 0.2 * grey.std()


def test_the_history_tells_scale_and_method():
    step = flatten_background(Image(sloped()[0]), scale=60).steps[-1]
    assert (step.name, step.options["scale"]) == ("flatten background", 60)


@pytest.mark.parametrize("scale", [0, -3])
def test_a_scale_that_is_not_positive_is_refused(scale):
    with pytest.raises(ValueError, match="scale must be a positive number"):
        flatten_background(Image(sloped()[0]), scale=scale)


@pytest.mark.parametrize("method", METHODS)
def test_a_banner_does_not_bleed_into_the_sample(method):
    pixels = np.full((100, 100), 50.0)
    pixels[80:] = 255
    flat = flatten_background(Image(pixels, excluded=pixels > 100), scale=40, method=method)
    assert np.ptp(flat.pixels[:80]) < 1e-3
