"""Labels as files: chunks that can be sent and replaced one by one, in a plain zip.

A checkpoint is a zip whose entries are not packed again: `labels.json` says the shape,
`chunk/ROW.COLUMN` holds 1024 x 1024 labels (fewer at the right and lower edge) as
little-endian uint32 packed with zstd, and `array/NAME` what else belongs to them, as npy.
Slices of a volume lie below each other, as one tall picture. The zip's checksums tell a
damaged file.

zstd comes with imagecodecs, which Segmetry needs for TIFF anyway. Zarr would write one file
for each chunk, each to be made safe by itself, and bring a package of its own.
"""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ProjectError, WriteError
from segmetry.io import write_bytes
from segmetry.io.limits import MAX_PIXELS

__all__ = [
    "CHUNK",
    "Checkpoint",
    "Chunks",
    "read_checkpoint",
    "read_facts",
    "read_shape",
    "write_checkpoint",
]

CHUNK = 1024  # px: packed in about 6 ms, so that a stroke's chunks cost no wait
_FORMAT = 1
_LEVEL = 3  # of zstd: higher ones take longer and gain little on labels
_OF_ZIP = (zipfile.BadZipFile, RuntimeError)  # the second is zstd's, too
# Two values for each object, and a bit for each pixel, are less in any picture.
_BYTES_PER_PIXEL = 8
_FEW_BYTES = 4096  # of headers
_DAY_ONE = (1980, 1, 1, 0, 0, 0)  # equal labels give equal files

Box = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Labels with what belongs to them.

    Parameters
    ----------
    data : ndarray of uint32, shape (Y, X) or (Z, Y, X)
    facts : dict
        JSON values.
    arrays : dict of ndarray
        Anything that is too long for JSON.
    """

    data: NDArray[np.uint32]
    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Chunks:
    """The packed chunks of labels that change, and when each changed last.

    Parameters
    ----------
    shape : tuple of int
        (Y, X) of the labels.
    rev : int
        Revision that all chunks begin with.
    """

    def __init__(self, shape: tuple[int, ...], *, rev: int = 0) -> None:
        self._shape = shape
        self._packed: dict[tuple[int, int], bytes] = {}
        rows, columns = (-(-side // CHUNK) for side in shape)
        self._revs = np.full((rows, columns), rev, dtype=np.int64)

    def touch(self, box: Box, rev: int) -> None:
        """Note that labels within a box (rows, columns) have changed."""
        first = [part.start // CHUNK for part in box]
        stop = [-(-part.stop // CHUNK) for part in box]
        self._revs[first[0] : stop[0], first[1] : stop[1]] = rev
        for row in range(first[0], stop[0]):
            for column in range(first[1], stop[1]):
                self._packed.pop((row, column), None)

    def changed(self, level: int, row: int, column: int) -> int:
        """Return the revision at which a tile of a pyramid's level changed last."""
        side = 1 << level
        tile = self._revs[
            row * side : (row + 1) * side, column * side : (column + 1) * side
        ]
        if not tile.size:
            msg = f"The labels have no tile {row}, {column} at level {level}."
            raise ProjectError(msg)
        return int(tile.max())

    def packed(self, data: NDArray[np.uint32], row: int, column: int) -> bytes:
        """Return one chunk of the labels, packed once for each of its states."""
        key = row, column
        if key not in self._packed:
            self._packed[key] = pack(data[_chunk_box(self._shape, row, column)])
        return self._packed[key]

    def tile(self, data: NDArray[np.uint32], level: int, row: int, column: int) -> bytes:
        """Return a tile of every 2**level-th pixel, packed; see `OpenLabels.tile`."""
        if level == 0:
            return self.packed(data, row, column)
        side, step = CHUNK << level, 1 << level
        window = data[row * side : (row + 1) * side : step]
        return pack(window[:, column * side : (column + 1) * side : step])

    def all_packed(self, data: NDArray[np.uint32]) -> Iterator[tuple[str, bytes]]:
        """Yield the name and the bytes of every chunk."""
        for row, column in np.ndindex(*self._revs.shape):
            yield f"chunk/{row}.{column}", self.packed(data, row, column)


def pack(data: NDArray[np.uint32]) -> bytes:
    """Return labels as little-endian integers, row by row, packed with zstd.

    Examples
    --------
    >>> len(pack(np.zeros((1024, 1024), np.uint32))) < 1000
    True
    """
    plain = np.ascontiguousarray(data, dtype="<u4")
    return bytes(imagecodecs.zstd_encode(plain.tobytes(), level=_LEVEL))


