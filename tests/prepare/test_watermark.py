import numpy as np
import pytest

from segmetry.image import Image
from segmetry.prepare import fill_watermark, published_banner_box


def lettered(seed=0):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(20, 200, (40, 60)).astype(np.uint8)
    white = np.zeros(pixels.shape, dtype=bool)
    white[10:13, 5:30] = True
    pixels[white] = 250
    return pixels, white


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", ["constant", "mean", "median", "window"])
def test_only_white_pixels_are_filled(method, seed):
    pixels, white = lettered(seed)
    filled = fill_watermark(Image(pixels), method=method).pixels
    assert np.array_equal(filled[~white], pixels[~white])
    assert filled[white].max() <= 225


def test_white_pixels_get_the_mean_or_median_of_all_others():
    pixels, white = lettered()
    others = pixels[~white].astype(float)
    mean = fill_watermark(Image(pixels), method="mean").pixels[white]
    median = fill_watermark(Image(pixels), method="median").pixels[white]
    assert mean == pytest.approx(others.mean(), rel=1e-5)
    assert median == pytest.approx(np.median(others))


def test_the_window_holds_the_other_pixels_around():
    pixels, white = lettered()
    filled = fill_watermark(Image(pixels), method="window").pixels
    y, x = 11, 20
    window = np.s_[y - 2 : y + 3, x - 2 : x + 3]
    expected = pixels[window][~white[window]].mean()
    assert filled[y, x] == pytest.approx(expected, rel=1e-4)


def test_a_window_without_other_pixels_gets_the_mean_of_all():
    pixels = np.full((30, 30), 250, np.uint8)
    pixels[:5] = 50
    filled = fill_watermark(Image(pixels), method="window").pixels
    assert filled[20, 20] == pytest.approx(50)


def test_a_constant_and_a_threshold_can_be_chosen():
    pixels = np.array([[100, 150, 200]], np.uint8)
    filled = fill_watermark(Image(pixels), method="constant", threshold=120, value=7)
    assert filled.pixels.tolist() == [[100, 7, 7]]
    assert filled.steps[-1].options["threshold"] == 120


def test_a_white_picture_is_refused():
    with pytest.raises(ValueError, match="all pixels are over the threshold 225"):
        fill_watermark(Image(np.full((5, 5), 255, np.uint8)), method="mean")


def test_an_unknown_fill_is_refused():
    with pytest.raises(ValueError, match="method must be one of constant"):
        fill_watermark(Image(lettered()[0]), method="mode")


def test_the_published_detector_finds_a_white_banner():
    pixels = np.random.default_rng(0).integers(0, 200, (200, 300)).astype(np.uint8)
    pixels[170:] = 255
    top, bottom, left, right = published_banner_box(Image(pixels))
    assert abs(top - 170) <= 2
    assert (bottom, left, right) == (200, 0, 300)


def test_the_published_detector_takes_a_bright_fibre_for_a_banner():
    pixels = np.random.default_rng(0).integers(0, 200, (200, 300)).astype(np.uint8)
    pixels[60:63, 20:280] = 255
    top, bottom, _, _ = published_banner_box(Image(pixels))
    assert top < 62 < bottom


def test_the_published_detector_finds_nothing_in_a_dark_banner():
    pixels = np.random.default_rng(0).integers(50, 200, (200, 300)).astype(np.uint8)
    pixels[170:] = 0
    assert published_banner_box(Image(pixels)) is None
