"""Centrelines: smooth curves through the pixels of a skeleton, with their true length.

A chain of pixels is up to 8 % longer than the line it stands for. Here the chain is
resampled at equal steps, and each point replaced by the value of a parabola that is fitted
to its neighbours along the line (a Savitzky-Golay filter [1]_): steps of the raster
vanish, and bends with a radius above the line's width keep their place and length. The
window grows with the width, because a skeleton wanders in proportion to it.

Within the largest disc that fits the mask at a junction, and within half a width of a free
end, a skeleton says more about the outline than about the line. There it is replaced: by a
straight piece to the junction, or straight on to where the mask ends. So lengths of free
lines are from tip to tip.

References
----------
.. [1] A. Savitzky, M. J. E. Golay, "Smoothing and differentiation of data by simplified
       least squares procedures", Analytical Chemistry 36, 1964. doi:10.1021/ac60214a047
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled
from segmetry.measure.pruning import Network
from segmetry.measure.skeleton import RING

__all__ = ["Centrelines", "trace_centrelines"]

_NARROWEST = 5  # points to either side of the middle of a window, at least
_WIDEST = 25
_DOUBTFUL = 1.5  # distances to the background that a skeleton may bend before it ends
_MARCH = 0.05  # px of each step towards the end of the mask
_FREE, _JUNCTION, _CLOSED = 0, 1, 2  # what is at the end of a line

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Centrelines:
    """Smooth lines as points about a pixel apart, those of all lines one after the other.

    Parameters
    ----------
    points : ndarray of float64, shape (P, 2)
        Places (y, x), in pixels; the centre of the first pixel is (0, 0).
    tangents : ndarray of float64, shape (P, 2)
        Direction of the line at each point, (y, x), of length 1.
    steps : ndarray of float64, shape (P,)
        Length of line that each point stands for, in pixels.
    at_end : ndarray of bool, shape (P,)
        Within half a width of a free end, or inside the largest disc of a junction.
    offsets : ndarray of int64, shape (S + 1,)
        First point of each line, and the number of all points.
    """

    points: _Floats
    tangents: _Floats
    steps: _Floats
    at_end: _Bools
    offsets: NDArray[np.int64]

    @property
    def line_of(self) -> NDArray[np.int64]:
        """The line of each point, shape (P,)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def lengths(self) -> _Floats:
        """Length of each line in pixels, shape (S,)."""
        return np.bincount(self.line_of, self.steps, len(self.offsets) - 1).astype(float)

    def only(self, kept: _Bools) -> "Centrelines":
        """Return some of the lines."""
        points = kept[self.line_of]
        counts = np.diff(self.offsets)[kept]
        return Centrelines(
            *(self.points[points], self.tangents[points], self.steps[points]),
            self.at_end[points],
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        )


def trace_centrelines(
    network: Network, mask: NDArray[np.bool_], distance: NDArray[np.floating]
) -> Centrelines:
    """Return the smooth line through each path of a network.

    Parameters
    ----------
    network : Network
    mask : ndarray of bool, shape (Y, X)
    distance : ndarray of float, shape (Y, X)
        Distance of each pixel to the background, in pixels.

    Returns
    -------
    Centrelines
        As many lines as the network has, in its order.

    Examples
    --------
    >>> from segmetry.measure.pruning import clean_network
    >>> from segmetry.measure.skeleton import skeleton_graph, skeleton_of
    >>> bar = np.zeros((9, 40), bool)
    >>> bar[3:6, 5:35] = True
    >>> distance = np.where(bar, 2.0, 0.0)
    >>> network = clean_network(skeleton_graph(skeleton_of(bar)), distance)
    >>> trace_centrelines(network, bar, distance).lengths.round().tolist()
    [30.0]
    """
    distance = np.ascontiguousarray(distance, dtype=np.float32)
    values = np.ascontiguousarray(mask).view(np.uint8)
    lines = []
    kinds = np.where(network.degree_at_ends > 1, _JUNCTION, _FREE)
    kinds[network.ends == RING] = _CLOSED
    places, radii = np.vstack([network.nodes, [[0, 0]]]), np.append(network.radii, 0)
    for path, ends, kind in zip(network.paths, network.ends, kinds.tolist(), strict=True):
        lines.append(
            _trace(
                *(np.ascontiguousarray(path), kind[0], kind[1]),
                *(places[ends], radii[ends], values, distance),
            )
        )
    counts = [len(line[0]) for line in lines]
    offsets = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
    if not lines:
        empty = np.zeros((0, 2))
        return Centrelines(empty, empty, empty[:, 0], np.zeros(0, bool), offsets)
    points, tangents, steps, at_end = (
        np.concatenate(part) for part in zip(*lines, strict=True)
    )
    return Centrelines(points, tangents, steps, at_end, offsets)


