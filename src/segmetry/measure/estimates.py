"""All numbers of a size distribution with their intervals, from arrays.

These take the objects as they are; `fitted` gives the same numbers from a log-normal
distribution fitted inside the frame.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from segmetry.measure.distribution import (
    Floats,
    effective_number,
    geometric_sd,
    mean,
    moment_ratio,
    quantile,
    sd,
    skewness,
    span,
    volume_weights,
)
from segmetry.measure.intervals import (
    Estimate,
    Resampling,
    interval,
    normal_quantile,
)
from segmetry.measure.mode import log_bandwidth, log_grid, mode, modes_on_grid

__all__ = [
    "NUMBER_KEYS",
    "VOLUME_KEYS",
    "by_number",
    "by_volume",
    "density",
    "geometric_mean",
    "of_area",
    "with_intervals",
]

NUMBER_KEYS = (
    "mean",
    "median",
    "sd",
    "mode",
    "skewness",
    "d10",
    "d50",
    "d90",
    "span",
    "gsd",
)
VOLUME_KEYS = ("d10", "d50", "d90", "span", "d43", "d32")

_DECILES = [0.1, 0.5, 0.9]
_WITHOUT_UNIT = {"skewness", "span", "gsd"}
_ANY_SIGN = {"skewness"}
_FLOORS = {"gsd": 1.0}
_MODE_RESAMPLES = 500  # the standard error of a mode needs no more


def by_number(
    diameters: Floats,
    weights: Floats,
    *,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
    keys: Sequence[str] = NUMBER_KEYS,
) -> dict[str, Estimate]:
    """Return the numbers of a distribution by number, each with its interval.

    Parameters
    ----------
    diameters : ndarray of float64, shape (n,)
        Positive sizes, in any unit.
    weights : ndarray of float64, shape (n,)
        Positive; objects that each one stands for.
    resampling : Resampling
        Drawn for these objects.
    relative_uncertainty : float
        Relative standard uncertainty of the pixel size.
    keys : sequence of str
        Those that are wanted: a mode takes longer than all others together.

    Returns
    -------
    dict of str to Estimate
        sd with ddof 1; skewness, span and gsd without unit.
    """
    if not diameters.size:
        return _nothing(keys)
    d10, d50, d90 = quantile(diameters, _DECILES, weights=weights)
    values = {
        "mean": mean(diameters, weights=weights),
        "median": d50,
        "sd": sd(diameters, weights=weights),
        "skewness": skewness(diameters, weights=weights),
        "d10": d10,
        "d50": d50,
        "d90": d90,
        "span": span(diameters, weights=weights),
        "gsd": geometric_sd(diameters, weights=weights),
    }
    replicates = {
        **_moment_replicates(diameters, weights, resampling),
        **_quantile_replicates(diameters, weights, resampling),
    }
    if "mode" in keys:
        values["mode"] = mode(diameters, weights=weights)
        replicates["mode"] = _mode_replicates(diameters, weights, resampling)
    wanted = {key: values[key] for key in keys}
    return with_intervals(wanted, replicates, resampling, relative_uncertainty)


def by_volume(
    diameters: Floats,
    weights: Floats,
    *,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
) -> dict[str, Estimate]:
    """Return the numbers of a distribution by volume, each with its interval.

    The volume is that of the sphere with the projected area's diameter. Parameters are
    those of `by_number`.

    Returns
    -------
    dict of str to Estimate
        Keys `VOLUME_KEYS`; span without unit.
    """
    if not diameters.size:
        return _nothing(VOLUME_KEYS)
    by_size = volume_weights(diameters, weights=weights)
    d10, d50, d90 = quantile(diameters, _DECILES, weights=by_size)
    values = {
        "d10": d10,
        "d50": d50,
        "d90": d90,
        "span": span(diameters, weights=by_size),
        "d43": moment_ratio(diameters, 4, 3, weights=weights),
        "d32": moment_ratio(diameters, 3, 2, weights=weights),
    }
    relative = diameters / diameters.max()
    powers = relative[:, np.newaxis] ** np.array([2, 3, 4])
    second, third, fourth = resampling.totals(weights[:, np.newaxis] * powers).T
    with np.errstate(divide="ignore", invalid="ignore"):
        means = {"d43": fourth / third, "d32": third / second}
    replicates = {
        **_quantile_replicates(diameters, by_size, resampling),
        **{key: diameters.max() * ratio for key, ratio in means.items()},
    }
    return with_intervals(values, replicates, resampling, relative_uncertainty)


def of_area(
    areas: Floats,
    weights: Floats,
    *,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
) -> dict[str, Estimate]:
    """Return mean and median area by number, each with its interval.

    Parameters are those of `by_number`, with areas for diameters; an area carries twice
    the relative uncertainty of the pixel size.
    """
    if not areas.size:
        return _nothing(("mean", "median"))
    values = {
        "mean": mean(areas, weights=weights),
        "median": float(quantile(areas, 0.5, weights=weights)),
    }
    total, weighted = resampling.totals(np.stack([weights, weights * areas], axis=1)).T
    with np.errstate(divide="ignore", invalid="ignore"):
        means = weighted / total
    medians = resampling.quantiles(areas, [0.5], weights=weights)[:, 0]
    replicates = {"mean": means, "median": medians}
    return with_intervals(values, replicates, resampling, 2 * relative_uncertainty)


def geometric_mean(
    diameters: Floats,
    weights: Floats,
    *,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
) -> Estimate:
    """Return exp of the mean of ln x with its interval: a log-normal's median.

    Parameters are those of `by_number`.
    """
    log_size = np.log(diameters)
    centre = mean(log_size, weights=weights)
    features = np.stack([weights, weights * (log_size - centre)], axis=1)
    total, weighted = resampling.totals(features).T
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = np.exp(centre + weighted / total)
    return interval(
        float(np.exp(centre)),
        replicates,
        resampling,
        relative_uncertainty=relative_uncertainty,
    )


def density(
    weights: Floats,
    included_areas: Floats,
    *,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
) -> Estimate:
    """Return the number of objects per area: the sum of weights over the area looked at.

    With Miles-Lantuejoul weights this is the sum of 1 / ((Z1 - x)(Z2 - y)) over
    the objects, averaged over the images.

    Parameters
    ----------
    weights : ndarray of float64, shape (n,)
    included_areas : ndarray of float64, shape (images,)
        Area of each image in which objects were looked for.
    resampling : Resampling
        Where it did not draw images, objects are taken to be strewn at random (Poisson).
    relative_uncertainty : float
        Relative standard uncertainty of the pixel size; an area carries twice that.

    Returns
    -------
    Estimate
        Per unit of area. Without objects 0, with the exact upper limit.
    """
    area = included_areas.sum()
    tail = (1 - resampling.level) / 2
    if not area > 0:
        return Estimate(None, None, None, 0)
    if not weights.size:
        return Estimate(0.0, 0.0, float(-np.log(tail) / area), 0)
    value = weights.sum() / area
    shared = 2 * relative_uncertainty
    if resampling.by_image:
        sums = resampling.draws @ resampling.sum_by_unit(weights[:, np.newaxis])[:, 0]
        replicates = sums / (resampling.draws @ included_areas)
        return interval(value, replicates, resampling, relative_uncertainty=shared)
    z = normal_quantile(1 - tail)
    half = z * np.hypot(1 / np.sqrt(effective_number(weights)), shared)
    low, high = value * np.exp([-half, half])
    return Estimate(float(value), float(low), float(high), weights.size)


def with_intervals(
    values: Mapping[str, float],
    replicates: Mapping[str, Floats],
    resampling: Resampling,
    relative_uncertainty: float,
) -> dict[str, Estimate]:
    """Return an interval for each value; those without unit know no calibration."""
    return {
        key: interval(
            values[key],
            replicates[key],
            resampling,
            relative_uncertainty=0.0 if key in _WITHOUT_UNIT else relative_uncertainty,
            positive=key not in _ANY_SIGN,
            floor=_FLOORS.get(key, 0.0),
        )
        for key in values
    }


def _moment_replicates(
    diameters: Floats, weights: Floats, resampling: Resampling
) -> dict[str, Floats]:
    scale = mean(diameters, weights=weights)
    # Sizes relative to the mean: powers of raw sizes would cancel to noise.
    c, log_size = diameters / scale - 1, np.log(diameters / scale)
    features = np.stack([c**0, c, c**2, c**3, log_size, log_size**2], axis=1)
    totals = resampling.totals(weights[:, np.newaxis] * features).T
    n = effective_number(weights)
    correction = n / (n - 1) if n > 1 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second, third, log_first, log_second = totals[1:] / totals[0]
        variance = np.maximum(second - first**2, 0)
        log_variance = np.maximum(log_second - log_first**2, 0)
        skew = (third - 3 * first * second + 2 * first**3) / variance**1.5
    return {
        "mean": scale * (1 + first),
        "sd": scale * np.sqrt(correction * variance),
        "skewness": skew,
        "gsd": np.exp(np.sqrt(correction * log_variance)),
    }


def _quantile_replicates(
    diameters: Floats, weights: Floats, resampling: Resampling
) -> dict[str, Floats]:
    d10, d50, d90 = resampling.quantiles(diameters, _DECILES, weights=weights).T
    spans = (d90 - d10) / d50
    return {"d10": d10, "d50": d50, "median": d50, "d90": d90, "span": spans}


def _mode_replicates(diameters: Floats, weights: Floats, resampling: Resampling) -> Floats:
    bandwidth = log_bandwidth(diameters, weights)
    if bandwidth == 0:
        return np.full(len(resampling.draws), mode(diameters, weights=weights))
    grid, index = log_grid(diameters, bandwidth)
    place = resampling.unit * grid.size + index
    counts = np.bincount(place, weights, resampling.n_units * grid.size)
    counts = counts.reshape(resampling.n_units, grid.size)
    drawn = resampling.draws[:_MODE_RESAMPLES] @ counts
    return modes_on_grid(drawn, grid, bandwidth)


def _nothing(keys: Sequence[str]) -> dict[str, Estimate]:
    return {key: Estimate(None, None, None, 0) for key in keys}
