"""How likely each object is a true one, told by the maps it was found in.

A few features of each object, such as how sharp its edge is in the foreground map, go
into a logistic function whose coefficients were fitted on validation data; a model's card
holds them.
"""

from dataclasses import dataclass

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
    "distance_mean",  # of the network's distance map; a third in a cone
    "distance_peak",
    "flow_length",  # of the network's vectors: 1 where it is certain of the way
    "flow_inward",  # ... part of them that leads to the object's centroid
    "border_mean",  # probability inside it of a border between two objects
    "seam_border",  # ... and along its seams with neighbours; 1 without a neighbour
    "seam_share",  # of its outline that touches neighbours
    "log_area",  # natural logarithm, in pixels
    "log_area_ratio",  # ... against the median of the picture
    "area_departure",  # size of that ratio, whatever its sign
    "compactness",  # outline squared by 16 areas: 1 for a square, more if ragged
    "cut_by_frame",  # 1 where it touches the frame or excluded pixels
)


def object_features(labels: Labels, maps: Maps) -> NDArray[np.float64]:
    """Return what tells true objects from false ones, one row for each object.

    Parameters
    ----------
    labels : Labels
        Objects 1 to n, of axes YX.
    maps : Maps
        Those in which the objects were found; a map that is `None` counts as 0.

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
    values = _inside(labels.data, maps, n_objects)
    sides = _sides(labels.data)
    values |= _outline(sides, maps, n_objects)
    area = np.maximum(values["area"], 1)
    ratio = np.log(area / np.median(area))
    values |= {
        "log_area": np.log(area),
        "log_area_ratio": ratio,
        "area_departure": np.abs(ratio),
        "compactness": values["n_sides"] ** 2 / (16 * area),
        "cut_by_frame": _cut_by_frame(labels, sides, n_objects),
    }
    return np.stack([values[name] for name in FEATURES], axis=1)


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


@dataclass(frozen=True, eq=False)
class _Sides:
    """Sides of pixels between two numbers, each seen from both of its pixels.

    Parameters
    ----------
    own, other : ndarray of integers, shape (n_sides,)
        Positions, in the flat picture, of the pixel of an object and the one beyond.
    number, beyond : ndarray of uint32, shape (n_sides,)
        Their numbers; `beyond` may be 0.
    """

    own: NDArray[np.intp]
    other: NDArray[np.intp]
    number: NDArray[np.uint32]
    beyond: NDArray[np.uint32]


def _inside(
    labels: NDArray[np.uint32], maps: Maps, n_objects: int
) -> dict[str, NDArray[np.float64]]:
    places = np.flatnonzero(labels)
    numbers = labels.ravel()[places] - 1
    area = np.bincount(numbers, minlength=n_objects).astype(np.float64)

    def mean(values: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.bincount(numbers, values, n_objects) / np.maximum(area, 1)

    length = inward = np.zeros(n_objects)
    if maps.flows is not None:
        length, inward = flow_features(labels, maps.flows)
    foreground = maps.foreground.ravel()[places]
    distance = _taken(maps.distance, places)
    peak = np.zeros(n_objects, np.float32)
    np.maximum.at(peak, numbers, distance)
    return {
        "area": area,
        "foreground_mean": mean(foreground),
        "foreground_doubt": mean(_doubt(foreground)),
        "distance_mean": mean(distance),
        "distance_peak": peak.astype(np.float64),
        "border_mean": mean(_taken(maps.border, places)),
        "flow_length": length,
        "flow_inward": inward,
    }


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
    """
    places = np.flatnonzero(labels)
    numbers = labels.ravel()[places] - 1
    n_objects = int(labels.max())
    area = np.maximum(np.bincount(numbers, minlength=n_objects), 1)

    def mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.bincount(numbers, values, n_objects) / area

    pixels = [along.astype(np.float32) for along in np.divmod(places, labels.shape[1])]
    down, right = (mean(along).astype(np.float32)[numbers] - along for along in pixels)
    y, x = (
        ((along + np.float32(0.5)) * np.float32(after / before)).astype(np.intp)
        for along, after, before in zip(pixels, flows.shape, labels.shape, strict=False)
    )
    row, column = flows[y, x].T
    away = np.maximum(np.sqrt(down**2 + right**2), 0.5)
    inward = (row * down + column * right) / away
    return mean(np.sqrt(row**2 + column**2)), mean(inward)


def _outline(sides: _Sides, maps: Maps, n_objects: int) -> dict[str, NDArray[np.float64]]:
    numbers = sides.number - 1
    foreground = maps.foreground.ravel()
    fall = foreground[sides.own] - foreground[sides.other]
    seam = sides.beyond > 0
    border = np.maximum(_taken(maps.border, sides.own), _taken(maps.border, sides.other))
    n_sides = np.bincount(numbers, minlength=n_objects)
    n_seam = np.bincount(numbers[seam], minlength=n_objects)
    n_open = np.maximum(n_sides - n_seam, 1)
    on_seam = np.bincount(numbers[seam], border[seam], n_objects)
    return {
        "n_sides": n_sides.astype(np.float64),
        "edge_doubt": np.bincount(numbers, _doubt(foreground[sides.own]), n_objects)
        / np.maximum(n_sides, 1),
        "edge_contrast": np.bincount(numbers[~seam], fall[~seam], n_objects) / n_open,
        "seam_border": np.where(n_seam > 0, on_seam / np.maximum(n_seam, 1), 1.0),
        "seam_share": n_seam / np.maximum(n_sides, 1),
    }


def _sides(labels: NDArray[np.uint32]) -> _Sides:
    place = np.arange(labels.size).reshape(labels.shape)
    pairs = []
    for before, after in (
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
    ):
        differ = labels[before] != labels[after]
        pairs.append((place[before][differ], place[after][differ]))
    first = np.concatenate([pair[0] for pair in pairs])
    second = np.concatenate([pair[1] for pair in pairs])
    own, other = np.concatenate([first, second]), np.concatenate([second, first])
    flat = labels.ravel()
    of_object = flat[own] > 0
    own, other = own[of_object], other[of_object]
    return _Sides(own, other, flat[own], flat[other])


def _cut_by_frame(labels: Labels, sides: _Sides, n_objects: int) -> NDArray[np.float64]:
    data = labels.data
    cut = np.zeros(n_objects + 1)
    for edge in (data[0], data[-1], data[:, 0], data[:, -1]):
        cut[edge] = 1
    if labels.image.excluded is not None:
        cut[sides.number[labels.image.excluded.ravel()[sides.other]]] = 1
    return cut[1:]


def _taken(
    values: NDArray[np.float32] | None, places: NDArray[np.intp]
) -> NDArray[np.float32]:
    if values is None:
        return np.zeros(len(places), np.float32)
    return values.ravel()[places]


def _doubt(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    return 1 - np.abs(2 * probability - 1)
