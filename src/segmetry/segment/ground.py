"""The grey values of a picture that is read window by window.

What has to be known of the whole picture (the median that stands in for excluded pixels,
and the uneven light) comes from a first pass over it.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.segment.histogram import Bins, binned
from segmetry.segment.reducing import Patch, enlarged, patch, reduced_shape, whole
from segmetry.segment.smoothing import blurred, reach_of_blur
from segmetry.segment.values import (
    Values,
    check_shape,
    check_values,
    joined_values,
    values_in,
)
from segmetry.segment.windows import Over, Part, blocks, part_of
from segmetry.tiled import TiledImage, Window

__all__ = [
    "LARGEST_COPY",
    "N_BINS",
    "Ground",
    "Smooth",
    "bins_of",
    "filled",
    "ground_of",
    "light_of",
]

LARGEST_COPY = 2048  # pixels along a side, so that what is kept of any picture is small
N_BINS = 1024  # 16-bit pictures with a few bright objects are too coarse in 256

_COARSE = 16  # pixels of the reduced picture that one scale of the light spans


@dataclass(frozen=True, eq=False)
class Ground:
    """What is known of the grey values of a whole picture.

    Parameters
    ----------
    values : Values
    light : ndarray of float32, shape (y, x), or None
        Uneven light that is taken away, in a reduced copy of the picture.
    """

    values: Values
    light: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Smooth:
    """Smoothed grey values of a picture; see `segmetry.segment.grey_for_segmenting`.

    Parameters
    ----------
    ground : Ground
    denoise : float
        Standard deviation of a Gaussian blur, in pixels; 0 does not blur.
    """

    ground: Ground
    denoise: float

    @property
    def reach(self) -> int:
        """How many pixels away a value looks."""
        return reach_of_blur(self.denoise)

    def of(self, part: Part) -> NDArray[np.float32]:
        """Return the grey values of a window that was read with `reach` around it."""
        return self.of_all(part)[part.inner]

    def of_all(self, part: Part) -> NDArray[np.float32]:
        """Return the grey values of all that was read, rims blurred amiss."""
        grey = filled(part, self.ground)
        if self.ground.light is not None:
            grey = grey - enlarged(self.ground.light, part.shape, part.outer)
        if self.denoise:
            grey = blurred(grey, self.denoise)
        return grey


def filled(part: Part, ground: Ground) -> NDArray[np.float32]:
    """Return grey values of what was read; excluded pixels hold the median of others."""
    grey, excluded = part.image.grey, part.image.excluded
    if excluded is None:
        return grey
    return np.where(excluded, np.float32(ground.values.grey.median), grey)


def ground_of(tiled: TiledImage, *, flatten: float = 0, over: Over = map) -> Ground:
    """Return what is known of the grey values of a picture after one or two passes.

    Parameters
    ----------
    tiled : TiledImage
    flatten : float
        Light that varies over more than this many pixels is to be removed; 0 leaves it.
    over : callable
        `map`, or what does the same in several processes.

    Returns
    -------
    Ground

    Raises
    ------
    PictureError
        If nothing can be found in the picture: see `grey_for_segmenting`.
    """
    check_shape(tiled)
    parts = over(partial(values_in, tiled), blocks(tiled.spatial_shape))
    values = joined_values(parts)
    check_values(values)
    ground = Ground(values)
    if not flatten:
        return ground
    return Ground(values, light_of(tiled, Smooth(ground, 0), scale=flatten, over=over))


def light_of(
    tiled: TiledImage, smooth: Smooth, *, scale: float, over: Over = map
) -> NDArray[np.float32]:
    """Return the light that varies over more than `scale` pixels, in a reduced copy."""
    shape = tiled.spatial_shape
    factor = max(scale / _COARSE, max(shape) / LARGEST_COPY, 1.0)
    small = reduced_shape(shape, factor)
    patches = over(partial(_patch_in, tiled, smooth, small), blocks(shape))
    return blurred(whole(patches, small), scale / factor / 2)


def _patch_in(
    tiled: TiledImage, smooth: Smooth, small: tuple[int, int], window: Window
) -> Patch:
    part = part_of(tiled, window, smooth.reach)
    return patch(smooth.of(part), window, tiled.spatial_shape, small)


def bins_of(tiled: TiledImage, smooth: Smooth, *, over: Over = map) -> Bins:
    """Return how often smoothed grey values occur, but for excluded pixels.

    Parameters
    ----------
    tiled : TiledImage
    smooth : Smooth
    over : callable
        `map`, or what does the same in several processes; there are two passes.

    Returns
    -------
    Bins

    Raises
    ------
    PictureError
        If all grey values are alike, as those of different colours may be.
    """
    shape = tiled.spatial_shape
    ends = list(over(partial(_ends_in, tiled, smooth), blocks(shape)))
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low == high:
        msg = f"the picture has one flat grey value ({low:g}); nothing to segment"
        raise PictureError(msg)
    counts = over(partial(_counts_in, tiled, smooth, low, high), blocks(shape))
    return Bins(np.sum(list(counts), axis=0), low, high)


def _seen_in(tiled: TiledImage, smooth: Smooth, window: Window) -> NDArray[np.float32]:
    part = part_of(tiled, window, smooth.reach)
    grey = smooth.of(part)
    return grey if part.included is None else grey[part.included]


def _ends_in(tiled: TiledImage, smooth: Smooth, window: Window) -> tuple[float, float]:
    seen = _seen_in(tiled, smooth, window)
    return float(seen.min(initial=np.inf)), float(seen.max(initial=-np.inf))


def _counts_in(
    tiled: TiledImage, smooth: Smooth, low: float, high: float, window: Window
) -> NDArray[np.int64]:
    return binned(_seen_in(tiled, smooth, window), low, high, n_bins=N_BINS)
