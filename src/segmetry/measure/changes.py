"""What became of each object between two label images of one picture."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["compare_labels", "shared_pixels"]

_Ids = NDArray[np.uint32]


def compare_labels(before: _Ids, after: _Ids) -> pd.DataFrame:
    """Return what became of each object: kept, edited, drawn or removed.

    Objects are the same where they have the same number.

    Parameters
    ----------
    before, after : ndarray of uint32, same shape
        Labels of a picture; 0 is background.

    Returns
    -------
    DataFrame
        One row per object of either, ascending by number:

        - `label`
        - `change`: "kept" with the very same pixels, "edited", "drawn" (not there before)
          or "removed".
        - `area_before_px`, `area_after_px`: number of pixels, 0 where it is not there.
        - `related_label`: of a removed object, the one that has most of its pixels now,
          as after a merger; of a drawn one, the one that had most of them, as after a
          split; 0 where there is none.

    Examples
    --------
    >>> before, after = np.array([[1, 1, 2, 0], [1, 1, 1, 7]], np.uint32)
    >>> compare_labels(before, after)[["label", "change", "related_label"]]
       label   change  related_label
    0      1   edited              0
    1      2  removed              1
    2      7    drawn              0
    """
    one, other, counts = shared_pixels(before, after)
    ids = np.union1d(one[one > 0], other[other > 0])
    area_before, area_after = _areas(ids, one, counts), _areas(ids, other, counts)
    same = np.zeros(ids.size, np.int64)
    is_same = (one == other) & (one > 0)
    same[np.searchsorted(ids, one[is_same])] = counts[is_same]
    change = np.full(ids.size, "edited", dtype=object)
    change[(area_before == same) & (area_after == same)] = "kept"
    change[area_before == 0] = "drawn"
    change[area_after == 0] = "removed"
    both = (one > 0) & (other > 0)
    pairs = one[both], other[both], counts[both]
    went = _most(ids, pairs[0], pairs[1], pairs[2])
    came = _most(ids, pairs[1], pairs[0], pairs[2])
    related = np.where(area_after == 0, went, np.where(area_before == 0, came, 0))
    return pd.DataFrame(
        {
            "label": ids,
            "change": change,
            "area_before_px": area_before,
            "area_after_px": area_after,
            "related_label": related,
        }
    )


def shared_pixels(before: _Ids, after: _Ids) -> tuple[_Ids, _Ids, NDArray[np.int64]]:
    """Return every pair of numbers that occurs at some pixel, and at how many.

    Parameters
    ----------
    before, after : ndarray of uint32, same shape

    Returns
    -------
    before, after : ndarray of uint32, shape (n,)
        Ascending; either may be 0.
    counts : ndarray of int64, shape (n,)
        Numbers of pixels.

    Examples
    --------
    >>> pairs = shared_pixels(*np.array([[1, 1, 0], [5, 5, 0]], np.uint32))
    >>> [part.tolist() for part in pairs]
    [[0, 1], [0, 5], [1, 2]]
    """
    one, other = before.ravel(), after.ravel()
    # Runs of pixels of one pair are few, and only they are sorted.
    begins = np.ones(one.size, dtype=bool)
    begins[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    first = np.flatnonzero(begins)
    lengths = np.diff(np.append(first, one.size))
    keys = (one[first].astype(np.uint64) << np.uint64(32)) | other[first]
    pairs, at = np.unique(keys, return_inverse=True)
    counts = np.zeros(pairs.size, np.int64)
    np.add.at(counts, at, lengths)
    left = (pairs >> np.uint64(32)).astype(np.uint32)
    return left, (pairs & np.uint64(2**32 - 1)).astype(np.uint32), counts


def _areas(ids: _Ids, numbers: _Ids, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    areas = np.zeros(ids.size, np.int64)
    used = numbers > 0
    np.add.at(areas, np.searchsorted(ids, numbers[used]), counts[used])
    return areas


def _most(
    ids: _Ids, of: _Ids, partner: _Ids, counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return of each number the partner that shares most pixels with it, or 0."""
    found = np.zeros(ids.size, np.int64)
    order = np.lexsort((-partner.astype(np.int64), counts))  # ties: the smaller one is last
    found[np.searchsorted(ids, of[order])] = partner[order]
    return found
