"""Bringing a picture to the scale at which a network was trained, and maps back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGEST_FACTOR",
    "SCALE_POWERS",
    "SMALLEST_FACTOR",
    "Fitted",
    "Look",
    "allowed_factor",
    "evidence",
    "fitted",
    "resampled",
    "typical_diameter",
]

SMALLEST_FACTOR, LARGEST_FACTOR = 1 / 8, 4.0
SCALE_POWERS = (0.5, 1.0, 1.5)  # see `evidence`; a card without one means the first
_CLOSE = 1.1  # networks bear such a difference in scale
_MOST_REFINED = 2
_FIRST_PIXELS = 2**20  # objects of a larger picture are first looked for in a reduced one
_FEWEST_PIXELS = 2**12  # a picture seen smaller than this shows nothing
_OCTAVES = 0.5  # standard deviation of diameters that speak for a scale
_OVERSHOOT = 1.3  # objects seen too small look larger than they are, and the reverse
_REFINED = 0.8  # of the evidence before, that a look at the right scale must have
_LOST = 0.3  # of the best evidence: below it, nearer looks are in vain
_MOST_PIXELS = 2**25  # of an enlarged picture, or memory would run out

Found = TypeVar("Found")


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


@dataclass(frozen=True)
class Look(Generic[Found]):
    """What one look at a picture gave.

    Parameters
    ----------
    found : object
    diameter : float or None
        Typical diameter of the objects in pixels of that scale; `None` without objects.
    evidence : float
        How much speaks for the scale, see `evidence`.
    """

    found: Found
    diameter: float | None
    evidence: float


@dataclass(frozen=True)
class Fitted(Generic[Found]):
    """What was found at the scale that fits best.

    Parameters
    ----------
    found : object
        What the look at that scale gave.
    factor : float
        Its pixels per pixel of the picture.
    diameter : float or None
        Typical diameter of the objects, in pixels of the picture; `None` without objects.
    n_passes : int
        How often the picture was looked at.
    evidence : float
        How much speaks for the scale, see `evidence`.
    """

    found: Found
    factor: float
    diameter: float | None
    n_passes: int
    evidence: float = 0.0


def evidence(
    labels: NDArray[np.uint32],
    foreground: NDArray[np.float32],
    *,
    wanted: float,
    factor: float = 1.0,
    power: float = 0.5,
) -> float:
    """Return how much speaks for the scale at which objects were found.

    Sure objects of about the wanted diameter speak for it, each with a power of its
    diameter in the picture: many specks, and a few doubtful clumps, say less than objects
    that fit.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects 1 to n.
    foreground : ndarray of float32, shape (Y, X)
        Probability of each pixel.
    wanted : float
        Diameter at which the network was trained, in pixels.
    factor : float
        Pixels of these arrays per pixel of the picture.
    power : float
        The larger, the more a large object outweighs many small ones; a model's card
        tells the one chosen on validation data.

    Returns
    -------
    float
        0 without objects.

    Examples
    --------
    >>> squares = np.zeros((40, 40), np.uint32)
    >>> squares[2:20, 2:20], squares[22:25, 22:25] = 1, 2
    >>> sure = np.ones((40, 40), np.float32)
    >>> round(evidence(squares, sure, wanted=20, power=1), 1)
    20.3
    """
    places = labels.ravel()
    area = np.bincount(places)[1:].astype(np.float64)
    total = np.bincount(places, np.abs(2 * foreground.ravel() - 1))[1:]
    kept = area > 0
    diameter = 2 * np.sqrt(area[kept] / np.pi)
    certainty = total[kept] / area[kept]
    fits = np.exp(-0.5 * (np.log2(diameter / wanted) / _OCTAVES) ** 2)
    return float(((diameter / factor) ** power * certainty**6 * fits).sum())


def fitted(
    look: Callable[[float], Look[Found]], *, n_pixels: int, wanted: float
) -> Fitted[Found]:
    """Look at a picture until its objects have the diameter that is wanted.

    First from far, then nearer by octaves, until less speaks for a scale than for the one
    before. The best scale is then refined by the diameter of the objects found there.

    Fails where objects are found at a wrong scale, such as the parts of a large one.

    Parameters
    ----------
    look : callable
        Takes a factor, pixels per pixel of the picture.
    n_pixels : int
        Number of pixels of the picture.
    wanted : float
        The diameter at which the network was trained, in pixels.

    Returns
    -------
    Fitted
        Without any objects, the picture's own scale, or the finest of a large one.
    """
    looks: list[Fitted[Found]] = []

    def best() -> Fitted[Found]:
        return max(looks, key=lambda done: (done.evidence, -abs(np.log2(done.factor))))

    def see(factor: float) -> None:
        seen = look(factor)
        typical = None if seen.diameter is None else seen.diameter / factor
        looks.append(Fitted(seen.found, factor, typical, len(looks) + 1, seen.evidence))

    for factor in _octaves(n_pixels):
        see(factor)
        if looks[-1].evidence < _LOST * best().evidence:
            break
    if best().diameter is None:
        see(allowed_factor(2.0, n_pixels))  # objects of a few pixels
    chosen = best()
    for _ in range(_MOST_REFINED):
        if chosen.diameter is None:
            break
        ratio = wanted / (chosen.diameter * chosen.factor)
        following = allowed_factor(chosen.factor * ratio**_OVERSHOOT, n_pixels)
        if 1 / _CLOSE <= following / chosen.factor <= _CLOSE:
            break
        see(following)
        if looks[-1].evidence < _REFINED * chosen.evidence:
            break
        chosen = looks[-1]
    return replace(chosen, n_passes=len(looks))


def _octaves(n_pixels: int) -> list[float]:
    """Return factors from far to near, a power of two apart."""
    nearest = min(1.0, (_FIRST_PIXELS / n_pixels) ** 0.5)
    factors = [nearest]
    while (
        n_pixels * (factors[-1] / 2) ** 2 >= _FEWEST_PIXELS
        and factors[-1] / 2 >= SMALLEST_FACTOR
    ):
        factors.append(factors[-1] / 2)
    return factors[::-1]
