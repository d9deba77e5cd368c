"""Excluded pixels, kept from bleeding into the sample beside them."""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = ["without_excluded"]


def without_excluded(image: Image) -> NDArray[np.float32]:
    """Return grey values in which excluded pixels hold the median of the others.

    Parameters
    ----------
    image : Image

    Returns
    -------
    ndarray of float32, shape of the spatial axes

    Examples
    --------
    >>> banner = np.array([[False, False, False, True]])
    >>> without_excluded(Image(np.array([[1, 2, 3, 255]]), excluded=banner))
    array([[1., 2., 3., 2.]], dtype=float32)
    """
    grey = image.grey
    if image.excluded is None or image.excluded.all():
        return grey
    return np.where(image.excluded, np.median(grey[~image.excluded]), grey)
