"""What needs no skill, taken at its best: score by score the better of two such answers."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from segmetry.evaluate.catalogue import SCORES
from segmetry.evaluate.evaluation import Evaluation
from segmetry.evaluate.intervals import MeanScore

__all__ = ["better_of_each"]

_Value = TypeVar("_Value")


def better_of_each(one: Evaluation, other: Evaluation) -> Evaluation:
    """Return an evaluation that has, of each score, the better of two.

    To call nothing foreground has an accuracy of 0.95 where 5 % are foreground, and a Dice
    of 0; to call everything so has a Dice of 0.10. A method must beat both.

    Parameters
    ----------
    one, other : Evaluation
        Of the same pictures. Of equal scores, that of `one` is taken. Which is better is
        asked of the whole set, and holds for its groups and pictures too.

    Returns
    -------
    Evaluation

    Examples
    --------
    >>> from segmetry.evaluate import evaluate_set
    >>> few = evaluate_set({"a": (2, 8), "b": (2, 3)}, task="counts")
    >>> many = evaluate_set({"a": (9, 8), "b": (9, 3)}, task="counts")
    >>> both = better_of_each(few, many)
    >>> both.scores["count_mae"].value, both.scores["count_bias"].value
    (3.5, -3.5)
    """
    first = {
        name: not _is_better(name, other.scores[name], score)
        for name, score in one.scores.items()
        if name in other.scores
    }

    def merged(mine: Mapping[str, _Value], its: Mapping[str, _Value]) -> dict[str, _Value]:
        return {
            name: value if first.get(name, True) else its[name]
            for name, value in mine.items()
        }

    return replace(
        one,
        scores=merged(one.scores, other.scores),
        groups={
            group: merged(scores, other.groups[group])
            for group, scores in one.groups.items()
        },
        pictures={
            name: merged(values, other.pictures[name])
            for name, values in one.pictures.items()
        },
    )


def _is_better(name: str, score: MeanScore, than: MeanScore) -> bool:
    aim = SCORES[name].aim if name in SCORES else "high"
    new, old = score.value, than.value
    if math.isnan(new) or math.isnan(old):
        return math.isnan(old) and not math.isnan(new)
    if aim == "high":
        return new > old
    return abs(new) < abs(old)
