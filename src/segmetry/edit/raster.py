"""Strokes to pixels, in exact integers: the same pixels here and in the browser.

The rule, all of it. A stroke of width w along points p0, p1, ... holds the pixel with the
centre p where four times the squared distance from p to the path is at most w². To the
segment from a to b, with d = b - a and t = (p - a) . d, the squared distance is |p - a|²
where t <= 0, |p - b|² where t >= d . d, and cross(p - a, d)² / (d . d) between, which is
compared as 4 cross² <= w² (d . d). One point alone is a disc. Nothing is rounded.

No other rule is needed for a thin stroke: at width 1, every row or column that a segment
passes, whichever are more, holds a pixel at most half a pixel from it, so that the line
is joined by sides or corners, without gaps.

Coordinates are at most 2**20 from 0, so that every number fits 53 bits but w² (d . d),
of which only the whole square root is needed.
"""

from collections.abc import Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.spans import Spans, join, n_pixels
from segmetry.errors import EditError, EditTooLargeError

__all__ = [
    "FARTHEST",
    "MOST_PIXELS",
    "MOST_POINTS",
    "WIDEST",
    "checked_points",
    "stroke_spans",
]

WIDEST = 200
MOST_POINTS = 4096
MOST_PIXELS = 16_000_000
FARTHEST = 2**20
_MOST_ROWS = 2**19  # rows of all segments together, so that no scribble takes seconds
_ANYWHERE = 2**40  # beyond every column

_Integers = NDArray[np.int64]


