"""Totals of all pictures from a few that a person corrected.

A program counted K pictures; a person corrects k of them, chosen at random. The automatic
counts of all pictures say how the pictures differ, the corrected ones how far automatic
counts are off: the prediction-powered estimate of the mean is

    mean of corrected + lambda (mean of automatic, all - mean of automatic, corrected ones)

With lambda 1 the mean error of the corrected pictures is taken off [1]_; with lambda 0
automatic counts play no part. Best is the slope of corrected against automatic counts,
which so few pictures cannot tell well [2]_. So it is drawn towards 1, or, where automatic
counts are too high on the whole, towards the share that is right; and leaving out each
corrected picture in turn (a jackknife, with lambda found anew) says how sure the result
is [3]_. Pictures richer than all corrected ones were never checked: what is in excess
there is taken to be uncertain by all of itself (a triangular distribution, [4]_).

The pictures are all that there is to count (K is finite): with all of them corrected
nothing is left to be unsure of.

References
----------
.. [1] A. N. Angelopoulos, S. Bates, C. Fannjiang, M. I. Jordan, T. Zrnic,
       "Prediction-powered inference", Science 382, 2023. doi:10.1126/science.adi6000
.. [2] A. N. Angelopoulos, J. C. Duchi, T. Zrnic, "PPI++: Efficient prediction-powered
       inference", 2023. arXiv:2311.01453
.. [3] W. G. Cochran, "Sampling Techniques", 3rd edition, 1977, chapters 2, 6 and 7.
.. [4] JCGM 100:2008, "Guide to the expression of uncertainty in measurement", 4.3.9.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from segmetry.measure.intervals import Estimate

__all__ = ["METHODS", "Method", "estimate_mean", "estimate_total"]

Floats = NDArray[np.float64]
# The mean of all pictures, the residual of each corrected one, and the slope.
_Found = tuple[Floats, Floats, Floats]
Method = Literal["prediction-powered", "difference", "ratio", "corrected alone"]

METHODS: dict[Method, str] = {
    "prediction-powered": "automatic counts, as far as corrected ones follow them",
    "difference": "automatic counts minus their mean error",
    "ratio": "automatic counts times corrected over automatic",
    "corrected alone": "corrected counts times all over corrected pictures",
}

# Chosen by simulation (benchmarks/corrected_sample.py): the pull is that of so many more
# pictures, and pictures without an error are credited with half an error, as Jeffreys does.
_PRIOR_PICTURES = 2.0
_UNSEEN_ERRORS = 0.5


def estimate_total(
    automatic_all: ArrayLike,
    automatic_sampled: ArrayLike,
    corrected_sampled: ArrayLike,
    *,
    method: Method = "prediction-powered",
    level: float = 0.95,
) -> Estimate:
    """Return the total that correcting all pictures would give, with its interval.

    Parameters
    ----------
    automatic_all : array_like of float, shape (K,)
        Automatic count, or area, of every picture, the corrected ones included.
    automatic_sampled, corrected_sampled : array_like of float, shape (k,)
        Automatic and corrected count of the pictures that were corrected, which must
        have been chosen at random.
    method : {"prediction-powered", "difference", "ratio", "corrected alone"}
        `METHODS` describes them.
    level : float
        Share of such intervals that should hold the total.

    Returns
    -------
    Estimate
        `n` is the number of corrected pictures. Without an interval if it is below 2.

    Raises
    ------
    ValueError
        If shapes do not fit, a value is negative or no number, no picture or more than
        all are corrected, or the method or the level is not known.

    Examples
    --------
    >>> automatic = [10, 12, 8, 30, 11, 9, 21, 14, 10, 16]
    >>> total = estimate_total(automatic, [10, 8, 30, 21], [11, 8, 33, 24])
    >>> 141 < total.value < 165, total.n
    (True, 4)
    """
    everything, automatic, corrected = _checked(
        automatic_all, automatic_sampled, corrected_sampled, columns=()
    )
    _refuse_options(method, level)
    if everything.size and min(everything.min(), corrected.min()) < 0:
        msg = "automatic and corrected values must not be negative"
        raise ValueError(msg)
    n = len(corrected)
    total = totals(everything, automatic, corrected, method=method, level=level)
    value, low, high = (float(one) if np.isfinite(one) else None for one in total)
    return Estimate(value, low, high, n)


def estimate_mean(
    automatic_all: ArrayLike,
    automatic_sampled: ArrayLike,
    corrected_sampled: ArrayLike,
    *,
    level: float = 0.95,
) -> Estimate:
    """Return the mean size of all objects of all pictures, with its interval.

    It is the ratio of two totals, of the sizes and of the counts. Its error is that of
    the total of (size - mean size) over all objects, divided by their number.

    Parameters
    ----------
    automatic_all : array_like of float, shape (K, 2)
        Sum of the sizes, and number, of the objects of every picture.
    automatic_sampled, corrected_sampled : array_like of float, shape (k, 2)
        The same of the pictures that were corrected, before and after.
    level : float

    Returns
    -------
    Estimate
        `n` is the number of corrected pictures. Without a value if these hold no object,
        or so few that the correction would leave a mean below 0.

    Raises
    ------
    ValueError
        As in `estimate_total`.

    Examples
    --------
    >>> automatic = [(100.0, 10), (240.0, 20), (90.0, 10), (160.0, 15), (110.0, 10)]
    >>> corrected = [(110.0, 10), (252.0, 20), (99.0, 10)]
    >>> mean = estimate_mean(automatic, automatic[:3], corrected)
    >>> 11 < mean.value < 12
    True
    """
    everything, automatic, corrected = _checked(
        automatic_all, automatic_sampled, corrected_sampled, columns=(2,)
    )
    _refuse_options("prediction-powered", level)
    n = len(corrected)
    sizes, objects = corrected.sum(axis=0)
    if not objects > 0:
        return Estimate(None, None, None, n)
    size = sizes / objects
    # Automatic sizes may all be too small: their own mean is what they are held against.
    own = _mean_size(everything)
    of_all, of_sampled = _beyond(everything, own), _beyond(automatic, own)
    for _ in range(3):  # each round takes off what the one before left
        of_corrected = _beyond(corrected, size)
        left, residuals, _ = _powered(of_all, of_sampled, of_corrected, are_counts=False)
        size += float(left) * n / objects
    if not size > 0:  # a handful of objects cannot bear the correction
        return Estimate(None, None, None, n)
    if n < 2:
        return Estimate(float(size), None, None, n)
    number = float(_powered(everything[:, 1], automatic[:, 1], corrected[:, 1])[0])
    # As in a total, what was counted by hand is there.
    number = max(number, float(objects) / len(everything))
    error = np.sqrt(_variance(residuals, len(everything)))
    # A ratio is less normal than a total: the slope takes its part of a degree of freedom.
    freedom = (n - 1) * n / (n - 1 + _PRIOR_PICTURES)
    half = float(error) / number * _student(freedom, level)
    return Estimate(float(size), float(max(size - half, 0)), float(size + half), n)


def _mean_size(table: Floats) -> float:
    """Return the mean size of automatic objects; 0, as good as any, without objects."""
    sizes, objects = table.sum(axis=0)
    return float(sizes / objects) if objects > 0 else 0.0


def _beyond(table: Floats, size: float) -> Floats:
    """Return by how much the sizes of each picture's objects exceed the mean, summed."""
    return np.asarray(table[:, 0] - size * table[:, 1])


