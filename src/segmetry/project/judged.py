"""What a person's corrections say of the objects that were found in each picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.verdicts import Verdicts, verdicts_of
from segmetry.project.checkpoints import Checkpoint
from segmetry.project.label_sets import LabelSetRecord, LabelSets
from segmetry.project.runs import Basis, doubt_of_run

__all__ = ["Judged", "JudgedObjects"]

_MANY = 20  # objects in one act: a rule took them away, nobody looked at each
_UNKNOWN = 0.1  # chance of being wrong where a method tells nothing of an object


@dataclass(frozen=True, eq=False)
class Judged:
    """The objects that were found in one picture, and what is known of them.

    Parameters
    ----------
    ids : ndarray of uint32, shape (n,)
    verdict : ndarray of int8, shape (n,)
        See `segmetry.evaluate.verdicts`.
    doubt : ndarray of float64, shape (n,)
        How likely each is wrong, as the method said when it found it.
    basis : str
        What the doubt comes from; see `segmetry.project.runs.doubt_of_run`.
    area : ndarray of float64, shape (n,)
        In pixels, as it was found.
    """

    ids: NDArray[np.uint32]
    verdict: NDArray[np.int8]
    doubt: NDArray[np.float64]
    basis: Basis
    area: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Found:
    """What a run told of its objects, by their numbers: no correction changes it."""

    doubt: NDArray[np.float64]
    area: NDArray[np.float64]
    basis: Basis


class JudgedObjects:
    """Verdicts on objects, kept until labels change, so that these need not stay open.

    Parameters
    ----------
    labels : LabelSets
    """

    def __init__(self, labels: LabelSets) -> None:
        self._labels = labels
        self._kept: dict[str, tuple[Any, Judged]] = {}
        self._found: dict[str, _Found] = {}

    def of(self, record: LabelSetRecord, *, is_checked: bool) -> Judged:
        """Return what is known of the objects of labels as they were found.

        Parameters
        ----------
        record : LabelSetRecord
        is_checked : bool
            Whether a person has looked at every one of them.

        Raises
        ------
        ProjectError, PictureError
            If the labels cannot be opened.
        """
        state = (self._labels.rev(record.id), is_checked)
        kept = self._kept.get(record.id)
        if kept is None or kept[0] != state:
            kept = (state, self._read(record, *state))
            self._kept[record.id] = kept
        return kept[1]

    def _read(self, record: LabelSetRecord, rev: int, is_checked: bool) -> Judged:
        found = self._labels.found(record.id)
        if record.id not in self._found:
            self._found[record.id] = _found(found)
        told = self._found[record.id]
        if rev == 0:
            return _judged(told, verdicts_of(found.data, found.data, all_seen=is_checked))
        by_rule = self._labels.deleted_by_rule(record.id, least=_MANY)
        corrected, accepted = self._labels.read(
            record.id, lambda labels: (labels.labels.data, labels.accepted)
        )
        verdicts = verdicts_of(
            found.data, corrected, accepted=accepted, by_rule=by_rule, all_seen=is_checked
        )
        return _judged(told, verdicts)


def _found(run: Checkpoint) -> _Found:
    labels, told, basis = doubt_of_run(run)
    area = np.bincount(run.data.ravel()).astype(np.float64)
    doubt = np.full(len(area), _UNKNOWN)
    is_there = labels < len(area)
    doubt[labels[is_there]] = told[is_there]
    return _Found(doubt, area, basis)


def _judged(found: _Found, verdicts: Verdicts) -> Judged:
    ids = verdicts.ids
    return Judged(ids, verdicts.verdict, found.doubt[ids], found.basis, found.area[ids])
