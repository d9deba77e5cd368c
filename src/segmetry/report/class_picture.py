"""The picture with each pixel tinted by its class."""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import ClassMap
from segmetry.report.overlay import shown_picture, tint_excluded
from segmetry.report.palette import class_colors

__all__ = ["draw_classes"]

_TINT = 0.55  # share of a class's colour: what it was found in stays seen


def draw_classes(classes: ClassMap) -> NDArray[np.uint8]:
    """Tint each pixel of a picture with the colour of its class.

    The first class, which is the background or the darkest group, keeps the picture's own
    colours; the excluded area is tinted and hatched as in an overlay.

    Parameters
    ----------
    classes : ClassMap
        Of a single picture.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)

    Raises
    ------
    PictureError
        If the picture is a stack of slices.

    Examples
    --------
    >>> from segmetry import Image
    >>> picture = Image(np.full((1, 2), 100, np.uint8))
    >>> found = ClassMap(np.uint8([[0, 1]]), picture, ("ground", "vessel"))
    >>> draw_classes(found)[0].tolist()
    [[100, 100, 100], [185, 128, 45]]
    """
    shown = shown_picture(classes.image)
    colors = np.array(class_colors(len(classes.names)), np.float32)
    tinted = classes.known & (classes.data > 0)
    own = shown[tinted].astype(np.float32)
    mixed = (1 - _TINT) * own + _TINT * colors[classes.data[tinted]]
    shown[tinted] = np.rint(mixed).astype(np.uint8)
    tint_excluded(shown, classes.image)
    return shown
