"""What a network is shown of a picture: a part of it, at a scale, in values of its own."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.models.normalization import Scaling, scaled
from segmetry.models.resampling import resampled_in
from segmetry.models.scale import resampled
from segmetry.segment.reducing import Patch, patch, reduced_shape, whole
from segmetry.segment.survey import Survey
from segmetry.segment.windows import blocks, everywhere
from segmetry.tiled import TiledImage, Window

__all__ = ["NetworkSurvey", "Shown", "View"]

_CELLS = 64  # pixels of a reduced copy across the square that is looked for


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkSurvey(Survey):
    """What a network has to know of a whole picture.

    Parameters
    ----------
    scaling : Scaling
        How grey values become those that it wants.
    grid : tuple of int
        Rows and columns of the picture as the network sees it.
    values : ndarray of float32, shape (*grid, K), or None
        Its maps, where the whole picture had to be seen to find the scale.
    objects : ndarray of uint32, shape (Y, X), or None
        Objects in them, where they are of the scale of the picture.
    kept : Path or None
        A folder for the maps of tiles, so that windows that share one need not run it
        again; `None` keeps none.
    """

    scaling: Scaling
    grid: tuple[int, int]
    values: NDArray[np.float32] | None = field(default=None, repr=False)
    objects: NDArray[np.uint32] | None = field(default=None, repr=False)
    kept: Path | None = None

    def keeping(self, folder: Path) -> "NetworkSurvey":
        """Return the same with a folder for the maps of tiles; see `Survey`."""
        own = folder / "maps"
        own.mkdir(parents=True, exist_ok=True)
        return replace(self, kept=own)


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture as a network looks at it, at the picture's own scale.

    Parameters
    ----------
    tiled : TiledImage
    scaling : Scaling
    channels : int
        That the network looks at.
    is_cut : bool
        Whether a part of the picture is excluded.
    """

    tiled: TiledImage
    scaling: Scaling
    channels: int
    is_cut: bool = True

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return a window of it, shape (y, x, C)."""
        return scaled(self.tiled.read(window), self.scaling, channels=self.channels)

    def view(self, factor: float, part: Window | None = None) -> "View":
        """Return all of it or a part of it, with so many pixels per pixel."""
        part = everywhere(self.tiled.spatial_shape) if part is None else part
        height, width = (max(round((side.stop - side.start) * factor), 1) for side in part)
        return View(self, part, (height, width))

    def liveliest(self, side: int) -> tuple[float, float]:
        """Return the middle of a square in which grey values differ most, or nearly.

        Parameters
        ----------
        side : int
            Of the square, in pixels; squares beyond the edges are not looked at.

        Returns
        -------
        tuple of float
            Row and column.
        """
        shape = self.tiled.spatial_shape
        small = reduced_shape(shape, max(side / _CELLS, 1.0))
        sums = [self._moments(window, small) for window in blocks(shape)]
        ratio = [length / fewer for length, fewer in zip(shape, small, strict=True)]
        size = [
            min(max(round(side / factor), 1), fewer)
            for factor, fewer in zip(ratio, small, strict=True)
        ]
        mean, square = (
            cv2.blur(whole((one[k] for one in sums), small), size[::-1]) for k in (0, 1)
        )
        rows, columns = (
            slice(length // 2, fewer - (length - 1) // 2)
            for length, fewer in zip(size, small, strict=True)
        )
        spread = (square - mean**2)[rows, columns]
        y, x = np.unravel_index(np.argmax(spread), spread.shape)
        return (y + rows.start + 0.5) * ratio[0], (x + columns.start + 0.5) * ratio[1]

    def _moments(self, window: Window, small: tuple[int, int]) -> tuple[Patch, Patch]:
        """Return what a window gives to reduced copies of grey values and their squares."""
        grey, shape = self.read(window).mean(axis=2), self.tiled.spatial_shape
        return patch(grey, window, shape, small), patch(grey**2, window, shape, small)


@dataclass(frozen=True, eq=False)
class View:
    """A part of a picture at the scale at which a network sees it.

    Parameters
    ----------
    shown : Shown
    part : Window
        Of the picture.
    grid : tuple of int
        Rows and columns in which the network sees it.
    """

    shown: Shown
    part: Window
    grid: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the part, in pixels of the picture."""
        rows, columns = self.part
        return rows.stop - rows.start, columns.stop - columns.start

    def pixels(self, window: Window) -> NDArray[np.float32]:
        """Return a window of what the network sees, shape (y, x, C)."""
        return resampled_in(
            lambda own: self.shown.read(self._there(own)),
            self.shape,
            self.grid,
            window,
            cubic=True,
        )

    def included(self) -> NDArray[np.bool_]:
        """Return which pixels that the network sees lie mostly in the sample."""
        if not self.shown.is_cut:
            return np.ones(self.grid, bool)
        if self.grid[0] > self.shape[0] or self.grid[1] > self.shape[1]:
            mask = self.shown.tiled.read(self.part).included.astype(np.float32)
            return np.asarray(resampled(mask[..., None], self.grid)[..., 0] > 0.5)
        patches = (
            patch(self._included(own), own, self.shape, self.grid)
            for own in blocks(self.shape)
        )
        return np.asarray(whole(patches, self.grid) > 0.5)

    def _included(self, own: Window) -> NDArray[np.bool_]:
        return self.shown.tiled.read(self._there(own)).included

    def _there(self, own: Window) -> Window:
        """Return where a window of the part lies in the picture."""
        rows, columns = (
            slice(side.start + start.start, side.stop + start.start)
            for side, start in zip(own, self.part, strict=True)
        )
        return rows, columns
