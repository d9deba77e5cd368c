"""Scores of thin structures: vessels, fibres, cracks, roads.

Dice is ruled by wide structures, of which most pixels are. Here the skeleton counts, the
line one pixel wide along the middle: a capillary weighs as much as an artery of its length.

- *Skeleton recall*: the share of the true skeleton that lies in the found mask.
- *Skeleton precision*: the share of the found skeleton that lies in the true mask.
- *clDice* [1]_: their harmonic mean.

Recall is told for classes of local width too. The width at a pixel of the true skeleton is
the diameter of the largest disc that fits into the true mask and covers the pixel [2]_: a
spur in a wide structure is no thin structure. Along the axes it is exact, askew it may be
up to a pixel too small.

References
----------
.. [1] S. Shit et al., "clDice: a novel topology-preserving loss function for tubular
       structure segmentation", CVPR 2021. doi:10.1109/CVPR46437.2021.01629
.. [2] T. Hildebrand, P. Rüegsegger, "A new method for the model-independent assessment of
       thickness in three-dimensional images", Journal of Microscopy 185, 1997.
       doi:10.1046/j.1365-2818.1997.1340694.x
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from segmetry.errors import DatasetError
from segmetry.measure.skeleton import skeleton_of

__all__ = [
    "THIN_SCORES",
    "WIDTH_CLASSES",
    "ThinCounts",
    "count_thin",
    "skeleton_of",
    "skeleton_widths",
]

# Greatest width of each class, in pixels, by the end of its score's name.
WIDTH_CLASSES = {"1_2": 2.0, "2_4": 4.0, "4_8": 8.0, "over_8": math.inf}
_CORNERS = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class ThinCounts:
    """Pixels of the found and the true skeleton, and the scores that follow.

    Parameters
    ----------
    found, right : int
        Pixels of the found skeleton, and those of them in the true mask.
    true, covered : tuple of int
        Pixels of the true skeleton in each of `WIDTH_CLASSES`, and those of them in the
        found mask.

    Examples
    --------
    >>> counts = ThinCounts(found=10, right=9, true=(6, 4, 0, 0), covered=(2, 4, 0, 0))
    >>> counts.precision, counts.recall, round(counts.cldice, 3)
    (0.9, 0.6, 0.72)
    >>> counts.recall_of("2_4")
    1.0
    """

    found: int
    right: int
    true: tuple[int, ...]
    covered: tuple[int, ...]

    @property
    def precision(self) -> float:
        """Share of the found skeleton in the true mask; NaN where nothing was found."""
        return _share(self.right, self.found)

    @property
    def recall(self) -> float:
        """Share of the true skeleton in the found mask; NaN where nothing is true."""
        return _share(sum(self.covered), sum(self.true))

    @property
    def cldice(self) -> float:
        """Harmonic mean of both; 1 where both masks are empty, 0 where one is."""
        if not (self.found and sum(self.true)):
            return float(not (self.found or sum(self.true)))
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def recall_of(self, width_class: str) -> float:
        """Return the recall of one of `WIDTH_CLASSES`; NaN where nothing is so wide."""
        place = list(WIDTH_CLASSES).index(width_class)
        return _share(self.covered[place], self.true[place])

    def scores(self) -> dict[str, float]:
        """Return all scores by name."""
        return {name: score(self) for name, score in THIN_SCORES.items()}


THIN_SCORES: Mapping[str, Callable[[ThinCounts], float]] = {
    "cldice": lambda counts: counts.cldice,
    "skeleton_precision": lambda counts: counts.precision,
    "skeleton_recall": lambda counts: counts.recall,
    **{
        f"skeleton_recall_{key}": partial(ThinCounts.recall_of, width_class=key)
        for key in WIDTH_CLASSES
    },
}


def count_thin(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> ThinCounts:
    """Compare two masks of thin structures along their skeletons.

    Parameters
    ----------
    predicted, truth : ndarray of bool, shape (Y, X)
    included : ndarray of bool, shape (Y, X), or None
        The field of view; nothing outside it matters. `None` is all of the picture.

    Returns
    -------
    ThinCounts

    Raises
    ------
    DatasetError
        If the masks are of a stack of slices.

    Examples
    --------
    >>> truth = np.zeros((9, 20), bool)
    >>> truth[2], truth[5:8] = True, True
    >>> found = truth.copy()
    >>> found[2, :10] = False
    >>> counts = count_thin(found, truth)
    >>> counts.recall_of("1_2"), counts.recall_of("2_4"), counts.precision
    (0.5, 1.0, 1.0)
    """
    if truth.ndim != 2:
        msg = (
            f"thin structures are judged in single pictures, and this is a stack of shape "
            f"{truth.shape}; judge its slices, or leave out --thin"
        )
        raise DatasetError(msg)
    if included is not None:
        predicted, truth = predicted & included, truth & included
    found, true = skeleton_of(predicted), skeleton_of(truth)
    widths = skeleton_widths(truth, true, included=included)
    group = np.searchsorted(list(WIDTH_CLASSES.values()), widths)
    hit = predicted[true]
    return ThinCounts(
        found=int(np.count_nonzero(found)),
        right=int(np.count_nonzero(found & truth)),
        true=_counted(group),
        covered=_counted(group[hit]),
    )


def skeleton_widths(
    mask: NDArray[np.bool_],
    skeleton: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Return the local width of a mask at each pixel of its skeleton.

    Parameters
    ----------
    mask, skeleton : ndarray of bool, shape (Y, X)
    included : ndarray of bool, shape (Y, X), or None
        Where the mask is known. What lies beyond, or outside the picture, is not taken for
        background: a structure that is cut off there is no thinner for it.

    Returns
    -------
    ndarray of float64, shape (n,)
        In pixels, in the order of `skeleton.nonzero()`.

    Examples
    --------
    >>> bar = np.zeros((8, 30), bool)
    >>> bar[2:6] = True
    >>> np.unique(skeleton_widths(bar, skeleton_of(bar)))
    array([4.])
    """
    places = np.argwhere(skeleton)
    if not len(places):
        return np.zeros(0)
    inside = mask if included is None else mask | ~included
    # Discs end at borders of pixels, so their middles are pixels, borders or corners: a
    # grid of twice the pixels, whose unit is half a pixel, so a radius there is a width.
    grid = _halved(_halved(inside).T).T
    radius = cv2.distanceTransform(
        grid.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    nearby = cv2.dilate(radius, _CORNERS)[1::2, 1::2]
    own = np.minimum(nearby[skeleton], max(mask.shape)).astype(np.float64)
    covered = cKDTree(places).query_ball_point(places, own / 2, return_sorted=False)
    n_covered = np.fromiter(map(len, covered), np.intp, len(covered))
    by_any = np.fromiter(chain.from_iterable(covered), np.intp, n_covered.sum())
    widths = own.copy()
    np.maximum.at(widths, by_any, np.repeat(own, n_covered))
    return widths


def _halved(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Put the borders between rows in: inside where both rows are."""
    grid = np.empty((2 * len(inside) + 1, inside.shape[1]), dtype=bool)
    grid[1::2] = inside
    grid[2:-1:2] = inside[1:] & inside[:-1]
    grid[0], grid[-1] = inside[0], inside[-1]
    return grid


def _counted(group: NDArray[np.intp]) -> tuple[int, ...]:
    return tuple(np.bincount(group, minlength=len(WIDTH_CLASSES)).tolist())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
