"""Labels as another program left them, against what they were."""

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.change import AFTER
from segmetry.edit.plan import Ground, Plan
from segmetry.edit.runs import LABEL, Runs, find, read
from segmetry.edit.spans import ROW, START
from segmetry.errors import EditError

__all__ = ["differing", "taken"]


def differing(before: NDArray[np.uint32], after: NDArray[np.uint32]) -> Runs:
    """Return the runs in which labels differ, with the labels before and after.

    Parameters
    ----------
    before, after : ndarray of uint32, shape (Y, X), C-contiguous

    Returns
    -------
    ndarray of int64, shape (k, 5)
        In reading order; see `segmetry.edit.Change`.

    Examples
    --------
    >>> before, after = np.array([[[0, 7, 7, 3]], [[0, 7, 8, 8]]], dtype=np.uint32)
    >>> differing(before, after).tolist()
    [[0, 2, 3, 7, 8], [0, 3, 4, 3, 8]]
    """
    spans = find(after != before)[:, :LABEL]
    under = read(before, spans)
    runs = read(after, under[:, :LABEL])
    of_run = before[runs[:, ROW], runs[:, START]]
    return np.insert(runs, LABEL, of_run, axis=1)


def taken(ground: Ground, data: NDArray[np.integer]) -> Plan:
    """Plan to make labels what another program has left of them.

    Objects that are there keep their numbers, in as many pieces as they were left. Others
    get numbers that were never given, in the order of those that they came with: a number
    that an object had which is gone means that object for ever. Excluded pixels stay as
    they are.

    Parameters
    ----------
    ground : Ground
    data : ndarray of integers, shape (Y, X)

    Raises
    ------
    EditError
        If the shape is another, or these are no numbers of objects.
    """
    now = np.ascontiguousarray(_checked(data, ground.shape))
    if ground.excluded is not None:
        now = np.where(ground.excluded, ground.data, now)
    runs = differing(ground.data, now)
    numbers = np.unique(runs[:, AFTER])
    is_known = np.isin(numbers, np.append(ground.there(numbers), 0))
    new = numbers[~is_known]
    numbers[~is_known] = np.arange(ground.next_id, ground.next_id + len(new))
    places = np.searchsorted(np.unique(runs[:, AFTER]), runs[:, AFTER])
    runs[:, AFTER] = numbers[places]
    return Plan(runs)


def _checked(data: NDArray[np.integer], shape: tuple[int, int]) -> NDArray[np.uint32]:
    if data.shape != shape:
        msg = f"labels of shape {shape} cannot become those of shape {data.shape}"
        raise EditError(msg)
    if data.dtype.kind not in "iu":
        msg = f"labels must be whole numbers, got {data.dtype}"
        raise EditError(msg)
    lowest, highest = int(data.min()), int(data.max())
    if lowest < 0 or highest > np.iinfo(np.uint32).max:
        msg = f"labels must be from 0 to 4294967295, got {lowest} to {highest}"
        raise EditError(msg)
    return data.astype(np.uint32)
