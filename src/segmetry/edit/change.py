"""What an edit changed, and nothing else: enough to take it back and to make it again."""

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.runs import LABEL, Runs
from segmetry.edit.spans import ROW, START, STOP
from segmetry.edit.table import OBJECT, ORIGINS, Objects, Origin
from segmetry.errors import EditError

__all__ = [
    "AFTER",
    "BEFORE",
    "Change",
    "Seeds",
    "pending_from_json",
    "pending_to_json",
]

BEFORE, AFTER = LABEL, LABEL + 1  # columns of the runs of a change

Seeds = tuple[tuple[tuple[int, int], ...], ...]

_FORMAT = 1
_LENGTH = struct.Struct("<I")


def _no_runs() -> Runs:
    return np.empty((0, AFTER + 1), dtype=np.int64)


def _no_rows() -> Objects:
    return np.empty(0, dtype=OBJECT)


@dataclass(frozen=True, eq=False)
class Change:
    """What one edit changed. An edit that hits nothing gives an empty change.

    Parameters
    ----------
    runs : ndarray of int64, shape (k, 5)
        Row, start, stop, label before and label after, of changed pixels only: in reading
        order, without overlap.
    before, after : ndarray of `segmetry.edit.table.OBJECT`, shape (n,)
        The rows of all objects concerned, ascending; area 0 where an object was not
        there, or is gone.
    pending_before, pending_after : dict
        For objects of which it is not yet known whether an edit parted them: groups of
        pixels (x, y), one pixel for each part, that hung together before.
    next_id : int
        The number after the highest given so far.
    into : tuple of int
        The objects that a stroke of "draw" went into, or 0: `Edit.ids` for the next
        piece of the same stroke.
    remark : str
        "apart" where merged objects do not all touch, else empty.
    """

    runs: Runs = field(default_factory=_no_runs)
    before: Objects = field(default_factory=_no_rows)
    after: Objects = field(default_factory=_no_rows)
    pending_before: Mapping[int, Seeds] = field(default_factory=dict)
    pending_after: Mapping[int, Seeds] = field(default_factory=dict)
    next_id: int = 1
    into: tuple[int, ...] = ()
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed: no pixel, no object, nothing pending."""
        return len(self.runs) == 0 and len(self.before) == 0

    @property
    def created(self) -> tuple[int, ...]:
        """Numbers of objects that were not there before."""
        return self._labels((self.before["area"] == 0) & (self.after["area"] > 0))

    @property
    def changed(self) -> tuple[int, ...]:
        """Numbers of objects that are there before and after."""
        return self._labels((self.before["area"] > 0) & (self.after["area"] > 0))

    @property
    def gone(self) -> tuple[int, ...]:
        """Numbers of objects that are no longer there."""
        return self._labels((self.before["area"] > 0) & (self.after["area"] == 0))

    @property
    def pending(self) -> tuple[int, ...]:
        """Numbers of objects of this change that `Canvas.settle` has to look at."""
        return tuple(sorted(self.pending_after))

    @property
    def origins(self) -> dict[int, Origin]:
        """Where each object of this change that is there comes from."""
        rows = self.after[self.after["area"] > 0]
        pairs = zip(rows["label"].tolist(), rows["origin"].tolist(), strict=True)
        return {label: ORIGINS[origin] for label, origin in pairs}

    @property
    def box(self) -> tuple[slice, slice]:
        """The rows and columns around all changed pixels; there must be some."""
        rows, starts, stops = self.runs[:, : STOP + 1].T
        return (
            slice(int(rows[0]), int(rows[-1]) + 1),
            slice(int(starts.min()), int(stops.max())),
        )

    def inverse(self) -> "Change":
        """Return the change that takes this one back. The counter of numbers stays."""
        return replace(
            self,
            runs=self.runs[:, [ROW, START, STOP, AFTER, BEFORE]],
            before=self.after,
            after=self.before,
            pending_before=self.pending_after,
            pending_after=self.pending_before,
            into=(),
            remark="",
        )

    def patches(self) -> list[dict[str, Any]]:
        """Return the pixels after the change as boxes of runs, ready for JSON.

        Returns
        -------
        list of dict
            None or one: `x`, `y`, `width` and `height` of the box around all changed
            pixels, and `runs`, pairs of a label and a length in reading order of the box;
            label -1 stands for pixels that did not change.
        """
        if len(self.runs) == 0:
            return []
        x, y = int(self.runs[:, START].min()), int(self.runs[0, ROW])
        width = int(self.runs[:, STOP].max()) - x
        height = int(self.runs[-1, ROW]) - y + 1
        line = (self.runs[:, ROW] - y) * width - x
        starts, stops = line + self.runs[:, START], line + self.runs[:, STOP]
        pairs = np.empty((2 * len(starts) + 1, 2), dtype=np.int64)
        pairs[::2, 0], pairs[1::2, 0] = -1, self.runs[:, AFTER]
        pairs[::2, 1] = np.append(starts, width * height) - np.append(0, stops)
        pairs[1::2, 1] = stops - starts
        # Tuples of a million runs cost a tenth of as many lists, which Python must watch.
        runs = list(zip(*pairs[pairs[:, 1] > 0].T.tolist(), strict=True))
        return [{"x": x, "y": y, "width": width, "height": height, "runs": runs}]

    def to_bytes(self) -> bytes:
        """Return the change as bytes for a journal, as a rule some hundred.

        Examples
        --------
        >>> Change.from_bytes(Change(next_id=7).to_bytes()).next_id
        7
        """
        head = {
            "format": _FORMAT,
            "runs": len(self.runs),
            "objects": len(self.before),
            "pending": [
                pending_to_json(self.pending_before),
                pending_to_json(self.pending_after),
            ],
            "next_id": self.next_id,
            "into": list(self.into),
            "remark": self.remark,
        }
        text = json.dumps(head, separators=(",", ":")).encode()
        # From run to run, little changes but by the same steps.
        steps = np.diff(self.runs, axis=0, prepend=0).T.astype("<i8")
        body = steps.tobytes() + self.before.tobytes() + self.after.tobytes()
        return _LENGTH.pack(len(text)) + zlib.compress(text + body, level=1)

    @classmethod
    def from_bytes(cls, record: bytes) -> "Change":
        """Return the change that `to_bytes` wrote.

        Raises
        ------
        EditError
            If the bytes are damaged, or of a newer version.
        """
        try:
            (length,) = _LENGTH.unpack_from(record)
            content = zlib.decompress(record[_LENGTH.size :])
            head = json.loads(content[:length])
            if head["format"] != _FORMAT:
                msg = f"a change of format {head['format']} needs a newer Segmetry"
                raise EditError(msg)
            return cls._from(head, content[length:])
        except (zlib.error, struct.error, ValueError, KeyError, TypeError) as error:
            msg = f"the record of a change is damaged: {error}; restore a backup"
            raise EditError(msg) from error

    @classmethod
    def _from(cls, head: dict[str, Any], body: bytes) -> "Change":
        n_runs, n_objects = int(head["runs"]), int(head["objects"])
        end = 8 * (AFTER + 1) * n_runs
        steps = np.frombuffer(body[:end], dtype="<i8").reshape(AFTER + 1, n_runs)
        rows = np.frombuffer(body[end:], dtype=OBJECT).reshape(2, n_objects)
        before, after = (pending_from_json(pairs) for pairs in head["pending"])
        return cls(
            runs=np.ascontiguousarray(np.cumsum(steps, axis=1).T),
            before=rows[0],
            after=rows[1],
            pending_before=before,
            pending_after=after,
            next_id=int(head["next_id"]),
            into=tuple(head["into"]),
            remark=str(head["remark"]),
        )

    def _labels(self, chosen: NDArray[np.bool_]) -> tuple[int, ...]:
        return tuple(self.after["label"][chosen].tolist())


def pending_to_json(pending: Mapping[int, Seeds]) -> list[Any]:
    """Return what is pending as JSON values, ascending by label."""
    return [[label, groups] for label, groups in sorted(pending.items())]


def pending_from_json(pairs: Iterable[Any]) -> dict[int, Seeds]:
    """Return what `pending_to_json` wrote."""
    return {
        int(label): tuple(tuple((int(x), int(y)) for x, y in group) for group in groups)
        for label, groups in pairs
    }
