"""Histograms of parts of a picture that add up to that of the picture, exactly.

Bins are as wide as a power of two and begin at multiples of their width, so that two bins
of one part are a bin of a part with more contrast. No value is ever counted twice or
moved to another bin, whatever the parts.
"""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numba
import numpy as np
from numpy.typing import NDArray

__all__ = ["Bins", "Histogram", "binned", "histogram", "joined"]

_BITS = 16  # there are at most 2**16 bins and one from the smallest to the largest value
_FINEST = 41  # bits below the largest value: finer than float32 tells apart
_OF_NOTHING = -1000  # exponent of a bin that holds zeros only


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often values occur.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_bins,)
    exponent : int
        A bin is 2**exponent wide.
    first : int
        The first bin begins at `first` times that.
    low, high : float
        Smallest and largest value; infinite and minus infinite where there is none.
    """

    counts: NDArray[np.int64]
    exponent: int
    first: int
    low: float
    high: float

    @property
    def n(self) -> int:
        """Number of values."""
        return int(self.counts.sum())

    @property
    def starts(self) -> NDArray[np.float64]:
        """Smallest value of each bin: whole numbers below 2**16 are told exactly."""
        places = (self.first + np.arange(len(self.counts))) * 2.0**self.exponent
        return np.clip(places, self.low, self.high)

    @property
    def median(self) -> float:
        """Where half of the values lie below, to the width of a bin."""
        return self.percentile(50)

    def percentile(self, percent: float) -> float:
        """Return the value that `percent` of the values lie below, to the width of a bin.

        Between two values it is interpolated, as `numpy.percentile` does.
        """
        place = (self.n - 1) * percent / 100
        below, above = (self._ranked(int(place)), self._ranked(math.ceil(place)))
        return below + (above - below) * (place - int(place))

    def _ranked(self, rank: int) -> float:
        """Return the value of a rank, from 0."""
        number = int(np.searchsorted(np.cumsum(self.counts), rank, side="right"))
        return float(self.starts[number])


@dataclass(frozen=True, eq=False)
class Bins:
    """How often values occur in equal bins from the smallest to the largest.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_bins,)
    low, high : float
        Smallest and largest value.
    """

    counts: NDArray[np.int64]
    low: float
    high: float

    @property
    def centres(self) -> NDArray[np.float64]:
        """Value in the middle of each bin."""
        n_bins = len(self.counts)
        width = (self.high - self.low) / n_bins
        return np.asarray(self.low + (np.arange(n_bins) + 0.5) * width, np.float64)

    @property
    def spread(self) -> float:
        """Standard deviation of the values, but for the width of a bin."""
        mean = np.average(self.centres, weights=self.counts)
        return math.sqrt(np.average((self.centres - mean) ** 2, weights=self.counts))

    def contrast(self, cutoff: float) -> float:
        """Return the mean of the values over a cutoff less that of the others.

        NaN where all are on one side.
        """
        is_over = self.centres > cutoff
        if not self.counts[is_over].any() or not self.counts[~is_over].any():
            return math.nan
        over, others = (
            float(np.average(self.centres[side], weights=self.counts[side]))
            for side in (is_over, ~is_over)
        )
        return over - others


def binned(
    values: NDArray[np.floating], low: float, high: float, *, n_bins: int
) -> NDArray[np.int64]:
    """Return how many values lie in each of equal bins from `low` to `high`.

    Examples
    --------
    >>> binned(np.array([1.0, 2.9, 3.0, 5.0]), 1, 5, n_bins=2)
    array([2, 2])
    """
    flat = np.ascontiguousarray(values).ravel()
    return np.asarray(_binned(flat, low, n_bins / (high - low), n_bins))


def histogram(values: NDArray[np.floating]) -> Histogram:
    """Return how often finite values occur.

    Parameters
    ----------
    values : ndarray of float, any shape

    Returns
    -------
    Histogram

    Examples
    --------
    >>> found = histogram(np.array([1.0, 5, 5, 6]))
    >>> found.n, found.median, found.high
    (4, 5.0, 6.0)
    """
    flat = np.ascontiguousarray(values).ravel()
    if not flat.size:
        return Histogram(np.zeros(0, np.int64), 0, 0, math.inf, -math.inf)
    low, high = float(flat.min()), float(flat.max())
    exponent = _exponent(low, high)
    first, last = (math.floor(math.ldexp(end, -exponent)) for end in (low, high))
    counts = _counted(flat, math.ldexp(1.0, -exponent), first, last - first + 1)
    return Histogram(np.asarray(counts), exponent, first, low, high)


def joined(parts: Iterable[Histogram]) -> Histogram:
    """Return the histogram of all values of some parts, whatever their order.

    Examples
    --------
    >>> left, right = histogram(np.array([1.0, 2.0])), histogram(np.array([900.0]))
    >>> joined([left, right]).median
    2.0
    """
    return reduce(_added, parts)


def _added(one: Histogram, other: Histogram) -> Histogram:
    if not len(one.counts) or not len(other.counts):
        return one if len(one.counts) else other
    low, high = min(one.low, other.low), max(one.high, other.high)
    exponent = max(_exponent(low, high), one.exponent, other.exponent)
    coarse = [_coarser(part, exponent) for part in (one, other)]
    first = min(start for start, _ in coarse)
    total = np.zeros(max(start + len(counts) for start, counts in coarse) - first, np.int64)
    for start, counts in coarse:
        total[start - first : start - first + len(counts)] += counts
    return Histogram(total, exponent, first, low, high)


def _coarser(part: Histogram, exponent: int) -> tuple[int, NDArray[np.int64]]:
    """Return the first bin and the counts of a histogram in wider bins."""
    wider = exponent - part.exponent
    if not wider:
        return part.first, part.counts
    first = part.first >> wider
    number = np.arange(len(part.counts)) + (part.first - (first << wider)) >> wider
    counts = np.zeros(int(number[-1]) + 1, np.int64)
    np.add.at(counts, number, part.counts)
    return first, counts


def _exponent(low: float, high: float) -> int:
    """Return how wide bins must be, as a power of two, to be few enough."""
    largest = max(-low, high)
    finest = math.frexp(largest)[1] - _FINEST if largest else _OF_NOTHING
    return max(math.frexp(high - low)[1] - _BITS if high > low else finest, finest)


@numba.njit(cache=True)
def _counted(values, scale, first, n_bins):  # type: ignore[no-untyped-def] # pragma: no cover
    counts = np.zeros(n_bins, np.int64)
    for k in range(len(values)):
        counts[int(np.floor(values[k] * scale)) - first] += 1
    return counts


@numba.njit(cache=True)
def _binned(values, low, scale, n_bins):  # type: ignore[no-untyped-def] # pragma: no cover
    counts = np.zeros(n_bins, np.int64)
    for k in range(len(values)):
        counts[min(int((values[k] - low) * scale), n_bins - 1)] += 1
    return counts
