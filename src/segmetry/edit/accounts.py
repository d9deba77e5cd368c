"""Keeping boxes, areas and origins of objects true while their pixels change."""

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.change import AFTER, BEFORE
from segmetry.edit.runs import LABEL, Runs
from segmetry.edit.spans import ROW, START, STOP
from segmetry.edit.table import DRAWN, EDITED, FOUND, Objects, extents

__all__ = ["rows_after", "tight_box"]

_WHOLE = 2**16  # px of a box that is searched as a whole
_STRIP = 8  # rows or columns of a larger box that are searched at first

Sides = NDArray[np.int32]


def rows_after(before: Objects, runs: Runs, data: NDArray[np.uint32]) -> Objects:
    """Return the rows of objects after their pixels changed.

    An object is drawn where a person painted every pixel of it, found where nobody
    changed it, and edited else.

    Parameters
    ----------
    before : ndarray of `OBJECT`, shape (n,)
        All objects in `runs`, ascending.
    runs : ndarray of int64, shape (k, 5)
        See `Change`.
    data : ndarray of uint32, shape (Y, X)
        Labels after the change.
    """
    after = before.copy()
    labels, areas, boxes = after["label"], after["area"], after["box"]
    _set_origins(before, after, runs)
    gaining, gained, outer = extents(runs[runs[:, AFTER] > 0][:, [ROW, START, STOP, AFTER]])
    k = np.searchsorted(labels, gaining)
    is_new = (areas[k] == 0)[:, np.newaxis]
    low, high = outer[:, :2], outer[:, 2:]
    boxes[k, :2] = np.where(is_new, low, np.minimum(boxes[k, :2], low))
    boxes[k, 2:] = np.where(is_new, high, np.maximum(boxes[k, 2:], high))
    areas[k] += gained
    losing, lost, outer = extents(runs[runs[:, BEFORE] > 0, : LABEL + 1])
    k = np.searchsorted(labels, losing)
    areas[k] -= lost
    at_side = (outer[:, :2] <= boxes[k, :2]) | (outer[:, 2:] >= boxes[k, 2:])
    for i in k[at_side.any(axis=1) & (areas[k] > 0)]:
        boxes[i] = tight_box(data, int(labels[i]), boxes[i])
    gone = areas == 0
    boxes[gone], after["origin"][gone], after["accepted"][gone] = 0, FOUND, False
    return after


def tight_box(data: NDArray[np.uint32], label: int, box: Sides) -> Sides:
    """Return the box of an object that lies somewhere in a larger box.

    Examples
    --------
    >>> data = np.zeros((9, 9), np.uint32)
    >>> data[3:5, 2:7] = 8
    >>> tight_box(data, 8, np.array([0, 0, 9, 9])).tolist()
    [2, 3, 7, 5]
    """
    x0, y0, x1, y1 = (int(side) for side in box)
    if (x1 - x0) * (y1 - y0) <= _WHOLE:
        mask = data[y0:y1, x0:x1] == label
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        sides = [x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1]
        return np.array(sides, dtype=np.int32)
    window = data[y0:y1, x0:x1]
    top, bottom = _first(window, label), _first(window[::-1], label)
    turned = window[top : len(window) - bottom].T
    left, right = _first(turned, label), _first(turned[::-1], label)
    return np.array([x0 + left, y0 + top, x1 - right, y1 - bottom], dtype=np.int32)


def _set_origins(before: Objects, after: Objects, runs: Runs) -> None:
    labels = before["label"].astype(np.int64)
    is_drawn = (before["area"] > 0) & (before["origin"] == DRAWN)
    drawn = np.append(labels[is_drawn], 0)
    foreign = runs[(runs[:, AFTER] > 0) & ~np.isin(runs[:, BEFORE], drawn), AFTER]
    is_touched = np.isin(labels, runs[:, BEFORE:])
    is_painted = is_drawn | (before["area"] == 0)
    stays_drawn = is_painted & ~np.isin(labels, foreign)
    after["origin"][is_touched] = np.where(stays_drawn, DRAWN, EDITED)[is_touched]


def _first(window: NDArray[np.uint32], label: int) -> int:
    """Return the first row of a window in which an object is."""
    row, height = 0, _STRIP
    while True:
        rows = np.flatnonzero((window[row : row + height] == label).any(axis=1))
        if len(rows):
            return row + int(rows[0])
        row, height = row + height, 2 * height
