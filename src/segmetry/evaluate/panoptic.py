"""Panoptic quality: segments of each class, and which of them are found.

The segments of a class are its objects where objects are given ("things"), else all of its
pixels in a picture ("stuff"). A found and a true segment match where their IoU is over 0.5;
a segment that was found mostly where nothing is known is no error [1]_.

References
----------
.. [1] A. Kirillov, K. He, R. Girshick, C. Rother, P. Dollár, "Panoptic segmentation", CVPR
       2019. doi:10.1109/CVPR.2019.00963
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.image import NOT_KNOWN

__all__ = ["Objects", "Segments", "match_segments", "true_things"]

Counts = NDArray[np.int64]
Objects = tuple[NDArray[np.integer], NDArray[np.integer]]

_MATCH = 0.5  # IoU over which two segments are one; there is at most one such
_OVER = 0.5  # of a segment where nothing is known: it is no error


@dataclass(frozen=True, eq=False)
class Segments:
    """How segments of each class match.

    Parameters
    ----------
    iou : ndarray of float64, shape (C,)
        Sum over the matches.
    tp, fp, fn : ndarray of int64, shape (C,)
        Matches, found segments without one, and true segments without one.
    things : ndarray of bool, shape (C,)
        Classes whose segments are objects.
    """

    iou: NDArray[np.float64]
    tp: Counts
    fp: Counts
    fn: Counts
    things: NDArray[np.bool_]


def true_things(truth: NDArray[np.uint8], objects: NDArray[np.integer]) -> list[int]:
    """Return the classes in which objects lie, each that of most of its pixels.

    Parameters
    ----------
    truth : ndarray of uint8
        Numbers of classes; 255 is not known.
    objects : ndarray of integers, same shape
        Labels; 0 is background.

    Examples
    --------
    >>> true_things(np.uint8([[0, 2, 2, 1]]), np.array([[0, 1, 1, 1]]))
    [2]
    """
    places = _counted(objects)
    of_each = _class_of_each(places, truth, truth != NOT_KNOWN, NOT_KNOWN)
    return sorted({int(k) for k in of_each if k < NOT_KNOWN})


def match_segments(
    found: NDArray[np.int64],
    truth: NDArray[np.uint8],
    known: NDArray[np.bool_],
    things: NDArray[np.bool_],
    objects: Objects | None = None,
) -> Segments:
    """Match the segments of a picture or volume, class by class.

    Parameters
    ----------
    found : ndarray of int64
        Numbers of classes from 0 to C - 1; C where none was found.
    truth : ndarray of uint8, same shape
    known : ndarray of bool, same shape
        Where the true class is known, and counts.
    things : ndarray of bool, shape (C,)
        Classes whose segments are objects.
    objects : (ndarray of integers, ndarray of integers) or None
        Labels of the found and of the true objects.

    Returns
    -------
    Segments
    """
    n_classes = len(things)
    classes = truth.astype(np.int64)
    numbers: list[NDArray[np.int64]] = [np.zeros(truth.shape, np.int64)] * 2
    if objects is not None:
        numbers = [_counted(part) for part in objects]
        of_found = _class_of_each(numbers[0], found, found < n_classes, n_classes)
        of_true = _class_of_each(numbers[1], truth, known, n_classes)
        found = np.where(numbers[0] > 0, of_found[numbers[0]], _ground(found, things))
        classes = np.where(numbers[1] > 0, of_true[numbers[1]], _ground(truth, things))
    sums = np.zeros((4, n_classes))
    for k in range(n_classes):
        found_one, true_one = (
            np.where(of == k, part + 1 if things[k] else 1, 0)
            for of, part in ((found, numbers[0]), (classes, numbers[1]))
        )
        sums[:, k] = _matched(found_one, np.where(known, true_one, 0), known)
    tp, fp, fn = sums[1:].astype(np.int64)
    return Segments(sums[0], tp, fp, fn, things)


def _ground(classes: NDArray[np.integer], things: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the classes of pixels outside of objects: things are there of no class."""
    no_class = len(things)
    table = np.where(things, no_class, np.arange(no_class))
    table = np.append(table, np.full(NOT_KNOWN + 1 - no_class, no_class))
    return np.asarray(table[classes], np.int64)


def _counted(objects: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return objects as 1 to n in the order of their numbers, which may be far apart."""
    ids = np.union1d([0], objects)
    return np.searchsorted(ids, objects).astype(np.int64)


def _class_of_each(
    objects: NDArray[np.integer],
    classes: NDArray[np.integer],
    known: NDArray[np.bool_],
    n_classes: int,
) -> NDArray[np.int64]:
    """Return the class of most pixels of each object, by its place; C of none."""
    inside = known & (objects > 0)
    places = objects[inside].astype(np.int64) * n_classes + classes[inside]
    counts = np.bincount(places, minlength=(int(objects.max(initial=0)) + 1) * n_classes)
    counts = counts.reshape(-1, n_classes)
    return np.where(counts.any(axis=1), counts.argmax(axis=1), n_classes)


def _matched(
    found: NDArray[np.int64], truth: NDArray[np.int64], known: NDArray[np.bool_]
) -> tuple[float, int, int, int]:
    """Return the sum of IoU, matches, and those without one on either side."""
    whole = np.bincount(found.ravel())
    inside = np.bincount(found[known], minlength=whole.size)
    true = np.bincount(truth[known], minlength=1)
    both = known & (found > 0) & (truth > 0)
    pairs = found[both] * true.size + truth[both]
    places, shared = np.unique(pairs, return_counts=True)
    one, other = np.divmod(places, true.size)
    iou = shared / (inside[one] + true[other] - shared)
    good = iou > _MATCH
    is_matched = np.zeros(whole.size, bool)
    is_matched[one[good]] = True
    is_error = (whole > 0) & ~is_matched & (inside > _OVER * whole)
    tp = int(good.sum())
    return (
        float(iou[good].sum()),
        tp,
        int(is_error[1:].sum()),
        int((true[1:] > 0).sum()) - tp,
    )
