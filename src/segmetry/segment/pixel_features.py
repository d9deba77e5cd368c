"""What the surroundings of each pixel look like at several scales: for classifiers.

Of each scale there are nine numbers a pixel: the grey values blurred by a Gaussian; the
length of their gradient, their Laplacian, and the eigenvalues of their second derivatives
(blobs and ridges) [1]_; the eigenvalues of the structure tensor (edges, lines, corners)
[2]_; how much they vary around (texture); and what the blur took away since the scale
before (difference of Gaussians) [3]_. Derivatives are multiplied by the scale to their
order, so that a thing twice as large gives the same at twice the scale.

Grey values are first brought to 0 to 1 by two percentiles of the picture, so that what was
learned on one picture fits another of other exposure.

References
----------
.. [1] T. Lindeberg, "Feature detection with automatic scale selection", International
       Journal of Computer Vision 30, 1998. doi:10.1023/A:1008045108935
.. [2] J. Bigün et al., "Multidimensional orientation estimation with applications to
       texture analysis and optical flow", IEEE Trans. Pattern Analysis and Machine
       Intelligence 13, 1991. doi:10.1109/34.85668
.. [3] D. Marr and E. Hildreth, "Theory of edge detection", Proc. R. Soc. Lond. B 207,
       1980. doi:10.1098/rspb.1980.0020
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image

__all__ = [
    "PER_SCALE",
    "SCALES",
    "channels_of",
    "feature_levels",
    "feature_names",
    "feature_reach",
    "feature_strips",
    "pixel_features",
]

SCALES = (1.0, 2.0, 4.0, 8.0)
PER_SCALE = (
    *("gauss", "gradient", "laplacian", "texture"),
    *("structure large", "structure small", "hessian large", "hessian small"),
    "difference of gaussians",
)

_LOW, _HIGH = 0.5, 99.5  # percentiles that become 0 and 1
_DARKEST, _BRIGHTEST = -1.0, 2.0  # nothing outside is passed on: hot pixels
_WINDOW = 2.0  # standard deviation of the windows of texture and structure, in scales
_CUT = 3.0  # standard deviations at which a Gaussian ends
_STRIP = 2**20  # pixels of a strip


def pixel_features(
    image: Image,
    *,
    scales: Sequence[float] = SCALES,
    channels: int | None = None,
    levels: NDArray[np.float64] | None = None,
) -> NDArray[np.float32]:
    """Return what the surroundings of each pixel look like.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    scales : sequence of float
        Standard deviations of the blur before, in pixels, each above 0 and rising.
    channels : int or None
        As many as the features are of; `None` takes those of the picture. For 1, colours
        become grey; a picture of one channel is repeated where more are asked for.
    levels : ndarray of float64, shape (P, 2), or None
        Grey values that become 0 and 1: those of `feature_levels`. Of a tile give those
        of the whole picture; `None` finds them in this one.

    Returns
    -------
    ndarray of float32, shape (Y, X, F)
        In the order of `feature_names`. Without units; a tile has those of the whole
        picture where it is at least `feature_reach` pixels away from its own edges.

    Raises
    ------
    PictureError
        If the picture is a stack, or has another number of channels than is asked for.
    ValueError
        If the scales are not positive and rising.

    Examples
    --------
    >>> spot = np.zeros((40, 60), np.float32)
    >>> spot[20, 30] = 1
    >>> features = pixel_features(Image(spot), scales=[1, 2])
    >>> features.shape, feature_names([1, 2], channels=1)[2]
    ((40, 60, 18), 'laplacian 1')
    >>> int(features[..., 2].argmin()) == 20 * 60 + 30  # a bright spot
    True
    """
    _check_scales(scales)
    planes = _planes(image, channels)
    known = _levels(planes, image) if levels is None else levels
    first, *colours = (
        _scaled(plane, image.excluded, level)
        for plane, level in zip(planes, known, strict=True)
    )
    layers, finer = [], first
    for scale in scales:
        smooth = _blurred(first, scale)
        layers += [smooth, *_derived(smooth, scale), finer - smooth]
        finer = smooth
    layers += [_blurred(colour, scale) for colour in colours for scale in scales]
    return np.asarray(cv2.merge(layers))


def feature_names(scales: Sequence[float], *, channels: int) -> tuple[str, ...]:
    """Return the names of the features, in their order.

    Parameters
    ----------
    scales : sequence of float
    channels : int
        Of the picture.

    Examples
    --------
    >>> feature_names([2.5], channels=3)[-3:]
    ('channel 1 gauss 2.5', 'channel 2 gauss 2.5', 'channel 3 gauss 2.5')
    """
    grey = [f"{name} {scale:g}" for scale in scales for name in PER_SCALE]
    numbers = range(1, channels + 1) if channels > 1 else ()
    return (
        *grey,
        *(f"channel {number} gauss {scale:g}" for number in numbers for scale in scales),
    )


def feature_reach(scales: Sequence[float]) -> int:
    """Return how far away a pixel can matter to a feature, in pixels.

    Examples
    --------
    >>> feature_reach([1.0, 2.0])
    15
    """
    widest = max(scales)
    return _radius(widest) + _window_side(widest)


def feature_levels(image: Image, *, channels: int | None = None) -> NDArray[np.float64]:
    """Return the grey values that become 0 and 1: two percentiles of a picture.

    Parameters
    ----------
    image : Image
        Axes YX or YXC. Excluded pixels do not count.
    channels : int or None
        See `pixel_features`.

    Returns
    -------
    ndarray of float64, shape (P, 2)
        Of the grey values, and then of each channel of a picture that has several.

    Examples
    --------
    >>> feature_levels(Image(np.arange(201.0).reshape(3, 67))).tolist()
    [[1.0, 199.0]]
    """
    return _levels(_planes(image, channels), image)


def channels_of(image: Image) -> int:
    """Return the number of channels of a picture.

    Examples
    --------
    >>> channels_of(Image(np.zeros((3, 4, 3)), axes="YXC"))
    3
    """
    return image.pixels.shape[-1] if image.axes.endswith("C") else 1


def feature_strips(
    image: Image, *, scales: Sequence[float] = SCALES, channels: int | None = None
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield the features of a picture strip by strip, so that large ones fit into memory.

    Parameters
    ----------
    image : Image
    scales : sequence of float
    channels : int or None
        See `pixel_features`.

    Yields
    ------
    tuple of slice and ndarray of float32, shape (rows, X, F)
        Rows, and their features: the same as those of the whole picture.
    """
    levels = feature_levels(image, channels=channels)
    height, width = image.spatial_shape
    reach, rows = feature_reach(scales), max(_STRIP // width, 1)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        above, below = max(top - reach, 0), min(bottom + reach, height)
        excluded = None if image.excluded is None else image.excluded[above:below]
        strip = Image(image.pixels[above:below], axes=image.axes, excluded=excluded)
        found = pixel_features(strip, scales=scales, channels=channels, levels=levels)
        yield slice(top, bottom), found[top - above : bottom - above]


def _check_scales(scales: Sequence[float]) -> None:
    rising = all(after > before for before, after in pairwise(scales))
    if not scales or min(scales) <= 0 or not rising or not math.isfinite(scales[-1]):
        msg = f"scales must be positive and rising, got {list(scales)}"
        raise ValueError(msg)


def _planes(image: Image, channels: int | None) -> list[NDArray[np.float32]]:
    """Return the grey values and, of a picture of several channels, each of them."""
    if image.axes.startswith("Z"):
        msg = (
            f"expected one picture, got a stack of {image.spatial_shape[0]}; "
            "choose one picture of it"
        )
        raise PictureError(msg)
    here = channels_of(image)
    wanted = channels or here
    grey = np.asarray(image.grey, np.float32)
    if wanted == 1:
        return [grey]
    if here == 1:
        return [grey] * (1 + wanted)
    if here != wanted:
        msg = f"expected a picture of {wanted} channels or of one, got {here}; choose one"
        raise PictureError(msg)
    each = np.moveaxis(np.asarray(image.pixels, np.float32), -1, 0)
    return [grey, *np.ascontiguousarray(each)]


def _levels(planes: Sequence[NDArray[np.float32]], image: Image) -> NDArray[np.float64]:
    inside = [
        plane if image.excluded is None else plane[~image.excluded] for plane in planes
    ]
    levels = [
        np.percentile(values, [_LOW, _HIGH]) if values.size else (0, 1) for values in inside
    ]
    return np.asarray(levels, np.float64)


def _scaled(
    plane: NDArray[np.float32],
    excluded: NDArray[np.bool_] | None,
    level: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Bring grey values to 0 to 1, and from there round 0: squares stay precise."""
    low, high = (float(end) for end in level)
    scaled = (plane - np.float32(low)) * np.float32(1 / (high - low) if high > low else 1)
    np.clip(scaled, _DARKEST, _BRIGHTEST, out=scaled)
    if excluded is not None:
        scaled[excluded] = 0.5  # neither dark nor bright, and the same in every tile
    return scaled


def _derived(smooth: NDArray[np.float32], scale: float) -> list[NDArray[np.float32]]:
    """Return gradient, Laplacian, texture, and the eigenvalues of two tensors."""
    down, right = _derivative(smooth, scale, 1, 0), _derivative(smooth, scale, 0, 1)
    down_twice, right_twice = (
        _derivative(smooth, scale, 2, 0),
        _derivative(smooth, scale, 0, 2),
    )
    mixed = _derivative(smooth, scale, 1, 1)
    side = _window_side(scale)
    structure = _eigenvalues(
        _around(down * down, side),
        _around(right * right, side),
        _around(down * right, side),
    )
    middle = smooth - np.float32(0.5)
    variance = _around(middle * middle, side) - _around(middle, side) ** 2
    return [
        cv2.magnitude(down, right),
        down_twice + right_twice,
        np.sqrt(np.maximum(variance, 0)),
        *(np.sqrt(np.maximum(one, 0)) for one in structure),
        *_eigenvalues(down_twice, right_twice, mixed),
    ]


def _derivative(
    smooth: NDArray[np.float32], scale: float, down: int, right: int
) -> NDArray[np.float32]:
    """Return a difference of neighbours, for a blur of one pixel."""
    # The first one is over two pixels, the second one over one and one.
    factor = scale ** (down + right) * 0.5 ** ((down == 1) + (right == 1))
    found = cv2.Sobel(
        smooth,
        cv2.CV_32F,
        dx=right,
        dy=down,
        ksize=1,
        scale=factor,
        borderType=cv2.BORDER_REFLECT,
    )
    return np.asarray(found, np.float32)


def _eigenvalues(
    down: NDArray[np.float32], right: NDArray[np.float32], mixed: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the larger and the smaller eigenvalue of symmetric 2 x 2 tensors."""
    half = (down + right) * np.float32(0.5)
    away = cv2.magnitude((down - right) * np.float32(0.5), mixed)
    return half + away, half - away


def _blurred(plane: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    side = 2 * _radius(scale) + 1
    blur = cv2.GaussianBlur(plane, (side, side), scale, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blur, np.float32)


def _around(plane: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return weighted means of what is around: those of squares, of those of squares."""
    for _ in range(2):
        mean = cv2.boxFilter(plane, -1, (side, side), borderType=cv2.BORDER_REFLECT)
        plane = np.asarray(mean, np.float32)
    return plane


def _window_side(scale: float) -> int:
    """Return the side of squares that twice spread as much as the window's Gaussian."""
    return 2 * round((math.sqrt(6 * (_WINDOW * scale) ** 2 + 1) - 1) / 2) + 1


def _radius(scale: float) -> int:
    return math.ceil(_CUT * scale)
