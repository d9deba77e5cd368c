"""Packed grains, parted by the borders between them: a watershed.

The picture is taken for a landscape in which borders are ridges. Water rises from the
lowest places; where two lakes meet, a dam is built if both are deep enough [1]_ [2]_.

References
----------
.. [1] L. Vincent and P. Soille, "Watersheds in digital spaces: an efficient algorithm
       based on immersion simulations", IEEE Trans. Pattern Anal. Mach. Intell. 13, 1991.
       doi:10.1109/34.87344
.. [2] F. Meyer, "Topographic distance and watershed lines", Signal Processing 38, 1994.
       doi:10.1016/0165-1684(94)90060-4
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.segment.flooding import flood
from segmetry.segment.objects import in_reading_order
from segmetry.segment.options import DENOISE, FLATTEN, about
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.spaces import in_space
from segmetry.segment.superpixels import means_of_pieces
from segmetry.segment.threshold import cutoff_of

__all__ = ["Watershed"]

_TALL = 64.0  # height of the landscape, which `flood` divides into 4096 levels
_TAILS = (0.5, 99.5)  # per cent: a few hot pixels must not set the height


@dataclass(frozen=True, kw_only=True)
class Watershed(Segmenter):
    """Packed grains are parted where borders run between them.

    For grains that fill the picture, where no cutoff tells objects from ground. Fails
    where borders have gaps, and cuts grains at strong marks within them: more `depth` or
    `denoise` joins, less cuts. The shared options `separate`, `waist` and `fill_holes`
    do nothing here.

    Parameters
    ----------
    borders : {"edges", "dark", "bright"}
        What a border is: a step between two grey values, or a dark or bright line.
    depth : float
        How far a border must stand out from the grains on both sides, as a share of the
        range of grey values (of their steepness, for "edges").
    ground : {"none", "dark", "bright"}
        Whether some of what is parted is ground: all whose mean grey value is below or
        above Otsu's cutoff.
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    **options
        The options of every `Segmenter`.

    Examples
    --------
    >>> pixels = np.full((40, 60), 150, np.uint8)
    >>> pixels[:, 29:31] = 60
    >>> len(Watershed(borders="dark")(Image(pixels)).ids)
    2
    """

    name: ClassVar[str] = "watershed"

    borders: Literal["edges", "dark", "bright"] = field(
        default="edges",
        metadata=about("What parts grains: steps of grey, dark lines or bright lines."),
    )
    depth: float = field(
        default=0.15,
        metadata=about(
            "How far borders stand out from grains, as a share of the range.", low=0, high=1
        ),
    )
    ground: Literal["none", "dark", "bright"] = field(
        default="none", metadata=about("Whether the dark or the bright part is no grain.")
    )
    denoise: float = field(default=2.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)

    def maps(self, image: Image) -> Maps:
        """Return the grains, and how far each pixel is from being a border."""
        included = image.included
        grey = in_space(image, "grey", flatten=self.flatten, denoise=self.denoise)
        height = _from_0_to_1(self._inside(grey[..., 0]), included)
        # Level 0 is background to `flood`: what is left out, and no deepest border.
        tall = np.where(included, 1 + (_TALL - 1) * height, 0).astype(np.float32)
        basins, _ = flood(tall, 1.0, self.depth * _TALL)
        grains = (basins + 1).astype(np.uint32)
        if self.ground != "none":
            grains = _without_ground(grains, grey, included, self.ground)
        grains = in_reading_order(grains, min_area=self.min_area)
        foreground = np.where(grains > 0, 0.5 + 0.5 * height, 0).astype(np.float32)
        found = {"found_grains": int(grains.max())}
        return Maps(foreground, objects=grains, cutoff=0.0, found=found)

    def _inside(self, grey: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return values that are low on borders."""
        if self.borders == "dark":
            return grey
        if self.borders == "bright":
            return -grey
        down, right = np.gradient(grey)
        return -np.hypot(down, right)


def _from_0_to_1(
    values: NDArray[np.float32], included: NDArray[np.bool_]
) -> NDArray[np.float32]:
    low, high = np.percentile(values[included], _TAILS)
    if low == high:  # what differs is less than the tails
        low, high = values[included].min(), values[included].max()
    span = max(float(high - low), float(np.finfo(np.float32).tiny))
    return np.asarray(np.clip((values - low) / span, 0, 1), np.float32)


def _without_ground(
    grains: NDArray[np.uint32],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_],
    ground: Literal["dark", "bright"],
) -> NDArray[np.uint32]:
    """Drop all whose mean grey value is on the side of the ground."""
    means = means_of_pieces(grey, grains.astype(np.intp), included)[:, 0]
    cutoff = cutoff_of(grey[included], method="otsu")
    is_ground = means < cutoff if ground == "dark" else means > cutoff
    return np.where(is_ground[grains], 0, grains).astype(np.uint32)
