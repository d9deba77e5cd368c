"""Cleaning the graph of a skeleton: spurs are cut, junctions that are one are joined.

A skeleton has a branch for every bump of the mask's edge, and two junctions where two
lines cross. Both are smaller than the line is wide, and so say nothing. A path with one
free end is a spur where it is shorter than the line is wide at its junction. Two junctions
are one where the path between them is shorter than the line is wide. The width here is
twice the distance to the background. Closed paths are kept, whatever their length.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.skeleton import RING, SkeletonGraph

__all__ = ["Network", "clean_network", "only_lines", "path_lengths"]

_Path = NDArray[np.float64]
_End = tuple[int, int]  # a line, and which of its ends: 0 or 1


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and the lines between them. Places are (y, x), in pixels.

    Parameters
    ----------
    nodes : ndarray of float64, shape (K, 2)
    radii : ndarray of float64, shape (K,)
        Distance from each node to the background.
    ends : ndarray of int64, shape (S, 2)
        Rows of `nodes`; `RING` twice for a closed line without nodes.
    paths : tuple of ndarray of float64, each of shape (n, 2)
        Pixels of each line, without those of its junctions.
    """

    nodes: NDArray[np.float64]
    radii: NDArray[np.float64]
    ends: NDArray[np.int64]
    paths: tuple[_Path, ...]

    @property
    def degree(self) -> NDArray[np.int64]:
        """Ends of lines that meet at each node: 1 at a free end, 3 or more at a branch."""
        return np.bincount(self.ends[self.ends != RING], minlength=len(self.nodes))

    @property
    def degree_at_ends(self) -> NDArray[np.int64]:
        """Degree of the nodes at the ends of each line, shape (S, 2); 0 for closed ones."""
        return np.append(self.degree, 0)[self.ends]  # RING is the last index


def clean_network(
    graph: SkeletonGraph, distance: NDArray[np.floating], *, prune: float = 1.0
) -> Network:
    """Return the network that is left of a graph without spurs and double junctions.

    Parameters
    ----------
    graph : SkeletonGraph
    distance : ndarray of float, shape (Y, X)
        Distance of each pixel to the background, in pixels.
    prune : float
        Paths shorter than this many widths are cut or joined. 0 keeps them all.

    Returns
    -------
    Network

    Examples
    --------
    >>> from segmetry.measure.skeleton import skeleton_graph
    >>> line = np.zeros((5, 20), bool)
    >>> line[2], line[1, 10] = True, True
    >>> distance = np.where(line, 1.0, 0.0)
    >>> len(clean_network(skeleton_graph(line), distance).paths)
    1
    """
    rows, columns = np.rint(graph.nodes).astype(np.intp).T
    radii = distance[rows, columns].astype(np.float64)
    np.maximum.at(radii, graph.junction_of, distance[tuple(graph.junction_pixels.T)])
    network = _join_through(Network(graph.nodes, radii, graph.ends, graph.paths))
    while True:
        kept = ~_is_spur(network, prune)
        if kept.all():
            return _join_junctions(network, prune)
        network = _join_through(only_lines(network, kept))


def only_lines(network: Network, kept: NDArray[np.bool_]) -> Network:
    """Return a network with some of its lines.

    Parameters
    ----------
    network : Network
    kept : ndarray of bool, shape (S,)

    Examples
    --------
    >>> line = (np.zeros((1, 2)),)
    >>> closed = Network(np.zeros((0, 2)), np.zeros(0), np.full((1, 2), RING), line)
    >>> only_lines(closed, np.array([False])).paths
    ()
    """
    paths = tuple(path for path, keep in zip(network.paths, kept, strict=True) if keep)
    return replace(network, ends=network.ends[kept], paths=paths)


def path_lengths(paths: tuple[_Path, ...]) -> NDArray[np.float64]:
    """Return the length of each path from its first to its last point, in pixels.

    Parameters
    ----------
    paths : tuple of ndarray of float64, each of shape (n, 2)
        Each of one point at least.

    Examples
    --------
    >>> path_lengths((np.array([[0.0, 0.0], [3.0, 4.0]]), np.zeros((1, 2)))).tolist()
    [5.0, 0.0]
    """
    if not paths:
        return np.zeros(0)
    counts = np.array([len(path) for path in paths])
    line = np.repeat(np.arange(len(paths)), counts)
    steps = np.hypot(*np.diff(np.concatenate(paths), axis=0).T)
    steps[line[1:] != line[:-1]] = 0
    return np.bincount(line[1:], steps, len(paths)).astype(np.float64)


