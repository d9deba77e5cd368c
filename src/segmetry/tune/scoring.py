"""The score of a method with some values, on pictures; what is taught sees no others."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from segmetry.compare.judging import Judgeable, Rules, judgeable, judged
from segmetry.compare.pictures import Entry
from segmetry.compare.work import folds_of
from segmetry.errors import DatasetError
from segmetry.evaluate import SCORES
from segmetry.segment import Segmenter
from segmetry.tune.candidates import Candidate

__all__ = ["Scorer"]

_MOST_KEPT = 64  # pictures that stay in memory, so that no trial reads them again


class Scorer:
    """Scores of a method with values, each found once.

    Parameters
    ----------
    candidate : Candidate
    rules : Rules
    score : str
        Name of the score.
    inner_folds : int
        For methods that learn.
    """

    def __init__(
        self, candidate: Candidate, rules: Rules, score: str, *, inner_folds: int = 3
    ) -> None:
        self.candidate = candidate
        self._rules = rules
        self._score = score
        self._sign = 1.0 if SCORES[score].aim == "high" else -1.0
        self._inner_folds = inner_folds
        self._pictures: dict[str, Judgeable] = {}
        self._known: dict[tuple[str, str], float] = {}

    def searched(
        self, values: Mapping[str, Any], entries: Sequence[Entry]
    ) -> Iterator[tuple[str, float]]:
        """Yield the score of each picture of those from which values are chosen.

        Parameters
        ----------
        values : mapping of str to Any
        entries : sequence of Entry

        Yields
        ------
        str
            Name of the picture.
        float
            Higher is better. A method that learns is taught by the other pictures, and
            by the same where all hang together.
        """
        if not self.candidate.learns:
            segmenter = self.candidate.segmenter(values)
            for entry in entries:
                yield entry.name, self._of(values, segmenter, entry)
            return
        for fold in self._inner(entries):
            others = [entry for entry in entries if entry not in fold] or entries
            segmenter = self.taught(values, others)
            for entry in fold:
                yield entry.name, self._judged(segmenter, entry)

    def held_out(
        self,
        values: Mapping[str, Any],
        teachers: Sequence[Entry],
        entries: Sequence[Entry],
    ) -> dict[str, float]:
        """Return the score of pictures from which nothing was chosen or learned.

        Parameters
        ----------
        values : mapping of str to Any
        teachers : sequence of Entry
            From which values were chosen; a method that learns is taught by them.
        entries : sequence of Entry
            None of them among `teachers`.
        """
        if not self.candidate.learns:
            segmenter = self.candidate.segmenter(values)
            return {one.name: self._of(values, segmenter, one) for one in entries}
        segmenter = self.taught(values, teachers)
        return {one.name: self._judged(segmenter, one) for one in entries}

    def taught(self, values: Mapping[str, Any], teachers: Sequence[Entry]) -> Any:
        """Return the method with some values, taught by pictures."""
        pictures = [self._picture(entry) for entry in teachers]
        return self.candidate.segmenter(values).fit(
            [one.image for one in pictures],
            [one.truth for one in pictures],
            seed=self._rules.seed,
        )

    def remember(self, values: Mapping[str, Any], pictures: Mapping[str, float]) -> None:
        """Take scores that an earlier program found, so that they are not found again."""
        if not self.candidate.learns:
            for name, value in pictures.items():
                self._known[_key(values), name] = value

    def as_told(self, value: float) -> float:
        """Return a score as people know it: higher need not be better."""
        return self._sign * value

    def _inner(self, entries: Sequence[Entry]) -> list[tuple[Entry, ...]]:
        if len({entry.unit for entry in entries}) < 2:
            return [tuple(entries)]
        return folds_of(entries, self._inner_folds, seed=self._rules.seed)

    def _of(self, values: Mapping[str, Any], segmenter: Segmenter, entry: Entry) -> float:
        key = _key(values), entry.name
        if key not in self._known:
            self._known[key] = self._judged(segmenter, entry)
        return self._known[key]

    def _judged(self, segmenter: Segmenter, entry: Entry) -> float:
        found = judged(segmenter, self._picture(entry), self._rules)
        value = found.scores[self._score]
        if not math.isfinite(value):
            msg = f"{entry.name} has no {SCORES[self._score].title}; choose another --score"
            raise DatasetError(msg)
        return self._sign * value

    def _picture(self, entry: Entry) -> Judgeable:
        known = self._pictures.get(entry.name)
        if known is not None:
            return known
        picture = judgeable(entry, self.candidate.recipe(self.candidate.defaults))
        if len(self._pictures) < _MOST_KEPT:
            self._pictures[entry.name] = picture
        return picture


def _key(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)
