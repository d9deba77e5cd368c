"""Objects on disk as runs: stretches along rows, in places of the whole picture.

They take some thirty times less room than pixels, and only those of the rows that a
window shows are looked at.
"""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

import numba
import numpy as np
from numpy.typing import NDArray

from segmetry.large.boxes import Boxes
from segmetry.measure.runs import OBJECT, ROW, START, STOP, find_runs
from segmetry.tiled import Window

__all__ = ["boxes_of", "first_pixels_of", "paint", "runs_of"]

Runs = NDArray[np.int32]


def runs_of(labels: NDArray[np.uint32], window: Window, ids: NDArray[np.uint32]) -> Runs:
    """Return the runs of some objects in a window.

    Parameters
    ----------
    labels : ndarray of uint32, shape (y, x)
    window : Window
        Where they lie in the picture.
    ids : ndarray of uint32, shape (n,)
        Ascending; the objects wanted.

    Returns
    -------
    ndarray of int32, shape (R, 4)
        Row, start, exclusive stop, and the place of the object in `ids`; by row, then by
        start.

    Examples
    --------
    >>> labels = np.array([[0, 7, 7], [2, 2, 0]], np.uint32)
    >>> runs_of(labels, (slice(5, 7), slice(10, 13)), np.array([7], np.uint32)).tolist()
    [[5, 11, 13, 0]]
    """
    contiguous = np.ascontiguousarray(labels).view()
    contiguous.flags.writeable = False
    runs, all_ids = find_runs(contiguous)
    places = np.full(len(all_ids), -1, np.int32)
    _, found, wanted = np.intersect1d(all_ids, ids, assume_unique=True, return_indices=True)
    places[found] = wanted
    runs[:, OBJECT] = places[runs[:, OBJECT]]
    runs = runs[runs[:, OBJECT] >= 0]
    corner = (window[0].start, window[1].start, window[1].start, 0)
    return runs + np.array(corner, dtype=np.int32)


def paint(
    canvas: NDArray[np.uint32], window: Window, runs: Runs, names: NDArray[np.uint32]
) -> None:
    """Write objects into a window, in place.

    Parameters
    ----------
    canvas : ndarray of uint32, shape (y, x)
    window : Window
        Where it lies in the picture.
    runs : ndarray of int32, shape (R, 4)
    names : ndarray of uint32, shape (n,)
        What is written for each object; 0 leaves what is there.

    Examples
    --------
    >>> canvas = np.zeros((1, 4), np.uint32)
    >>> runs = np.array([[5, 0, 12, 0]], np.int32)
    >>> paint(canvas, (slice(5, 6), slice(10, 14)), runs, np.array([9], np.uint32))
    >>> canvas.tolist()
    [[9, 9, 0, 0]]
    """
    rows, columns = window
    first, last = np.searchsorted(runs[:, ROW], [rows.start, rows.stop])
    _paint(canvas, runs[first:last], names, rows.start, columns.start)


@numba.njit(cache=True)
def _paint(canvas, runs, names, top, left):  # type: ignore[no-untyped-def] # pragma: no cover
    width = canvas.shape[1]
    for k in range(len(runs)):
        name = names[runs[k, OBJECT]]
        if name == 0:
            continue
        start = max(runs[k, START] - left, 0)
        stop = min(runs[k, STOP] - left, width)
        row = canvas[runs[k, ROW] - top]
        for x in range(start, stop):
            row[x] = name


def boxes_of(runs: Runs, n_objects: int) -> Boxes:
    """Return the box around each object; each must have a run.

    Examples
    --------
    >>> boxes_of(np.array([[5, 0, 2, 0], [6, 1, 4, 0]], np.int32), 1).tolist()
    [[5, 0, 7, 4]]
    """
    boxes = np.full((n_objects, 4), [2**40, 2**40, 0, 0], dtype=np.int64)
    if not len(runs):
        return boxes
    order = np.argsort(runs[:, OBJECT], kind="stable")
    ordered = runs[order]
    firsts = np.flatnonzero(np.diff(ordered[:, OBJECT], prepend=-1))
    objects = ordered[firsts, OBJECT]
    boxes[objects, 0] = ordered[firsts, ROW]
    boxes[objects, 1] = np.minimum.reduceat(ordered[:, START], firsts)
    boxes[objects, 2] = np.maximum.reduceat(ordered[:, ROW], firsts) + 1
    boxes[objects, 3] = np.maximum.reduceat(ordered[:, STOP], firsts)
    return boxes


def first_pixels_of(runs: Runs, n_objects: int) -> NDArray[np.int64]:
    """Return row and column of the first pixel of each object, as one reads.

    Examples
    --------
    >>> first_pixels_of(np.array([[5, 3, 4, 0], [6, 1, 4, 0]], np.int32), 1).tolist()
    [[5, 3]]
    """
    firsts = np.zeros((n_objects, 2), dtype=np.int64)
    objects, places = np.unique(runs[:, OBJECT], return_index=True)
    firsts[objects] = runs[places][:, [ROW, START]]
    return firsts
