"""Boxes around objects, windows of a picture, and the grid of tiles that covers it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.tiled import Window

__all__ = [
    "Boxes",
    "Grid",
    "area_of",
    "as_boxes",
    "grown",
    "hull",
    "meet",
    "together",
    "within",
]

Boxes = NDArray[np.int64]  # of shape (n, 4): first y, first x, and exclusive last y, x


@dataclass(frozen=True)
class Grid:
    """Tiles that cover a picture without overlap.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the picture.
    side : int
        Rows and columns of a tile; those at the right and at the bottom may have fewer.

    Examples
    --------
    >>> grid = Grid((100, 250), 100)
    >>> len(grid), grid.core(2)
    (3, (slice(0, 100, None), slice(200, 250, None)))
    """

    shape: tuple[int, int]
    side: int

    @property
    def n_columns(self) -> int:
        """Tiles beside each other."""
        return -(-self.shape[1] // self.side)

    @property
    def n_rows(self) -> int:
        """Tiles below each other."""
        return -(-self.shape[0] // self.side)

    def __len__(self) -> int:
        return self.n_rows * self.n_columns

    def core(self, tile: int) -> Window:
        """Return where a tile lies, counted from 0 as one reads."""
        row, column = divmod(tile, self.n_columns)
        top, left = row * self.side, column * self.side
        return (
            slice(top, min(top + self.side, self.shape[0])),
            slice(left, min(left + self.side, self.shape[1])),
        )

    def tiles_in(self, window: Window) -> Iterator[int]:
        """Yield the tiles that share pixels with a window."""
        rows, columns = window
        for row in range(rows.start // self.side, (rows.stop - 1) // self.side + 1):
            first = row * self.n_columns
            yield from range(
                first + columns.start // self.side,
                first + (columns.stop - 1) // self.side + 1,
            )


def as_boxes(values: Any) -> Boxes:
    """Return boxes as one array, also of none."""
    return np.asarray(values, dtype=np.int64).reshape(-1, 4)


def grown(window: Window, margin: int, shape: tuple[int, int]) -> Window:
    """Return a window with a margin on all sides, as far as the picture goes.

    Examples
    --------
    >>> grown((slice(2, 4), slice(0, 5)), 3, (9, 6))
    (slice(0, 7, None), slice(0, 6, None))
    """
    rows, columns = (
        slice(max(side.start - margin, 0), min(side.stop + margin, length))
        for side, length in zip(window, shape, strict=True)
    )
    return rows, columns


def hull(boxes: Boxes) -> Window:
    """Return the window that holds all boxes; there must be one.

    Examples
    --------
    >>> hull(as_boxes([[1, 2, 3, 4], [0, 3, 2, 9]]))
    (slice(0, 3, None), slice(2, 9, None))
    """
    top, left = boxes[:, :2].min(axis=0).tolist()
    bottom, right = boxes[:, 2:].max(axis=0).tolist()
    return slice(top, bottom), slice(left, right)


def meet(boxes: Boxes, window: Window) -> NDArray[np.bool_]:
    """Return which boxes share pixels with a window.

    Examples
    --------
    >>> meet(as_boxes([[0, 0, 2, 2], [2, 0, 4, 9]]), (slice(1, 2), slice(1, 5))).tolist()
    [True, False]
    """
    rows, columns = window
    is_beside = (boxes[:, 0] >= rows.stop) | (boxes[:, 2] <= rows.start)
    is_beside |= (boxes[:, 1] >= columns.stop) | (boxes[:, 3] <= columns.start)
    return ~is_beside


def within(inner: Window, outer: Window) -> Window:
    """Return where a window lies in a larger one.

    Examples
    --------
    >>> within((slice(5, 7), slice(3, 4)), (slice(4, 9), slice(0, 9)))
    (slice(1, 3, None), slice(3, 4, None))
    """
    rows, columns = (
        slice(own.start - side.start, own.stop - side.start)
        for own, side in zip(inner, outer, strict=True)
    )
    return rows, columns


def area_of(window: Window) -> int:
    """Return how many pixels a window has."""
    rows, columns = window
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def together(one: Window, other: Window) -> Window:
    """Return the window that holds two.

    Examples
    --------
    >>> together((slice(0, 2), slice(5, 7)), (slice(1, 3), slice(0, 6)))
    (slice(0, 3, None), slice(0, 7, None))
    """
    rows, columns = (
        slice(min(a.start, b.start), max(a.stop, b.stop))
        for a, b in zip(one, other, strict=True)
    )
    return rows, columns
