"""How alike two pictures of the same scene are, pixel for pixel: SSIM, PSNR, NCC.

They compare, say, a denoised picture with a clean one, or a picture before and after a
change of the microscope. They judge no segmentation: two masks are compared by Dice and by
objects. They ask for pictures that lie on each other: a shift of a pixel costs much.

References
----------
.. [1] Z. Wang et al., "Image quality assessment: from error visibility to structural
       similarity", IEEE Transactions on Image Processing 13, 2004.
       doi:10.1109/TIP.2003.819861
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from segmetry.errors import PictureError
from segmetry.image import Image

__all__ = ["Similarity", "similarity"]

_WINDOW = 11  # pixels of a side, with the Gaussian weights of the paper
_SIGMA = 1.5


@dataclass(frozen=True)
class Similarity:
    """How alike two pictures are.

    Parameters
    ----------
    ssim : float
        Mean structural similarity of windows of 11 x 11 pixels, from -1 to 1: 1 for equal
        pictures. NaN where no window is free of excluded pixels.
    psnr_db : float
        Peak signal-to-noise ratio, 10 log10(data_range² / mean squared difference), in
        decibels. Infinite for equal pictures.
    ncc : float
        Normalised cross-correlation of the grey values (Pearson's), from -1 to 1; neither
        brightness nor contrast matter. NaN where a picture is flat.
    data_range : float
        Difference between the largest and the smallest grey value that there can be, by
        which SSIM and PSNR go.
    n_pixels : int
        Pixels compared.
    """

    ssim: float
    psnr_db: float
    ncc: float
    data_range: float
    n_pixels: int


def similarity(
    first: Image, second: Image, *, data_range: float | None = None
) -> Similarity:
    """Compare two pictures of the same scene.

    Parameters
    ----------
    first, second : Image
        Of one shape; axes YX or YXC. Colours are weighted to grey. Pixels that are excluded
        in either do not count.
    data_range : float or None
        `None` takes what the type of whole numbers can hold (255 in 8 bits), where both
        have one type, and else the range of all values of both pictures. Of a 12-bit camera
        in 16 bits, say 4095: SSIM and PSNR hang on it.

    Returns
    -------
    Similarity
        The same if the pictures are exchanged.

    Raises
    ------
    PictureError
        If the shapes differ, a picture is a stack, smaller than 11 x 11 pixels or has
        numbers that are not finite, or nothing is left to compare.
    ValueError
        If the data range is not positive.

    Examples
    --------
    >>> scene = np.random.default_rng(0).integers(0, 200, (32, 32)).astype(np.uint8)
    >>> found = similarity(Image(scene), Image(scene + np.uint8(10)))
    >>> round(found.psnr_db, 2), round(found.ncc, 6)
    (28.13, 1.0)
    """
    from skimage.metrics import structural_similarity

    if data_range is not None and not data_range > 0:
        msg = f"data_range must be a positive number, got {data_range}"
        raise ValueError(msg)
    included = _comparable(first, second)
    one, other = (image.grey.astype(np.float64) for image in (first, second))
    span = _span(first, second, included) if data_range is None else float(data_range)
    _, detail = structural_similarity(
        one,
        other,
        data_range=span,
        gaussian_weights=True,
        sigma=_SIGMA,
        use_sample_covariance=False,
        full=True,
    )
    windows = binary_erosion(included, np.ones((_WINDOW, _WINDOW)))  # off the border too
    a, b = one[included], other[included]
    error = float(np.mean((a - b) ** 2))
    return Similarity(
        ssim=float(detail[windows].mean()) if windows.any() else math.nan,
        psnr_db=10 * math.log10(span**2 / error) if error else math.inf,
        ncc=_correlation(a, b),
        data_range=span,
        n_pixels=int(included.sum()),
    )


def _comparable(first: Image, second: Image) -> NDArray[np.bool_]:
    """Return the pixels that are part of both samples."""
    shapes = first.spatial_shape, second.spatial_shape
    if shapes[0] != shapes[1]:
        msg = f"expected pictures of one shape, got {shapes[0]} and {shapes[1]}; crop one"
        raise PictureError(msg)
    if len(shapes[0]) != 2 or min(shapes[0]) < _WINDOW:
        msg = f"expected pictures of {_WINDOW} x {_WINDOW} pixels or more, got {shapes[0]}"
        raise PictureError(msg)
    if not all(np.isfinite(image.pixels).all() for image in (first, second)):
        msg = "expected a number in every pixel, got NaN or infinite ones; repair them"
        raise PictureError(msg)
    included = first.included & second.included
    if not included.any():
        msg = "nothing is left to compare: each pixel is excluded in one of the pictures"
        raise PictureError(msg)
    return included


def _span(first: Image, second: Image, included: NDArray[np.bool_]) -> float:
    kind = first.pixels.dtype
    if kind == second.pixels.dtype and kind.kind in "iu":
        return float(np.iinfo(kind).max) - float(np.iinfo(kind).min)
    values = np.concatenate([image.grey[included] for image in (first, second)])
    return float(np.ptp(values)) or 1.0


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(np.clip(a @ b / size, -1, 1)) if size else math.nan
