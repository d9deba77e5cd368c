"""Crops drawn at random from pictures: turned, scaled, sheared, shifted and bent.

All of the geometry is one mapping from the crop's pixels to the picture's, so values are
interpolated once. Wanted maps go the same way, linearly: an edge keeps its place between
pixels. Wanted vectors are those of the nearest pixel, and turn with the crop. OpenCV's
remap does this in a fraction of a training step.
"""

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.learn.examples import Prepared
from segmetry.models.outputs import coded_flows

__all__ = ["Geometry", "draw_crop", "grid_of", "grid_places", "turned"]

_NEAR_OBJECTS = 0.5  # of the crops: pictures are mostly background
_GRID = 6  # knots of the elastic deformation along a side


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """How far crops may be deformed.

    Parameters
    ----------
    flips : bool
        Mirror half of the crops.
    quarters : bool
        Turn crops by 0 to 3 quarters, which blurs nothing.
    rotation : float
        Greatest angle to both sides, in degrees.
    octaves : float
        Standard deviation of the change of scale, in powers of two.
    shear : float
        Greatest shear, as a tangent.
    stretch : float
        Greatest change of the aspect ratio.
    elastic : float
        Standard deviation of the knots of a smooth deformation, in pixels.
    """

    flips: bool = True
    quarters: bool = False
    rotation: float = 180.0
    octaves: float = 0.25
    shear: float = 0.1
    stretch: float = 0.1
    elastic: float = 1.5

    @classmethod
    def none(cls) -> "Geometry":
        """Only shifts: a crop is a crop."""
        return cls(flips=False, rotation=0, octaves=0, shear=0, stretch=0, elastic=0)