def totals(
    everything: Floats,
    automatic: Floats,
    corrected: Floats,
    *,
    method: Method = "prediction-powered",
    level: float = 0.95,
) -> tuple[Floats, Floats, Floats]:
    """Return totals and the ends of their intervals; axes in front stand for repeats.

    Parameters
    ----------
    everything : ndarray of float64, shape (..., K)
        Automatic count of every picture.
    automatic, corrected : ndarray of float64, shape (..., k)
        Of the pictures that were corrected.
    method : str
        One of `METHODS`.
    level : float

    Returns
    -------
    value, low, high : ndarray of float64, shape (...)
        NaN where there is none.
    """
    n, n_pictures = corrected.shape[-1], everything.shape[-1]
    mean, residuals, slope = _ESTIMATORS[method](everything, automatic, corrected)
    variance = _variance(residuals, n_pictures)
    if method == "prediction-powered":
        richest = automatic.max(axis=-1, keepdims=True)
        excess = slope * np.maximum(everything - richest, 0).mean(axis=-1)
        variance = variance + excess**2 / 6
        variance = variance + (1 - n / n_pictures) * _UNSEEN_ERRORS / n**2
    # What was counted by hand is there, whatever the other pictures hold.
    seen = corrected.sum(axis=-1)
    value = np.maximum(n_pictures * mean, seen)
    half = n_pictures * np.sqrt(variance) * _student(n - 1, level)
    return value, np.maximum(value - half, seen), value + half


def _variance(residuals: Floats, n_pictures: int) -> Floats:
    """Return the variance of the mean over pictures; NaN from a single one."""
    n = residuals.shape[-1]
    squares = (residuals**2).sum(axis=-1)
    if n < 2:
        return squares * np.nan
    return np.asarray((1 - n / n_pictures) * squares / (n * (n - 1)))


