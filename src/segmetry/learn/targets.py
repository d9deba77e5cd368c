"""What a network shall answer for each pixel, made from numbered objects."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["class_targets", "foreground_targets", "object_targets"]


def object_targets(
    labels: NDArray[np.uint32], border_px: float = 1.5
) -> NDArray[np.float32]:
    """Return foreground, border and distance maps of numbered objects.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        0 is background; numbers may have gaps.
    border_px : float
        A pixel is border where two different objects are within this distance of it,
        from middle to middle. Below 1 there is no border.

    Returns
    -------
    ndarray of float32, shape (Y, X, 3)
        Foreground (0 or 1), border (0 or 1), and the distance to the edge of the pixel's
        own object as a share of the greatest one in that object. The distance is 1 at
        pixels that have a side neighbour of another number, and grows from there; the
        picture's frame is no edge.

    Examples
    --------
    >>> maps = object_targets(np.array([[0, 1, 1, 1, 2, 2, 2, 0]], dtype=np.uint32))
    >>> maps[0, :, 2]
    array([0. , 0.5, 1. , 0.5, 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    numbers = _without_gaps(labels)
    foreground = (labels > 0).astype(np.float32)
    border = _between_objects(numbers, border_px)
    return np.stack([foreground, border, _share_of_depth(numbers)], axis=-1)


def foreground_targets(
    labels: NDArray[np.uint32], _border_px: float = 0.0
) -> NDArray[np.float32]:
    """Return 1 where anything is marked, in one map.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        0 is background.

    Returns
    -------
    ndarray of float32, shape (Y, X, 1)
    """
    return (labels > 0).astype(np.float32)[..., None]


def class_targets(
    labels: NDArray[np.uint32], _border_px: float = 0.0, *, numbers: Sequence[int]
) -> NDArray[np.float32]:
    """Return a map for each class, 1 where a pixel is of it.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Numbers of classes.
    numbers : sequence of int
        That of each map.

    Returns
    -------
    ndarray of float32, shape (Y, X, K)

    Examples
    --------
    >>> class_targets(np.array([[0, 7]], dtype=np.uint32), numbers=(0, 7))[0]
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return (labels[..., None] == np.asarray(numbers)).astype(np.float32)


def _without_gaps(labels: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return the objects numbered 1 to n, for tables with a row for each."""
    found, numbers = np.unique(labels, return_inverse=True)
    return numbers.reshape(labels.shape) + int(found[0] > 0)


def _share_of_depth(labels: NDArray[np.intp]) -> NDArray[np.float32]:
    inside = (labels > 0) & ~_on_seam(labels)
    to_seam = cv2.distanceTransform(
        inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    depth = np.where(labels > 0, to_seam + 1, 0).astype(np.float32)
    deepest = np.ones(int(labels.max()) + 1, np.float32)
    np.maximum.at(deepest, labels.ravel(), depth.ravel())
    return np.asarray(depth / deepest[labels])


def _on_seam(labels: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return where a pixel of an object has a side neighbour of another number."""
    seam = np.zeros(labels.shape, bool)
    for axis in (0, 1):
        ahead = np.moveaxis(labels, axis, 0)
        differs = ahead[1:] != ahead[:-1]
        along = np.moveaxis(seam, axis, 0)
        along[1:] |= differs
        along[:-1] |= differs
    return seam & (labels > 0)


def _between_objects(labels: NDArray[np.intp], reach: float) -> NDArray[np.float32]:
    """Return where two objects are within reach of a pixel."""
    radius = int(np.ceil(reach))
    if radius < 1 or not labels.any():
        return np.zeros(labels.shape, np.float32)
    offsets = np.arange(-radius, radius + 1)
    disc = (offsets[:, None] ** 2 + offsets**2 <= reach**2).astype(np.uint8)
    # OpenCV dilates no integers of 32 bits; float32 holds numbers up to 2**24 exactly.
    high = cv2.dilate(labels.astype(np.float32), disc)
    lowest = np.where(labels > 0, labels, labels.max() + 1).astype(np.float32)
    low = cv2.erode(lowest, disc)
    return ((high > 0) & (low < high)).astype(np.float32)
