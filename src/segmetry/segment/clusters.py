"""What methods share that sort pixels into a few groups, the clusters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.segment.grey import grey_for_segmenting
from segmetry.segment.options import Polarity
from segmetry.segment.polarity import polarity_of

__all__ = [
    "Clusters",
    "n_groups",
    "over_picture",
    "sort_clusters",
]

_TABLE = 65_536  # grey values told apart: those of 16-bit pictures
_PIECE = 1_000_000  # pixels at once, so that large pictures fit into memory
_LOOK = 1000  # points that show, as a rule, that there are enough different ones


@dataclass(frozen=True, eq=False)
class Clusters:
    """Groups of pixels, sorted by brightness.

    Parameters
    ----------
    classes : ndarray of float32, shape (Y, X, K)
        How much each pixel belongs to each group, the darkest group first.
    order : ndarray of int, shape (K,)
        Which group each of them was before.
    brightness : ndarray of float64, shape (K,)
        Mean grey value of each group.
    polarity : {"bright", "dark"}
    taken : ndarray of bool, shape (K,)
        Which groups are objects.
    """

    classes: NDArray[np.float32]
    order: NDArray[np.intp]
    brightness: NDArray[np.float64]
    polarity: Literal["bright", "dark"]
    taken: NDArray[np.bool_]

    @property
    def found(self) -> dict[str, object]:
        """What was found, as JSON values."""
        return {
            "found_polarity": self.polarity,
            "found_clusters": len(self.brightness),
            "found_brightness": [float(f"{grey:.6g}") for grey in self.brightness],
        }


def n_groups(points: NDArray[np.floating], clusters: int) -> int:
    """Return the number of groups, at most as many as there are different points.

    Parameters
    ----------
    points : ndarray of float, shape (N, C)
    clusters : int
        Number of groups asked for.

    Returns
    -------
    int

    Examples
    --------
    >>> n_groups(np.array([[1.0], [7.0], [1.0]]), 3)
    2
    """
    some = points[:: max(len(points) // _LOOK, 1)]
    if len(np.unique(some, axis=0)) >= clusters:
        return clusters
    return min(len(np.unique(points, axis=0)), clusters)


def over_picture(
    values: NDArray[np.float32],
    rate: Callable[[NDArray[np.float64]], NDArray[np.floating]],
) -> NDArray[np.float32]:
    """Return what `rate` says of each pixel.

    Grey values are looked up in a table of 65,536 steps; others go piece by piece.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    rate : callable
        From points, shape (N, C), to as many rows of K numbers.

    Returns
    -------
    ndarray of float32, shape (Y, X, K)
    """
    points = values.reshape(-1, values.shape[-1])
    if points.shape[1] == 1:
        low, high = points.min(), points.max()
        table = rate(np.linspace(low, high, _TABLE)[:, None]).astype(np.float32)
        step = max((high - low) / (_TABLE - 1), np.finfo(np.float32).tiny)
        index = np.rint((points[:, 0] - low) / step).astype(np.intp)
        return np.asarray(table[index].reshape(*values.shape[:2], -1))
    pieces = [
        rate(points[start : start + _PIECE].astype(np.float64)).astype(np.float32)
        for start in range(0, len(points), _PIECE)
    ]
    return np.concatenate(pieces).reshape(*values.shape[:2], -1)


def sort_clusters(
    classes: NDArray[np.float32], image: Image, *, polarity: Polarity, taken: int
) -> Clusters:
    """Return groups sorted by brightness, with those that are objects.

    Parameters
    ----------
    classes : ndarray of float32, shape (Y, X, K)
        How much each pixel belongs to each group; at least two groups.
    image : Image
        Axes YX or YXC.
    polarity : {"auto", "bright", "dark"}
        "auto" asks whether the brighter or the darker half of the groups looks like
        objects: see `segmetry.segment.polarity`.
    taken : int
        How many groups are objects; at least one is left as background.

    Returns
    -------
    Clusters
    """
    grey = grey_for_segmenting(image)
    brightness = _means(classes, grey, image.included)
    order = np.argsort(brightness, kind="stable")
    classes, n = classes[..., order], len(order)
    if polarity == "auto":
        bright = classes[..., n // 2 :].sum(axis=-1) > 0.5
        polarity = polarity_of(bright, grey, image.included)
    is_taken = np.arange(n) < min(taken, n - 1)
    return Clusters(
        classes=classes,
        order=order,
        brightness=brightness[order],
        polarity=polarity,
        taken=is_taken[::-1] if polarity == "bright" else is_taken,
    )


def _means(
    classes: NDArray[np.float32], grey: NDArray[np.float32], included: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the mean grey value of each group, shape (K,)."""
    inside, means = grey[included], []
    for group in np.moveaxis(classes, -1, 0):
        weights = group[included]
        mass = max(float(weights.sum(dtype=np.float64)), np.finfo(np.float64).tiny)
        means.append(float((weights * inside).sum(dtype=np.float64)) / mass)
    return np.array(means)
