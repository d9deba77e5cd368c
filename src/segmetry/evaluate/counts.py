"""How well counts of objects agree with the truth, over a set of pictures.

Errors are in objects, found minus true, and so are defined where a picture has none. The
error in percent is a share of the larger of both counts: an object found on an empty
picture is an error of 100 %, not of infinitely many.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.intervals import MeanScore, Statistic, draw_pictures, with_interval

__all__ = ["judge_counts", "score_counts"]

_NOT_NEGATIVE = (0.0, np.inf)
_LIMIT = 1.96  # standard deviations: 95 of 100 errors lie within, if they are normal


def judge_counts(found: float, true: float) -> dict[str, float]:
    """Return the counts of one picture and their errors by name.

    Parameters
    ----------
    found, true : float
        From 0 up.

    Returns
    -------
    dict of str to float
        "n_predicted", "n_true", "count_bias", "count_mae", and "count_error_percent":
        100 times the error over the larger count, 0 where both are 0.

    Examples
    --------
    >>> judge_counts(1, 0)["count_error_percent"], judge_counts(8, 10)["count_mae"]
    (100.0, 2)
    """
    apart = abs(found - true)
    return {
        "n_predicted": found,
        "n_true": true,
        "count_bias": found - true,
        "count_mae": apart,
        "count_error_percent": 100 * apart / max(found, true) if apart else 0.0,
    }


def score_counts(
    predicted: Sequence[float],
    truth: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Mapping[str, MeanScore]:
    """Return errors of counts with their intervals.

    Parameters
    ----------
    predicted, truth : sequence of float
        Counts of each picture, in the same order.
    clusters, level, seed
        As in `mean_score`.

    Returns
    -------
    dict of str to MeanScore
        "count_bias", the mean error; "count_mae", the mean absolute error; "count_rmse",
        the root of the mean squared error; "count_medae", the median absolute error;
        "count_limit_low" and "count_limit_high", the limits of agreement, bias -+ 1.96
        standard deviations of the errors, between which about 95 of 100 pictures' errors
        lie [1]_; "count_error_percent", the mean of what `judge_counts` says; and
        "count_bias_percent", the error of the total in percent of the true total, NaN where
        that is 0.

    Raises
    ------
    ValueError
        If there are not as many predicted as true counts, or one is negative or no number.

    References
    ----------
    .. [1] J. M. Bland, D. G. Altman, Lancet 327, 1986.
           doi:10.1016/S0140-6736(86)90837-8

    Examples
    --------
    >>> errors = score_counts([11, 9, 0, 24], [10, 10, 0, 20])
    >>> errors["count_bias"].value, errors["count_mae"].value, errors["count_medae"].value
    (1.0, 1.5, 1.0)
    """
    found, true = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    if found.shape != true.shape:
        msg = f"both need one count a picture, got {found.size} and {true.size}"
        raise ValueError(msg)
    if not (np.isfinite([found, true]).all() and (found >= 0).all() and (true >= 0).all()):
        msg = "counts must be numbers from 0 up"
        raise ValueError(msg)
    drawn = draw_pictures(found.size, clusters=clusters, level=level, seed=seed)
    errors = found - true
    unbounded = (-np.inf, np.inf)
    pairs = zip(found.tolist(), true.tolist(), strict=True)
    percent = np.array([judge_counts(*pair)["count_error_percent"] for pair in pairs])
    statistics: dict[str, tuple[Statistic, tuple[float, float]]] = {
        "count_bias": (_mean_of(errors), unbounded),
        "count_mae": (_mean_of(np.abs(errors)), _NOT_NEGATIVE),
        "count_rmse": (lambda d: np.sqrt(_mean_of(errors**2)(d)), _NOT_NEGATIVE),
        "count_medae": (lambda d: _median(np.abs(errors), d), _NOT_NEGATIVE),
        "count_limit_low": (lambda d: _limit(errors, d, -_LIMIT), unbounded),
        "count_limit_high": (lambda d: _limit(errors, d, _LIMIT), unbounded),
        "count_error_percent": (_mean_of(percent), (0.0, 100.0)),
        "count_bias_percent": (
            lambda d: 100 * _divided(d @ errors, d @ true),
            (-100.0, np.inf),
        ),
    }
    return {
        name: with_interval(statistic, drawn, bounds=bounds)
        for name, (statistic, bounds) in statistics.items()
    }


def _mean_of(values: NDArray[np.float64]) -> Statistic:
    return lambda draws: np.asarray(draws @ values / draws.sum(axis=1))


def _median(values: NDArray[np.float64], draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median where each value counts as often as it was drawn."""
    order = np.argsort(values)
    upto = np.cumsum(draws[:, order], axis=1)
    half = upto[:, -1:] / 2
    below = np.argmax(upto >= half, axis=1)
    above = np.argmax(upto > half, axis=1)
    return np.asarray((values[order][below] + values[order][above]) / 2)


def _limit(
    errors: NDArray[np.float64], draws: NDArray[np.float64], times: float
) -> NDArray[np.float64]:
    n = draws.sum(axis=1)
    mean = draws @ errors / n
    # Centred first: a small spread about a large mean survives the subtraction.
    centred = errors - errors.mean()
    squares = draws @ centred**2 - n * (mean - errors.mean()) ** 2
    variance = _divided(np.maximum(squares, 0), n - 1)
    return np.asarray(mean + times * np.sqrt(variance))


def _divided(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan))
