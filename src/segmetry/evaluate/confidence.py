"""How sure a found object is: a probability learnt from objects that were judged.

A logistic model turns a few features of an object (how steep its edge is, how round it
is, ...) into the probability that it matches a true object. Whether such probabilities
can be believed is told by the Brier score and by a table of reliability: of the objects
said to be right with 80 %, 80 % should be right.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Confidence",
    "ReliabilityBin",
    "brier_score",
    "calibration_error",
    "fit_confidence",
    "reliability",
]

_MOST_STEPS = 100
_SMALL = 1e-10  # a change of the loss, per object, that ends the search


@dataclass(frozen=True)
class Confidence:
    """A logistic model of the probability that an object is right.

    Parameters
    ----------
    features : tuple of str
        Names of the features, in the order of `coefficients`.
    coefficients : tuple of float
        Change of the log odds for each unit of a feature.
    intercept : float
        Log odds where all features are 0.

    Examples
    --------
    >>> model = Confidence(("contrast",), (2.0,), -1.0)
    >>> model.probability(np.array([[0.5], [5.0]])).round(3)
    array([0.5, 1. ])
    """

    features: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float

    def probability(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the probability that each object is right.

        Parameters
        ----------
        values : ndarray of float, shape (n, n_features)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        odds = np.asarray(values, np.float64) @ np.array(self.coefficients)
        return _logistic(odds + self.intercept)

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values, from which `from_json` makes the model."""
        return {
            "features": list(self.features),
            "coefficients": list(self.coefficients),
            "intercept": self.intercept,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Confidence":
        """Return the model that `as_json` stored."""
        return cls(
            tuple(stored["features"]), tuple(stored["coefficients"]), stored["intercept"]
        )


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


def fit_confidence(
    values: NDArray[np.floating],
    matched: NDArray[np.bool_],
    *,
    features: Sequence[str],
    penalty: float = 1.0,
) -> Confidence:
    """Learn from judged objects how probable it is that an object is right.

    Logistic regression by Newton's method, with a ridge penalty on the standardised
    coefficients and Platt's softened targets, so that there is an answer even where all
    objects are right. The same input always gives the same model. It can only be as good
    as the features; that it holds for pictures of another kind is not said.

    Parameters
    ----------
    values : ndarray of float, shape (n, n_features)
        Features of the objects. A feature with a long tail is better given as a
        logarithm: a few extreme objects would set its scale.
    matched : ndarray of bool, shape (n,)
        Whether each object matched a true one.
    features : sequence of str
        Names of the features.
    penalty : float
        Weight of the ridge penalty, 0 or more; 1 is as much as one object.

    Returns
    -------
    Confidence

    Raises
    ------
    ValueError
        If shapes do not fit, a value is not finite, there is no object, or the penalty is
        negative.

    Examples
    --------
    >>> contrast = np.arange(20.0)[:, None]
    >>> model = fit_confidence(contrast, contrast[:, 0] > 9, features=["contrast"])
    >>> bool(model.probability(np.array([[3.0]]))[0] < 0.2)
    True
    """
    table = np.asarray(values, np.float64)
    _check(table, matched, features, penalty)
    centre, spread = table.mean(axis=0), table.std(axis=0)
    varies = spread > 1e-12 * np.maximum(1, np.abs(centre))
    scale = np.where(varies, spread, 1.0)
    scaled = np.where(varies, (table - centre) / scale, 0.0)
    weights = _newton(np.column_stack([np.ones(len(table)), scaled]), matched, penalty)
    coefficients = weights[1:] / scale
    intercept = weights[0] - coefficients @ centre
    return Confidence(tuple(features), tuple(coefficients.tolist()), float(intercept))


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


def _check(
    table: NDArray[np.float64],
    matched: NDArray[np.bool_],
    features: Sequence[str],
    penalty: float,
) -> None:
    if table.ndim != 2 or table.shape != (len(matched), len(features)) or not len(matched):
        msg = (
            f"values must have one row per object and one column per feature, got shape "
            f"{table.shape} for {len(matched)} objects and {len(features)} features"
        )
        raise ValueError(msg)
    if not np.isfinite(table).all():
        msg = "features must be finite; leave out objects whose features are unknown"
        raise ValueError(msg)
    if penalty < 0:
        msg = f"penalty must not be negative, got {penalty}"
        raise ValueError(msg)


def _newton(
    table: NDArray[np.float64], matched: NDArray[np.bool_], penalty: float
) -> NDArray[np.float64]:
    """Return the weights of least penalised loss; the first column has no penalty."""
    n_right = int(matched.sum())
    # Platt's targets keep the answer finite where the classes can be told apart.
    high, low = (n_right + 1) / (n_right + 2), 1 / (len(matched) - n_right + 2)
    target = np.where(matched, high, low)
    ridge = np.full(table.shape[1], max(penalty, 1e-9))
    ridge[0] = 0.0
    weights = np.zeros(table.shape[1])
    loss = _loss(table, target, weights, ridge)
    for _ in range(_MOST_STEPS):
        said = _logistic(table @ weights)
        slope = table.T @ (said - target) + ridge * weights
        bend = (table.T * (said * (1 - said))) @ table + np.diag(ridge)
        step = np.linalg.lstsq(bend, slope, rcond=None)[0]
        share = 1.0
        while _loss(table, target, weights - share * step, ridge) > loss and share > 1e-6:
            share /= 2
        before, weights = loss, weights - share * step
        loss = _loss(table, target, weights, ridge)
        if before - loss <= _SMALL * len(matched):
            break
    return weights


def _loss(
    table: NDArray[np.float64],
    target: NDArray[np.float64],
    weights: NDArray[np.float64],
    ridge: NDArray[np.float64],
) -> float:
    odds = table @ weights
    return float(np.sum(np.logaddexp(0, odds) - target * odds) + ridge @ weights**2 / 2)


def _logistic(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(odds / 2)))
