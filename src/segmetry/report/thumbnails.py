"""A picture reduced to the size of a stamp, in its own colours."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.report.contrast import color_range

__all__ = ["draw_thumbnail"]

_STRETCH = (0.5, 99.5)  # percent: a hot pixel must not set the contrast


def draw_thumbnail(image: Image, *, side: int = 240) -> NDArray[np.uint8]:
    """Return a small copy of a picture for the eye.

    Grey values are stretched, so that a dark picture is seen; colours are those of
    overlays, see `segmetry.report.contrast.color_range`.

    Parameters
    ----------
    image : Image
        Of a stack, the middle slice is shown; any number of channels but three as grey.
    side : int
        Longer side at most, in pixels.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        RGB.

    Examples
    --------
    >>> draw_thumbnail(Image(np.eye(300, dtype=np.uint16))).shape
    (240, 240, 3)
    """
    in_color = image.axes.endswith("C") and image.pixels.shape[-1] == 3
    values: NDArray[Any] = image.pixels if in_color else image.grey[..., None]
    if image.axes.startswith("Z"):
        values = values[len(values) // 2]
    whole = values
    values = values.astype(np.float32)
    share = side / max(values.shape[:2])
    if share < 1:
        size = [max(1, round(length * share)) for length in values.shape[1::-1]]
        values = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
        values = values.reshape(size[1], size[0], -1)
    low, high = color_range(whole) if in_color else np.percentile(values, _STRETCH)
    stretched = (values - low) * (255 / max(high - low, 1e-12))
    shown = np.rint(stretched).clip(0, 255).astype(np.uint8)
    return np.repeat(shown, 3 // values.shape[-1], axis=2)
