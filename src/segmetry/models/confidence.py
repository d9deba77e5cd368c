"""How likely each object is a true one, told by the maps it was found in.

A few features of each object, such as how sharp its edge is in the foreground map, go
into a logistic function whose coefficients were fitted on validation data; a model's card
holds them.
"""

from collections.abc import Iterator
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError
from segmetry.image import Labels
from segmetry.models.card import Confidence
from segmetry.segment.segmenter import Maps

__all__ = ["FEATURES", "confidence_of", "flow_features", "object_features"]

FEATURES = (
    "foreground_mean",  # probability of its pixels
    "foreground_doubt",  # 1 where the probability of its pixels is 0.5, 0 where 0 or 1
    "edge_doubt",  # the same, of the pixels along its outline
    "edge_contrast",  # fall of the probability across its outline, to the background
    "flow_length",  # of the network's vectors: 1 where it is certain of the way
    "flow_inward",  # ... part of them that leads to the object's centroid
    "alone",  # 1 where it touches no neighbour
    "seam_share",  # of its outline that touches neighbours
    "log_area",  # natural logarithm, in pixels
    "log_area_ratio",  # ... against the median of the picture
    "area_departure",  # size of that ratio, whatever its sign
    "compactness",  # outline squared by 16 areas: 1 for a square, more if ragged
    "cut_by_frame",  # 1 where it touches the frame or excluded pixels
)

_PIXELS_AT_ONCE = 2**22  # so that a large picture needs little memory

Pair = tuple[slice, slice]  # rows and columns


def object_features(labels: Labels, maps: Maps) -> NDArray[np.float64]:
    """Return what tells true objects from false ones, one row for each object.

    Parameters
    ----------
    labels : Labels
        Objects 1 to n, of axes YX.
    maps : Maps
        Those in which the objects were found; without flows, what they tell is 0.

    Returns
    -------
    ndarray of float64, shape (n, len(FEATURES))
        Row k belongs to object k + 1; columns are in the order of `FEATURES`.

    Examples
    --------
    >>> from segmetry.image import Image
    >>> probability = np.array([[0.1, 0.9, 0.7, 0.1]], np.float32)
    >>> found = Labels((probability > 0.5).astype(np.uint32), Image(probability))
    >>> features = object_features(found, Maps(probability))
    >>> round(float(features[0, FEATURES.index("foreground_mean")]), 3)
    0.8
    """
    n_objects = int(labels.data.max())
    if n_objects == 0:
        return np.zeros((0, len(FEATURES)))
    bands = _bands(labels.data.shape)
    sums = reduce(
        np.add, (_sums(labels, maps.foreground, rows, n_objects) for rows in bands)
    )
    n_pixels, foreground, doubt, n_sides, edge_doubt, n_seam, fall, beside = sums[:, 1:]
    area, sides = np.maximum(n_pixels, 1), np.maximum(n_sides, 1)
    ratio = np.log(area / np.median(area))
    length = inward = np.zeros(n_objects)
    if maps.flows is not None:
        length, inward = flow_features(labels.data, maps.flows)
    values = {
        "foreground_mean": foreground / area,
        "foreground_doubt": doubt / area,
        "edge_doubt": edge_doubt / sides,
        "edge_contrast": fall / np.maximum(n_sides - n_seam, 1),
        "flow_length": length,
        "flow_inward": inward,
        "alone": n_seam == 0,
        "seam_share": n_seam / sides,
        "log_area": np.log(area),
        "log_area_ratio": ratio,
        "area_departure": np.abs(ratio),
        "compactness": n_sides**2 / (16 * area),
        "cut_by_frame": (beside > 0) | _at_frame(labels.data, n_objects),
    }
    return np.stack([values[name] for name in FEATURES], axis=1, dtype=np.float64)


def confidence_of(features: NDArray[np.float64], learnt: Confidence) -> NDArray[np.float32]:
    """Return the probability that each object is a true one.

    Parameters
    ----------
    features : ndarray of float64, shape (n, len(FEATURES))
        See `object_features`.
    learnt : Confidence
        Part of a model's card.

    Returns
    -------
    ndarray of float32, shape (n,)

    Raises
    ------
    ModelError
        If it needs a feature that is not known here.
    """
    unknown = sorted(set(learnt.features) - set(FEATURES))
    if unknown:
        msg = (
            f"the model's confidence needs {', '.join(unknown)}, which is not known here; "
            "a newer Segmetry may know it"
        )
        raise ModelError(msg)
    chosen = features[:, [FEATURES.index(name) for name in learnt.features]]
    return learnt.probability(chosen).astype(np.float32)


