"""Regions of alike pixels, each taken as a whole for object or ground by its mean."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from segmetry.image import Image
from segmetry.segment.grey import how_bright
from segmetry.segment.options import DENOISE, FLATTEN, POLARITY, Polarity, about
from segmetry.segment.polarity import polarity_of
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.spaces import Space, in_space
from segmetry.segment.superpixels import (
    SUPERPIXELS,
    felzenszwalb_regions,
    means_of_pieces,
    superpixels,
)
from segmetry.segment.threshold import cutoff_of

__all__ = ["Regions"]

_GREY: Space = "grey"


@dataclass(frozen=True, kw_only=True)
class Regions(Segmenter):
    """The picture is divided into regions, and those brighter than a cutoff are objects.

    A speckled object stays whole, for its mean decides. Fails for objects smaller than a
    region, and where a region reaches from an object into the ground: then ask for a
    smaller `scale` or for more `superpixels`.

    Parameters
    ----------
    method : {"felzenszwalb", "slic"}
        "felzenszwalb" gives regions of any size and shape, cut where grey values step;
        "slic" gives compact ones of about the same size, and is faster.
    scale : float
        Of the method "felzenszwalb": larger gives larger regions. None is below
        `min_area`.
    superpixels : int
        Of the method "slic": number of regions.
    polarity : {"auto", "bright", "dark"}
    flatten, denoise : float
        See `segmetry.segment.grey_for_segmenting`. In pixels.
    **options
        The options of every `Segmenter`.

    Examples
    --------
    >>> pixels = np.full((40, 40), 30, np.uint8)
    >>> pixels[10:20, 10:20] = 200
    >>> labels = Regions(denoise=0)(Image(pixels))
    >>> int((labels.data > 0).sum())
    100
    """

    name: ClassVar[str] = "regions"

    method: Literal["felzenszwalb", "slic"] = field(
        default="felzenszwalb", metadata=about("How the picture is divided into regions.")
    )
    scale: float = field(
        default=100.0,
        metadata=about(
            "Of felzenszwalb: larger gives larger regions.", low=0.1, high=100_000
        ),
    )
    superpixels: int = field(default=2000, metadata=SUPERPIXELS)
    polarity: Polarity = field(default="auto", metadata=POLARITY)
    denoise: float = field(default=1.0, metadata=DENOISE)
    flatten: float = field(default=0, metadata=FLATTEN)

    def maps(self, image: Image) -> Maps:
        """Return how far the mean of each pixel's region is from the cutoff."""
        included = image.included
        values = in_space(image, _GREY, flatten=self.flatten, denoise=self.denoise)
        if self.method == "slic":
            pieces = superpixels(values, included, self.superpixels)
        else:
            pieces = felzenszwalb_regions(
                values, included, scale=self.scale, min_area=self.min_area
            )
        means = means_of_pieces(values, pieces, included)[:, 0]
        found = {"found_regions": int(np.isfinite(means).sum())}
        even = np.nan_to_num(means)[pieces].astype(np.float32)
        if np.ptp(even[included]) == 0:  # one region holds all that counts
            return Maps(np.zeros(image.spatial_shape, np.float32), found=found)
        cutoff = cutoff_of(even[included], method="otsu")
        polarity = self.polarity
        if polarity == "auto":
            polarity = polarity_of(even > cutoff, values[..., 0], included)
        return Maps(
            how_bright(even, cutoff, polarity=polarity),
            found={**found, "found_polarity": polarity},
        )
