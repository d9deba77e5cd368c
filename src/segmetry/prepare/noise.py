"""Less noise, and more contrast."""

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image, Step
from segmetry.prepare.background import blurred
from segmetry.prepare.excluded import without_excluded

__all__ = ["DenoiseMethod", "denoise", "stretch_contrast"]

DenoiseMethod = Literal["gauss", "median", "bilateral", "non-local means"]

_LARGEST_MEDIAN = 255  # of OpenCV for 8-bit pictures


def denoise(image: Image, *, size: float, method: DenoiseMethod = "gauss") -> Image:
    """Return a picture with less noise.

    Parameters
    ----------
    image : Image
        Axes YX or YXC; the result is grey.
    size : float
        In pixels, positive: standard deviation of the blur for "gauss" and of the
        distance for "bilateral", half width of the window for "median", half width of
        the patches for "non-local means".
    method : {"gauss", "median", "bilateral", "non-local means"}
        "gauss" is fast and rounds corners; "median" removes single wild pixels and thin
        lines; "bilateral" keeps edges; "non-local means" keeps repeated detail and is
        slow. All but "gauss" work on 256 grey levels.

    Returns
    -------
    Image
        float32, axes YX.

    Raises
    ------
    ValueError
        If the size is not positive, or the method is not known.

    References
    ----------
    A. Buades, B. Coll and J.-M. Morel, CVPR 2005. doi:10.1109/CVPR.2005.38

    Examples
    --------
    >>> pixels = np.zeros((9, 9), np.uint8)
    >>> pixels[4, 4] = 200
    >>> denoise(Image(pixels), size=1, method="median").pixels.max()
    np.float32(0.0)
    """
    if size <= 0:
        msg = f"size must be a positive number of pixels, got {size}"
        raise ValueError(msg)
    if method not in get_args(DenoiseMethod):
        msg = f"method must be one of {', '.join(get_args(DenoiseMethod))}, got {method!r}"
        raise ValueError(msg)
    step = Step("denoise", {"size": size, "method": method})
    grey = without_excluded(image)
    if method == "gauss":
        return image.after(step, pixels=blurred(grey, size), axes="YX")
    levels, low, scale = _levels(grey)
    window = 2 * round(size) + 1
    if method == "median":
        quiet = cv2.medianBlur(levels, min(max(window, 3), _LARGEST_MEDIAN))
    elif method == "bilateral":
        quiet = cv2.bilateralFilter(levels, -1, 2 * _noise(levels), size)
    else:
        quiet = cv2.fastNlMeansDenoising(
            levels, h=_noise(levels), templateWindowSize=max(window, 3)
        )
    return image.after(step, pixels=quiet.astype(np.float32) * scale + low, axes="YX")


def stretch_contrast(image: Image, *, tiles: int = 8, limit: float = 2.0) -> Image:
    """Return a picture whose contrast is evened out from place to place (CLAHE).

    Intensities after it mean nothing: measure them in the original.

    Parameters
    ----------
    image : Image
        Axes YX or YXC; the result is grey.
    tiles : int
        Number of places along each side that have a contrast of their own.
    limit : float
        How often a grey level may occur, as a multiple of the mean; lower is gentler.

    Returns
    -------
    Image
        uint8, axes YX.

    Raises
    ------
    ValueError
        If there is no tile, or the limit is not positive.

    References
    ----------
    S. M. Pizer et al., Comput. Vis. Graph. Image Process. 39, 1987.
    doi:10.1016/S0734-189X(87)80186-X

    Examples
    --------
    >>> faint = Image(np.tile(np.arange(100, 120, dtype=np.uint8), (40, 2)))
    >>> bool(np.ptp(stretch_contrast(faint).pixels) > 100)
    True
    """
    if tiles < 1 or limit <= 0:
        msg = f"tiles must be at least 1 and limit positive, got {tiles} and {limit}"
        raise ValueError(msg)
    levels = _levels(without_excluded(image))[0]
    stretched = cv2.createCLAHE(clipLimit=limit, tileGridSize=(tiles, tiles)).apply(levels)
    step = Step("stretch contrast", {"tiles": tiles, "limit": limit})
    return image.after(step, pixels=stretched, axes="YX")


def _levels(grey: NDArray[np.float32]) -> tuple[NDArray[np.uint8], float, float]:
    """Return 256 grey levels, the value of level 0 and the step between levels."""
    low, high = float(grey.min()), float(grey.max())
    scale = (high - low) / 255 or 1.0
    return ((grey - low) / scale).round().astype(np.uint8), low, scale


def _noise(levels: NDArray[np.uint8]) -> float:
    """Return the noise's standard deviation, from differences of neighbours.

    References
    ----------
    J. Immerkær, Comput. Vis. Image Underst. 64, 1996. doi:10.1006/cviu.1996.0060
    """
    laplacian = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
    rough = cv2.filter2D(levels.astype(np.float32), -1, laplacian)
    return max(float(np.abs(rough).mean() * np.sqrt(np.pi / 2) / 6), 1.0)
