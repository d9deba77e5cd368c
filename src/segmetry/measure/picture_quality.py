"""How sharp, how well exposed and how clipped a picture is, as numbers.

All of it is of the included pixels alone: a banner is neither sharp nor clipped. None of it
says by itself that a picture is bad: how sharp it can be depends on what is seen. Compared
with pictures of the same kind, it does.
"""

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image, Labels

__all__ = [
    "SAMPLE",
    "SHARES",
    "PictureQuality",
    "brightest_channel",
    "clipped_share",
    "picture_quality",
    "top_values",
]

SAMPLE = 20_000  # pixels of which percentiles are taken: more tell nothing more
SHARES = (0.01, 0.5, 0.99)  # of the pixels that are darker


_FINE, _COARSE = 1.0, 3.0  # px: the two blurs, of noise and of a few times as much
_DIFFERENCE = 1 / 3  # px²: what the difference of two neighbours adds to either blur
_MARGIN = 8  # px at the sides of a tile, where a blur lacks what lies outside
_INSIDE = (slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN))
_SIDE, _MOST_TILES = 128, 16  # of a few milliseconds, whatever the picture's size
_EDGES = 0.02  # share of the pixels that are taken for the edges of the sharpest things
_FEWEST = 50  # pixels of edges in a tile
_LONGEST = 20.0  # px: a blur that two so small ones cannot tell from any larger one
_EVERY = 3  # rows and columns of which the contrast of a tile is told
_BITS = (8, 10, 12, 14, 16)  # of cameras; a value of 2**bits - 1 is the most they tell

Grey = NDArray[np.float32]


@dataclass(frozen=True)
class PictureQuality:
    """Numbers that tell pictures of bad quality from others of their kind.

    Parameters
    ----------
    edge_blur_px : float
        Standard deviation of the blur of the strongest edges, of the optics and of the
        objects together. NaN where there is no edge, or no room for a tile of 32 px.
    clipped_low_fraction, clipped_high_fraction : float
        Shares of pixels at the least and at the greatest value that can be told: 0, and
        the most of 8, 10, 12, 14 or 16 bits. 0 for fractions.
    brightness : float
        Median of the grey values.
    contrast : float
        From the first to the 99th percentile of the grey values.
    """

    edge_blur_px: float
    clipped_low_fraction: float
    clipped_high_fraction: float
    brightness: float
    contrast: float


