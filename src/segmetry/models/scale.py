"""Bringing a picture to the scale at which a network was trained, and maps back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGEST_FACTOR",
    "SMALLEST_FACTOR",
    "Fitted",
    "allowed_factor",
    "fitted",
    "resampled",
    "typical_diameter",
]

SMALLEST_FACTOR, LARGEST_FACTOR = 1 / 8, 4.0
_CLOSE = 1.15  # networks bear such a difference in scale
_MOST_PASSES = 3
_FIRST_PIXELS = 2**20  # of the first pass; objects of a larger picture are seen reduced
_MOST_PIXELS = 2**25  # of an enlarged picture, or memory would run out

Found = TypeVar("Found")


def resampled(values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return a picture or its maps with another number of pixels.

    Pixels are averaged where there are to be fewer, and interpolated linearly where there
    are to be more, so no value leaves the range of the others.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    shape : tuple of int
        Height and width wanted, in pixels.

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
        how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
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


@dataclass(frozen=True)
class Fitted(Generic[Found]):
    """What was found at the scale that fits best.

    Parameters
    ----------
    found : object
        What the last look gave.
    factor : float
        Its pixels per pixel of the picture.
    diameter : float or None
        Typical diameter of the objects, in pixels of the picture; `None` without objects.
    n_passes : int
        How often the picture was looked at.
    """

    found: Found
    factor: float
    diameter: float | None
    n_passes: int


def fitted(
    look: Callable[[float], tuple[Found, float | None]],
    *,
    n_pixels: int,
    wanted: float,
) -> Fitted[Found]:
    """Look at a picture until its objects have the diameter that is wanted.

    The first look is at the picture's own scale, or reduced where it is large. The scale
    of each further one follows from the objects found before; three looks are the most.
    Where nothing is found, objects may be too large to be seen whole: the next look is at
    half the scale.

    Fails where objects are found at a wrong scale, such as the parts of a large one.

    Parameters
    ----------
    look : callable
        Takes a factor, pixels per pixel of the picture; gives what it finds, and the
        typical diameter of it in pixels of that scale (`None` without objects).
    n_pixels : int
        Number of pixels of the picture.
    wanted : float
        The diameter at which the network was trained, in pixels.

    Returns
    -------
    Fitted
    """
    factor = min(1.0, (_FIRST_PIXELS / n_pixels) ** 0.5)
    looks: list[Fitted[Found]] = []
    for n_passes in range(1, _MOST_PASSES + 1):
        found, diameter = look(factor)
        typical = None if diameter is None else diameter / factor
        looks.append(Fitted(found, factor, typical, n_passes))
        ratio = 0.5 if diameter is None else wanted / diameter
        following = allowed_factor(factor * ratio, n_pixels)
        if 1 / _CLOSE <= following / factor <= _CLOSE:
            break
        factor = following
    seen = [done for done in looks if done.diameter is not None]
    return replace((seen or looks[:1])[-1], n_passes=len(looks))