@compiled
def _trace(
    path: _Floats,
    kind_0: int,
    kind_1: int,
    nodes: _Floats,
    radii: _Floats,
    mask: NDArray[np.uint8],
    distance: NDArray[np.float32],
) -> tuple[_Floats, _Floats, _Floats, _Bools]:
    """Return points, tangents, steps and doubtful points of one line."""
    is_closed = kind_0 == _CLOSED
    own = _own_part(path, kind_0, kind_1, nodes, radii, distance)
    radius = 0.0
    for k in range(1, len(own) - 1):
        radius += distance[int(own[k, 0]), int(own[k, 1])] / (len(own) - 2)
    own = own[kind_0 == _FREE : len(own) - (kind_1 == _FREE)]
    half = min(max(int(radius) + 4, _NARROWEST), _WIDEST)
    points, tangents = _smooth(_resample(own, is_closed), half, is_closed)
    if kind_0 == _JUNCTION:
        points[0] = nodes[0]
    if kind_1 == _JUNCTION:
        points[-1] = nodes[1]
    if kind_0 == _FREE:
        points, tangents = _extend(points[::-1].copy(), -tangents[::-1], half, mask)
        points, tangents = points[::-1].copy(), -tangents[::-1]
    if kind_1 == _FREE:
        points, tangents = _extend(points, tangents, half, mask)
    reach_0 = radii[0] if kind_0 == _JUNCTION else radius
    reach_1 = radii[1] if kind_1 == _JUNCTION else radius
    steps, at_end = _steps(points, reach_0, reach_1, is_closed)
    return points, tangents, steps, at_end


@compiled
def _own_part(
    path: _Floats,
    kind_0: int,
    kind_1: int,
    nodes: _Floats,
    radii: _Floats,
    distance: NDArray[np.float32],
) -> _Floats:
    """Return the part of a path that tells of its line, between its two nodes.

    Free ends have a place of their own that means nothing; a closed path ends in its start.
    """
    first = _trim(path, kind_0, nodes[0], radii[0], distance)
    last = len(path) - _trim(path[::-1], kind_1, nodes[1], radii[1], distance)
    if last - first < 2:  # nothing is left: what there is has to do
        first = 0 if kind_0 != _JUNCTION else min(first, len(path) - 1)
        last = len(path) if kind_1 != _JUNCTION else max(last, first + 1)
    own = np.empty((last - first + 2, 2))
    own[1:-1] = path[first:last]
    own[0], own[-1] = nodes
    if kind_0 == _CLOSED:
        own[0] = path[0]
        own[-1] = path[0]
    return own


@compiled
def _trim(
    path: _Floats, kind: int, node: _Floats, radius: float, distance: NDArray[np.float32]
) -> int:
    """Return how many points at the start of a path say nothing about the line."""
    if kind == _CLOSED:
        return 0
    walked = 0.0
    for k in range(len(path)):
        y, x = path[k]
        if kind == _JUNCTION:
            if np.hypot(y - node[0], x - node[1]) >= radius:
                return k
        elif walked >= _DOUBTFUL * distance[int(y), int(x)]:
            return k
        if k + 1 < len(path):
            walked += np.hypot(path[k + 1, 0] - y, path[k + 1, 1] - x)
    return len(path)


@compiled
def _resample(path: _Floats, is_closed: bool) -> _Floats:
    """Return points at equal steps of about a pixel, those of a closed path without end."""
    along = np.zeros(len(path))
    for k in range(1, len(path)):
        step = np.hypot(path[k, 0] - path[k - 1, 0], path[k, 1] - path[k - 1, 1])
        along[k] = along[k - 1] + step
    n_steps = max(int(np.rint(along[-1])), 1)
    n = n_steps if is_closed else n_steps + 1
    points = np.empty((n, 2))
    k = 0
    for i in range(n):
        s = along[-1] * i / n_steps
        while k < len(path) - 2 and along[k + 1] < s:
            k += 1
        if len(path) == 1 or along[k + 1] == along[k]:
            points[i] = path[k]
            continue
        share = (s - along[k]) / (along[k + 1] - along[k])
        points[i] = path[k] + share * (path[k + 1] - path[k])
    return points


