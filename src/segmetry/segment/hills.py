"""From the maps of a network to numbered objects.

The network's distance map has a hill for each object, also where neighbours touch. The
same flood that cuts classical foregrounds cuts here, on the network's hills instead of
the distance to the background.
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.objects import number_objects

__all__ = ["Cutoffs", "cut_hills"]

_HEIGHT = 15.0  # of a hill, over 1 for the lowest foreground, in levels of the flood


@dataclass(frozen=True)
class Cutoffs:
    """How maps become objects; a model's card holds those chosen on validation data.

    Parameters
    ----------
    foreground : float
        A pixel belongs to an object where its probability is over this.
    waist : float
        Two hills are two objects where the pass between them is lower than this share
        of the smaller hill.
    depth : float
        ... and lower than it by more than this share of a full hill.
    border : float
        How much a probable border between objects lowers the hills, from 0 to 1.
    least : float
        Of flows, which make objects without hills: the pixels that must end in one cell,
        see `segmetry.segment.flows`.
    """

    foreground: float = 0.5
    waist: float = 0.8
    depth: float = 0.1
    border: float = 0.5
    least: float = 40.0

    def as_json(self) -> dict[str, float]:
        """Return the values by name, as a model's card stores them."""
        return asdict(self)


def cut_hills(
    foreground: NDArray[np.bool_],
    distance: NDArray[np.float32],
    border: NDArray[np.float32] | None = None,
    *,
    cutoffs: Cutoffs | None = None,
    min_area: int = 1,
) -> NDArray[np.uint32]:
    """Give every object its own number, by the hills of a distance map.

    No pixel of the foreground is lost but those of objects below `min_area`.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)
    distance : ndarray of float32, shape (Y, X)
        0 at the edge of an object to 1 in its middle.
    border : ndarray of float32, shape (Y, X), or None
        Probability of a border between neighbours.
    cutoffs : Cutoffs
    min_area : int
        Smaller objects are dropped. In pixels.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        0 is background; objects are 1 to n in reading order.

    Examples
    --------
    >>> hills = np.array([[0.2, 0.9, 0.3, 0.1, 0.4, 1.0, 0.3]], dtype=np.float32)
    >>> cut_hills(hills > 0, hills)
    array([[1, 1, 1, 2, 2, 2, 2]], dtype=uint32)
    """
    chosen = cutoffs or Cutoffs()
    height = np.clip(distance, 0, 1)
    if border is not None and chosen.border > 0:
        height = height * (1 - chosen.border * np.clip(border, 0, 1))
    hills = np.where(foreground, 1 + _HEIGHT * height, 0).astype(np.float32)
    return number_objects(
        foreground,
        min_area=min_area,
        waist=chosen.waist,
        hills=hills,
        depth=chosen.depth * _HEIGHT,
    )
