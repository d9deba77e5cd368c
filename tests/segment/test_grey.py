import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment import segmenter
from segmetry.segment.grey import grey_for_edges, grey_for_segmenting, how_bright


def picture(seed=0):
    return np.random.default_rng(seed).random((30, 40)).astype(np.float32)


def test_grey_values_are_left_alone_without_options():
    assert np.array_equal(grey_for_segmenting(Image(picture())), picture())


def test_denoising_lowers_the_scatter_and_keeps_the_mean():
    grey = grey_for_segmenting(Image(picture()), denoise=2)
    assert grey.std() < 0.3 * picture().std()
    assert grey.mean() == pytest.approx(picture().mean(), abs=0.01)


def test_flattening_removes_a_slope():
    slope = np.tile(np.arange(300, dtype=np.float32), (200, 1))
    grey = grey_for_segmenting(Image(slope), flatten=50)
    assert np.ptp(grey[:, 80:-80]) < 1


def test_excluded_pixels_do_not_bleed_into_others():
    values = picture()
    excluded = np.zeros(values.shape, dtype=bool)
    excluded[20:] = True
    wild = values.copy()
    wild[20:] = 1e6
    first = grey_for_segmenting(Image(values, excluded=excluded), denoise=3)
    second = grey_for_segmenting(Image(wild, excluded=excluded), denoise=3)
    assert np.array_equal(first, second)


def test_excluded_pixels_may_be_broken():
    values = picture()
    values[3, 4] = np.nan
    excluded = np.isnan(values)
    assert np.isfinite(grey_for_segmenting(Image(values, excluded=excluded))).all()


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(broken):
    values = picture()
    values[3, 4:6] = broken
    with pytest.raises(PictureError, match="got 2 that are NaN or infinite"):
        grey_for_segmenting(Image(values))


@pytest.mark.parametrize("value", [0, 17, 255])
def test_a_flat_picture_is_refused(value):
    with pytest.raises(PictureError, match=rf"one flat value \({value}\); nothing"):
        grey_for_segmenting(Image(np.full((9, 9), value, np.uint8)))


def test_a_picture_flat_outside_the_excluded_area_is_refused():
    pixels = np.zeros((9, 9), np.uint8)
    pixels[0] = 200
    with pytest.raises(PictureError, match="one flat value"):
        grey_for_segmenting(Image(pixels, excluded=pixels > 0))


@pytest.mark.parametrize("shape", [(1, 50), (50, 1), (2, 2), (1, 1)])
def test_a_tiny_picture_is_refused(shape):
    pixels = np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape)
    with pytest.raises(PictureError, match=f"{shape[1]} x {shape[0]} pixels is too small"):
        grey_for_segmenting(Image(pixels))


def test_the_smallest_picture_is_taken():
    assert grey_for_segmenting(Image(np.eye(3)), denoise=1, flatten=5).shape == (3, 3)


def test_a_stack_is_refused():
    with pytest.raises(PictureError, match="got a stack of 4"):
        grey_for_segmenting(Image(np.zeros((4, 9, 9)), axes="ZYX"))


def test_a_picture_excluded_as_a_whole_is_refused():
    with pytest.raises(PictureError, match="all of the picture is excluded"):
        grey_for_segmenting(Image(picture(), excluded=np.ones((30, 40), dtype=bool)))


@pytest.mark.parametrize("seed", range(5))
def test_a_foreground_map_is_over_half_where_objects_are(seed):
    grey = picture(seed)
    bright = how_bright(grey, 0.4, polarity="bright")
    dark = how_bright(grey, 0.4, polarity="dark")
    assert np.array_equal(bright > 0.5, grey > np.float32(0.4))
    assert np.array_equal(dark > 0.5, grey < np.float32(0.4))
    assert bright.dtype == np.float32
    assert 0 <= min(bright.min(), dark.min()) <= max(bright.max(), dark.max()) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_a_brighter_pixel_is_never_less_foreground(seed):
    grey = picture(seed)
    order = np.argsort(grey, axis=None)
    assert (np.diff(how_bright(grey, 0.6, polarity="bright").ravel()[order]) >= 0).all()


NAMES = ["threshold", "local", "auto"]


def square(low, high, dtype):
    pixels = np.full((60, 60), low, dtype)
    pixels[20:40, 20:40] = high
    return Image(pixels)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (1, np.nextafter(np.float32(1), np.float32(2)), np.float32),
        (65000, np.nextafter(np.float32(65000), np.float32(1e6)), np.float32),
        (2**32 - 300, 2**32 - 1, np.uint32),
        (-(2**30), 64 - 2**30, np.int32),
    ],
)
def test_grey_values_too_alike_for_their_size_are_refused(name, low, high, dtype):
    with pytest.raises(PictureError, match="differ by too little against their size"):
        segmenter(name)(square(low, high, dtype))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (-3e38, 3e38, np.float32),
        (0, 1e30, np.float64),
        (0, 1e300, np.float64),
        (0, 2**63, np.uint64),
    ],
)
def test_grey_values_that_are_too_large_are_refused(name, low, high, dtype):
    with pytest.raises(PictureError, match="must lie within 1e\\+15 of 0"):
        segmenter(name)(square(low, high, dtype))


@pytest.mark.parametrize("name", ["threshold", "auto"])
@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (65000, 65001, np.uint16),
        (2**32 - 2**20, 2**32 - 1, np.uint32),
        (0, 1e14, np.float64),
        (0, 1e-30, np.float64),
        (-500, -400, np.int16),
    ],
)
def test_odd_grey_values_are_segmented_as_plain_ones(name, low, high, dtype):
    odd = segmenter(name, polarity="bright")(square(low, high, dtype))
    plain = segmenter(name, polarity="bright")(square(0, 100, np.uint8))
    assert np.mean(odd.data != plain.data) < 0.01


def noisy_square(noise, seed=0):
    pixels = np.zeros((60, 70), np.float32)
    pixels[20:40, 20:40] = 100
    return Image(pixels + np.random.default_rng(seed).normal(0, noise, pixels.shape))


def test_edges_of_a_clean_picture_are_not_blurred():
    image = noisy_square(0)
    grey = grey_for_edges(image, polarity="bright", denoise=3)
    assert np.array_equal(grey, image.pixels)


@pytest.mark.parametrize("noise", [0.5, 1, 2])
def test_the_noisier_a_picture_the_more_its_edges_are_blurred_and_never_more_than_asked(
    noise,
):
    rises = []
    for sigma in (noise, 20 * noise):
        image = noisy_square(sigma)
        grey = grey_for_edges(image, polarity="bright", denoise=2)
        rises.append(np.abs(np.diff(grey[22:38, 15:25].mean(axis=0))).max())
        whole = grey_for_segmenting(image, denoise=2)
        assert np.ptp(grey) >= np.ptp(whole) - 1e-3
    assert rises[0] > rises[1]


@pytest.mark.parametrize("noise", [0, 5])
def test_dark_objects_are_bright_in_the_grey_values_for_edges(noise):
    image = noisy_square(noise)
    bright, dark = (
        grey_for_edges(image, polarity=polarity, denoise=1)
        for polarity in ("bright", "dark")
    )
    assert np.array_equal(dark, -bright)
