"""From a mask to its skeleton, and from a skeleton to a graph of nodes and paths.

The mask is thinned by scikit-image, by the algorithm of Lee and others [1]_. (The usual
one, of Zhang and Suen, eats oblique lines from their ends, and some of 2.5 px altogether.)
Two pixels of the skeleton are neighbours where they share a side, or a corner that no third
pixel of the skeleton joins already: so a staircase is one path without shortcuts, and a
pixel with three neighbours or more is a junction. Junction pixels that are neighbours are
one node.

References
----------
.. [1] T.-C. Lee, R. L. Kashyap, C.-N. Chu, "Building skeleton models via 3-D medial
       surface/axis thinning algorithms", CVGIP: Graphical Models and Image Processing 56,
       1994. doi:10.1006/cgip.1994.1042
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from segmetry.measure.compiled import compiled

__all__ = ["RING", "SkeletonGraph", "skeleton_graph", "skeleton_of"]

RING = -1  # in the place of both nodes of a closed path, which has no ends
_FREE, _CLOSED = -1, -2  # how a walk ends where it meets no junction


@dataclass(frozen=True, eq=False)
class SkeletonGraph:
    """Nodes, and paths of pixels between them. Places are (y, x), in pixels.

    Parameters
    ----------
    nodes : ndarray of float64, shape (K, 2)
        Junctions (the mean of their pixels), then free ends (the last pixel of a path).
    ends : ndarray of int64, shape (S, 2)
        Row in `nodes` of both ends of each path; `RING` twice for a closed path.
    paths : tuple of ndarray of float64, each of shape (n, 2)
        The pixels of each path in their order, without those of junctions.
    junction_pixels : ndarray of int64, shape (J, 2)
    junction_of : ndarray of int64, shape (J,)
        Row in `nodes` of each junction pixel.
    """

    nodes: NDArray[np.float64]
    ends: NDArray[np.int64]
    paths: tuple[NDArray[np.float64], ...]
    junction_pixels: NDArray[np.int64]
    junction_of: NDArray[np.int64]


def skeleton_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the skeleton of a mask: lines one pixel wide along its middle.

    Parameters
    ----------
    mask : ndarray of bool, shape (Y, X)

    Returns
    -------
    ndarray of bool, shape (Y, X)

    Examples
    --------
    >>> bar = np.zeros((5, 9), bool)
    >>> bar[1:4, 1:8] = True
    >>> skeleton_of(bar).any(axis=1).tolist()
    [False, False, True, False, False]
    """
    found = np.zeros(mask.shape, dtype=bool)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if rows.size:
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        found[window] = skeletonize(mask[window], method="lee") > 0
    return found


def skeleton_graph(skeleton: NDArray[np.bool_]) -> SkeletonGraph:
    """Return the graph of a skeleton; each of its pixels is in one path or junction.

    Parameters
    ----------
    skeleton : ndarray of bool, shape (Y, X)
        Lines one pixel wide. Where they are wider, all that is wider is one junction.

    Returns
    -------
    SkeletonGraph

    Examples
    --------
    >>> cross = np.zeros((5, 5), bool)
    >>> cross[2], cross[:, 2] = True, True
    >>> graph = skeleton_graph(cross)
    >>> graph.nodes[0].tolist(), len(graph.paths)
    ([2.0, 2.0], 4)
    """
    pixels = np.argwhere(skeleton)
    index = np.full(np.add(skeleton.shape, 2), -1, dtype=np.int32)
    index[pixels[:, 0] + 1, pixels[:, 1] + 1] = np.arange(len(pixels))
    links, degree, wide = _neighbours(index, pixels)
    node_of, n_junctions = _number_junctions(links, degree, (degree >= 3) | wide)
    order, offsets, ends = _walk_paths(links, degree, node_of)
    places = pixels.astype(np.float64)
    paths = tuple(np.split(places[order], offsets[1:-1])) if len(ends) else ()
    is_junction = node_of >= 0
    junctions = _means(places[is_junction], node_of[is_junction], n_junctions)
    is_free = ends == _FREE
    tips = [paths[k][-side] for k, side in np.argwhere(is_free)]
    ends[is_free] = n_junctions + np.arange(np.count_nonzero(is_free))
    ends[ends == _CLOSED] = RING
    return SkeletonGraph(
        nodes=np.concatenate([junctions, np.reshape(tips, (-1, 2))]),
        ends=ends,
        paths=paths,
        junction_pixels=pixels[is_junction],
        junction_of=node_of[is_junction],
    )


