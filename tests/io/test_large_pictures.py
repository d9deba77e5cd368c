"""The drawn pictures of benchmarks/large_pictures.py are what they say, in any window."""

import importlib.util
import pickle
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.io import open_tiled, write_ome_zarr

SIDE = 1500


@pytest.fixture(scope="module")
def drawing() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "large_pictures.py"
    spec = importlib.util.spec_from_file_location("large_pictures", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["large_pictures"] = module  # dataclasses and pickle look there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["large_pictures"]


@pytest.fixture(scope="module")
def picture(drawing):
    return drawing.DrawnPicture(SIDE, 1500, seed=3, uneven=True)


@pytest.fixture(scope="module")
def whole(picture):
    return picture.read((slice(0, SIDE), slice(0, SIDE))).pixels


sides = st.tuples(st.integers(0, SIDE - 1), st.integers(1, 600))


@settings(max_examples=30)
@given(rows=sides, columns=sides)
def test_a_window_is_drawn_as_in_the_whole(picture, whole, rows, columns):
    window = tuple(
        slice(start, min(start + length, SIDE)) for start, length in (rows, columns)
    )
    assert np.array_equal(picture.read(window).pixels, whole[window])


def test_it_holds_no_pixels(picture, whole):
    sent = pickle.dumps(picture)
    assert len(sent) < 1_000
    again = pickle.loads(sent).read((slice(0, SIDE), slice(0, SIDE)))
    assert np.array_equal(again.pixels, whole)


@pytest.mark.parametrize("seed", range(3))
def test_there_are_as_many_objects_as_it_says(drawing, seed):
    plain = drawing.DrawnPicture(SIDE, 1500, seed=seed, noise=0)
    pixels = plain.read((slice(0, SIDE), slice(0, SIDE))).pixels
    n_parts = cv2.connectedComponents((pixels > 90).astype(np.uint8), connectivity=8)[0] - 1
    assert n_parts == plain.n_connected
    assert 1000 < n_parts < plain.n_drawn < 1700


def test_there_are_rings_long_fibres_and_pairs(drawing):
    plain = drawing.DrawnPicture(SIDE, 1500, noise=0, n_fibres=2)
    pixels = plain.read((slice(0, SIDE), slice(0, SIDE))).pixels
    mask = (pixels > 90).astype(np.uint8)
    _, _, told, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    assert (told[1:, cv2.CC_STAT_WIDTH] == SIDE).sum() == 2
    outlines, nested = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    n_holes = int((nested[0, :, 3] >= 0).sum())
    assert n_holes >= int((plain.scene.hole > 0).sum()) > 50
    assert len(outlines) > n_holes
    assert plain.scene.n_touching > 100


def test_the_seed_decides(drawing, whole):
    window = slice(0, 100), slice(0, 100)
    same = drawing.DrawnPicture(SIDE, 1500, seed=3, uneven=True).read(window)
    other = drawing.DrawnPicture(SIDE, 1500, seed=4, uneven=True).read(window)
    assert np.array_equal(same.pixels, whole[window])
    assert not np.array_equal(other.pixels, whole[window])


def test_uneven_light_is_less_in_the_corners(whole):
    middle = np.median(whole[700:800, 700:800])
    assert np.median(whole[:100, :100]) < 0.8 * middle


def test_it_is_written_window_by_window(tmp_path, picture, whole):
    write_ome_zarr(tmp_path / "a.ome.zarr", picture, chunk=512)
    tiled = open_tiled(tmp_path / "a.ome.zarr")
    assert np.array_equal(tiled.read((slice(0, SIDE), slice(0, SIDE))).pixels, whole)
    assert tiled.pixel_size.in_um.x == 0.5
