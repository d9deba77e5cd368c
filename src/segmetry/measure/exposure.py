"""How much of a picture is clipped, and how bright it is, told from its parts.

The numbers are those of `segmetry.measure.picture_quality`, for a picture that is read
part by part.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.measure.picture_quality import SAMPLE, SHARES, brightest_channel, top_values

__all__ = ["Exposure", "exposure_columns", "exposure_of"]

_N, _LOW, _FIRST_TOP = 0, 1, 2  # columns of the counts


@dataclass(frozen=True, eq=False)
class Exposure:
    """How the pixels of one part of a picture are exposed.

    Parameters
    ----------
    counts : ndarray of int64, shape (2, 2 + n_tops)
        Of the included pixels, and of those of objects: how many there are, how many are
        0, and how many have each of the values that may be the most a camera tells.
    highest : int
        The largest value; 0 for fractions.
    values : ndarray of float32, shape (n,)
        Some grey values, chosen by their places in the picture.
    """

    counts: NDArray[np.int64]
    highest: int
    values: NDArray[np.float32]


def exposure_of(
    image: Image,
    inside: NDArray[np.bool_],
    window: tuple[slice, slice],
    shape: tuple[int, int],
) -> Exposure:
    """Return how one part of a picture is exposed.

    Parameters
    ----------
    image : Image
        The part, of axes YX or YXC.
    inside : ndarray of bool, shape (y, x)
        Where objects are.
    window : tuple of slice
        Where it lies in the picture.
    shape : tuple of int
        Rows and columns of the picture.

    Returns
    -------
    Exposure
    """
    included = image.included
    chosen = _chosen(window, shape) & included
    values = image.grey[chosen]
    tops = top_values(image.pixels.dtype)
    masks = included, inside
    if image.pixels.dtype.kind != "u":
        n = [[np.count_nonzero(mask), 0, *(0 for _ in tops)] for mask in masks]
        return Exposure(np.array(n, np.int64), 0, values)
    brightest = brightest_channel(image)
    n = [
        [
            np.count_nonzero(mask),
            *(np.count_nonzero(brightest[mask] == value) for value in (0, *tops)),
        ]
        for mask in masks
    ]
    return Exposure(np.array(n, np.int64), int(brightest.max()), values)


def _chosen(window: tuple[slice, slice], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels are looked at: each so-manyth of the picture, row after row."""
    rows, columns = window
    every = shape[0] * shape[1] // SAMPLE | 1
    places = np.arange(rows.start, rows.stop)[:, None] * shape[1]
    return np.asarray((places + np.arange(columns.start, columns.stop)) % every == 0)


def exposure_columns(
    parts: Sequence[Exposure], dtype: np.dtype[Any]
) -> dict[str, float | None]:
    """Return the columns of images.csv on the exposure of a picture.

    Parameters
    ----------
    parts : sequence of Exposure
        All of them.
    dtype : dtype
        Of the pixels.

    Returns
    -------
    dict
        `None` where a number is not known.

    Examples
    --------
    >>> pixels = np.array([[0, 90, 255, 255]], np.uint8)
    >>> whole = (slice(0, 1), slice(0, 4))
    >>> part = exposure_of(Image(pixels), pixels > 0, whole, (1, 4))
    >>> exposure_columns([part], pixels.dtype)["clipped_high_fraction"]
    0.5
    """
    counts = np.sum([part.counts for part in parts], axis=0)
    highest, tops = max(part.highest for part in parts), top_values(dtype)
    top = _FIRST_TOP + (tops.index(highest) if highest in tops else len(tops) - 1)
    n, n_inside = counts[:, _N]
    values = np.sort(np.concatenate([part.values for part in parts]))
    low, middle, high = (
        (values[round(share * (len(values) - 1))] for share in SHARES)
        if len(values)
        else (math.nan,) * 3
    )
    clipped = counts[1, _LOW] + counts[1, top]
    told = {
        "clipped_low_fraction": counts[0, _LOW] / n if n else math.nan,
        "clipped_high_fraction": counts[0, top] / n if n else math.nan,
        "brightness": float(middle),
        "contrast": float(high - low),
        "clipped_objects_fraction": clipped / n_inside if n_inside else math.nan,
    }
    return {
        name: float(value) if math.isfinite(value) else None for name, value in told.items()
    }
