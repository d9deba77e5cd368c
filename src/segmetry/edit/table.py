"""What an editor keeps of each object: its box, its area, and where it comes from."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.runs import LABEL, Runs, find

__all__ = [
    "DRAWN",
    "EDITED",
    "FOUND",
    "OBJECT",
    "ORIGINS",
    "ObjectTable",
    "Origin",
    "extents",
]

Origin = Literal["found", "edited", "drawn"]

FOUND, EDITED, DRAWN = 0, 1, 2

ORIGINS: Mapping[int, Origin] = MappingProxyType(
    {FOUND: "found", EDITED: "edited", DRAWN: "drawn"}
)

# A box is first x, first y, and exclusive last x, last y. An object of area 0 is gone.
OBJECT = np.dtype(
    [
        ("label", "<u4"),
        ("box", "<i4", (4,)),
        ("area", "<i8"),
        ("origin", "u1"),
        ("accepted", "?"),
    ]
)

Objects = NDArray[np.void]


class ObjectTable:
    """One row per object, ascending by number, looked up without a search of the picture.

    Parameters
    ----------
    data : ndarray of uint32, shape (Y, X)
        Labels, from which boxes and areas are counted once.

    Examples
    --------
    >>> table = ObjectTable(np.array([[0, 4, 4], [2, 0, 4]], dtype=np.uint32))
    >>> table.alive["label"].tolist(), table.get(np.array([4]))["box"].tolist()
    ([2, 4], [[1, 0, 3, 2]])
    """

    def __init__(self, data: NDArray[np.uint32]) -> None:
        labels, areas, boxes = extents(find(data))
        self._rows = np.zeros(len(labels), dtype=OBJECT)
        self._rows["label"], self._rows["area"], self._rows["box"] = labels, areas, boxes
        self._n = len(labels)
        self._alive: Objects | None = None  # asked for many times between two edits

    @property
    def alive(self) -> Objects:
        """The rows of all objects that have pixels, as they are now; not to be written."""
        if self._alive is None:
            rows = self._rows[: self._n]
            self._alive = rows[rows["area"] > 0]
            self._alive.flags.writeable = False
        return self._alive

    def get(self, labels: NDArray[np.integer]) -> Objects:
        """Return a copy of the rows of labels; of area 0 where there is no such object."""
        rows = np.zeros(len(labels), dtype=OBJECT)
        rows["label"] = labels
        places, is_known = self._look_up(rows["label"])
        rows[is_known] = self._rows[places[is_known]]
        return rows

    def put(self, rows: Objects) -> None:
        """Write rows, ascending by number, over those of the same numbers."""
        self._alive = None
        places, is_known = self._look_up(rows["label"])
        self._rows[places[is_known]] = rows[is_known]
        new = rows[~is_known]
        if len(new) == 0:
            return
        if self._n and new["label"][0] < self._rows["label"][self._n - 1]:
            kept = self._rows[: self._n]
            self._rows = np.insert(kept, np.searchsorted(kept["label"], new["label"]), new)
            self._n = len(self._rows)
            return
        if self._n + len(new) > len(self._rows):
            room = np.zeros(self._n + len(new), dtype=OBJECT)
            self._rows = np.concatenate([self._rows[: self._n], new, room])
        self._rows[self._n : self._n + len(new)] = new
        self._n += len(new)

    def _look_up(
        self, labels: NDArray[np.uint32]
    ) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        known = self._rows["label"][: self._n]
        places = np.searchsorted(known, labels)
        is_known = places < self._n
        is_known[is_known] = known[places[is_known]] == labels[is_known]
        return places, is_known


def extents(
    runs: Runs,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return labels, ascending, with their areas and boxes.

    Parameters
    ----------
    runs : ndarray of int64, shape (k, 4)
        In any order.

    Examples
    --------
    >>> labels, areas, boxes = extents(np.array([[5, 2, 6, 9], [6, 3, 7, 9]]))
    >>> labels.tolist(), areas.tolist(), boxes.tolist()
    ([9], [8], [[2, 5, 7, 7]])
    """
    order = np.argsort(runs[:, LABEL], kind="stable")
    rows, starts, stops, of_run = runs[order, : LABEL + 1].T
    first = np.flatnonzero(np.diff(of_run, prepend=-1))
    if len(first) == 0:
        return of_run, of_run, np.empty((0, 4), dtype=np.int64)
    boxes = [
        np.minimum.reduceat(starts, first),
        np.minimum.reduceat(rows, first),
        np.maximum.reduceat(stops, first),
        np.maximum.reduceat(rows, first) + 1,
    ]
    return of_run[first], np.add.reduceat(stops - starts, first), np.stack(boxes, axis=1)
