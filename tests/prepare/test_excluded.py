import numpy as np
import pytest

from segmetry.image import Image
from segmetry.prepare.excluded import without_excluded


@pytest.mark.parametrize("seed", range(5))
def test_excluded_pixels_hold_the_median_of_the_others(seed):
    rng = np.random.default_rng(seed)
    pixels, excluded = rng.random((20, 30)), rng.random((20, 30)) > 0.6
    filled = without_excluded(Image(pixels, excluded=excluded))
    assert filled.dtype == np.float32
    assert np.array_equal(filled[~excluded], pixels[~excluded].astype(np.float32))
    assert filled[excluded] == pytest.approx(np.median(pixels[~excluded]))


def test_colours_become_grey():
    excluded = np.zeros((4, 5), dtype=bool)
    excluded[0] = True
    pixels = np.full((4, 5, 3), 7, np.uint8)
    filled = without_excluded(Image(pixels, axes="YXC", excluded=excluded))
    assert filled == pytest.approx(np.full((4, 5), 7.0))


@pytest.mark.parametrize("excluded", [None, np.ones((3, 4), dtype=bool)])
def test_without_others_the_grey_values_stay(excluded):
    pixels = np.arange(12.0).reshape(3, 4)
    assert np.array_equal(without_excluded(Image(pixels, excluded=excluded)), pixels)
