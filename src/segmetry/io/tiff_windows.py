"""Windows of a TIFF file of any size, of which only the pieces in the window are decoded.

Pieces are the tiles or strips of the file. Those decoded last are kept in memory, up to
`_CACHE_BYTES`, because windows that lie side by side share them.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from math import prod
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.io.limits import check_packing
from segmetry.io.source import opened
from segmetry.io.stored import Stored
from segmetry.io.tiff import (
    Planes,
    check_chain,
    check_extent,
    choose_planes,
    described,
    interpreted,
)
from segmetry.tiled import Window

__all__ = ["TiffWindows", "open_tiff"]

_CACHE_BYTES = 2**26
_MAX_PIECE_BYTES = (
    2**26
)  # what is decoded to read one pixel: 64 MiB, a tile of 8,192 x 8,192
_JPEG = (6, 7, 34892, 33007)


@dataclass(frozen=True)
class TiffWindows:
    """The planes of a TIFF file that make one picture, read window by window.

    Parameters
    ----------
    path : Path
    stamp : tuple of int
        Time of the last change and bytes of the file when it was opened.
    page : int or None
    spatial_shape : tuple of int
        Number of rows and columns.
    dims : str
        Axes of what is read, as of `Stored`.
    """

    path: Path
    stamp: tuple[int, int]
    page: int | None
    spatial_shape: tuple[int, int]
    dims: str

    def read(self, window: Window) -> Stored:
        """Return what lies in a window, as it is stored.

        Raises
        ------
        ReadError
            If the file changed since it was opened, or a piece of it is damaged.
        """
        if _stamp(self.path) != self.stamp:
            msg = f"{self.path.name} changed while it was read; start again"
            raise ReadError(msg)
        plan = _plan(self.path, self.stamp, self.page)
        with self.path.open("rb") as file:
            parts = [_window(self, plan, number, file, window) for number in plan.places]
        found = interpreted(self.path.name, np.stack(parts), plan.planes)
        return replace(plan.facts, pixels=found.pixels)


def open_tiff(path: Path, page: int | None) -> TiffWindows:
    """Open a TIFF file that can be read window by window.

    Parameters
    ----------
    path : Path
    page : int or None

    Returns
    -------
    TiffWindows

    Raises
    ------
    ReadError
        If it cannot be read in parts: it is damaged, or packed as a whole.
    """
    stamp = _stamp(path)
    plan = _plan(path, stamp, page)
    frame = plan.planes.frame
    shape = dict(zip(frame.axes, frame.shape, strict=True))
    return TiffWindows(path, stamp, page, (shape["Y"], shape["X"]), plan.facts.dims)


@dataclass(frozen=True, eq=False)
class _Plan:
    """What is known of an open file once and for all; the file itself is closed again."""

    planes: Planes
    places: tuple["_Place", ...]
    facts: Stored  # of one pixel


@dataclass(frozen=True, eq=False)
class _Place:
    """Where the pieces of one plane lie in the file."""

    number: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    start: int | None  # of pixels that follow each other without packing, else None
    decoding: dict[str, Any]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        told = path.stat()
    except OSError as error:
        msg = f"there is no file {path.name} in the folder {path.parent.name or '.'}"
        raise ReadError(msg) from error
    return told.st_mtime_ns, told.st_size


@lru_cache(maxsize=8)
def _plan(path: Path, stamp: tuple[int, int], page: int | None) -> _Plan:  # noqa: ARG001
    from tifffile import TiffFile

    with opened(path) as source:
        if source.path is None:
            msg = f"{path.name} is packed as a whole; unpack it to read it in parts"
            raise ReadError(msg)
        check_chain(source)
        with TiffFile(source.stream, name=source.name) as tif:
            planes = choose_planes(source, tif, page)
            frame = planes.frame
            if frame.imagedepth > 1:
                msg = f"{path.name} stores slices in one page; save them as pages"
                raise ReadError(msg)
            n_values = planes.numbers.size * prod(frame.shape)
            needed = n_values * frame.dtype.itemsize
            check_packing(path.name, frame.shape, needed, stored=source.size)
            for part in planes.pages:
                check_extent(source, part)
            places = _places(path.name, planes)
            stored = interpreted(path.name, _one_pixel(planes), planes)
            frame.decode  # noqa: B018 - made here, while the fields it needs can be read
            return _Plan(planes, places, described(tif, planes, stored))


def _one_pixel(planes: Planes) -> NDArray[Any]:
    frame = planes.frame
    sides = zip(frame.axes, frame.shape, strict=True)
    shape = tuple(length if letter == "S" else 1 for letter, length in sides)
    return np.zeros((planes.numbers.size, *shape), frame.dtype)


def _places(name: str, planes: Planes) -> tuple[_Place, ...]:
    frame = planes.frame
    if not planes.pages:
        start, n_bytes = planes.series.dataoffset, prod(frame.shape) * frame.dtype.itemsize
        if start is None:
            msg = f"{name} stores its planes in a rare way; save it as a tiled TIFF file"
            raise ReadError(msg)
        return tuple(
            _Place(number, (), (), start + int(at) * n_bytes, {})
            for number, at in enumerate(planes.numbers.ravel())
        )
    return tuple(
        _Place(
            number,
            tuple(page.dataoffsets),
            tuple(page.databytecounts),
            page.dataoffsets[0] if _is_plain(page, frame) else None,
            _decoding(page, frame),
        )
        for number, page in enumerate(planes.pages)
    )


def _is_plain(page: Any, frame: Any) -> bool:
    return bool(frame.is_final and page.is_contiguous)


def _decoding(page: Any, frame: Any) -> dict[str, Any]:
    if int(frame.compression) not in _JPEG:
        return {}
    return {"jpegtables": page.jpegtables, "jpegheader": frame.jpegheader}


def _window(
    windows: TiffWindows, plan: _Plan, place: _Place, file: BinaryIO, window: Window
) -> NDArray[Any]:
    frame = plan.planes.frame
    if place.start is not None:
        return _mapped(windows.path, frame, place.start, window)
    rows, columns = window
    n_planes = frame.shaped[0]  # one for each channel where these are stored apart
    found = np.full(
        (n_planes, rows.stop - rows.start, columns.stop - columns.start, frame.shaped[-1]),
        frame.nodata,
        frame.dtype.newbyteorder("="),
    )
    for at in _pieces(windows.path.name, frame, window):
        key = (windows.path, windows.stamp, place.offsets[at], at)
        piece = _CACHE.get(key)
        if piece is None:
            piece = _decoded(windows.path.name, frame, place, at, file)
            _CACHE.put(key, piece)
        _paste(found, piece, window)
    order = "SYXs" if n_planes > 1 else "YXs"
    kept = found if n_planes > 1 else found[0]
    # As the axes of the page: without the axis of samples where there is one sample.
    return kept[..., 0] if "S" not in frame.axes or order == "SYXs" else kept


def _mapped(path: Path, frame: Any, start: int, window: Window) -> NDArray[Any]:
    dtype = frame.dtype.newbyteorder(frame.parent.byteorder)
    whole = np.memmap(path, dtype, "r", start, frame.shape)
    at = tuple(
        {"Y": window[0], "X": window[1]}.get(letter, slice(None)) for letter in frame.axes
    )
    return np.array(whole[at], dtype=dtype.newbyteorder("="))


def _pieces(name: str, frame: Any, window: Window) -> list[int]:
    """Return the numbers of the tiles or strips that a window touches."""
    if frame.is_tiled:
        height, width = frame.tilelength, frame.tilewidth
    else:
        height, width = min(frame.rowsperstrip, frame.imagelength), frame.imagewidth
    n_bytes = height * width * frame.shaped[-1] * frame.dtype.itemsize
    if n_bytes > _MAX_PIECE_BYTES:
        msg = (
            f"{name} has packed pieces of {height:,} x {width:,} pixels, too large "
            "to read it in parts; save it as a tiled TIFF file or as OME-Zarr"
        )
        raise ReadError(msg)
    n_down, n_across = -(-frame.imagelength // height), -(-frame.imagewidth // width)
    rows, columns = window
    down = range(rows.start // height, -(-rows.stop // height))
    across = range(columns.start // width, -(-columns.stop // width))
    return [
        (plane * n_down + i) * n_across + j
        for plane, i, j in product(range(frame.shaped[0]), down, across)
    ]


@dataclass(frozen=True, eq=False)
class _Piece:
    """A decoded tile or strip: `pixels` of axes Y, X, s, or None where none are stored."""

    pixels: NDArray[Any] | None
    plane: int
    top: int
    left: int


def _decoded(name: str, frame: Any, place: _Place, at: int, file: BinaryIO) -> _Piece:
    count = place.counts[at]
    data = None
    if count:
        file.seek(place.offsets[at])
        data = file.read(count)
        if len(data) < count:
            msg = f"{name} is cut off or damaged: a part lies behind its end"
            raise ReadError(msg)
    pixels, (plane, _, top, left, _), _ = frame.decode(data, at, **place.decoding)
    return _Piece(None if pixels is None else pixels[0], plane, top, left)


def _paste(found: NDArray[Any], piece: _Piece, window: Window) -> None:
    if piece.pixels is None:
        return
    rows, columns = window
    height, width = piece.pixels.shape[:2]
    top, bottom = max(rows.start, piece.top), min(rows.stop, piece.top + height)
    left, right = max(columns.start, piece.left), min(columns.stop, piece.left + width)
    found[
        piece.plane,
        top - rows.start : bottom - rows.start,
        left - columns.start : right - columns.start,
    ] = piece.pixels[
        top - piece.top : bottom - piece.top, left - piece.left : right - piece.left
    ]


class _Cache:
    """The pieces that were decoded last, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._used = limit, 0
        self._kept: OrderedDict[Any, _Piece] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> _Piece | None:
        """Return a piece that is kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Any, piece: _Piece) -> None:
        """Keep a piece, and let go of those not asked for the longest."""
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = piece
            self._used += _n_bytes(piece)
            while self._used > self._limit:
                self._used -= _n_bytes(self._kept.popitem(last=False)[1])


def _n_bytes(piece: _Piece) -> int:
    return 0 if piece.pixels is None else piece.pixels.nbytes


_CACHE = _Cache(_CACHE_BYTES)