def write_checkpoint(
    path: Path, checkpoint: Checkpoint, *, chunks: Chunks | None = None
) -> None:
    """Write labels to a file, whole or not at all, and safe from the loss of power.

    Parameters
    ----------
    path : Path
    checkpoint : Checkpoint
    chunks : Chunks or None
        Chunks that need not be packed again. `None` packs all.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    about = {"format": _FORMAT, "shape": list(checkpoint.data.shape), "chunk": CHUNK}
    data = checkpoint.data.reshape(_flat(checkpoint.data.shape))
    chunks = Chunks(data.shape) if chunks is None else chunks
    about["facts"] = dict(checkpoint.facts)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:

        def add(name: str, content: bytes | str) -> None:
            file.writestr(zipfile.ZipInfo(name, _DAY_ONE), content)

        add("labels.json", json.dumps(about))
        for name, content in chunks.all_packed(data):
            add(name, content)
        for name, array in checkpoint.arrays.items():
            npy = BytesIO()
            np.save(npy, array, allow_pickle=False)
            add(f"array/{name}", bytes(imagecodecs.zstd_encode(npy.getvalue())))
    write_bytes(path, buffer.getvalue())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make sure that a new file's name is on the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        msg = f"The folder {folder.name} cannot be written to: {error.strerror}."
        raise WriteError(msg) from error


def read_checkpoint(path: Path, *, shape: tuple[int, ...] | None = None) -> Checkpoint:
    """Read labels that `write_checkpoint` wrote.

    Parameters
    ----------
    path : Path
    shape : tuple of int or None
        (Y, X) or (Z, Y, X) that they must have; `None` takes any that a picture can have.

    Raises
    ------
    ProjectError
        If the file is missing, damaged, of a newer format, of another shape, or holds more
        than belongs to labels: then before memory is used for it.
    """
    with _told(path), zipfile.ZipFile(path) as file:
        about = json.loads(_entry(file, "labels.json"))
        if about["format"] > _FORMAT:
            msg = f"{path.name} was written by a newer Segmetry; install that one."
            raise ProjectError(msg)
        told = tuple(about["shape"])
        if shape is not None and told != shape:
            msg = f"its shape is {told}, that of its picture is {shape}"
            raise ValueError(msg)
        data = _read_chunks(file, told)
        arrays = _read_arrays(file, _FEW_BYTES + _BYTES_PER_PIXEL * data.size)
        return Checkpoint(data, about["facts"], arrays)


def read_facts(path: Path) -> Mapping[str, Any]:
    """Return the facts of a checkpoint, without its labels.

    Raises
    ------
    ProjectError
        If the file is missing or damaged.
    """
    with _told(path), zipfile.ZipFile(path) as file:
        facts: Mapping[str, Any] = json.loads(_entry(file, "labels.json"))["facts"]
        return facts


def read_shape(path: Path) -> tuple[int, ...]:
    """Return the shape that a checkpoint tells, without its labels.

    Raises
    ------
    ProjectError
        If the file is missing or damaged.
    """
    with _told(path), zipfile.ZipFile(path) as file:
        return tuple(int(side) for side in json.loads(_entry(file, "labels.json"))["shape"])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into one sentence."""
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, *_OF_ZIP) as error:
        msg = (
            f"The labels {path.name} of the project are missing or damaged ({error}); "
            "restore the file from a copy of the project."
        )
        raise ProjectError(msg) from error


def _entry(file: zipfile.ZipFile, name: str) -> bytes:
    """Return an entry, which is no longer than its file: one from elsewhere may lie."""
    if file.getinfo(name).compress_type != zipfile.ZIP_STORED:
        msg = f"{name} is packed twice"
        raise ValueError(msg)
    return file.read(name)


def _read_chunks(file: zipfile.ZipFile, shape: tuple[int, ...]) -> NDArray[np.uint32]:
    if len(shape) not in {2, 3} or min(shape) < 1 or prod(shape) > MAX_PIXELS:
        msg = f"its shape is {shape}"  # a file from elsewhere may say anything
        raise ValueError(msg)
    flat = _flat(shape)
    data = np.empty(flat, dtype=np.uint32)
    for row, column in np.ndindex(*(-(-side // CHUNK) for side in flat)):
        part = data[_chunk_box(flat, row, column)]
        plain = imagecodecs.zstd_decode(
            _entry(file, f"chunk/{row}.{column}"), out=part.size * 4
        )
        part[:] = np.frombuffer(plain, dtype="<u4").reshape(part.shape)
    return data.reshape(shape)


def _read_arrays(file: zipfile.ZipFile, most_bytes: int) -> dict[str, NDArray[Any]]:
    """Read what belongs to labels, unless all of it together is too much."""
    arrays = {}
    for name in file.namelist():
        if name.startswith("array/"):
            packed = _entry(file, name)
            size = _unpacked_size(packed)
            most_bytes -= size
            if most_bytes < 0:
                msg = f"{name} would unpack to {size:,} bytes"
                raise ValueError(msg)
            plain = bytes(imagecodecs.zstd_decode(packed, out=size))
            arrays[name.removeprefix("array/")] = _array_of(plain)
    return arrays


def _unpacked_size(packed: bytes) -> int:
    """Return the number of bytes that the header of a zstd frame tells.

    References
    ----------
    .. [1] Y. Collet and M. Kucherawy, "Zstandard Compression and the
       'application/zstd' Media Type", RFC 8878, 2021. :doi:`10.17487/RFC8878`
    """
    flags = packed[4]
    is_single = flags >> 5 & 1
    start = 5 + (1 - is_single) + (0, 1, 2, 4)[flags & 3]
    length = (is_single, 2, 4, 8)[flags >> 6]
    if not length or len(packed) < start + length:
        msg = "an array does not tell its size"
        raise ValueError(msg)
    size = int.from_bytes(packed[start : start + length], "little")
    return size + 256 if length == 2 else size


def _array_of(plain: bytes) -> NDArray[Any]:
    """Return the array of an npy, which is no longer than its bytes: its header may lie."""
    npy = BytesIO(plain)
    np.lib.format.read_magic(npy)
    shape, _, dtype = np.lib.format.read_array_header_1_0(npy)
    if dtype.hasobject or prod(shape) * dtype.itemsize != len(plain) - npy.tell():
        msg = f"an array of {shape} {dtype} has {len(plain):,} bytes"
        raise ValueError(msg)
    return np.load(BytesIO(plain), allow_pickle=False)


def _flat(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the shape of all slices below each other.

    Examples
    --------
    >>> _flat((10, 20)), _flat((3, 10, 20))
    ((10, 20), (30, 20))
    """
    return prod(shape[:-1]), shape[-1]


def _chunk_box(shape: tuple[int, ...], row: int, column: int) -> Box:
    height, width = shape
    top, left = row * CHUNK, column * CHUNK
    return (
        slice(top, min(top + CHUNK, height)),
        slice(left, min(left + CHUNK, width)),
    )
