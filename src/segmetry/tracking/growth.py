"""How fast something grows: exponential growth fitted to a series of sizes.

The logarithm of the size is a straight line in time, ln A(t) = ln A0 + r t. Its slope r by
least squares is the growth rate; its interval is r ± t s / sqrt(sum (t_i - mean t)²), with
Student's t of n - 2 degrees of freedom and s the standard deviation of the residuals. The
doubling time is ln 2 / r, its interval ln 2 over that of r.

The interval takes deviations from the line for independent. Those of one culture or tumour
in neighbouring pictures are often alike: repeat the experiment, and compare its rates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

__all__ = ["Growth", "fit_growth"]

_FEWEST = 2  # times that make a line
_FEWEST_CURVED = 5  # times from which a curve can be told from a line
_DOUBT = 0.05  # probability of such a curve by chance, below which the line is doubted


@dataclass(frozen=True)
class Growth:
    """An exponential growth and how sure it is.

    Parameters
    ----------
    size : float
        At time 0, in the unit of the sizes.
    rate, rate_low, rate_high : float or None
        Per unit of time; negative where it shrinks. Limits are `None` for fewer than three
        values, where nothing tells how sure the rate is.
    doubling_time, doubling_time_low, doubling_time_high : float or None
        `None` where it does not grow; the upper limit is `None` where growth of zero
        cannot be excluded, as no time is then too long.
    n : int
        Number of values.
    curvature_p : float or None
        Probability of so strong a curve in the logarithms by chance; small where growth is
        not exponential. `None` for fewer than five times.
    """

    size: float
    rate: float
    rate_low: float | None
    rate_high: float | None
    doubling_time: float | None
    doubling_time_low: float | None
    doubling_time_high: float | None
    n: int
    curvature_p: float | None

    @property
    def is_curved(self) -> bool:
        """Whether growth slows down or speeds up by more than chance explains."""
        return self.curvature_p is not None and self.curvature_p < _DOUBT

    def at(self, times: ArrayLike) -> NDArray[np.float64]:
        """Return the size on the fitted curve."""
        return np.asarray(self.size * np.exp(self.rate * np.asarray(times, dtype=float)))


def fit_growth(times: ArrayLike, sizes: ArrayLike, *, level: float = 0.95) -> Growth | None:
    """Fit exponential growth to sizes at several times.

    Parameters
    ----------
    times, sizes : array-like of float, shape (n,)
        Several sizes at one time are repeats. Sizes of 0 or less, and what is not finite,
        are left out: they have no logarithm.
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Growth or None
        `None` where fewer than two times have a size.

    Raises
    ------
    ValueError
        If there are not as many times as sizes, or the level is out of range.

    Examples
    --------
    >>> growth = fit_growth([0, 1, 2, 3], [100, 200, 400, 800])
    >>> round(growth.doubling_time, 6), growth.n
    (1.0, 4)
    """
    t, size = np.asarray(times, dtype=float), np.asarray(sizes, dtype=float)
    if t.shape != size.shape or t.ndim != 1:
        msg = f"expected as many times as sizes, got {t.shape} and {size.shape}"
        raise ValueError(msg)
    if not 0 < level < 1:
        msg = f"level must lie between 0 and 1, got {level}"
        raise ValueError(msg)
    used = np.isfinite(t) & np.isfinite(size) & (size > 0)
    t, logarithm = t[used], np.log(size[used])
    if len(np.unique(t)) < _FEWEST:
        return None
    middle = t.mean()
    spread = float(((t - middle) ** 2).sum())
    # A size that stays has a rate of 0, not one of rounding errors.
    rounding = 1e-12 / float(np.ptp(t))
    rate = float(((t - middle) * logarithm).sum()) / spread
    rate = 0.0 if abs(rate) < rounding else rate
    start = float(logarithm.mean() - rate * middle)
    low = high = None
    if len(t) > _FEWEST:
        residuals = logarithm - start - rate * t
        freedom = len(t) - 2
        deviation = np.sqrt(float((residuals**2).sum()) / freedom)
        half = float(stdtrit(freedom, (1 + level) / 2) * deviation / np.sqrt(spread))
        half = 0.0 if half < rounding else half
        low, high = rate - half, rate + half
    return Growth(
        size=float(np.exp(start)),
        rate=rate,
        rate_low=low,
        rate_high=high,
        doubling_time=_doubling(rate),
        doubling_time_low=None if high is None else _doubling(high),
        doubling_time_high=None if low is None else _doubling(low),
        n=len(t),
        curvature_p=_curvature(t - middle, logarithm),
    )


def _doubling(rate: float) -> float | None:
    return float(np.log(2) / rate) if rate > 0 else None


def _curvature(t: NDArray[np.float64], logarithm: NDArray[np.float64]) -> float | None:
    """Return how likely the square of time would gain as much by chance."""
    if len(np.unique(t)) < _FEWEST_CURVED:
        return None
    t = t / np.abs(t).max()
    terms = np.stack([t**0, t, t**2], axis=1)
    coefficients, *_ = np.linalg.lstsq(terms, logarithm)
    residuals = logarithm - terms @ coefficients
    freedom = len(t) - 3
    variance = float((residuals**2).sum()) / freedom
    error = np.sqrt(variance * np.linalg.inv(terms.T @ terms)[2, 2])
    rounding = 1e-12 * max(float(np.ptp(logarithm)), 1e-12)
    if error <= rounding:
        return 1.0 if abs(coefficients[2]) <= 1e3 * rounding else 0.0
    return float(2 * stdtr(freedom, -abs(coefficients[2]) / error))
