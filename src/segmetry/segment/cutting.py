"""From all the maps of a network to numbered objects, by those that tell objects apart."""

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.flows import follow_flows
from segmetry.segment.hills import Cutoffs, cut_hills
from segmetry.segment.segmenter import Maps

__all__ = ["cut_maps", "tells_objects_apart"]


def tells_objects_apart(maps: Maps) -> bool:
    """Return whether maps hold more than a foreground to cut by."""
    return maps.flows is not None or maps.distance is not None


def cut_maps(
    foreground: NDArray[np.bool_], maps: Maps, *, cutoffs: Cutoffs, min_area: int = 1
) -> NDArray[np.uint32]:
    """Give every object its own number, by the flows of its maps or the hills.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)
    maps : Maps
        With `flows`, or with `distance`.
    cutoffs : Cutoffs
    min_area : int
        Smaller objects are dropped. In pixels.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        0 is background; objects are 1 to n in reading order.

    Raises
    ------
    ValueError
        If the maps hold neither.

    Examples
    --------
    >>> from segmetry.segment.flows import towards_middles
    >>> labels = np.repeat(np.array([[1, 2]], np.uint32), 9, axis=1).repeat(9, axis=0)
    >>> maps = Maps((labels > 0).astype(np.float32), flows=towards_middles(labels))
    >>> found = cut_maps(labels > 0, maps, cutoffs=Cutoffs())
    >>> np.array_equal(found, labels)
    True
    """
    if maps.flows is not None:
        return follow_flows(foreground, maps.flows, least=cutoffs.least, min_area=min_area)
    if maps.distance is None:
        msg = "these maps hold neither flows nor distances, so touching objects stay one"
        raise ValueError(msg)
    return cut_hills(
        foreground, maps.distance, maps.border, cutoffs=cutoffs, min_area=min_area
    )
