"""White lettering inside a picture, and the published way of finding a banner.

Both are kept to be compared with, not recommended: a fill turns every bright pixel into
something else, particles' bright rims included; see docs/banner.md.
"""

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image, Step

__all__ = ["WatermarkFill", "fill_watermark", "published_banner_box"]

WatermarkFill = Literal["constant", "mean", "median", "window"]

_WHITE = 225  # of 255, as published
_WINDOW = 5  # pixels, as published
_LINE = 13  # pixels; the shortest straight run that counts as part of a frame
_NEARLY_WHITE = 250  # of 255, as published


def fill_watermark(
    image: Image, *, method: WatermarkFill, threshold: float = _WHITE, value: float = 0
) -> Image:
    """Return a picture whose grey values over a threshold are replaced.

    Parameters
    ----------
    image : Image
        Axes YX; colours are reduced to grey values. 8-bit values are expected.
    method : {"constant", "mean", "median", "window"}
        What stands in for a white pixel: `value`, the mean or the median of all other
        pixels, or the mean of the other pixels in the 5 x 5 window around it (of all
        other pixels where the window holds none).
    threshold : float
        Pixels over it are taken for lettering.
    value : float
        Grey value for "constant".

    Returns
    -------
    Image
        float32. The pixels are not marked as excluded: this is how the method was
        published, and why its artefacts are counted as sample.

    Raises
    ------
    ValueError
        If the method is not known, or all pixels are over the threshold.

    Examples
    --------
    >>> picture = Image(np.array([[10, 255, 30]], np.uint8))
    >>> fill_watermark(picture, method="mean").pixels
    array([[10., 20., 30.]], dtype=float32)
    """
    if method not in get_args(WatermarkFill):
        msg = f"method must be one of {', '.join(get_args(WatermarkFill))}, got {method!r}"
        raise ValueError(msg)
    grey = image.grey
    white = grey > threshold
    if white.all():
        msg = f"all pixels are over the threshold {threshold}; nothing is left to fill from"
        raise ValueError(msg)
    others = grey[~white]
    if method == "window":
        filled = _window_means(grey, white)
    elif method == "constant":
        filled = np.full_like(grey, value)
    else:
        filled = np.full_like(
            grey, others.mean() if method == "mean" else np.median(others)
        )
    step = Step("fill watermark", {"method": method, "threshold": threshold})
    return image.after(step, pixels=np.where(white, filled, grey), axes="YX")


def _window_means(
    grey: NDArray[np.float32], white: NDArray[np.bool_]
) -> NDArray[np.float32]:
    size = (_WINDOW, _WINDOW)
    weight = cv2.blur((~white).astype(np.float32), size, borderType=cv2.BORDER_CONSTANT)
    total = cv2.blur(np.where(white, 0, grey), size, borderType=cv2.BORDER_CONSTANT)
    # A window of 25 pixels with none to use has a weight that is 0 but for rounding.
    usable = weight > 0.5 / _WINDOW**2
    mean = np.full_like(grey, grey[~white].mean())
    return np.divide(total, weight, out=mean, where=usable)


def published_banner_box(image: Image) -> tuple[int, int, int, int] | None:
    """Return the box that the published detector takes for the banner.

    It keeps straight runs of nearly white pixels, across and down, and takes the box
    around all of them. It finds white banners and framed ones, and takes charged edges
    and bright fibres for banners too.

    Parameters
    ----------
    image : Image
        Axes YX or YXC, 8-bit values.

    Returns
    -------
    tuple of int, or None
        First row, row after the last, first column, column after the last. `None` if no
        straight run is found.

    Examples
    --------
    >>> pixels = np.zeros((60, 80), np.uint8)
    >>> pixels[50:] = 255
    >>> published_banner_box(Image(pixels))
    (48, 60, 0, 80)
    """
    white = np.where(image.grey > _NEARLY_WHITE, 255, 0).astype(np.uint8)
    across = _straight_runs(white, (_LINE, 1))
    down = _straight_runs(white, (1, _LINE))
    lines = cv2.addWeighted(across, 0.5, down, 0.5, 0)
    grown = cv2.erode(255 - lines, np.ones((5, 5), np.uint8))
    cut = cv2.threshold(grown, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    rows, columns = np.nonzero(cut == 0)
    if rows.size == 0 or not lines.any():
        return None
    return (
        int(rows.min()),
        int(rows.max()) + 1,
        int(columns.min()),
        int(columns.max()) + 1,
    )


def _straight_runs(white: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    line = cv2.getStructuringElement(cv2.MORPH_RECT, size)
    return np.asarray(
        cv2.dilate(cv2.erode(white, line, iterations=3), line, iterations=3),
        dtype=np.uint8,
    )