def _is_spur(network: Network, prune: float) -> NDArray[np.bool_]:
    """Mark the lines with one free end that are shorter than their junction is wide."""
    branching = network.degree_at_ends > 1
    candidates = np.flatnonzero(branching.sum(axis=1) == 1)
    paths = tuple(network.paths[k] for k in candidates)
    side = branching[candidates].argmax(axis=1)
    junctions = network.ends[candidates, side]
    first = [path[-i] for path, i in zip(paths, side, strict=True)]
    gaps = np.reshape(first, (-1, 2)) - network.nodes[junctions]
    lengths = path_lengths(paths) + np.hypot(*gaps.T)
    found = np.zeros(len(network.paths), dtype=bool)
    found[candidates] = lengths < prune * 2 * network.radii[junctions]
    return found


def _join_through(network: Network) -> Network:
    """Make one line of two that meet where no other does."""
    meeting: dict[int, list[_End]] = {}
    for k, side in np.argwhere(network.degree_at_ends == 2).tolist():
        meeting.setdefault(int(network.ends[k, side]), []).append((k, side))
    across: dict[_End, _End] = {}
    for one, other in meeting.values():
        across[one], across[other] = other, one
    ends, paths = [], []
    done: set[int] = set()
    for k in range(len(network.paths)):
        if k in done:
            continue
        ahead, is_closed = _run(k, across)
        behind = [] if is_closed else _run(k, across, backwards=True)[0]
        chain = [(j, 1 - side) for j, side in reversed(behind)] + [(k, 1), *ahead]
        done.update(j for j, _ in chain)
        (first, leaving), (last, arriving) = chain[0], chain[-1]
        outer = network.ends[first, 1 - leaving], network.ends[last, arriving]
        ends.append((RING, RING) if is_closed else outer)
        parts = [network.paths[j][:: 1 if side else -1] for j, side in chain]
        paths.append(np.concatenate(parts) if len(parts) > 1 else parts[0])
    joined = np.reshape(np.array(ends, dtype=np.int64), (-1, 2))
    return replace(network, ends=joined, paths=tuple(paths))


def _run(
    first: int, across: dict[_End, _End], *, backwards: bool = False
) -> tuple[list[_End], bool]:
    """Return the lines that follow on one, with the end each is left by, and if closed."""
    found: list[_End] = []
    end = (first, 0 if backwards else 1)
    while end in across:
        k, side = across[end]
        if k == first:
            return found, True
        end = (k, 1 - side)
        found.append(end)
    return found, False


def _join_junctions(network: Network, prune: float) -> Network:
    """Make one junction of two between which the path is shorter than they are wide."""
    start, end = network.ends.T
    between = (start != end) & (network.degree_at_ends > 2).all(axis=1)
    lengths = path_lengths(network.paths) + 2  # a step to the junction at either end
    radius = np.append(network.radii, 0)
    is_short = lengths < prune * (radius[start] + radius[end])
    nodes, radii = network.nodes.copy(), network.radii.copy()
    name = np.append(np.arange(len(nodes)), RING)
    kept = np.ones(len(network.paths), dtype=bool)
    joined: set[int] = set()
    bridges = np.flatnonzero(between & is_short)
    # Each junction is joined once, to the nearest: else a fine mesh would shrink to a dot.
    for k in bridges[np.argsort(lengths[bridges], kind="stable")]:
        one, other = int(start[k]), int(end[k])
        if not joined.isdisjoint((one, other)):
            continue
        joined.update((one, other))
        kept[k] = False
        name[other] = one
        nodes[one] = (nodes[one] + nodes[other]) / 2
        radii[one] = max(radii[one], radii[other])
    network = replace(network, nodes=nodes, radii=radii, ends=name[network.ends])
    return only_lines(network, kept)
