"""A region: a named part of a picture, such as CA1 in a slice of a brain.

Coordinates are those of ImageJ and QuPath: x to the right, y down, in pixels, from the
picture's upper left corner. The first pixel covers 0 to 1 along both, and its centre is
(0.5, 0.5).
"""

# Not shapely: it gives a point on a shared side to both regions or to none, and takes the
# outlines that ImageJ traces, which may touch themselves in a corner, for invalid.

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RegionError

__all__ = ["FARTHEST", "Floats", "Region", "x_at"]

Floats = NDArray[np.float64]
FARTHEST = 1e9  # px; far beyond, areas would overflow

_TOUCH = 1e-6  # px; outlines that cross by less only touch, but for rounding
_MOST_CROSSINGS = 10_000_000  # of outlines with lines through vertices: 1 GB of memory
_CHUNK = 1_000_000  # points and sides that are compared at once: 100 MB
_SAME = 1e-6  # areas that differ by less, or by a smaller share, are equal


@dataclass(frozen=True, eq=False)
class Region:
    """A named part of a picture, bounded by one or several outlines.

    A point belongs to it if a line from the point to the far outside meets the outlines an
    odd number of times, so that an outline within another is a hole (the even-odd rule).

    Parameters
    ----------
    name : str
        What people call it. Blanks around it are dropped.
    rings : tuple of ndarray of float64, each of shape (n, 2)
        Outlines: x and y of each vertex, see the module. The last one is joined to the
        first. Kept read-only.
    classification : str
        Its class where the program that drew it tells classes from names, as QuPath does.

    Raises
    ------
    RegionError
        If the name is blank, or an outline crosses itself or another, has no area, or
        reaches farther than any picture.
    ValueError
        If an outline is not an array of three or more points.

    Examples
    --------
    >>> square = np.array([[0, 0], [20, 0], [20, 10], [0, 10]], dtype=float)
    >>> region = Region("CA1", (square, square / 2 + 2))
    >>> region.area, region.bounds, region.is_rectangle
    (150.0, (0.0, 0.0, 20.0, 10.0), False)
    """

    name: str
    rings: tuple[Floats, ...]
    classification: str = ""

    def __post_init__(self) -> None:
        """Refuse outlines that bound nothing, or do not tell what they bound."""
        object.__setattr__(self, "name", self.name.strip())
        if not self.name or not self.name.isprintable():
            msg = f"Expected a region with a name, got {self.name!r}; give it one."
            raise RegionError(msg)
        object.__setattr__(self, "rings", tuple(_ring(ring) for ring in self.rings))
        if not self.rings:
            msg = f"The region {self.name} has no outline; draw it as an area."
            raise RegionError(msg)
        if max(np.abs(ring).max() for ring in self.rings) > FARTHEST:
            msg = f"The region {self.name} reaches farther than any picture; draw it anew."
            raise RegionError(msg)
        parts = [_strips(_edges((ring,)), self.name) for ring in self.rings]
        if min(self.area, *(part.area for part in parts)) <= _SAME:
            msg = f"The region {self.name} has no area; draw it as an area, not a line."
            raise RegionError(msg)
        pairs = [
            (abs(_signed_area(ring)), part.area)
            for ring, part in zip(self.rings, parts, strict=True)
        ]
        pairs += [(_nested_area(self.rings, parts), self.area)]
        if any(abs(expected - area) > _SAME * area for expected, area in pairs):
            raise RegionError(_overlap(self.name))

    @cached_property
    def edges(self) -> Floats:
        """Sides of all outlines that are not horizontal: x, y of the upper end, the lower.

        Of shape (n, 4). Two regions that share a side have it in the very same numbers.
        """
        return _edges(self.rings)

    @cached_property
    def area(self) -> float:
        """Area in squared pixels, without holes."""
        return _strips(self.edges, self.name).area

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Return whether points lie in the region.

        Of points on the outline it holds those with the region at their right, or, where
        the side is level, below them. So of two regions that share a side, exactly one
        holds each point of it.

        Parameters
        ----------
        points : ndarray of float64, shape (n, 2)
            x and y, see the module.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        return _odd_crossings(self.edges, points)

    @property
    def inner_point(self) -> Floats:
        """A point well inside, of shape (1, 2)."""
        return _strips(self.edges, self.name).inner_point

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest x and y, largest x and y."""
        points = np.concatenate(self.rings)
        low, high = points.min(axis=0), points.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def is_rectangle(self) -> bool:
        """Whether it is a rectangle with upright sides."""
        x_min, y_min, x_max, y_max = self.bounds
        corners = {(x_min, y_min), (x_max, y_min), (x_min, y_max), (x_max, y_max)}
        return (
            len(self.rings) == 1
            and {(float(x), float(y)) for x, y in self.rings[0]} == corners
            and self.area == (x_max - x_min) * (y_max - y_min)
        )


def _ring(ring: Floats) -> Floats:
    points = np.array(ring, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        msg = f"an outline must be of shape (3 or more, 2), got {points.shape}"
        raise ValueError(msg)
    if not np.isfinite(points).all():
        msg = "an outline must have finite coordinates"
        raise ValueError(msg)
    points.flags.writeable = False
    return points


def _signed_area(ring: Floats) -> float:
    # Far from the origin, products of coordinates would drown the area.
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def _edges(rings: tuple[Floats, ...]) -> Floats:
    pairs = [np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings]
    edges = np.concatenate(pairs)
    downward = edges[:, 1] <= edges[:, 3]
    edges = np.where(downward[:, np.newaxis], edges, edges[:, [2, 3, 0, 1]])
    return np.ascontiguousarray(edges[edges[:, 1] < edges[:, 3]])


@dataclass(frozen=True, eq=False)
class _Strips:
    """Parts of a region between lines through its vertices: trapezoids, each of shape (n,).

    `widths` and `middles` are those at half the height, `levels` where that is.
    """

    widths: Floats
    heights: Floats
    middles: Floats
    levels: Floats

    @property
    def area(self) -> float:
        return float(np.sum(self.widths * self.heights))

    @property
    def inner_point(self) -> Floats:
        largest = np.argmax(self.widths * self.heights)
        return np.array([[self.middles[largest], self.levels[largest]]])


def _strips(edges: Floats, name: str) -> _Strips:
    """Return the parts between outlines that do not cross, by the even-odd rule."""
    levels = np.unique(edges[:, [1, 3]])
    first = np.searchsorted(levels, edges[:, 1])
    counts = np.searchsorted(levels, edges[:, 3]) - first
    if counts.sum() > _MOST_CROSSINGS:
        msg = f"The outline of {name} has too many vertices; draw it with fewer."
        raise RegionError(msg)
    edge = np.repeat(np.arange(len(edges)), counts)
    strip = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    strip += first[edge]
    top, bottom = (x_at(edges[edge], levels[strip + side]) for side in (0, 1))
    order = np.lexsort((top + bottom, strip))
    strip, top, bottom = strip[order], top[order], bottom[order]
    same = strip[1:] == strip[:-1]
    if any((np.diff(side)[same] < -_TOUCH).any() for side in (top, bottom)):
        raise RegionError(_overlap(name))
    # Closed outlines meet each strip in pairs of sides: from an odd one to an even one.
    left, right = ((top + bottom)[side::2] / 2 for side in (0, 1))
    strip = strip[::2]
    middle = (levels[strip] + levels[strip + 1]) / 2
    return _Strips(right - left, np.diff(levels)[strip], (left + right) / 2, middle)


def _nested_area(rings: tuple[Floats, ...], parts: Sequence[_Strips]) -> float:
    """Return the area if each outline lies wholly inside or outside of each other."""
    areas = np.array([part.area for part in parts])
    points = np.concatenate([part.inner_point for part in parts])
    held = np.array([_odd_crossings(_edges((ring,)), points) for ring in rings])
    depths = np.sum(held & (areas[:, np.newaxis] > areas), axis=0)
    # One within another is a hole, the next an island: signs go to and fro.
    return float(np.sum(areas * (-1.0) ** depths))


def _odd_crossings(edges: Floats, points: Floats) -> NDArray[np.bool_]:
    """Return whether an odd number of sides lies at the left of each point, or on it."""
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    # Of the points in order of y, each side can meet those in one range.
    first, stop = (np.searchsorted(y, edges[:, side]) for side in (1, 3))
    n_parts = 1 + int(np.sum(stop - first)) // _CHUNK
    crossings = np.zeros(len(points), dtype=np.intp)
    for part in np.array_split(np.arange(len(edges)), n_parts):
        counts = (stop - first)[part]
        edge = np.repeat(part, counts)
        point = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
        point += first[edge]
        left = x_at(edges[edge], y[point]) <= x[point]
        crossings += np.bincount(point[left], minlength=len(points))
    odd = np.empty(len(points), dtype=bool)
    odd[order] = crossings % 2 == 1
    return odd


def x_at(edges: Floats, y: Floats) -> Floats:
    """Return where sides meet horizontal lines.

    Parameters
    ----------
    edges : ndarray of float64, shape (n, 4)
        As `Region.edges`.
    y : ndarray of float64, of a shape that fits (n,)
    """
    x0, y0, x1, y1 = edges.T
    share = (y - y0) / (y1 - y0)
    return np.where(share < 1, x0 + share * (x1 - x0), x1)


def _overlap(name: str) -> str:
    return (
        f"The outline of {name} crosses or overlaps itself, so that it is not clear what "
        "lies inside; draw it again."
    )