def _powered(
    everything: Floats, automatic: Floats, corrected: Floats, *, are_counts: bool = True
) -> _Found:
    n = corrected.shape[-1]
    mean, spread = everything.mean(axis=-1), everything.var(axis=-1)
    value, slope = _regression(automatic, corrected, mean, spread, are_counts=are_counts)
    if n < 2:
        return value, np.zeros_like(corrected), slope
    without, _ = _regression(
        _leave_one_out(automatic),
        _leave_one_out(corrected),
        mean[..., None],
        spread[..., None],
        are_counts=are_counts,
    )
    # Pseudo-values, about their mean: what each picture adds to the estimate.
    residuals = (n - 1) * (without.mean(axis=-1, keepdims=True) - without)
    return value, residuals, slope


def _regression(
    automatic: Floats, corrected: Floats, mean: Floats, spread: Floats, *, are_counts: bool
) -> tuple[Floats, Floats]:
    """Return the corrected value at the mean of all automatic ones, and the slope."""
    at, value = automatic.mean(axis=-1), corrected.mean(axis=-1)
    pull: Floats | float = 1.0
    if are_counts:
        n = automatic.shape[-1]
        over = n * at + _PRIOR_PICTURES * mean
        right = n * value + _PRIOR_PICTURES * mean
        pull = np.minimum(right / np.where(over > 0, over, 1), 1)
    x, y = automatic - at[..., None], corrected - value[..., None]
    prior = _PRIOR_PICTURES * spread
    squares = (x * x).sum(axis=-1) + prior
    slope = ((x * y).sum(axis=-1) + prior * pull) / np.where(squares > 0, squares, 1)
    slope = np.maximum(np.where(squares > 0, slope, pull), 0)
    return value + slope * (mean - at), slope


def _difference(everything: Floats, automatic: Floats, corrected: Floats) -> _Found:
    errors = corrected - automatic
    mean = errors.mean(axis=-1)
    return everything.mean(axis=-1) + mean, errors - mean[..., None], np.ones_like(mean)


def _ratio(everything: Floats, automatic: Floats, corrected: Floats) -> _Found:
    sums = automatic.sum(axis=-1), corrected.sum(axis=-1)
    ratio = sums[1] / np.where(sums[0] > 0, sums[0], np.nan)
    mean = everything.mean(axis=-1)
    scale = mean / np.where(sums[0] > 0, automatic.mean(axis=-1), np.nan)
    residuals = corrected - ratio[..., None] * automatic
    return ratio * mean, residuals * scale[..., None], ratio


def _alone(everything: Floats, automatic: Floats, corrected: Floats) -> _Found:  # noqa: ARG001
    mean = corrected.mean(axis=-1)
    return mean, corrected - mean[..., None], np.zeros_like(mean)


_ESTIMATORS: dict[Method, Callable[[Floats, Floats, Floats], _Found]] = {
    "prediction-powered": _powered,
    "difference": _difference,
    "ratio": _ratio,
    "corrected alone": _alone,
}


def _leave_one_out(values: Floats) -> Floats:
    """Return the values without each one in turn: shape (..., k, k - 1)."""
    n = values.shape[-1]
    kept = np.array([np.delete(np.arange(n), index) for index in range(n)])
    return np.asarray(values[..., kept])


def _student(freedom: float, level: float) -> float:
    return float(stdtrit(freedom, (1 + level) / 2))


def _refuse_options(method: str, level: float) -> None:
    if method not in METHODS:
        msg = f"method must be one of {', '.join(METHODS)}, got {method!r}"
        raise ValueError(msg)
    if not 0 < level < 1:
        msg = f"level must lie between 0 and 1, got {level}"
        raise ValueError(msg)


def _checked(
    automatic_all: ArrayLike,
    automatic_sampled: ArrayLike,
    corrected_sampled: ArrayLike,
    *,
    columns: tuple[int, ...],
) -> tuple[Floats, Floats, Floats]:
    given = (automatic_all, automatic_sampled, corrected_sampled)
    everything, automatic, corrected = (np.asarray(one, np.float64) for one in given)
    fit = everything.shape[1:] == automatic.shape[1:] == columns
    if not fit or automatic.shape != corrected.shape:
        shape = ", ".join(("n", *map(str, columns)))
        msg = (
            f"expected arrays of shape ({shape}), the last two of one length, got "
            f"{everything.shape}, {automatic.shape} and {corrected.shape}"
        )
        raise ValueError(msg)
    if not 1 <= len(corrected) <= len(everything):
        msg = (
            f"of {len(everything)} pictures 1 to all can be corrected, got {len(corrected)}"
        )
        raise ValueError(msg)
    if not all(np.isfinite(one).all() for one in (everything, automatic, corrected)):
        msg = "automatic and corrected values must be numbers"
        raise ValueError(msg)
    return everything, automatic, corrected
