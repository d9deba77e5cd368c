"""Scores of pixels: how much of the foreground is right."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PixelCounts", "count_pixels", "dice"]


@dataclass(frozen=True)
class PixelCounts:
    """Pixels that are right and wrong, and the scores that follow.

    Foreground means object. A score whose divisor is 0 is NaN, except that the overlap of
    two pictures without foreground is perfect.

    Parameters
    ----------
    tp, fp, fn, tn : int
        True and false positives, false and true negatives: foreground found and true,
        found only, true only, and neither.

    Examples
    --------
    >>> counts = PixelCounts(tp=6, fp=2, fn=2, tn=90)
    >>> counts.iou, counts.dice, counts.accuracy, counts.sensitivity
    (0.6, 0.75, 0.96, 0.75)
    """

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def iou(self) -> float:
        """Intersection over union of the foreground, TP / (TP + FP + FN)."""
        union = self.tp + self.fp + self.fn
        return self.tp / union if union else 1.0

    @property
    def dice(self) -> float:
        """2 TP / (2 TP + FP + FN): the F1 of pixels."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 1.0

    @property
    def accuracy(self) -> float:
        """Share of all pixels that are right; high for nothing where objects are few."""
        return _ratio(self.tp + self.tn, self.tp + self.fp + self.fn + self.tn)

    @property
    def sensitivity(self) -> float:
        """Share of the true foreground that was found, TP / (TP + FN); also recall."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def specificity(self) -> float:
        """Share of the true background that was left alone, TN / (TN + FP)."""
        return _ratio(self.tn, self.tn + self.fp)

    @property
    def precision(self) -> float:
        """Share of the found foreground that is true, TP / (TP + FP)."""
        return _ratio(self.tp, self.tp + self.fp)


def count_pixels(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> PixelCounts:
    """Compare two masks pixel by pixel.

    Parameters
    ----------
    predicted, truth : ndarray of bool, same shape
    included : ndarray of bool, same shape, or None
        Pixels to count, such as the field of view; `None` counts all.

    Returns
    -------
    PixelCounts

    Raises
    ------
    ValueError
        If the shapes differ, or an array is not boolean.

    Examples
    --------
    >>> count_pixels(np.array([True, True, False]), np.array([True, False, False]))
    PixelCounts(tp=1, fp=1, fn=0, tn=1)
    """
    arrays = [predicted, truth] + ([] if included is None else [included])
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        msg = f"all masks must have one shape, got {sorted(shapes)}"
        raise ValueError(msg)
    if any(array.dtype != bool for array in arrays):
        msg = f"masks must be boolean, got {[str(array.dtype) for array in arrays]}"
        raise ValueError(msg)
    if included is not None:
        predicted, truth = predicted[included], truth[included]
    both = int(np.count_nonzero(predicted & truth))
    found, true = int(np.count_nonzero(predicted)), int(np.count_nonzero(truth))
    return PixelCounts(both, found - both, true - both, truth.size - found - true + both)


def dice(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> float:
    """Return the Dice coefficient of the FOREGROUND, 2 TP / (2 TP + FP + FN).

    The background's Dice, which some programs report, is near 1 even for a method that
    finds nothing.

    Parameters
    ----------
    predicted, truth : ndarray of bool, same shape
    included : ndarray of bool, same shape, or None
        Pixels to count; `None` counts all.

    Returns
    -------
    float
        0 to 1. If there is no foreground in either: 1.

    Raises
    ------
    ValueError
        If the shapes differ, or an array is not boolean.

    Examples
    --------
    >>> dice(np.array([True, True, False]), np.array([True, False, False]))
    0.6666666666666666
    """
    return count_pixels(predicted, truth, included=included).dice


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
