"""Outlines of objects along the corners of their pixels, exact to the pixel.

A pixel (x, y) covers the square from corner (x, y) to corner (x + 1, y + 1). An outline
runs along the sides of pixels, so the area within is the number of pixels, and filling it
again gives the same pixels: outlines through the centres of pixels, as OpenCV finds them,
take half a pixel from every side.

How it works
------------
Each side of a pixel that borders on another number is an edge with the object on its right.
At its end the neighbours tell whether the outline turns or goes on, so every edge knows the
next one, and the outlines are the cycles of that list. They are put in order by doubling
[1]_: in a picture of a million edges that takes some twenty passes over arrays and no loop.

References
----------
.. [1] J. C. Wyllie, "The complexity of parallel computations", Cornell University, 1979.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Polygon", "Ring", "trace_outlines"]

Ring = NDArray[np.int32]
Polygon = tuple[Ring, ...]

_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Edges:
    """Sides of pixels, ordered by the corner they start at.

    `start` and `pixel` count along the rows of the picture with a frame of zeros, which is
    `width` wide: the corner before a pixel has the pixel's own number. Directions are 0
    right, 1 down, 2 left, 3 up.
    """

    start: _Ints
    direction: _Ints
    pixel: _Ints
    number: NDArray[np.uint32]
    width: int


@dataclass(frozen=True, eq=False)
class _Cycles:
    """Edges in the order of the outlines: those of cycle k begin at `first[k]`."""

    edges: _Ints
    first: _Ints
    lengths: _Ints


def trace_outlines(labels: NDArray[Any]) -> dict[int, tuple[Polygon, ...]]:
    """Return the outlines of all objects of a label image.

    Parameters
    ----------
    labels : ndarray of integers, shape (Y, X)
        0 is background; numbers need not be consecutive.

    Returns
    -------
    dict of int to tuple of Polygon
        By number, ascending. An object has a polygon for each of its parts (pixels that
        touch by a corner alone are two parts), and a polygon is a tuple of rings: the
        outer one, then its holes. A ring is an array of int32 of shape (n, 2): x, y of
        its corners, the first not repeated. No ring meets itself. The signed area of
        outer rings (sum of ``x[i] * y[i + 1] - x[i + 1] * y[i]``, halved) is positive,
        that of holes negative, and over all rings of an object they sum up to its pixels.

    Raises
    ------
    ValueError
        If `labels` are not whole numbers in two dimensions.

    Examples
    --------
    >>> outlines = trace_outlines(np.array([[0, 7, 7], [0, 7, 0]]))
    >>> [ring.tolist() for ring in outlines[7][0]]
    [[[1, 0], [3, 0], [3, 1], [2, 1], [2, 2], [1, 2]]]
    """
    if labels.ndim != 2 or labels.dtype.kind not in "biu":
        msg = (
            f"labels must be whole numbers in two dimensions, got {labels.dtype} of shape "
            f"{labels.shape}"
        )
        raise ValueError(msg)
    framed = np.pad(labels.astype(np.uint32, copy=False), 1)
    edges = _edges_of(framed)
    if not edges.start.size:
        return {}
    following = _following(edges, framed)
    cycles = _cycles_of(following)
    return _polygons(edges, cycles, _areas(edges, cycles), framed)


def _edges_of(framed: NDArray[np.uint32]) -> _Edges:
    width = framed.shape[1]
    flat = framed.ravel()
    pixels = np.flatnonzero(flat)
    numbers = flat[pixels]
    found = []
    # Where the neighbour beyond the side is, and where the side starts, by direction.
    sides = ((-width, 0), (1, 1), (width, width + 1), (-1, width))
    for direction, (beyond, start) in enumerate(sides):
        at = pixels[flat[pixels + beyond] != numbers]
        found.append((at + start, np.full(at.size, direction), at))
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    order = np.argsort(4 * joined[0] + joined[1], kind="stable")
    starts, directions, at = (values[order] for values in joined)
    return _Edges(starts, directions, at, flat[at], width)


def _following(edges: _Edges, framed: NDArray[np.uint32]) -> _Ints:
    """Return the edge that comes next on the outline, for each edge."""
    flat, width, turn = framed.ravel(), edges.width, edges.direction
    step = np.array([1, width, -1, -width])[turn]
    left = np.array([-width, 1, width, -1])[turn]
    is_ahead = flat[edges.pixel + step] == edges.number
    is_across = flat[edges.pixel + step + left] == edges.number
    # Around the same pixel; or on along the next one; or back along the one across.
    by = np.where(is_ahead, np.where(is_across, 3, 0), 1)
    keys = 4 * edges.start + turn
    end = edges.start + step
    following = np.searchsorted(keys, 4 * end + (turn + by) % 4)
    # Where two pixels of an object touch by a corner alone, its outline may pass twice.
    twice = np.flatnonzero(~is_ahead & is_across)
    if not twice.size:
        return following
    opposite = 4 * (end + step)[twice] + (turn[twice] + 2) % 4
    partner = np.searchsorted(keys, opposite)
    cycle = _smallest(following)
    # If so, exchanging the ways on cuts it in two there, and no ring meets itself.
    same = cycle[twice] == cycle[partner]
    cut = following.copy()
    cut[twice[same]] = following[partner[same]]
    return cut


def _smallest(following: _Ints) -> _Ints:
    """Return the smallest edge of the cycle of each edge."""
    smallest, ahead = np.arange(following.size), following
    while True:
        found = np.minimum(smallest, smallest[ahead])
        if np.array_equal(found, smallest):
            return smallest
        smallest, ahead = found, ahead[ahead]


def _cycles_of(following: _Ints) -> _Cycles:
    smallest = _smallest(following)
    is_start = smallest == np.arange(following.size)
    cycle = (np.cumsum(is_start) - 1)[smallest]
    lengths = np.bincount(cycle)
    is_last = is_start[following]
    ahead = np.where(is_last, np.arange(following.size), following)
    to_last = np.where(is_last, 0, 1)  # edges between each one and the last of its cycle
    for _ in range(int(lengths.max()).bit_length()):
        to_last = to_last + to_last[ahead]
        ahead = ahead[ahead]
    first = np.cumsum(lengths) - lengths
    ordered = np.empty_like(following)
    ordered[(first + lengths - 1)[cycle] - to_last] = np.arange(following.size)
    return _Cycles(ordered, first, lengths)


def _areas(edges: _Edges, cycles: _Cycles) -> NDArray[np.float64]:
    """Return the signed area within each cycle: the sum of x over its edges down."""
    direction = edges.direction[cycles.edges]
    down = np.array([0, 1, 0, -1])[direction]
    x = edges.start[cycles.edges] % edges.width
    return np.add.reduceat((x * down).astype(np.float64), cycles.first)


def _polygons(
    edges: _Edges,
    cycles: _Cycles,
    areas: NDArray[np.float64],
    framed: NDArray[np.uint32],
) -> dict[int, tuple[Polygon, ...]]:
    rings = _rings(edges, cycles)
    first = cycles.edges[cycles.first]
    numbers = edges.number[first]
    owner = np.arange(first.size)
    holes = np.flatnonzero(areas < 0)
    if holes.size:
        owner[holes] = _owners(holes, areas, numbers, edges.pixel[first], framed)
    found: dict[int, dict[int, list[Ring]]] = {}
    # Outer rings come before their holes, for their first corner does in the picture.
    for at in np.argsort(numbers, kind="stable").tolist():
        parts = found.setdefault(int(numbers[at]), {})
        parts.setdefault(int(owner[at]), []).append(rings[at])
    return {
        number: tuple(tuple(part) for part in parts.values())
        for number, parts in found.items()
    }


def _owners(
    holes: _Ints,
    areas: NDArray[np.float64],
    numbers: NDArray[np.uint32],
    pixels: _Ints,
    framed: NDArray[np.uint32],
) -> _Ints:
    """Return the outer ring of each hole."""
    outer = np.flatnonzero(areas > 0)
    parts: NDArray[Any] = numbers
    in_parts, n_parts = np.unique(numbers[outer], return_counts=True)
    if np.isin(numbers[holes], in_parts[n_parts > 1]).any():
        from skimage.measure import label

        parts = label(framed, connectivity=1).ravel()[pixels]
    order = outer[np.argsort(parts[outer], kind="stable")]
    return order[np.searchsorted(parts[order], parts[holes])]


def _rings(edges: _Edges, cycles: _Cycles) -> list[Ring]:
    """Return the corners of each cycle, without those on straight sides."""
    direction = edges.direction[cycles.edges]
    before = np.roll(direction, 1)
    before[cycles.first] = direction[cycles.first + cycles.lengths - 1]
    is_corner = direction != before
    start = edges.start[cycles.edges[is_corner]]
    x, y = start % edges.width - 1, start // edges.width - 1
    corners = np.stack([x, y], axis=1).astype(np.int32)
    n_corners = np.add.reduceat(is_corner.astype(np.int64), cycles.first)
    return np.split(corners, np.cumsum(n_corners)[:-1])
