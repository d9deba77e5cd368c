"""Grey values on the common scale of 0 to 255, on which text and bars are looked for."""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = ["grey_levels"]


def grey_levels(image: Image) -> NDArray[np.float32]:
    """Return the grey values of a picture from 0 to 255.

    Bytes stay as they are; any other kind is stretched from its least to its greatest
    finite value. Values that are not finite become 0.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.

    Returns
    -------
    ndarray of float32, shape (Y, X)

    Examples
    --------
    >>> grey_levels(Image(np.array([[0, 4095]], dtype=np.uint16)))
    array([[  0., 255.]], dtype=float32)
    """
    grey = image.grey
    if image.pixels.dtype == np.uint8:
        return grey
    finite = np.isfinite(grey)
    if not finite.any():
        return np.zeros_like(grey)
    low, high = float(grey[finite].min()), float(grey[finite].max())
    scale = 255.0 / (high - low) if high > low else 0.0
    return np.where(finite, (grey - low) * scale, 0).astype(np.float32)
