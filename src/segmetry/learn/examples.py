"""Annotated pictures made ready for training: normalised, with the wanted maps."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.learn.crowding import Crowding, cleaned, crowding_weights
from segmetry.learn.targets import foreground_targets
from segmetry.models.normalization import normalized
from segmetry.segment.flows import towards_middles

__all__ = [
    "Example",
    "Prepared",
    "middles",
    "prepare",
    "spread_places",
    "typical_diameter",
]

_SPAN = (-0.5, 1.5)  # of normalised values, see `segmetry.models.normalization`
_STEPS = 65535
_MOST_PLACES = 64  # of a number: more do not spread crops better


@dataclass(frozen=True, eq=False)
class Example:
    """A picture with its true objects or classes, and the group that it stays with.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    labels : ndarray of uint32, shape (Y, X)
        Numbers of objects, or of classes; 0 is background, and there may be gaps.
    unknown : ndarray of bool, shape (Y, X), or None
        Where nobody knows the truth: these pixels are not learned from. `None` where all
        is annotated.
    name, group : str
    kind : str
        Type of the picture, where types are to be balanced.
    draws : tuple of float
        How often its crops are drawn against those of others: one number for all of them,
        or one for each crop of a grid.

    Raises
    ------
    ValueError
        If the labels have not the shape of the picture.
    """

    image: Image
    labels: NDArray[np.uint32]
    name: str = ""
    group: str = ""
    kind: str = ""
    draws: tuple[float, ...] = (1.0,)
    unknown: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Refuse labels of another picture, and stacks."""
        shape = self.image.spatial_shape
        if len(shape) != 2 or self.labels.shape != shape:
            msg = (
                "an example needs a picture of axes YX or YXC and labels of its height and "
                f"width, got {self.image.axes} of {shape} and labels of {self.labels.shape}"
            )
            raise ValueError(msg)

    @property
    def annotated(self) -> NDArray[np.bool_]:
        """True where the truth is known, of shape (Y, X)."""
        if self.unknown is None:
            return np.ones(self.labels.shape, bool)
        return np.asarray(~self.unknown)

    @property
    def counted(self) -> NDArray[np.bool_]:
        """True where a pixel is part of the sample and its truth known, of shape (Y, X)."""
        return self.image.included & self.annotated


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture as training draws crops from it.

    Parameters
    ----------
    pixels : ndarray of uint16, shape (Y, X, C)
        Normalised values from -0.5 to 1.5 on the scale 0 to 65535; C may be 1 for a net
        of 3 channels, which then sees the same value three times.
    targets : ndarray of uint8 or float32, shape (Y, X, K)
        Wanted maps: masks on the scale 0 to 255, others as they are.
    weight : ndarray of uint8 or float32, shape (Y, X)
        How much a pixel counts; 0 where it does not.
    middles : ndarray of float32, shape (n, 2)
        Rows and columns near which half of the crops are drawn.
    zoom : float
        Factor from 1 to 4 by which drawing crops enlarges these pixels.
    example : Example
    vectors : ndarray of float32, shape (Y, X, 2), or None
        Unit vectors (row, column) towards the middles of objects, where they are wanted:
        they turn with a crop, so they are no maps.
    draws : float
        How often crops are drawn from it against others.
    """

    pixels: NDArray[np.uint16]
    targets: NDArray[np.uint8] | NDArray[np.float32]
    weight: NDArray[np.uint8] | NDArray[np.float32]
    middles: NDArray[np.float32]
    zoom: float
    example: Example
    vectors: NDArray[np.float32] | None = None
    draws: float = 1.0


def typical_diameter(labels: NDArray[np.integer]) -> float:
    """Return the median equivalent diameter of the objects in pixels; NaN without any."""
    areas = np.unique(labels[labels > 0], return_counts=True)[1]
    return float(np.median(np.sqrt(4 * areas / np.pi))) if areas.size else math.nan


def prepare(
    examples: Sequence[Example],
    *,
    channels: int,
    diameter: float | None,
    targets: Callable[[NDArray[np.uint32]], NDArray[np.float32]] = foreground_targets,
    places: Callable[[NDArray[np.uint32]], NDArray[np.float32]] | None = None,
    has_flows: bool = False,
    crowding: Crowding | None = None,
) -> list[Prepared]:
    """Make pictures ready: scale, normalise, and make the wanted maps.

    A picture whose objects are larger than `diameter` is shrunk once, by area, so that
    crops need no further smoothing; one whose objects are smaller keeps its pixels and is
    enlarged when crops are drawn.

    Parameters
    ----------
    examples : sequence of Example
    channels : int
        1 or 3.
    diameter : float or None
        Diameter in pixels to which the typical object of each picture is brought; `None`
        keeps the pixels as they are.
    targets : callable
        Of labels: the wanted maps.
    places : callable or None
        Of labels: rows and columns near which crops are drawn. `None` takes `middles`.
    has_flows : bool
        Whether the ways to the middles of objects are wanted too.
    crowding : Crowding or None
        How far pixels between cells count more; `None` counts all alike.

    Returns
    -------
    list of Prepared
    """
    return [
        _prepared(
            example,
            channels,
            _factor(example, diameter),
            targets,
            places or middles,
            towards_middles if has_flows else lambda _: None,
            crowding=crowding,
        )
        for example in examples
    ]


def _factor(example: Example, diameter: float | None) -> float:
    typical = typical_diameter(example.labels)
    factor = diameter / typical if diameter and not math.isnan(typical) else 1.0
    return min(max(factor, 1 / 8), 4.0)


def _prepared(
    example: Example,
    channels: int,
    factor: float,
    targets: Callable[[NDArray[np.uint32]], NDArray[np.float32]],
    places: Callable[[NDArray[np.uint32]], NDArray[np.float32]],
    vectors: Callable[[NDArray[np.uint32]], NDArray[np.float32] | None],
    *,
    crowding: Crowding | None,
) -> Prepared:
    grey = example.image.axes == "YX"
    values = normalized(example.image, channels=1 if grey else channels)
    labels, counted = np.where(example.annotated, example.labels, 0), example.counted
    zoom = factor
    if factor < 1:
        values, labels, counted = _shrunk(values, labels, counted, factor)
        zoom = 1.0
    weight: NDArray[np.uint8] | NDArray[np.float32] = counted.astype(np.uint8)
    if crowding is not None:
        own = crowding.scaled(_pixel_um(example.image, min(factor, 1.0)))
        labels = cleaned(labels, own)
        weight = crowding_weights(labels, own) * counted
    low, high = _SPAN
    return Prepared(
        pixels=np.rint((values - low) / (high - low) * _STEPS).astype(np.uint16),
        targets=_stored(targets(labels)),
        weight=weight,
        middles=places(labels),
        zoom=zoom,
        example=example,
        vectors=vectors(labels),
        draws=example.draws[0],
    )


def _stored(wanted: NDArray[np.float32]) -> NDArray[np.uint8] | NDArray[np.float32]:
    """Return masks as bytes, which take a quarter of the memory, and other maps as is."""
    if ((wanted == 0) | (wanted == 1)).all():
        return (wanted * 255).astype(np.uint8)
    return wanted


def _pixel_um(image: Image, factor: float) -> float | None:
    """Return the width of a pixel in micrometres, once the picture is shrunk."""
    return None if image.pixel_size is None else image.pixel_size.in_um.x / factor


def middles(labels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return row and column of the middle of each object, shape (n_objects, 2)."""
    rows, columns = np.nonzero(labels)
    numbers = np.unique(labels[rows, columns], return_inverse=True)[1]
    count = np.maximum(np.bincount(numbers), 1)
    sums = [np.bincount(numbers, along) for along in (rows, columns)]
    return np.stack([total / count for total in sums], axis=-1).astype(np.float32)


def spread_places(labels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return pixels spread over each number's, equally many of each, shape (n, 2).

    Vessels or phases have no middle worth looking at, and a class may be rare.
    """
    places = [np.argwhere(labels == number) for number in np.unique(labels[labels > 0])]
    chosen = [
        own[np.linspace(0, len(own) - 1, _MOST_PLACES).astype(np.intp)] for own in places
    ]
    return np.concatenate([np.zeros((0, 2)), *chosen]).astype(np.float32)


def _shrunk(
    values: NDArray[np.float32],
    labels: NDArray[np.uint32],
    counted: NDArray[np.bool_],
    factor: float,
) -> tuple[NDArray[np.float32], NDArray[np.uint32], NDArray[np.bool_]]:
    height, width = (max(round(side * factor), 8) for side in labels.shape)
    size = (width, height)
    small = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
    rows = ((np.arange(height) + 0.5) * labels.shape[0] / height).astype(np.intp)
    columns = ((np.arange(width) + 0.5) * labels.shape[1] / width).astype(np.intp)
    nearest = np.ix_(rows, columns)
    small = small.reshape(height, width, values.shape[-1])  # OpenCV drops one channel
    return small, labels[nearest], counted[nearest]
