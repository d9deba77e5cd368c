"""Grey values in which the edges of objects are placed."""

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.segment.ground import Ground, filled
from segmetry.segment.histogram import Histogram, histogram, joined
from segmetry.segment.options import Polarity
from segmetry.segment.smoothing import blurred, reach_of_blur
from segmetry.segment.survey import Survey
from segmetry.segment.windows import Over, Part, blocks, part_of
from segmetry.tiled import TiledImage, Window

if TYPE_CHECKING:
    from segmetry.segment.segmenter import Maps

__all__ = ["EdgesSeen", "contrast_of", "edges_seen", "noise_by", "second_differences"]

_NOISY = 0.03  # noise by the range of grey values from which the whole blur is needed
_LEAST_BLUR = 0.1  # pixels; less changes nothing
_SECOND_DIFFERENCES = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32)
_BITS = 20  # of the range: sums over millions of pixels are exact in double precision


@dataclass(frozen=True, eq=False)
class EdgesSeen:
    """How the edges of a picture are seen; see `segmetry.segment.grey.grey_for_edges`.

    Parameters
    ----------
    ground : Ground
    polarity : {"bright", "dark"}
    blur : float
        Standard deviation in pixels; 0 does not blur.
    """

    ground: Ground
    polarity: Polarity
    blur: float

    @property
    def reach(self) -> int:
        """How many pixels away a value looks."""
        return reach_of_blur(self.blur)

    def of(self, part: Part) -> NDArray[np.float32]:
        """Return the grey values of a window that was read with `reach` around it.

        Objects are bright. The darkest value of the picture is 0, and all are multiples
        of a power of two, so that sums of them do not depend on their order.
        """
        grey = filled(part, self.ground)
        if self.blur:
            grey = blurred(grey, self.blur)
        low, high = self.ground.values.grey.low, self.ground.values.grey.high
        step = np.float32(2.0 ** (math.frexp(high - low)[1] - _BITS))
        risen = np.rint((grey[part.inner] - np.float32(low)) / step) * step
        return np.asarray(-risen if self.polarity == "dark" else risen, np.float32)


def edges_seen(
    tiled: TiledImage,
    ground: Ground,
    *,
    polarity: Polarity,
    denoise: float,
    over: Over = map,
) -> EdgesSeen:
    """Return how the edges of a picture are seen, after a pass for its noise.

    Parameters
    ----------
    tiled : TiledImage
    ground : Ground
    polarity : {"bright", "dark"}
    denoise : float
        Blur that the objects are found under, in pixels. A noisy picture keeps all of
        it, or outlines become ragged; a clean one needs none, and its corners stay sharp.
    over : callable
        `map`, or what does the same in several processes.

    Returns
    -------
    EdgesSeen
    """
    spread = ground.values.grey.high - ground.values.grey.low
    if denoise <= _LEAST_BLUR or spread == 0:
        return EdgesSeen(ground, polarity, 0)
    work = partial(_differences_in, tiled, ground)
    differences = joined(over(work, blocks(tiled.spatial_shape)))
    blur = denoise * min(noise_by(differences.median) / (_NOISY * spread), 1)
    return EdgesSeen(ground, polarity, blur if blur > _LEAST_BLUR else 0)


def _differences_in(tiled: TiledImage, ground: Ground, window: Window) -> Histogram:
    part = part_of(tiled, window, 1)
    return histogram(second_differences(filled(part, ground))[part.inner])


class SeesTiles(Protocol):
    """A method that sees a window of a picture; see `segmetry.segment.segmenter`."""

    def maps_in(self, tiled: TiledImage, window: Window, survey: Survey, /) -> "Maps":
        """Return the maps of a window."""


def contrast_of(
    method: SeesTiles, tiled: TiledImage, survey: Survey, *, over: Over = map
) -> float | None:
    """Return how much brighter objects are than the ground in the grey values for edges.

    Parameters
    ----------
    method : Segmenter
    tiled : TiledImage
    survey : Survey
        Of the picture, by the method.
    over : callable
        `map`, or what does the same in several processes.

    Returns
    -------
    float or None
        `None` where there is no foreground, or no ground.
    """
    work = partial(_sides_in, method, tiled, survey)
    sides = np.sum(list(over(work, blocks(tiled.spatial_shape))), axis=0)
    (n, n_others), (total, total_of_others) = sides
    if not n or not n_others:
        return None
    return float(total / n - total_of_others / n_others)


def _sides_in(
    method: SeesTiles, tiled: TiledImage, survey: Survey, window: Window
) -> NDArray[np.float64]:
    """Return the numbers of pixels of foreground and ground, and sums of grey values."""
    maps = method.maps_in(tiled, window, survey)
    assert maps.edge_grey is not None  # noqa: S101 - for the type checker
    foreground, included = maps.foreground > maps.cutoff, tiled.read(window).included
    sides = foreground & included, included & ~foreground
    sums = [maps.edge_grey[side].sum(dtype=np.float64) for side in sides]
    return np.array([[side.sum() for side in sides], sums])


def second_differences(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far each pixel is from a plane through its neighbours."""
    return np.asarray(np.abs(cv2.filter2D(grey, -1, _SECOND_DIFFERENCES)))


def noise_by(median: float) -> float:
    """Return the standard deviation of noise, by the median of its second differences."""
    # The median instead of Immerkaer's mean: edges are no noise.
    return median / (0.6745 * 6)
