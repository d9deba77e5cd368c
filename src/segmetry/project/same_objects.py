"""Which objects of a file are those that a picture has, after edits in another program."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.changes import shared_pixels

__all__ = ["with_known_numbers"]

_Ids = NDArray[np.uint32]


def with_known_numbers(
    before: _Ids, edited: _Ids, *, unnamed: Collection[int] = ()
) -> _Ids:
    """Return edited labels under the numbers that their objects had before.

    An object is the one of its number where the file tells the number itself and the two
    share a pixel: a number means one thing in one place. All others are what they share
    most pixels with, if these are more than half of the smaller of both. So the largest
    part of an object that was split keeps its number, and objects that were joined become
    the one that gave most of their pixels.

    Parameters
    ----------
    before : ndarray of uint32, shape (Y, X)
    edited : ndarray of uint32, shape (Y, X)
    unnamed : collection of int
        Numbers in `edited` that the file does not tell; see `Annotation`.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        What is new has numbers that `before` does not have.

    Examples
    --------
    >>> before = np.array([[4, 4, 0, 8, 8]], np.uint32)
    >>> edited = np.array([[1, 1, 2, 3, 3]], np.uint32)
    >>> with_known_numbers(before, edited, unnamed={1, 2, 3})
    array([[4, 4, 1, 8, 8]], dtype=uint32)
    """
    was, now, counts = shared_pixels(before, edited)
    ids, known = np.unique(now[now > 0]), np.unique(was[was > 0])
    both = (was > 0) & (now > 0)
    pairs = was[both], now[both], counts[both]
    named = ~np.isin(ids, list(unnamed))
    found = _by_number(pairs, ids[named])
    half = 2 * counts > np.minimum(_areas(was, counts), _areas(now, counts))
    found |= _by_overlap(pairs, half[both], found)
    new = ids[~np.isin(ids, list(found))]
    free = np.setdiff1d(np.arange(1, known.size + new.size + 1, dtype=np.uint32), known)
    found |= dict(zip(new.tolist(), free[: new.size].tolist(), strict=True))
    numbers = np.array([0, *(found[one] for one in ids.tolist())], np.uint32)
    places = np.searchsorted(ids, edited.ravel(), side="right").reshape(edited.shape)
    return numbers[places]


def _by_number(pairs: tuple[_Ids, _Ids, NDArray[np.int64]], named: _Ids) -> dict[int, int]:
    was, now, _ = pairs
    same = now[(was == now) & np.isin(now, named)]
    return {one: one for one in same.tolist()}


def _by_overlap(
    pairs: tuple[_Ids, _Ids, NDArray[np.int64]],
    is_half: NDArray[np.bool_],
    found: dict[int, int],
) -> dict[int, int]:
    """Match objects that are left, those that share most pixels first."""
    taken = set(found.values())
    matched: dict[int, int] = {}
    was, now, counts = (part[is_half] for part in pairs)
    for at in np.lexsort((now, was, -counts)).tolist():
        one, other = int(was[at]), int(now[at])
        if other not in found and other not in matched and one not in taken:
            matched[other] = one
            taken.add(one)
    return matched


def _areas(numbers: _Ids, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each pair the area of the object of its number."""
    _, places = np.unique(numbers, return_inverse=True)
    return np.bincount(places, weights=counts).astype(np.int64)[places]
