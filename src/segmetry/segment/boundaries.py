"""Cutting objects where a network says that two of them meet.

A pixel that is of an object and not of a boundary lies inside an object. Each group of such
pixels grows back over the boundary, where that is least likely first, until all of the
foreground is given out: a watershed [1]_, as networks with a map of boundaries are commonly
used.

References
----------
.. [1] F. Meyer, "Topographic distance and watershed lines", Signal Processing 38,
       1994. doi:10.1016/0165-1684(94)90060-4
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.objects import in_reading_order

__all__ = ["cut_by_boundary"]

_BOUNDARY = 0.5  # pixels more likely than this lie where two objects meet
_SEED_SHARE = 0.25  # of the least area: smaller groups inside are gaps in a boundary


def cut_by_boundary(
    foreground: NDArray[np.bool_],
    boundary: NDArray[np.floating],
    *,
    min_area: int = 1,
) -> NDArray[np.uint32]:
    """Give every object in a foreground mask its own number, cut along boundaries.

    No pixel of the foreground is lost but those of objects below `min_area`. A boundary
    with a gap does not part two objects.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)
    boundary : ndarray of float, shape (Y, X)
        How likely each pixel lies where two objects meet, or at the rim of one: 0 to 1.
    min_area : int
        Smaller objects are dropped. In pixels.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        0 is background; objects are 1 to n without gaps, in reading order.

    Examples
    --------
    >>> foreground = np.ones((1, 7), bool)
    >>> boundary = np.array([[0, 0, 0.3, 0.9, 0.2, 0, 0]])
    >>> cut_by_boundary(foreground, boundary)
    array([[1, 1, 1, 2, 2, 2, 2]], dtype=uint32)
    """
    from skimage.measure import label
    from skimage.segmentation import watershed

    inside = label(foreground & (boundary <= _BOUNDARY), connectivity=1)
    small = np.bincount(inside.ravel()) < _SEED_SHARE * min_area
    inside[small[inside]] = 0
    grown = watershed(boundary, inside, mask=foreground, connectivity=2)
    # What no seed reaches is still foreground: thin or small objects are all rim.
    rest = label(foreground & (grown == 0), connectivity=2)
    grown[rest > 0] = rest[rest > 0] + int(grown.max())
    return in_reading_order(grown.astype(np.uint32), min_area=min_area)
