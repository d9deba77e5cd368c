"""The grey values that classical methods work on, and pictures that have none."""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.prepare.background import background, blurred
from segmetry.prepare.excluded import without_excluded
from segmetry.segment.options import Polarity

__all__ = [
    "check_picture",
    "grey_for_edges",
    "grey_for_segmenting",
    "how_bright",
    "noise_of",
]

_SMALLEST = 3
_NOISY = 0.03  # noise by the range of grey values from which the whole blur is needed
_LEAST_BLUR = 0.1  # pixels; less changes nothing
_SECOND_DIFFERENCES = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32)
_LARGEST = 1e15  # its square is still far from the largest float32
_FINEST = 1e-5  # of the largest grey value: about a hundred steps of float32


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
        too large or too alike, or if everything in it is excluded.
    """
    check_picture(image)
    grey = without_excluded(image)
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
        Blur that the objects were found under, in pixels. A noisy picture keeps all of
        it, or outlines become ragged; a clean one needs none, and its corners stay sharp.

    Returns
    -------
    ndarray of float32, shape (Y, X)
    """
    grey = grey_for_segmenting(image)
    blur = denoise * min(noise_of(grey) / (_NOISY * float(np.ptp(grey))), 1)
    if blur > _LEAST_BLUR:
        grey = blurred(grey, blur)
    return -grey if polarity == "dark" else grey


def noise_of(grey: NDArray[np.float32], included: NDArray[np.bool_] | None = None) -> float:
    """Return the standard deviation of the noise, after Immerkaer [1]_.

    Noise that neighbours share, as after a blur or in a JPEG file, is told too small.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    included : ndarray of bool, shape (Y, X), or None
        Pixels that count; `None` counts all.

    Returns
    -------
    float
        In grey values.

    References
    ----------
    .. [1] J. Immerkaer, "Fast noise variance estimation", Computer Vision and Image
           Understanding 64, 1996. doi:10.1006/cviu.1996.0060

    Examples
    --------
    >>> pixels = np.random.default_rng(0).normal(100, 5, (200, 200))
    >>> round(noise_of(pixels.astype(np.float32)))
    5
    """
    differences = np.abs(cv2.filter2D(grey, -1, _SECOND_DIFFERENCES))
    if included is not None:
        differences = differences[included]
    # The median instead of Immerkaer's mean: edges are no noise.
    return float(np.median(differences)) / (0.6745 * 6)


def check_picture(image: Image) -> None:
    """Refuse a picture in which no segmenter can find anything.

    Parameters
    ----------
    image : Image

    Raises
    ------
    PictureError
        If the picture is a stack, is too small or flat, has numbers that are not finite,
        too large or too alike, or if everything in it is excluded.
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
    _check_values(image)


def _check_values(image: Image) -> None:
    """Refuse pictures without numbers, without contrast, or beyond single precision."""
    values = image.pixels if image.excluded is None else image.pixels[~image.excluded]
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
    low, high = float(values.min()), float(values.max())
    if low == high:
        msg = f"the picture has one flat value ({low:g}); nothing to segment"
        raise PictureError(msg)
    largest = max(-low, high)
    if largest > _LARGEST:
        msg = (
            f"grey values must lie within {_LARGEST:g} of 0, got {low:g} to {high:g}; "
            "divide them by a constant"
        )
        raise PictureError(msg)
    if high - low < _FINEST * largest:
        msg = (
            f"grey values from {low:.9g} to {high:.9g} differ by too little against their "
            f"size to be told apart; subtract {low:.9g} from them"
        )
        raise PictureError(msg)


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
