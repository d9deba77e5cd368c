"""The width of a line along itself, from its mask.

Twice the distance to the background is not the width: it counts to the centre of the
nearest pixel outside, which is 1.3 px too much for the thinnest lines and 0.6 px for lines
of 20 px, more along the axes than askew; and it is read where the skeleton runs, which is
beside the middle. So the distance only tells here how far to look. The width is the length
of the chord at right angles to the centreline: the mask, linear between pixel centres, is
summed along it. For a straight line at any angle and place this has no bias, because it
counts area. Single chords scatter by a third of a pixel; a width is the mean over a few.
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.centreline import Centrelines
from segmetry.measure.compiled import compiled

__all__ = ["mean_along", "widths_from_mask"]

_STEP = 0.25  # px between samples of a chord
_MEAN_OF = 2  # points to either side that a width is the mean of
_LOOSE = 1.25  # a chord this many times twice the distance, and a bit, runs into a branch
_BIT = 1.5  # px

_Floats = NDArray[np.float64]


def widths_from_mask(
    lines: Centrelines,
    mask: NDArray[np.bool_],
    included: NDArray[np.bool_],
    distance: NDArray[np.floating],
) -> _Floats:
    """Return the width of the mask at each point of the lines, in pixels.

    Parameters
    ----------
    lines : Centrelines
    mask : ndarray of bool, shape (Y, X)
    included : ndarray of bool, shape (Y, X)
        Where the mask is known.
    distance : ndarray of float, shape (Y, X)
        Distance of each pixel to the background, in pixels.

    Returns
    -------
    ndarray of float64, shape (P,)
        NaN near free ends, in junctions, and where the edge on either side is cut off or
        is that of another line.

    Examples
    --------
    >>> from segmetry.measure.thin import measure_thin
    >>> bar = np.zeros((9, 40), bool)
    >>> bar[3:6, 5:35] = True
    >>> measure_thin(bar).segments["width_median_px"].round(6).tolist()
    [3.0]
    """
    values = np.ascontiguousarray(mask).view(np.uint8)
    known = np.ascontiguousarray(included).view(np.uint8)
    radii = np.ascontiguousarray(distance, dtype=np.float32)
    chords = _chords(lines.points, lines.tangents, lines.at_end, values, known, radii)
    return mean_along(chords, lines.offsets)


def mean_along(values: _Floats, offsets: NDArray[np.int64]) -> _Floats:
    """Return the mean of each value and those of its neighbours on the same line.

    Parameters
    ----------
    values : ndarray of float64, shape (P,)
        NaN where there is none; that stays so, and counts for no neighbour.
    offsets : ndarray of int64, shape (S + 1,)
        First value of each line, and the number of all.

    Examples
    --------
    >>> mean_along(np.array([1.0, 2.0, 6.0, np.nan, 8.0]), np.array([0, 3, 5]))
    array([ 3.,  3.,  3., nan,  8.])
    """
    return _mean_along(values, offsets, _MEAN_OF)


@compiled
def _mean_along(values: _Floats, offsets: NDArray[np.int64], reach: int) -> _Floats:
    means = np.full(len(values), np.nan)
    for s in range(len(offsets) - 1):
        for k in range(offsets[s], offsets[s + 1]):
            if np.isnan(values[k]):
                continue
            total, count = 0.0, 0
            for i in range(max(k - reach, offsets[s]), min(k + reach + 1, offsets[s + 1])):
                if not np.isnan(values[i]):
                    total += values[i]
                    count += 1
            means[k] = total / count
    return means


@compiled
def _chords(
    points: _Floats,
    tangents: _Floats,
    at_end: NDArray[np.bool_],
    mask: NDArray[np.uint8],
    known: NDArray[np.uint8],
    distance: NDArray[np.float32],
) -> _Floats:
    """Return the length of the chord at each point, NaN where it cannot be told."""
    n_rows, n_columns = mask.shape
    found = np.full(len(points), np.nan)
    for k in range(len(points)):
        if at_end[k]:
            continue
        y, x = points[k]
        row = min(max(int(np.rint(y)), 0), n_rows - 1)
        column = min(max(int(np.rint(x)), 0), n_columns - 1)
        radius = max(distance[row, column], np.float32(1))
        longest = 2 * _LOOSE * radius + _BIT
        half_0 = _half_chord(mask, known, y, x, -tangents[k, 1], tangents[k, 0], longest)
        half_1 = _half_chord(mask, known, y, x, tangents[k, 1], -tangents[k, 0], longest)
        if half_0 + half_1 <= longest:
            found[k] = half_0 + half_1
    return found


@compiled
def _half_chord(
    mask: NDArray[np.uint8],
    known: NDArray[np.uint8],
    y: float,
    x: float,
    dy: float,
    dx: float,
    longest: float,
) -> float:
    """Return the length of mask on one side of a place; NaN where it does not end."""
    n_rows, n_columns = mask.shape
    total, before = 0.0, 1.0
    for i in range(int(longest / _STEP) + 8):
        s = (i + 0.5) * _STEP
        v, u = y + s * dy, x + s * dx
        if not (0 <= v < n_rows - 1 and 0 <= u < n_columns - 1):
            return np.nan
        top, left = int(v), int(u)
        v, u = v - top, u - left
        if not (
            known[top, left]
            and known[top, left + 1]
            and known[top + 1, left]
            and known[top + 1, left + 1]
        ):
            return np.nan
        above = mask[top, left] * (1 - u) + mask[top, left + 1] * u
        below = mask[top + 1, left] * (1 - u) + mask[top + 1, left + 1] * u
        here = above * (1 - v) + below * v
        # Rising again after it was outside: another line, beyond a narrow gap.
        if here == 0 or (here > before and before < 0.5 and s > 1):
            return total
        total += here * _STEP
        before = here
    return np.nan