def draw_crop(
    source: Prepared, *, side: int, geometry: Geometry, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Draw one crop.

    Parameters
    ----------
    source : Prepared
    side : int
        Height and width of the crop, in pixels at the scale of training.
    geometry : Geometry
    random : numpy Generator

    Returns
    -------
    values : ndarray of float32, shape (side, side, C)
        From -0.5 to 1.5.
    targets : ndarray of float32, shape (side, side, K)
        From 0 to 1; where flows are wanted, they are the last two, as
        `segmetry.models.outputs.coded_flows` gives them.
    weight : ndarray of float32, shape (side, side)
        How much a pixel counts; 0 outside the picture and where it is excluded.
    """
    at_x, at_y = _places(source, side, geometry, random)

    def taken(array: NDArray[Any], border: int) -> NDArray[np.float32]:
        values = cv2.remap(
            array, at_x, at_y, interpolation=cv2.INTER_LINEAR, borderMode=border
        )
        return values.astype(np.float32).reshape(side, side, -1)

    values = taken(source.pixels, cv2.BORDER_REFLECT_101) * (2 / 65535) - 0.5
    whole = 255 if source.targets.dtype == np.uint8 else 1
    targets = taken(source.targets, cv2.BORDER_REFLECT_101) / whole
    if source.vectors is not None:
        nearest = cv2.remap(source.vectors, at_x, at_y, interpolation=cv2.INTER_NEAREST)
        flows = coded_flows(turned(np.asarray(nearest, np.float32), at_y, at_x))
        targets = np.concatenate([targets, flows], axis=-1)
    weight = taken(source.weight, cv2.BORDER_CONSTANT)[..., 0]
    return np.asarray(values, np.float32), np.asarray(targets, np.float32), weight


def grid_places(shape: tuple[int, int], *, side: int, stride: int) -> list[tuple[int, int]]:
    """Return the first row and column of each crop of a grid, column by column.

    Crops end at every multiple of the stride and at the end of the picture, so they
    overlap where the stride is below the side.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the picture.
    side : int
        Height and width of a crop; a smaller picture is one crop.
    stride : int

    Examples
    --------
    The published grid of a picture of 1600 x 1200 pixels has 12 crops.

    >>> places = grid_places((1200, 1600), side=512, stride=400)
    >>> places[:4], len(places)
    ([(0, 0), (288, 0), (688, 0), (0, 288)], 12)
    """

    def firsts(length: int) -> list[int]:
        stops = [*range(stride, length, stride), length]
        return sorted({max(stop - side, 0) for stop in stops})

    rows, columns = (firsts(length) for length in shape)
    return [(row, column) for column, row in product(columns, rows)]


def grid_of(source: Prepared, *, side: int, stride: int) -> list[Prepared]:
    """Return the crops of a grid, each as a picture of its own that shares the memory.

    Parameters
    ----------
    source : Prepared
        Its example says how often each of its crops is drawn.
    side, stride : int
        At the scale of training.

    Returns
    -------
    list of Prepared
        In the order of `grid_places`. They form no group, so that each is drawn as often
        as it says.
    """
    side, stride = (max(round(length / source.zoom), 1) for length in (side, stride))
    height, width = source.weight.shape
    places = grid_places((height, width), side=side, stride=stride)
    own = source.example.draws
    draws = own if len(own) == len(places) else own[:1] * len(places)
    return [
        _part(source, place, side, draws=often, name=f"{source.example.name} {number}")
        for number, (place, often) in enumerate(zip(places, draws, strict=True))
    ]


def _part(
    source: Prepared, place: tuple[int, int], side: int, *, draws: float, name: str
) -> Prepared:
    window = tuple(slice(first, first + side) for first in place)
    inside = ((source.middles >= place) & (source.middles < np.add(place, side))).all(
        axis=1
    )
    return replace(
        source,
        pixels=source.pixels[window],
        targets=source.targets[window],
        weight=source.weight[window],
        middles=source.middles[inside] - np.asarray(place, np.float32),
        vectors=None if source.vectors is None else source.vectors[window],
        example=replace(source.example, group=name),
        draws=draws,
    )


def _places(
    source: Prepared, side: int, geometry: Geometry, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return which place of the picture each pixel of the crop shows."""
    matrix = _linear(geometry, random) / source.zoom
    offsets = np.arange(side, dtype=np.float32) - (side - 1) / 2
    x, y = np.meshgrid(offsets, offsets)
    if geometry.elastic:
        x = x + _bend(side, geometry.elastic, random)
        y = y + _bend(side, geometry.elastic, random)
    middle = _middle(source, side, random)
    if not geometry.elastic and np.isin(np.abs(matrix), (0, 1)).all():
        # Nothing but shifts, mirrors and quarters: on whole pixels, so nothing is blurred.
        half = (side - 1) / 2
        middle = (round(middle[0] - half) + half, round(middle[1] - half) + half)
    at_x = matrix[0, 0] * x + matrix[0, 1] * y + middle[0]
    at_y = matrix[1, 0] * x + matrix[1, 1] * y + middle[1]
    return at_x.astype(np.float32), at_y.astype(np.float32)


def turned(
    vectors: NDArray[np.float32], at_y: NDArray[np.float32], at_x: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return vectors of a picture as they lie in a crop of it.

    Parameters
    ----------
    vectors : ndarray of float32, shape (Y, X, 2)
        Rows and columns of the picture at the pixels that the crop shows; of length 1
        or 0.
    at_y, at_x : ndarray of float32, shape (Y, X)
        Row and column of the picture that each pixel of the crop shows.

    Returns
    -------
    ndarray of float32, shape (Y, X, 2)
        Rows and columns of the crop; again of length 1 or 0.

    Examples
    --------
    >>> at_x, at_y = np.meshgrid(np.arange(3.0), np.arange(2.0))
    >>> down = np.broadcast_to(np.float32([1, 0]), (2, 3, 2))
    >>> turned(down, -at_y, at_x)[0, 0]
    array([-1.,  0.], dtype=float32)
    """
    (y_down, y_right), (x_down, x_right) = np.gradient(at_y), np.gradient(at_x)
    row = x_right * vectors[..., 0] - y_right * vectors[..., 1]
    column = y_down * vectors[..., 1] - x_down * vectors[..., 0]
    mirrored = np.sign(y_down * x_right - y_right * x_down)
    own = np.stack([row, column], axis=-1) * mirrored[..., None]
    lengths = np.linalg.norm(own, axis=-1, keepdims=True)
    return np.asarray(own / np.maximum(lengths, 1e-6), np.float32)


def _linear(geometry: Geometry, random: np.random.Generator) -> NDArray[np.float64]:
    angle = math.radians(random.uniform(-geometry.rotation, geometry.rotation))
    turn = np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    shear = random.uniform(-geometry.shear, geometry.shear)
    stretch = 1 + random.uniform(-geometry.stretch, geometry.stretch)
    scale = 2.0 ** (geometry.octaves * float(np.clip(random.normal(), -2.5, 2.5)))
    bent = np.array([[stretch, shear], [0, 1 / stretch]])
    mirror = -1 if geometry.flips and random.random() < 0.5 else 1
    if geometry.quarters:
        quarter = np.array([[0, -1], [1, 0]])
        turn = turn @ np.linalg.matrix_power(quarter, random.integers(4))
    return turn @ bent @ np.diag([mirror, 1]) / scale


def _bend(side: int, size: float, random: np.random.Generator) -> NDArray[np.float32]:
    knots = random.normal(0, size, (_GRID, _GRID)).astype(np.float32)
    return np.asarray(cv2.resize(knots, (side, side), interpolation=cv2.INTER_CUBIC))


def _middle(
    source: Prepared, side: int, random: np.random.Generator
) -> tuple[float, float]:
    """Choose column and row of the crop's middle, half of the time beside an object.

    The crop lies within the picture as far as it fits.
    """
    height, width = source.weight.shape
    half = side / source.zoom / 2
    near = len(source.middles) > 0 and random.random() < _NEAR_OBJECTS
    if near:
        row, column = source.middles[random.integers(len(source.middles))]
        row, column = (place + random.uniform(-half, half) / 2 for place in (row, column))
    else:
        row, column = random.uniform(0, height), random.uniform(0, width)
    return _within(column, width, half), _within(row, height, half)


def _within(place: float, length: int, half: float) -> float:
    if length <= 2 * half:
        return (length - 1) / 2
    return min(max(place, half), length - half) - 0.5
