"""A picture that is read window by window, because it may be larger than memory."""

from dataclasses import dataclass
from typing import Protocol

from segmetry.image import Axes, Image, PixelSize

__all__ = ["InMemory", "TiledImage", "Window"]

Window = tuple[slice, slice]  # rows and columns, both with start and stop


class TiledImage(Protocol):
    """A picture of axes YX or YXC of which any window can be read.

    It holds no pixels itself, so that it can be sent to another process.
    """

    @property
    def axes(self) -> Axes:
        """Its axes, "YX" or "YXC"."""

    @property
    def spatial_shape(self) -> tuple[int, int]:
        """Number of its rows and columns."""

    @property
    def pixel_size(self) -> PixelSize | None:
        """Size of its pixels; `None` where it is not known."""

    @property
    def name(self) -> str:
        """What people call it, as a rule its file name."""

    def read(self, window: Window) -> Image:
        """Return what lies in a window, with the pixel size and name of the whole."""


@dataclass(frozen=True, eq=False)
class InMemory:
    """A picture in memory, read window by window as one on a disk is.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.

    Examples
    --------
    >>> import numpy as np
    >>> picture = InMemory(Image(np.arange(12).reshape(3, 4)))
    >>> picture.read((slice(1, 3), slice(0, 2))).pixels
    array([[4, 5],
           [8, 9]])
    """

    image: Image

    @property
    def axes(self) -> Axes:
        """Its axes."""
        return self.image.axes

    @property
    def spatial_shape(self) -> tuple[int, int]:
        """Number of its rows and columns."""
        height, width = self.image.spatial_shape
        return height, width

    @property
    def pixel_size(self) -> PixelSize | None:
        """Size of its pixels; `None` where it is not known."""
        return self.image.pixel_size

    @property
    def name(self) -> str:
        """What people call it."""
        return self.image.name

    def read(self, window: Window) -> Image:
        """Return what lies in a window, with what is excluded there."""
        image = self.image
        excluded = None if image.excluded is None else image.excluded[window]
        return Image(
            image.pixels[window],
            axes=image.axes,
            pixel_size=image.pixel_size,
            excluded=excluded,
            name=image.name,
            steps=image.steps,
        )
