"""The share of the objects that are smaller than a limit, with its interval."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from segmetry.measure.distribution import Floats, effective_number, mean
from segmetry.measure.intervals import Resampling, normal_quantile, wilson

__all__ = ["Share", "share_below"]


@dataclass(frozen=True)
class Share:
    """A share of the objects with its Wilson interval.

    Parameters
    ----------
    value, low, high : float or None
    n_effective : float
        Independent objects behind it: weights and images that differ make it smaller.
    """

    value: float | None
    low: float | None
    high: float | None
    n_effective: float


def share_below(
    sizes: Floats,
    weights: Floats,
    *,
    limit: float,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
) -> Share:
    """Return the share by number of objects smaller than a limit.

    An object exactly as large as the limit is not below it. The Wilson interval uses
    Kish's effective number of objects. Where images were resampled, it is divided by the
    design effect, and the interval is widened from normal quantiles to Student's with
    (images - 1) degrees of freedom. An error of the pixel size moves the limit: the
    change of the share is added in quadrature.

    Parameters
    ----------
    sizes : ndarray of float64, shape (n,)
    weights : ndarray of float64, shape (n,)
    limit : float
        In the unit of the sizes.
    resampling : Resampling
    relative_uncertainty : float
        Relative standard uncertainty of the pixel size.

    Returns
    -------
    Share
    """
    if not sizes.size:
        return Share(None, None, None, 0.0)
    below = (sizes < limit).astype(np.float64)
    value = mean(below, weights=weights)
    n = effective_number(weights)
    n /= max(_design_effect(below, weights, resampling), 1.0)
    low, high = wilson(value, n / _widening(resampling), level=resampling.level)
    if relative_uncertainty:
        z = normal_quantile((1 + resampling.level) / 2) * relative_uncertainty
        shifts = [mean(sizes < limit * np.exp(s), weights=weights) for s in (-z, z)]
        low = max(value - float(np.hypot(value - low, value - shifts[0])), 0.0)
        high = min(value + float(np.hypot(high - value, shifts[1] - value)), 1.0)
    return Share(value, low, high, n)


def _design_effect(below: Floats, weights: Floats, resampling: Resampling) -> float:
    """Return how much more the share scatters between images than by chance."""
    share = mean(below, weights=weights)
    if not resampling.by_image or not 0 < share < 1:
        return 1.0
    hits, total = resampling.totals(np.stack([weights * below, weights], axis=1)).T
    found = hits[total > 0] / total[total > 0]
    units = resampling.n_units
    variance = found.var() * units / (units - 1)
    return float(variance / (share * (1 - share) / effective_number(weights)))


def _widening(resampling: Resampling) -> float:
    """Return the square of Student's quantile over the normal one."""
    if not resampling.by_image:
        return 1.0
    probability = (1 + resampling.level) / 2
    student = stdtrit(resampling.n_units - 1, probability)
    return float((student / normal_quantile(probability)) ** 2)
