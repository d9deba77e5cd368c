"""Uneven light: its estimate, and a picture without it."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image, Step
from segmetry.prepare.excluded import without_excluded

__all__ = ["BackgroundMethod", "background", "blurred", "flatten_background"]

BackgroundMethod = Literal["gauss", "opening", "closing", "rolling ball"]

_COARSE = 16  # pixels of the reduced picture that one scale spans


def flatten_background(
    image: Image, *, scale: float, method: BackgroundMethod = "gauss"
) -> Image:
    """Return a picture without light that varies over more than `scale` pixels.

    Parameters
    ----------
    image : Image
        Axes YX; other axes are reduced to grey values.
    scale : float
        In pixels. Several times the size of the objects: smaller ones lose light too.
    method : {"gauss", "opening", "closing", "rolling ball"}
        "gauss" subtracts a wide blur and suits bright and dark objects; "opening" and
        "rolling ball" subtract what lies under bright objects; "closing" what lies over
        dark ones. The estimate is made on a reduced picture.

    Returns
    -------
    Image
        float32, with the mean grey value of the original.

    Raises
    ------
    ValueError
        If the scale is not positive.

    Examples
    --------
    >>> slope = Image(np.tile(np.arange(200.0), (200, 1)))
    >>> flat = flatten_background(slope, scale=40)
    >>> bool(np.ptp(flat.pixels[:, 60:140]) < 1)
    True
    """
    grey = without_excluded(image)
    light = background(grey, scale=scale, method=method)
    flat = grey - light + light.mean()
    step = Step("flatten background", {"scale": scale, "method": method})
    return image.after(step, pixels=flat, axes="YX")


def background(
    grey: NDArray[np.float32], *, scale: float, method: BackgroundMethod = "gauss"
) -> NDArray[np.float32]:
    """Return the light that varies over more than `scale` pixels.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    scale : float
        In pixels.
    method : {"gauss", "opening", "closing", "rolling ball"}

    Returns
    -------
    ndarray of float32, shape (Y, X)

    Raises
    ------
    ValueError
        If the scale is not positive.
    """
    if scale <= 0:
        msg = f"scale must be a positive number of pixels, got {scale}"
        raise ValueError(msg)
    factor = max(scale / _COARSE, 1.0)
    height, width = grey.shape
    size = (max(round(width / factor), 1), max(round(height / factor), 1))
    small = np.asarray(
        cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.float32
    )
    estimate = _estimate(small, scale / factor, method)
    return np.asarray(cv2.resize(estimate, (width, height), interpolation=cv2.INTER_CUBIC))


def _estimate(
    small: NDArray[np.float32], scale: float, method: BackgroundMethod
) -> NDArray[np.float32]:
    if method == "rolling ball":
        from skimage.restoration import rolling_ball

        return np.asarray(rolling_ball(small, radius=scale / 2), dtype=np.float32)
    estimate = small
    if method != "gauss":
        width = max(round(scale), 1) | 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        kind = cv2.MORPH_OPEN if method == "opening" else cv2.MORPH_CLOSE
        estimate = np.asarray(
            cv2.morphologyEx(small, kind, disc, borderType=cv2.BORDER_REFLECT),
            dtype=np.float32,
        )
    return blurred(estimate, scale / 2)


def blurred(grey: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Return grey values of shape (Y, X) after a Gaussian blur of `sigma` pixels."""
    blur = cv2.GaussianBlur(grey, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blur, dtype=np.float32)
