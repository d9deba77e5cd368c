import numpy as np
import pytest

from segmetry.image import Image
from segmetry.segment import windows
from segmetry.segment.windows import blocks, part_of
from segmetry.tiled import InMemory


@pytest.mark.parametrize("shape", [(1, 1), (96, 96), (97, 300), (500, 95)])
def test_blocks_cover_each_pixel_once(shape, monkeypatch):
    monkeypatch.setattr(windows, "_BLOCK", 96)
    covered = np.zeros(shape, int)
    for window in blocks(shape):
        covered[window] += 1
    assert (covered == 1).all()


def test_a_part_knows_where_its_window_lies():
    pixels = np.arange(600).reshape(20, 30)
    excluded = pixels % 7 == 0
    tiled = InMemory(Image(pixels, excluded=excluded))
    window = (slice(2, 9), slice(25, 30))
    part = part_of(tiled, window, 4)
    assert part.outer == (slice(0, 13), slice(21, 30))
    assert part.window == window
    assert np.array_equal(part.image.pixels[part.inner], pixels[window])
    assert np.array_equal(part.included, ~excluded[window])
    assert part_of(InMemory(Image(pixels)), window, 0).included is None
