"""The grey values that classical methods work on, and pictures that have none."""

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.prepare.background import background, blurred
from segmetry.segment.options import Polarity

__all__ = ["grey_for_edges", "grey_for_segmenting", "how_bright"]

_SMALLEST = 3


def grey_for_segmenting(
    image: Image, *, flatten: float = 0, denoise: float = 0
) -> NDArray[np.float32]:
    """Return smoothed grey values of a picture that is fit to be segmented.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    flatten : float
        Light that varies over more than this many pixels is removed; 0 leaves it.
    denoise : float
        Standard deviation of a Gaussian blur, in pixels; 0 does not blur.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        Excluded pixels hold the median of the others, so they do not bleed.

    Raises
    ------
    PictureError
        If the picture is a stack, is too small or flat, has numbers that are not finite,
        or if everything in it is excluded.
    """
    if image.axes.startswith("Z"):
        msg = (
            f"expected one picture, got a stack of {image.spatial_shape[0]}; "
            "choose one picture of it"
        )
        raise PictureError(msg)
    if min(image.spatial_shape) < _SMALLEST:
        height, width = image.spatial_shape
        msg = (
            f"a picture of {width} x {height} pixels is too small to segment; "
            f"at least {_SMALLEST} x {_SMALLEST} are needed"
        )
        raise PictureError(msg)
    grey = _without_excluded(image)
    if flatten:
        grey = grey - background(grey, scale=flatten)
    if denoise:
        return blurred(grey, denoise)
    return grey


def grey_for_edges(
    image: Image, *, polarity: Polarity, denoise: float
) -> NDArray[np.float32]:
    """Return grey values in which objects are bright, to place their edges in.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    polarity : {"bright", "dark"}
    denoise : float
        Blur that the objects were found under, in pixels. With less of it, noise makes
        outlines ragged.

    Returns
    -------
    ndarray of float32, shape (Y, X)
    """
    grey = grey_for_segmenting(image, denoise=denoise)
    return -grey if polarity == "dark" else grey


def _without_excluded(image: Image) -> NDArray[np.float32]:
    grey = image.grey
    values = grey if image.excluded is None else grey[~image.excluded]
    if values.size == 0:
        msg = "all of the picture is excluded; leave some of it to segment"
        raise PictureError(msg)
    n_broken = values.size - int(np.isfinite(values).sum())
    if n_broken:
        msg = (
            f"expected a number in every pixel, got {n_broken} that are NaN or infinite; "
            "exclude or repair them"
        )
        raise PictureError(msg)
    low, high = values.min(), values.max()
    if low == high:
        msg = f"the picture has one flat value ({low:g}); nothing to segment"
        raise PictureError(msg)
    if image.excluded is not None:
        grey = np.where(image.excluded, np.median(values), grey)
    return grey


def how_bright(
    grey: NDArray[np.float32],
    threshold: NDArray[np.float32] | float,
    *,
    polarity: Polarity,
) -> NDArray[np.float32]:
    """Return a foreground map that is over 0.5 where objects are.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    threshold : float or ndarray of float32, shape (Y, X)
        Bright objects are above it, dark ones below it.
    polarity : {"bright", "dark"}

    Returns
    -------
    ndarray of float32, shape (Y, X)
        0 to 1; half the range of grey values away from the threshold gives 0 or 1.
    """
    difference = grey - np.float32(threshold)
    span = max(float(np.ptp(grey)), float(np.finfo(np.float32).tiny))
    if polarity == "dark":
        np.negative(difference, out=difference)
    return np.asarray(np.clip(0.5 + difference / np.float32(span), 0, 1))
