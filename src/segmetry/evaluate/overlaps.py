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
_CHUNK = 4096  # pixels whose runs are found before they are counted
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
def _add_runs(keys, counts, left, right, starts):  # type: ignore[no-untyped-def] # pragma: no cover
    """Add each run's pixels to its pair; return how many pairs are new to the table."""
    n_new = 0
    for run in range(starts.size - 1):
        at = starts[run]
        key = (np.uint64(left[at]) << _HALF) | np.uint64(right[at])
        if key != 0:
            n_new += _add(keys, counts, key, starts[run + 1] - at)
    return n_new


@compiled
def _grown(keys, counts):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the table with four times as many slots."""
    larger = np.zeros(4 * keys.size, np.uint64)
    larger_counts = np.zeros(larger.size, np.int64)
    for slot in range(keys.size):
        if keys[slot] != 0:
            _add(larger, larger_counts, keys[slot], counts[slot])
    return larger, larger_counts


@compiled
def _find_runs(first, second, changes, starts):  # type: ignore[no-untyped-def] # pragma: no cover
    """Fill `starts` with where runs begin; return how many there are.

    Two plain loops without a branch: the first works on many pixels at once, and no
    processor can foresee where a run ends.
    """
    for at in range(1, first.size):
        changes[at] = (first[at] != first[at - 1]) | (second[at] != second[at - 1])
    starts[0] = 0
    n_runs = np.uint64(1)
    for at in range(1, first.size):
        starts[n_runs] = at
        n_runs += np.uint64(changes[at])
    starts[n_runs] = first.size
    return n_runs


@compiled
def _table(first, second):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the hash table: keys of two numbers in one, 0 where a slot is free."""
    keys = np.zeros(_FIRST_SLOTS, np.uint64)
    counts = np.zeros(_FIRST_SLOTS, np.int64)
    changes = np.empty(_CHUNK, np.uint8)
    starts = np.empty(_CHUNK + 1, np.int32)
    n_used = 0
    for begin in range(0, first.size, _CHUNK):
        left = first[begin : begin + _CHUNK]
        right = second[begin : begin + _CHUNK]
        n_runs = _find_runs(left, right, changes, starts)
        while keys.size < 4 * (n_used + n_runs):
            keys, counts = _grown(keys, counts)
        n_used += _add_runs(keys, counts, left, right, starts[: n_runs + np.uint64(1)])
    return keys, counts
