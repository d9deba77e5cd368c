"""Places in a picture that look like a pattern: normalised cross-correlation.

References
----------
.. [1] J. P. Lewis, "Fast template matching", Vision Interface 95, 1995.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.segment.objects import fill_holes
from segmetry.segment.threshold import cutoff_of

__all__ = [
    "Pattern",
    "Places",
    "drawn_pattern",
    "likeness_and_step",
    "pattern_of",
    "places_like",
    "without_overlap",
]

_MARGIN = 0.15  # of a diameter: how much of the ground around a disc is part of its pattern
_RING = 0.6  # inner by outer diameter of a ring
_FINER = 8  # parts of a pixel's side by which the slope of a drawn edge is found
_LARGE = 125  # pixels: the edge of a larger one is drawn in coarser parts, to save memory
_EVEN = 1e-6  # of the largest spread: the spread of what is flat but for rounding


@dataclass(frozen=True, eq=False)
class Pattern:
    """What is looked for.

    Parameters
    ----------
    values : ndarray of float32, shape (H, W)
        Grey values, not all the same.
    mask : ndarray of bool, shape (H, W)
        The object in it.
    """

    values: NDArray[np.float32]
    mask: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Places:
    """Where patterns may be, the likeliest first.

    Parameters
    ----------
    corner : ndarray of int, shape (N, 2)
        Row and column of the first pixel of the pattern, which may lie outside.
    likeness : ndarray of float32, shape (N,)
        Correlation, up to 1.
    pattern : ndarray of int, shape (N,)
        Number of the pattern.
    """

    corner: NDArray[np.intp]
    likeness: NDArray[np.float32]
    pattern: NDArray[np.intp]


def drawn_pattern(diameter: float, shape: Literal["disc", "ring"]) -> Pattern:
    """Return a bright disc or ring on dark ground.

    Parameters
    ----------
    diameter : float
        In pixels.
    shape : {"disc", "ring"}
        The hole of a ring has 0.6 times its diameter, and is part of the object.

    Returns
    -------
    Pattern
        Square, of an odd number of pixels, so that it has a middle.

    Examples
    --------
    >>> pattern = drawn_pattern(10, "disc")
    >>> pattern.values.shape, int(pattern.mask.sum())
    ((15, 15), 69)
    """
    half = int(np.ceil(diameter * (0.5 + _MARGIN)))
    finer = int(np.clip(_FINER * _LARGE // diameter, 1, _FINER))
    n = (2 * half + 1) * finer
    offset = (np.arange(n) + 0.5) / finer - half - 0.5
    away = np.hypot(offset[:, None], offset[None, :])
    inside = away <= diameter / 2
    bright = inside & (away >= _RING * diameter / 2) if shape == "ring" else inside
    size = (2 * half + 1, 2 * half + 1)
    values, share = (
        cv2.resize(one.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for one in (bright, inside)
    )
    return Pattern(np.asarray(values, np.float32), np.asarray(share > 0.5))


def pattern_of(grey: NDArray[np.float32]) -> Pattern:
    """Return a piece of a picture as a pattern; its object is what its frame is not.

    Parameters
    ----------
    grey : ndarray of float32, shape (H, W)
        Not flat.

    Returns
    -------
    Pattern

    Examples
    --------
    >>> grey = np.full((7, 7), 90, np.float32)
    >>> grey[2:5, 2:5] = 20
    >>> int(pattern_of(grey).mask.sum())
    9
    """
    bright = grey > cutoff_of(grey, method="otsu")
    frame = np.ones(grey.shape, bool)
    frame[1:-1, 1:-1] = False
    mask = ~bright if bright[frame].mean() > 0.5 else bright
    mask = fill_holes(mask)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return Pattern(grey, np.asarray(pieces == largest))


def likeness_and_step(
    grey: NDArray[np.float32], pattern: Pattern
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much each place looks like a pattern, and how strongly it shows there.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
        Beyond its frame it is taken to be mirrored.
    pattern : Pattern
        Of H x W pixels.

    Returns
    -------
    likeness, step : ndarray of float32, shape (Y, X)
        At the middle of the pattern, which is pixel (H // 2, W // 2) of it: the
        correlation of the grey values, from -1 to 1 and 0 on flat ground, and by how
        many times the pattern's contrast is theirs.

    Examples
    --------
    >>> grey = np.zeros((20, 30), np.float32)
    >>> grey[5:10, 8:13] = 40
    >>> values = np.zeros((9, 9), np.float32)
    >>> values[2:7, 2:7] = 1
    >>> likeness, step = likeness_and_step(grey, Pattern(values, values > 0))
    >>> float(likeness[7, 10].round(3)), float(step[7, 10].round(3))
    (1.0, 40.0)
    """
    height, width = pattern.values.shape
    above, left = height // 2, width // 2
    around = (above, height - 1 - above), (left, width - 1 - left)
    framed = np.pad(grey, around, mode="symmetric")
    shifted = framed - np.float32(grey.mean(dtype=np.float64))  # squares stay precise
    centred = pattern.values - pattern.values.mean()
    strength = float((centred.astype(np.float64) ** 2).sum())
    product = cv2.matchTemplate(shifted, centred, cv2.TM_CCORR)
    spread = _local_spread(shifted, (height, width))
    step = product / np.float32(strength)
    flat = spread <= _EVEN * max(float(spread.max()), float(np.finfo(np.float32).tiny))
    likeness = product / np.where(flat, np.inf, np.sqrt(strength * spread))
    return np.clip(likeness, -1, 1).astype(np.float32), np.asarray(step, np.float32)


