"""Connected parts of one tile: those that end in it, and those that may go on beyond.

Foreground touches over sides and corners, background over sides only. Background that
does not reach the frame of the picture is a hole; whether that of a tile does can only
be said when all tiles are known, but for holes that lie in the tile as a whole.
"""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

from dataclasses import dataclass

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from segmetry.large.boxes import Boxes, as_boxes
from segmetry.tiled import Window

__all__ = ["TileParts", "parts_of_tile"]

_LINE = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class TileParts:
    """The parts of a tile. Boxes and pixels are places in the picture.

    Parameters
    ----------
    closed : ndarray of int64, shape (n, 4)
        Boxes of foreground that ends in this tile, with its holes.
    ground : ndarray of int32, shape (n,)
        In which open background each of them lies, by number from 1; 0 where holes are
        not asked for.
    open : ndarray of int64, shape (m, 4)
        Boxes of foreground that reaches a side of the tile where the picture goes on.
    at_frame : ndarray of bool, shape (g,)
        Which open background, by number less one, reaches the frame of the picture.
    beside : ndarray of int32, shape (p, 2)
        Numbers of open foreground and of open background that share a side.
    top, bottom, left, right : ndarray of int32
        Along each side of the tile: the number of the open foreground, or less than 0,
        that of the open background.
    """

    closed: Boxes
    ground: NDArray[np.int32]
    open: Boxes
    at_frame: NDArray[np.bool_]
    beside: NDArray[np.int32]
    top: _LINE
    bottom: _LINE
    left: _LINE
    right: _LINE


def parts_of_tile(
    foreground: NDArray[np.bool_],
    window: Window,
    shape: tuple[int, int],
    *,
    holes: bool,
    min_area: int = 1,
) -> TileParts:
    """Return the connected parts of a tile.

    Parameters
    ----------
    foreground : ndarray of bool, shape (y, x)
    window : Window
        Where the tile lies in the picture.
    shape : tuple of int
        Rows and columns of the picture.
    holes : bool
        Whether holes count as parts of the foreground around them.
    min_area : int
        Closed foreground of fewer pixels is left out.

    Returns
    -------
    TileParts

    Examples
    --------
    >>> tile = np.array([[0, 0, 0, 1], [0, 1, 0, 1]], bool)
    >>> found = parts_of_tile(tile, (slice(0, 2), slice(0, 4)), (2, 9), holes=True)
    >>> found.closed.tolist(), found.open.tolist(), found.right.tolist()
    ([[1, 1, 2, 2]], [[0, 3, 2, 4]], [1, 1])
    """
    ground = np.zeros(foreground.shape, np.int32)
    at_frame = np.zeros(0, np.bool_)
    if holes:
        ground, at_frame = _open_ground(foreground, window, shape)
        foreground = ground == 0
    n_parts, *found = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(foreground).view(np.uint8), connectivity=8
    )
    parts, sums = (np.asarray(one, dtype=np.int32) for one in found[:2])
    numbers, is_open = _numbers_of_open(parts, n_parts, _cut_sides(window, shape))
    lies_in, beside = _contacts(parts, ground, numbers)
    boxes = _boxes(sums, window)
    closed = ~is_open & (sums[:, cv2.CC_STAT_AREA] >= min_area)
    closed[0] = False  # the background
    lines = [
        np.where(parts[side] > 0, numbers[parts[side]], -ground[side])
        for side in (
            (0, slice(None)),
            (-1, slice(None)),
            (slice(None), 0),
            (slice(None), -1),
        )
    ]
    return TileParts(
        boxes[closed],
        lies_in[closed],
        boxes[is_open],
        at_frame,
        np.unique(np.asarray(beside, np.int32).reshape(-1, 2), axis=0),
        *(np.ascontiguousarray(line, dtype=np.int32) for line in lines),
    )


def _open_ground(
    foreground: NDArray[np.bool_], window: Window, shape: tuple[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return numbers of background that reaches a side; all else, with holes, is 0."""
    around = np.ascontiguousarray(~foreground).view(np.uint8)
    count, parts = cv2.connectedComponents(around, connectivity=4)
    numbers = np.zeros(count, np.int32)
    sides = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    reaching = np.unique(sides[sides > 0])
    numbers[reaching] = np.arange(1, len(reaching) + 1)
    at_frame = np.zeros(len(reaching) + 1, np.bool_)
    (rows, columns), (height, width) = window, shape
    for is_frame, line in (
        (rows.start == 0, parts[0]),
        (rows.stop == height, parts[-1]),
        (columns.start == 0, parts[:, 0]),
        (columns.stop == width, parts[:, -1]),
    ):
        if is_frame:
            at_frame[numbers[line]] = True
    return numbers[parts], at_frame[1:]


def _cut_sides(window: Window, shape: tuple[int, int]) -> tuple[bool, bool, bool, bool]:
    """Return at which sides (top, bottom, left, right) the picture goes on."""
    rows, columns = window
    return (
        rows.start > 0,
        rows.stop < shape[0],
        columns.start > 0,
        columns.stop < shape[1],
    )


def _numbers_of_open(
    parts: NDArray[np.int32], n_parts: int, cut: tuple[bool, bool, bool, bool]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return a number from 1 for each part that reaches a cut side, 0 for others."""
    is_open = np.zeros(n_parts, np.bool_)
    for is_cut, line in zip(
        cut, (parts[0], parts[-1], parts[:, 0], parts[:, -1]), strict=True
    ):
        if is_cut:
            is_open[line] = True
    is_open[0] = False
    numbers = np.where(is_open, np.cumsum(is_open), 0).astype(np.int32)
    return numbers, is_open


def _boxes(sums: NDArray[np.int32], window: Window) -> Boxes:
    left, top, width, height = sums[:, :4].T.astype(np.int64)
    top, left = top + window[0].start, left + window[1].start
    return as_boxes(np.stack([top, left, top + height, left + width], axis=1))


@numba.njit(cache=True)
def _contacts(parts, ground, numbers):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return in which background each part lies, and pairs of open parts that touch."""
    height, width = parts.shape
    lies_in = np.zeros(len(numbers), np.int32)
    pairs = [(np.int32(0), np.int32(0)) for _ in range(0)]
    last = np.zeros(len(numbers), np.int32)
    for y in range(height):
        for x in range(width):
            part = parts[y, x]
            if part == 0:
                continue
            for dy, dx in ((-1, 0), (0, -1), (0, 1), (1, 0)):
                if not (0 <= y + dy < height and 0 <= x + dx < width):
                    continue
                other = ground[y + dy, x + dx]
                if other == 0 or other == last[part]:
                    continue
                last[part] = other
                lies_in[part] = other
                if numbers[part] > 0:
                    pairs.append((numbers[part], other))
    return lies_in, pairs
