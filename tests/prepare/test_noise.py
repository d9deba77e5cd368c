import numpy as np
import pytest

from segmetry.image import Image
from segmetry.prepare import denoise, stretch_contrast

METHODS = ("gauss", "median", "bilateral", "non-local means")


def edge(seed=0, noise=10):
    rng = np.random.default_rng(seed)
    clean = np.full((60, 80), 60.0)
    clean[:, 40:] = 160
    return clean, np.clip(clean + rng.normal(0, noise, clean.shape), 0, 255)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(3))
def test_noise_falls_and_the_step_stays(method, seed):
    clean, noisy = edge(seed)
    quiet = denoise(Image(noisy), size=2, method=method).pixels
    away = np.r_[5:33, 47:75]
    assert (quiet - clean)[:, away].std() < 0.6 * (noisy - clean)[:, away].std()
    assert quiet[:, 50:].mean() - quiet[:, :30].mean() == pytest.approx(100, abs=2)


@pytest.mark.parametrize("method", ["median", "bilateral", "non-local means"])
def test_edges_stay_sharper_than_under_a_blur(method):
    clean, noisy = edge()
    beside = np.s_[:, 37:43]
    error = abs(denoise(Image(noisy), size=2, method=method).pixels - clean)[beside].mean()
    blur = abs(denoise(Image(noisy), size=2, method="gauss").pixels - clean)[beside].mean()
    assert error < 0.6 * blur


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_grey_values_keep_their_scale(method, dtype):
    _, noisy = edge()
    pixels = (noisy * (1 if dtype is np.uint8 else 100)).astype(dtype)
    quiet = denoise(Image(pixels), size=1, method=method).pixels
    assert quiet.dtype == np.float32
    assert quiet.mean() == pytest.approx(pixels.mean(), rel=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_a_flat_picture_stays_flat(method):
    quiet = denoise(Image(np.full((20, 20), 7, np.uint8)), size=1, method=method)
    assert quiet.pixels == pytest.approx(np.full((20, 20), 7.0))
    assert quiet.steps[-1].name == "denoise"


def test_colours_become_grey():
    colour = np.random.default_rng(0).integers(0, 255, (20, 30, 3)).astype(np.uint8)
    assert denoise(Image(colour, axes="YXC"), size=1).axes == "YX"
    assert stretch_contrast(Image(colour, axes="YXC")).pixels.shape == (20, 30)


def test_a_size_that_is_not_positive_is_refused():
    with pytest.raises(ValueError, match="size must be a positive number"):
        denoise(Image(edge()[1]), size=0)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method must be one of gauss, median"):
        denoise(Image(edge()[1]), size=1, method="wiener")


def test_contrast_is_evened_out_from_place_to_place():
    _, noisy = edge(noise=2)
    faint = noisy * 0.2 + 100
    stretched = stretch_contrast(Image(faint)).pixels
    assert stretched.dtype == np.uint8
    assert stretched[:, :30].std() > 2 * faint[:, :30].std()


def test_order_of_grey_values_is_kept_within_one_tile():
    pixels = np.tile(np.arange(0, 200, 5, dtype=np.uint8), (40, 1))
    row = stretch_contrast(Image(pixels), tiles=1).pixels[20].astype(int)
    assert (np.diff(row) >= 0).all()


@pytest.mark.parametrize("options", [{"tiles": 0}, {"limit": 0}])
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(ValueError, match="tiles must be at least 1 and limit positive"):
        stretch_contrast(Image(edge()[1]), **options)


@pytest.mark.parametrize("method", ["gauss", "median", "bilateral", "non-local means"])
def test_excluded_pixels_do_not_bleed_into_others(method):
    values = np.random.default_rng(0).integers(0, 200, (60, 50)).astype(np.uint8)
    excluded = np.zeros(values.shape, dtype=bool)
    excluded[40:] = True
    wild = np.where(excluded, 255, values).astype(np.uint8)
    first = denoise(Image(values, excluded=excluded), size=3, method=method).pixels
    second = denoise(Image(wild, excluded=excluded), size=3, method=method).pixels
    assert np.array_equal(first, second)


def test_excluded_pixels_do_not_change_the_contrast_of_others():
    values = np.tile(np.arange(100, 120, dtype=np.uint8), (40, 2))
    excluded = np.zeros(values.shape, dtype=bool)
    excluded[32:] = True
    wild = np.where(excluded, 255, values).astype(np.uint8)
    first = stretch_contrast(Image(values, excluded=excluded)).pixels
    assert np.array_equal(first, stretch_contrast(Image(wild, excluded=excluded)).pixels)
