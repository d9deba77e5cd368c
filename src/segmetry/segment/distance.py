"""How far each pixel of a foreground is from the background, exactly.

OpenCV's precise distance compares squares of columns in float32, which are exact up to
column 4096 only: in a wider picture, the distance of a pixel would depend on where in the
picture it lies.

References
----------
A. Meijster, J. B. T. M. Roerdink, W. H. Hesselink, "A general algorithm for computing
distance transforms in linear time", Mathematical Morphology and its Applications, 2000.
doi:10.1007/0-306-47025-X_36
"""

# ruff: noqa: ANN001, ANN202 - types are inferred

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["distance_to_background"]

_NONE = 2**30  # pixels: no background in this column


def distance_to_background(foreground: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the Euclidean distance of each pixel to the nearest one of the background.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)
        What lies beyond its frame counts neither as foreground nor as background.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        In pixels; 0 in the background, and 1 everywhere where there is none.

    Examples
    --------
    >>> foreground = np.array([[0, 1, 1, 1], [1, 1, 1, 1]], dtype=bool)
    >>> distance_to_background(foreground).round(2)
    array([[0.  , 1.  , 2.  , 3.  ],
           [1.  , 1.41, 2.24, 3.16]], dtype=float32)
    """
    if foreground.all():
        return np.ones(foreground.shape, np.float32)
    return np.asarray(_distances(np.ascontiguousarray(foreground)))


@numba.njit(cache=True)
def _along_columns(foreground):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return how far the nearest background in the same column is."""
    height, width = foreground.shape
    steps = np.zeros((height, width), np.int32)
    for x in range(width):
        steps[0, x] = _NONE if foreground[0, x] else 0
    for y in range(1, height):
        for x in range(width):
            if foreground[y, x]:
                steps[y, x] = min(steps[y - 1, x] + 1, _NONE)
    for y in range(height - 2, -1, -1):
        for x in range(width):
            steps[y, x] = min(steps[y, x], steps[y + 1, x] + 1)
    return steps


@numba.njit(cache=True)
def _distances(foreground):  # type: ignore[no-untyped-def] # pragma: no cover
    height, width = foreground.shape
    steps = _along_columns(foreground)
    result = np.zeros((height, width), np.float32)
    site = np.empty(width + 2, np.int64)  # columns whose background is nearest ...
    begin = np.empty(width + 2, np.int64)  # ... from this column on
    for y in range(height):
        stop = 0
        while stop < width:
            start = stop
            while start < width and not foreground[y, start]:
                start += 1
            stop = start
            while stop < width and foreground[y, stop]:
                stop += 1
            if start < stop:
                _along_run(steps[y], start, stop, site, begin, result[y])
    return result


@numba.njit(cache=True)
def _along_run(steps, start, stop, site, begin, result):  # type: ignore[no-untyped-def] # pragma: no cover
    """Fill the distances of a run: the background at its ends is nearer than any beyond."""
    n = -1
    for u in range(max(start - 1, 0), min(stop + 1, len(steps))):
        if steps[u] == _NONE:
            continue
        own = np.int64(steps[u]) ** 2
        while n >= 0:
            at, other = begin[n], site[n]
            before = (at - other) ** 2 + np.int64(steps[other]) ** 2
            if before <= (at - u) ** 2 + own:
                break
            n -= 1
        if n < 0:
            n, site[0], begin[0] = 0, u, start
            continue
        other = site[n]
        above = np.int64(u) ** 2 - other**2 + own - np.int64(steps[other]) ** 2
        first = 1 + above // (2 * (u - other))
        if first < stop:
            n += 1
            site[n], begin[n] = u, first
    for x in range(stop - 1, start - 1, -1):
        while begin[n] > x:
            n -= 1
        squared = (x - site[n]) ** 2 + np.int64(steps[site[n]]) ** 2
        result[x] = np.float32(np.sqrt(np.float64(squared)))
