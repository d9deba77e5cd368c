"""A picture in a file whose pixel size and excluded area are settled."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Axes, Image, PixelSize
from segmetry.tiled import TiledImage, Window

__all__ = ["ReadyPicture"]


@dataclass(frozen=True, eq=False)
class ReadyPicture:
    """A picture that is read window by window, with what was settled about it.

    Parameters
    ----------
    tiled : TiledImage
        As it is stored.
    pixel_size : PixelSize or None
    excluded : ndarray of uint8, shape (Y, ceil(X / 8)), or None
        What is no part of the sample, eight pixels in a byte (`numpy.packbits`).

    Examples
    --------
    >>> from segmetry.tiled import InMemory
    >>> banner = np.array([[False] * 3, [True] * 3])
    >>> stored = InMemory(Image(np.zeros((2, 3), np.uint8)))
    >>> picture = ReadyPicture(stored, None, np.packbits(banner, axis=1))
    >>> picture.read((slice(0, 2), slice(1, 3))).included.tolist()
    [[True, True], [False, False]]
    """

    tiled: TiledImage
    pixel_size: PixelSize | None
    excluded: NDArray[np.uint8] | None = None

    @property
    def axes(self) -> Axes:
        """Its axes."""
        return self.tiled.axes

    @property
    def spatial_shape(self) -> tuple[int, int]:
        """Number of its rows and columns."""
        return self.tiled.spatial_shape

    @property
    def name(self) -> str:
        """What people call it."""
        return self.tiled.name

    def read(self, window: Window) -> Image:
        """Return what lies in a window, with what is excluded there."""
        image = self.tiled.read(window)
        excluded = image.excluded
        if self.excluded is not None:
            excluded = self._excluded_in(window)
        return replace(image, pixel_size=self.pixel_size, excluded=excluded)

    def _excluded_in(self, window: Window) -> NDArray[np.bool_] | None:
        assert self.excluded is not None  # noqa: S101 - for the type checker
        rows, columns = window
        first = columns.start // 8
        some = self.excluded[rows, first : -(-columns.stop // 8)]
        bits = np.unpackbits(some, axis=1)
        start = columns.start - 8 * first
        excluded = bits[:, start : start + columns.stop - columns.start].view(np.bool_)
        return np.ascontiguousarray(excluded) if excluded.any() else None
