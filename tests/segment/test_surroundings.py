import cv2
import numpy as np
import pytest

from segmetry.image import Image
from segmetry.segment import surroundings
from segmetry.segment.ground import Smooth, bins_of, ground_of
from segmetry.segment.surroundings import surroundings_of
from segmetry.segment.windows import everywhere, part_of
from segmetry.tiled import InMemory


def around(pixels, **options):
    """Return what surrounds each pixel of a picture."""
    tiled = InMemory(Image(pixels))
    smooth = Smooth(ground_of(tiled), 0)
    told = surroundings_of(tiled, smooth, bins_of(tiled, smooth), **options)
    part = part_of(tiled, everywhere(tiled.spatial_shape), told.reach)
    return told.of(smooth.of_all(part), part)


def noise(shape=(120, 150), seed=0):
    grey = np.random.default_rng(seed).normal(100, 20, shape).astype(np.float32)
    return cv2.GaussianBlur(grey, (0, 0), 3) * 8


@pytest.mark.parametrize("width", [3, 15, 61, 251])
def test_mean_and_spread_are_those_of_a_square(width):
    grey = noise()
    mean, square = (
        cv2.blur(one, (width, width), borderType=cv2.BORDER_REFLECT)
        for one in (grey.astype(np.float64), grey.astype(np.float64) ** 2)
    )
    found = around(grey, width=width, with_spread=True)
    assert np.abs(found.mean - mean).max() < 1e-3
    assert np.abs(found.spread - np.sqrt(square - mean**2)).max() < 0.01


@pytest.mark.parametrize("weights", ["even", "gauss"])
def test_a_reduced_copy_tells_nearly_the_same(weights, monkeypatch):
    grey = noise((400, 500))
    found = around(grey, width=301, weights=weights)
    monkeypatch.setattr(surroundings, "_WIDEST", 1000)
    usual = around(grey, width=301, weights=weights)
    assert np.abs(found.mean - usual.mean).max() < 0.02 * np.ptp(grey)
    assert np.abs(found.mean - usual.mean).mean() < 0.005 * np.ptp(grey)


def test_spread_is_asked_for():
    assert around(noise(), width=15).spread is None
