"""Bringing a picture to another scale, and maps back."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGEST_FACTOR",
    "SMALLEST_FACTOR",
    "allowed_factor",
    "resampled",
    "typical_diameter",
]

SMALLEST_FACTOR, LARGEST_FACTOR = 1 / 8, 4.0
_MOST_PIXELS = 2**25  # of an enlarged picture, or memory would run out


def resampled(
    values: NDArray[np.float32], shape: tuple[int, int], *, cubic: bool = False
) -> NDArray[np.float32]:
    """Return a picture or its maps with another number of pixels.

    Pixels are averaged where there are to be fewer, and interpolated linearly where there
    are to be more, so no value leaves the range of the others unless `cubic` lets it.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    shape : tuple of int
        Height and width wanted, in pixels.
    cubic : bool
        Enlarge with cubic curves: sharper, and values may leave the range a little.

    Returns
    -------
    ndarray of float32, shape (*shape, C)

    Examples
    --------
    >>> resampled(np.array([[[0], [2], [4], [6]]], np.float32), (1, 2)).ravel()
    array([1., 5.], dtype=float32)
    """
    if values.shape[:2] == shape:
        return values
    height, width = shape
    # Each axis by itself: OpenCV averages only where both axes shrink.
    for size in ((width, values.shape[0]), (width, height)):
        smaller = size[0] < values.shape[1] or size[1] < values.shape[0]
        larger = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
        how = cv2.INTER_AREA if smaller else larger
        changed = cv2.resize(values, size, interpolation=how)
        values = np.asarray(changed, np.float32).reshape(*size[::-1], -1)
    return values


def typical_diameter(labels: NDArray[np.uint32]) -> float | None:
    """Return the median diameter of the objects in pixels, `None` without objects.

    The diameter of an object is that of the disc of equal area.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> round(typical_diameter(np.ones((20, 25), np.uint32)), 2)
    25.23
    """
    area = np.bincount(labels.ravel())[1:]
    area = area[area > 0]
    return float(2 * np.sqrt(np.median(area) / np.pi)) if len(area) else None


def allowed_factor(factor: float, n_pixels: int) -> float:
    """Return the nearest factor by which a picture may be resampled.

    Parameters
    ----------
    factor : float
        Pixels wanted per pixel of the picture.
    n_pixels : int
        Number of pixels of the picture; what a large one may grow to is bounded.

    Examples
    --------
    >>> allowed_factor(9, 100 * 100), allowed_factor(9, 2**25), allowed_factor(0.01, 2**25)
    (4.0, 1.0, 0.125)
    """
    largest = min(LARGEST_FACTOR, max((_MOST_PIXELS / n_pixels) ** 0.5, 1.0))
    return float(np.clip(factor, SMALLEST_FACTOR, largest))
