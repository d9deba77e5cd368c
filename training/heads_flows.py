"""The head of Cellpose: a foreground, and for each pixel the way to its object's middle.

A heat source in an object's middle diffuses through the object, and each pixel's vector
points up the slope of the heat [1]_. Pixels of the foreground follow the vectors that the
network gives, and those that end together are an object.

References
----------
.. [1] C. Stringer et al., Nature Methods 18, 2021. doi:10.1038/s41592-020-01018-x
"""

from dataclasses import dataclass

import numpy as np
from heads_training import Cropped, Head, nearest
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor

from segmetry.learn.crops import turned
from segmetry.learn.examples import Example
from segmetry.learn.judging import MIN_AREA
from segmetry.learn.losses import bce_dice, weighted_mean
from segmetry.models.scale import resampled
from segmetry.segment.flows import end_cells, sinks, towards_middles
from segmetry.segment.objects import fill_each, in_reading_order

STEPS = 100  # of one pixel: the typical object is 24 pixels wide
GAIN = 5.0  # with which the paper has vectors learned
LOWEST = 0.3  # probability from which on pixels are followed


@dataclass(frozen=True, kw_only=True)
class Options:
    """How flows become objects.

    Parameters
    ----------
    foreground : float
        Probability above which a pixel belongs to an object.
    least : float
        Pixels that end in one cell, for a sink to begin there.
    error : float
        Mean squared difference between the vectors of an object found and those that the
        network gave, above which the object is dropped.
    """

    foreground: float = 0.5
    least: float = 10
    error: float = 0.4


@dataclass(frozen=True, kw_only=True, eq=False)
class Followed:
    """Where the pixels of a picture end.

    Parameters
    ----------
    probability : ndarray of float32, shape (Y, X)
        On the finer of the two grids, that of the picture and that of the training.
    followed : ndarray of bool, shape (Y, X)
    cells : ndarray of intp, shape (n_followed,)
        Where each of these pixels ends: indices in the flattened grid of the flows.
    flows : ndarray of float32, shape (Y', X', 2)
        At the scale of training.
    """

    probability: NDArray[np.float32]
    followed: NDArray[np.bool_]
    cells: NDArray[np.intp]
    flows: NDArray[np.float32]


def wanted(crop: Cropped) -> NDArray[np.float32]:
    """Return the foreground and the vectors (Y, X, 3) of a crop."""
    vectors = turned(crop.seen, crop.places[..., 0], crop.places[..., 1])
    return np.concatenate([crop.maps[..., :1], vectors], axis=-1)


def loss(logits: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """Return the loss of the foreground, and half the squared error of GAIN x vectors."""
    error = (logits[:, 1:] - GAIN * targets[:, 1:]) ** 2
    return (
        bce_dice(logits[:, :1], targets[:, :1], weight) + weighted_mean(error, weight) / 2
    )


def follow(logits: NDArray[np.float32], example: Example) -> Followed:
    """Let every pixel of the foreground follow the vectors."""
    coarse = logits.shape[:2]
    fine = tuple(max(sides) for sides in zip(coarse, example.labels.shape, strict=True))
    probability = expit(resampled(logits[..., :1], fine)[..., 0])
    flows = np.ascontiguousarray(logits[..., 1:] / GAIN)
    followed = probability > LOWEST
    ratio = np.array(coarse) / fine
    starts = (np.argwhere(followed) + 0.5) * ratio - 0.5
    cells = end_cells(starts, flows, steps=STEPS)
    return Followed(probability=probability, followed=followed, cells=cells, flows=flows)


def objects_of(told: Followed, example: Example, options: Options) -> NDArray[np.uint32]:
    """Return the objects (Y, X): pixels that end in one sink."""
    chosen = told.probability[told.followed] > options.foreground
    cells = told.cells[chosen]
    shape = told.flows.shape[:2]
    found = sinks(cells, shape, least=options.least).ravel()[cells]
    labels = np.zeros(told.probability.shape, np.uint32)
    labels[told.followed & (told.probability > options.foreground)] = found
    labels = _agreeing(fill_each(labels), told.flows, options.error)
    labels = nearest(labels, example.labels.shape)
    labels = np.where(example.image.included, labels, np.uint32(0))
    return in_reading_order(labels, min_area=MIN_AREA)


def _agreeing(
    labels: NDArray[np.uint32], flows: NDArray[np.float32], most: float
) -> NDArray[np.uint32]:
    """Drop objects whose own vectors are not those that the network gave."""
    if not labels.any() or np.isinf(most):
        return labels
    error = disagreement(nearest(labels, flows.shape[:2]), flows)
    agrees = np.ones(int(labels.max()) + 1, np.bool_)  # those too small to be seen too
    agrees[: error.size] = error <= most
    return np.where(agrees[labels], labels, np.uint32(0))


def disagreement(
    labels: NDArray[np.uint32], flows: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return how far flows are from those that the objects would have.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
    flows : ndarray of float32, shape (Y, X, 2)

    Returns
    -------
    ndarray of float64, shape (n + 1,)
        Mean squared length of the difference, for the background and objects 1 to n. 0
        for a number that no pixel has.

    Examples
    --------
    >>> labels = np.ones((5, 5), np.uint32)
    >>> disagreement(labels, -towards_middles(labels)).round(1)
    array([0. , 3.8])
    """
    error = ((towards_middles(labels) - flows) ** 2).sum(axis=-1)
    area = np.bincount(labels.ravel())
    total = np.bincount(labels.ravel(), error.ravel())
    return np.asarray(total / np.maximum(area, 1))


FLOWS = Head(
    name="foreground, flows",
    n_maps=3,
    seen=towards_middles,
    targets=wanted,
    loss=loss,
    begin=follow,
    cut=objects_of,
    options=Options(),
    choices={
        "foreground": (0.3, 0.4, 0.5, 0.6, 0.7),
        "least": (5, 10, 20, 40),
        "error": (0.4, 0.8, float("inf")),
    },
)
