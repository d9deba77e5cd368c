"""From a foreground mask to numbered objects.

Objects that touch are cut at the narrow waist between them: the distance of each
foreground pixel to the background has a hill for each object, and a watershed gives
every pixel to one hill [1]_. Two hills stay apart only if the waist between them is
narrow against the smaller hill; otherwise the waist is only a rough edge.

This suits round and egg-shaped objects. Discs that overlap by more than about half a
radius are not cut; crosses, Y shapes and dumbbells are, whether they are one object or
two. Fibres and vessels are better kept joined.

References
----------
.. [1] F. Meyer, "Topographic distance and watershed lines", Signal Processing 38,
       1994. doi:10.1016/0165-1684(94)90060-4
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.segment.distance import distance_to_background
from segmetry.segment.flooding import flood, number

__all__ = [
    "fill_each",
    "fill_holes",
    "in_reading_order",
    "large_objects",
    "number_objects",
    "without_specks",
]

_ROUGH = 0.75  # pixels: a waist shallower than this is only a rough edge


def number_objects(
    foreground: NDArray[np.bool_],
    *,
    min_area: int = 1,
    separate: bool = True,
    waist: float = 0.85,
) -> NDArray[np.uint32]:
    """Give every object in a foreground mask its own number.

    Diagonal neighbours touch everywhere in this function, so no pixel of the foreground
    is lost but those of objects below `min_area`.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)
    min_area : int
        Smaller objects are dropped. In pixels.
    separate : bool
        Cut objects that touch. If `False`, objects that touch count as one.
    waist : float
        Two objects are cut where the waist between them is narrower than this share of
        the width of the smaller one. Nearer to 1 cuts more.

    Returns
    -------
    ndarray of uint32, same shape as `foreground`
        0 is background; objects are 1 to n without gaps, in reading order.

    Raises
    ------
    ValueError
        If `foreground` is not boolean or has not two axes, or `min_area` is below 1.

    Examples
    --------
    >>> foreground = np.array([[1, 1, 0, 0, 1], [1, 1, 0, 0, 0]], dtype=bool)
    >>> number_objects(foreground, min_area=2)
    array([[1, 1, 0, 0, 0],
           [1, 1, 0, 0, 0]], dtype=uint32)
    """
    _check_mask(foreground)
    if min_area < 1:
        msg = f"min_area must be at least 1 pixel, got {min_area}"
        raise ValueError(msg)
    if separate:
        basin, count = flood(distance_to_background(foreground), waist, _ROUGH)
    else:
        basin, count = _components(foreground)
    return np.asarray(number(basin, count, min_area))


def large_objects(area: NDArray[np.float64], min_share: float) -> NDArray[np.bool_]:
    """Return which objects hold at least a share of the typical area.

    The typical area is the area-weighted mean: that of the object in which a pixel
    chosen at random lies. So hundreds of specks do not change it.

    Parameters
    ----------
    area : ndarray of float64, shape (n_objects,)
    min_share : float

    Returns
    -------
    ndarray of bool, shape (n_objects,)

    Examples
    --------
    >>> large_objects(np.array([100.0, 100.0, 1.0]), 0.02)
    array([ True,  True, False])
    """
    if not area.size:
        return np.ones(0, dtype=bool)
    return np.asarray(area * area.sum() >= min_share * (area**2).sum())


def without_specks(labels: NDArray[np.uint32], min_share: float) -> NDArray[np.uint32]:
    """Drop objects below a share of the typical area, and number the others 1 to n.

    A size distribution is cut off there: see `large_objects` for what is typical.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects 1 to n.
    min_share : float
        0 drops nothing.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
    """
    if min_share <= 0 or not labels.any():
        return labels
    area = np.bincount(labels.ravel())[1:].astype(np.float64)
    keep = large_objects(area, min_share)
    names = np.zeros(keep.size + 1, np.uint32)
    names[1:][keep] = np.arange(1, keep.sum() + 1)
    return names[labels]


def fill_holes(foreground: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Fill background that is enclosed by foreground on all sides.

    Background touches background over edges only, the counterpart of foreground that
    touches over corners too. Background that reaches the picture's frame is no hole.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)

    Returns
    -------
    ndarray of bool, same shape as `foreground`

    Raises
    ------
    ValueError
        If `foreground` is not boolean or has not two axes.

    Examples
    --------
    >>> ring = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=bool)
    >>> bool(fill_holes(ring).all())
    True
    """
    _check_mask(foreground)
    around = np.pad(~foreground, 1, constant_values=True)
    regions = cv2.connectedComponents(_as_bytes(around), connectivity=4)[1]
    return np.asarray(regions[1:-1, 1:-1] != regions[0, 0])


def fill_each(labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Fill background that one object alone encloses; gaps between objects stay open.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)

    Returns
    -------
    ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> ring = np.array([[7, 7, 7], [7, 0, 7], [7, 7, 7]], dtype=np.uint32)
    >>> int(fill_each(ring)[1, 1])
    7
    """
    framed = np.pad(labels, 1)
    count, gaps = cv2.connectedComponents(_as_bytes(framed == 0), connectivity=4)
    lowest = np.full(count, np.iinfo(np.uint32).max, np.uint32)
    highest = np.zeros(count, np.uint32)
    for axis in (0, 1):
        for step in (-1, 1):
            beside = np.roll(framed, step, axis)  # the frame keeps ends from meeting
            edge = (framed == 0) & (beside > 0)
            np.minimum.at(lowest, gaps[edge], beside[edge])
            np.maximum.at(highest, gaps[edge], beside[edge])
    owner = np.where(lowest == highest, highest, 0).astype(np.uint32)
    owner[gaps[0, 0]] = 0
    return np.where(framed == 0, owner[gaps], framed)[1:-1, 1:-1]


def in_reading_order(
    labels: NDArray[np.uint32], *, min_area: int = 1
) -> NDArray[np.uint32]:
    """Drop objects below `min_area` pixels, and number the others 1 to n as one reads.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
    min_area : int

    Returns
    -------
    ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> in_reading_order(np.array([[9, 9, 0, 4, 0, 2, 2]], np.uint32), min_area=2)
    array([[1, 1, 0, 0, 0, 2, 2]], dtype=uint32)
    """
    basin = labels.astype(np.int32) - 1
    return np.asarray(number(basin, int(labels.max()), min_area))


def _components(foreground: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    # cc3d 4.1.1 was tried and gave wrong pixels in 2 % of random masks of odd size.
    count, regions = cv2.connectedComponents(_as_bytes(foreground), connectivity=8)
    return np.asarray(regions - 1, dtype=np.int32), count


def _as_bytes(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(mask).view(np.uint8)


def _check_mask(foreground: NDArray[np.bool_]) -> None:
    if foreground.dtype != bool:
        msg = (
            f"foreground must be boolean, got {foreground.dtype}; "
            "compare it with a cutoff first"
        )
        raise ValueError(msg)
    if foreground.ndim != 2:
        msg = f"foreground must have the two axes Y and X, got {foreground.ndim}"
        raise ValueError(msg)
