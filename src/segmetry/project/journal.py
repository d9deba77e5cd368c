"""The journal of a set of labels: every change, in order, as it was made."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from segmetry.edit import Change
from segmetry.errors import ProjectError
from segmetry.project.answer import Act
from segmetry.project.database import Database
from segmetry.project.pictures import now
from segmetry.project.steps import Kind

__all__ = ["Journal"]


class Journal:
    """The entries of one set of labels; a revision is the number of an entry.

    Parameters
    ----------
    database : Database
    label_set : str
    """

    def __init__(self, database: Database, label_set: str) -> None:
        self._database, self._label_set = database, label_set
        self._acts: dict[int, Act] = {}  # entries never change

    def add_change(
        self,
        kind: Kind,
        rev: int,
        op_id: str,
        change: Change,
        *,
        did: Mapping[str, Any] | None = None,
        stroke: str = "",
    ) -> None:
        """Enter a change that was made: what a person did, or what settles it."""
        self._add(
            kind, rev, op_id, stroke=stroke, edit=json.dumps(did), change=change.to_bytes()
        )
        ids = (did or {}).get("ids", ())
        kind_of_act = (did or {}).get("kind", kind)
        self._acts[rev] = Act(kind_of_act, len(ids), ids[0] if ids else None, op_id)

    def add_walk(self, kind: Kind, rev: int, op_id: str, targets: Sequence[int]) -> None:
        """Enter that steps of earlier revisions were undone or redone; see `Steps`."""
        self._add(kind, rev, op_id, targets=json.dumps(list(targets)))

    def change(self, rev: int) -> Change:
        """Return the change of an edit, or of what settled one."""
        rows = self._database.rows(
            "SELECT change FROM entry WHERE label_set = ? AND rev = ?", self._label_set, rev
        )
        return Change.from_bytes(rows[0]["change"])

    def changes_of_walk(self, kind: Kind, targets: Sequence[int]) -> list[Change]:
        """Return the changes, in order, that undo or redo steps; see `Steps`."""
        signed = targets if kind == "redo" else [-rev for rev in reversed(targets)]
        return [
            self.change(rev) if rev > 0 else self.change(-rev).inverse() for rev in signed
        ]

    def rev_of(self, op_id: str) -> int | None:
        """Return the revision of an operation; `None` where it is not in the journal.

        Raises
        ------
        ProjectError
            If it was made on other labels.
        """
        rows = self._database.rows(
            "SELECT label_set, rev FROM entry WHERE op_id = ?", op_id
        )
        if not rows:
            return None
        if rows[0]["label_set"] != self._label_set:
            msg = f"The operation {op_id} was made on other labels; give each its own."
            raise ProjectError(msg)
        return int(rows[0]["rev"])

    def changes_since(self, rev: int) -> list[Change]:
        """Return all that was changed after a revision, in order."""
        return [
            change for entry in self._entries(rev, "*") for change in self._changes(entry)
        ]

    def act(self, step: Sequence[int]) -> Act | None:
        """Return what a person did in a step; `None` where there is no step.

        Parameters
        ----------
        step : sequence of int
            As `Steps.to_undo` and `Steps.to_redo` tell it.
        """
        if not step:
            return None
        # A step begins with an edit; before one that was undone, settles are taken back.
        rev = next(rev for rev in step if rev > 0)
        if rev not in self._acts:
            rows = self._database.rows(
                "SELECT ifnull(json_extract(edit, '$.kind'), kind), "
                "ifnull(json_array_length(edit, '$.ids'), 0), "
                "json_extract(edit, '$.ids[0]'), op_id "
                "FROM entry WHERE label_set = ? AND rev = ?",
                self._label_set,
                rev,
            )
            self._acts[rev] = Act(*rows[0])
        return self._acts[rev]

    def kinds(self) -> list[tuple[Kind, int, str]]:
        """Return kind, revision and stroke of every entry, in order."""
        return [tuple(row) for row in self._entries(0, "kind, rev, stroke")]

    def is_restored_since(self, rev: int) -> bool:
        """Return whether a version was restored after a revision, or a restore undone."""
        touched = set()
        for entry in self._entries(rev, "rev, targets"):
            touched |= {entry["rev"], *map(abs, json.loads(entry["targets"]))}
        restores = self._database.rows(
            "SELECT rev FROM entry WHERE label_set = ? "
            "AND json_extract(edit, '$.kind') = 'restore'",
            self._label_set,
        )
        return not touched.isdisjoint(row["rev"] for row in restores)

    def deleted_by_rule(self, *, least: int) -> set[int]:
        """Return the objects that were deleted with many others at once.

        Parameters
        ----------
        least : int
            So many in one act are many; a person does not look at each of them then.
        """
        rows = self._database.rows(
            "SELECT json_extract(edit, '$.ids') FROM entry WHERE label_set = ? "
            "AND json_extract(edit, '$.kind') = 'delete' "
            "AND json_array_length(edit, '$.ids') >= ?",
            self._label_set,
            least,
        )
        return {label for row in rows for label in json.loads(row[0])}

    def history(self) -> list[dict[str, Any]]:
        """Return what was done when: `rev`, `kind`, `at`, `edit` and `targets`.

        The targets of an undo or a redo are revisions; see `Steps` for negative ones.
        """
        rows = [dict(row) for row in self._entries(0, "rev, kind, at, edit, targets")]
        as_json = ("edit", "targets")
        return [row | {name: json.loads(row[name]) for name in as_json} for row in rows]

    def _add(self, kind: Kind, rev: int, op_id: str, **more: Any) -> None:
        row = {"label_set": self._label_set, "rev": rev, "op_id": op_id, "kind": kind}
        row |= {"stroke": "", "edit": "null", "change": b"", "targets": "[]"}
        self._database.insert("entry", row | {"at": now()} | more)

    def _changes(self, entry: sqlite3.Row) -> list[Change]:
        if entry["kind"] in {"undo", "redo"}:
            return self.changes_of_walk(entry["kind"], json.loads(entry["targets"]))
        return [Change.from_bytes(entry["change"])]

    def _entries(self, after: int, columns: str) -> list[sqlite3.Row]:
        statement = (
            f"SELECT {columns} FROM entry "  # noqa: S608 - names of our own columns
            "WHERE label_set = ? AND rev > ? ORDER BY rev"
        )
        return self._database.rows(statement, self._label_set, after)
