"""Means over pictures, with intervals that say how sure they are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["MeanScore", "group_means", "mean_score"]

_FEWEST = 2


@dataclass(frozen=True)
class MeanScore:
    """A mean over pictures with its bootstrap interval.

    Parameters
    ----------
    value : float
        NaN if no picture has a score.
    low, high : float
        Interval by resampling pictures; NaN for fewer than two.
    n : int
        Number of pictures that have a score.
    """

    value: float
    low: float
    high: float
    n: int


def mean_score(
    scores: Sequence[float], *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> MeanScore:
    """Return the mean of the pictures' scores with a percentile bootstrap interval.

    Pictures are resampled, not objects: objects of one picture are alike. With fewer than
    about ten pictures the interval is too narrow.

    Parameters
    ----------
    scores : sequence of float
        One score a picture; NaN where a picture has none.
    level : float
        Share of such intervals that should hold the mean.
    resamples : int
    seed : int

    Returns
    -------
    MeanScore

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, or there is no resample.

    References
    ----------
    B. Efron, Ann. Stat. 7, 1979. doi:10.1214/aos/1176344552

    Examples
    --------
    >>> mean_score([0.5, 0.5, 0.5, float("nan")])
    MeanScore(value=0.5, low=0.5, high=0.5, n=3)
    """
    if not 0 < level < 1 or resamples < 1:
        msg = (
            "level must be within 0 and 1 and resamples at least 1, "
            f"got {level} and {resamples}"
        )
        raise ValueError(msg)
    values = np.asarray(scores, dtype=np.float64)
    values = values[np.isfinite(values)]
    if values.size < _FEWEST:
        value = float(values[0]) if values.size else math.nan
        return MeanScore(value, math.nan, math.nan, values.size)
    drawn = np.random.default_rng(seed).integers(0, values.size, (resamples, values.size))
    low, high = np.quantile(values[drawn].mean(axis=1), [(1 - level) / 2, (1 + level) / 2])
    return MeanScore(float(values.mean()), float(low), float(high), values.size)


def group_means(
    scores: Sequence[float], groups: Sequence[str], *, level: float = 0.95, seed: int = 0
) -> Mapping[str, MeanScore]:
    """Return the mean score of each group of pictures, groups in order of their names.

    Parameters
    ----------
    scores : sequence of float
        One score a picture; NaN where a picture has none.
    groups : sequence of str
        The group of each picture.
    level : float
    seed : int

    Returns
    -------
    dict of str to MeanScore

    Raises
    ------
    ValueError
        If there is not one group for each score.

    Examples
    --------
    >>> group_means([1.0, 1.0, 0.0], ["dark", "dark", "bright"])["dark"].value
    1.0
    """
    if len(scores) != len(groups):
        msg = f"each score needs a group, got {len(scores)} scores and {len(groups)} groups"
        raise ValueError(msg)
    return {
        name: mean_score(
            [score for score, group in zip(scores, groups, strict=True) if group == name],
            level=level,
            seed=seed,
        )
        for name in sorted(set(groups))
    }
