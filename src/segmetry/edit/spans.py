"""Sets of pixels as spans: work grows with the pixels touched, not with the picture.

A span is a stretch of pixels along a row: the row, the first column, and the column after
the last. Spans are kept sorted by row, then column; no two of them touch.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROW", "START", "STOP", "Spans", "grow", "join", "n_pixels", "subtract"]

Spans = NDArray[np.int32]

ROW, START, STOP = 0, 1, 2  # columns of a table of spans; STOP is exclusive


def join(spans: NDArray[np.integer]) -> Spans:
    """Return the spans that hold every pixel of `spans` once, sorted and apart.

    Parameters
    ----------
    spans : ndarray of integers, shape (m, 3)
        In any order; they may overlap. No column may be negative.

    Examples
    --------
    >>> join(np.array([[5, 4, 6], [2, 7, 9], [5, 2, 4]])).tolist()
    [[2, 7, 9], [5, 2, 6]]
    """
    if len(spans) == 0:
        return np.empty((0, 3), dtype=np.int32)
    wide = spans.astype(np.int64)
    # Rows laid end to end, one free place between them, make one line of numbers.
    pitch = int(wide[:, STOP].max()) + 1
    line = wide[:, ROW] * pitch
    order = np.argsort(line + wide[:, START], kind="stable")
    starts = (line + wide[:, START])[order]
    stops = np.maximum.accumulate((line + wide[:, STOP])[order])
    is_first = np.ones(len(starts), dtype=np.bool_)
    is_first[1:] = starts[1:] > stops[:-1]
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], len(starts)) - 1
    rows = starts[first] // pitch
    joined = np.stack([rows, starts[first] - rows * pitch, stops[last] - rows * pitch], 1)
    return joined.astype(np.int32)


def grow(spans: Spans, *, shape: tuple[int, int]) -> Spans:
    """Return the spans with all their neighbours, by sides and corners, in the picture.

    Parameters
    ----------
    spans : ndarray of int32, shape (m, 3)
    shape : tuple of int
        Rows and columns of the picture.

    Examples
    --------
    >>> grow(np.array([[0, 3, 4]], np.int32), shape=(9, 9)).tolist()
    [[0, 2, 5], [1, 2, 5]]
    """
    copies = np.concatenate(
        [spans + np.array([step, -1, 1], np.int32) for step in (-1, 0, 1)]
    )
    inside = copies[(copies[:, ROW] >= 0) & (copies[:, ROW] < shape[0])]
    inside[:, START:] = inside[:, START:].clip(0, shape[1])
    return join(inside)


def subtract(spans: Spans, others: Spans) -> Spans:
    """Return the pixels of `spans` that are not among `others`.

    Parameters
    ----------
    spans, others : ndarray of int32, shape (m, 3) and (k, 3)
        Each sorted and apart.

    Examples
    --------
    >>> subtract(np.array([[0, 2, 8]], np.int32), np.array([[0, 4, 5]], np.int32)).tolist()
    [[0, 2, 4], [0, 5, 8]]
    """
    if len(spans) == 0 or len(others) == 0:
        return spans
    pitch = int(max(spans[:, STOP].max(), others[:, STOP].max())) + 1
    ends, signs = [], []
    for table, sign in ((spans, 1), (others, -2)):
        line = table[:, ROW].astype(np.int64) * pitch
        ends += [line + table[:, START], line + table[:, STOP]]
        signs += [np.full(len(table), sign), np.full(len(table), -sign)]
    places = np.concatenate(ends)
    order = np.argsort(places, kind="stable")
    places = places[order]
    # Going along the line, the sum is 1 just where spans are and others are not.
    depth = np.cumsum(np.concatenate(signs)[order])
    kept = np.flatnonzero((depth[:-1] == 1) & (places[1:] > places[:-1]))
    rows = places[kept] // pitch
    left = np.stack([rows, places[kept] - rows * pitch, places[kept + 1] - rows * pitch], 1)
    return left.astype(np.int32)


def n_pixels(spans: NDArray[np.integer]) -> int:
    """Return how many pixels the spans hold.

    Examples
    --------
    >>> n_pixels(np.array([[2, 7, 9], [5, 2, 6]]))
    6
    """
    return int((spans[:, STOP].astype(np.int64) - spans[:, START]).sum())
