"""Scores over pictures, with intervals that say how sure they are.

Whole pictures are resampled, not objects or pixels: those of one picture are alike.
Pictures that hang together (tiles of one field, slices of one animal) can be given as
clusters, which are then resampled as a whole. Percentile intervals of few pictures are
too narrow, so the resamples give a standard error only, and the interval is that many
times Student's t of (units - 1), as for sizes in `segmetry.measure.intervals`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import DatasetError
from segmetry.measure.intervals import FEWEST_UNITS, Resampling, interval

__all__ = [
    "MeanScore",
    "Statistic",
    "draw_pictures",
    "mean_score",
    "paired_difference",
    "with_interval",
]

_UNBOUNDED = (-math.inf, math.inf)

# From how often each picture counts, shape (n_draws, n_pictures), to (n_draws,) values.
Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class MeanScore:
    """A score of a set of pictures with its bootstrap interval.

    Parameters
    ----------
    value : float
        NaN if no picture has a score.
    low, high : float
        Interval by resampling pictures, or clusters of them; NaN for fewer than five.
    n : int
        Number of pictures that have a score.
    """

    value: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values; what is not known is `None`."""
        return {
            "value": _or_none(self.value),
            "low": _or_none(self.low),
            "high": _or_none(self.high),
            "n": self.n,
        }


def draw_pictures(
    n_pictures: int,
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Resampling:
    """Draw pictures with replacement, or whole clusters of them.

    Parameters
    ----------
    n_pictures : int
    clusters : sequence of str or None
        The cluster of each picture. `None`: every picture stands for itself.
    level : float
        Share of intervals that should hold the truth.
    resamples : int
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    Resampling

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, there is no resample, or there is not one
        cluster for each picture.

    Examples
    --------
    >>> draw_pictures(3, clusters=["mouse 1", "mouse 1", "mouse 2"]).n_units
    2
    """
    if not 0 < level < 1 or resamples < 1:
        msg = (
            "level must be within 0 and 1 and resamples at least 1, "
            f"got {level} and {resamples}"
        )
        raise ValueError(msg)
    if clusters is not None and len(clusters) != n_pictures:
        msg = (
            f"each picture needs a cluster, got {n_pictures} pictures and "
            f"{len(clusters)} clusters"
        )
        raise ValueError(msg)
    unit = np.arange(n_pictures)
    if clusters is not None and n_pictures:
        unit = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)[1]
    n_units = int(unit.max()) + 1 if n_pictures else 0
    return Resampling(_draws(n_units, resamples, seed), unit, by_image=True, level=level)


def with_interval(
    statistic: Statistic,
    drawn: Resampling,
    *,
    value: float | None = None,
    bounds: tuple[float, float] = _UNBOUNDED,
) -> MeanScore:
    """Return a score of all pictures with the interval that resampling gives.

    Parameters
    ----------
    statistic : callable
        From how often each picture counts, shape (n_draws, n_pictures), to the score of
        each draw, shape (n_draws,).
    drawn : Resampling
    value : float or None
        The score of all pictures, where it is known more exactly than by `statistic`.
    bounds : tuple of float
        Values that the score cannot pass; the interval ends there.

    Returns
    -------
    MeanScore

    Examples
    --------
    >>> total = with_interval(lambda draws: draws.sum(axis=1), draw_pictures(8))
    >>> total.value, total.n
    (8.0, 8)
    """
    n = drawn.unit.size
    if not n:
        return MeanScore(math.nan, math.nan, math.nan, 0)
    if value is None:
        value = float(statistic(np.ones((1, n)))[0])
    replicates = np.asarray(statistic(drawn.draws[:, drawn.unit]))
    found = interval(value, replicates, drawn, positive=False)
    if found.low is None or found.high is None:
        return MeanScore(value, math.nan, math.nan, n)
    return MeanScore(value, max(found.low, bounds[0]), min(found.high, bounds[1]), n)


