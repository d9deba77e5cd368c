"""Which TIFF files are read in parts, and what is said of those that cannot be."""

import os
import struct
import zlib

import numpy as np
import pytest
import tifffile

from segmetry.errors import ReadError
from segmetry.io import is_tiled, open_tiled, read
from segmetry.io import tiff_windows as module

WHOLE = (slice(0, 40), slice(0, 60))
APERIO = "Aperio Image Library v12.0\n60x40 [0,0 60x40] (16x16) |AppMag = 20|MPP = 0.4990"


@pytest.fixture
def pixels() -> np.ndarray:
    return np.arange(2_400, dtype=np.uint16).reshape(40, 60)


@pytest.fixture
def as_slide(tmp_path):
    """Save a slide as scanners of Aperio do: full size, thumbnail, smaller copy, label."""

    def save(colours: np.ndarray, description: str = APERIO, **options):
        path = tmp_path / "slide.svs"
        plain = {"photometric": "rgb", "metadata": None}
        with tifffile.TiffWriter(path) as tif:
            tif.write(colours, tile=(16, 16), description=description, **plain, **options)
            tif.write(colours[::4, ::4], description=description, rowsperstrip=4, **plain)
            tif.write(colours[::2, ::2], tile=(16, 16), description=description, **plain)
            tif.write(
                colours[:9, :9], subfiletype=1, description="Aperio\nlabel 9x9", **plain
            )
        return path

    return save


@pytest.fixture
def colours() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 255, (40, 60, 3), dtype=np.uint8)


def test_of_a_slide_the_full_size_is_read(as_slide, colours):
    path = as_slide(colours)
    with tifffile.TiffFile(path) as tif:
        assert tif.is_svs
    tiled = open_tiled(path)
    assert (tiled.axes, tiled.spatial_shape) == ("YXC", (40, 60))
    assert np.array_equal(tiled.read(WHOLE).pixels, colours)
    assert np.array_equal(read(path).pixels, colours)


def test_micrometres_per_pixel_are_those_of_the_full_size(as_slide, colours):
    path = as_slide(colours, resolution=(300, 300), resolutionunit="INCH")
    size = open_tiled(path).pixel_size
    assert (size.y, size.x, size.unit, size.source) == (0.499, 0.499, "um", "aperio")
    assert read(path).steps[0].options["format"] == "TIFF (Aperio)"
    assert read(path, page=1).pixel_size is None
    assert read(path, page=2).pixel_size is None


@pytest.mark.parametrize(
    "told", [APERIO.replace("0.4990", "0,499"), APERIO.replace("MPP", "PPM")]
)
def test_a_slide_without_a_size_that_is_a_number_is_unknown(as_slide, colours, told):
    assert open_tiled(as_slide(colours, told)).pixel_size is None


def test_dots_per_inch_are_no_pixel_size(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16), resolution=(300, 300), resolutionunit="INCH")
    assert open_tiled(path).pixel_size is None


def test_smaller_copies_are_left_out(tmp_path, pixels):
    path = tmp_path / "pyramid.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tif:
        tif.write(pixels, subifds=1, tile=(16, 16), metadata={"axes": "YX"})
        tif.write(pixels[::2, ::2], subfiletype=1, tile=(16, 16), metadata=None)
    assert open_tiled(path).spatial_shape == (40, 60)
    assert np.array_equal(read(path).pixels, pixels)


def test_one_large_packed_piece_is_refused_with_a_remedy(as_tiff, pixels, monkeypatch):
    path = as_tiff(pixels, compression="zlib", rowsperstrip=40)
    monkeypatch.setattr(module, "_MAX_PIECE_BYTES", 4_799)
    assert not is_tiled(path)
    with pytest.raises(ReadError, match=r"packed pieces of 40 x 60 pixels.*as OME-Zarr"):
        open_tiled(path)


def test_one_large_piece_that_is_not_packed_is_read(as_tiff, pixels, monkeypatch):
    path = as_tiff(pixels, rowsperstrip=40)
    monkeypatch.setattr(module, "_MAX_PIECE_BYTES", 10)
    assert np.array_equal(open_tiled(path).read(WHOLE).pixels, pixels)


