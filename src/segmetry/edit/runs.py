"""Labels as runs: spans that also say which object their pixels belong to.

Neighbours share a side or a corner (8-connectivity), everywhere in this room.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from segmetry.edit.spans import ROW, START, STOP, Spans

__all__ = [
    "LABEL",
    "Runs",
    "components",
    "find",
    "in_order",
    "order_of",
    "paint",
    "place_in",
    "read",
    "touching",
]

Runs = NDArray[np.int64]

LABEL = 3  # the column after ROW, START and STOP

_LONG = 24  # px; copying slices pays where runs are longer than this on average
_AT_ONCE = 2**22  # px of a picture that are looked at in one go, to bound memory


def read(data: NDArray[np.generic], spans: Spans | Runs) -> Runs:
    """Return what labels lie under spans, background included.

    Parameters
    ----------
    data : ndarray of integers or bool, shape (Y, X), C-contiguous
    spans : ndarray of integers, shape (m, 3 or more)
        Sorted, without overlap. Spans that touch stay apart.

    Returns
    -------
    ndarray of int64, shape (k, 4)
        Row, start, stop and label; each span is cut where the label changes.

    Examples
    --------
    >>> data = np.array([[0, 7, 7, 3]], dtype=np.uint32)
    >>> read(data, np.array([[0, 1, 4]], np.int32)).tolist()
    [[0, 1, 3, 7], [0, 3, 4, 3]]
    """
    if len(spans) == 0:
        return np.empty((0, 4), dtype=np.int64)
    flat = data.reshape(-1)
    lengths = spans[:, STOP].astype(np.int64) - spans[:, START]
    begins = spans[:, ROW].astype(np.int64) * data.shape[1] + spans[:, START]
    ends = np.cumsum(lengths)
    values = _gathered(flat, begins, lengths)
    is_first = np.empty(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=is_first[1:])
    is_first[ends - lengths] = True
    first = np.flatnonzero(is_first)
    of_span = np.searchsorted(ends, first, side="right")
    starts = first - (ends - lengths)[of_span] + spans[of_span, START]
    stops = starts + np.diff(first, append=len(values))
    return np.stack([spans[of_span, ROW], starts, stops, values[first]], axis=1, dtype=int)


def find(
    window: NDArray[np.generic], *, row: int = 0, column: int = 0, label: int | None = None
) -> Runs:
    """Return the runs of all values but 0, in reading order.

    Parameters
    ----------
    window : ndarray of integers or bool, shape (Y, X)
        Part of a picture.
    row, column : int
        Where the window's first pixel lies in the picture.
    label : int or None
        Written in place of the values, for a mask. `None` keeps them.

    Returns
    -------
    ndarray of int64, shape (k, 4)

    Examples
    --------
    >>> find(np.array([[0, 5, 5], [2, 0, 0]]), row=10).tolist()
    [[10, 1, 3, 5], [11, 0, 1, 2]]
    """
    n_rows = max(_AT_ONCE // max(window.shape[1], 1), 1)
    parts = [
        _find_in(window[top : top + n_rows], row + top, column)
        for top in range(0, len(window), n_rows)
    ]
    runs = np.concatenate(parts) if parts else np.empty((0, 4), dtype=np.int64)
    if label is not None:
        runs[:, LABEL] = label
    return runs


def paint(
    window: NDArray[np.generic],
    runs: Runs,
    values: NDArray[np.generic],
    *,
    row: int = 0,
    column: int = 0,
) -> None:
    """Write a value into each run, in place; what lies outside the window is left out.

    Parameters
    ----------
    window : ndarray, shape (Y, X), C-contiguous
        Part of a picture.
    runs : ndarray of int64, shape (k, 3 or more)
    values : ndarray, shape (k,)
    row, column : int
        Where the window's first pixel lies in the picture.

    Examples
    --------
    >>> window = np.zeros((1, 4), np.uint32)
    >>> paint(window, np.array([[0, 1, 3]]), np.array([7]))
    >>> window.tolist()
    [[0, 7, 7, 0]]
    """
    height, width = window.shape
    rows = runs[:, ROW] - row
    starts = (runs[:, START] - column).clip(min=0)
    stops = (runs[:, STOP] - column).clip(max=width)
    kept = (rows >= 0) & (rows < height) & (starts < stops)
    begins, lengths = (rows * width + starts)[kept], (stops - starts)[kept]
    flat, values = window.reshape(-1), np.asarray(values, dtype=window.dtype)[kept]
    if lengths.sum() > _LONG * len(lengths) or len(lengths) < _LONG:
        ends = (begins + lengths).tolist()
        for begin, end, value in zip(begins.tolist(), ends, values, strict=True):
            flat[begin:end] = value
        return
    flat[_places(begins, lengths)] = np.repeat(values, lengths)


def touching(runs: Runs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs of runs that touch, by sides or corners, whatever their labels.

    Parameters
    ----------
    runs : ndarray of int64, shape (k, 3 or more)
        In reading order, without overlap.

    Returns
    -------
    first, second : ndarray of int64, shape (p,)
        Positions in `runs`, each pair once, the earlier run first.

    Examples
    --------
    >>> first, second = touching(np.array([[0, 2, 4], [0, 4, 5], [1, 0, 2]]))
    >>> list(zip(first.tolist(), second.tolist()))
    [(0, 1), (0, 2)]
    """
    pitch = int(runs[:, STOP].max(initial=0)) + 2
    line = runs[:, ROW] * pitch
    starts, stops = line + runs[:, START], line + runs[:, STOP]
    beside = np.flatnonzero(starts[1:] == stops[:-1])
    # A run of the next row touches where it starts no later than this one stops, and
    # stops no earlier than this one starts: corners count.
    low = np.searchsorted(stops, starts + pitch, side="left")
    high = np.searchsorted(starts, stops + pitch, side="right")
    counts = (high - low).clip(min=0)
    first = np.repeat(np.arange(len(runs)), counts)
    second = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts - low, counts)
    return np.concatenate([beside, first]), np.concatenate([beside + 1, second])


