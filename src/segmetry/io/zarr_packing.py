"""Chunks that unpack to far more than they should, refused before they fill the memory.

Deflate makes 1,032 bytes of one, zstandard 30,000. Formats that tell their size are asked;
the others are unpacked step by step, and nothing of that is kept.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from segmetry.errors import ReadError

__all__ = ["check_packed", "packing_of"]

_STEP = 2**20
_UNASKED_BYTES = 2**16  # stored: deflate makes at most 64 MB of them
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY = (0, 1, 2, 4)  # bytes of its number, by its flag
_ZSTD_SIZE = (0, 2, 4, 8)  # bytes of the size, by its flag


def packing_of(array: Any) -> str:
    """Return how the chunks of an array are packed.

    Parameters
    ----------
    array : zarr.Array

    Returns
    -------
    str
        "blosc", "zstd", "gzip", "zlib", "lz4", "bz2" or "lzma"; empty where nothing packs
        them, or a packing that is not known here.
    """
    packings = [
        getattr(one, "codec_id", type(one).__name__.removesuffix("Codec")).lower()
        for one in array.compressors
    ]
    return next((one for one in reversed(packings) if one in _SIZES), "")


def check_packed(name: str, packed: bytes, packing: str, *, limit: int) -> None:
    """Refuse a chunk that unpacks to more than it should.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    packed : bytes
    packing : str
        As `packing_of` returns it.
    limit : int
        Bytes that it may have.

    Raises
    ------
    ReadError

    Examples
    --------
    >>> check_packed("a.zarr", zlib.compress(bytes(10**6)), "zlib", limit=10**6)
    """
    size = _SIZES.get(packing)
    is_small = packing in ("gzip", "zlib") and len(packed) <= _UNASKED_BYTES
    if size is None or is_small:
        return
    n_bytes = size(packed, limit)
    if n_bytes > limit:
        msg = (
            f"{name} has a chunk that unpacks to far more than its {limit:,} bytes: the "
            "file is damaged or made to do harm; get it from whoever made it again"
        )
        raise ReadError(msg)


def _blosc_size(packed: bytes, limit: int) -> int:  # noqa: ARG001
    return int.from_bytes(packed[4:8], "little")


def _lz4_size(packed: bytes, limit: int) -> int:  # noqa: ARG001
    return int.from_bytes(packed[:4], "little")


def _zstd_size(packed: bytes, limit: int) -> int:
    told = packed[4] if packed.startswith(_ZSTD_MAGIC) and len(packed) > 4 else 0
    is_single = bool(told & 32)
    n_bytes = _ZSTD_SIZE[told >> 6] or int(is_single)
    if n_bytes == 0:
        return _zstd_unpacked(packed, limit)
    at = 5 + (not is_single) + _ZSTD_DICTIONARY[told & 3]
    return int.from_bytes(packed[at : at + n_bytes], "little") + 256 * (n_bytes == 2)


def _zstd_unpacked(packed: bytes, limit: int) -> int:
    import imagecodecs

    try:
        return len(imagecodecs.zstd_decode(packed, out=limit))
    except imagecodecs.ZstdError:
        return limit + 1


def _stepwise(unpacker: Callable[[], Any]) -> Callable[[bytes, int], int]:
    def size(packed: bytes, limit: int) -> int:
        n_bytes, rest = 0, packed
        one = unpacker()
        while n_bytes <= limit:
            part = one.decompress(rest, _STEP)
            n_bytes += len(part)
            rest = getattr(one, "unconsumed_tail", b"")
            if one.eof and one.unused_data:  # several packed parts may follow each other
                one, rest = unpacker(), one.unused_data
            elif one.eof or not part:
                return n_bytes
        return n_bytes

    return size


_SIZES: dict[str, Callable[[bytes, int], int]] = {
    "blosc": _blosc_size,
    "bz2": _stepwise(bz2.BZ2Decompressor),
    "gzip": _stepwise(lambda: zlib.decompressobj(31)),
    "lz4": _lz4_size,
    "lzma": _stepwise(lzma.LZMADecompressor),
    "zlib": _stepwise(zlib.decompressobj),
    "zstd": _zstd_size,
}