def _means(
    places: NDArray[np.float64], group: NDArray[np.int64], n_groups: int
) -> NDArray[np.float64]:
    count = np.bincount(group, minlength=n_groups)
    sums = [np.bincount(group, along, n_groups) for along in places.T]
    return np.stack(sums, axis=1) / count[:, np.newaxis]


@compiled
def _neighbours(
    index: NDArray[np.int32], pixels: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the neighbours of each pixel, how many, and whether it is in a 2 x 2 block."""
    n = len(pixels)
    links = np.full((n, 4), -1, dtype=np.int32)  # no pixel can have more than four
    degree = np.zeros(n, dtype=np.int64)
    is_wide = np.zeros(n, dtype=np.bool_)
    for k in range(n):
        y, x = pixels[k, 0] + 1, pixels[k, 1] + 1
        for dy, dx in ((-1, 0), (0, 1), (1, 0), (0, -1)):
            if index[y + dy, x + dx] >= 0:
                links[k, degree[k]] = index[y + dy, x + dx]
                degree[k] += 1
        for dy, dx in ((-1, 1), (1, 1), (1, -1), (-1, -1)):
            if index[y + dy, x + dx] < 0:
                continue
            down, across = index[y + dy, x] >= 0, index[y, x + dx] >= 0
            if not (down or across):
                links[k, degree[k]] = index[y + dy, x + dx]
                degree[k] += 1
            is_wide[k] |= down and across
    return links, degree, is_wide


@compiled
def _number_junctions(
    links: NDArray[np.int32], degree: NDArray[np.int64], is_junction: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], int]:
    """Return the number of each junction pixel, equal for neighbours; -1 for others."""
    n = len(degree)
    node_of = np.full(n, -1, dtype=np.int64)
    waiting = np.empty(n, dtype=np.int64)
    n_junctions = 0
    for k in range(n):
        if not is_junction[k] or node_of[k] >= 0:
            continue
        node_of[k] = n_junctions
        waiting[0], n_waiting = k, 1
        while n_waiting:
            n_waiting -= 1
            here = waiting[n_waiting]
            for j in range(degree[here]):
                there = links[here, j]
                if is_junction[there] and node_of[there] < 0:
                    node_of[there] = n_junctions
                    waiting[n_waiting] = there
                    n_waiting += 1
        n_junctions += 1
    return node_of, n_junctions


@compiled
def _follow(
    links: NDArray[np.int32],
    node_of: NDArray[np.int64],
    visited: NDArray[np.bool_],
    path: NDArray[np.int64],
    here: int,
    previous: int,
) -> tuple[int, int]:
    """Walk from a pixel to the end of its path; return the steps and the node met."""
    n = 0
    while True:
        visited[here] = True
        path[n] = here
        n += 1
        following = -1
        for there in links[here]:
            if there < 0 or there == previous:
                continue
            if node_of[there] >= 0 or not visited[there]:
                following = there
                break
        if following < 0:
            return n, _FREE
        if node_of[following] >= 0:
            return n, node_of[following]
        previous, here = here, following


@compiled
def _walk_paths(
    links: NDArray[np.int32], degree: NDArray[np.int64], node_of: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the pixels of all paths, where each begins, and the nodes at its ends."""
    n = len(degree)
    order = np.empty(n, dtype=np.int64)
    offsets = np.zeros(n + 1, dtype=np.int64)
    ends = np.empty((n, 2), dtype=np.int64)
    visited = node_of >= 0
    s = 0
    for k in range(n):
        if node_of[k] < 0:
            continue
        for j in range(degree[k]):
            first = links[k, j]
            if visited[first]:
                continue
            path = order[offsets[s] :]
            length, met = _follow(links, node_of, visited, path, first, k)
            ends[s] = node_of[k], met
            offsets[s + 1] = offsets[s] + length
            s += 1
    for is_closed in (False, True):  # what is left after the open paths is closed
        for k in range(n):
            if visited[k] or (degree[k] > 1 and not is_closed):
                continue
            path = order[offsets[s] :]
            length, met = _follow(links, node_of, visited, path, k, -1)
            ends[s] = _CLOSED if is_closed else _FREE, _CLOSED if is_closed else met
            offsets[s + 1] = offsets[s] + length
            s += 1
    return order[: offsets[s]], offsets[: s + 1], ends[:s]
