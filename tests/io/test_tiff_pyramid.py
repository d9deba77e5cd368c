import numpy as np
import pytest
import tifffile

from segmetry import Image, PixelSize
from segmetry.errors import WriteError
from segmetry.io import read, write_ome_tiff
from segmetry.io.zarr_levels import halved_mean
from segmetry.tiled import InMemory


@pytest.fixture
def picture() -> Image:
    pixels = np.random.default_rng(8).integers(0, 4000, (100, 150)).astype(np.uint16)
    return Image(pixels, pixel_size=PixelSize(12.5, 10.0, "nm", "typed"), name="grains")


def test_every_level_is_half_of_the_one_above(tmp_path, picture):
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, InMemory(picture), tile=32)
    expected = picture.pixels
    with tifffile.TiffFile(path) as tif:
        (series,) = tif.series
        assert tif.is_bigtiff
        assert len(series.levels) == 4
        for level in series.levels:
            assert level.keyframe.tile == (32, 32)
            assert np.array_equal(level.asarray(), expected)
            expected = halved_mean(expected)


def test_what_is_written_is_read(tmp_path, picture):
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, InMemory(picture), tile=32)
    found = read(path)
    assert np.array_equal(found.pixels, picture.pixels)
    size = found.pixel_size
    assert (size.y, size.x, size.unit, size.source) == (12.5, 10.0, "nm", "ome")


@pytest.mark.parametrize("unit", ["pm", "angstrom", "nm", "um", "mm", "cm"])
def test_units_are_those_of_ome(tmp_path, unit):
    size = PixelSize(0.5, 0.5, unit, "typed")
    whole = Image(np.eye(20, dtype=np.uint8), pixel_size=size)
    write_ome_tiff(tmp_path / "a.ome.tif", InMemory(whole), tile=16)
    assert read(tmp_path / "a.ome.tif").pixel_size.unit == unit


def test_a_pixel_size_that_is_unknown_stays_so(tmp_path):
    whole = InMemory(Image(np.eye(20, dtype=np.uint8)))
    write_ome_tiff(tmp_path / "a.ome.tif", whole, tile=16)
    assert read(tmp_path / "a.ome.tif").pixel_size is None


@pytest.mark.parametrize("n_channels", [2, 3, 5])
def test_channels_are_kept(tmp_path, n_channels):
    pixels = np.random.default_rng(1).integers(0, 255, (40, 50, n_channels), np.uint8)
    path = tmp_path / "a.ome.tif"
    write_ome_tiff(path, InMemory(Image(pixels, axes="YXC")), tile=16)
    assert np.array_equal(read(path).pixels, pixels)


def test_only_a_row_of_tiles_is_asked_for_at_a_time(tmp_path, picture):
    asked = []

    class Watched(InMemory):
        def read(self, window):
            asked.append(window[0].stop - window[0].start)
            return super().read(window)

    write_ome_tiff(tmp_path / "a.ome.tif", Watched(picture), tile=32)
    assert max(asked) == 32


def test_nothing_stays_behind_where_it_fails(tmp_path, picture):
    class Broken(InMemory):
        def read(self, window):
            if window[0].start:
                raise OSError(28, "full")
            return super().read(window)

    with pytest.raises(WriteError, match="the disk is full"):
        write_ome_tiff(tmp_path / "a.ome.tif", Broken(picture), tile=32)
    assert list(tmp_path.iterdir()) == []
