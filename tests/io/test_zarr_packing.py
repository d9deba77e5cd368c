import bz2
import gzip
import lzma
import zlib

import numcodecs
import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io import open_tiled, read
from segmetry.io.zarr_packing import check_packed, packing_of

PACKERS = {
    "blosc": numcodecs.Blosc(cname="zstd").encode,
    "bz2": bz2.compress,
    "gzip": gzip.compress,
    "lz4": numcodecs.LZ4().encode,
    "lzma": lzma.compress,
    "zlib": zlib.compress,
    "zstd": numcodecs.Zstd(level=3).encode,
}


@pytest.mark.parametrize("packing", PACKERS)
@given(content=st.binary(min_size=1, max_size=70_000))
def test_what_fits_is_let_through_and_one_byte_more_is_not(packing, content):
    packed = bytes(PACKERS[packing](content))
    check_packed("a.zarr", packed, packing, limit=len(content))
    is_small = packing in ("gzip", "zlib")
    if not is_small:
        with pytest.raises(ReadError, match=r"a\.zarr has a chunk that unpacks to far"):
            check_packed("a.zarr", packed, packing, limit=len(content) - 1)


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("n_bytes", [255, 256, 65_791, 65_792, 10**6])
def test_sizes_are_told_across_the_lengths_of_their_fields(packing, n_bytes):
    packed = bytes(PACKERS[packing](bytes(n_bytes)))
    check_packed("a.zarr", packed, packing, limit=n_bytes)


@pytest.mark.parametrize("packing", PACKERS)
def test_bombs_are_refused(packing):
    packed = bytes(PACKERS[packing](bytes(2**25 if packing in ("bz2", "lzma") else 2**27)))
    with pytest.raises(ReadError):
        check_packed("a.zarr", packed, packing, limit=2**20)


def test_several_packed_parts_count_together():
    parts = gzip.compress(np.random.default_rng(1).bytes(60_000)) * 3
    check_packed("a.zarr", parts, "gzip", limit=180_000)
    with pytest.raises(ReadError):
        check_packed("a.zarr", parts, "gzip", limit=179_999)


def test_zstandard_without_a_size_is_unpacked_up_to_the_limit():
    # A frame without a size: magic, no flags, a window of 1 KiB, one raw block of 5 bytes.
    block = ((5 << 3) | 1).to_bytes(3, "little") + b"hello"
    frame = b"\x28\xb5\x2f\xfd\x00\x00" + block
    check_packed("a.zarr", frame, "zstd", limit=5)
    with pytest.raises(ReadError):
        check_packed("a.zarr", frame, "zstd", limit=4)


@pytest.mark.parametrize(
    ("version", "compressor", "expected"),
    [
        (2, numcodecs.Blosc(), "blosc"),
        (2, numcodecs.Zlib(), "zlib"),
        (2, None, ""),
        (3, zarr.codecs.GzipCodec(), "gzip"),
        (3, zarr.codecs.ZstdCodec(), "zstd"),
        (3, zarr.codecs.BloscCodec(), "blosc"),
        (3, None, ""),
    ],
)
def test_packings_have_one_name_in_both_versions(version, compressor, expected):
    array = zarr.create_array(
        {}, shape=(4,), dtype="u1", zarr_format=version, compressors=compressor
    )
    assert packing_of(array) == expected


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_chunk_that_is_a_bomb_is_refused_when_it_is_read(as_zarr, version):
    is_old = version == "0.4"
    compressor = numcodecs.Zlib() if is_old else zarr.codecs.GzipCodec()
    pixels = np.random.default_rng(2).integers(0, 999, (64, 64)).astype(np.uint16)
    path = as_zarr(pixels, version=version, chunks=(32, 32), compressors=compressor)
    bomb = (zlib if is_old else gzip).compress(bytes(2**27))
    (path / ("0/1.1" if is_old else "0/c/1/1")).write_bytes(bomb)
    with pytest.raises(ReadError, match="unpacks to far more than its 69,632 bytes"):
        read(path)
    tiled = open_tiled(path)
    rest = slice(0, 32), slice(0, 64)
    assert np.array_equal(tiled.read(rest).pixels, pixels[rest])
