"""The mean and spread of grey values around each pixel, the same in a window as in all.

Sums are of whole numbers, so that they do not depend on where they begin. Around pixels
whose surroundings are wide, means come from a reduced copy of the picture: read anew for
each window, pixels a thousand columns away would be read many times.
"""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

from segmetry.segment.ground import LARGEST_COPY, Smooth
from segmetry.segment.histogram import Bins
from segmetry.segment.reducing import Patch, enlarged, patch, reduced_shape, whole
from segmetry.segment.smoothing import blurred, mirrored, reach_of_blur
from segmetry.segment.windows import Over, Part, blocks, part_of
from segmetry.tiled import TiledImage, Window

__all__ = ["Around", "Surroundings", "Weights", "surroundings_of"]

Weights = Literal["even", "gauss"]

_WIDEST = 256  # pixels; wider surroundings are looked up in a reduced copy
_CELLS = 129  # pixels of that copy across the surroundings, where it may be that large
_BITS = 20  # of the range: sums of squares over 256 x 256 pixels fit into 64 bits
_GAUSSIANS = 6  # standard deviations in a window: a Gaussian is spent at three


@dataclass(frozen=True, eq=False)
class Around:
    """Grey values around each pixel.

    Parameters
    ----------
    mean : ndarray of float32, shape (Y, X)
    spread : ndarray of float32, shape (Y, X), or None
        Standard deviation; `None` where it was not asked for.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32] | None


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What surrounds each pixel of a picture, for any window of it.

    Parameters
    ----------
    width : int
        Of the surroundings in pixels, odd.
    weights : {"even", "gauss"}
    low, high : float
        Smallest and largest of the grey values.
    with_spread : bool
    copy : Around or None
        Of a reduced copy of the picture, where the surroundings are wide.
    """

    width: int
    weights: Weights
    low: float
    high: float
    with_spread: bool
    copy: Around | None = None

    @property
    def reach(self) -> int:
        """How many pixels away one has to look."""
        if self.copy is not None:
            return 0
        if self.weights == "gauss":
            return reach_of_blur(self.width / _GAUSSIANS)
        return self.width // 2

    def of(self, grey: NDArray[np.float32], part: Part) -> Around:
        """Return what surrounds the pixels of a window that was read.

        Parameters
        ----------
        grey : ndarray of float32, shape (y, x)
            Of all that was read.
        part : Part
        """
        if self.copy is None:
            near = _around(grey, self)
            spread = None if near.spread is None else near.spread[part.inner]
            return Around(near.mean[part.inner], spread)
        mean = enlarged(self.copy.mean, part.shape, part.window)
        if self.copy.spread is None:
            return Around(mean, None)
        spread = enlarged(self.copy.spread, part.shape, part.window)
        return Around(mean, np.maximum(spread, 0))


def surroundings_of(
    tiled: TiledImage,
    smooth: Smooth,
    bins: Bins,
    *,
    width: int,
    weights: Weights = "even",
    with_spread: bool = False,
    over: Over = map,
) -> Surroundings:
    """Return what surrounds the pixels of a picture; a pass if the surroundings are wide.

    Parameters
    ----------
    tiled : TiledImage
    smooth : Smooth
        The grey values meant.
    bins : Bins
        Of them.
    width : int
        Of the surroundings in pixels, odd.
    weights : {"even", "gauss"}
        "gauss" has a standard deviation of a sixth of the width.
    with_spread : bool
        Whether the standard deviation is asked for; of even weights only.
    over : callable
        `map`, or what does the same in several processes.

    Returns
    -------
    Surroundings
    """
    near = Surroundings(width, weights, bins.low, bins.high, with_spread)
    if width <= _WIDEST:
        return near
    shape = tiled.spatial_shape
    factor = max(width / _CELLS, max(shape) / LARGEST_COPY)
    small = reduced_shape(shape, factor)
    work = partial(_moments_in, tiled, smooth, bins.low, small)
    pairs = list(over(work, blocks(shape)))
    means, squares = (whole((pair[k] for pair in pairs), small) for k in (0, 1))
    if weights == "gauss":
        wide = blurred(means, width / _GAUSSIANS / factor)
        return replace(near, copy=Around(wide, None))
    size = (round(width / factor) | 1,) * 2
    mean, square = (
        np.asarray(cv2.blur(one.astype(np.float64), size, borderType=cv2.BORDER_REFLECT))
        for one in (means, squares)
    )
    spread = np.sqrt(np.maximum(square - (mean - bins.low) ** 2, 0))
    return replace(
        near,
        copy=Around(
            mean.astype(np.float32), spread.astype(np.float32) if with_spread else None
        ),
    )


def _moments_in(
    tiled: TiledImage, smooth: Smooth, low: float, small: tuple[int, int], window: Window
) -> tuple[Patch, Patch]:
    """Return what a window gives to reduced copies of grey values and their squares."""
    shape = tiled.spatial_shape
    grey = smooth.of(part_of(tiled, window, smooth.reach))
    squares = (grey.astype(np.float64) - low) ** 2
    return patch(grey, window, shape, small), patch(squares, window, shape, small)


def _around(grey: NDArray[np.float32], told: Surroundings) -> Around:
    """Return what surrounds each pixel; beyond its border a picture is mirrored."""
    if told.weights == "gauss":
        return Around(blurred(grey, told.width / _GAUSSIANS), None)
    rows, columns = (mirrored(length, told.width // 2) for length in grey.shape)
    step = math.ldexp(1.0, math.frexp(told.high - told.low)[1] - _BITS)
    mean, spread = _moments(
        np.ascontiguousarray(grey), rows, columns, told.width, told.low, step
    )
    return Around(mean, spread if told.with_spread else None)


@numba.njit(cache=True)
def _moments(grey, rows, columns, width, low, step):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return mean and standard deviation in a window that slides down, and along."""
    height, length = grey.shape
    mean = np.empty(grey.shape, np.float32)
    spread = np.empty(grey.shape, np.float32)
    sums = np.zeros(length, np.int64)  # of a column, as high as the window
    squares = np.zeros(length, np.int64)
    n = width * width
    for y in range(1 - width, height):
        entering = grey[rows[y + width - 1]]
        for x in range(length):
            value = int(np.rint((entering[x] - low) / step))
            sums[x] += value
            squares[x] += value * value
        if y > 0:
            leaving = grey[rows[y - 1]]
            for x in range(length):
                value = int(np.rint((leaving[x] - low) / step))
                sums[x] -= value
                squares[x] -= value * value
        if y < 0:
            continue
        total, total_squares = 0, 0
        for k in range(width - 1):
            total += sums[columns[k]]
            total_squares += squares[columns[k]]
        for x in range(length):
            total += sums[columns[x + width - 1]]
            total_squares += squares[columns[x + width - 1]]
            average = total / n
            mean[y, x] = low + step * average
            spread[y, x] = step * np.sqrt(max(total_squares / n - average**2, 0.0))
            total -= sums[columns[x]]
            total_squares -= squares[columns[x]]
    return mean, spread
