import numpy as np
import pytest

from segmetry.segment.superpixels import (
    felzenszwalb_regions,
    means_of_pieces,
    superpixels,
)

WHOLE = np.ones((60, 80), bool)


def checks(noise=0.02, seed=0):
    y, x = np.mgrid[:60, :80]
    mask = (y // 20 + x // 20) % 2 > 0
    rng = np.random.default_rng(seed)
    return (mask + rng.normal(0, noise, mask.shape)).astype(np.float32)[..., None], mask


def divided(kind, values, included=WHOLE):
    if kind == "slic":
        return superpixels(values, included, 200)
    return felzenszwalb_regions(values, included, scale=50, min_area=10)


@pytest.mark.parametrize("kind", ["slic", "felzenszwalb"])
@pytest.mark.parametrize("seed", range(2))
def test_pieces_are_numbered_from_0_and_hold_one_value_each(kind, seed):
    values, mask = checks(seed=seed)
    pieces = divided(kind, values)
    assert np.array_equal(np.unique(pieces), np.arange(pieces.max() + 1))
    bright = np.bincount(pieces.ravel(), weights=mask.ravel()) / np.bincount(pieces.ravel())
    assert np.mean(np.minimum(bright, 1 - bright)[pieces]) < 0.01


@pytest.mark.parametrize("kind", ["slic", "felzenszwalb"])
def test_exposure_and_hot_pixels_change_little(kind):
    values, mask = checks()
    hot = values.copy()
    hot[5, 5] = 1000
    for other in (values * 4096 + 100, hot):
        pieces = divided(kind, other)
        area = np.bincount(pieces.ravel())
        bright = np.bincount(pieces.ravel(), weights=mask.ravel()) / area
        assert np.mean(np.minimum(bright, 1 - bright)[pieces]) < 0.02


def test_there_are_about_as_many_superpixels_as_asked_for():
    values, _ = checks()
    for n in (50, 200, 500):
        assert 0.6 * n < superpixels(values, WHOLE, n).max() + 1 < 1.4 * n


def test_no_region_of_felzenszwalb_is_below_the_least_area():
    values = np.random.default_rng(0).random((60, 80, 1)).astype(np.float32)
    pieces = felzenszwalb_regions(values, WHOLE, scale=5, min_area=30)
    assert np.bincount(pieces.ravel()).min() >= 30


def test_a_larger_scale_gives_fewer_regions():
    values, _ = checks(noise=0.1)
    counts = [
        felzenszwalb_regions(values, WHOLE, scale=scale, min_area=1).max()
        for scale in (1, 30, 1000)
    ]
    assert counts[0] > counts[1] > counts[2]


def test_a_single_pixel_that_differs_is_seen():
    values = np.zeros((60, 80, 1), np.float32)
    values[30, 40] = 5
    pieces = felzenszwalb_regions(values, WHOLE, scale=0.1, min_area=1)
    assert (pieces == pieces[30, 40]).sum() == 1


def test_means_are_over_the_pixels_that_count():
    values = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
    pieces = np.array([[0, 0, 2], [1, 1, 2]])
    included = np.array([[True, False, False], [True, True, False]])
    means = means_of_pieces(values, pieces, included)
    assert means[:2].tolist() == [[0, 1], [7, 8]]
    assert np.isnan(means[2]).all()
