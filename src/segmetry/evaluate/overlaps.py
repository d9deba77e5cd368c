"""The compiled count of pixels that each pair of objects shares.

Both label images are walked once, side by side. A run of pixels with the same two
numbers is counted as one and added to a hash table, which grows with the number of
pairs that occur, not with the numbers themselves nor with the square of the objects.
"""

# ruff: noqa: ANN001, ANN202 - types are inferred

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled

__all__ = ["count_pairs"]

_FIRST_SLOTS = 1024  # a power of two, as all sizes of the table
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: neighbours land far apart
_HALF = np.uint64(32)


def count_pairs(
    first: NDArray[np.uint32], second: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64]]:
    """Return every pair of numbers that occurs at some pixel, and at how many.

    Parameters
    ----------
    first, second : ndarray of uint32, same shape
        Label images; 0 is background.

    Returns
    -------
    first_ids, second_ids : ndarray of uint32, shape (n,)
        Ascending by the first number, then the second. Either may be 0, but not both.
    counts : ndarray of int64, shape (n,)
        Number of pixels.

    Examples
    --------
    >>> first, second = np.array([[1, 1, 0], [5, 5, 0]], np.uint32)
    >>> [part.tolist() for part in count_pairs(first, second)]
    [[1], [5], [2]]
    """
    keys, counts = _table(_flat(first), _flat(second))
    used = keys > 0
    keys, counts = keys[used], counts[used]
    order = np.argsort(keys)
    keys = keys[order]
    left = (keys >> _HALF).astype(np.uint32)
    return left, keys.astype(np.uint32), counts[order]


def _flat(labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return a read-only view in one dimension: one kind of array, one compilation."""
    flat = np.ascontiguousarray(labels).reshape(-1).view()
    flat.flags.writeable = False
    return flat


@compiled
def _add(keys, counts, key, count):  # type: ignore[no-untyped-def] # pragma: no cover
    """Add to the count of a key; return whether the key is new to the table."""
    last = np.uint64(keys.size - 1)
    mixed = key * _SPREAD
    slot = (mixed ^ (mixed >> _HALF)) & last
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + np.uint64(1)) & last
    new = keys[slot] == 0
    keys[slot] = key
    counts[slot] += count
    return new


@compiled
def _table(first, second):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the hash table: keys of two numbers in one, 0 where a slot is free."""
    keys = np.zeros(_FIRST_SLOTS, np.uint64)
    counts = np.zeros(_FIRST_SLOTS, np.int64)
    n_used, start = 0, 0
    while start < first.size:
        left, right = first[start], second[start]
        stop = start + 1
        while stop < first.size and first[stop] == left and second[stop] == right:
            stop += 1
        key = (np.uint64(left) << _HALF) | np.uint64(right)
        if key != 0:
            n_used += _add(keys, counts, key, stop - start)
        start = stop
        if 2 * n_used > keys.size:
            old_keys, old_counts = keys, counts
            keys = np.zeros(4 * old_keys.size, np.uint64)
            counts = np.zeros(keys.size, np.int64)
            for slot in range(old_keys.size):
                if old_keys[slot] != 0:
                    _add(keys, counts, old_keys[slot], old_counts[slot])
    return keys, counts
