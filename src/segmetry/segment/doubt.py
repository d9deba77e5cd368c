"""How likely each object is wrong, for a person who looks through them.

Networks tell it. For other methods it is estimated from five traits of each object: what
becomes of it when the cutoff is moved a little, how far it stands out, how ragged it is,
and how much of its outline lies on cuts. The weights of these were fitted on pictures with
known objects; `benchmarks/fit_doubt.py` repeats that. The order is good in a picture. How
many objects are wrong, it knows badly: a person's verdicts tell that.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.special import expit

from segmetry.image import Labels
from segmetry.segment.objects import fill_holes
from segmetry.segment.segmenter import Maps, Segmenter

__all__ = ["TRAITS", "best_overlaps", "doubtful_traits", "doubts"]

TRAITS = (
    "steady_below",  # overlap with what is found at a lower cutoff
    "steady_above",  # ... and at a higher one
    "contrast",  # natural logarithm of how far it is over the cutoff, against a usual one
    "raggedness",  # outline squared by 16 areas: 1 for a square
    "seam_share",  # of its outline that touches neighbours
)
WEIGHTS = (0.1, -5.1, 0.8, 1.0, 9.5)
CONSTANT = 0.8

_MOVES = (-0.4, 0.4)  # of the margin by which usual pixels of objects are over the cutoff
_FAINTEST, _BRIGHTEST = 0.05, 20.0  # of the margin of a usual object
_MOST_RAGGED = 6.0

Floats = NDArray[np.float64]


def doubts(segmenter: Segmenter, labels: Labels, maps: Maps) -> Floats:
    """Return how likely each object is wrong.

    Parameters
    ----------
    segmenter : Segmenter
        What found the objects.
    labels : Labels
        Objects 1 to n, of axes YX.
    maps : Maps
        In which they were found.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 to 1, in the order of their numbers.

    Examples
    --------
    >>> from segmetry.image import Image
    >>> from segmetry.segment.threshold import Threshold
    >>> pixels = np.full((40, 80), 30.0)
    >>> pixels[10:30, 10:30], pixels[10:30, 50:70] = 200, 120  # the second one is dim
    >>> found = Threshold(method="manual", level=100, denoise=0, edges="cutoff")
    >>> clear, dim = doubts(found, *found.labels_and_maps(Image(pixels)))
    >>> bool(clear < 0.5 < dim)
    True
    """
    if maps.confidence is not None:
        return 1 - maps.confidence.astype(np.float64)
    traits = doubtful_traits(segmenter, labels, maps)
    return np.asarray(expit(traits @ np.array(WEIGHTS) + CONSTANT), np.float64)


def doubtful_traits(segmenter: Segmenter, labels: Labels, maps: Maps) -> Floats:
    """Return what tells doubtful objects, a row for each.

    Costs about as much as cutting the objects twice more.

    Returns
    -------
    ndarray of float64, shape (n, len(TRAITS))
    """
    n_objects = int(labels.data.max(initial=0))
    if n_objects == 0:
        return np.zeros((0, len(TRAITS)))
    steady = [_steady(segmenter, labels, maps, move) for move in _MOVES]
    numbers = labels.data.ravel()
    areas = np.maximum(np.bincount(numbers, minlength=n_objects + 1)[1:], 1)
    light = np.bincount(numbers, maps.foreground.ravel(), n_objects + 1)[1:] / areas
    margin = light - maps.cutoff
    usual = max(float(np.median(margin)), 1e-9)
    sides, seams = _sides(labels.data, n_objects)
    columns = (
        *steady,
        np.log(np.clip(margin / usual, _FAINTEST, _BRIGHTEST)),
        np.minimum(sides**2 / (16 * areas), _MOST_RAGGED),
        seams / np.maximum(sides, 1),
    )
    return np.stack(columns, axis=1)


def best_overlaps(labels: NDArray[np.uint32], others: NDArray[np.uint32]) -> Floats:
    """Return, for each object, its largest overlap (intersection over union) with another.

    Parameters
    ----------
    labels, others : ndarray of uint32, shape (Y, X)
        Objects 1 to n, and 1 to m.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 where an object shares no pixel with any.

    Examples
    --------
    >>> labels, others = np.array([[1, 1, 2, 2]]), np.array([[1, 1, 1, 0]])
    >>> best_overlaps(labels, others).round(2).tolist()
    [0.67, 0.25]
    """
    shape = int(labels.max(initial=0)) + 1, int(others.max(initial=0)) + 1
    areas = np.bincount(labels.ravel(), minlength=shape[0])
    its_areas = np.bincount(others.ravel(), minlength=shape[1])
    both = (labels > 0) & (others > 0)
    own, other = labels[both].astype(np.intp), others[both].astype(np.intp)
    shared = coo_matrix((np.ones(len(own)), (own, other)), shape=shape)
    shared.sum_duplicates()
    iou = shared.data / (areas[shared.row] + its_areas[shared.col] - shared.data)
    best = np.zeros(shape[0])
    np.maximum.at(best, shared.row, iou)
    return best[1:]


def _steady(segmenter: Segmenter, labels: Labels, maps: Maps, move: float) -> Floats:
    """Return how much of each object is found again with the cutoff moved."""
    usual = float(np.median(maps.foreground[labels.data > 0])) - maps.cutoff
    foreground = (maps.foreground > maps.cutoff + move * usual) & labels.image.included
    if segmenter.fill_holes:
        foreground = fill_holes(foreground) & labels.image.included
    return best_overlaps(labels.data, segmenter.cut_apart(foreground, maps))


def _sides(labels: NDArray[np.uint32], n_objects: int) -> tuple[Floats, Floats]:
    """Return, of each object, its pixels' outer sides, and those to neighbours."""
    sides, seams = np.zeros((2, n_objects + 1))
    for one, other in (
        (labels[1:], labels[:-1]),
        (labels[:, 1:], labels[:, :-1]),
    ):
        is_side = one != other
        first, second = one[is_side], other[is_side]
        is_seam = (first > 0) & (second > 0)
        for own in (first, second):
            sides += np.bincount(own, minlength=n_objects + 1)
            seams += np.bincount(own, is_seam, n_objects + 1)
    return sides[1:], seams[1:]
