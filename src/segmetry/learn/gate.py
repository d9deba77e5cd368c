"""Whether a new model is better than the one it started from, on pictures new to both.

A model that is only as good has a higher mean in half of all comparisons. So the mean does
not decide, but what chance would seldom do; benchmarks/model_gate.py tells how seldom.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import DatasetError
from segmetry.evaluate import paired_difference

__all__ = ["Verdict", "compare"]

_SAME = 1e-9  # of a score: less is rounding
_LEVEL = 0.9  # of the interval: 1 in 20 equal models has all of it above 0


@dataclass(frozen=True)
class Verdict:
    """What a comparison of two models on the same held-out pictures came to.

    Parameters
    ----------
    accepted : bool
        All of the interval lies above 0. Where there is none, the new model is worse on
        no picture (or group of pictures), and better on one at least.
    new, old : float
        Mean scores.
    difference : float
        Mean of new - old.
    low, high : float or None
        90 % interval of the difference; `None` for fewer than five pictures or groups.
    n_pictures, n_better, n_worse : int
    sentence : str
        All of it in plain words.
    """

    accepted: bool
    new: float
    old: float
    difference: float
    low: float | None
    high: float | None
    n_pictures: int
    n_better: int
    n_worse: int
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """Return the values by name."""
        return asdict(self)


def compare(
    new: Sequence[float],
    old: Sequence[float],
    *,
    name: str,
    score: str = "dsb_score",
    groups: Sequence[str] | None = None,
) -> Verdict:
    """Compare the scores of two models on the same pictures, picture by picture.

    Parameters
    ----------
    new, old : sequence of float
        A score for each picture, higher is better.
    name : str
        Name of the old model.
    score : str
        What the scores are called.
    groups : sequence of str or None
        Group of each picture; those of one are alike and count together in the interval.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        If there are not equally many scores, or none.

    Examples
    --------
    >>> verdict = compare([0.5, 0.6, 0.4], [0.6, 0.7, 0.5], name="nuclei")
    >>> verdict.accepted, verdict.n_worse
    (False, 3)
    """
    if len(new) != len(old) or not len(new):
        msg = f"both need a score for each picture, got {len(new)} and {len(old)}"
        raise ValueError(msg)
    apart = np.asarray(new, np.float64) - np.asarray(old, np.float64)
    n_better, n_worse = int((apart > _SAME).sum()), int((apart < -_SAME).sum())
    low, high = _interval(new, old, groups)
    units = _by_group(apart, groups)
    if low is None:
        accepted = bool(units.min() >= -_SAME and units.max() > _SAME)
    else:
        accepted = low > _SAME
    verdict = Verdict(
        accepted=accepted,
        new=float(np.mean(new)),
        old=float(np.mean(old)),
        difference=float(apart.mean()),
        low=low,
        high=high,
        n_pictures=len(apart),
        n_better=n_better,
        n_worse=n_worse,
        sentence="",
    )
    return replace(verdict, sentence=_sentence(verdict, len(units), name, score))


def _interval(
    new: Sequence[float], old: Sequence[float], groups: Sequence[str] | None
) -> tuple[float | None, float | None]:
    try:
        found = paired_difference(new, old, clusters=groups, level=_LEVEL)
    except DatasetError:
        return None, None
    return found.low, found.high


def _by_group(
    apart: NDArray[np.float64], groups: Sequence[str] | None
) -> NDArray[np.float64]:
    """Return the mean difference of each group, or of each picture."""
    if groups is None:
        return apart
    unit = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    return np.asarray(np.bincount(unit, apart) / np.bincount(unit))


def _sentence(verdict: Verdict, n_units: int, name: str, score: str) -> str:
    n = verdict.n_pictures
    pictures = "1 held-out picture" if n == 1 else f"{n} held-out pictures"
    if n_units != n:
        pictures += f" of {n_units} {'group' if n_units == 1 else 'groups'}"
    figures = (
        f"{score} {verdict.new:.3f} against {verdict.old:.3f} on {pictures}, better on "
        f"{verdict.n_better} and worse on {verdict.n_worse}; difference "
        f"{verdict.difference:+.3f}"
    )
    if verdict.low is not None:
        interval = f"{verdict.low:+.3f} to {verdict.high:+.3f}"
        figures += f", {100 * _LEVEL:.0f} % interval {interval}"
        figures += "" if verdict.accepted else ", which must lie above 0"
    if not verdict.accepted:
        return (
            f"Refused, because it is not shown to be better than {name}, from which it "
            f"started: {figures}. No model was written; use {name}, or give more "
            "pictures, better masks or more time."
        )
    if verdict.low is None:
        figures += (
            f". So few are no proof: of models that are only as good, 1 in {2**n_units} "
            "gets as far"
        )
    return f"Accepted in place of {name}: {figures}."
