"""A cutoff for each pixel, from its surroundings.

References
----------
J. Sauvola and M. Pietikäinen, Pattern Recognit. 33, 2000.
doi:10.1016/S0031-3203(99)00055-2
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.prepare.background import background, blurred
from segmetry.segment.grey import grey_for_edges, grey_for_segmenting, how_bright
from segmetry.segment.options import (
    DENOISE,
    EDGES,
    FLATTEN,
    POLARITY,
    Edges,
    Polarity,
    about,
)
from segmetry.segment.polarity import polarity_of
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.threshold import cutoff_of

__all__ = ["Local"]

_SMALLEST_WINDOW = 15
_WINDOWS_PER_SIDE = 8  # window 0: an eighth of the picture's shorter side


@dataclass(frozen=True, kw_only=True)
class Local(Segmenter):
    """Objects are brighter (or darker) than their surroundings.

    Follows uneven light. Fails inside objects larger than the window, which come out
    hollow, and finds noise where there are no objects.

    Parameters
    ----------
    method : {"sauvola", "mean", "gauss"}
        Sauvola's cutoff rises with the contrast of the surroundings; "mean" and "gauss"
        compare with the plain or Gauss-weighted mean of the surroundings.
    window : int
        Width of the surroundings in pixels; 0 is an eighth of the shorter side.
    sensitivity : float
        Sauvola's k, from 0 to 1; for "mean" and "gauss" how far above the surroundings
        an object is, in standard deviations of the picture.
    polarity : {"auto", "bright", "dark"}
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    edges : {"halfway", "cutoff"}
        Where an edge lies; see `segmetry.segment.edges`.
    **options
        The options of every `Segmenter`.

    Examples
    --------
    >>> pixels = np.tile(np.arange(100.0) / 4, (100, 1))
    >>> pixels[40:60, 10:20] += 60
    >>> pixels[40:60, 70:80] += 60
    >>> len(Local(window=45, min_area=60)(Image(pixels)).ids)
    2
    """

    name: ClassVar[str] = "local"

    method: Literal["sauvola", "mean", "gauss"] = field(
        default="mean", metadata=about("How the cutoff follows the surroundings.")
    )
    window: int = field(
        default=0,
        metadata=about(
            "Width of the surroundings, in pixels; 0 is an eighth of the shorter side.",
            tunable=(0, 15, 31, 61, 121, 241),
            low=0,
            high=10_001,
        ),
    )
    sensitivity: float = field(
        default=0.2,
        metadata=about(
            "How far above its surroundings an object is.", low=0, high=5, tunable=(0, 1)
        ),
    )
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)
    edges: Edges = field(default="halfway", metadata=EDGES)

    def maps(self, image: Image) -> Maps:
        """Return the foreground map of a picture, of axes YX or YXC."""
        grey = grey_for_segmenting(image, flatten=self.flatten, denoise=self.denoise)
        polarity = self.polarity
        if polarity == "auto":
            even = grey - background(grey, scale=min(grey.shape) / 2)
            cutoff = cutoff_of(even[image.included], method="otsu")
            polarity = polarity_of(even > cutoff, even, image.included)
        window = self.window or max(
            _SMALLEST_WINDOW, min(image.spatial_shape) // _WINDOWS_PER_SIDE
        )
        window |= 1  # odd, so that it has a centre
        sign = np.float32(-1 if polarity == "dark" else 1)
        surroundings = sign * self._cutoff(sign * grey, window)
        found = {"found_window": window, "found_polarity": polarity}
        foreground = how_bright(grey, surroundings, polarity=polarity)
        edge_grey = None
        if self.edges == "halfway":
            edge_grey = grey_for_edges(image, polarity=polarity, denoise=self.denoise)
        return Maps(foreground, edge_grey=edge_grey, found=found)

    def _cutoff(self, grey: NDArray[np.float32], window: int) -> NDArray[np.float32]:
        if self.method == "sauvola":
            return _sauvola(grey, window, np.float32(self.sensitivity))
        sigma = window / 6  # a Gaussian is spent at three sigma
        surroundings = (
            blurred(grey, sigma) if self.method == "gauss" else _mean(grey, window)
        )
        return np.asarray(surroundings + np.float32(self.sensitivity) * grey.std())


def _mean(grey: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(grey, (window, window), borderType=cv2.BORDER_REFLECT))


def _sauvola(
    grey: NDArray[np.float32], window: int, sensitivity: np.float32
) -> NDArray[np.float32]:
    """Sauvola's cutoff for bright objects on grey values from 0 up.

    The original is for dark letters on bright paper, so it is applied to the negative.
    """
    negative = grey.max() - grey
    mean = _mean(negative, window)
    spread = np.sqrt(np.maximum(_mean(negative**2, window) - mean**2, 0))
    half_range = max(float(negative.max()) / 2, float(np.finfo(np.float32).tiny))
    dark = mean * (1 + sensitivity * (spread / np.float32(half_range) - 1))
    return np.asarray(grey.max() - dark)
