"""Which predicted object is which true object, and the scores that follow.

Only pairs of objects that share pixels are looked at, so memory grows with the number of
such pairs. Above an IoU (intersection over union) of 0.5 an object has at most one
partner, so matching needs no search. Numbers that no pixel carries are no objects.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DSB_THRESHOLDS",
    "Matches",
    "dsb_precision",
    "dsb_score",
    "f1_at",
    "match_objects",
    "panoptic_quality",
]

DSB_THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


@dataclass(frozen=True, eq=False)
class Matches:
    """Pairs of overlapping objects of two label images.

    Parameters
    ----------
    predicted, truth : ndarray of integers, shape (n_pairs,)
        Numbers of the objects of each pair.
    iou : ndarray of float64, shape (n_pairs,)
        Shared pixels over pixels of either.
    predicted_ids, true_ids : ndarray of uint32, ascending
        Numbers of all objects, paired or not.
    """

    predicted: NDArray[np.integer]
    truth: NDArray[np.integer]
    iou: NDArray[np.float64]
    predicted_ids: NDArray[np.uint32]
    true_ids: NDArray[np.uint32]

    @property
    def n_predicted(self) -> int:
        """Number of predicted objects."""
        return len(self.predicted_ids)

    @property
    def n_true(self) -> int:
        """Number of true objects."""
        return len(self.true_ids)

    def n_matched(self, threshold: float) -> int:
        """Return the number of pairs with an IoU over the threshold, at least 0.5."""
        if threshold < 0.5:
            msg = (
                "threshold must be at least 0.5, below it pairs are not unique; "
                f"got {threshold}"
            )
            raise ValueError(msg)
        return int((self.iou > threshold).sum())


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
    predicted_ids, predicted_areas = _ids_and_areas(first)
    true_ids, true_areas = _ids_and_areas(second)
    both = (first > 0) & (second > 0)
    packed = (first[both].astype(np.uint64) << np.uint64(32)) | second[both]
    pairs, shared = np.unique(packed, return_counts=True)
    left = (pairs >> np.uint64(32)).astype(np.uint32)
    right = (pairs & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    sums = (
        predicted_areas[np.searchsorted(predicted_ids, left)]
        + true_areas[np.searchsorted(true_ids, right)]
    )
    return Matches(left, right, shared / (sums - shared), predicted_ids, true_ids)


def f1_at(matches: Matches, *, threshold: float = 0.5) -> float:
    """Return the object F1, 2 TP / (2 TP + FP + FN), at an IoU over the threshold.

    Parameters
    ----------
    matches : Matches
    threshold : float
        From 0.5; an IoU equal to it is no match.

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


def _as_labels(values: NDArray[np.integer]) -> NDArray[np.uint32]:
    if values.dtype.kind not in "biu":
        msg = f"labels must be integers, got {values.dtype}"
        raise ValueError(msg)
    if values.size and (values.min() < 0 or values.max() > np.iinfo(np.uint32).max):
        msg = f"labels must be from 0 to 2**32 - 1, got {values.min()} to {values.max()}"
        raise ValueError(msg)
    return values.astype(np.uint32)


def _ids_and_areas(
    labels: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    ids, areas = np.unique(labels[labels > 0], return_counts=True)
    return ids, areas
