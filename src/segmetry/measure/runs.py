"""Objects as runs: stretches of equal label along a row.

All geometry follows from the runs, of which there are some thirty times fewer than pixels.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled

__all__ = ["OBJECT", "ROW", "START", "STOP", "find_runs", "number_objects"]

ROW, START, STOP, OBJECT = 0, 1, 2, 3  # columns of the table of runs; STOP is exclusive

_DENSE = 16  # a look-up table may hold this many ids per run before sorting is cheaper


def find_runs(
    labels: NDArray[np.uint32],
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Return the table of runs, and the ids of the objects.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X), C-contiguous and read-only
        0 is background.

    Returns
    -------
    runs : ndarray of int32, shape (R, 4)
        Columns `ROW`, `START`, `STOP` (exclusive) and `OBJECT`, the position in `ids`.
        Ordered by row, then by start.
    ids : ndarray of uint32, shape (N,)
        The labels in use, ascending.

    Examples
    --------
    >>> labels = np.array([[0, 7, 7, 3], [7, 0, 0, 0]], dtype=np.uint32)
    >>> labels.flags.writeable = False
    >>> runs, ids = find_runs(labels)
    >>> runs.tolist(), ids.tolist()
    ([[0, 1, 3, 1], [0, 3, 4, 0], [1, 0, 1, 1]], [3, 7])
    """
    runs, run_ids = _collect_runs(labels)
    ids, runs[:, OBJECT] = number_objects(run_ids)
    return runs, ids


def number_objects(
    run_ids: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[Any]]:
    """Return the ids in use, ascending, and for each run the position of its id.

    Parameters
    ----------
    run_ids : ndarray of uint32, shape (R,)
        Anything from 1 to 2**32 - 1, in any order.

    Examples
    --------
    >>> number_objects(np.array([9, 4, 9], dtype=np.uint32))[1].tolist()
    [1, 0, 1]
    """
    highest = int(run_ids.max(initial=0))
    if highest > _DENSE * run_ids.size + 1024:
        ids, positions = np.unique(run_ids, return_inverse=True)
        return ids, positions
    in_use = np.zeros(highest + 1, dtype=np.bool_)
    in_use[run_ids] = True
    ids = np.flatnonzero(in_use).astype(np.uint32)
    look_up = np.cumsum(in_use, dtype=np.int32) - 1
    return ids, look_up[run_ids]


@compiled
def _collect_runs(
    labels: NDArray[np.uint32],
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Return the table of runs, its last column empty, and the id of each run."""
    n_rows, n_columns = labels.shape
    # Most pictures have far fewer runs; the table doubles when a row may not fit.
    room = n_rows * n_columns // 32 + n_columns
    runs = np.empty((room, 4), dtype=np.int32)
    run_ids = np.empty(room, dtype=np.uint32)
    k = 0
    for y in range(n_rows):
        if room - k < n_columns:
            room = 2 * room
            more, more_ids = np.empty((room, 4), np.int32), np.empty(room, np.uint32)
            more[:k], more_ids[:k] = runs[:k], run_ids[:k]
            runs, run_ids = more, more_ids
        row = labels[y]
        x = 0
        while x < n_columns:
            start, label = x, row[x]
            while x < n_columns and row[x] == label:
                x += 1
            if label != 0:
                runs[k, ROW], runs[k, START], runs[k, STOP] = y, start, x
                run_ids[k] = label
                k += 1
    return runs[:k], run_ids[:k]
