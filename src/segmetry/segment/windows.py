"""Windows of a picture: reading one with what lies around it, and covering all of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.tiled import TiledImage, Window

__all__ = ["Over", "Part", "blocks", "everywhere", "part_of"]

_BLOCK = 2048  # pixels along a side: few enough that some of them fit into any memory

Given = TypeVar("Given")
Answer = TypeVar("Answer")


class Over(Protocol):
    """How a function is applied to many windows: `map`, or one of several processes."""

    def __call__(
        self, work: Callable[[Given], Answer], items: Iterable[Given], /
    ) -> Iterable[Answer]:
        """Return the answers in the order of the items."""


@dataclass(frozen=True, eq=False)
class Part:
    """A window of a picture, read with pixels around it that blurs look at.

    Parameters
    ----------
    image : Image
        What was read.
    outer : Window
        Where that lies in the picture.
    inner : Window
        Where the window lies in what was read.
    shape : tuple of int
        Rows and columns of the whole picture.
    """

    image: Image
    outer: Window
    inner: Window
    shape: tuple[int, int]

    @property
    def window(self) -> Window:
        """Where the window lies in the picture."""
        (top, left), (rows, columns) = (side.start for side in self.outer), self.inner
        return (
            slice(top + rows.start, top + rows.stop),
            slice(left + columns.start, left + columns.stop),
        )

    @property
    def included(self) -> NDArray[np.bool_] | None:
        """True where a pixel of the window belongs to the sample; `None` if all do."""
        excluded = self.image.excluded
        return None if excluded is None else np.asarray(~excluded[self.inner])


def part_of(tiled: TiledImage, window: Window, reach: int) -> Part:
    """Read a window of a picture, and as many pixels around it as there are.

    Parameters
    ----------
    tiled : TiledImage
    window : Window
    reach : int
        Pixels on each side.

    Returns
    -------
    Part

    Examples
    --------
    >>> from segmetry.tiled import InMemory
    >>> picture = InMemory(Image(np.arange(20).reshape(4, 5)))
    >>> part = part_of(picture, (slice(0, 1), slice(2, 4)), 1)
    >>> part.image.pixels.tolist(), part.image.pixels[part.inner].tolist()
    ([[1, 2, 3, 4], [6, 7, 8, 9]], [[2, 3]])
    """
    shape = tiled.spatial_shape
    sides = [
        (max(side.start - reach, 0), min(side.stop + reach, length))
        for side, length in zip(window, shape, strict=True)
    ]
    (top, bottom), (left, right) = sides
    rows, columns = window
    return Part(
        image=tiled.read((slice(top, bottom), slice(left, right))),
        outer=(slice(top, bottom), slice(left, right)),
        inner=(
            slice(rows.start - top, rows.stop - top),
            slice(columns.start - left, columns.stop - left),
        ),
        shape=shape,
    )


def everywhere(shape: tuple[int, int]) -> Window:
    """Return the window that is the whole picture."""
    return slice(0, shape[0]), slice(0, shape[1])


def blocks(shape: tuple[int, int]) -> Iterator[Window]:
    """Yield windows that cover a picture, the same ones for all that is summed over it.

    Sums of real numbers depend on their order in the last bit, so all pictures are summed
    in these blocks, whether they are in memory or not.

    Examples
    --------
    >>> [(rows.stop, columns.stop) for rows, columns in blocks((100, 3000))]
    [(100, 2048), (100, 3000)]
    """
    height, width = shape
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            yield (
                slice(top, min(top + _BLOCK, height)),
                slice(left, min(left + _BLOCK, width)),
            )
