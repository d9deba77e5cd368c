"""The labels of one picture while a person corrects them."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.accounts import rows_after
from segmetry.edit.act import Edit, Kind
from segmetry.edit.brush import draw, erase
from segmetry.edit.change import (
    AFTER,
    BEFORE,
    Change,
    Seeds,
    pending_from_json,
    pending_to_json,
)
from segmetry.edit.cut import split
from segmetry.edit.parts import Group, joined_by, parts_of
from segmetry.edit.plan import Ground, Plan, becoming, numbered
from segmetry.edit.runs import LABEL, Runs, in_order, paint, read
from segmetry.edit.spans import ROW, START, STOP
from segmetry.edit.table import ORIGINS, Objects, ObjectTable
from segmetry.edit.taken import differing, taken
from segmetry.edit.whole import accept, fill, merge, remove
from segmetry.errors import EditError
from segmetry.image import Labels, Step

__all__ = ["Canvas"]

_PLANS: Mapping[Kind, Callable[[Ground, Edit], Plan]] = MappingProxyType(
    {
        "draw": draw,
        "erase": erase,
        "split": split,
        "fill": fill,
        "merge": merge,
        "remove": remove,
        "delete": remove,
        "reject": remove,
        "accept": accept,
    }
)


_NUMBERS = 2**32


class Canvas:
    """Labels that can be edited, with what is known of each object; one owner at a time.

    An edit costs what it touches: neither the picture nor other objects are looked at.
    Every change can be taken back to the byte. One thing never goes back: the counter of
    numbers, so that a number once given never means another object.

    Where an erasing or overwriting stroke may have parted an object so large that it is
    joined or not only far away, the object keeps its number at first and is *pending*;
    `settle` looks, and numbers the parts: the largest then keeps the number.

    Parameters
    ----------
    labels : Labels
        Of a single picture. They are copied.
    bookkeeping : dict or None
        What `Canvas.bookkeeping` gave for these labels. `None` for labels as found.

    Raises
    ------
    EditError
        If the labels are those of a stack.
    """

    def __init__(
        self, labels: Labels, *, bookkeeping: Mapping[str, Any] | None = None
    ) -> None:
        if labels.data.ndim != 2:
            msg = (
                f"editing needs a single picture, got a stack of axes {labels.image.axes}; "
                "take one slice of it first"
            )
            raise EditError(msg)
        self._image, self._steps = labels.image, labels.steps
        excluded = labels.image.excluded
        self._excluded = (
            None if excluded is None else np.ascontiguousarray(excluded).view(np.uint8)
        )
        self._data = np.array(labels.data, dtype=np.uint32, order="C")
        self._table = ObjectTable(self._data)
        self._pending: dict[int, Seeds] = {}
        highest = self._table.alive["label"].max(initial=0)
        self._next_id = int(highest) + 1
        self._n_owners = sys.getrefcount(self._data)
        if bookkeeping is not None:
            self._take_up(bookkeeping)

    @classmethod
    def of(
        cls, labels: Labels, *, bookkeeping: Mapping[str, Any] | None = None
    ) -> "Canvas":
        """Return a canvas of labels; see the class."""
        return cls(labels, bookkeeping=bookkeeping)

    @property
    def next_id(self) -> int:
        """The first number that was never given. It only rises."""
        return self._next_id

    @property
    def pending(self) -> tuple[int, ...]:
        """Numbers of the objects that `settle` has to look at, ascending."""
        return tuple(sorted(self._pending))

    @property
    def objects(self) -> Objects:
        """The rows of all objects as they are now: label, box, area, origin, accepted.

        A box is first x, first y, and exclusive last x and last y; `ORIGINS` names the
        origins.
        """
        return self._table.alive

    def labels(self) -> Labels:
        """Return the labels as they are now. Later edits do not change what is returned.

        Nothing is copied now. If the labels are still held when the next edit comes, the
        canvas leaves them their array and goes on with a copy.
        """
        origins = self._table.alive["origin"]
        counts: dict[str, int] = {
            name: int((origins == code).sum()) for code, name in ORIGINS.items()
        }
        steps = tuple(step for step in self._steps if step.name != "edit")
        return Labels(self._data, self._image, (*steps, Step("edit", counts)))

    def apply(self, edit: Edit) -> Change:
        """Make an edit, and return what it changed.

        Raises
        ------
        EditTooLargeError
            If the stroke covers too much. Nothing is changed then.
        """
        return self._carry_out(_PLANS[edit.kind](self._ground(), edit))

    def take_over(self, data: NDArray[np.integer]) -> Change:
        """Make the labels what another program left of them, and return what that changed.

        Objects keep their numbers; new ones get numbers that were never given.

        Parameters
        ----------
        data : ndarray of integers, shape (Y, X)
            They are copied. What is painted on excluded pixels does not count.

        Raises
        ------
        EditError
            If the shape is another, or these are no numbers of objects.
        """
        return self._carry_out(taken(self._ground(), data))

    def settle(self, ids: Iterable[int] | None = None) -> Change:
        """Look whether pending objects were parted, and give the parts their numbers.

        Parameters
        ----------
        ids : iterable of int or None
            Objects to look at; those that are not pending are passed over. `None` means
            all that are pending.
        """
        chosen = self.pending if ids is None else sorted(set(ids) & set(self._pending))
        return self._carry_out(self._settling(chosen))

    def revert(self, change: Change) -> Change:
        """Take a change back, and return what that changed.

        Raises
        ------
        EditError
            If the labels are no longer as the change left them: changes are taken back
            in the reverse order.
        """
        return self.reapply(change.inverse())

    def reapply(self, change: Change) -> Change:
        """Make a change again, and return it.

        Raises
        ------
        EditError
            If the labels are not as they were before the change.
        """
        under = read(self._data, change.runs[:, : STOP + 1])
        rows = self._table.get(change.before["label"])
        pending = {i: self._pending[i] for i in self._pending_of(rows)}
        if not (
            np.array_equal(under, change.runs[:, : LABEL + 1])
            and np.array_equal(rows, change.before)
            and pending == change.pending_before
        ):
            msg = (
                "a change fits only the labels that it was made on; "
                "undo in the reverse order of the edits, and redo in their order"
            )
            raise EditError(msg)
        self._paint(change.runs)
        self._keep(change)
        return replace(change, next_id=self._next_id)

    def restore(
        self, data: NDArray[np.uint32], *, bookkeeping: Mapping[str, Any] | None = None
    ) -> Change:
        """Make the labels what they were at another time, and return what that changed.

        Parameters
        ----------
        data : ndarray of uint32, shape (Y, X)
            An earlier state of these labels. They are copied.
        bookkeeping : dict or None
            What `Canvas.bookkeeping` gave then. `None` for labels as found.
        """
        then = Canvas(Labels(data, self._image, self._steps), bookkeeping=bookkeeping)
        runs = differing(self._data, then._data)
        every = np.union1d(self.objects["label"], then.objects["label"])
        before, after = self._table.get(every), then._table.get(every)
        pending = [
            label
            for label in {*self._pending, *then._pending}
            if self._pending.get(label) != then._pending.get(label)
        ]
        is_other = (before != after) | np.isin(every, [*runs[:, BEFORE:].flat, *pending])
        before, after = before[is_other], after[is_other]
        change = Change(
            runs=runs,
            before=before,
            after=after,
            pending_before={i: self._pending[i] for i in self._pending_of(before)},
            pending_after={i: then._pending[i] for i in then._pending_of(after)},
            next_id=max(self._next_id, then.next_id),
        )
        self._paint(change.runs)
        self._keep(change)
        return change

    def near(self, change: Change, *, margin: int) -> NDArray[np.uint32]:
        """Return the objects whose box lies within a margin of changed pixels.

        Parameters
        ----------
        change : Change
        margin : int
            In pixels, by rows or columns.

        Returns
        -------
        ndarray of uint32, shape (n,)
            Ascending; the objects of the change that are there are among them.
        """
        rows = self._table.alive
        if len(change.runs) == 0:
            return rows["label"][np.isin(rows["label"], change.after["label"])]
        runs = change.runs
        low, high = rows["box"][:, :2] - margin, rows["box"][:, 2:] + margin
        first = np.searchsorted(runs[:, ROW], low[:, 1])
        last = np.searchsorted(runs[:, ROW], high[:, 1])
        is_near = (low[:, 0] < runs[:, STOP].max()) & (high[:, 0] > runs[:, START].min())
        is_near &= first < last
        is_concerned = np.isin(rows["label"], change.after["label"])
        for k in np.flatnonzero(is_near & ~is_concerned):
            part = runs[first[k] : last[k]]
            is_near[k] = ((part[:, START] < high[k, 0]) & (part[:, STOP] > low[k, 0])).any()
        return rows["label"][is_near | is_concerned]

    def bookkeeping(self) -> dict[str, Any]:
        """Return, as JSON values, what is known of the objects beside their pixels."""
        rows = self._table.alive
        named: dict[str, Any] = {
            name: rows["label"][rows["origin"] == code].tolist()
            for code, name in ORIGINS.items()
            if name != "found"
        }
        return {
            "next_id": self._next_id,
            **named,
            "accepted": rows["label"][rows["accepted"]].tolist(),
            "pending": pending_to_json(self._pending),
        }

    def _take_up(self, bookkeeping: Mapping[str, Any]) -> None:
        rows = self._table.alive.copy()
        for code, name in ORIGINS.items():
            rows["origin"][np.isin(rows["label"], bookkeeping.get(name, []))] = code
        rows["accepted"] = np.isin(rows["label"], bookkeeping["accepted"])
        self._table.put(rows)
        self._pending = pending_from_json(bookkeeping["pending"])
        self._next_id = max(self._next_id, int(bookkeeping["next_id"]))

    def _ground(self) -> Ground:
        return Ground(self._data, self._excluded, self._table, self._next_id, self._pending)

    def _settling(self, labels: Sequence[int]) -> Plan:
        ground, none = self._ground(), np.empty((0, LABEL + 1), dtype=np.int64)
        parts: list[Runs] = []
        for label in labels:
            groups, box = self._pending[label], ground.box(label)
            parts += parts_of(self._data, none, groups, label=label, box=box, limit=np.inf)[
                0
            ]
        runs = [becoming(none, 0), *numbered(parts, self._next_id)]
        return Plan(np.concatenate(runs), dict.fromkeys(labels, ()))

    def _carry_out(self, plan: Plan) -> Change:
        runs = _tidy(plan.runs)
        others = np.array([*plan.pending, *plan.accepted], dtype=np.int64)
        concerned = np.unique(np.append(runs[:, BEFORE:], others))
        concerned = concerned[concerned > 0]
        next_id = max(self._next_id, int(runs[:, AFTER].max(initial=0)) + 1)
        if next_id > _NUMBERS:
            msg = "the labels have used up all numbers of 32 bits; number them anew first"
            raise EditError(msg)
        if len(concerned) == 0:
            return Change(next_id=next_id, into=plan.into, remark=plan.remark)
        before = self._table.get(concerned)
        self._paint(runs)
        after = rows_after(before, runs, self._data)
        after["accepted"] |= np.isin(concerned, plan.accepted)
        pending = {**self._pending, **plan.pending}
        change = Change(
            runs=runs,
            before=before,
            after=after,
            pending_before={i: self._pending[i] for i in self._pending_of(before)},
            pending_after=self._still_pending(
                {label: pending.get(label, ()) for label in concerned.tolist()}
            ),
            next_id=next_id,
            into=plan.into,
            remark=plan.remark,
        )
        self._keep(change)
        return change

    def _pending_of(self, rows: Objects) -> list[int]:
        return [label for label in rows["label"].tolist() if label in self._pending]

    def _still_pending(self, pending: Mapping[int, Seeds]) -> dict[int, Seeds]:
        """Return groups of pixels by the object that they belong to now."""
        found: dict[int, list[Group]] = {}
        for own, groups in pending.items():
            labels = [{int(self._data[y, x]) for x, y in group} for group in groups]
            # A part that has a number of its own now may be what joined two groups.
            pairs = [
                (list(group), others - {own, 0})
                for group, others in zip(groups, labels, strict=True)
            ]
            for pixels, others in joined_by(pairs):
                for label in sorted(others | {own}):
                    here = {(x, y) for x, y in pixels if self._data[y, x] == label}
                    if len(here) > 1:
                        found.setdefault(label, []).append(tuple(sorted(here)))
        return {label: tuple(sorted(groups)) for label, groups in sorted(found.items())}

    def _paint(self, runs: Runs) -> None:
        # Labels given out share the array; each view of it holds a reference to it.
        if sys.getrefcount(self._data) > self._n_owners:
            self._data = self._data.copy()
        paint(self._data, runs, runs[:, AFTER])

    def _keep(self, change: Change) -> None:
        self._table.put(change.after)
        for label in change.pending_before:
            del self._pending[label]
        self._pending.update(change.pending_after)
        self._next_id = max(self._next_id, change.next_id)


def _tidy(runs: Runs) -> Runs:
    """Return runs in reading order, those that go on from each other as one."""
    runs = in_order(runs)
    same = (runs[1:, [ROW, BEFORE, AFTER]] == runs[:-1, [ROW, BEFORE, AFTER]]).all(axis=1)
    same &= runs[1:, START] == runs[:-1, STOP]
    first = np.flatnonzero(np.append(True, ~same)[: len(runs)])
    tidy = runs[first]
    tidy[:, STOP] = runs[np.append(first[1:], len(runs))[: len(first)] - 1, STOP]
    return tidy
