"""Which objects may share a colour: none that touch.

Objects on a plane that touch along an edge form a planar graph, so that there is always
one with at most five neighbours. Taking such objects away one after the other and
colouring them in the reverse order never needs more than six colours [1]_.

References
----------
.. [1] D. W. Matula, L. L. Beck, "Smallest-last ordering and clustering and graph coloring
       algorithms", Journal of the ACM 30, 1983. doi:10.1145/2402.322385
"""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_colors"]

_TOUCHING = ((0, 1), (1, 0))
_NEAR = ((1, 1), (1, -1), (0, 3), (3, 0), (3, 3), (3, -3))  # px down and to the right

Neighbors = Mapping[int, set[int]]


def choose_colors(
    data: NDArray[np.uint32], rim: NDArray[np.bool_], *, n_colors: int
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Return the numbers in use and a colour for each, different where objects touch.

    Parameters
    ----------
    data : ndarray of uint32, shape (Y, X)
        Numbered objects.
    rim : ndarray of bool, shape (Y, X)
        True on every pixel of an object that has another number beside it.
    n_colors : int
        Six are enough for objects in one piece. Objects in several pieces may need more:
        then some that touch share a colour.

    Returns
    -------
    ids : ndarray of uint32, shape (n,)
        Ascending; only objects that have a rim.
    colors : ndarray of intp, shape (n,)
        From 0 to `n_colors` - 1. Objects within 3 px of each other differ as far as
        colours are left.

    Examples
    --------
    >>> data = np.array([[1, 1, 9, 9]], np.uint32)
    >>> choose_colors(data, np.array([[False, True, True, False]]), n_colors=6)[1]
    array([0, 1])
    """
    y, x = np.nonzero(rim)
    ids = np.unique(data[y, x])
    touching = _neighbors(data, ids, y, x, offsets=_TOUCHING)
    near = _neighbors(data, ids, y, x, offsets=_NEAR)
    colors = np.arange(ids.size) % n_colors
    free = [index for index in sorted(near) if index not in touching]
    done = set(range(ids.size)) - set(touching) - set(free)
    for index in [*_loneliest_last(touching), *free]:
        beside = {int(colors[i]) for i in touching.get(index, ()) if i in done}
        around = {int(colors[i]) for i in near.get(index, ()) if i in done}
        wanted = [int(colors[index] + step) % n_colors for step in range(n_colors)]
        wanted.sort(key=lambda color: 2 * (color in beside) + (color in around))
        colors[index] = wanted[0]
        done.add(index)
    return ids, colors


def _loneliest_last(neighbors: Neighbors) -> Iterator[int]:
    """Return the objects so that the loneliest of those left is always the last."""
    degree = {index: len(others) for index, others in neighbors.items()}
    heap = [(count, index) for index, count in degree.items()]
    heapify(heap)
    order: list[int] = []
    while heap:
        count, index = heappop(heap)
        if degree.get(index) != count:
            continue  # an older entry: it has lost neighbours since
        del degree[index]
        order.append(index)
        for other in neighbors[index] & degree.keys():
            degree[other] -= 1
            heappush(heap, (degree[other], other))
    return reversed(order)


def _neighbors(
    data: NDArray[np.uint32],
    ids: NDArray[np.uint32],
    y: NDArray[np.intp],
    x: NDArray[np.intp],
    *,
    offsets: tuple[tuple[int, int], ...],
) -> Neighbors:
    """Return for each index in `ids` those found at some offset from its rim pixels."""
    own, keys = data[y, x], []
    for dy, dx in offsets:
        inside = (y + dy < data.shape[0]) & (x + dx >= 0) & (x + dx < data.shape[1])
        other, here = data[y[inside] + dy, x[inside] + dx], own[inside]
        differ = (other > 0) & (other != here)
        keys.append(here[differ].astype(np.uint64) << 32 | other[differ])
    pairs = np.unique(np.concatenate(keys))
    first = np.searchsorted(ids, (pairs >> 32).astype(np.uint32)).tolist()
    second = np.searchsorted(ids, (pairs & 0xFFFFFFFF).astype(np.uint32)).tolist()
    found: dict[int, set[int]] = {}
    for one, two in zip(first, second, strict=True):
        found.setdefault(one, set()).add(two)
        found.setdefault(two, set()).add(one)
    return found