def test_a_packed_file_is_to_be_unpacked_first(tmp_path, as_tiff, pixels):
    import gzip

    path = tmp_path / "a.tif.gz"
    path.write_bytes(gzip.compress(as_tiff(pixels).read_bytes()))
    with pytest.raises(ReadError, match=r"a\.tif\.gz is packed as a whole; unpack it"):
        open_tiled(path)


def test_tiles_that_are_not_stored_are_0(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tif:
        counts, offsets = map(list, (tif.pages[0].databytecounts, tif.pages[0].dataoffsets))
        counts[5] = offsets[5] = 0
        tif.pages[0].tags["TileByteCounts"].overwrite(counts)
        tif.pages[0].tags["TileOffsets"].overwrite(offsets)
    found = open_tiled(path).read(WHOLE).pixels
    expected = pixels.copy()
    expected[16:32, 16:32] = 0
    assert np.array_equal(found, expected)
    assert np.array_equal(read(path).pixels, expected)


def test_a_file_that_is_cut_off_is_refused(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16), compression="zlib")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ReadError, match="cut off or damaged"):
        open_tiled(path)


def test_a_file_that_changes_is_refused(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16))
    tiled = open_tiled(path)
    as_tiff(pixels.T.copy(), tile=(16, 16))
    os.utime(path, ns=(1, 1))
    with pytest.raises(ReadError, match=r"picture\.tif changed while it was read"):
        tiled.read(WHOLE)


def test_damage_in_a_tile_is_told_where_it_is_read(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path) as tif:
        at = tif.pages[0].dataoffsets[-1]
    content = bytearray(path.read_bytes())
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    tiled = open_tiled(path)
    assert tiled.read((slice(0, 16), slice(0, 16))).pixels[1, 1] == 61
    with pytest.raises(ReadError, match=r"picture\.tif is no TIFF file that can be read"):
        tiled.read(WHOLE)


def test_a_tile_that_unpacks_to_far_too_much_fills_no_memory(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16), compression="zlib")
    bomb = zlib.compress(bytes(2**26), 9)
    start = path.stat().st_size
    with path.open("ab") as file:
        file.write(bomb)
    with tifffile.TiffFile(path, mode="r+") as tif:
        page = tif.pages[0]
        counts = [len(bomb), *page.databytecounts[1:]]
        page.tags["TileOffsets"].overwrite([start, *page.dataoffsets[1:]])
        page.tags["TileByteCounts"].overwrite(counts, dtype="I")
    with pytest.raises(ReadError, match="is no TIFF file that can be read"):
        open_tiled(path).read(WHOLE)


def test_a_picture_far_larger_than_its_file_is_refused(as_tiff, pixels):
    path = as_tiff(pixels, tile=(16, 16), compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tif:
        tif.pages[0].tags["ImageLength"].overwrite(struct.unpack("<I", b"\0\0\0\x40")[0])
    with pytest.raises(ReadError):
        open_tiled(path)
    assert not is_tiled(path)


def test_pieces_that_were_decoded_are_kept_up_to_a_limit():
    cache = module._Cache(100)
    pieces = [module._Piece(np.zeros(40, np.uint8), 0, 0, 0) for _ in range(3)]
    for number, piece in enumerate(pieces):
        cache.put(number, piece)
    assert cache.get(0) is None
    assert cache.get(1) is pieces[1]
    cache.put(3, pieces[0])
    assert cache.get(2) is None
    assert cache.get(1) is pieces[1]


def test_a_piece_is_decoded_once(as_tiff, pixels, monkeypatch):
    path = as_tiff(pixels, tile=(16, 16), compression="zlib")
    tiled = open_tiled(path)
    monkeypatch.setattr(module, "_CACHE", module._Cache(10**6))
    decoded = []
    real = module._decoded
    monkeypatch.setattr(
        module, "_decoded", lambda *given: decoded.append(given[3]) or real(*given)
    )
    for left in range(0, 60, 5):
        tiled.read((slice(0, 40), slice(left, left + 5)))
    assert sorted(decoded) == list(range(12))
