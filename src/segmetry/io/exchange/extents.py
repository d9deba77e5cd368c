"""Where the objects of a label image lie, from its runs along rows and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ColumnRuns", "Extents", "column_runs", "extents_of"]


@dataclass(frozen=True, eq=False)
class Extents:
    """Where each object lies; one row per object, ascending by number.

    Parameters
    ----------
    labels : ndarray of uint32, shape (n,)
    areas : ndarray of int, shape (n,)
        In pixels.
    boxes : ndarray of int, shape (n, 4)
        First x, first y, and exclusive last x, last y: corners of pixels.
    centroids : ndarray of float, shape (n, 2)
        x, y; the centre of the first pixel is (0, 0).
    variances : ndarray of float, shape (n, 3)
        Of x, of y, and the covariance of the centres of its pixels, in squared pixels.
    """

    labels: NDArray[np.uint32]
    areas: NDArray[np.int64]
    boxes: NDArray[np.int64]
    centroids: NDArray[np.float64]
    variances: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ColumnRuns:
    """Pixels of each object in runs down the columns, which go on in the next column.

    Parameters
    ----------
    labels : ndarray of uint32, shape (n,)
        Ascending.
    runs : tuple of ndarray of int, shape (r, 2)
        For each object start and length of its runs, counted from 0.
    """

    labels: NDArray[np.uint32]
    runs: tuple[NDArray[np.int64], ...]


def extents_of(labels: NDArray[Any]) -> Extents:
    """Return where the objects of a label image lie.

    Parameters
    ----------
    labels : ndarray of integers, shape (Y, X)

    Examples
    --------
    >>> found = extents_of(np.array([[0, 7, 7], [0, 7, 7]]))
    >>> found.boxes.tolist(), found.centroids.tolist()
    ([[1, 0, 3, 2]], [[1.5, 0.5]])
    """
    width = labels.shape[1]
    begins = np.ones(labels.shape, dtype=bool)
    begins[:, 1:] = labels[:, 1:] != labels[:, :-1]
    numbers, start, lengths = _runs(labels.ravel(), begins.ravel())
    ids, at, first = _by_number(numbers)
    if not ids.size:
        return Extents(ids, *(np.empty((0, *side), dtype) for side, dtype in _EMPTY))
    y, x = np.divmod(start[at], width)
    lengths = lengths[at]
    areas = np.add.reduceat(lengths, first)
    boxes = (
        *(np.minimum.reduceat(x, first), np.minimum.reduceat(y, first)),
        *(np.maximum.reduceat(x + lengths, first), np.maximum.reduceat(y + 1, first)),
    )
    middles = np.stack([(2 * x + lengths - 1) / 2, y.astype(np.float64)], axis=1)
    sums = np.add.reduceat(middles * lengths[:, None], first)
    centroids = sums / areas[:, None]
    n_runs = np.diff(np.append(first, lengths.size))
    dx, dy = (middles - np.repeat(centroids, n_runs, axis=0)).T
    within = (lengths.astype(np.float64) ** 2 - 1) / 12  # of a run about its own middle
    squares = np.stack([dx**2 + within, dy**2, dx * dy], axis=1) * lengths[:, None]
    variances = np.add.reduceat(squares, first) / areas[:, None]
    return Extents(ids, areas, np.stack(boxes, axis=1), centroids, variances)


_EMPTY = (((), np.int64), ((4,), np.int64), ((2,), np.float64), ((3,), np.float64))


def column_runs(labels: NDArray[Any]) -> ColumnRuns:
    """Return the objects of a label image as runs down the columns.

    Parameters
    ----------
    labels : ndarray of integers, shape (Y, X)

    Examples
    --------
    >>> column_runs(np.array([[0, 7, 7], [0, 7, 0]])).runs[0].tolist()
    [[2, 3]]
    """
    flat = labels.T.ravel()
    begins = np.ones(flat.size, dtype=bool)
    begins[1:] = flat[1:] != flat[:-1]
    numbers, start, lengths = _runs(flat, begins)
    ids, at, first = _by_number(numbers)
    if not ids.size:
        return ColumnRuns(ids, ())
    runs = np.stack([start[at], lengths[at]], axis=1)
    return ColumnRuns(ids, tuple(np.split(runs, first[1:])))


def _runs(
    flat: NDArray[Any], begins: NDArray[np.bool_]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Return number, start and length of the runs of objects."""
    start = np.flatnonzero(begins)
    lengths = np.diff(np.append(start, flat.size))
    numbers = flat[start]
    is_object = numbers > 0
    return numbers[is_object].astype(np.uint32), start[is_object], lengths[is_object]


def _by_number(
    numbers: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers in use, an order by number, and where each begins in it."""
    order = np.argsort(numbers, kind="stable")
    ids, first = np.unique(numbers[order], return_index=True)
    return ids, order, first