@compiled
def _smooth(points: _Floats, half: int, is_closed: bool) -> tuple[_Floats, _Floats]:
    """Fit a parabola around each point; return its value and its direction there."""
    n = len(points)
    smooth, tangents = np.empty((n, 2)), np.zeros((n, 2))
    half = min(half, (n - 1) // 2) if is_closed else half
    for i in range(n):
        low = i - half if is_closed else max(i - half, 0)
        high = i + half if is_closed else min(i + half, n - 1)
        # Sums of powers of t, and of the coordinates times powers of t.
        s1 = s2 = s3 = s4 = 0.0
        s0 = float(high - low + 1)
        moment = np.zeros((3, 2))
        for k in range(low, high + 1):
            t = float(k - i)
            t2 = t * t
            s1 += t
            s2 += t2
            s3 += t * t2
            s4 += t2 * t2
            for axis in range(2):
                value = points[k % n, axis]
                moment[0, axis] += value
                moment[1, axis] += t * value
                moment[2, axis] += t2 * value
        determinant = (
            s0 * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2)
        )
        for axis in range(2):
            a, b, c = moment[0, axis], moment[1, axis], moment[2, axis]
            if high - low < 2:
                smooth[i, axis] = points[i, axis]
                tangents[i, axis] = points[high, axis] - points[low, axis]
                continue
            place = a * (s2 * s4 - s3 * s3) - b * (s1 * s4 - s2 * s3)
            place += c * (s1 * s3 - s2 * s2)
            slope = b * (s0 * s4 - s2 * s2) - a * (s1 * s4 - s2 * s3)
            slope -= c * (s0 * s3 - s1 * s2)
            smooth[i, axis] = place / determinant
            tangents[i, axis] = slope / determinant
        norm = np.hypot(tangents[i, 0], tangents[i, 1])
        if norm > 0:
            tangents[i] /= norm
    return smooth, tangents


@compiled
def _extend(
    points: _Floats, tangents: _Floats, half: int, mask: NDArray[np.uint8]
) -> tuple[_Floats, _Floats]:
    """Go on straight from the last point to where the mask ends."""
    n = len(points)
    direction = points[-1] - points[max(n - 1 - half, 0)]
    norm = np.hypot(direction[0], direction[1])
    if norm == 0:
        return points, tangents
    direction /= norm
    y, x = points[-1]
    reach = 0.0
    while True:
        there = reach + _MARCH
        if not _is_inside(mask, y + there * direction[0], x + there * direction[1]):
            break
        reach = there
    n_more = int(np.ceil(reach))
    longer, turned = np.empty((n + n_more, 2)), np.empty((n + n_more, 2))
    longer[:n], turned[:n] = points, tangents
    for i in range(n_more):
        longer[n + i] = points[-1] + min(i + 1.0, reach) * direction
        turned[n + i] = direction
    return longer, turned


@compiled
def _is_inside(mask: NDArray[np.uint8], y: float, x: float) -> bool:
    """Tell whether a place lies in the mask, whose edge is half-way between pixels."""
    n_rows, n_columns = mask.shape
    if not (-0.5 <= y <= n_rows - 0.5 and -0.5 <= x <= n_columns - 0.5):
        return False
    y, x = min(max(y, 0.0), n_rows - 1.0), min(max(x, 0.0), n_columns - 1.0)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, n_rows - 1), min(left + 1, n_columns - 1)
    v, u = y - top, x - left
    above = mask[top, left] * (1 - u) + mask[top, right] * u
    below = mask[bottom, left] * (1 - u) + mask[bottom, right] * u
    return above * (1 - v) + below * v >= 0.5


@compiled
def _steps(
    points: _Floats, reach_0: float, reach_1: float, is_closed: bool
) -> tuple[_Floats, _Bools]:
    """Return the length that each point stands for, and if it is within reach of an end."""
    n = len(points)
    along = np.zeros(n + 1)
    for k in range(n):
        following = points[(k + 1) % n]
        step = np.hypot(following[0] - points[k, 0], following[1] - points[k, 1])
        along[k + 1] = along[k] + (step if is_closed or k + 1 < n else 0.0)
    steps = np.empty(n)
    at_end = np.zeros(n, dtype=np.bool_)
    for k in range(n):
        before = along[k] - along[k - 1] if k else along[n] - along[n - 1]
        steps[k] = (before + along[k + 1] - along[k]) / 2
        if not is_closed:
            at_end[k] = along[k] < reach_0 or along[n] - along[k] < reach_1
    return steps, at_end
