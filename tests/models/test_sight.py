import numpy as np
import pytest

from segmetry.image import Image
from segmetry.models.normalization import Scaling
from segmetry.models.sight import Shown
from segmetry.segment import windows
from segmetry.tiled import InMemory


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Read small pictures in several blocks, as large ones are."""
    monkeypatch.setattr(windows, "_BLOCK", 24)


def shown(pixels, excluded=None):
    return Shown(InMemory(Image(pixels, excluded=excluded)), Scaling(limited=False), 1)


@pytest.mark.parametrize("seed", range(10))
def test_the_liveliest_square_is_that_of_greatest_variance(seed):
    random = np.random.default_rng(seed)
    height, width = random.integers(20, 60, 2)
    side = int(random.integers(3, 19))
    pixels = random.random((height, width)).astype(np.float32)
    y0, x0 = random.integers(0, height - side), random.integers(0, width - side)
    pixels[y0 : y0 + side, x0 : x0 + side] *= 9
    y, x = shown(pixels).liveliest(side)
    variances = {
        (i + side // 2, j + side // 2): pixels[i : i + side, j : j + side].var()
        for i in range(height - side + 1)
        for j in range(width - side + 1)
    }
    assert variances[int(y), int(x)] == pytest.approx(max(variances.values()), rel=1e-3)


def test_a_wide_square_is_found_in_a_reduced_copy():
    pixels = np.zeros((700, 900), np.float32)
    pixels[400:600, 600:800] = np.random.default_rng(0).normal(size=(200, 200))
    y, x = shown(pixels).liveliest(200)
    assert (y, x) == pytest.approx((500, 700), abs=8)


def test_a_square_larger_than_the_picture_is_all_of_it():
    pixels = np.random.default_rng(0).random((10, 30)).astype(np.float32)
    assert int(shown(pixels).liveliest(20)[0]) == 5


@pytest.mark.parametrize("factor", [0.3, 1, 1.6])
def test_a_view_of_a_part_shows_the_part_at_its_scale(factor):
    pixels = np.zeros((90, 120), np.float32)
    pixels[30:60, 50:90] = 1
    part = (slice(20, 80), slice(40, 110))
    view = shown(pixels).view(factor, part)
    assert view.grid == (round(60 * factor), round(70 * factor))
    seen = view.pixels((slice(0, view.grid[0]), slice(0, view.grid[1])))[..., 0]
    assert seen.mean() == pytest.approx(pixels[part].mean(), abs=0.02)


@pytest.mark.parametrize("factor", [0.3, 1, 1.6])
def test_a_view_knows_what_lies_mostly_in_the_sample(factor):
    excluded = np.zeros((90, 120), bool)
    excluded[:, 60:] = True
    view = shown(np.ones((90, 120), np.float32), excluded).view(factor)
    included = view.included()
    assert included.shape == view.grid
    border = 60 * view.grid[1] / 120
    assert included[:, : int(border)].all()
    assert not included[:, int(np.ceil(border)) + 1 :].any()
