"""Groups and arrays of Zarr, 2 and 3, in folders or behind URLs that a person gave."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from os import scandir
from pathlib import Path
from typing import Any

from segmetry.errors import MissingExtraError, ReadError
from segmetry.io.limits import check_packing
from segmetry.io.zarr_packing import packing_of

__all__ = [
    "ZARR_MARKS",
    "Stock",
    "attributes_of",
    "check_array",
    "is_zarr",
    "open_array",
    "url_of",
]

ZARR_MARKS = (".zgroup", ".zattrs", ".zarray", "zarr.json")  # of which each folder has one
_MAX_CHUNK_BYTES = 2**28  # what is decoded to read one pixel
_MAX_TEXT_BYTES = 2**28  # a million objects with their properties are some 100 MB
_MAX_CHUNKS_IN_SHARD = 2**20
_FRAME_BYTES = 2**16  # a chunk may unpack to so much more than its pixels
_URL = re.compile(r"(?P<kind>[a-z][a-z0-9+.-]+):/+(?P<rest>.+)", re.IGNORECASE)


def url_of(path: Path) -> str | None:
    """Return the URL that a path is, `None` for a path of this computer.

    Paths join the slashes of a URL into one: they are two again here.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str or None

    Examples
    --------
    >>> url_of(Path("s3://bucket/a.zarr")), url_of(Path("C:/a.zarr")), url_of(Path("a"))
    ('s3://bucket/a.zarr', None, None)
    """
    found = _URL.fullmatch(path.as_posix())
    if found is None or path.exists():
        return None
    slashes = "///" if found["kind"].lower() in ("file", "local") else "//"
    return f"{found['kind']}:{slashes}{found['rest']}"


def is_zarr(path: Path) -> bool:
    """Return whether a path is a folder of Zarr, or a URL, which can be nothing else.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool

    Examples
    --------
    >>> is_zarr(Path("s3://bucket/a.zarr")), is_zarr(Path("."))
    (True, False)
    """
    try:
        if path.is_dir():
            return any((path / mark).is_file() for mark in ZARR_MARKS)
    except OSError:  # a folder that may not be looked into; who lists it says so
        return False
    return url_of(path) is not None


def attributes_of(path: Path, group: str = "") -> dict[str, Any]:
    """Return the attributes of a group.

    Parameters
    ----------
    path : Path
        Of the root, or its URL.
    group : str
        Path of the group below the root.

    Returns
    -------
    dict
        JSON values.

    Raises
    ------
    ReadError
        If there is no such group.
    """
    import zarr

    for mark in ZARR_MARKS:
        _refuse_large(path / group / mark)
    try:
        found = zarr.open_group(_store(path), path=group, mode="r", use_consolidated=False)
    except FileNotFoundError as error:
        msg = (
            f"{path.name} is no Zarr group: its metadata are not there; copy the whole "
            "folder again, or check the address"
        )
        raise ReadError(msg) from error
    return found.attrs.asdict()


def open_array(path: Path, array: str) -> Any:
    """Open an array for reading.

    Parameters
    ----------
    path : Path
        Of the root, or its URL.
    array : str
        Path of the array below the root.

    Returns
    -------
    zarr.Array

    Raises
    ------
    ReadError
        If it is not there.
    """
    import zarr

    from segmetry.io.zarr_guard import GuardedStore

    for mark in ZARR_MARKS:
        _refuse_large(path / array / mark)
    store = _store(path)
    with _reached(path, f"names an array {array}, which is not there"):
        found = zarr.open_array(store, path=array, mode="r")
        packing = packing_of(found)
        if not packing or found.shards is not None:
            return found
        limit = 2 * prod(found.chunks) * found.dtype.itemsize + _FRAME_BYTES
        guarded = GuardedStore(store, path.name, packing, limit)
        return zarr.open_array(guarded, path=array, mode="r")


@contextmanager
def _reached(path: Path, lacking: str) -> Iterator[None]:
    """Say in one sentence that something is not there, or cannot be reached."""
    try:
        yield
    except FileNotFoundError as error:
        msg = f"{path.name} {lacking}; copy the whole folder again, or check the address"
        raise ReadError(msg) from error
    except OSError as error:
        what = "cannot be opened" if url_of(path) is None else "cannot be reached"
        reason = error.strerror or type(error).__name__
        msg = f"{path.name} {what} ({reason}); check its place and your permission"
        raise ReadError(msg) from error


@dataclass(frozen=True)
class Stock:
    """What is stored of an array in a folder.

    Parameters
    ----------
    n_missing : int
        Pieces that are not there, and count as the fill value.
    n_pieces : int
        Pieces that there may be: chunks, or shards of chunks.
    """

    n_missing: int
    n_pieces: int


def check_array(path: Path, name: str, array: Any, *, may_be_empty: bool) -> Stock:
    """Refuse an array whose pieces are too large, or are not there.

    Parameters
    ----------
    path : Path
        Of the root, or its URL, of whose pieces nothing is known.
    name : str
        Path of the array below the root.
    array : zarr.Array
    may_be_empty : bool
        Whether it may have no piece at all, and be the fill value everywhere.

    Returns
    -------
    Stock

    Raises
    ------
    ReadError
    """
    check_packing(path.name, array.shape, 0, stored=0)
    n_bytes = prod(array.chunks) * array.dtype.itemsize
    in_shard = prod(array.shards or array.chunks) / prod(array.chunks)
    if n_bytes > _MAX_CHUNK_BYTES or in_shard > _MAX_CHUNKS_IN_SHARD:
        sides = " x ".join(f"{side:,}" for side in array.chunks)
        msg = (
            f"{path.name} is stored in chunks of {sides} values, which cannot be read in "
            "parts; write it again with chunks of 1,024 x 1,024"
        )
        raise ReadError(msg)
    pieces = zip(array.shape, array.shards or array.chunks, strict=True)
    n_pieces = prod(-(-length // side) for length, side in pieces)
    if not path.is_dir():
        return Stock(0, n_pieces)
    n_files, stored = _files(path / name)
    if n_files == 0 and not may_be_empty:
        msg = f"{path.name} has no pixels: none of its {n_pieces:,} chunks is there"
        raise ReadError(msg)
    if not may_be_empty:
        needed = prod(array.shape) * array.dtype.itemsize
        check_packing(path.name, array.shape, needed, stored=stored)
    return Stock(max(0, n_pieces - n_files), n_pieces)


def _files(folder: Path) -> tuple[int, int]:
    """Count the files of an array and their bytes, without those of metadata."""
    n_files, n_bytes, left = 0, 0, [str(folder)]
    while left:
        with scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                elif not entry.is_file():  # reading a pipe would never end
                    msg = f"{folder.name} holds {entry.name}, which is no ordinary file"
                    raise ReadError(msg)
                elif entry.name not in ZARR_MARKS:
                    n_files += 1
                    n_bytes += entry.stat().st_size
    return n_files, n_bytes


def _store(path: Path) -> Any:
    from zarr.storage import FsspecStore, LocalStore

    url = url_of(path)
    if url is None:
        return LocalStore(path, read_only=True)
    kind = url.split(":")[0]
    try:
        return FsspecStore.from_url(url, read_only=True)
    except ImportError as error:
        purpose = f"Reading from {kind}:// addresses"
        raise MissingExtraError(purpose, "remote") from error
    except ValueError as error:
        msg = f"{url} is an address of no known kind ({kind}://); try https:// or s3://"
        raise ReadError(msg) from error


def _refuse_large(path: Path) -> None:
    if path.is_file() and path.stat().st_size > _MAX_TEXT_BYTES:
        msg = f"{path.name} of {path.parent.name} is too large for metadata; write it again"
        raise ReadError(msg)
