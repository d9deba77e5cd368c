"""Which objects of a project to look at next, and how many wrong ones are left.

What one person accepted, took away and changed tells, for the whole project, how far the
doubts of the method can be believed; see `segmetry.evaluate.review`. Objects of a size that
no other picture has are doubted more; see `segmetry.evaluate.review_sizes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.evaluate.review import Review, review_objects
from segmetry.evaluate.review_queue import Advice, advise, review_order
from segmetry.evaluate.review_sizes import doubts_by_size
from segmetry.evaluate.verdicts import UNSEEN, WRONG
from segmetry.project.annotated import is_checked
from segmetry.project.judged import Judged
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.looks import pixel_size_of
from segmetry.project.project import Project
from segmetry.project.tables import in_order

__all__ = ["NOTE", "Reviewed", "in_words", "review_labels", "review_project"]

NOTE = "This counts false and badly cut objects, not missed ones."

_PICTURE_BITS = 32  # of an object's name, above its number


@dataclass(frozen=True, eq=False)
class Reviewed:
    """How far the review of a picture or a project has come.

    Parameters
    ----------
    advice : Advice
    queue : DataFrame
        The objects that nobody has looked at, in the order in which to do so: `picture`
        and `labels` (identifiers), `label`, `probability` of being wrong.
    pictures : DataFrame
        For each picture with labels: `picture`, `labels`, `n_seen`, `n_wrong`, `n_left`,
        and `errors_left`, as many wrong ones as are expected among these.
    n_verdicts : int
        Objects of the whole project that were looked at; what was learned comes from them.
    basis : {"confidence", "steadiness", "mixed", "none"}
        What the doubts come from; see `segmetry.project.runs.doubt_of_run`. "mixed" where
        that differs between pictures.
    """

    advice: Advice
    queue: pd.DataFrame
    pictures: pd.DataFrame
    n_verdicts: int
    basis: str


@dataclass(frozen=True, eq=False)
class _Part:
    record: LabelSetRecord
    judged: Judged


def review_labels(
    project: Project, labels: str, *, n_next: int = 20, precision: float = 0.98
) -> Reviewed:
    """Return how far the review of one set of labels has come.

    Parameters
    ----------
    project : Project
    labels : str
    n_next, precision
        As in `segmetry.evaluate.review_queue.advise`.

    Returns
    -------
    Reviewed
        Verdicts on the newest labels of all other pictures count too.

    Raises
    ------
    ProjectError, PictureError
        If there are no such labels, or some cannot be opened.
    """
    record = project.labels.record(labels)
    others = [
        one
        for one in _newest(project)
        if one.picture != record.picture and _has_verdicts(project, one)
    ]
    parts = [_part(project, one) for one in (record, *others)]
    return _reviewed(parts, 1, n_next=n_next, precision=precision)


def review_project(
    project: Project, *, n_next: int = 20, precision: float = 0.98
) -> Reviewed:
    """Return how far the review of all pictures of a project has come.

    Parameters
    ----------
    project : Project
    n_next, precision
        As in `segmetry.evaluate.review_queue.advise`.

    Returns
    -------
    Reviewed
        Of the newest labels of each picture.

    Raises
    ------
    ProjectError, PictureError
        If labels cannot be opened.
    """
    parts = [_part(project, one) for one in _newest(project)]
    return _reviewed(parts, len(parts), n_next=n_next, precision=precision)


def in_words(advice: Advice, *, precision: float) -> str:
    """Return what a review tells as sentences for people.

    Parameters
    ----------
    advice : Advice
    precision : float
        Share of right objects at which to stop.

    Examples
    --------
    >>> from segmetry.evaluate.review import review_objects
    >>> told = advise(review_objects([0.9], [1]), np.zeros(0, np.intp))
    >>> in_words(told, precision=0.98)
    'All 1 objects were looked at; 1 was wrong. This counts false and badly cut objects, \
not missed ones.'
    """
    wrong = f"{advice.n_wrong} {'was' if advice.n_wrong == 1 else 'were'} wrong"
    if advice.n_left == 0:
        return f"All {advice.n_seen} objects were looked at; {wrong}. {NOTE}"
    left, soon = advice.errors_left, advice.errors_next
    told = (
        f"{advice.n_seen} objects were looked at, {wrong}. Expected errors left: "
        f"{left.value:.0f} ({left.low} to {left.high}) among {advice.n_left}. "
        f"With the next {advice.n_next} you would find about {soon.value:.0f}."
    )
    if advice.n_to_stop == 0:
        return (
            f"{told} You can stop here for a precision of {precision:g} or better. {NOTE}"
        )
    return (
        f"{told} For a precision of {precision:g} or better look at about "
        f"{advice.n_to_stop} more. {NOTE}"
    )


def _newest(project: Project) -> list[LabelSetRecord]:
    pictures = in_order(project.pictures.records())
    found = (project.labels.records(picture.id) for picture in pictures)
    return [records[-1] for records in found if records]


def _has_verdicts(project: Project, record: LabelSetRecord) -> bool:
    return project.labels.rev(record.id) > 0 or _is_checked(project, record)


def _is_checked(project: Project, record: LabelSetRecord) -> bool:
    return is_checked(project, project.pictures.record(record.picture), record.id)


def _part(project: Project, record: LabelSetRecord) -> _Part:
    checked = _is_checked(project, record)
    return _Part(record, project.judged.of(record, is_checked=checked))


def _reviewed(
    parts: Sequence[_Part], n_told: int, *, n_next: int, precision: float
) -> Reviewed:
    """Return what all parts teach of the first ones."""
    ids, verdict, doubt = (
        np.concatenate([np.zeros(0, kind), *(getattr(part.judged, name) for part in parts)])
        for name, kind in (("ids", np.uint32), ("verdict", np.int8), ("doubt", np.float64))
    )
    lengths = [len(part.judged.ids) for part in parts]
    part_of = np.repeat(np.arange(len(parts)), lengths)
    doubt = doubts_by_size(doubt, _areas(parts), picture=part_of)
    everything = review_objects(doubt, verdict, picture=part_of)
    chosen = part_of < n_told
    told, part_of, ids = everything.only(chosen), part_of[chosen], ids[chosen]
    is_left = np.flatnonzero(told.verdict == UNSEEN)
    names = (part_of.astype(np.uint64) << np.uint64(_PICTURE_BITS)) + ids
    order = is_left[
        review_order(
            told.probability[is_left],
            names=names[is_left],
            n_before=len(ids) - len(is_left),
        )
    ]
    records = [part.record for part in parts[:n_told]]
    queue = pd.DataFrame(
        {
            "picture": [records[k].picture for k in part_of[order].tolist()],
            "labels": [records[k].id for k in part_of[order].tolist()],
            "label": ids[order],
            "probability": told.probability[order],
        }
    )
    bases = {part.judged.basis for part in parts[:n_told]} or {"none"}
    return Reviewed(
        advice=advise(told, order, n_next=n_next, precision=precision),
        queue=queue,
        pictures=_by_picture(records, part_of, told),
        n_verdicts=int((verdict != UNSEEN).sum()),
        basis=bases.pop() if len(bases) == 1 else "mixed",
    )


def _areas(parts: Sequence[_Part]) -> NDArray[np.float64]:
    """Return areas of all objects, in µm² if all pixel sizes are known, else in pixels."""
    sizes = [pixel_size_of(part.record.run["pixel_size"]) for part in parts]
    known = [size.in_um for size in sizes if size is not None]
    units = np.ones(len(parts))
    if len(known) == len(parts):
        units = np.array([size.y * size.x for size in known])
    areas = [part.judged.area * unit for part, unit in zip(parts, units, strict=True)]
    return np.concatenate([np.zeros(0), *areas])


def _by_picture(
    records: Sequence[LabelSetRecord], part_of: NDArray[np.intp], told: Review
) -> pd.DataFrame:
    n, is_left = len(records), told.verdict == UNSEEN
    expected = np.where(is_left, told.probability, 0.0)
    return pd.DataFrame(
        {
            "picture": [record.picture for record in records],
            "labels": [record.id for record in records],
            "n_seen": np.bincount(part_of[~is_left], minlength=n),
            "n_wrong": np.bincount(part_of[told.verdict == WRONG], minlength=n),
            "n_left": np.bincount(part_of[is_left], minlength=n),
            "errors_left": np.bincount(part_of, expected, n),
        }
    )
