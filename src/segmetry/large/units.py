"""Connected parts of all tiles, put together: what has to be cut as one.

A unit is all foreground that is connected, with its holes and what lies in them. Of two
tiles that lie beside each other, parts are joined whose pixels touch across their border.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from segmetry.large.boxes import Boxes, Grid, as_boxes
from segmetry.large.tile_parts import TileParts

__all__ = ["join_parts"]

_Edges = list[NDArray[np.int64]]


def join_parts(grid: Grid, tiles: Sequence[TileParts]) -> Boxes:
    """Return the boxes of all units of a picture.

    Parameters
    ----------
    grid : Grid
    tiles : sequence of TileParts
        One for each tile.

    Returns
    -------
    ndarray of int64, shape (n, 4)

    Examples
    --------
    >>> from segmetry.large.tile_parts import parts_of_tile
    >>> grid, picture = Grid((1, 6), 3), np.array([[1, 0, 1, 1, 0, 0]], bool)
    >>> tiles = [
    ...     parts_of_tile(picture[grid.core(k)], grid.core(k), (1, 6), holes=True)
    ...     for k in range(2)
    ... ]
    >>> join_parts(grid, tiles).tolist()
    [[0, 0, 1, 1], [0, 2, 1, 4]]
    """
    n_open = np.cumsum([0, *(len(tile.open) for tile in tiles)])
    n_ground = np.cumsum([0, *(len(tile.at_frame) for tile in tiles)])
    lines = _border_lines(grid, tiles, n_open, n_ground)
    is_hole = _holes(tiles, lines, int(n_ground[-1]))
    # In one graph, open foreground comes first, then open background.
    edges = [
        edge
        for before, behind in lines
        for edge in (
            *_over_corners(before, behind),
            *_across(before, behind, is_hole, int(n_open[-1])),
        )
    ]
    edges += _beside_holes(tiles, is_hole, n_open, n_ground)
    n_nodes = int(n_open[-1] + n_ground[-1])
    members = _components(edges, n_nodes)[: n_open[-1]]
    closed = _closed(tiles, is_hole, n_ground)
    return np.concatenate([closed, _joined_boxes(tiles, members)])


def _border_lines(
    grid: Grid,
    tiles: Sequence[TileParts],
    n_open: NDArray[np.int64],
    n_ground: NDArray[np.int64],
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return what lies on both sides of each border, over the whole picture.

    Numbers of all tiles together: open foreground from 1, background below 0, 0 for
    neither.
    """

    def named(tile: int, side: str) -> NDArray[np.int64]:
        line = getattr(tiles[tile], side).astype(np.int64)
        return np.where(
            line > 0,
            line + n_open[tile],
            np.where(line < 0, line - n_ground[tile], 0),
        )

    def whole(which: NDArray[np.intp], side: str) -> NDArray[np.int64]:
        return np.concatenate([named(tile, side) for tile in which])

    table = np.arange(len(grid)).reshape(grid.n_rows, grid.n_columns)
    below = [
        (whole(table[row], "bottom"), whole(table[row + 1], "top"))
        for row in range(grid.n_rows - 1)
    ]
    beside = [
        (whole(table[:, column], "right"), whole(table[:, column + 1], "left"))
        for column in range(grid.n_columns - 1)
    ]
    return below + beside


def _holes(
    tiles: Sequence[TileParts],
    lines: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    n_ground: int,
) -> NDArray[np.bool_]:
    """Return which open background does not reach the frame, in whatever way round."""
    if not n_ground:
        return np.zeros(0, np.bool_)
    edges = []
    for before, behind in lines:
        both = (before < 0) & (behind < 0)
        edges.append(np.stack([-before[both] - 1, -behind[both] - 1]))
    members = _components(edges, n_ground)
    at_frame = np.concatenate([tile.at_frame for tile in tiles])
    is_outside = np.zeros(members.max() + 1, np.bool_)
    is_outside[members[at_frame]] = True
    return np.asarray(~is_outside[members])


def _over_corners(before: NDArray[np.int64], behind: NDArray[np.int64]) -> _Edges:
    """Return pairs of open foreground that touch across a border, over corners too."""
    edges = []
    for one, other in (
        (before, behind),
        (before[:-1], behind[1:]),
        (before[1:], behind[:-1]),
    ):
        both = (one > 0) & (other > 0)
        edges.append(np.stack([one[both] - 1, other[both] - 1]))
    return edges


def _across(
    before: NDArray[np.int64],
    behind: NDArray[np.int64],
    is_hole: NDArray[np.bool_],
    n_open: int,
) -> _Edges:
    """Return pairs across a border of which one is a hole or both are."""
    if not is_hole.any():
        return []
    edges = []
    for one, other in ((before, behind), (behind, before)):
        chosen = (one < 0) & (other != 0)
        chosen[chosen] = is_hole[-one[chosen] - 1]
        ground, beside = one[chosen], other[chosen]
        nodes = np.where(beside > 0, beside - 1, n_open - beside - 1)
        edges.append(np.stack([n_open - ground - 1, nodes]))
    return edges


def _beside_holes(
    tiles: Sequence[TileParts],
    is_hole: NDArray[np.bool_],
    n_open: NDArray[np.int64],
    n_ground: NDArray[np.int64],
) -> _Edges:
    """Return pairs of open foreground and holes that touch within a tile."""
    if not is_hole.any():
        return []
    edges = []
    for number, tile in enumerate(tiles):
        pairs = tile.beside.astype(np.int64) - 1
        ground = pairs[:, 1] + n_ground[number]
        both = np.stack([pairs[:, 0] + n_open[number], ground + n_open[-1]])
        edges.append(both[:, is_hole[ground]])
    return edges


def _components(edges: _Edges, n_nodes: int) -> NDArray[np.int32]:
    if not n_nodes:
        return np.zeros(0, np.int32)
    pairs = np.concatenate([np.zeros((2, 0), np.int64), *edges], axis=1)
    weights = np.ones(pairs.shape[1], np.int8)
    graph = coo_matrix((weights, tuple(pairs)), shape=(n_nodes, n_nodes))
    return np.asarray(connected_components(graph, directed=False)[1])


def _closed(
    tiles: Sequence[TileParts], is_hole: NDArray[np.bool_], n_ground: NDArray[np.int64]
) -> Boxes:
    """Return closed foreground that does not lie in a hole of a larger unit."""
    kept = []
    for number, tile in enumerate(tiles):
        in_hole = np.zeros(len(tile.closed), np.bool_)
        known = tile.ground > 0
        in_hole[known] = is_hole[tile.ground[known] - 1 + n_ground[number]]
        kept.append(tile.closed[~in_hole])
    return np.concatenate([as_boxes([]), *kept])


def _joined_boxes(tiles: Sequence[TileParts], members: NDArray[np.int32]) -> Boxes:
    boxes = np.concatenate([as_boxes([]), *(tile.open for tile in tiles)])
    if not len(boxes):
        return boxes
    order = np.argsort(members, kind="stable")
    firsts = np.flatnonzero(np.diff(members[order], prepend=-1))
    ordered = boxes[order]
    first_corners = np.minimum.reduceat(ordered[:, :2], firsts)
    last_corners = np.maximum.reduceat(ordered[:, 2:], firsts)
    return as_boxes(np.concatenate([first_corners, last_corners], axis=1))
