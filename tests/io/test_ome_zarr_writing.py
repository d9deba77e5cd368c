import numpy as np
import pytest
import zarr

from segmetry import Image, PixelSize
from segmetry.errors import WriteError
from segmetry.io import read, write_ome_zarr
from segmetry.io.ome_zarr_writing import replaced_folder
from segmetry.io.zarr_levels import halved_mean
from segmetry.tiled import InMemory


@pytest.fixture
def picture() -> Image:
    pixels = np.random.default_rng(8).integers(0, 4000, (70, 90, 2)).astype(np.uint16)
    size = PixelSize(12.5, 10.0, "nm", "typed")
    return Image(pixels, axes="YXC", pixel_size=size, name="grains")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_every_level_is_half_of_the_one_above(tmp_path, picture, version):
    path = tmp_path / "a.ome.zarr"
    write_ome_zarr(path, InMemory(picture), chunk=32, version=version)
    group = zarr.open_group(path, mode="r")
    expected = picture.pixels
    for level in range(3):
        assert np.array_equal(np.moveaxis(group[str(level)][...], 0, -1), expected)
        expected = halved_mean(expected)
    found = read(path)
    assert np.array_equal(found.pixels, picture.pixels)
    assert (found.pixel_size.y, found.pixel_size.x, found.pixel_size.unit) == (
        12.5,
        10.0,
        "nm",
    )


def test_the_same_picture_gives_the_same_bytes(tmp_path, picture):
    for name in ("a", "b"):
        write_ome_zarr(tmp_path / name / "p.ome.zarr", InMemory(picture), chunk=32)
    files = sorted(one for one in (tmp_path / "a").rglob("*") if one.is_file())
    assert len(files) > 20
    for one in files:
        other = tmp_path / "b" / one.relative_to(tmp_path / "a")
        assert one.read_bytes() == other.read_bytes()


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.zarr"
    with replaced_folder(path) as beside:
        beside.mkdir()
        (beside / "first").write_text("1")
        assert not path.exists()
    assert (path / "first").read_text() == "1"
    with pytest.raises(WriteError, match=r"a\.zarr cannot be written"):
        _fail(path)
    assert (path / "first").read_text() == "1"
    assert [one.name for one in tmp_path.iterdir()] == ["a.zarr"]


def _fail(path):
    with replaced_folder(path) as beside:
        beside.mkdir()
        (beside / "second").write_text("2")
        raise OSError


def test_a_file_of_that_name_stays(tmp_path, picture):
    (tmp_path / "a.zarr").write_text("mine")
    with pytest.raises(WriteError, match=r"a\.zarr cannot be written"):
        write_ome_zarr(tmp_path / "a.zarr", InMemory(picture))
    assert (tmp_path / "a.zarr").read_text() == "mine"
