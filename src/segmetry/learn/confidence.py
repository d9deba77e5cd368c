"""Learning from judged objects how likely an object is a true one.

The features of an object tell it by a logistic function; see `segmetry.models.confidence`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from segmetry.models import Confidence

__all__ = ["fit_confidence"]

_MOST_STEPS = 100
_SMALL = 1e-10  # a change of the loss, per object, that ends the search


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
    return Confidence(
        features=tuple(features),
        coefficients=tuple(coefficients.tolist()),
        intercept=float(intercept),
    )


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
        said = expit(table @ weights)
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
