"""What a network shall answer for each pixel, made from numbered objects."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["object_targets"]


def object_targets(
    labels: NDArray[np.uint32], *, border_px: float = 1.5
) -> NDArray[np.float32]:
    """Return foreground, border and distance maps of numbered objects.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
    border_px : float
        A pixel is border where two different objects are within this distance of it.

    Returns
    -------
    ndarray of float32, shape (Y, X, 3)
        Foreground (0 or 1), border (0 or 1), and the distance to the edge of the pixel's
        own object as a share of the greatest one in that object.

    Examples
    --------
    >>> maps = object_targets(np.array([[0, 1, 1, 1, 2, 2, 2, 0]], dtype=np.uint32))
    >>> maps[0, :, 2]
    array([0. , 0.5, 1. , 0.5, 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    foreground = (labels > 0).astype(np.float32)
    border = _between_objects(labels, border_px)
    return np.stack([foreground, border, _share_of_depth(labels)], axis=-1)


def _share_of_depth(labels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the distance to the object's edge over its greatest; the frame is no edge."""
    inside = (labels > 0) & ~_on_seam(labels)
    # The seam's pixels are half a pixel from the edge, so distances count from there.
    to_seam = cv2.distanceTransform(
        inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    depth = np.where(labels > 0, to_seam + 1, 0).astype(np.float32)
    deepest = np.ones(int(labels.max()) + 1, np.float32)
    np.maximum.at(deepest, labels.ravel(), depth.ravel())
    return np.asarray(depth / deepest[labels])


def _on_seam(labels: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return where a pixel of an object has a side neighbour of another number."""
    seam = np.zeros(labels.shape, bool)
    for axis in (0, 1):
        ahead = np.moveaxis(labels, axis, 0)
        differs = ahead[1:] != ahead[:-1]
        along = np.moveaxis(seam, axis, 0)
        along[1:] |= differs
        along[:-1] |= differs
    return seam & (labels > 0)


def _between_objects(labels: NDArray[np.uint32], reach: float) -> NDArray[np.float32]:
    """Return where two objects are within reach of a pixel."""
    radius = int(np.ceil(reach))
    if radius < 1 or not labels.any():
        return np.zeros(labels.shape, np.float32)
    offsets = np.arange(-radius, radius + 1)
    disc = (offsets[:, None] ** 2 + offsets**2 <= reach**2).astype(np.uint8)
    # Small pictures of float32 hold numbers up to 2**24 exactly.
    numbers = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    if labels.min() > 0:
        numbers = numbers + 1
    high = cv2.dilate(numbers.astype(np.float32), disc)
    lowest = np.where(labels > 0, numbers, numbers.max() + 1).astype(np.float32)
    low = cv2.erode(lowest, disc)
    return ((high > 0) & (low < high)).astype(np.float32)
