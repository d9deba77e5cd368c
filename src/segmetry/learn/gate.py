"""Whether a new model is better than the one it started from, on pictures new to both."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from segmetry.errors import DatasetError
from segmetry.evaluate import paired_difference

__all__ = ["Verdict", "compare"]

_SAME = 1e-9  # of a score: less is rounding


@dataclass(frozen=True)
class Verdict:
    """What a comparison of two models on the same held-out pictures came to.

    Parameters
    ----------
    accepted : bool
        The new model is better on average, and no more pictures got worse than better.
    new, old : float
        Mean scores.
    difference : float
        Mean of new - old.
    low, high : float or None
        95 % interval of the difference; `None` for fewer than five pictures or groups.
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
    difference = float(apart.mean())
    accepted = difference > _SAME and n_worse <= n_better
    low, high = _interval(new, old, groups)
    verdict = Verdict(
        accepted=accepted,
        new=float(np.mean(new)),
        old=float(np.mean(old)),
        difference=difference,
        low=low,
        high=high,
        n_pictures=len(apart),
        n_better=n_better,
        n_worse=n_worse,
        sentence="",
    )
    return replace(verdict, sentence=_sentence(verdict, name, score))


def _interval(
    new: Sequence[float], old: Sequence[float], groups: Sequence[str] | None
) -> tuple[float | None, float | None]:
    try:
        found = paired_difference(new, old, clusters=groups)
    except DatasetError:
        return None, None
    return found.low, found.high


def _sentence(verdict: Verdict, name: str, score: str) -> str:
    n = verdict.n_pictures
    pictures = "1 held-out picture" if n == 1 else f"{n} held-out pictures"
    figures = (
        f"{score} {verdict.new:.3f} against {verdict.old:.3f} on {pictures}, better on "
        f"{verdict.n_better} and worse on {verdict.n_worse}; difference "
        f"{verdict.difference:+.3f}, {_certainty(verdict)}"
    )
    if verdict.accepted:
        return f"Accepted in place of {name}: {figures}."
    return (
        f"Refused, because it is not better than {name}, from which it started: {figures}. "
        f"No model was written; use {name}, or give more pictures or better masks."
    )


def _certainty(verdict: Verdict) -> str:
    if verdict.low is None or verdict.high is None:
        return "from too few pictures to tell it from chance"
    interval = f"95 % interval {verdict.low:+.3f} to {verdict.high:+.3f}"
    if verdict.low <= 0 <= verdict.high:
        return f"{interval}, so chance is not excluded"
    return interval
