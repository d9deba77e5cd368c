"""The head of StarDist: for each pixel, how far it is to the edge in 32 directions.

With these distances each pixel draws a polygon. Pixels in the middle of an object are the
surest; the surest polygons are kept, and those that overlap with them are not [1]_.

References
----------
.. [1] U. Schmidt et al., MICCAI 2018. doi:10.1007/978-3-030-00934-2_30
"""

from dataclasses import dataclass

import numba
import numpy as np
from heads_training import DIAMETER, Cropped, Head
from numpy.typing import NDArray
from scipy.special import expit
from skimage.draw import polygon
from torch import Tensor
from torch.nn import functional

from segmetry.learn.examples import Example
from segmetry.learn.judging import MIN_AREA
from segmetry.learn.losses import weighted_mean
from segmetry.segment.objects import in_reading_order

N_RAYS = 32
RADIUS = DIAMETER / 2  # the unit in which the network tells distances
RAY_WEIGHT = 0.2  # of a pixel's error in distance; StarDist's own
GRID = 2  # every second row and column draws a polygon, as in StarDist's own models
LOWEST = 0.2  # probability from which on pixels draw polygons

_ANGLES = 2 * np.pi * np.arange(N_RAYS) / N_RAYS
DIRECTIONS = np.stack([np.sin(_ANGLES), np.cos(_ANGLES)], axis=-1)  # row, column


@dataclass(frozen=True, kw_only=True)
class Options:
    """Which polygons are kept.

    Parameters
    ----------
    probability : float
        Above which a pixel draws a polygon.
    overlap : float
        Share of the smaller of two polygons above which the less sure one is dropped.
    """

    probability: float = 0.5
    overlap: float = 0.4


@dataclass(frozen=True, kw_only=True, eq=False)
class Polygons:
    """The polygons of a picture, the surest first.

    Parameters
    ----------
    probability : ndarray of float32, shape (n,)
    middles : ndarray of float32, shape (n, 2)
        Row and column in the picture.
    rays : ndarray of float32, shape (n, 32)
        In pixels at the scale of training.
    scale : ndarray of float64, shape (2,)
        Pixels of the picture for one of these, along rows and columns.
    """

    probability: NDArray[np.float32]
    middles: NDArray[np.float32]
    rays: NDArray[np.float32]
    scale: NDArray[np.float64]


@numba.njit(cache=True)
def rays_of(labels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the distances (Y, X, 32) in pixels to the edge of each pixel's object.

    0 in the background, and -1 where a ray leaves the picture before it meets an edge.
    """
    height, width = labels.shape
    rays = np.zeros((height, width, N_RAYS), np.float32)
    for row in range(height):
        for column in range(width):
            own = labels[row, column]
            if own == 0:
                continue
            for k in range(N_RAYS):
                down, right = DIRECTIONS[k]
                n = 1
                while True:
                    y = int(np.floor(row + n * down + 0.5))
                    x = int(np.floor(column + n * right + 0.5))
                    if y < 0 or x < 0 or y >= height or x >= width:
                        rays[row, column, k] = -1
                        break
                    if labels[y, x] != own:
                        rays[row, column, k] = n - 0.5  # the edge is in between
                        break
                    n += 1
    return rays


def wanted(crop: Cropped) -> NDArray[np.float32]:
    """Return the probability and the distances (Y, X, 33) of a crop."""
    return np.concatenate([crop.maps[..., 2:], rays_of(crop.seen)], axis=-1)


def loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return cross-entropy of the probability plus the mean error of the distances.

    A distance counts as much as its pixel is in the middle of an object.
    """
    probability, rays = targets[:, :1], targets[:, 1:]
    entropy = functional.binary_cross_entropy_with_logits(
        logits[:, :1], probability, reduction="none"
    )
    counts = probability * (rays >= 0)
    error = (RADIUS * logits[:, 1:] - rays).abs() * counts
    return weighted_mean(entropy, weight) + RAY_WEIGHT * weighted_mean(error, weight)


def polygons_of(logits: NDArray[np.float32], example: Example) -> Polygons:
    """Return the polygons that pixels draw, the surest first."""
    scale = np.array(example.labels.shape) / logits.shape[:2]
    grid = logits[GRID // 2 :: GRID, GRID // 2 :: GRID]
    probability = expit(grid[..., 0])
    rays = RADIUS * np.maximum(grid[..., 1:], 0)
    areas = 0.5 * np.sin(_ANGLES[1]) * (rays * np.roll(rays, 1, axis=-1)).sum(axis=-1)
    # Smaller objects are dropped in the end, so their polygons need not be drawn.
    large = areas * scale.prod() >= MIN_AREA
    rows, columns = np.nonzero((probability > LOWEST) & large)
    order = np.argsort(-probability[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    at = np.stack([rows, columns], axis=-1) * GRID + GRID // 2
    return Polygons(
        probability=probability[rows, columns],
        middles=((at + 0.5) * scale - 0.5).astype(np.float32),
        rays=rays[rows, columns],
        scale=scale,
    )


def objects_of(told: Polygons, example: Example, options: Options) -> NDArray[np.uint32]:
    """Return the objects (Y, X): polygons that overlap little with surer ones.

    A polygon whose middle lies in a surer one is dropped without measuring the overlap.
    """
    labels = np.zeros(example.labels.shape, np.uint32)
    areas = [0]
    limit = np.array(labels.shape) - 1
    pixels = np.clip(np.rint(told.middles), 0, limit).astype(np.intp).tolist()
    n_sure = int((told.probability > options.probability).sum())
    for k, (row, column) in enumerate(pixels[:n_sure]):
        if labels[row, column]:
            continue
        corners = told.middles[k] + told.rays[k, :, None] * DIRECTIONS * told.scale
        inside = polygon(corners[:, 0], corners[:, 1], shape=labels.shape)
        under = labels[inside]
        shared = np.bincount(under, minlength=len(areas))
        most = options.overlap * np.minimum(areas, under.size)
        if under.size == 0 or (shared[1:] > most[1:]).any():
            continue
        labels[inside] = np.where(under > 0, under, np.uint32(len(areas)))
        areas.append(under.size)
    labels = np.where(example.image.included, labels, np.uint32(0))
    return in_reading_order(labels, min_area=MIN_AREA)


STARS = Head(
    name="polygons of 32 rays",
    n_maps=1 + N_RAYS,
    seen=lambda labels: labels,
    targets=wanted,
    loss=loss,
    begin=polygons_of,
    cut=objects_of,
    options=Options(),
    choices={
        "probability": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        "overlap": (0.2, 0.3, 0.4, 0.5, 0.6),
    },
)
