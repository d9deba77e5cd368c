"""Scores of a probability map without choosing a cutoff: AUC-ROC, AUC-PR and kin.

Only the order of the values counts. Pixels of equal value are taken together, so a
constant map has an AUC-ROC of exactly one half.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ranking", "binned", "merge_rankings", "rank_pixels"]

Floats = NDArray[np.float64]
_HAIR = 1e-9  # a specificity reached but for rounding is reached


@dataclass(frozen=True, eq=False)
class Ranking:
    """How many true and false pixels have each value, the greatest value first.

    Parameters
    ----------
    values : ndarray of float32, shape (n,)
        Descending.
    positives, negatives : ndarray of float64, shape (n,) or (n_draws, n)
        Pixels of each value that are truly foreground and truly background.
    """

    values: NDArray[np.float32]
    positives: Floats
    negatives: Floats

    def auc_roc(self) -> float:
        """Return the area under the ROC curve; NaN without foreground or background.

        It is the chance that a random foreground pixel has a greater value than a random
        background pixel, ties counting one half.

        References
        ----------
        J. A. Hanley, B. J. McNeil, Radiology 143, 1982.
        doi:10.1148/radiology.143.1.7063747
        """
        return float(auc_roc(self.positives, self.negatives))

    def auc_pr(self) -> float:
        """Return the area under the precision-recall curve; NaN without foreground.

        The sum, over all cutoffs, of precision times gain in recall: steps, not straight
        lines, which would flatter. Also called average precision. A map that knows
        nothing has the share of foreground.
        """
        return float(auc_pr(self.positives, self.negatives))

    def sensitivity_at(self, specificity: float) -> float:
        """Return the greatest sensitivity of all cutoffs of at least this specificity.

        NaN without foreground or background.

        Raises
        ------
        ValueError
            If the specificity is not between 0 and 1.
        """
        if not 0 <= specificity <= 1:
            msg = f"specificity must be from 0 to 1, got {specificity}"
            raise ValueError(msg)
        return float(sensitivity_at(self.positives, self.negatives, specificity))


def rank_pixels(
    probability: NDArray[np.floating],
    truth: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> Ranking:
    """Count the true and false pixels of each value of a probability map.

    Parameters
    ----------
    probability : ndarray of float, any shape
        Greater where foreground is more likely; need not lie between 0 and 1.
    truth : ndarray of bool, same shape
    included : ndarray of bool, same shape, or None
        Pixels to count; `None` counts all.

    Returns
    -------
    Ranking

    Raises
    ------
    ValueError
        If the shapes differ, or a value is no number.

    Examples
    --------
    >>> found = np.array([0.9, 0.8, 0.3, 0.3])
    >>> ranking = rank_pixels(found, np.array([True, False, True, False]))
    >>> ranking.auc_roc(), ranking.sensitivity_at(0.5)
    (0.625, 0.5)
    """
    shapes = {probability.shape, truth.shape}
    shapes |= set() if included is None else {included.shape}
    if len(shapes) > 1:
        msg = f"map and masks must have one shape, got {sorted(shapes)}"
        raise ValueError(msg)
    chosen = ... if included is None else included
    values, right = probability[chosen].ravel(), truth[chosen].ravel()
    values = values.astype(np.float32)
    if not np.isfinite(values).all():
        msg = "a probability map must hold numbers only, got NaN or infinite values"
        raise ValueError(msg)
    order = _descending(values)
    values, right = values[order], right[order]
    return _collected(values, right, ~right)


def merge_rankings(rankings: Sequence[Ranking]) -> Ranking:
    """Return the ranking of the pixels of several pictures together.

    Parameters
    ----------
    rankings : sequence of Ranking

    Examples
    --------
    >>> one = rank_pixels(np.array([0.9, 0.1]), np.array([True, False]))
    >>> merge_rankings([one, one]).positives
    array([2., 0.])
    """
    if not rankings:
        return Ranking(np.zeros(0, np.float32), np.zeros(0), np.zeros(0))
    values = np.concatenate([item.values for item in rankings])
    order = _descending(values)
    positives = np.concatenate([item.positives for item in rankings])[order]
    negatives = np.concatenate([item.negatives for item in rankings])[order]
    return _collected(values[order], positives, negatives)


def binned(
    rankings: Sequence[Ranking], pooled: Ranking, *, n_bins: int = 500
) -> tuple[Floats, Floats]:
    """Return true and false pixels of each picture in the same few bins of value.

    Bins hold about equally many pixels of all pictures. Scores of bins scatter from
    resample to resample as the exact ones do, and cost little.

    Parameters
    ----------
    rankings : sequence of Ranking
    pooled : Ranking
        What `merge_rankings` made of them.
    n_bins : int

    Returns
    -------
    positives, negatives : ndarray of float64, shape (n_pictures, bins)
        The greatest values first.
    """
    rank = np.cumsum(pooled.positives + pooled.negatives)
    wanted = rank[-1:].sum() * np.arange(1, n_bins) / n_bins
    place = np.minimum(np.searchsorted(rank, wanted), rank.size - 1)
    edges = np.unique(-pooled.values[place]) if rank.size else pooled.values
    tables = np.zeros((2, len(rankings), len(edges) + 1))
    for row, item in enumerate(rankings):
        ends = np.append(np.searchsorted(-item.values, edges, "right"), item.values.size)
        for table, counts in zip(tables, (item.positives, item.negatives), strict=True):
            table[row] = np.diff(np.append(0, np.cumsum(counts))[ends], prepend=0)
    return tables[0], tables[1]


def auc_roc(positives: Floats, negatives: Floats) -> Floats:
    """Return the area under the ROC curve of counts along the last axis."""
    above = np.cumsum(positives, axis=-1) - positives / 2
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    return _divided((above * negatives).sum(axis=-1), pairs)


def auc_pr(positives: Floats, negatives: Floats) -> Floats:
    """Return the average precision of counts along the last axis."""
    right = np.cumsum(positives, axis=-1)
    found = right + np.cumsum(negatives, axis=-1)
    precision = right / np.maximum(found, 1e-300)
    return _divided((precision * positives).sum(axis=-1), positives.sum(axis=-1))


def sensitivity_at(
    positives: Floats, negatives: Floats, specificity: float | Floats
) -> Floats:
    """Return the best sensitivity at a specificity of counts along the last axis.

    The specificity is a number, or one for each draw, shape (n_draws, 1).
    """
    total = negatives.sum(axis=-1, keepdims=True)
    allowed = np.cumsum(negatives, axis=-1) <= (1 - specificity + _HAIR) * total
    found = np.where(allowed, np.cumsum(positives, axis=-1), 0).max(axis=-1, initial=0)
    share = _divided(found, positives.sum(axis=-1))
    return np.asarray(np.where(total[..., 0] > 0, share, math.nan))


def _descending(values: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return the order of falling values, equal ones as they stand.

    A value and its place share an integer, because integers are sorted many times faster
    than places are by their values.
    """
    bits = (values + np.float32(0)).view(np.uint32)  # + 0: there are two zeros
    falling = np.where(bits >> 31, bits, ~bits & np.uint32(0x7FFFFFFF)).astype(np.uint64)
    keys = (falling << np.uint64(32)) | np.arange(values.size, dtype=np.uint64)
    keys.sort()
    return keys & np.uint64(0xFFFFFFFF)


def _collected(
    values: NDArray[np.float32], positives: NDArray[Any], negatives: NDArray[Any]
) -> Ranking:
    """Join entries of equal value; values descend."""
    if not values.size:
        return Ranking(values, np.zeros(0), np.zeros(0))
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    return Ranking(
        values[starts],
        np.add.reduceat(positives.astype(np.float64), starts),
        np.add.reduceat(negatives.astype(np.float64), starts),
    )


def _divided(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1), math.nan))
