"""Numbers that describe a size distribution, from single sizes and their weights.

Every function takes the raw sizes, never binned ones: `values`, of any unit and of shape
(n,). `weights`, of the same shape, says how many objects of the sample one seen object
stands for (1 where `None`); see `edge_rules`. A distribution of type r weighs an object by
its size to the power r: 0 by number, 3 by volume [1]_. Functions with a logarithm or a
ratio need sizes above 0.

References
----------
.. [1] ISO 9276-2:2014, "Representation of results of particle size analysis - Part 2".
.. [2] Y. Ma, M. G. Genton, E. Parzen, "Asymptotic properties of sample quantiles of
       discrete distributions", Annals of the Institute of Statistical Mathematics 63,
       2011. doi:10.1007/s10463-008-0215-z
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "checked",
    "effective_number",
    "geometric_sd",
    "iso_mean_size",
    "mean",
    "moment_ratio",
    "quantile",
    "sd",
    "skewness",
    "span",
    "volume_weights",
]

Floats = NDArray[np.float64]


# Sums are NumPy's own: the last digit of a BLAS product depends on the number of threads.


def mean(values: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Return the weighted arithmetic mean, D[1,0]; NaN without values.

    Examples
    --------
    >>> mean([1, 2, 6])
    3.0
    """
    x, w = checked(values, weights)
    return float(np.average(x, weights=w)) if x.size else np.nan


def sd(values: ArrayLike, *, weights: ArrayLike | None = None, ddof: int = 1) -> float:
    """Return the weighted standard deviation.

    Parameters
    ----------
    ddof : {0, 1}
        0 divides by the sum of weights. 1 (the default) corrects for the estimated mean
        with the effective number of objects, which is n - 1 for equal weights.

    Returns
    -------
    float
        In the unit of the values; NaN where fewer than 1 + `ddof` values are given.

    Raises
    ------
    ValueError
        If `ddof` is neither 0 nor 1.

    Examples
    --------
    >>> sd([1, 3, 5], ddof=1), round(sd([1, 3, 5], ddof=0), 3)
    (2.0, 1.633)
    """
    if ddof not in {0, 1}:
        msg = f"ddof must be 0 or 1, got {ddof}"
        raise ValueError(msg)
    x, w = checked(values, weights)
    if x.size < 1 + ddof:
        return np.nan
    total = w.sum()
    squares = np.sum(w * (x - np.average(x, weights=w)) ** 2)
    return float(np.sqrt(squares / (total - ddof * np.sum(w**2) / total)))


