"""The numbers of a size distribution from a log-normal fitted inside the frame.

The same numbers as in `estimates`, but from the two parameters of the fit: far less
scatter in the large sizes, and wrong where sizes are not log-normal.
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.distribution import Floats
from segmetry.measure.estimates import with_intervals
from segmetry.measure.intervals import Estimate, Resampling, normal_quantile
from segmetry.measure.log_normal import LogNormal, truncated_scores

__all__ = ["fitted_estimates", "log_normal_resamples", "log_normal_values"]


def fitted_estimates(
    fit: LogNormal,
    replicates: tuple[Floats, Floats],
    *,
    resampling: Resampling,
    relative_uncertainty: float = 0.0,
) -> dict[str, dict[str, Estimate]]:
    """Return all numbers of a fit with their intervals, by block.

    Parameters
    ----------
    fit : LogNormal
    replicates : tuple of ndarray of float64, shape (resamples,)
        mu and sigma in each resample, from `log_normal_resamples`.
    resampling : Resampling
    relative_uncertainty : float
        Relative standard uncertainty of the pixel size.

    Returns
    -------
    dict of dict of Estimate
        Blocks "number", "volume" and "area".
    """
    values = log_normal_values(np.array([fit.mu]), np.array([fit.sigma]))
    drawn = log_normal_values(*replicates)
    return {
        block: with_intervals(
            {key: float(number[0]) for key, number in numbers.items()},
            drawn[block],
            resampling,
            relative_uncertainty * (2 if block == "area" else 1),
        )
        for block, numbers in values.items()
    }


def log_normal_values(mu: Floats, sigma: Floats) -> dict[str, dict[str, Floats]]:
    """Return all numbers of log-normal distributions (Hatch and Choate), by block.

    Parameters
    ----------
    mu, sigma : ndarray of float64, shape (k,)

    Returns
    -------
    dict of dict of ndarray of float64, shape (k,)
        Blocks "number", "volume" and "area", with the keys of `by_number`, `by_volume`
        and `of_area`.
    """
    square = sigma**2
    z = normal_quantile(0.9)
    by_type = {}
    for name, r in (("number", 0), ("volume", 3)):
        d50 = np.exp(mu + r * square)
        d10, d90 = d50 * np.exp(-z * sigma), d50 * np.exp(z * sigma)
        by_type[name] = {"d10": d10, "d50": d50, "d90": d90, "span": (d90 - d10) / d50}
    growth = np.sqrt(np.expm1(square))
    average = np.exp(mu + square / 2)
    by_type["number"] |= {
        "mean": average,
        "median": np.exp(mu),
        "sd": average * growth,
        "mode": np.exp(mu - square),
        "skewness": (np.exp(square) + 2) * growth,
        "gsd": np.exp(sigma),
    }
    by_type["volume"] |= {
        "d43": np.exp(mu + 3.5 * square),
        "d32": np.exp(mu + 2.5 * square),
    }
    by_type["area"] = {
        "mean": np.pi / 4 * np.exp(2 * mu + 2 * square),
        "median": np.pi / 4 * np.exp(2 * mu),
    }
    return by_type


def log_normal_resamples(
    fit: LogNormal,
    diameters: Floats,
    *,
    frames: Floats,
    resampling: Resampling,
    image: NDArray[np.intp],
    shape: tuple[float, float],
) -> tuple[Floats, Floats]:
    """Return mu and sigma of a truncated fit in each resample, by one Newton step.

    Parameters
    ----------
    fit : LogNormal
        From `fit_truncated_log_normal` with the same arguments.
    diameters, frames, image, shape
        Those of `fit_truncated_log_normal`.
    resampling : Resampling

    Returns
    -------
    mu, sigma : ndarray of float64, shape (resamples,)
    """
    scores, curvature = truncated_scores(
        fit, diameters, frames=frames, image=image, shape=shape
    )
    steps = -np.linalg.solve(curvature, resampling.totals(scores).T)
    # A step is trusted over a factor of three in the width, no further.
    return fit.mu + steps[0], fit.sigma * np.exp(np.clip(steps[1], -1.1, 1.1))
