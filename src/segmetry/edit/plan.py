"""What an edit would change, worked out before a pixel is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.act import Edit
from segmetry.edit.change import AFTER, Seeds
from segmetry.edit.parts import banks_of, parts_of
from segmetry.edit.raster import stroke_spans
from segmetry.edit.runs import LABEL, Runs, read
from segmetry.edit.spans import ROW, START, Spans
from segmetry.edit.table import ObjectTable

__all__ = ["Ground", "Plan", "becoming", "numbered", "parted", "stroke_of", "under"]


@dataclass(frozen=True, eq=False)
class Ground:
    """What edits are planned on, and must not change.

    Parameters
    ----------
    data : ndarray of uint32, shape (Y, X)
    excluded : ndarray of uint8, shape (Y, X), or None
        Not 0 where nothing may be painted.
    table : ObjectTable
    next_id : int
        The first number that was never given.
    pending : dict
        See `Change`.
    """

    data: NDArray[np.uint32]
    excluded: NDArray[np.uint8] | None
    table: ObjectTable
    next_id: int
    pending: Mapping[int, Seeds]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        return self.data.shape[0], self.data.shape[1]

    def there(self, ids: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return those of the numbers that belong to an object, ascending, each once."""
        ids = np.unique(ids)
        return ids[self.table.get(ids)["area"] > 0]

    def box(self, label: int) -> tuple[int, int, int, int]:
        """Return first x, first y, exclusive last x and last y of an object."""
        x0, y0, x1, y1 = self.table.get(np.array([label]))["box"][0].tolist()
        return x0, y0, x1, y1


@dataclass(frozen=True, eq=False)
class Plan:
    """What an edit would change; fields as in `Change`, runs in any order."""

    runs: Runs = field(default_factory=lambda: np.empty((0, AFTER + 1), dtype=np.int64))
    pending: Mapping[int, Seeds] = field(default_factory=dict)
    accepted: tuple[int, ...] = ()
    into: tuple[int, ...] = ()
    remark: str = ""


def stroke_of(ground: Ground, edit: Edit) -> Spans:
    """Return the spans of an edit's stroke; none where it has no points."""
    if not edit.points:
        return np.empty((0, 3), dtype=np.int32)
    return stroke_spans(edit.points, edit.width, ground.shape)


def under(ground: Ground, spans: Spans) -> Runs:
    """Return the runs of objects under spans."""
    runs = read(ground.data, spans)
    return runs[runs[:, LABEL] > 0]


def becoming(runs: Runs, labels: NDArray[np.integer] | int) -> Runs:
    """Return runs with a column for the label that they get.

    Examples
    --------
    >>> becoming(np.array([[0, 2, 5, 7]]), 9).tolist()
    [[0, 2, 5, 7, 9]]
    """
    after = np.broadcast_to(np.asarray(labels, dtype=np.int64), len(runs))
    return np.column_stack([runs[:, : LABEL + 1], after])


def numbered(parts: list[Runs], first: int) -> list[Runs]:
    """Give parts the numbers from `first` on, in reading order of their first pixels.

    Examples
    --------
    >>> parts = [np.array([[5, 0, 2, 3]]), np.array([[1, 4, 5, 3]])]
    >>> [part.tolist() for part in numbered(parts, 8)]
    [[[1, 4, 5, 3, 8]], [[5, 0, 2, 3, 9]]]
    """
    ordered = sorted(parts, key=lambda part: (int(part[0, ROW]), int(part[0, START])))
    return [becoming(part, first + k) for k, part in enumerate(ordered)]


def parted(ground: Ground, taken: Runs, first: int) -> tuple[list[Runs], dict[int, Seeds]]:
    """Return the parts into which objects fall without some pixels, with new numbers.

    Parameters
    ----------
    ground : Ground
    taken : ndarray of int64, shape (k, 4)
        Runs that are taken from objects, in reading order.
    first : int
        The first new number.

    Returns
    -------
    parts : list of ndarray of int64, shape (k, 5)
    pending : dict
        What is pending of each object that lost pixels, where anything is.
    """
    banks = banks_of(ground.data, taken)
    seeds = banks.seeds()
    labels, starts = np.unique(np.sort(taken[:, LABEL]), return_index=True)
    by_label = np.split(taken[np.argsort(taken[:, LABEL], kind="stable")], starts[1:])
    parts: list[Runs] = []
    pending: dict[int, Seeds] = {}
    for label, of_label in zip(labels.tolist(), by_label, strict=True):
        gaps = seeds.get(label, {})
        if label in ground.pending:
            pending[label] = banks.moved(ground.pending[label], gaps)
        groups = tuple(group for group in gaps.values() if len(group) > 1)
        if not groups:
            continue
        leaving, undecided = parts_of(
            ground.data, of_label, groups, label=label, box=ground.box(label)
        )
        parts += leaving
        # Groups that are decided may join others by the parts that leave.
        if undecided or label in pending:
            pending[label] = pending.get(label, ()) + groups
    return numbered(parts, first), pending
