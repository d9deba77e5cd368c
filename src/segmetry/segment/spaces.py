"""Spaces in which pixels are compared: grey, colours, and features of the surroundings."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.prepare.background import background, blurred
from segmetry.prepare.excluded import without_excluded
from segmetry.segment.features import feature_stack
from segmetry.segment.grey import check_picture, grey_for_segmenting

__all__ = ["Space", "in_space"]

Space = Literal["grey", "rgb", "hsv", "lab", "features"]

_FINEST = 1.0  # pixels: features of single pixels are noise
_ROUNDING = 1e-6  # of the largest value: what a sum of flat channels may differ by


def in_space(
    image: Image, space: Space, *, flatten: float = 0, denoise: float = 0
) -> NDArray[np.float32]:
    """Return the values by which pixels are compared, the same at any exposure.

    The darkest and the brightest value of the picture, over all its channels, become 0
    and 1 before, so that grey values that are scaled or shifted give the same.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    space : {"grey", "rgb", "hsv", "lab", "features"}
        "rgb" takes all channels as they are, however many there are. "hsv" gives hue as
        a direction, so that red is no end of it: saturation times value times the cosine
        and the sine of the hue, and the value. "lab" is CIELAB over 100. "features" are
        those of `feature_stack` at the scale of `denoise`, each divided by its standard
        deviation. Pictures of one channel have no colours: for them "rgb", "hsv" and
        "lab" are "grey".
    flatten : float
        Light that varies over more than this many pixels is removed; 0 leaves it.
    denoise : float
        Standard deviation of a Gaussian blur, in pixels; 0 does not blur.

    Returns
    -------
    ndarray of float32, shape (Y, X, C)
        Excluded pixels hold the median of the others, so they do not bleed.

    Raises
    ------
    PictureError
        If the picture cannot be segmented (see `segmetry.segment.grey.check_picture`),
        is one flat colour, or has no three channels for "hsv" and "lab".

    Examples
    --------
    >>> red = np.zeros((4, 4, 3))
    >>> red[:2, :, 0] = 9
    >>> in_space(Image(red, axes="YXC"), "hsv")[0, 0].round(3).tolist()
    [1.0, 0.0, 1.0]
    """
    check_picture(image)
    is_grey = space in {"grey", "features"} or image.pixels.shape[2:] in {(), (1,)}
    _check_flat(image.grey[..., None] if is_grey else image.pixels, image.included)
    if space == "features":
        grey = grey_for_segmenting(image, flatten=flatten)
        stack = feature_stack(grey, scales=[max(denoise, _FINEST)])
        return _standardised(stack, image.included)
    if is_grey:
        grey = grey_for_segmenting(image, flatten=flatten, denoise=denoise)
        return _from_0_to_1(grey[..., None], image.included)
    channels = _from_0_to_1(_channels(image, flatten, denoise), image.included)
    if space == "rgb":
        return channels
    if channels.shape[-1] != 3:
        msg = (
            f"the space {space} needs the three channels red, green and blue, got "
            f"{channels.shape[-1]}; choose rgb, which takes all channels, or grey"
        )
        raise PictureError(msg)
    return _lab(channels) if space == "lab" else _hue_cone(channels)


def _channels(image: Image, flatten: float, denoise: float) -> NDArray[np.float32]:
    """Return each channel as `grey_for_segmenting` gives grey values."""
    channels = []
    for number in range(image.pixels.shape[-1]):
        values = without_excluded(Image(image.pixels[..., number], excluded=image.excluded))
        if flatten:
            values = values - background(values, scale=flatten)
        channels.append(blurred(values, denoise) if denoise else values)
    return np.stack(channels, axis=-1)


def _check_flat(values: NDArray[np.number], included: NDArray[np.bool_]) -> None:
    """Refuse a picture whose channels are flat each, though they differ."""
    inside = values[included].astype(np.float64)
    if (np.ptp(inside, axis=0) <= _ROUNDING * np.abs(inside).max()).all():
        msg = "the picture has one flat colour in the space chosen; nothing to segment"
        raise PictureError(msg)


def _from_0_to_1(
    values: NDArray[np.float32], included: NDArray[np.bool_]
) -> NDArray[np.float32]:
    inside = values[included]
    low, high = inside.min(), inside.max()
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


def _standardised(
    values: NDArray[np.float32], included: NDArray[np.bool_]
) -> NDArray[np.float32]:
    inside = values[included]
    spread = inside.std(axis=0, dtype=np.float64)
    scale = np.where(spread > 0, spread, 1)
    return np.asarray((values - inside.mean(axis=0, dtype=np.float64)) / scale, np.float32)


def _lab(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    lab = cv2.cvtColor(channels, cv2.COLOR_RGB2LAB)
    return np.asarray(lab / 100, np.float32)


def _hue_cone(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    hue, saturation, value = cv2.split(cv2.cvtColor(channels, cv2.COLOR_RGB2HSV))
    angle, chroma = np.deg2rad(hue), saturation * value
    cone = [chroma * np.cos(angle), chroma * np.sin(angle), value]
    return np.stack(cone, axis=-1)
