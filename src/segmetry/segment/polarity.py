"""Whether the objects of a picture are its bright or its dark part."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["polarity_of"]


def polarity_of(
    bright: NDArray[np.bool_], included: NDArray[np.bool_]
) -> Literal["bright", "dark"]:
    """Return which part of a picture is the objects.

    The background surrounds the objects, so it holds more of the picture's frame; where
    the frame is shared evenly, the smaller part is the objects. Fails where objects fill
    most of the picture up to its frame.

    Parameters
    ----------
    bright : ndarray of bool, shape (Y, X)
        True in the bright part.
    included : ndarray of bool, shape (Y, X)
        True where a pixel belongs to the sample.

    Returns
    -------
    {"bright", "dark"}

    Examples
    --------
    >>> bright = np.ones((9, 9), bool)
    >>> bright[3:6, 3:6] = False
    >>> polarity_of(bright, np.ones((9, 9), bool))
    'dark'
    """
    rows = np.flatnonzero(included.any(axis=1))
    columns = np.flatnonzero(included.any(axis=0))
    frame = np.zeros(included.shape, dtype=bool)
    frame[[rows[0], rows[-1]], :] = True
    frame[:, [columns[0], columns[-1]]] = True
    on_frame = bright[frame & included].mean()
    inside = bright[included].mean()
    return "dark" if on_frame + inside > 1 else "bright"
