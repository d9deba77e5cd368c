"""Every level is the mean of the one before, and tiles are exact pieces of it."""

from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from segmetry.errors import MissingError, ReadError
from segmetry.io import write_png
from segmetry.web.pyramid import TILE, Drawing, draw_pyramid, halved, read_tile


@pytest.fixture
def draw(tmp_path):
    """Make the pyramid of pixels, and return its folder."""

    def make(pixels, low=0.0, high=255.0):
        path = tmp_path / "a.png"
        write_png(path, pixels)
        draw_pyramid(Drawing(path, None, low, high, tmp_path / "p"))
        return tmp_path / "p"

    return make


def tile(folder, *place):
    return np.asarray(Pillow.open(BytesIO(read_tile(folder, *place))))


def level(folder, number, shape):
    """Put all tiles of a level together."""
    rows, columns = (-(-side // TILE) for side in shape)
    return np.concatenate(
        [
            np.concatenate([tile(folder, number, y, x) for x in range(columns)], axis=1)
            for y in range(rows)
        ]
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 1300), (511, 513), (1025, 1030), (2049, 5)])
def test_tiles_put_together_are_the_picture_and_levels_its_means(draw, shape):
    pixels = np.random.default_rng(sum(shape)).integers(0, 256, shape).astype(np.uint8)
    folder = draw(pixels)
    assert np.array_equal(level(folder, 0, shape), pixels)
    expected, number = pixels.astype(np.float64), 0
    while max(expected.shape) > TILE:
        number += 1
        padded = np.pad(expected, [(0, side % 2) for side in expected.shape], mode="edge")
        height, width = (side // 2 for side in padded.shape)
        expected = padded.reshape(height, 2, width, 2).mean(axis=(1, 3))
        got = level(folder, number, expected.shape)
        assert got.shape == expected.shape
        assert np.abs(got - expected).max() <= 0.5 + 1e-3
    with pytest.raises(MissingError, match=f"level {number + 1}"):
        read_tile(folder, number + 1, 0, 0)


def test_colours_stay_colours(draw):
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[..., 0], pixels[..., 1], pixels[5, 7] = 200, 100, (1, 2, 3)
    assert np.array_equal(tile(draw(pixels), 0, 0, 0), pixels)


def test_low_and_high_are_black_and_white(draw):
    pixels = np.array([[10, 20, 30, 40, 50]], np.uint8)
    shown = tile(draw(pixels, low=20.0, high=40.0), 0, 0, 0)
    assert shown.tolist() == [[0, 0, 128, 255, 255]]


def test_the_middle_slice_of_a_stack_is_shown(tmp_path):
    stack = np.zeros((5, 40, 30), np.uint16)
    stack[2] = 1000
    tifffile.imwrite(tmp_path / "a.tif", stack, metadata={"axes": "ZYX"})
    draw_pyramid(Drawing(tmp_path / "a.tif", None, 0.0, 1000.0, tmp_path / "p"))
    assert (tile(tmp_path / "p", 0, 0, 0) == 255).all()


@pytest.mark.parametrize("place", [(0, 1, 0), (0, 0, 1), (1, 0, 0), (31, 0, 0)])
def test_what_lies_outside_is_refused(draw, place):
    with pytest.raises(MissingError, match="no tile"):
        read_tile(draw(np.zeros((20, 30), np.uint8)), *place)


def test_half_a_pyramid_is_none_and_the_next_one_is_whole(draw, tmp_path):
    (tmp_path / "p.part").mkdir()
    (tmp_path / "p.part" / "7.npy").write_bytes(b"left by a crash")
    folder = draw(np.full((20, 30), 9, np.uint8))
    assert [file.name for file in folder.iterdir()] == ["0.npy"]
    assert not (tmp_path / "p.part").exists()


def test_a_file_that_is_no_picture_leaves_nothing(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ReadError):
        draw_pyramid(Drawing(tmp_path / "a.png", None, 0.0, 1.0, tmp_path / "p"))
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("seed", range(20))
def test_halving_keeps_the_mean_of_even_pictures(seed):
    rng = np.random.default_rng(seed)
    values = rng.random(2 * rng.integers(1, 9, 2)).astype(np.float32)
    assert halved(values).mean() == pytest.approx(values.mean(), rel=1e-5)
