"""Intervals by resampling whole images, or single objects where images are too few.

Objects of one image resemble each other more than objects of two, so whole images are
drawn anew (a cluster bootstrap [1]_). Percentile intervals of so few units are too
narrow: with 8 images they hold the truth in 88 of 100 cases. The resamples therefore
give a standard error only, on the logarithm of the quantity where it is positive, and
the interval is that many times Student's t of (units - 1), with the correction
units / (units - 1) of the variance. `docs/statistics.md` shows how often it holds.

References
----------
.. [1] A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application", 1997,
       sections 2.4 and 3.8. doi:10.1017/CBO9780511802843
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from segmetry.measure.distribution import Floats

__all__ = [
    "FEWEST_IMAGES",
    "FEWEST_UNITS",
    "Estimate",
    "Resampling",
    "interval",
    "normal_quantile",
    "resample",
    "wilson",
]

FEWEST_IMAGES = 5  # below, images say too little about how images differ
FEWEST_UNITS = 5  # below, a resampled spread is no estimate of anything

# Objects resampled one by one are dealt into this many groups at random and the groups are
# drawn: the spread of means and quantiles is the same, and the cost does not grow with n.
_MOST_GROUPS = 200
_MOST_STEPS = 256  # points at which a cumulative curve is resampled


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    Parameters
    ----------
    value : float or None
        `None` where the objects do not allow one.
    low, high : float or None
        Ends of the interval; `None` where none can be told.
    n : int
        Objects behind the number.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def relative_half_width(self) -> float | None:
        """Half the width of the interval over the value; `None` where it has none."""
        if not self.value or self.low is None or self.high is None:
            return None
        return (self.high - self.low) / (2 * abs(self.value))

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


@dataclass(frozen=True, eq=False)
class Resampling:
    """How often each unit was drawn in each resample.

    Parameters
    ----------
    draws : ndarray of float64, shape (resamples, units)
    unit : ndarray of intp, shape (n,)
        The unit that each object belongs to.
    by_image : bool
        Whether a unit is an image; else it is a random group of objects.
    level : float
        Confidence level of the intervals.
    """

    draws: Floats
    unit: NDArray[np.intp]
    by_image: bool
    level: float

    @property
    def n_units(self) -> int:
        """Number of images, or of groups of objects."""
        return self.draws.shape[1]

    @property
    def multiplier(self) -> float:
        """Standard errors from the value to either end of an interval; NaN if untold."""
        units = self.n_units
        if units < FEWEST_UNITS:
            return np.nan
        t = stdtrit(units - 1, (1 + self.level) / 2)
        return float(t * np.sqrt(units / (units - 1)))

    def sum_by_unit(self, features: Floats) -> Floats:
        """Return the sums of features of shape (n, f) over each unit: (units, f)."""
        columns = [np.bincount(self.unit, f, self.n_units) for f in features.T]
        return np.stack(columns, axis=1)

    def totals(self, features: Floats) -> Floats:
        """Return the sums of features of shape (n, f) in each resample: (resamples, f)."""
        return self.draws @ self.sum_by_unit(features)

    def quantiles(
        self, values: Floats, probabilities: list[float], *, weights: Floats
    ) -> Floats:
        """Return weighted quantiles in each resample, of shape (resamples, p).

        More than 256 objects are first joined to 256 steps of equal weight: the spread of
        the quantiles, which is all that is wanted here, does not feel it.
        """
        steps, step = _steps(values, weights)
        n_steps = steps.size
        place = self.unit * n_steps + step
        mass = np.bincount(place, weights, self.n_units * n_steps)
        mass = mass.reshape(self.n_units, n_steps)
        cumulative = np.cumsum(mass, axis=1)
        mid_rank = self.draws @ (cumulative - mass / 2)
        total = self.draws @ cumulative[:, -1]
        found = [_cross(mid_rank, p * total, steps) for p in probabilities]
        return np.stack(found, axis=1)


def resample(
    image: NDArray[np.intp],
    *,
    n_images: int,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Resampling:
    """Draw images with replacement, or groups of objects where images are too few.

    Parameters
    ----------
    image : ndarray of intp, shape (n,)
        Index of the image that each object lies in, from 0.
    n_images : int
        Number of images, those without objects included.
    resamples : int
        How often to draw. At least 2; below 1000 the intervals themselves scatter.
    level : float
        Confidence level, between 0 and 1.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    Resampling

    Raises
    ------
    ValueError
        If `resamples` or `level` is out of range.

    Examples
    --------
    >>> two_images = resample(np.array([0, 0, 1]), n_images=2)
    >>> two_images.by_image, two_images.n_units
    (False, 3)
    """
    if resamples < 2:
        msg = f"resamples must be at least 2, got {resamples}"
        raise ValueError(msg)
    if not 0 < level < 1:
        msg = f"level must lie between 0 and 1, got {level}"
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    by_image = np.unique(image).size >= FEWEST_IMAGES
    if by_image:
        n_units, unit = n_images, image
    else:
        n_units = min(image.size, _MOST_GROUPS)
        unit = rng.permutation(image.size) % max(n_units, 1)
    draws = np.zeros((resamples, n_units))
    if n_units:
        chosen = rng.integers(0, n_units, (resamples, n_units))
        place = (chosen + n_units * np.arange(resamples)[:, np.newaxis]).ravel()
        counts = np.bincount(place, minlength=draws.size)
        draws = counts.reshape(draws.shape).astype(np.float64)
    return Resampling(draws, unit, by_image, level)


def interval(
    value: float,
    replicates: Floats,
    resampling: Resampling,
    *,
    relative_uncertainty: float = 0.0,
    positive: bool = True,
    floor: float = 0.0,
) -> Estimate:
    """Return a value with the interval that its resamples and the calibration give.

    Parameters
    ----------
    value : float
        The estimate from all objects; NaN where there is none.
    replicates : ndarray of float64, shape (resamples,)
        The same quantity in each resample; NaN where it could not be told.
    resampling : Resampling
        Where the resamples come from.
    relative_uncertainty : float
        Relative standard uncertainty that all objects share: that of the pixel size for a
        length, twice that for an area. It is added in quadrature and does not shrink with
        more objects.
    positive : bool
        Whether the quantity can only be positive; its interval then is symmetric on a
        logarithmic scale.
    floor : float
        The least value that a positive quantity can have; no interval reaches below.

    Returns
    -------
    Estimate
        Without an interval where fewer than 5 units were resampled.

    Examples
    --------
    >>> drawn = resample(np.arange(8), n_images=8)
    >>> interval(1.0, np.full(2000, 1.0), drawn)
    Estimate(value=1.0, low=1.0, high=1.0, n=8)
    """
    n = resampling.unit.size
    if not np.isfinite(value):
        return Estimate(None, None, None, n)
    usable = replicates[np.isfinite(replicates)]
    multiplier = resampling.multiplier
    if usable.size < 2 or not np.isfinite(multiplier):
        return Estimate(float(value), None, None, n)
    shared = normal_quantile((1 + resampling.level) / 2) * relative_uncertainty
    if positive and value > 0 and usable.min() > 0:
        half = np.hypot(multiplier * np.log(usable).std(ddof=1), shared)
        low, high = value * np.exp([-half, half])
    else:
        half = np.hypot(multiplier * usable.std(ddof=1), shared * value)
        low, high = value - half, value + half
    if positive:
        low = max(low, floor)
    return Estimate(float(value), float(low), float(high), n)


def wilson(share: float, n_effective: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a share [1]_.

    Parameters
    ----------
    share : float
        Observed share, from 0 to 1.
    n_effective : float
        Number of independent objects behind it; need not be whole.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : float
        Within 0 and 1, and never of width 0.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical
           inference", Journal of the American Statistical Association 22, 1927.
           doi:10.1080/01621459.1927.10502953

    Examples
    --------
    >>> low, high = wilson(0.1, 100)
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    """
    z2 = normal_quantile((1 + level) / 2) ** 2
    centre = (share + z2 / (2 * n_effective)) / (1 + z2 / n_effective)
    inner = share * (1 - share) / n_effective + z2 / (4 * n_effective**2)
    half = np.sqrt(z2 * inner) / (1 + z2 / n_effective)
    return float(max(centre - half, 0)), float(min(centre + half, 1))


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution: 1.96 for 0.975."""
    return float(ndtri(probability))


def _steps(values: Floats, weights: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return at most `_MOST_STEPS` ascending sizes and the step of each value."""
    order = np.argsort(values, kind="stable")
    step = np.empty(values.size, dtype=np.intp)
    if values.size <= _MOST_STEPS:
        step[order] = np.arange(values.size)
        return values[order], step
    before = np.cumsum(weights[order]) - weights[order] / 2
    rough = (before / weights.sum() * _MOST_STEPS).astype(np.intp)
    step[order] = np.unique(rough, return_inverse=True)[1]
    mass = np.bincount(step, weights)
    return np.bincount(step, weights * values) / mass, step


def _cross(mid_rank: Floats, target: Floats, steps: Floats) -> Floats:
    """Return where each row of a rising curve reaches its target."""
    if steps.size < 2:
        return np.full(len(mid_rank), steps[0])
    after = np.count_nonzero(mid_rank < target[:, np.newaxis], axis=1)
    after = np.clip(after, 1, steps.size - 1)
    rows = np.arange(len(mid_rank))
    low, high = mid_rank[rows, after - 1], mid_rank[rows, after]
    rise = np.where(high > low, high - low, 1)
    fraction = np.clip((target - low) / rise, 0, 1)
    return np.asarray(steps[after - 1] + fraction * (steps[after] - steps[after - 1]))