def geometric_sd(values: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Return the geometric standard deviation (GSD): exp of the `sd` of ln x.

    Examples
    --------
    >>> round(geometric_sd([10, 20, 40]), 6)
    2.0
    """
    return float(np.exp(sd(_log(values), weights=weights)))


def skewness(values: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Return the weighted skewness, the third standardised moment (ddof 0).

    Returns
    -------
    float
        0 for a symmetric distribution, positive with a tail to large sizes; NaN where
        all values are equal or none is given.

    Examples
    --------
    >>> skewness([1, 2, 3])
    0.0
    """
    x, w = checked(values, weights)
    if not x.size or np.ptp(x) == 0:
        return np.nan
    deviation = x - np.average(x, weights=w)
    second, third = (np.average(deviation**k, weights=w) for k in (2, 3))
    return float(third / second**1.5)


def quantile(
    values: ArrayLike, probabilities: ArrayLike, *, weights: ArrayLike | None = None
) -> Floats:
    """Return the sizes below which given shares of the weight lie.

    The weighted cumulative distribution is inverted at mid-ranks: a value stands at the
    share below it plus half its own [2]_, and between values the line is straight. Equal
    values count as one with their summed weight, so that giving each object twice or
    doubling its weight changes nothing.

    Parameters
    ----------
    probabilities : array_like of float, shape (p,) or ()
        Shares from 0 to 1: 0.5 gives D50.
    weights : array_like of float, shape (n,), or None
        `None` gives quantiles by number; `volume_weights` those by volume.

    Returns
    -------
    ndarray of float64, shape of `probabilities`
        NaN without values.

    Examples
    --------
    >>> quantile([3, 1, 2], 0.5)
    array(2.)
    >>> quantile([1, 2, 3], [0.1, 0.5], weights=[1, 1, 2])
    array([1.        , 2.33333333])
    """
    x, w = checked(values, weights)
    wanted = np.asarray(probabilities, dtype=np.float64)
    if not x.size:
        return np.full(wanted.shape, np.nan)
    unique, index = np.unique(x, return_inverse=True)
    merged = np.bincount(index, weights=w)
    mid_rank = (np.cumsum(merged) - merged / 2) / merged.sum()
    return np.asarray(np.interp(wanted, mid_rank, unique))


def span(values: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Return (D90 - D10) / D50, all of the one type that the weights give.

    Parameters
    ----------
    weights : array_like of float, shape (n,), or None
        `None` gives the span by number; `volume_weights` that by volume.

    Examples
    --------
    >>> span([10, 10, 10])
    0.0
    """
    d10, d50, d90 = quantile(values, [0.1, 0.5, 0.9], weights=weights)
    return float((d90 - d10) / d50)


def moment_ratio(
    values: ArrayLike, p: float, q: float, *, weights: ArrayLike | None = None
) -> float:
    """Return the mean size D[p,q] of the moment-ratio notation.

    D[p,q] = (sum w x^p / sum w x^q)^(1/(p-q)); where p equals q its limit,
    exp(sum w x^p ln x / sum w x^p). D[1,0] is the arithmetic mean, D[3,2] the Sauter
    mean, D[4,3] the volume-weighted mean.

    Parameters
    ----------
    p, q : float
        The two numbers in D[p,q].

    Returns
    -------
    float
        In the unit of the values; NaN without values.

    Examples
    --------
    >>> moment_ratio([1, 2], 4, 3), moment_ratio([1, 2], 3, 2)
    (1.8888888888888888, 1.8)
    """
    x, w = checked(values, weights)
    if not x.size:
        return np.nan
    # Sizes relative to the largest keep high powers from overflowing.
    largest = x.max()
    u = x / largest
    if p == q:
        return float(largest * np.exp(np.average(_log(u), weights=w * u**p)))
    ratio = np.sum(w * u**p) / np.sum(w * u**q)
    return float(largest * ratio ** (1 / (p - q)))


def iso_mean_size(
    values: ArrayLike, *, k: float, r: float, weights: ArrayLike | None = None
) -> float:
    """Return the mean size x_{k,r} of the moment notation of ISO 9276-2.

    The subscripts of the two notations mean different things: x_{k,r} = D[k+r, r].
    The Sauter mean D[3,2] is x_{1,2}; the volume-weighted mean D[4,3] is x_{1,3}.

    Parameters
    ----------
    k : float
        Power of the mean.
    r : float
        Type of the distribution: 0 by number, 2 by area, 3 by volume.

    Examples
    --------
    >>> iso_mean_size([1, 2], k=1, r=2) == moment_ratio([1, 2], 3, 2)
    True
    """
    return moment_ratio(values, k + r, r, weights=weights)


def effective_number(weights: ArrayLike) -> float:
    """Return Kish's effective number of objects, (sum w)^2 / sum w^2.

    Examples
    --------
    >>> effective_number([2, 2, 2]), effective_number([1, 1, 0])
    (3.0, 2.0)
    """
    w = np.asarray(weights, dtype=np.float64)
    total = w.sum()
    return float(total**2 / np.sum(w**2)) if total > 0 else 0.0


def volume_weights(values: ArrayLike, *, weights: ArrayLike | None = None) -> Floats:
    """Return the weights that make a distribution by volume: w x^3, scaled to at most w.

    A volume is that of the sphere with the projected area's diameter.

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> volume_weights([1, 2])
    array([0.125, 1.   ])
    """
    x, w = checked(values, weights)
    return w * (x / x.max()) ** 3 if x.size else w


def _log(values: ArrayLike) -> Floats:
    x = np.asarray(values, dtype=np.float64)
    if x.size and not x.min() > 0:
        msg = f"sizes must be positive, got {x.min()}"
        raise ValueError(msg)
    return np.asarray(np.log(x))


def checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    """Return values and weights as arrays of equal length, or refuse what means nothing."""
    x = np.asarray(values, dtype=np.float64)
    w = np.ones_like(x) if weights is None else np.asarray(weights, dtype=np.float64)
    if x.ndim != 1 or w.shape != x.shape:
        msg = f"values and weights must be lists of equal length, got {x.shape}, {w.shape}"
        raise ValueError(msg)
    if not (np.isfinite(x).all() and np.isfinite(w).all()):
        msg = "values and weights must be finite; leave out what is missing first"
        raise ValueError(msg)
    if w.size and not (w.min() >= 0 and w.sum() > 0):
        msg = "weights must not be negative, and one at least must be positive"
        raise ValueError(msg)
    return x, w
