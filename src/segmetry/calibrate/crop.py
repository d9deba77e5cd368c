"""A crop of the picture with the scale bar drawn on it, for the eye to check."""

import numpy as np
from numpy.typing import NDArray

from segmetry.calibrate.levels import grey_levels
from segmetry.calibrate.scale_bar import ScaleBar
from segmetry.image import Image

__all__ = ["crop_of_bar"]

_MARK = np.array([255, 0, 160], dtype=np.uint8)  # a colour that no electron micrograph has


def crop_of_bar(image: Image, bar: ScaleBar) -> NDArray[np.uint8]:
    """Return the surroundings of a scale bar, with its ends marked in magenta.

    Parameters
    ----------
    image : Image
        The picture that the bar was read from, axes YX or YXC.
    bar : ScaleBar

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        Enlarged by a whole factor where the crop would be small to look at.

    Examples
    --------
    >>> bar = ScaleBar(1.0, "um", 20.0, 60.0, 30, 33, text="1 µm", method="bar")
    >>> crop_of_bar(Image(np.zeros((50, 100), np.uint8)), bar).shape
    (264, 504, 3)
    """
    grey = grey_levels(image)
    height, width = grey.shape
    # Labels are at most about as wide as the bar and a quarter as high.
    around = int(max(24, bar.length_px / 2))
    top, bottom = max(0, bar.y_top - around), min(height, bar.y_bottom + around)
    left = max(0, int(bar.x_start) - around)
    right = min(width, int(np.ceil(bar.x_stop)) + around)
    factor = int(np.clip(600 // (right - left), 1, 6))
    crop = np.clip(grey[top:bottom, left:right], 0, 255).astype(np.uint8)
    large = crop.repeat(factor, axis=0).repeat(factor, axis=1)
    picture = np.repeat(large[:, :, None], 3, axis=2)
    _mark(picture, bar, origin=(top, left), factor=factor)
    return picture


def _mark(
    picture: NDArray[np.uint8], bar: ScaleBar, *, origin: tuple[int, int], factor: int
) -> None:
    top, left = origin
    first = max(0, (bar.y_top - top) * factor - 12)
    last = (bar.y_bottom - top) * factor + 12
    for end in (bar.x_start, bar.x_stop):
        column = round((end - left) * factor)
        picture[first:last, max(0, column - 1) : column + 1] = _MARK
    span = slice(round((bar.x_start - left) * factor), round((bar.x_stop - left) * factor))
    picture[last - 2 : last, span] = _MARK
