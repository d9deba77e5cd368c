"""How alike two pictures are."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from segmetry.errors import PictureError
from segmetry.evaluate.similarity import similarity
from segmetry.image import Image


def noise(seed, *, shape=(40, 50), low=0, high=256):
    random = np.random.default_rng(seed)
    return random.integers(low, high, shape).astype(np.uint8)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_a_picture_is_most_like_itself(seed):
    found = similarity(Image(noise(seed)), Image(noise(seed)))
    assert (found.ssim, found.psnr_db) == (pytest.approx(1), math.inf)
    assert found.ncc == pytest.approx(1)


@given(one=st.integers(0, 999), other=st.integers(0, 999))
@settings(max_examples=10)
def test_the_order_does_not_matter(one, other):
    first, second = Image(noise(one)), Image(noise(other))
    ahead, back = similarity(first, second), similarity(second, first)
    assert ahead.ssim == pytest.approx(back.ssim)
    assert ahead.psnr_db == back.psnr_db
    assert ahead.ncc == pytest.approx(back.ncc)


def test_agrees_with_scikit_image():
    first, second = noise(1), noise(2)
    found = similarity(Image(first), Image(second))
    assert found.psnr_db == pytest.approx(peak_signal_noise_ratio(first, second))
    theirs = structural_similarity(
        first, second, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert found.ssim == pytest.approx(theirs, abs=1e-6)
    assert found.ncc == pytest.approx(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    assert (found.data_range, found.n_pixels) == (255, 2000)


@given(offset=st.integers(-40, 40), gain=st.floats(0.5, 1.5))
@settings(max_examples=10)
def test_exposure_matters_to_psnr_and_not_to_correlation(offset, gain):
    scene = noise(3, low=60, high=120).astype(np.float64)
    found = similarity(Image(scene), Image(gain * scene + offset), data_range=255)
    assert found.ncc == pytest.approx(1)
    error = np.mean((gain * scene + offset - scene) ** 2)
    if error:
        assert found.psnr_db == pytest.approx(10 * np.log10(255**2 / error), rel=1e-4)


def test_twice_the_range_is_6_db_more():
    first, second = Image(noise(1)), Image(noise(2))
    one, two = (similarity(first, second, data_range=span) for span in (255, 510))
    assert two.psnr_db - one.psnr_db == pytest.approx(20 * np.log10(2))


def test_more_noise_is_less_alike():
    scene = np.tile(np.linspace(50, 200, 60), (60, 1))
    rough = np.random.default_rng(0).normal(0, 1, scene.shape)
    found = [
        similarity(Image(scene), Image(scene + s * rough), data_range=255)
        for s in (2, 8, 32)
    ]
    for key in ("ssim", "psnr_db", "ncc"):
        values = [getattr(one, key) for one in found]
        assert values == sorted(values, reverse=True)


def test_excluded_pixels_do_not_count():
    first, second = noise(1), noise(1)
    second[:, 40:] = 0
    excluded = np.zeros(first.shape, dtype=bool)
    excluded[:, 40:] = True
    found = similarity(Image(first), Image(second, excluded=excluded))
    assert (found.ssim, found.psnr_db) == (pytest.approx(1), math.inf)
    assert found.n_pixels == 40 * 40


def test_no_window_without_excluded_pixels_has_no_ssim():
    excluded = np.zeros((40, 50), dtype=bool)
    excluded[::5] = True
    found = similarity(Image(noise(1), excluded=excluded), Image(noise(2)))
    assert math.isnan(found.ssim)
    assert math.isfinite(found.ncc)


def test_a_flat_picture_has_no_correlation():
    found = similarity(
        Image(np.full((20, 20), 7, np.uint8)), Image(noise(1, shape=(20, 20)))
    )
    assert math.isnan(found.ncc)


def test_fractions_go_by_the_range_of_both():
    one = np.linspace(0, 2, 400).reshape(20, 20)
    assert similarity(Image(one), Image(one + 1)).data_range == pytest.approx(3)
    flat = np.ones((20, 20))
    assert similarity(Image(flat), Image(flat)).data_range == 1


def test_colours_are_compared_as_grey():
    grey = noise(1)
    colours = np.repeat(grey[..., np.newaxis], 3, axis=2)
    found = similarity(Image(colours, axes="YXC"), Image(grey))
    assert found.psnr_db > 90


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (np.zeros((20, 20)), np.zeros((20, 21)), "one shape"),
        (np.zeros((10, 20)), np.zeros((10, 20)), "11 x 11"),
        (np.full((20, 20), np.nan), np.zeros((20, 20)), "NaN"),
    ],
)
def test_pictures_that_cannot_be_compared_are_refused(first, second, said):
    with pytest.raises(PictureError, match=said):
        similarity(Image(first), Image(second))


def test_nothing_left_to_compare_is_refused():
    nothing = np.ones((20, 20), dtype=bool)
    picture = Image(noise(1, shape=(20, 20)))
    with pytest.raises(PictureError, match="nothing is left"):
        similarity(picture, Image(picture.pixels, excluded=nothing))


def test_a_range_that_means_nothing_is_refused():
    picture = Image(noise(1))
    with pytest.raises(ValueError, match="data_range"):
        similarity(picture, picture, data_range=0)
