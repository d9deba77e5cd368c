"""The objects of one picture, as files of other programs hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.image import PixelSize
from segmetry.io.exchange.origins import MaskOrigin

__all__ = ["Annotation"]


@dataclass(frozen=True, eq=False)
class Annotation:
    """The objects of one picture.

    Parameters
    ----------
    name : str
        Unique in a set; files about the picture are called by it.
    labels : ndarray of integers, shape (Y, X)
        0 is background. Stacks have shape (Z, Y, X), which few formats can hold.
    file_name : str
        Name of the picture's file. Empty: `name`.
    pixel_size : PixelSize or None
    measurements : mapping
        For each number of an object values by their name.
    origin : MaskOrigin or None
        `None` where nobody wrote it down.
    unnamed : frozenset of int
        Numbers that reading gave, because the file told none for these objects.

    Examples
    --------
    >>> Annotation("cells", np.zeros((2, 3), np.uint32)).file_name
    'cells'
    """

    name: str
    labels: NDArray[Any]
    file_name: str = ""
    pixel_size: PixelSize | None = None
    measurements: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    origin: MaskOrigin | None = None
    unnamed: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse labels that are none, and let the picture's file have a name."""
        if self.labels.dtype.kind not in "biu" or self.labels.ndim not in {2, 3}:
            msg = (
                f"labels must be whole numbers of shape (Y, X) or (Z, Y, X), got "
                f"{self.labels.dtype} of shape {self.labels.shape}"
            )
            raise ValueError(msg)
        object.__setattr__(self, "labels", self.labels.astype(np.uint32, copy=False))
        object.__setattr__(self, "file_name", self.file_name or self.name)
