"""Bins on a logarithmic axis, for sizes that span decades."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # pandas comes with it, which a terminal need not wait for
    from segmetry.report.sample import SizeSample

__all__ = ["BINS_PER_DECADE", "is_wide", "log_edges", "log_histogram", "shown_histogram"]

BINS_PER_DECADE = 10
_WIDE = 20  # P99 over P1: beyond it even bins put most objects into one


def is_wide(diameters: NDArray[np.float64]) -> bool:
    """Return whether sizes need a logarithmic axis.

    Parameters
    ----------
    diameters : ndarray of float, shape (n,)
    """
    if diameters.size == 0:
        return False
    low, high = np.quantile(diameters, (0.01, 0.99))
    return bool(high > _WIDE * low)


def log_edges(diameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return limits of bins that hold all sizes, ten per decade.

    Parameters
    ----------
    diameters : ndarray of float, shape (n,)
        At least one, all above 0.

    Examples
    --------
    >>> log_edges(np.array([1.1, 1.5])).round(3)
    array([1.   , 1.259, 1.585])
    """
    low, high = float(diameters.min()), float(diameters.max())
    steps = np.floor(np.log10([low, high]) * BINS_PER_DECADE)
    # One more at both ends: a size just below a limit has the limit's logarithm.
    edges = 10.0 ** (np.arange(steps[0] - 1, steps[1] + 3) / BINS_PER_DECADE)
    first, stop = np.searchsorted(edges, [low, high], side="right")
    return np.asarray(edges[first - 1 : stop + 1])


def log_histogram(sample: "SizeSample") -> dict[str, Any]:
    """Return counts in logarithmic bins, in the form of a summary's "histogram".

    Parameters
    ----------
    sample : SizeSample
        At least one object.
    """
    edges = log_edges(sample.diameters)
    counts, _ = np.histogram(sample.diameters, edges)
    weighted, _ = np.histogram(sample.diameters, edges, weights=sample.weights)
    return {
        "bins_per_decade": BINS_PER_DECADE,
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "weighted_counts": weighted.tolist(),
    }


def shown_histogram(group: Mapping[str, Any], sample: "SizeSample") -> dict[str, Any]:
    """Return the bins in which a group is read, alike in the report and on a terminal.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    sample : SizeSample
        Its objects.

    Returns
    -------
    dict
        That of the summary, or logarithmic bins where even ones would put most objects
        into one.
    """
    if is_wide(sample.diameters):
        return log_histogram(sample)
    return dict(group["histogram"])
