"""The compiled flood that gives every foreground pixel to one hill of the distance map."""

# ruff: noqa: ANN001, ANN201, ANN202, PLR0913, PLR0917 - types are inferred

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS_PER_PIXEL", "flood", "number"]

LEVELS_PER_PIXEL = 64  # finer than the steps of the distance map below 32 pixels


@numba.njit(cache=True)
def _root(parent, basin):  # type: ignore[no-untyped-def] # pragma: no cover
    while parent[basin] != basin:
        parent[basin] = parent[parent[basin]]
        basin = parent[basin]
    return basin


@numba.njit(cache=True)
def _by_level(distance, levels):  # type: ignore[no-untyped-def] # pragma: no cover
    """Fill the padded `levels` and return foreground positions, deepest first."""
    height, width = distance.shape
    top = 0
    for y in range(height):
        for x in range(width):
            level = int(distance[y, x] * LEVELS_PER_PIXEL)
            levels[y + 1, x + 1] = level
            top = max(top, level)
    start = np.zeros(top + 2, np.int64)
    for y in range(height):
        for x in range(width):
            start[top - levels[y + 1, x + 1] + 1] += 1
    start = np.cumsum(start)
    order = np.empty(start[top], np.int64)  # level 0 is background and comes last
    for y in range(1, height + 1):
        for x in range(1, width + 1):
            level = levels[y, x]
            if level > 0:
                order[start[top - level]] = y * (width + 2) + x
                start[top - level] += 1
    return order


@numba.njit(cache=True)
def _home(level, basin, place, steps):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return the basin of the deepest visited neighbour, and whether basins differ."""
    home, deepest, meeting = -1, -1, False
    for step in steps:
        other = basin[place + step]
        if other < 0:
            continue
        meeting |= home >= 0 and home != other
        if level[place + step] > deepest:
            deepest = level[place + step]
            home = other
    return home, meeting


@numba.njit(cache=True)
def _join(basin, parent, hill, place, steps, here, waist, rough):  # type: ignore[no-untyped-def] # pragma: no cover
    """Make one basin of those that meet here, unless the waist between them is narrow."""
    home = _root(parent, basin[place])
    for step in steps:
        if basin[place + step] < 0:
            continue
        other = _root(parent, basin[place + step])
        low = min(hill[home], hill[other])
        if other == home or (here < waist * low and low - here > rough):
            continue
        if hill[home] < hill[other]:
            home, other = other, home
        parent[other] = home


@numba.njit(cache=True)
def flood(  # type: ignore[no-untyped-def] # pragma: no cover
    distance: NDArray[np.float32], waist: float, depth: float
):
    """Return basins of the distance map, cut at narrow waists, as numbers from 0.

    Pixels are visited from the deepest to the shallowest. A pixel joins its deepest
    visited neighbour (of eight) or starts a basin of its own. Where two basins meet at
    the level of the pixel, they become one unless the waist there is narrow against the
    smaller of the two hills.

    Parameters
    ----------
    distance : ndarray of float32, shape (Y, X), C-contiguous
        Distance to the background in pixels; 0 is background.
    waist : float
        Basins stay apart where the waist is narrower than this share of the smaller hill.
    depth : float
        ... and lower than that hill by more than this, in pixels.

    Returns
    -------
    ndarray of int32, shape (Y, X)
        Number of the basin of each pixel, -1 in the background.
    int
        Upper bound of the numbers.
    """
    height, width = distance.shape
    levels = np.zeros((height + 2, width + 2), np.int32)
    order = _by_level(distance, levels)
    level = levels.ravel()
    basin = np.full(level.size, -1, np.int32)
    # Two starts are never neighbours, so every 2 x 2 block holds one at most.
    bound = ((height + 1) // 2) * ((width + 1) // 2)
    parent = np.arange(bound)
    hill = np.zeros(bound, np.int32)
    row = width + 2
    steps = np.array([-row, -1, 1, row, -row - 1, -row + 1, row - 1, row + 1])
    rough = int(depth * LEVELS_PER_PIXEL)
    count = 0
    for place in order:
        home, meeting = _home(level, basin, place, steps)
        if home < 0:
            home = count
            hill[home] = level[place]
            count += 1
        basin[place] = home
        if meeting:
            _join(basin, parent, hill, place, steps, level[place], waist, rough)
    for place in order:
        basin[place] = _root(parent, basin[place])
    return basin.reshape(levels.shape)[1:-1, 1:-1], count


@numba.njit(cache=True)
def number(  # type: ignore[no-untyped-def] # pragma: no cover
    basin: NDArray[np.int32], count: int, min_area: int
):
    """Give basins of `min_area` pixels or more numbers from 1, in reading order."""
    area = np.zeros(count, np.int64)
    for value in basin.flat:
        if value >= 0:
            area[value] += 1
    height, width = basin.shape
    name = np.zeros(count, np.uint32)
    labels = np.zeros(basin.shape, np.uint32)
    n = 0
    for y in range(height):
        for x in range(width):
            value = basin[y, x]
            if value < 0 or area[value] < min_area:
                continue
            if name[value] == 0:
                n += 1
                name[value] = n
            labels[y, x] = name[value]
    return labels
