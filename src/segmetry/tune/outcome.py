"""What a tuning came to, and what may be said of it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from segmetry.compare.differences import Difference
from segmetry.evaluate import SCORES, MeanScore, mean_score
from segmetry.tune.study import Search, Tried

__all__ = ["DEFAULT", "LEFT_OUT", "TUNED", "OuterFold", "Tuning"]

DEFAULT, TUNED = "default", "tuned"
LEFT_OUT = "Left out: "


@dataclass(frozen=True)
class OuterFold:
    """A search that did not see some pictures, judged on those.

    Parameters
    ----------
    held_out : tuple of str
        Names of the pictures.
    search : Search
        On the others.
    default, tuned : mapping of str to float
        Score of each held-out picture; higher is better.
    """

    held_out: tuple[str, ...]
    search: Search
    default: Mapping[str, float]
    tuned: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Tuning:
    """A search over all pictures, and what searches like it are worth.

    Parameters
    ----------
    method, score : str
    defaults : mapping of str to Any
    search : Search
        On all pictures.
    outer : tuple of OuterFold
    default_scores, tuned_scores : mapping of str to float
        Of each picture, held out.
    difference : Difference
        Tuned - default on held-out pictures.
    gain : float
        The same, such that above 0 is better.
    sign : float
        1 where a high score is good, else -1.
    importance : mapping of str to float
        Share of each option in how the trials differ; empty where too few were made.
    options : mapping of str to Any
        Of the tuning.
    notes : tuple of str
    units : mapping of str to str
    model : str or None
        File beside the recipe, of a method that learns.
    """

    method: str
    score: str
    defaults: Mapping[str, Any]
    search: Search
    outer: tuple[OuterFold, ...]
    default_scores: Mapping[str, float]
    tuned_scores: Mapping[str, float]
    difference: Difference
    gain: float
    sign: float
    importance: Mapping[str, float]
    options: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None

    @property
    def left_out(self) -> bool:
        """Whether a picture could not be used."""
        return any(note.startswith(LEFT_OUT) for note in self.notes)

    @property
    def helps(self) -> bool:
        """Whether tuned options did better on held-out pictures, be it by chance."""
        return self.gain > 0

    @property
    def recommended(self) -> Mapping[str, Any]:
        """Values of the recipe that is written: the defaults where tuning did not help."""
        return self.search.best.settings if self.helps else self.defaults

    @property
    def sentence(self) -> str:
        """What tuning was worth, plainly."""
        title = SCORES[self.score].title
        told = (
            f"On pictures that the search did not see, tuning changed the {title} by "
            f"{self.difference.value:+.3f}"
        )
        if math.isfinite(self.difference.low):
            low, high = self.difference.low, self.difference.high
            told += f" (95 % interval {low:+.3f} to {high:+.3f}, n = {self.difference.n})"
        told = told.replace("-", "−")
        if self.difference.says == "better":
            return f"{told}: it helps. The recipe has the tuned options."
        if self.difference.says == "worse" or not self.helps:
            return f"{told}: it does not help. The recipe keeps the defaults."
        why = (
            "too few pictures to say whether it helps"
            if self.difference.says == "too few pictures"
            else "these pictures do not tell whether it helps"
        )
        return f"{told}: {why}. The recipe has the tuned options; check them on others."

    def mean(self, kind: str) -> MeanScore:
        """Return the mean held-out score of the tuned options or the defaults."""
        rows = self.tuned_scores if kind == TUNED else self.default_scores
        names = sorted(rows)
        return mean_score(
            [rows[name] for name in names],
            clusters=[self.units.get(name, name) for name in names],
            bounds=SCORES[self.score].bounds,
        )

    @property
    def optimism(self) -> float:
        """By how much the search's own score is too good, held-out pictures being right."""
        own = self.sign * self.search.best.mean
        return float(self.sign * (own - np.mean([*self.tuned_scores.values()])))

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values; what is not known is `None`."""
        return {
            "method": self.method,
            "score": self.score,
            "sentence": self.sentence,
            "helps": self.difference.says == "better",
            "recommended": "tuned" if self.helps else "default",
            "defaults": dict(self.defaults),
            "tuned": dict(self.search.best.settings),
            "held_out": {
                "default": self.mean(DEFAULT).as_json(),
                "tuned": self.mean(TUNED).as_json(),
                "difference": _plain(asdict(self.difference)),
                "pictures": {
                    name: {
                        "default": _or_none(self.default_scores[name]),
                        "tuned": _or_none(self.tuned_scores[name]),
                    }
                    for name in sorted(self.tuned_scores)
                },
            },
            "own_score": {
                "default": _or_none(self.sign * self.search.tried[0].mean),
                "tuned": _or_none(self.sign * self.search.best.mean),
                "optimism": _or_none(self.optimism),
            },
            "stopped_by": self.search.stopped_by,
            "n_trials": len(self.search.tried),
            "importance": dict(self.importance),
            "folds": [
                {
                    "held_out": list(fold.held_out),
                    "tuned": dict(fold.search.best.settings),
                    "n_trials": len(fold.search.tried),
                    "stopped_by": fold.search.stopped_by,
                }
                for fold in self.outer
            ],
            "model": self.model,
            "notes": list(self.notes),
        }

    def searches(self) -> list[tuple[str, Search]]:
        """Return all searches by name, that of all pictures first."""
        folds = [
            (f"without fold {number}", fold.search)
            for number, fold in enumerate(self.outer)
        ]
        return [("all pictures", self.search), *folds]

    def told_mean(self, tried: Tried) -> float:
        """Return the mean score of a trial as people know it."""
        return self.sign * tried.mean


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(one, float) and not math.isfinite(one) else one
        for key, one in values.items()
    }


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
