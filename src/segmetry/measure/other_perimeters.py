"""Perimeters as ImageJ and scikit-image define them, to compare with published numbers.

Both drift with size: on discs of radius 5 to 50 px ImageJ's goes from 0 to +5 % and
scikit-image's from -4 to +5 %. Use them for comparison only.
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled
from segmetry.measure.runs import OBJECT, ROW, START, STOP

__all__ = ["imagej_perimeter", "skimage_perimeter"]

_ROOT2 = np.sqrt(2.0)


def imagej_perimeter(
    labels: NDArray[np.uint32],
    piece_starts: NDArray[np.int32],
    *,
    n_objects: int,
    dx: float,
    dy: float,
) -> NDArray[np.float64]:
    """Return the perimeter of each object's outer boundary by ImageJ's rule.

    The sides of the outermost pixels are added up, and each corner is cut short by the
    difference between two sides of a pixel and its diagonal. Of corners one pixel apart,
    as on a staircase, only every second is cut. Where ImageJ starts on the outline can
    change the number of corners by one, that is by 0.6 px.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X), C-contiguous and read-only
    piece_starts : ndarray of int32, shape (P, 3)
        See `Neighbours`.
    n_objects : int
    dx, dy : float
        Width and height of a pixel.

    Examples
    --------
    >>> square = np.ones((4, 4), dtype=np.uint32)
    >>> square.flags.writeable = False
    >>> start = np.zeros((1, 3), dtype=np.int32)
    >>> imagej_perimeter(square, start, n_objects=1, dx=1, dy=1).round(3).tolist()
    [13.657]
    """
    counts = np.zeros((n_objects, 3), dtype=np.int64)
    _follow_sides(labels, piece_starts, counts)
    cut = dx + dy - np.hypot(dx, dy)
    # Not as one product: its last digit would depend on how many objects there are.
    return counts[:, 0] * dx + counts[:, 1] * dy - counts[:, 2] * cut


def skimage_perimeter(
    labels: NDArray[np.uint32], runs: NDArray[np.int32], *, n_objects: int
) -> NDArray[np.float64]:
    """Return the perimeter in pixels as scikit-image's `perimeter` (neighbourhood 4).

    Pixels with a side on the outline count as 1, 1.207 or 1.414, according to how their
    neighbours on the outline lie. Holes and all pieces count.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X), C-contiguous and read-only
    runs : ndarray of int32, shape (R, 4)
        See `find_runs`.
    n_objects : int

    Examples
    --------
    >>> square = np.ones((4, 4), dtype=np.uint32)
    >>> square.flags.writeable = False
    >>> runs = np.array([[y, 0, 4, 0] for y in range(4)], dtype=np.int32)
    >>> skimage_perimeter(square, runs, n_objects=1).tolist()
    [12.0]
    """
    weights = np.zeros(50)
    weights[[5, 7, 15, 17, 25, 27]] = 1
    weights[[21, 33]] = _ROOT2
    weights[[13, 23]] = (1 + _ROOT2) / 2
    totals = np.zeros(n_objects, dtype=np.float64)
    _sum_outline(labels, runs, weights, totals)
    return totals


_STEP_X = np.array([1, 0, -1, 0], dtype=np.int64)  # right, down, left, up
_STEP_Y = np.array([0, 1, 0, -1], dtype=np.int64)
_AHEAD_LEFT_X = np.array([0, 0, -1, -1], dtype=np.int64)  # from a corner of the grid to
_AHEAD_LEFT_Y = np.array([-1, 0, 0, -1], dtype=np.int64)  # the pixel ahead on the left


@compiled
def _is(labels: NDArray[np.uint32], x: int, y: int, label: int) -> bool:
    inside = 0 <= x < labels.shape[1] and 0 <= y < labels.shape[0]
    return inside and labels[y, x] == label


@compiled
def _turn(labels: NDArray[np.uint32], x: int, y: int, direction: int, label: int) -> int:
    """Return the next direction along the pixels' sides, the object on the right."""
    x_left, y_left = x + _AHEAD_LEFT_X[direction], y + _AHEAD_LEFT_Y[direction]
    if _is(labels, x_left, y_left, label):
        return (direction + 3) & 3
    right = (direction + 1) & 3
    if _is(labels, x_left + _STEP_X[right], y_left + _STEP_Y[right], label):
        return direction
    return right


@compiled
def _follow_sides(
    labels: NDArray[np.uint32],
    piece_starts: NDArray[np.int32],
    counts: NDArray[np.int64],
) -> None:
    for k in range(piece_starts.shape[0]):
        x_start, y_start = np.int64(piece_starts[k, 0]), np.int64(piece_starts[k, 1])
        of_object = counts[piece_starts[k, 2]]
        label = labels[y_start, x_start]
        x, y, direction, length = x_start, y_start, 0, 0
        is_cut = True
        of_object[2] += 1
        while True:
            of_object[direction & 1] += 1
            length += 1
            x += _STEP_X[direction]
            y += _STEP_Y[direction]
            after = _turn(labels, x, y, direction, label)
            if x == x_start and y == y_start and after == 0:
                break
            if after != direction:
                is_cut = length > 1 or not is_cut
                of_object[2] += np.int64(is_cut)
                length = 0
            direction = after


@compiled
def _is_outline(labels: NDArray[np.uint32], x: int, y: int, label: int) -> bool:
    return _is(labels, x, y, label) and not (
        _is(labels, x - 1, y, label)
        and _is(labels, x + 1, y, label)
        and _is(labels, x, y - 1, label)
        and _is(labels, x, y + 1, label)
    )


@compiled
def _sum_outline(
    labels: NDArray[np.uint32],
    runs: NDArray[np.int32],
    weights: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    for k in range(runs.shape[0]):
        y = runs[k, ROW]
        label = labels[y, runs[k, START]]
        for x in range(runs[k, START], runs[k, STOP]):
            if not _is_outline(labels, x, y, label):
                continue
            pattern = 1
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    if (dx != 0 or dy != 0) and _is_outline(labels, x + dx, y + dy, label):
                        pattern += 2 if dx == 0 or dy == 0 else 10
            totals[runs[k, OBJECT]] += weights[pattern]
