"""The counting frame with forbidden lines: a rule by which each object counts once.

Cutting a picture into frames cuts objects too. An object that meets the frame counts, but
not if it meets a forbidden line: the left and the lower side, the left side's extension
upwards and the right side's downwards, both without end [1]_. In a plane that is covered by
frames, every object of whatever size and shape is then counted in exactly one of them,
which is what makes the number per area free of bias.

References
----------
.. [1] H. J. G. Gundersen, "Notes on the estimation of the numerical density of arbitrary
       profiles: the edge effect", Journal of Microscopy 111, 1977.
       doi:10.1111/j.1365-2818.1977.tb00062.x
"""

import math

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Labels

__all__ = ["counted_in_frame", "pixel_range"]


def counted_in_frame(
    labels: Labels, frame: tuple[float, float, float, float]
) -> NDArray[np.uint32]:
    """Return the objects that a counting frame counts.

    Objects are whole: what lies beyond the frame is looked at too, as far as the picture
    goes. Where a forbidden line is the edge of the picture or of the excluded area, objects
    that touch it are taken to cross it.

    Parameters
    ----------
    labels : Labels
        Of a picture with axes "YX" or "YXC".
    frame : tuple of float
        Smallest x and y, largest x and y, as `Region.bounds`. A pixel lies on that side of
        a line on which its centre does.

    Returns
    -------
    ndarray of uint32, shape (n,)
        Numbers of the objects, ascending.

    Examples
    --------
    Of three objects the frame from 2 to 6 counts the last: the first crosses its left
    side, the second its lower one.

    >>> from segmetry.image import Image
    >>> data = np.zeros((8, 8), np.uint32)
    >>> data[3, 1:4], data[4:7, 4], data[2, 5:8] = 1, 2, 3
    >>> counted_in_frame(Labels(data, Image(np.zeros((8, 8), np.uint8))), (2, 2, 6, 6))
    array([3], dtype=uint32)
    """
    data, included = labels.data, labels.image.included
    height, width = data.shape
    left, right = pixel_range(frame[0], frame[2], width)
    top, bottom = pixel_range(frame[1], frame[3], height)
    inside = data[top:bottom, left:right]
    forbidden = [data[:, :left], data[bottom:, left:right]]
    # What lies behind the end of the picture is not known; a line there is crossed.
    beside = np.zeros(bottom - top, dtype=bool)
    below = np.zeros(right - left, dtype=bool)
    if left > 0:
        beside = included[top:bottom, left - 1]
    if bottom < height:
        below = included[bottom, left:right]
    forbidden += [inside[~beside, :1], inside[-1:, ~below]]
    crossing = np.unique(np.concatenate([np.unique(part) for part in forbidden]))
    found = np.unique(inside)
    return found[(found > 0) & ~np.isin(found, crossing)]


def pixel_range(low: float, high: float, size: int) -> tuple[int, int]:
    """Return the first pixel whose centre lies between two lines, and the one behind them.

    Parameters
    ----------
    low, high : float
        In pixels; the first pixel's centre is at 0.5.
    size : int
        Number of pixels along the axis.

    Examples
    --------
    >>> pixel_range(0.5, 2.5, 10)
    (0, 2)
    """
    ends = (min(max(math.ceil(end - 0.5), 0), size) for end in (low, high))
    return next(ends), next(ends)
