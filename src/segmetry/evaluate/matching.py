"""Which predicted object is which true object, and the scores that follow.

Only pairs of objects that share pixels are looked at, so memory grows with the number of
such pairs. Above an IoU (intersection over union) of 0.5 an object has at most one
partner; below, the one-to-one choice of the most pairs counts, and of the greatest total
IoU among those. Numbers that no pixel carries are no objects.

With neither true nor predicted objects a score is 1; with only one of the two it is 0.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.assignment import assign
from segmetry.evaluate.overlaps import count_pairs

__all__ = [
    "DSB_THRESHOLDS",
    "Matches",
    "aggregated_jaccard",
    "dsb_precision",
    "dsb_score",
    "f1_at",
    "match_objects",
    "panoptic_quality",
    "precision_at",
    "recall_at",
]

_ALWAYS_LABELS = (np.uint8, np.uint16, np.uint32)  # types without other numbers

DSB_THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


@dataclass(frozen=True, eq=False)
class Matches:
    """Pairs of overlapping objects of two label images.

    Parameters
    ----------
    predicted, truth : ndarray of uint32, shape (n_pairs,)
        Numbers of the objects of each pair, ascending by the first, then the second.
    shared : ndarray of int64, shape (n_pairs,)
        Pixels that belong to both.
    predicted_ids, true_ids : ndarray of uint32, ascending
        Numbers of all objects, paired or not.
    predicted_areas, true_areas : ndarray of int64
        Their pixels.
    """

    predicted: NDArray[np.uint32]
    truth: NDArray[np.uint32]
    shared: NDArray[np.int64]
    predicted_ids: NDArray[np.uint32]
    predicted_areas: NDArray[np.int64]
    true_ids: NDArray[np.uint32]
    true_areas: NDArray[np.int64]

    @cached_property
    def predicted_index(self) -> NDArray[np.intp]:
        """Place of the predicted object of each pair in `predicted_ids`."""
        return np.searchsorted(self.predicted_ids, self.predicted)

    @cached_property
    def true_index(self) -> NDArray[np.intp]:
        """Place of the true object of each pair in `true_ids`."""
        return np.searchsorted(self.true_ids, self.truth)

    @cached_property
    def iou(self) -> NDArray[np.float64]:
        """Shared pixels of each pair over the pixels of either."""
        areas = (
            self.predicted_areas[self.predicted_index] + self.true_areas[self.true_index]
        )
        return np.asarray(self.shared / (areas - self.shared))

    @property
    def n_predicted(self) -> int:
        """Number of predicted objects."""
        return len(self.predicted_ids)

    @property
    def n_true(self) -> int:
        """Number of true objects."""
        return len(self.true_ids)

    def n_matched(self, threshold: float) -> int:
        """Return the number of one-to-one pairs with an IoU over the threshold."""
        if not 0 <= threshold < 1:
            msg = f"threshold must be from 0 to below 1, got {threshold}"
            raise ValueError(msg)
        near = self.iou > threshold
        if threshold >= 0.5:
            return int(near.sum())
        members = self.predicted_index[near], self.true_index[near]
        return int(assign(*members, 1 - self.iou[near]).sum())


def match_objects(predicted: NDArray[np.integer], truth: NDArray[np.integer]) -> Matches:
    """Find all pairs of objects that overlap.

    Parameters
    ----------
    predicted, truth : ndarray of integers of at most 32 bits' value, same shape
        0 is background. Numbers may have gaps.

    Returns
    -------
    Matches

    Raises
    ------
    ValueError
        If the shapes differ, or the values are no labels.

    Examples
    --------
    >>> matches = match_objects(np.array([[1, 1, 1, 0]]), np.array([[0, 5, 5, 0]]))
    >>> matches.iou.round(3).tolist(), matches.true_ids
    ([0.667], array([5], dtype=uint32))
    """
    first, second = _as_labels(predicted), _as_labels(truth)
    if first.shape != second.shape:
        msg = f"both label images must have one shape, got {first.shape} and {second.shape}"
        raise ValueError(msg)
    left, right, counts = count_pairs(first, second)
    both = (left > 0) & (right > 0)
    return Matches(
        left[both],
        right[both],
        counts[both],
        *_sums(left, counts),
        *_sums(right, counts),
    )


def precision_at(matches: Matches, *, threshold: float = 0.5) -> float:
    """Return the share of predicted objects that are right, TP / (TP + FP).

    Parameters
    ----------
    matches : Matches
    threshold : float
        From 0 to below 1; an IoU equal to it is no match.

    Examples
    --------
    >>> precision_at(match_objects(np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]])))
    0.5
    """
    return _share(matches, matches.n_predicted, threshold)


def recall_at(matches: Matches, *, threshold: float = 0.5) -> float:
    """Return the share of true objects that were found, TP / (TP + FN).

    The threshold is that of `precision_at`, as in `f1_at` and `dsb_precision`.

    Examples
    --------
    >>> recall_at(match_objects(np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]])))
    1.0
    """
    return _share(matches, matches.n_true, threshold)


def f1_at(matches: Matches, *, threshold: float = 0.5) -> float:
    """Return the object F1, 2 TP / (2 TP + FP + FN), at an IoU over the threshold.

    Returns
    -------
    float
        0 to 1. If there are neither true nor predicted objects: 1.

    Examples
    --------
    >>> f1_at(match_objects(np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]])))
    0.6666666666666666
    """
    found = matches.n_matched(threshold)
    total = matches.n_predicted + matches.n_true
    return 2 * found / total if total else 1.0


def dsb_precision(matches: Matches, *, threshold: float) -> float:
    """Return TP / (TP + FP + FN) at an IoU over the threshold.

    This is the precision of the 2018 Data Science Bowl. If there are neither true nor
    predicted objects, it is 1; if only one of the two is empty, it is 0.

    Examples
    --------
    >>> matches = match_objects(np.array([[1, 0, 2]]), np.array([[1, 0, 0]]))
    >>> dsb_precision(matches, threshold=0.5)
    0.5
    """
    found = matches.n_matched(threshold)
    total = matches.n_predicted + matches.n_true - found
    return found / total if total else 1.0


def dsb_score(matches: Matches) -> float:
    """Return the mean of `dsb_precision` over IoU thresholds from 0.5 to 0.95.

    Examples
    --------
    >>> dsb_score(match_objects(np.array([[1, 1, 1, 0]]), np.array([[1, 1, 1, 1]])))
    0.5
    """
    return float(
        np.mean([dsb_precision(matches, threshold=level) for level in DSB_THRESHOLDS])
    )


def panoptic_quality(matches: Matches) -> float:
    """Return the sum of IoU over 0.5 divided by TP + FP / 2 + FN / 2.

    Returns
    -------
    float
        0 to 1. If there are neither true nor predicted objects: 1.

    References
    ----------
    A. Kirillov et al., CVPR 2019. doi:10.1109/CVPR.2019.00963

    Examples
    --------
    >>> panoptic_quality(match_objects(np.array([[1, 1, 1, 0]]), np.array([[1, 1, 1, 1]])))
    0.75
    """
    total = matches.n_predicted + matches.n_true
    return float(2 * matches.iou[matches.iou > 0.5].sum() / total) if total else 1.0


def aggregated_jaccard(matches: Matches) -> float:
    """Return the aggregated Jaccard index (AJI), which also asks for right outlines.

    Each true object takes the predicted one of the greatest IoU (the lower number where
    two are equal), or none where nothing overlaps. The index is the sum of the pixels
    they share over the sum of the pixels of either, to which the predicted objects that
    nobody took are added. As in the paper, several true objects may take the same
    predicted one, which then counts each time: a merged pair costs more than a missed
    object.

    Returns
    -------
    float
        0 to 1. If there are neither true nor predicted objects: 1.

    References
    ----------
    N. Kumar et al., IEEE Trans. Med. Imaging 36, 2017. doi:10.1109/TMI.2017.2677499

    Examples
    --------
    >>> truth = np.array([[1, 1, 1, 1, 0, 2, 2]])
    >>> aggregated_jaccard(match_objects(np.array([[1, 1, 1, 0, 5, 0, 0]]), truth))
    0.42857142857142855
    """
    # The last of each true object is its best: greatest IoU, then lowest number.
    order = np.lexsort((-matches.predicted_index, matches.iou, matches.true_index))
    owner = matches.true_index[order]
    best = order[np.flatnonzero(np.append(owner[1:] != owner[:-1], True))[: len(owner)]]
    taken = np.zeros(matches.n_predicted, dtype=bool)
    taken[matches.predicted_index[best]] = True
    shared = matches.shared[best].sum()
    either = (
        matches.true_areas.sum()
        + matches.predicted_areas[matches.predicted_index[best]].sum()
        - shared
        + matches.predicted_areas[~taken].sum()
    )
    return float(shared / either) if either else 1.0


def _share(matches: Matches, total: int, threshold: float) -> float:
    if matches.n_predicted == matches.n_true == 0:
        return 1.0
    return matches.n_matched(threshold) / total if total else 0.0


def _as_labels(values: NDArray[np.integer]) -> NDArray[np.uint32]:
    if values.dtype.kind not in "biu":
        msg = f"labels must be integers, got {values.dtype}"
        raise ValueError(msg)
    unchecked = values.dtype.kind == "b" or values.dtype in _ALWAYS_LABELS
    if not unchecked and values.size and not _in_range(values):
        msg = f"labels must be from 0 to 2**32 - 1, got {values.min()} to {values.max()}"
        raise ValueError(msg)
    return values.astype(np.uint32, copy=False)


def _in_range(values: NDArray[np.integer]) -> bool:
    return bool(values.min() >= 0 and values.max() <= np.iinfo(np.uint32).max)


def _sums(
    ids: NDArray[np.uint32], counts: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the numbers of all objects and the pixels of each."""
    present = ids > 0
    found, place = np.unique(ids[present], return_inverse=True)
    return found, np.bincount(place, counts[present], found.size).astype(np.int64)
