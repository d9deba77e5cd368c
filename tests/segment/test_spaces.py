import numpy as np
import pytest
from skimage import color

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment.spaces import in_space


def coloured(seed=0, shape=(30, 40)):
    pixels = np.random.default_rng(seed).random((*shape, 3)).astype(np.float32)
    pixels[0, 0], pixels[0, 1] = 0, 1  # the whole range, so that it stays as it is
    return pixels


def test_lab_is_that_of_scikit_image():
    pixels = coloured()
    found = in_space(Image(pixels, axes="YXC"), "lab")
    assert np.allclose(100 * found, color.rgb2lab(pixels), atol=0.6)


def test_hsv_is_a_cone_round_the_greys():
    pixels = coloured()
    hue, saturation, value = np.moveaxis(color.rgb2hsv(pixels), -1, 0)
    angle = 2 * np.pi * hue
    expected = [
        saturation * value * np.cos(angle),
        saturation * value * np.sin(angle),
        value,
    ]
    found = in_space(Image(pixels, axes="YXC"), "hsv")
    assert np.allclose(found, np.stack(expected, axis=-1), atol=1e-4)


def test_hues_on_both_sides_of_red_are_neighbours():
    pixels = coloured()
    pixels[5, 5:8] = (1, 0.02, 0), (1, 0, 0.02), (0, 1, 1)
    orange, pink, cyan = in_space(Image(pixels, axes="YXC"), "hsv")[5, 5:8]
    assert np.linalg.norm(orange - pink) < 0.05
    assert np.linalg.norm(orange - cyan) > 1.9


def test_rgb_is_every_channel_from_the_darkest_to_the_brightest_of_all():
    pixels = np.random.default_rng(0).integers(100, 900, (20, 20, 5))
    found = in_space(Image(pixels, axes="YXC"), "rgb")
    low, high = pixels.min(), pixels.max()
    assert np.allclose(found, (pixels - low) / (high - low), atol=1e-6)


@pytest.mark.parametrize("space", ["grey", "rgb", "hsv", "lab", "features"])
@pytest.mark.parametrize(("times", "more"), [(256, 0), (1, 300), (8, 77)])
def test_exposure_changes_nothing(space, times, more):
    pixels = np.random.default_rng(1).integers(0, 256, (24, 30, 3)).astype(np.int32)
    before = in_space(Image(pixels, axes="YXC"), space, denoise=1)
    after = in_space(Image(pixels * times + more, axes="YXC"), space, denoise=1)
    assert np.allclose(before, after, atol=1e-2)


@pytest.mark.parametrize("space", ["grey", "rgb", "hsv", "lab", "features"])
@pytest.mark.parametrize("options", [{}, {"denoise": 2, "flatten": 15}])
def test_excluded_pixels_do_not_bleed(space, options):
    pixels = coloured(2)
    excluded = np.zeros(pixels.shape[:2], bool)
    excluded[:, 25:] = True
    other = pixels.copy()
    other[:, 25:] = np.nan
    one, two = (
        in_space(Image(each, axes="YXC", excluded=excluded), space, **options)
        for each in (pixels, other)
    )
    assert np.isfinite(two).all()
    assert np.array_equal(one, two)


def test_features_have_a_standard_deviation_of_1_each():
    pixels = coloured(3)
    excluded = np.zeros(pixels.shape[:2], bool)
    excluded[:5] = True
    image = Image(pixels, axes="YXC", excluded=excluded)
    inside = in_space(image, "features")[~excluded]
    assert np.allclose(inside.std(axis=0), 1, atol=1e-4)
    assert np.allclose(inside.mean(axis=0), 0, atol=1e-4)


def test_features_are_of_the_scale_of_the_blur_and_of_a_pixel_at_least():
    image = Image(coloured(4), axes="YXC")
    sharp, one, wide = (in_space(image, "features", denoise=each) for each in (0, 1, 3))
    assert np.array_equal(sharp, one)
    assert not np.allclose(one, wide, atol=0.1)


@pytest.mark.parametrize("space", ["rgb", "hsv", "lab"])
def test_a_picture_of_one_channel_has_no_colours(space):
    grey = coloured()[..., 0]
    expected = in_space(Image(grey), "grey")
    assert np.array_equal(in_space(Image(grey), space), expected)
    assert np.array_equal(in_space(Image(grey[..., None], axes="YXC"), space), expected)


def test_uneven_light_is_removed_from_every_channel():
    light = np.linspace(0, 1, 200)[None, :, None] * np.array([1.0, 0.5, 0.2])
    pixels = np.broadcast_to(light, (150, 200, 3)).copy()
    pixels[70:80, 95:105] += 0.4
    found = in_space(Image(pixels, axes="YXC"), "rgb", flatten=60)
    ground = np.delete(found[20:60], np.s_[:40], axis=1)[:, :-40]
    assert np.ptp(ground, axis=1).max() < 0.15
    assert found[75, 100].min() > ground.max() + 0.3


@pytest.mark.parametrize("space", ["rgb", "hsv", "lab", "grey", "features"])
def test_flat_colours_are_refused_also_where_channels_differ(space):
    flat = np.tile(np.array([0.1, 0.2, 0.3]), (9, 9, 1))
    with pytest.raises(PictureError, match="one flat colour"):
        in_space(Image(flat, axes="YXC"), space, denoise=1)
