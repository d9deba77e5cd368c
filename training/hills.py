"""The head of Segmetry's first models: foreground, border and distance, and their cut.

The distance map has a hill for each object, also where neighbours touch. The same flood
that cuts classical foregrounds cuts here, on the network's hills instead of the distance
to the background.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from segmetry.learn.losses import bce_dice, weighted_mean
from segmetry.segment.flooding import flood, number

BORDER_PX = 1.5  # at the scale of training; in the picture at least 1
DISTANCE_WEIGHT = 2.0
BORDER_WEIGHT = 2.0  # of a border pixel: there are few
HEIGHT = 15.0  # of a hill, over 1 for the lowest foreground, in levels of the flood


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


def object_loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of foreground, border and distance maps, in this order.

    Foreground: binary cross-entropy plus soft Dice; border: binary cross-entropy in which
    border pixels count twice; distance: mean absolute error.
    """
    foreground = bce_dice(logits[:, :1], targets[:, :1], weight)
    border = functional.binary_cross_entropy_with_logits(
        logits[:, 1:2],
        targets[:, 1:2],
        pos_weight=torch.tensor(BORDER_WEIGHT),
        reduction="none",
    )
    distance = (torch.sigmoid(logits[:, 2:3]) - targets[:, 2:3]).abs()
    return (
        foreground
        + weighted_mean(border, weight)
        + DISTANCE_WEIGHT * weighted_mean(distance, weight)
    )


def cut_hills(
    foreground: NDArray[np.bool_],
    distance: NDArray[np.float32],
    border: NDArray[np.float32] | None = None,
    *,
    waist: float = 0.8,
    depth: float = 0.1,
    lowered: float = 0.5,
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
    waist : float
        Two hills are two objects where the pass between them is lower than this share
        of the smaller hill.
    depth : float
        ... and lower than it by more than this share of a full hill.
    lowered : float
        How much a probable border lowers the hills, from 0 to 1.
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
    height = np.clip(distance, 0, 1)
    if border is not None and lowered > 0:
        height = height * (1 - lowered * np.clip(border, 0, 1))
    hills = np.where(foreground, 1 + HEIGHT * height, 0).astype(np.float32)
    return np.asarray(number(*flood(hills, waist, depth * HEIGHT), min_area))


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