def components(
    n: int, first: NDArray[np.integer], second: NDArray[np.integer]
) -> NDArray[np.int32]:
    """Return for each of `n` things the number of the group that pairs join it to.

    Examples
    --------
    >>> components(4, np.array([0, 1]), np.array([2, 1])).tolist()
    [0, 1, 0, 2]
    """
    if len(first) == 0:
        return np.arange(n, dtype=np.int32)
    ones = np.ones(len(first), dtype=np.bool_)
    graph = coo_array((ones, (first, second)), shape=(n, n))
    return np.asarray(connected_components(graph.tocsr(), directed=False)[1])


def in_order(runs: Runs) -> Runs:
    """Return runs in reading order.

    Examples
    --------
    >>> in_order(np.array([[1, 0, 2, 5], [0, 7, 9, 5]])).tolist()
    [[0, 7, 9, 5], [1, 0, 2, 5]]
    """
    return runs[order_of(runs)]


def order_of(runs: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return the positions of runs in reading order.

    Examples
    --------
    >>> order_of(np.array([[1, 0, 2], [0, 7, 9]])).tolist()
    [1, 0]
    """
    pitch = int(runs[:, STOP].max(initial=0)) + 1
    # A stable sort of one number merges what is in order already; of two it does not.
    return np.argsort(runs[:, ROW].astype(np.int64) * pitch + runs[:, START], kind="stable")


def place_in(
    runs: NDArray[np.integer], rows: NDArray[np.integer], columns: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Return for each pixel the position of the run that holds it, or -1.

    Parameters
    ----------
    runs : ndarray of int64, shape (k, 3 or more)
        In reading order, without overlap.
    rows, columns : ndarray of integers, shape (n,)

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> place_in(np.array([[3, 2, 6]]), np.array([3, 3]), np.array([5, 6])).tolist()
    [0, -1]
    """
    if len(runs) == 0:
        return np.full(len(rows), -1, dtype=np.int64)
    pitch = max(int(runs[:, STOP].max()), int(np.max(columns, initial=0))) + 1
    wanted = np.asarray(rows, dtype=np.int64) * pitch + columns
    begins = runs[:, ROW].astype(np.int64) * pitch + runs[:, START]
    place = np.searchsorted(begins, wanted, side="right") - 1
    is_held = (place >= 0) & (runs[place, ROW] == rows) & (runs[place, STOP] > columns)
    return np.where(is_held, place, -1)


def _find_in(window: NDArray[np.generic], row: int, column: int) -> Runs:
    height, width = window.shape
    is_end = np.ones((height, width + 1), dtype=np.bool_)
    np.not_equal(window[:, 1:], window[:, :-1], out=is_end[:, 1:-1])
    rows, ends = np.divmod(np.flatnonzero(is_end), width + 1)
    rows, starts, stops = rows[:-1], ends[:-1], ends[1:]
    kept = starts < width
    rows, starts, stops = rows[kept], starts[kept], stops[kept]
    values = window[rows, starts]
    runs = np.stack([rows + row, starts + column, stops + column, values], 1, dtype=int)
    return runs[values != 0]


def _gathered(
    flat: NDArray[np.generic], begins: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.generic]:
    if lengths.sum() > _LONG * len(lengths):
        ends = (begins + lengths).tolist()
        return np.concatenate(
            [flat[a:b] for a, b in zip(begins.tolist(), ends, strict=True)]
        )
    return flat[_places(begins, lengths)]


def _places(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of all pixels of runs in a flat array."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(
        begins - ends + lengths, lengths
    )
