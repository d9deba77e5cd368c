"""By how much methods differ on the same pictures, and how sure that is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from segmetry.evaluate import SCORES, MeanScore, mean_score
from segmetry.evaluate.intervals import draw_pictures
from segmetry.measure.intervals import FEWEST_UNITS

__all__ = ["Difference", "difference", "holm"]

_LEVEL = 0.95
TOO_FEW, SAME, UNCLEAR = "too few pictures", "the same", "no clear difference"
_SIGN = {"high": 1, "low": -1}


@dataclass(frozen=True)
class Difference:
    """How much higher a method scores than another, picture by picture.

    Parameters
    ----------
    method, other, score : str
    value, low, high : float
        Mean of method - other over the pictures that both have, and its interval; NaN
        where there are too few.
    n : int
        Pictures that both have.
    n_units : int
        Pictures, or groups that hang together, that were resampled.
    p : float
        Chance of so large a difference, or a larger one, if there were none.
    p_holm : float
        The same, corrected by Holm for all differences to the same other.
    says : str
        "better", "worse", "no clear difference", "the same" or "too few pictures".
    """

    method: str
    other: str
    score: str
    value: float
    low: float
    high: float
    n: int
    n_units: int
    p: float = math.nan
    p_holm: float = math.nan
    says: str = TOO_FEW


def difference(
    names: tuple[str, str],
    score: str,
    values: tuple[Mapping[str, float], Mapping[str, float]],
    units: Mapping[str, str],
    *,
    seed: int = 0,
) -> Difference:
    """Return how much higher one method scores than another on the same pictures.

    Parameters
    ----------
    names : tuple of str
        Of the method and the other.
    score : str
        Name of a score.
    values : tuple of mapping of str to float
        Score of each picture, of either method.
    units : mapping of str to str
        What each picture hangs together with.
    seed : int

    Returns
    -------
    Difference
        The interval resamples pictures, or what hangs together, and takes Student's t, as
        all intervals of scores do; `p` is of the same t. With fewer than five of them
        neither is told.

    Examples
    --------
    >>> one = {name: 0.5 for name in "abcde"}
    >>> found = difference(("x", "y"), "dice", (one, one), {name: name for name in one})
    >>> found.value, found.p, found.says
    (0.0, 1.0, 'the same')
    """
    mine, others = values
    both = sorted(
        name
        for name in mine
        if math.isfinite(mine[name]) and math.isfinite(others.get(name, math.nan))
    )
    apart = [mine[name] - others[name] for name in both]
    clusters = [units.get(name, name) for name in both]
    n_units = len(set(clusters))
    found = MeanScore(math.nan, math.nan, math.nan, 0)
    if both:
        found = mean_score(apart, clusters=clusters, level=_LEVEL, seed=seed)
    told = Difference(*names, score, found.value, found.low, found.high, len(both), n_units)
    if n_units < FEWEST_UNITS:
        return told
    if not any(apart):
        return replace(told, p=1.0, p_holm=1.0, says=SAME)
    p = _chance(found, clusters, seed)
    return replace(told, p=p, p_holm=p, says=_says(told, p))


def holm(found: Sequence[Difference]) -> list[Difference]:
    """Correct the chances of several differences for being several.

    Parameters
    ----------
    found : sequence of Difference
        All of one question. Those without a chance, as of too few pictures, do not count.

    Returns
    -------
    list of Difference
        With `p_holm` and `says` by it; in the same order.

    References
    ----------
    S. Holm, Scand. J. Stat. 6, 1979, pages 65 to 70.

    Examples
    --------
    >>> one = Difference("a", "b", "dice", 0.1, 0.0, 0.2, 9, 9, p=0.03)
    >>> [round(each.p_holm, 3) for each in holm([one, replace(one, p=0.01)])]
    [0.03, 0.02]
    """
    order = sorted(
        (at for at, one in enumerate(found) if math.isfinite(one.p)),
        key=lambda at: found[at].p,
    )
    corrected = list(found)
    so_far = 0.0
    for rank, at in enumerate(order):
        so_far = max(so_far, min(1.0, found[at].p * (len(order) - rank)))
        says = SAME if found[at].says == SAME else _says(found[at], so_far)
        corrected[at] = replace(found[at], p_holm=so_far, says=says)
    return corrected


def _chance(found: MeanScore, clusters: Sequence[str], seed: int) -> float:
    """Return the p of Student's t that belongs to an interval."""
    drawn = draw_pictures(len(clusters), clusters=clusters, level=_LEVEL, seed=seed)
    half = (found.high - found.low) / 2
    if half <= 0:
        return 0.0 if found.value else 1.0
    # The interval's ends are where t just reaches its quantile of the level.
    quantile = drawn.multiplier / math.sqrt(drawn.n_units / (drawn.n_units - 1))
    t = abs(found.value) / half * quantile
    return float(2 * stdtr(drawn.n_units - 1, -np.float64(t)))


def _says(found: Difference, p: float) -> str:
    sign = _SIGN.get(SCORES[found.score].aim)
    if sign is None or not p < 1 - _LEVEL:
        return UNCLEAR
    return "better" if sign * found.value > 0 else "worse"
