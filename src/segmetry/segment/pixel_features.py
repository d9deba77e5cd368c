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
import numba
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image

__all__ = [
    "FEATURES_VERSION",
    "PER_SCALE",
    "SCALES",
    "channels_of",
    "feature_levels",
    "feature_names",
    "feature_reach",
    "feature_strips",
    "pixel_features",
]

FEATURES_VERSION = 1  # models know by which features they were trained
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
    found = np.empty((*first.shape, _count(scales, len(colours))), np.float32)
    finer = first
    for number, scale in enumerate(scales):
        smooth = _blurred(first, scale)
        _fill(found, number * len(PER_SCALE), smooth, finer - smooth, scale)
        finer = smooth
    if colours:
        blurs = [_blurred(colour, scale) for colour in colours for scale in scales]
        found[..., -len(blurs) :] = cv2.merge(blurs)
    return found


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


def _count(scales: Sequence[float], n_colours: int) -> int:
    return (len(PER_SCALE) + n_colours) * len(scales)


def _fill(
    found: NDArray[np.float32],
    first: int,
    smooth: NDArray[np.float32],
    taken_away: NDArray[np.float32],
    scale: float,
) -> None:
    """Write the features of one scale, from `first` on."""
    around = np.empty((5, *smooth.shape), np.float32)
    _derivatives(smooth, taken_away, np.float32(scale), found[..., first:], around)
    side = _window_side(scale)
    for plane in around:
        for _ in range(2):
            cv2.boxFilter(plane, -1, (side, side), dst=plane, borderType=cv2.BORDER_REFLECT)
    _of_windows(around, found[..., first:])


@numba.njit(cache=True, nogil=True)
def _derivatives(
    smooth: NDArray[np.float32],
    taken_away: NDArray[np.float32],
    scale: np.float32,
    found: NDArray[np.float32],
    around: NDArray[np.float32],
) -> None:
    """Write features of derivatives, and what windows of others are to be taken of."""
    height, width = smooth.shape
    half, square = np.float32(0.5), scale * scale
    for y in range(height):
        up, down = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            left, right = max(x - 1, 0), min(x + 1, width - 1)
            here = smooth[y, x]
            dy = (smooth[down, x] - smooth[up, x]) * half * scale
            dx = (smooth[y, right] - smooth[y, left]) * half * scale
            dyy = (smooth[down, x] + smooth[up, x] - here - here) * square
            dxx = (smooth[y, right] + smooth[y, left] - here - here) * square
            rising = smooth[down, right] + smooth[up, left]
            dyx = (rising - smooth[down, left] - smooth[up, right]) * half * half * square
            mean = (dyy + dxx) * half
            away = np.sqrt(((dyy - dxx) * half) ** 2 + dyx * dyx)
            found[y, x, 0] = here
            found[y, x, 1] = np.sqrt(dy * dy + dx * dx)
            found[y, x, 2] = dyy + dxx
            found[y, x, 6] = mean + away
            found[y, x, 7] = mean - away
            found[y, x, 8] = taken_away[y, x]
            around[0, y, x] = dy * dy
            around[1, y, x] = dx * dx
            around[2, y, x] = dy * dx
            around[3, y, x] = here - half
            around[4, y, x] = (here - half) * (here - half)


@numba.njit(cache=True, nogil=True)
def _of_windows(around: NDArray[np.float32], found: NDArray[np.float32]) -> None:
    """Write texture and structure, from means over windows."""
    half, nothing = np.float32(0.5), np.float32(0)
    for y in range(around.shape[1]):
        for x in range(around.shape[2]):
            dyy, dxx, dyx = around[0, y, x], around[1, y, x], around[2, y, x]
            mean = (dyy + dxx) * half
            away = np.sqrt(((dyy - dxx) * half) ** 2 + dyx * dyx)
            variance = around[4, y, x] - around[3, y, x] * around[3, y, x]
            found[y, x, 3] = np.sqrt(max(variance, nothing))
            found[y, x, 4] = np.sqrt(max(mean + away, nothing))
            found[y, x, 5] = np.sqrt(max(mean - away, nothing))


def _blurred(plane: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    side = 2 * _radius(scale) + 1
    blur = cv2.GaussianBlur(plane, (side, side), scale, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blur, np.float32)


def _window_side(scale: float) -> int:
    """Return the side of squares that, taken twice, are as wide as the window."""
    return 2 * round((math.sqrt(6 * (_WINDOW * scale) ** 2 + 1) - 1) / 2) + 1


def _radius(scale: float) -> int:
    return math.ceil(_CUT * scale)
