"""A picture of what is right and wrong, pixel by pixel."""

import numpy as np
from numpy.typing import NDArray

from segmetry.report.palette import Color

__all__ = ["INVENTED", "MISSED", "RIGHT", "draw_errors"]

MISSED: Color = (40, 130, 255)  # blue
INVENTED: Color = (255, 60, 50)  # red
RIGHT: Color = (255, 255, 255)
_BACKGROUND: Color = (56, 56, 56)
_DIM = 0.3  # of the light, outside the field of view


def draw_errors(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Draw where foreground was missed, invented and found.

    Parameters
    ----------
    predicted, truth : ndarray of bool, shape (Y, X)
    included : ndarray of bool, shape (Y, X), or None
        The field of view; what lies outside is dim. `None` is all of the picture.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        RGB: missed is blue, invented red, found white, and background dark grey.

    Examples
    --------
    >>> truth, found = np.array([[True, True, False]]), np.array([[True, False, True]])
    >>> [tuple(color) for color in draw_errors(found, truth)[0].tolist()]
    [(255, 255, 255), (40, 130, 255), (255, 60, 50)]
    """
    colors = np.array([_BACKGROUND, MISSED, INVENTED, RIGHT], dtype=np.uint8)
    canvas = colors[truth + np.uint8(2) * predicted]
    if included is not None:
        canvas[~included] = np.rint(canvas[~included] * _DIM)
    return canvas
