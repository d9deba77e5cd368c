"""Which objects touch the edge of what was seen: the border, or excluded pixels."""

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled
from segmetry.measure.runs import OBJECT, ROW, START, STOP

__all__ = ["touches_edge"]


def touches_edge(
    runs: NDArray[np.int32],
    box: NDArray[np.int32],
    excluded: NDArray[np.bool_] | None,
    *,
    shape: tuple[int, ...],
) -> NDArray[np.bool_]:
    """Return True for each object that may go on where nothing was seen.

    An object touches the edge if one of its pixels lies in the first or last row or column
    of the picture, is excluded, or has an excluded pixel among its 8 neighbours.

    Parameters
    ----------
    runs : ndarray of int32, shape (R, 4)
        See `find_runs`.
    box : ndarray of int32, shape (N, 4)
        See `Moments`.
    excluded : ndarray of bool, shape (Y, X), read-only, or None
        `None` where nothing is excluded.
    shape : tuple of int
        Rows and columns of the picture.

    Examples
    --------
    >>> box = np.array([[0, 2, 3, 4], [5, 5, 7, 7]], dtype=np.int32)
    >>> touches_edge(np.empty((0, 4), np.int32), box, None, shape=(9, 9)).tolist()
    [True, False]
    """
    n_rows, n_columns = shape
    touches = (box[:, 0] == 0) | (box[:, 1] == 0)
    touches |= (box[:, 2] == n_columns) | (box[:, 3] == n_rows)
    if excluded is not None:
        excluded = np.ascontiguousarray(excluded).view()
        excluded.flags.writeable = False
        _find_contacts(runs, excluded, touches)
    return np.asarray(touches)


@compiled
def _find_contacts(
    runs: NDArray[np.int32], excluded: NDArray[np.bool_], touches: NDArray[np.bool_]
) -> None:
    n_rows, n_columns = excluded.shape
    row_has_excluded = np.zeros(n_rows, dtype=np.bool_)
    for y in range(n_rows):
        row_has_excluded[y] = excluded[y].any()
    for k in range(runs.shape[0]):
        i = runs[k, OBJECT]
        for y in range(max(runs[k, ROW] - 1, 0), min(runs[k, ROW] + 2, n_rows)):
            if touches[i] or not row_has_excluded[y]:
                continue
            for x in range(max(runs[k, START] - 1, 0), min(runs[k, STOP] + 1, n_columns)):
                touches[i] |= excluded[y, x]
