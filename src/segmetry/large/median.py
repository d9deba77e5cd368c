"""The median grey value of a picture's background, without holding it in memory.

Numbers are told apart by 16 of their bits at a time, beginning with the highest: each pass
over the picture counts those that share all higher bits with the one in the middle.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.large.measuring import Lookup, labels_in
from segmetry.large.work import Work
from segmetry.measure.intensity import grey_values
from segmetry.workers import Workers

__all__ = ["median_of_background"]

_BITS = 16
_KEYS: dict[str, np.dtype[Any]] = {
    "u1": np.dtype(np.uint16),
    "u2": np.dtype(np.uint16),
    "f4": np.dtype(np.uint32),
    "f8": np.dtype(np.uint64),
}


def median_of_background(work: Work, lookup: Lookup, workers: Workers) -> float:
    """Return the median grey value of all pixels without an object.

    Parameters
    ----------
    work : Work
    lookup : Lookup
    workers : Workers

    Returns
    -------
    float
        To the last bit that of `segmetry.measure.intensity.median_of_all`; NaN where no
        pixel is free.
    """
    tiles = range(len(work.grid))
    corner = work.tiled.read((slice(0, 1), slice(0, 1)))
    kind = grey_values(corner).dtype

    def counted(prefix: int, n_known: int) -> NDArray[np.int64]:
        count = partial(count_in_tile, work, lookup, prefix=prefix, n_known=n_known)
        parts = (found for _, found in workers.run_all(count, tiles))
        return np.sum([part for part in parts if isinstance(part, np.ndarray)], axis=0)

    first = counted(0, 0)
    total = int(first.sum())
    if not total:
        return float("nan")
    ranks = (total - 1) // 2, total // 2
    middle = [_value_of_rank(rank, first, counted, kind) for rank in ranks]
    return float(np.median(np.array(middle, dtype=kind)))


def _value_of_rank(
    rank: int,
    counts: NDArray[np.int64],
    counted: Callable[[int, int], NDArray[np.int64]],
    kind: np.dtype[Any],
) -> float:
    prefix, n_known = 0, 0
    n_parts = _KEYS[kind.str[1:]].itemsize * 8 // _BITS
    while True:
        below = np.cumsum(counts)
        part = int(np.searchsorted(below, rank, side="right"))
        rank -= int(below[part - 1]) if part else 0
        prefix, n_known = (prefix << _BITS) | part, n_known + 1
        if n_known == n_parts:
            return float(_value(prefix, kind))
        counts = counted(prefix, n_known)


def count_in_tile(
    work: Work, lookup: Lookup, tile: int, *, prefix: int, n_known: int
) -> NDArray[np.int64]:
    """Return how often the next bits of free pixels occur, after those that are known."""
    core = work.grid.core(tile)
    image = work.tiled.read(core)
    free = labels_in(work, lookup, core) == 0
    if image.excluded is not None:
        free &= ~image.excluded
    values = grey_values(image)[free]
    keys = _keys(values[np.isfinite(values)])
    unknown = keys.dtype.itemsize * 8 - _BITS * n_known
    if n_known:
        keys = keys[keys >> keys.dtype.type(unknown) == prefix]
    part = (keys >> keys.dtype.type(unknown - _BITS)) & keys.dtype.type(2**_BITS - 1)
    return np.bincount(part.astype(np.intp), minlength=2**_BITS)


def _keys(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers in the order of the values."""
    kind = _KEYS[values.dtype.str[1:]]
    if values.dtype.kind == "u":
        return values.astype(kind)
    bits = values.view(kind)
    return np.where(bits & _sign(kind), ~bits, bits | _sign(kind))


def _value(key: int, kind: np.dtype[Any]) -> Any:
    bits = np.array(key, _KEYS[kind.str[1:]])
    if kind.kind == "u":
        return bits
    sign = _sign(bits.dtype)
    return np.where(bits & sign, bits & ~sign, ~bits).view(kind)


def _sign(kind: np.dtype[Any]) -> Any:
    """Return a number of which only the highest bit is set."""
    return kind.type(2 ** (8 * kind.itemsize - 1))
