"""From outlines and runs of pixels back to label images."""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError, SegmetryWarning
from segmetry.region import FARTHEST

__all__ = ["fill_polygons", "paint_runs"]

_Ints = NDArray[np.int64]

_PIECE = 2**22  # pixels that are painted at a time
# What a small file can ask for without end: objects upon objects, and outlines that go up
# and down all over the picture. Small pictures are not asked.
_MOST_TIMES, _UNASKED_PIXELS = 16, 2**28
_MOST_CROSSINGS, _UNASKED_CROSSINGS = 0.5, 2**24  # a pixel; noise has a quarter


def fill_polygons(
    polygons: Iterable[tuple[int, Sequence[NDArray[Any]]]], shape: tuple[int, int]
) -> NDArray[np.uint32]:
    """Return a label image of polygons.

    A pixel belongs to a polygon if its centre lies within by the even-odd rule, so holes
    are rings like any other. Polygons that share an edge neither overlap nor leave a gap.

    Parameters
    ----------
    polygons : iterable of (int, rings)
        Number of the object, and rings of shape (n, 2): x, y where a pixel (x, y) covers
        the square from (x, y) to (x + 1, y + 1). An object may have several polygons.
        What lies outside of the picture is left out.
    shape : tuple of int
        (Y, X) of the picture.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        As `paint_runs` gives it.

    Raises
    ------
    ReadError
        If corners are farther than any picture is wide, outlines have more sides than a
        picture needs, or objects lie upon each other many times over.

    Examples
    --------
    >>> corners = np.array([[0, 0], [2, 0], [2, 2], [0, 2]])
    >>> fill_polygons([(7, [corners])], (3, 3))
    array([[7, 7, 0],
           [7, 7, 0],
           [0, 0, 0]], dtype=uint32)
    """
    height, width = shape
    numbers: list[int] = []
    rings: list[NDArray[Any]] = []
    polygon_of: list[int] = []
    for number, parts in polygons:
        polygon_of += [len(numbers)] * len(parts)
        rings += parts
        numbers.append(number)
    polygon, row, column = _crossings(rings, polygon_of, shape)
    # Of each row of a polygon the crossings in order: in at the first, out at the second.
    keys = np.sort((polygon * height + row) * (width + 1) + column)
    begin, stop = keys[0::2], keys[1::2]
    row_of, first = np.divmod(begin, width + 1)
    polygon, row = np.divmod(row_of, height)
    return paint_runs(
        np.array(numbers, dtype=np.uint32),
        polygon,
        (row * width + first, stop - begin),
        shape,
    )


def paint_runs(
    numbers: NDArray[np.uint32],
    of: _Ints,
    runs: tuple[_Ints, _Ints],
    shape: tuple[int, ...],
) -> NDArray[np.uint32]:
    """Return a label image of runs of pixels.

    Parameters
    ----------
    numbers : ndarray of uint32, shape (n,)
        Numbers of the objects, or of their parts, in order of importance.
    of : ndarray of int, shape (r,)
        Position in `numbers` of each run.
    runs : tuple of two ndarrays of int, shape (r,)
        First pixel of each run, counted along the rows, and number of pixels.
    shape : tuple of int
        (Y, X) of the picture.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        Where objects overlap, the first keeps the pixels, and a warning says so; another
        tells of objects that no pixel is left of.

    Raises
    ------
    ReadError
        If objects lie upon each other many times over.

    Examples
    --------
    >>> both = np.array([5, 9], dtype=np.uint32)
    >>> runs = np.array([0, 2]), np.array([2, 1])
    >>> paint_runs(both, np.array([0, 1]), runs, (1, 4))
    array([[5, 5, 9, 0]], dtype=uint32)
    """
    order = np.argsort(-of, kind="stable")  # the first are painted last
    start, lengths, of = runs[0][order], runs[1][order], of[order]
    if lengths.sum() > max(_UNASKED_PIXELS, _MOST_TIMES * prod(shape)):
        msg = (
            f"Objects cover {lengths.sum() / prod(shape):,.0f} times the pixels of the "
            f"picture; up to {_MOST_TIMES} are read, for objects overlap little"
        )
        raise ReadError(msg)
    labels = np.zeros(shape, dtype=np.uint32)
    flat = labels.ravel()
    for pixels, painted in _pieces(start, lengths, numbers[of]):
        flat[pixels] = painted
    n_lost = sum(
        int((flat[pixels] != painted).sum())
        for pixels, painted in _pieces(start, lengths, numbers[of])
    )
    if n_lost:
        msg = (
            f"Objects overlap in {n_lost:,} pixels, and a label image holds one number a "
            f"pixel: the first object keeps them."
        )
        warnings.warn(msg, SegmetryWarning, stacklevel=2)
    # Without an overlap every run is still there.
    left = labels if n_lost else numbers[of[lengths > 0]]
    n_gone = np.setdiff1d(numbers, left).size
    if n_gone:
        msg = f"{n_gone:,} objects cover no pixel of the picture and are left out."
        warnings.warn(msg, SegmetryWarning, stacklevel=2)
    return labels


