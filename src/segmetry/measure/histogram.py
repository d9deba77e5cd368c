"""Counts of sizes in bins, with a bin width that reads well.

References
----------
.. [1] D. Freedman, P. Diaconis, "On the histogram as a density estimator: L2 theory",
       Zeitschrift fuer Wahrscheinlichkeitstheorie 57, 1981. doi:10.1007/BF01025868
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmetry.measure.distribution import Floats, checked, quantile

__all__ = ["Histogram", "histogram"]

_MAX_BINS = 500  # more bars than pixels in a plot help nobody


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts in bins of one width.

    Parameters
    ----------
    bin_width : float
        In the unit of the values.
    edges : ndarray of float64, shape (bins + 1,)
        Whole multiples of `bin_width`.
    counts : ndarray of int64, shape (bins,)
        Objects seen in each half-open bin.
    weighted : ndarray of float64, shape (bins,)
        Sum of the weights in each bin.
    """

    bin_width: float
    edges: Floats
    counts: NDArray[np.int64]
    weighted: Floats


def histogram(
    values: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bin_width: float | None = None,
) -> Histogram:
    """Return a histogram with bins that start at whole multiples of their width.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Sizes, in any unit.
    weights : array_like of float, shape (n,), or None
        Objects that each one stands for. `None` means 1 each.
    bin_width : float or None
        In the unit of the values. `None` takes the rule of Freedman and Diaconis [1]_,
        rounded to 1, 2 or 5 times a power of ten. A width that would give over 500 bins
        is widened to the next round one that does not.

    Returns
    -------
    Histogram
        Without values one empty bin.

    Raises
    ------
    ValueError
        If `bin_width` is not positive and finite.

    Examples
    --------
    >>> histogram([1.2, 1.4, 2.6], bin_width=0.5).counts
    array([2, 0, 0, 1])
    """
    if bin_width is not None and not (np.isfinite(bin_width) and bin_width > 0):
        msg = f"bin_width must be positive and finite, got {bin_width}"
        raise ValueError(msg)
    x, w = checked(values, weights)
    if not x.size:
        width = bin_width or 1.0
        return Histogram(width, np.array([0, width]), np.zeros(1, np.int64), np.zeros(1))
    width = bin_width or _round_width(_freedman_diaconis(x))
    width = max(width, _round_width(np.ptp(x) / _MAX_BINS, up=True))
    # The nudge keeps a value such as 0.3 in the bin that starts there, not below it.
    bins = np.floor(x / width * (1 + 1e-12)).astype(np.int64)
    first = bins.min()
    n_bins = int(bins.max() - first + 1)
    edges = np.arange(first, first + n_bins + 1) * width
    counts = np.bincount(bins - first, minlength=n_bins)
    weighted = np.bincount(bins - first, w, n_bins).astype(np.float64)
    return Histogram(float(width), edges, counts, weighted)


def _freedman_diaconis(values: Floats) -> float:
    quarter, three_quarters = quantile(values, [0.25, 0.75])
    width = 2 * (three_quarters - quarter) / np.cbrt(values.size)
    # Equal sizes have no spread: a tenth of the size shows them as one narrow bar.
    return float(width or abs(values[0]) / 10 or 1)


def _round_width(width: float, *, up: bool = False) -> float:
    if width <= 0:
        return 0.0
    power = int(np.floor(np.log10(width)))
    # Division by a whole power of ten gives 0.2 where a product gives 0.2 + 1e-17.
    steps = [m * 10**power if power >= 0 else m / 10**-power for m in (1, 2, 5, 10)]
    if up:
        return float(next(step for step in steps if step >= width * (1 - 1e-9)))
    return float(min(steps, key=lambda step: abs(np.log(step / width))))
