"""A Gaussian blur that gives a pixel the same value wherever the picture is cut.

OpenCV's blur rounds the last columns of a picture otherwise than the rest, so that a
window of a picture would differ from the picture in the last bit.
"""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

import cv2
import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["blurred", "mirrored", "reach_of_blur"]

_SPENT = 4  # standard deviations at which a Gaussian is cut off, as in OpenCV


def blurred(grey: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return grey values after a Gaussian blur; beyond its border a picture is mirrored.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    sigma : float
        Standard deviation in pixels, positive.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        Each value depends on those within `reach_of_blur` only, to the last bit.

    Examples
    --------
    >>> spot = np.zeros((9, 9), np.float32)
    >>> spot[4, 4] = 100
    >>> blurred(spot, 1)[4, 3:6].round(1)
    array([ 9.7, 15.9,  9.7], dtype=float32)
    """
    reach = reach_of_blur(sigma)
    weights = cv2.getGaussianKernel(2 * reach + 1, sigma, cv2.CV_32F).ravel()[reach:]
    rows, columns = (mirrored(length, reach) for length in grey.shape)
    return np.asarray(_blurred(np.ascontiguousarray(grey), weights, rows, columns))


def reach_of_blur(sigma: float) -> int:
    """Return how many pixels away a blur of standard deviation `sigma` takes light from.

    Examples
    --------
    >>> reach_of_blur(0), reach_of_blur(1), reach_of_blur(2.5)
    (0, 4, 10)
    """
    return round(_SPENT * sigma)


def mirrored(length: int, reach: int) -> NDArray[np.intp]:
    """Return which pixel stands at each place from `reach` before to `reach` behind.

    Examples
    --------
    >>> mirrored(3, 2)
    array([1, 0, 0, 1, 2, 2, 1])
    """
    places = np.arange(-reach, length + reach) % (2 * length)
    return np.where(places < length, places, 2 * length - 1 - places)


@numba.njit(cache=True)
def _blurred(grey, weights, rows, columns):  # type: ignore[no-untyped-def] # pragma: no cover
    height, width = grey.shape
    reach = len(weights) - 1
    out = np.empty((height, width), np.float32)
    line = np.empty(width + 2 * reach, np.float32)
    middle = line[reach : reach + width]
    for y in range(height):
        own = grey[rows[y + reach]]
        for x in range(width):
            middle[x] = weights[0] * own[x]
        for k in range(1, reach + 1):
            above, below = grey[rows[y + reach - k]], grey[rows[y + reach + k]]
            weight = weights[k]
            for x in range(width):
                middle[x] += weight * (above[x] + below[x])
        for x in range(reach):
            line[x] = middle[columns[x]]
            line[reach + width + x] = middle[columns[reach + width + x]]
        smooth = out[y]
        for x in range(width):
            smooth[x] = weights[0] * middle[x]
        for k in range(1, reach + 1):
            left = line[reach - k : reach - k + width]
            right = line[reach + k : reach + k + width]
            weight = weights[k]
            for x in range(width):
                smooth[x] += weight * (left[x] + right[x])
    return out
