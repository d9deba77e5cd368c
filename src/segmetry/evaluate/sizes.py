"""Errors of counts and of size distributions, in percent of the truth."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "SizeErrors",
    "area_errors",
    "count_error",
    "equivalent_diameters",
    "size_errors",
    "typical_of_set",
]


@dataclass(frozen=True)
class SizeErrors:
    """How far the sizes of predicted objects are from those of true ones.

    Parameters
    ----------
    mean, median, sd, d50_volume : float
        Predicted minus true, in percent of the true value, of the equivalent diameter:
        its mean, its median (the D50 by number), its standard deviation (ddof 1), and
        the diameter up to which objects hold half of the volume. NaN where either side
        has too few objects.
    ks : float
        Kolmogorov-Smirnov distance: the greatest difference between the two cumulative
        distributions (by number) of the diameter, 0 to 1.
    """

    mean: float
    median: float
    sd: float
    d50_volume: float
    ks: float


def count_error(n_predicted: int, n_true: int) -> float:
    """Return the error of a count in percent of the truth.

    Returns
    -------
    float
        0 if both counts are 0, NaN if only the true one is: no percentage exists then.

    Raises
    ------
    ValueError
        If a count is negative.

    Examples
    --------
    >>> count_error(9, 10)
    -10.0
    """
    if min(n_predicted, n_true) < 0:
        msg = f"counts must not be negative, got {n_predicted} and {n_true}"
        raise ValueError(msg)
    if n_true == 0:
        return 0.0 if n_predicted == 0 else math.nan
    return 100.0 * (n_predicted - n_true) / n_true


def equivalent_diameters(labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the diameter of the disc of equal area of every object, in pixels.

    Examples
    --------
    >>> equivalent_diameters(np.array([[1, 1, 0, 7]])).round(3)
    array([1.596, 1.128])
    """
    areas = np.unique(labels[labels > 0], return_counts=True)[1]
    return np.asarray(np.sqrt(4 * areas / np.pi))


def typical_of_set(medians: Sequence[float]) -> float:
    """Return the diameter that is typical of the objects of a set of pictures.

    The median over the pictures of the median in each: a picture of a thousand small
    objects counts no more than one of ten large ones.

    Parameters
    ----------
    medians : sequence of float
        Median diameter of the objects of each picture; NaN where it has none.

    Returns
    -------
    float
        NaN where no picture has objects.

    Examples
    --------
    >>> typical_of_set([10.0, 12.0, float("nan"), 90.0])
    12.0
    """
    known = [median for median in medians if not math.isnan(median)]
    return float(np.median(known)) if known else math.nan


def size_errors(predicted: NDArray[np.integer], truth: NDArray[np.integer]) -> SizeErrors:
    """Compare the equivalent diameters of two label images.

    Parameters
    ----------
    predicted, truth : ndarray of integers
        Label images; 0 is background.

    Returns
    -------
    SizeErrors

    Examples
    --------
    >>> size_errors(np.array([[1, 1, 1, 1]]), np.array([[1, 0, 0, 0]])).mean
    100.0
    """
    return _errors(equivalent_diameters(predicted), equivalent_diameters(truth))


def area_errors(areas: NDArray[np.integer], true_areas: NDArray[np.integer]) -> SizeErrors:
    """Compare the equivalent diameters of objects of which only the areas are known.

    Parameters
    ----------
    areas, true_areas : ndarray of integers, shape (n,) and (m,)
        Pixels of each object.

    Returns
    -------
    SizeErrors

    Examples
    --------
    >>> round(area_errors(np.array([9]), np.array([4])).median, 6)
    50.0
    """
    return _errors(np.sqrt(4 * areas / np.pi), np.sqrt(4 * true_areas / np.pi))


def _errors(sizes: NDArray[np.float64], true_sizes: NDArray[np.float64]) -> SizeErrors:
    return SizeErrors(
        mean=_percent(_mean(sizes), _mean(true_sizes)),
        median=_percent(_median(sizes), _median(true_sizes)),
        sd=_percent(_sd(sizes), _sd(true_sizes)),
        d50_volume=_percent(_volume_median(sizes), _volume_median(true_sizes)),
        ks=_distance(sizes, true_sizes),
    )


def _distance(sizes: NDArray[np.float64], true_sizes: NDArray[np.float64]) -> float:
    if not (sizes.size and true_sizes.size):
        return math.nan
    at = np.union1d(sizes, true_sizes)
    shares = (
        np.searchsorted(np.sort(each), at, side="right") / each.size
        for each in (sizes, true_sizes)
    )
    return float(np.abs(next(shares) - next(shares)).max())


def _percent(value: float, truth: float) -> float:
    if math.isnan(value) or math.isnan(truth) or truth == 0:
        return math.nan
    return 100.0 * (value - truth) / truth


def _mean(sizes: NDArray[np.float64]) -> float:
    return float(sizes.mean()) if sizes.size else math.nan


def _median(sizes: NDArray[np.float64]) -> float:
    return float(np.median(sizes)) if sizes.size else math.nan


def _sd(sizes: NDArray[np.float64]) -> float:
    return float(sizes.std(ddof=1)) if sizes.size > 1 else math.nan


def _volume_median(sizes: NDArray[np.float64]) -> float:
    if not sizes.size:
        return math.nan
    ordered = np.sort(sizes)
    volume = np.cumsum(ordered**3)
    return float(ordered[np.searchsorted(volume, volume[-1] / 2)])