def _local_spread(grey: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the sum of squares about the mean in each window that fits."""
    height, width = size
    total, squares = cv2.integral2(grey.astype(np.float64), sdepth=cv2.CV_64F)
    sums = [
        table[height:, width:]
        - table[:-height, width:]
        - table[height:, :-width]
        + table[:-height, :-width]
        for table in (total, squares)
    ]
    return np.maximum(sums[1] - sums[0] ** 2 / (height * width), 0)


def places_like(
    patterns: Sequence[Pattern],
    likeness: Sequence[NDArray[np.float32]],
    least: float,
) -> Places:
    """Return where maps of likeness have a peak of at least `least`.

    Parameters
    ----------
    patterns : sequence of Pattern
    likeness : sequence of ndarray of float32, shape (Y, X)
        One for each pattern.
    least : float

    Returns
    -------
    Places
    """
    corners, values, numbers = [], [], []
    for number, (pattern, like) in enumerate(zip(patterns, likeness, strict=True)):
        peak = (like >= least) & (like == cv2.dilate(like, np.ones((3, 3), np.uint8)))
        found = np.argwhere(peak)
        corners.append(found - np.array(pattern.values.shape) // 2)
        values.append(like[peak])
        numbers.append(np.full(len(found), number))
    value = np.concatenate(values)
    order = np.argsort(-value, kind="stable")
    return Places(
        np.concatenate(corners)[order], value[order], np.concatenate(numbers)[order]
    )


def without_overlap(
    places: Places,
    patterns: Sequence[Pattern],
    included: NDArray[np.bool_],
    overlap: float,
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Draw the object of each place, the likeliest first, unless it lies on another.

    Parameters
    ----------
    places : Places
    patterns : sequence of Pattern
    included : ndarray of bool, shape (Y, X)
        Nothing is drawn elsewhere.
    overlap : float
        Largest share of itself, and of the other, that an object may have in common with
        one that is drawn already.

    Returns
    -------
    labels : ndarray of uint32, shape (Y, X)
        Objects 1 to n, the likeliest first; a pixel is of the likeliest.
    likeness : ndarray of float32, shape (n,)
    """
    labels = np.zeros(included.shape, np.uint32)
    areas, kept = [0], []
    for corner, value, number in zip(
        places.corner, places.likeness, places.pattern, strict=True
    ):
        window, mask = _inside(corner, patterns[number].mask, included)
        under = labels[window][mask]
        common = np.bincount(under[under > 0]) if under.any() else np.zeros(1, int)
        owners = np.flatnonzero(common)
        if (
            common[owners] > overlap * np.minimum(under.size, np.take(areas, owners))
        ).any():
            continue
        areas.append(under.size)
        kept.append(value)
        labels[window][mask & (labels[window] == 0)] = len(kept)
    return labels, np.array(kept, np.float32)


def _inside(
    corner: NDArray[np.intp], mask: NDArray[np.bool_], included: NDArray[np.bool_]
) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """Return the window of a pattern in the picture, and its object in that window."""
    first = np.maximum(corner, 0)
    last = np.minimum(corner + mask.shape, included.shape)
    window = (slice(first[0], last[0]), slice(first[1], last[1]))
    rows, columns = first - corner, last - corner
    return window, mask[rows[0] : columns[0], rows[1] : columns[1]] & included[window]