def flow_features(
    labels: NDArray[np.uint32], flows: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how long the vectors of each object are, and how far they lead inward.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects 1 to n; numbers may be missing.
    flows : ndarray of float32, shape (Y', X', 2)
        See `segmetry.segment.Maps`.

    Returns
    -------
    length, inward : ndarray of float64, shape (n,)
        Means over the pixels of each object; 0 for a number that is missing.

    Examples
    --------
    >>> right = np.broadcast_to(np.float32([0, 0.5]), (1, 3, 2))
    >>> length, inward = flow_features(np.array([[1, 1, 2]], np.uint32), right)
    >>> length.tolist(), inward.tolist()
    ([0.5, 0.5], [0.0, 0.0])
    """
    n_objects, bands = int(labels.max()), [*_bands(labels.shape)]
    sums = reduce(np.add, (_places(labels, rows, n_objects) for rows in bands))
    area = np.maximum(sums[0], 1)
    middles = (sums[1:] / area).astype(np.float32)
    led = reduce(np.add, (_led(labels, flows, middles, rows) for rows in bands))
    return led[0] / area, led[1] / area


def _places(labels: NDArray[np.uint32], rows: slice, n_objects: int) -> NDArray[np.float64]:
    """Return of each object: its pixels in a band, and the sums of their places."""
    number, *places = _pixels(labels, rows)
    sums = [np.bincount(number, weights, n_objects) for weights in (None, *places)]
    return np.stack(sums, dtype=np.float64)


def _led(
    labels: NDArray[np.uint32],
    flows: NDArray[np.float32],
    middles: NDArray[np.float32],
    rows: slice,
) -> NDArray[np.float64]:
    """Return of each object the sums over a band of how long and inward its vectors are."""
    number, *places = _pixels(labels, rows)
    down, right = (
        middle[number] - along for middle, along in zip(middles, places, strict=True)
    )
    y, x = (
        ((along + np.float32(0.5)) * np.float32(after / before)).astype(np.intp)
        for along, after, before in zip(places, flows.shape, labels.shape, strict=False)
    )
    row, column = flows[y, x].T
    inward = (row * down + column * right) / np.maximum(np.sqrt(down**2 + right**2), 0.5)
    told = (np.sqrt(row**2 + column**2), inward)
    return np.stack([np.bincount(number, each, middles.shape[1]) for each in told])


def _pixels(
    labels: NDArray[np.uint32], rows: slice
) -> tuple[NDArray[np.uint32], NDArray[np.float32], NDArray[np.float32]]:
    """Return of each pixel of an object in a band: the object, from 0, row and column."""
    places = np.flatnonzero(labels[rows])
    row, column = np.divmod(places, labels.shape[1])
    number = labels[rows].ravel()[places] - 1
    return number, (row + rows.start).astype(np.float32), column.astype(np.float32)


def _bands(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield rows of a picture that are few enough to look at together."""
    height = max(_PIXELS_AT_ONCE // shape[1], 1)
    for first in range(0, shape[0], height):
        yield slice(first, min(first + height, shape[0]))


def _sums(
    labels: Labels, foreground: NDArray[np.float32], rows: slice, n_objects: int
) -> NDArray[np.float64]:
    """Return sums over the pixels of a band, then over the sides of pixels below or in it.

    Returns
    -------
    ndarray of float64, shape (8, n_objects + 1)
        The first column is of the background.
    """
    number, chance = labels.data[rows].ravel(), foreground[rows].ravel()
    pixels = [
        np.bincount(number, weights, n_objects + 1)
        for weights in (None, chance, _doubt(chance))
    ]
    last = min(rows.stop, len(labels.data) - 1)
    below = slice(rows.start, last), slice(None)
    above = slice(rows.start + 1, last + 1), slice(None)
    left, right = (rows, slice(None, -1)), (rows, slice(1, None))
    pairs = [(below, above), (left, right), (above, below), (right, left)]
    sides = reduce(
        np.add, (_side_sums(labels, foreground, *pair, n_objects) for pair in pairs)
    )
    return np.concatenate([pixels, sides])


def _side_sums(
    labels: Labels,
    foreground: NDArray[np.float32],
    inside: Pair,
    beyond: Pair,
    n_objects: int,
) -> NDArray[np.float64]:
    """Return sums over the sides between pixels of objects and the ones beyond.

    Returns
    -------
    ndarray of float64, shape (5, n_objects + 1)
        Sides, doubt along them, sides to neighbours, fall of the probability across the
        others, sides to excluded pixels.
    """
    own, other = labels.data[inside], labels.data[beyond]
    is_side = (own != other) & (own > 0)
    number, is_seam = own[is_side], other[is_side] > 0
    chance = foreground[inside][is_side]
    fall = np.where(is_seam, 0, chance - foreground[beyond][is_side])
    excluded = labels.image.excluded
    beside = np.zeros(len(number)) if excluded is None else excluded[beyond][is_side]
    told = (None, _doubt(chance), is_seam, fall, beside)
    sums = [np.bincount(number, weights, n_objects + 1) for weights in told]
    return np.stack(sums, dtype=np.float64)


def _at_frame(labels: NDArray[np.uint32], n_objects: int) -> NDArray[np.bool_]:
    touches = np.zeros(n_objects + 1, np.bool_)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        touches[edge] = True
    return touches[1:]


def _doubt(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    return 1 - np.abs(2 * probability - 1)
