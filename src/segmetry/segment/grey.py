"""The grey values that classical methods work on, and pictures that have none."""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.segment.edge_grey import edges_seen, noise_by, second_differences
from segmetry.segment.ground import Smooth, ground_of
from segmetry.segment.options import Polarity
from segmetry.segment.values import in_memory
from segmetry.segment.windows import everywhere, part_of

__all__ = [
    "check_picture",
    "grey_for_edges",
    "grey_for_segmenting",
    "how_bright",
    "noise_of",
]

_TINY = float(np.finfo(np.float32).tiny)


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
    tiled = in_memory(image)
    smooth = Smooth(ground_of(tiled, flatten=flatten), denoise)
    return smooth.of(part_of(tiled, everywhere(tiled.spatial_shape), smooth.reach))


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
    tiled = in_memory(image)
    edges = edges_seen(tiled, ground_of(tiled), polarity=polarity, denoise=denoise)
    return edges.of(part_of(tiled, everywhere(tiled.spatial_shape), edges.reach))


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
    differences = second_differences(grey)
    if included is not None:
        differences = differences[included]
    return noise_by(float(np.median(differences)))


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
    ground_of(in_memory(image))


def how_bright(
    grey: NDArray[np.float32],
    threshold: NDArray[np.float32] | float,
    *,
    polarity: Polarity,
    span: float | None = None,
) -> NDArray[np.float32]:
    """Return a foreground map that is over 0.5 where objects are.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    threshold : float or ndarray of float32, shape (Y, X)
        Bright objects are above it, dark ones below it.
    polarity : {"bright", "dark"}
    span : float or None
        The range of grey values; `None` takes that of these.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        0 to 1; half the range of grey values away from the threshold gives 0 or 1.
    """
    span = max(float(np.ptp(grey)) if span is None else span, _TINY)
    # In place, as a large picture is many pages of memory.
    likely = grey - np.float32(threshold)
    likely /= np.float32(-span if polarity == "dark" else span)
    likely += np.float32(0.5)
    return np.clip(likely, 0, 1, out=likely)