def mean_score(
    scores: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    bounds: tuple[float, float] = _UNBOUNDED,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> MeanScore:
    """Return the mean of the pictures' scores with a bootstrap interval.

    Parameters
    ----------
    scores : sequence of float
        One score a picture; NaN where a picture has none.
    clusters : sequence of str or None
        The cluster of each picture: pictures of one cluster are resampled together.
    bounds : tuple of float
        Values that no score can pass, such as 0 and 1; the interval ends there.
    level : float
        Share of such intervals that should hold the mean.
    resamples : int
    seed : int

    Returns
    -------
    MeanScore
        Without an interval where there are fewer than five pictures or clusters.

    Raises
    ------
    ValueError
        If the level is not between 0 and 1, there is no resample, or there is not one
        cluster for each score.

    References
    ----------
    B. Efron, Ann. Stat. 7, 1979. doi:10.1214/aos/1176344552

    Examples
    --------
    >>> mean_score([0.5, 0.5, 0.5, 0.5, 0.5, float("nan")])
    MeanScore(value=0.5, low=0.5, high=0.5, n=5)
    """
    values = np.asarray(scores, dtype=np.float64)
    if clusters is not None and len(clusters) != values.size:
        msg = (
            f"each score needs a cluster, got {values.size} scores and "
            f"{len(clusters)} clusters"
        )
        raise ValueError(msg)
    known = np.isfinite(values)
    values = values[known]
    if clusters is not None:
        clusters = [name for name, kept in zip(clusters, known, strict=True) if kept]
    drawn = draw_pictures(
        values.size, clusters=clusters, level=level, resamples=resamples, seed=seed
    )

    def mean(draws: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(draws @ values / draws.sum(axis=1))

    return with_interval(mean, drawn, bounds=bounds)


def paired_difference(
    scores: Sequence[float],
    others: Sequence[float],
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> MeanScore:
    """Return by how much one prediction is better than another on the same pictures.

    The difference is taken picture by picture, so what makes a picture hard cancels. One
    prediction is better than the other where the interval does not hold 0.

    Parameters
    ----------
    scores, others : sequence of float
        Scores of the two predictions on the same pictures, in the same order; NaN where a
        picture has none.
    clusters : sequence of str or None
        As in `mean_score`.
    level : float
    seed : int

    Returns
    -------
    MeanScore
        Mean of `scores` - `others`.

    Raises
    ------
    DatasetError
        If fewer than five pictures, or clusters of them, have both scores: too few to say
        which is better.
    ValueError
        If there are not as many scores as others.

    Examples
    --------
    >>> paired_difference([0.7, 0.8, 0.6, 0.9, 0.8], [0.6, 0.7, 0.5, 0.8, 0.7]).low > 0
    True
    """
    if len(scores) != len(others):
        msg = f"both need one score a picture, got {len(scores)} and {len(others)}"
        raise ValueError(msg)
    apart = np.asarray(scores, np.float64) - np.asarray(others, np.float64)
    known = np.isfinite(apart)
    of_picture = range(len(apart)) if clusters is None else clusters
    units = {name for name, kept in zip(of_picture, known, strict=True) if kept}
    if len(units) < FEWEST_UNITS:
        what = "pictures" if clusters is None else "clusters of pictures"
        msg = (
            f"Comparing two predictions needs at least {FEWEST_UNITS} {what} that both "
            f"have a score for, got {len(units)}; judge more pictures."
        )
        raise DatasetError(msg)
    return mean_score(apart.tolist(), clusters=clusters, level=level, seed=seed)


@lru_cache(maxsize=8)  # the scores of a set are many, their pictures the same
def _draws(n_units: int, resamples: int, seed: int) -> NDArray[np.float64]:
    """Return how often each unit is drawn in each resample; read-only."""
    draws = np.zeros((resamples, n_units))
    if n_units:
        rng = np.random.default_rng(seed)
        draws += rng.multinomial(n_units, np.full(n_units, 1 / n_units), resamples)
    draws.flags.writeable = False
    return draws


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
