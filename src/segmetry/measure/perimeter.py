"""The perimeter: length of the outer boundary, estimated from its chain code.

The boundary of each piece is followed from pixel centre to pixel centre. Steps along x,
steps along y, diagonal steps and changes of direction are counted, and weighted so that
straight edges of all directions come out right on average with the least scatter: for
square pixels 0.980, 0.980, 1.406 and -0.091 [1]_. For other pixels the weights of the same
four counts are fitted here by the same condition.

The chain runs half a pixel inside the edge. For a convex piece that costs the perimeter of
one pixel, which is added: pi for a round pixel of diameter 1, and the perimeter of an
ellipse where pixels are not square.

References
----------
.. [1] A. M. Vossepoel, A. W. M. Smeulders, "Vector code probability and metrication error
       in the representation of straight lines of finite length", Computer Graphics and
       Image Processing 20, 1982. doi:10.1016/0146-664X(82)90057-X
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled

__all__ = ["chain_code_perimeter", "chain_weights"]

_X_STEP, _Y_STEP, _DIAGONAL, _X_CORNER, _Y_CORNER = range(5)
_SQUARE = (0.980, 0.980, 1.406, -0.091, -0.091)
_SAME = 1e-6  # sides of a pixel that differ by a smaller share are equal


def chain_code_perimeter(
    labels: NDArray[np.uint32],
    piece_starts: NDArray[np.int32],
    *,
    n_objects: int,
    dx: float,
    dy: float,
) -> NDArray[np.float64]:
    """Return the perimeter of each object, the sum over its pieces, without its holes.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X), C-contiguous and read-only
    piece_starts : ndarray of int32, shape (P, 3)
        See `Neighbours`.
    n_objects : int
    dx, dy : float
        Width and height of a pixel.

    Returns
    -------
    ndarray of float64, shape (N,)
        In the unit of `dx` and `dy`.

    Notes
    -----
    Below about 10 px across no definition of the perimeter is good to 2 %, and above a
    side ratio of 3 of the pixels the best weights still scatter by 3 % with direction.
    """
    counts = np.zeros((n_objects, 5), dtype=np.int64)
    _follow_boundaries(labels, piece_starts, counts)
    weights = np.array(chain_weights(dy / dx)) * dx
    n_pieces = np.bincount(piece_starts[:, 2], minlength=n_objects)
    # Corners are counted twice, because some belong half to x and half to y.
    weights[_X_CORNER:] /= 2
    return counts @ weights + n_pieces * _ellipse_perimeter(dx, dy)


@cache
def chain_weights(ratio: float) -> tuple[float, ...]:
    """Return the weights of x steps, y steps, diagonal steps, x corners and y corners.

    Corners between an x step and a diagonal step are x corners, those between a y step and
    a diagonal step y corners. The weights minimise the mean squared relative error over
    long straight lines of all directions, without mean error.

    Parameters
    ----------
    ratio : float
        Height of a pixel over its width.

    Examples
    --------
    >>> chain_weights(1.0)
    (0.98, 0.98, 1.406, -0.091, -0.091)
    >>> [round(weight, 2) for weight in chain_weights(2.0)]
    [0.94, 1.99, 2.24, -0.23, -0.07]
    """
    if abs(ratio - 1) < _SAME:
        return _SQUARE
    counts = _counts_of_straight_lines(ratio)
    normal = np.zeros((6, 6))
    normal[:5, :5] = counts.T @ counts / len(counts)
    normal[:5, 5] = normal[5, :5] = counts.mean(axis=0)
    solution = np.linalg.lstsq(normal, np.append(normal[5, :5], 1), rcond=None)[0]
    return tuple(float(weight) for weight in solution[:5])


def _counts_of_straight_lines(ratio: float) -> NDArray[np.float64]:
    angle = (np.arange(4096) + 0.5) / 4096 * np.pi / 2
    columns, rows = np.cos(angle), np.sin(angle) / ratio
    flat = columns >= rows
    diagonal = np.minimum(columns, rows)
    straight = np.maximum(columns, rows) - diagonal
    corners = 2 * np.minimum(diagonal, straight)
    counts = [straight * flat, straight * ~flat, diagonal, corners * flat, corners * ~flat]
    return np.stack(counts, axis=1)


def _ellipse_perimeter(dx: float, dy: float) -> float:
    """Perimeter of an ellipse with full axes `dx` and `dy`, by the trapezoidal rule.

    The rule converges exponentially for a periodic function; 256 points are plenty.
    """
    angle = np.arange(256) * (2 * np.pi / 256)
    speed = np.hypot(dx * np.sin(angle), dy * np.cos(angle)) / 2
    return float(speed.mean() * 2 * np.pi)


_STEP_X = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)  # clockwise on the screen
_STEP_Y = np.array([0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)
_KIND = np.array([_X_STEP, _DIAGONAL, _Y_STEP, _DIAGONAL] * 2, dtype=np.int64)


@compiled
def _next_direction(labels: NDArray[np.uint32], x: int, y: int, first: int) -> int:
    """Direction of the first neighbour of equal label, clockwise from `first`, or -1."""
    label = labels[y, x]
    for turn in range(8):
        direction = (first + turn) & 7
        x_next, y_next = x + _STEP_X[direction], y + _STEP_Y[direction]
        if (
            0 <= x_next < labels.shape[1]
            and 0 <= y_next < labels.shape[0]
            and labels[y_next, x_next] == label
        ):
            return direction
    return -1


@compiled
def _count_corner(counts: NDArray[Any], before: int, after: int) -> None:
    if before == after:
        return
    one, other = min(_KIND[before], _KIND[after]), max(_KIND[before], _KIND[after])
    if one == _X_STEP and other == _DIAGONAL:
        counts[_X_CORNER] += 2
    elif one == _Y_STEP and other == _DIAGONAL:
        counts[_Y_CORNER] += 2
    else:
        counts[_X_CORNER] += 1
        counts[_Y_CORNER] += 1


@compiled
def _follow_boundaries(
    labels: NDArray[np.uint32],
    piece_starts: NDArray[np.int32],
    counts: NDArray[np.int64],
) -> None:
    for k in range(piece_starts.shape[0]):
        x_start, y_start = np.int64(piece_starts[k, 0]), np.int64(piece_starts[k, 1])
        of_object = counts[piece_starts[k, 2]]
        start_direction = _next_direction(labels, x_start, y_start, 0)
        if start_direction < 0:
            continue
        x, y, direction = x_start, y_start, start_direction
        while True:
            of_object[_KIND[direction]] += 1
            x += _STEP_X[direction]
            y += _STEP_Y[direction]
            # The last neighbour looked at was no part of the object: go on after it.
            after = _next_direction(labels, x, y, direction + 7 - (direction & 1))
            _count_corner(of_object, direction, after)
            direction = after
            if x == x_start and y == y_start and direction == start_direction:
                break