def stroke_spans(
    points: Sequence[Sequence[int]] | NDArray[np.integer],
    width: int,
    shape: tuple[int, int],
) -> Spans:
    """Return the pixels under a round brush that is drawn along points.

    Parameters
    ----------
    points : array_like of integers, shape (n, 2)
        x and y in pixels, at most 4096 points; (0, 0) is the centre of the first pixel.
        They may lie outside the picture.
    width : int
        Diameter of the brush in pixels, 1 to 200.
    shape : tuple of int
        Rows and columns of the picture.

    Returns
    -------
    ndarray of int32, shape (m, 3)
        Row, first column and exclusive last column of each span: sorted, apart, inside
        the picture.

    Raises
    ------
    EditError
        If points or width are none of these.
    EditTooLargeError
        If there are too many points, the stroke covers more than 16 million pixels, or
        its segments more than half a million rows together.

    Examples
    --------
    >>> stroke_spans([[2, 1]], 3, (9, 9)).tolist()
    [[0, 1, 4], [1, 1, 4], [2, 1, 4]]
    >>> stroke_spans([[0, 0], [4, 2]], 1, (9, 9)).tolist()
    [[0, 0, 2], [1, 1, 4], [2, 3, 5]]
    """
    path = checked_points(points, width)
    starts, ends = (path, path) if len(path) == 1 else (path[:-1], path[1:])
    # A brush that rests gives the same segment again and again.
    segments = np.unique(np.concatenate([starts, ends], axis=1), axis=0)
    which, rows = _rows_of(segments, width // 2, shape[0])
    low, high = _columns_of(segments, width, which, rows)
    spans = np.stack([rows, low.clip(min=0), (high + 1).clip(max=shape[1])], axis=1)
    joined = join(spans[spans[:, 1] < spans[:, 2]])
    if n_pixels(joined) > MOST_PIXELS:
        msg = (
            f"a stroke may cover {MOST_PIXELS} pixels, got {n_pixels(joined)}; "
            "draw it in parts or with a thinner brush"
        )
        raise EditTooLargeError(msg)
    return joined


def checked_points(
    points: Sequence[Sequence[int]] | NDArray[np.integer], width: int
) -> _Integers:
    """Return the points of a stroke as an array, or refuse points or width."""
    if len(points) > MOST_POINTS:
        msg = f"a stroke may have {MOST_POINTS} points, got {len(points)}; cut it in parts"
        raise EditTooLargeError(msg)
    if not 1 <= width <= WIDEST:
        msg = f"the brush must be 1 to {WIDEST} pixels wide, got {width}"
        raise EditError(msg)
    path = np.asarray(points)
    if path.ndim != 2 or path.shape[1] != 2 or path.dtype.kind not in "iu":
        msg = (
            "a stroke must be a list of points of two whole numbers, x and y; "
            f"got {path.dtype} of shape {path.shape}"
        )
        raise EditError(msg)
    path = path.astype(np.int64)
    if np.abs(path).max() > FARTHEST:
        msg = f"a stroke must stay within {FARTHEST} pixels, got {np.abs(path).max()}"
        raise EditError(msg)
    return path


def _rows_of(segments: _Integers, reach: int, n_rows: int) -> tuple[_Integers, _Integers]:
    """Return, for every row that each segment covers, the segment and the row."""
    first = (np.minimum(segments[:, 1], segments[:, 3]) - reach).clip(min=0)
    last = (np.maximum(segments[:, 1], segments[:, 3]) + reach).clip(max=n_rows - 1)
    counts = (last - first + 1).clip(min=0)
    total = int(counts.sum())
    if total > _MOST_ROWS:
        msg = (
            f"the segments of a stroke may cover {_MOST_ROWS} rows in all, got {total}; "
            "cut it in parts"
        )
        raise EditTooLargeError(msg)
    which = np.repeat(np.arange(len(segments)), counts)
    before = np.cumsum(counts) - counts
    return which, np.arange(total) - before[which] + first[which]


def _columns_of(
    segments: _Integers, width: int, which: _Integers, rows: _Integers
) -> tuple[_Integers, _Integers]:
    """Return the first and last column of a segment's stroke in a row.

    A stroke along one segment is convex: in a row, what its two discs and the band
    between them hold lies between the smallest and the largest column of the three.
    """
    x0, y0, x1, y1 = segments.T
    dx, dy = x1 - x0, y1 - y0
    length2 = dx**2 + dy**2
    # 4 cross² <= width² length2, in whole numbers.
    limit = np.array([isqrt(width**2 * int(square) // 4) for square in length2])
    up = rows - y0[which]
    cross = _between(dy[which], -up * dx[which], -limit[which], limit[which])
    along = _between(dx[which], up * dy[which], np.ones_like(up), length2[which] - 1)
    low, high = np.maximum(cross[0], along[0]), np.minimum(cross[1], along[1])
    is_empty = low > high
    low = np.where(is_empty, _ANYWHERE, low + x0[which])
    high = np.where(is_empty, -_ANYWHERE, high + x0[which])
    for x, y in ((x0, y0), (x1, y1)):
        half = _half_chords(width, rows - y[which])
        low = np.minimum(low, x[which] - half)
        high = np.maximum(high, x[which] + half)
    return low, high


def _half_chords(width: int, up: _Integers) -> _Integers:
    """Return half of the chord of the brush's disc by rows from its centre; none is far."""
    reach = width // 2
    chords = [isqrt((width**2 - 4 * row**2) // 4) for row in range(reach + 1)]
    up = np.abs(up)
    return np.where(up <= reach, np.array(chords)[up.clip(max=reach)], -_ANYWHERE)


def _between(
    factor: _Integers, offset: _Integers, low: _Integers, high: _Integers
) -> tuple[_Integers, _Integers]:
    """Return the first and last whole u with low <= factor * u + offset <= high."""
    is_flat = factor == 0
    divisor = np.where(is_flat, 1, factor)
    low, high = low - offset, high - offset
    near, far = np.where(factor < 0, high, low), np.where(factor < 0, low, high)
    reach = np.where((low <= 0) & (high >= 0), _ANYWHERE, -_ANYWHERE)
    first = np.where(is_flat, -reach, -(-near // divisor))
    return first, np.where(is_flat, reach, far // divisor)
