"""Whether probabilities can be believed that say how sure found objects are.

The Brier score tells it, and a table of reliability: of the objects said to be right with
80 %, 80 % should be right.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ReliabilityBin",
    "brier_score",
    "calibration_error",
    "reliability",
]


@dataclass(frozen=True)
class ReliabilityBin:
    """Objects of similar probability: what was said, and what was true.

    Parameters
    ----------
    low, high : float
        The bin: from `low` to below `high`, the last one including 1.
    probability : float
        Mean probability that was said; NaN in an empty bin.
    matched : float
        Share that was right; NaN in an empty bin.
    n : int
        Number of objects.
    """

    low: float
    high: float
    probability: float
    matched: float
    n: int


def brier_score(probability: NDArray[np.floating], matched: NDArray[np.bool_]) -> float:
    """Return the mean squared difference of probability and truth; 0 is perfect.

    Saying 50 % of everything gives 0.25. NaN if there are no objects.

    Parameters
    ----------
    probability : ndarray of float, shape (n,)
    matched : ndarray of bool, shape (n,)

    References
    ----------
    G. W. Brier, Mon. Weather Rev. 78, 1950.
    doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2

    Examples
    --------
    >>> brier_score(np.array([1.0, 0.5]), np.array([True, False]))
    0.125
    """
    if not len(probability):
        return math.nan
    return float(np.mean((probability - matched) ** 2))


def reliability(
    probability: NDArray[np.floating], matched: NDArray[np.bool_], *, n_bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Return, for bins of equal width, the probability that was said and what was true.

    Parameters
    ----------
    probability : ndarray of float, shape (n,)
        0 to 1.
    matched : ndarray of bool, shape (n,)
    n_bins : int

    Returns
    -------
    tuple of ReliabilityBin
        Ascending, empty bins included.

    Examples
    --------
    >>> low, high = reliability(np.array([0.2, 0.9]), np.array([False, True]), n_bins=2)
    >>> high.probability, high.matched, high.n
    (0.9, 1.0, 1)
    """
    place = np.minimum((np.asarray(probability) * n_bins).astype(np.intp), n_bins - 1)
    counts = np.bincount(place, minlength=n_bins)
    with np.errstate(invalid="ignore"):
        said = np.bincount(place, probability, n_bins) / counts
        right = np.bincount(place, matched, n_bins) / counts
    return tuple(
        ReliabilityBin(
            k / n_bins, (k + 1) / n_bins, float(said[k]), float(right[k]), int(counts[k])
        )
        for k in range(n_bins)
    )


def calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return the mean distance of said probability and true share (ECE), over objects.

    Parameters
    ----------
    bins : sequence of ReliabilityBin

    Returns
    -------
    float
        0 is perfect; NaN if there are no objects. With few objects a bin it is too large.

    References
    ----------
    M. P. Naeini et al., AAAI 2015. doi:10.1609/aaai.v29i1.9602

    Examples
    --------
    >>> calibration_error([ReliabilityBin(0.5, 1, 0.75, 0.5, 8)])
    0.25
    """
    total = sum(item.n for item in bins)
    if not total:
        return math.nan
    apart = sum(item.n * abs(item.probability - item.matched) for item in bins if item.n)
    return apart / total