def picture_quality(image: Image) -> PictureQuality:
    """Measure how sharp, exposed and clipped a picture is.

    The blur of an edge is told by how much flatter it gets when it is blurred further: the
    slope of an edge under a blur of 1 px and one of 3 px, over the strongest 2 % of the
    slopes in each part of the picture that has much in it. Unlike the slope of the power
    spectrum or the variance of the Laplacian, it is not misled by the camera's noise.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.

    Returns
    -------
    PictureQuality
        All NaN where everything is excluded.

    References
    ----------
    S. Zhuo, T. Sim, Pattern Recognit. 44, 2011 (blur of edges by blurring again).
    doi:10.1016/j.patcog.2011.03.009

    M.-A. Bray et al., J. Biomol. Screen. 17, 2012 (such numbers as a control of quality).
    doi:10.1177/1087057111420292

    Examples
    --------
    >>> sharp = np.kron([[20, 120], [120, 20]], np.ones((40, 40))).astype(np.float32)
    >>> blurred = cv2.GaussianBlur(sharp, (0, 0), 2)
    >>> round(picture_quality(Image(blurred)).edge_blur_px, 1)
    2.0
    """
    included = image.included
    n = np.count_nonzero(included)
    if not n:
        return PictureQuality(*[math.nan] * 5)
    grey = image.grey
    values = grey.ravel() if image.excluded is None else grey[included]
    # An odd step meets other columns in each row, as few pictures are odd in width.
    some = np.sort(values[:: values.size // SAMPLE | 1])
    low, middle, high = (some[round(share * (some.size - 1))] for share in SHARES)
    # Values near the limits of their type give infinities: then nothing is known.
    with np.errstate(all="ignore"):
        blur = _edge_blur(grey, included)
        contrast = float(high - low)
    is_low, is_high = _clipped(image)
    return PictureQuality(
        edge_blur_px=blur,
        clipped_low_fraction=float(np.count_nonzero(is_low & included) / n),
        clipped_high_fraction=float(np.count_nonzero(is_high & included) / n),
        brightness=float(middle),
        contrast=contrast,
    )


def clipped_share(labels: Labels) -> float:
    """Return the share of the objects' pixels whose grey values are clipped.

    Parameters
    ----------
    labels : Labels

    Returns
    -------
    float
        0 to 1; NaN without objects.

    Examples
    --------
    >>> pixels = np.array([[0, 90, 255, 255]], np.uint8)
    >>> round(clipped_share(Labels(np.array([[0, 1, 1, 1]]), Image(pixels))), 3)
    0.667
    """
    inside = labels.data > 0
    n = np.count_nonzero(inside)
    if not n:
        return math.nan
    is_low, is_high = _clipped(labels.image)
    return float(np.count_nonzero((is_low | is_high) & inside) / n)


def _clipped(image: Image) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where a picture is at the low, and the high, end of its values.

    In colours, one channel is enough at the upper end; at the lower end it takes all, for
    many a colour lacks a channel. Both are told by the brightest channel.
    """
    pixels = image.pixels
    if pixels.dtype.kind != "u":
        nowhere = np.zeros(image.spatial_shape, dtype=np.bool_)
        return nowhere, nowhere
    brightest = brightest_channel(image)
    return brightest == 0, brightest == _most(brightest)


def brightest_channel(image: Image) -> NDArray[Any]:
    """Return the largest value of all channels of each pixel.

    Examples
    --------
    >>> brightest_channel(Image(np.array([[[3, 9, 1]]]), axes="YXC")).tolist()
    [[9]]
    """
    pixels = image.pixels
    if not image.axes.endswith("C"):
        return pixels
    brightest = pixels[..., 0]
    for channel in range(1, pixels.shape[-1]):
        brightest = np.maximum(brightest, pixels[..., channel])
    return brightest


def _most(pixels: NDArray[np.unsignedinteger]) -> int:
    """Return the most that the camera tells, if the picture holds it; else of the type."""
    highest, ends = int(pixels.max()), top_values(pixels.dtype)
    return highest if highest in ends else ends[-1]


def top_values(dtype: np.dtype[Any]) -> list[int]:
    """Return the values that may be the most a camera tells, the type's own last.

    Examples
    --------
    >>> top_values(np.dtype(np.uint8))
    [255, 1023, 4095, 16383, 65535, 255]
    """
    own = [int(np.iinfo(dtype).max)] if dtype.kind == "u" else []
    return [*(2**bits - 1 for bits in _BITS), *own]


def _edge_blur(grey: Grey, included: NDArray[np.bool_]) -> float:
    found = [_edges(grey[place], included[place]) for place in _tiles(grey, included)]
    fine, coarse = np.sum(found, axis=0) if found else (0.0, 0.0)
    if not coarse > 0:
        return math.nan
    squared = float(fine / coarse)
    # The slope of an edge of blur s under a blur b goes with 1 / √(s² + b²).
    fine_blur, coarse_blur = _FINE**2 + _DIFFERENCE, _COARSE**2 + _DIFFERENCE
    if squared <= (_LONGEST**2 + coarse_blur) / (_LONGEST**2 + fine_blur):
        return _LONGEST
    variance = (coarse_blur - squared * fine_blur) / (squared - 1)
    return math.sqrt(max(variance, 0.0))


def _tiles(grey: Grey, included: NDArray[np.bool_]) -> list[tuple[slice, slice]]:
    """Return the squares of the picture with most contrast, as many as are looked at."""
    sides = [min(_SIDE, length) for length in grey.shape]
    if min(sides) <= 2 * _MARGIN:
        return []
    starts = [
        np.linspace(0, length - side, -(-length // side)).astype(int)
        for length, side in zip(grey.shape, sides, strict=True)
    ]
    places = [
        (slice(y, y + sides[0]), slice(x, x + sides[1]))
        for y in starts[0]
        for x in starts[1]
    ]
    few = np.ascontiguousarray(grey[::_EVERY, ::_EVERY])
    counted = np.ascontiguousarray(included[::_EVERY, ::_EVERY]).view(np.uint8)
    spreads = []
    for place in places:
        own = tuple(slice(side.start // _EVERY, side.stop // _EVERY) for side in place)
        spreads.append(cv2.meanStdDev(few[own], mask=counted[own])[1].item())
    order = np.argsort(-np.array(spreads), kind="stable")[:_MOST_TILES]
    return [places[k] for k in order if spreads[k] > 0]


def _edges(tile: Grey, included: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the sums of squared slopes of a tile's edges under both blurs.

    The edges of each tile count: those of all together would be the sharpest speck's.
    """
    fine, coarse = (_squared_slopes(tile, blur) for blur in (_FINE, _COARSE))
    if not included.all():
        reach = np.ones((2 * _MARGIN + 1, 2 * _MARGIN + 1), np.uint8)
        kept = cv2.erode(included.astype(np.uint8), reach)[_INSIDE] > 0
        fine, coarse = fine[kept], coarse[kept]
    n = max(_FEWEST, round(_EDGES * coarse.size))
    if coarse.size < n:
        return 0.0, 0.0
    strongest = np.argpartition(coarse, -n, axis=None)[-n:]
    return float(fine.flat[strongest].sum()), float(coarse.flat[strongest].sum())


def _squared_slopes(tile: Grey, blur: float) -> NDArray[np.float32]:
    """Return the squared slopes of a blurred tile, but at its sides."""
    soft = cv2.GaussianBlur(tile, (0, 0), blur)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=1)[_INSIDE]
    along = cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=1)[_INSIDE]
    return np.asarray(across * across + along * along)
