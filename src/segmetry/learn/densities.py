"""Counting without finding: maps whose sum is the number of objects [1]_.

Every object adds a bell of the same sum to the map, wherever it lies and however large it
is, so that objects upon each other count too. Dots in the middles of objects are enough to
learn from.

References
----------
.. [1] W. Xie, J. A. Noble, A. Zisserman, "Microscopy cell counting and detection with fully
       convolutional regression networks", Comput. Methods Biomech. Biomed. Eng. Imaging
       Vis. 6, 2018. doi:10.1080/21681163.2016.1149104
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import MeanScore, score_counts
from segmetry.learn.examples import Example, middles, typical_diameter
from segmetry.models.card import DENSITY
from segmetry.models.outputs import DENSITY_PEAK, regressed_count
from segmetry.segment import Maps

__all__ = [
    "count_agreement",
    "count_scores",
    "density_output",
    "density_targets",
    "found_and_true",
]

_OF_DIAMETER = 0.25  # the bell of an object lies mostly within it
_NARROWEST, _WIDEST = 3.0, 16.0  # px; dots have no size from which to choose
_REACH = 5.0  # standard deviations: beyond lies less than a millionth of a bell
_TOLD = ("count_bias", "count_mae", "count_bias_percent")


def density_output(examples: Sequence[Example]) -> str:
    """Return the name of the output of a network that is to count these objects.

    Its bells are a quarter as wide as the typical object; 3 pixels for dots.
    """
    diameters = [typical_diameter(example.labels) for example in examples]
    known = [value for value in diameters if not math.isnan(value)]
    typical = float(np.median(known)) if known else 0.0
    return f"{DENSITY}{min(max(_OF_DIAMETER * typical, _NARROWEST), _WIDEST):.1f}"


def density_targets(labels: NDArray[np.uint32], *, spread: float) -> NDArray[np.float32]:
    """Return the map whose sum is the number of objects, in one channel.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects, or dots in their middles.
    spread : float
        Standard deviation of the bell of each in pixels.

    Returns
    -------
    ndarray of float32, shape (Y, X, 1)
        From 0 to 1. At the frame, what would lie outside is put inside.

    Examples
    --------
    >>> labels = np.zeros((40, 60), np.uint32)
    >>> labels[20, 10], labels[0:9, 30:40] = 1, 2
    >>> density = density_targets(labels, spread=4)[..., 0]
    >>> round(regressed_count(density, spread=4, included=labels >= 0), 4)
    2.0
    """
    density = np.zeros(labels.shape, np.float32)
    one = DENSITY_PEAK * 2 * math.pi * spread**2
    for row, column in middles(labels):
        rows, y = _bell(row, labels.shape[0], spread)
        columns, x = _bell(column, labels.shape[1], spread)
        density[rows, columns] += np.outer(y, x) * np.float32(one)
    return np.minimum(density, 1)[..., None]


def _bell(middle: float, length: int, spread: float) -> tuple[slice, NDArray[np.float32]]:
    """Return a stretch of a side, and a bell on it that sums to 1."""
    first = max(math.floor(middle - _REACH * spread), 0)
    stop = min(math.ceil(middle + _REACH * spread) + 1, length)
    heights = np.exp(-np.square(np.arange(first, stop) - middle) / (2 * spread**2))
    return slice(first, stop), np.asarray(heights / heights.sum(), np.float32)


def found_and_true(maps: Maps, example: Example, *, spread: float) -> tuple[float, int]:
    """Return how many objects a density map tells of, and how many there are."""
    included = example.image.included
    found = regressed_count(maps.foreground, spread=spread, included=included)
    numbers = np.unique(example.labels[included])
    return found, int(np.count_nonzero(numbers))


def count_agreement(found: float, true: float) -> float:
    """Return the smaller of two counts by the larger, each with one object more.

    1 is perfect; the one more is for pictures without objects.

    Examples
    --------
    >>> count_agreement(9, 9), count_agreement(4, 9), count_agreement(0, 0)
    (1.0, 0.5, 1.0)
    """
    return (min(found, true) + 1) / (max(found, true) + 1)


def count_scores(
    counts: Sequence[tuple[float, float]], examples: Sequence[Example]
) -> dict[str, MeanScore]:
    """Return the errors of counts with their intervals.

    Parameters
    ----------
    counts : sequence of tuple
        Found and true, of each picture.
    examples : sequence of Example
        Those of one group hang together.
    """
    clusters = [example.group or example.name for example in examples]
    found, true = zip(*counts, strict=True)
    scores = score_counts(found, true, clusters=clusters)
    return {name: scores[name] for name in _TOLD}