def _pieces(
    start: _Ints, lengths: _Ints, numbers: NDArray[np.uint32]
) -> Iterator[tuple[_Ints, NDArray[np.uint32]]]:
    """Yield the pixels of runs, and the number that each gets, some runs at a time."""
    ends = np.cumsum(lengths)
    n_pieces = int(ends[-1]) // _PIECE + 1 if ends.size else 0
    cuts = np.searchsorted(ends, _PIECE * np.arange(1, n_pieces))
    for part in np.split(np.arange(ends.size), cuts) if n_pieces else ():
        n = lengths[part]
        first = np.cumsum(n) - n
        pixels = np.arange(n.sum()) + np.repeat(start[part] - first, n)
        yield pixels, np.repeat(numbers[part], n)


def _crossings(
    rings: Sequence[NDArray[Any]], polygon_of: Sequence[int], shape: tuple[int, int]
) -> tuple[_Ints, _Ints, _Ints]:
    """Return polygon, row and column of each place where an edge crosses a row.

    A row is crossed at the height of the pixels' centres, and the column is that of the
    first pixel whose centre is not left of the crossing.
    """
    height, width = shape
    if not rings:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    lengths = np.array([len(ring) for ring in rings])
    points = np.concatenate(rings).astype(np.float64)
    if np.abs(points).max() > FARTHEST:
        msg = f"An outline reaches {np.abs(points).max():.3g} pixels, beyond any picture"
        raise ReadError(msg)
    after = np.arange(1, len(points) + 1)
    ends = np.cumsum(lengths)
    after[ends - 1] = ends - lengths
    one, other = points, points[after]
    # From the upper end down, so that two polygons cross a shared edge at the same place.
    is_up = (one[:, 1] > other[:, 1])[:, None]
    upper, lower = np.where(is_up, other, one), np.where(is_up, one, other)
    first = np.clip(np.ceil(upper[:, 1] - 0.5), 0, height).astype(np.int64)
    stop = np.clip(np.ceil(lower[:, 1] - 0.5), 0, height).astype(np.int64)
    n_rows = stop - first
    if n_rows.sum() > max(_UNASKED_CROSSINGS, _MOST_CROSSINGS * height * width):
        msg = (
            f"Outlines cross rows of the picture {n_rows.sum():,} times, more often than "
            f"objects in a picture of {height:,} x {width:,} pixels do"
        )
        raise ReadError(msg)
    edge = np.repeat(np.arange(len(points)), n_rows)
    row = np.arange(n_rows.sum()) + np.repeat(first - np.cumsum(n_rows) + n_rows, n_rows)
    down = (row + 0.5 - upper[edge, 1]) / (lower[edge, 1] - upper[edge, 1])
    x = upper[edge, 0] + down * (lower[edge, 0] - upper[edge, 0])
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)
    polygon = np.repeat(np.asarray(polygon_of), lengths)[edge]
    return polygon, row, column
