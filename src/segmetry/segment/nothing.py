"""The beginning of a picture in which a person draws every object."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from segmetry.image import Image
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["Nothing"]


@dataclass(frozen=True, kw_only=True)
class Nothing(Segmenter):
    """No object is found: all are drawn by hand, where a draft would mislead.

    Parameters
    ----------
    **options
        Those of every `Segmenter`; none of them changes anything.

    Examples
    --------
    >>> len(Nothing()(Image(np.zeros((20, 20), np.uint8))).ids)
    0
    """

    name: ClassVar[str] = "nothing"

    def maps(self, image: Image) -> Maps:
        """Return a map in which all is background."""
        return Maps(np.zeros(image.spatial_shape, dtype=np.float32))
