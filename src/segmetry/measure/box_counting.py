"""The fractal dimension of a set of pixels, by counting boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BoxCounting", "count_boxes"]

_SMALLEST = 4  # px; smaller boxes see the raster
_LARGEST = 1 / 4  # of the shorter side of what is there; larger ones see only that it is
_RATIO = 2**0.5  # of one box size to the next
_ORIGINS = 4  # of the grid along each axis
_FEWEST = 4  # sizes through which a line says anything


@dataclass(frozen=True, eq=False)
class BoxCounting:
    """How many boxes are needed to cover a set of pixels, by their size.

    Parameters
    ----------
    sizes : ndarray of int64, shape (B,)
        Sides of the boxes, in pixels: the range of the fit.
    counts : ndarray of float64, shape (B,)
        Boxes that hold a pixel, the least over some origins of the grid.
    dimension : float
        Slope of ln counts over -ln sizes; NaN where the range is too short for a fit.
    standard_error : float
        Of the slope, as if counts were independent, which they are not: how straight the
        line is, and no measure of how much another picture would differ.
    r_squared : float
    """

    sizes: NDArray[np.int64]
    counts: NDArray[np.float64]
    dimension: float
    standard_error: float
    r_squared: float


def count_boxes(mask: NDArray[np.bool_]) -> BoxCounting:
    """Return the box-counting dimension of the pixels of a mask [1]_.

    Boxes grow from 4 px by a factor of about 1.41 to a quarter of the shorter side of the
    box around all pixels; of the longer side where that is more than 8 times the shorter.
    Each size is counted on 16 grids of different origin, and the least count used.

    Parameters
    ----------
    mask : ndarray of bool, shape (Y, X)

    Returns
    -------
    BoxCounting

    Notes
    -----
    Pictures span one to two decades of box sizes, where everything that branches gives a
    number between 1 and 2. Compare dimensions of pictures of one size and magnification
    only, and look at the range.

    References
    ----------
    .. [1] K. Falconer, "Fractal Geometry", 2003, chapter 3. doi:10.1002/0470013850

    Examples
    --------
    >>> round(count_boxes(np.ones((256, 256), bool)).dimension, 2)
    1.98
    """
    pixels = np.argwhere(mask)
    sizes = _sizes(pixels)
    counts = np.array([_fewest(pixels, int(size)) for size in sizes], dtype=np.float64)
    if len(sizes) < _FEWEST:
        return BoxCounting(sizes, counts, np.nan, np.nan, np.nan)
    x, y = -np.log(sizes), np.log(counts)
    x, y = x - x.mean(), y - y.mean()
    slope = (x @ y) / (x @ x)
    residual = ((y - slope * x) ** 2).sum()
    error = np.sqrt(residual / (len(x) - 2) / (x @ x))
    r_squared = 1 - residual / (y @ y) if y.any() else 0.0
    return BoxCounting(sizes, counts, float(slope), float(error), float(r_squared))


def _sizes(pixels: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(pixels):
        return np.zeros(0, dtype=np.int64)
    short, long = sorted(np.ptp(pixels, axis=0) + 1)
    largest = _LARGEST * (short if 8 * short >= long else long)
    n = int(np.log(max(largest / _SMALLEST, 0.5)) / np.log(_RATIO) + 1e-9) + 1
    return np.unique(np.rint(_SMALLEST * _RATIO ** np.arange(n)).astype(np.int64))


def _fewest(pixels: NDArray[np.int64], size: int) -> int:
    """Return how many boxes of a size cover the pixels, on the best grid tried."""
    moves = np.unique(np.arange(_ORIGINS) * size // _ORIGINS)
    placed = pixels - pixels.min(axis=0)
    rows = [(placed[:, 0] + move) // size for move in moves]
    columns = [(placed[:, 1] + move) // size for move in moves]
    across = int(placed[:, 1].max()) // size + 2
    down = int(placed[:, 0].max()) // size + 2
    fewest = len(pixels)
    for row in rows:
        for column in columns:
            is_hit = np.zeros(down * across, dtype=np.bool_)
            is_hit[row * across + column] = True
            fewest = min(fewest, int(np.count_nonzero(is_hit)))
    return fewest
