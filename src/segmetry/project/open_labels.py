"""Labels that are being corrected: every answer is in the journal before it is given.

The labels of now are those of the newest checkpoint plus the changes that the journal holds
since. Changes are stored as pixels before and after, and are never computed again: a newer
version cannot read an old correction differently.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.edit import Canvas, Change, Edit
from segmetry.edit.table import ORIGINS
from segmetry.errors import OutdatedError, ProjectError
from segmetry.image import Labels
from segmetry.project.answer import Answer
from segmetry.project.checkpoints import Checkpoint, Chunks
from segmetry.project.database import Database
from segmetry.project.journal import Journal
from segmetry.project.measured import Measured
from segmetry.project.runs import confidence_of_run, labels_of_run
from segmetry.project.saved import SavedLabels, Version
from segmetry.project.steps import Kind, Steps
from segmetry.recipe import read_recipe_text

__all__ = ["OpenLabels"]

_SAVE_EVERY = 1000  # entries of the journal, read anew after a crash: a quarter second


class OpenLabels:
    """One set of labels, with its table and its history; safe to use from several threads.

    Parameters
    ----------
    database : Database
    row : Row
        Of the table `label_set`.
    path : Path
        The picture's file.
    folder : Path
        Where checkpoints lie.
    """

    def __init__(
        self, database: Database, row: sqlite3.Row, path: Path, folder: Path
    ) -> None:
        self._saved = SavedLabels(database, row, folder)
        self._journal = Journal(database, row["id"])
        self._turn = threading.RLock()
        self._is_open = True
        recipe = read_recipe_text(row["recipe"])
        checkpoint = self._saved.newest()
        labels = labels_of_run(path, recipe, json.loads(row["run"]), checkpoint)
        self._arrays = checkpoint.arrays
        self._canvas = Canvas.of(labels, bookkeeping=checkpoint.facts or None)
        self._steps, self.rev = Steps(), 0
        self._replay()
        self._chunks = Chunks(checkpoint.data.shape, rev=self.rev)
        self._measured = Measured(
            self._canvas,
            perimeters=recipe.measurement.perimeters,
            confidence=confidence_of_run(checkpoint),
            rev=self.rev,
        )

    def edit(self, edit: Edit, *, op_id: str, base: int, stroke: str = "") -> Answer:
        """Make a correction.

        Parameters
        ----------
        edit : Edit
        op_id : str
            Unique for each edit, made by whoever sends it. A second one with the same is
            not made again, but answered with all that has changed since before it: so it
            can be sent until an answer comes.
        base : int
            Revision that the person saw.
        stroke : str
            Edits in a row of the same stroke are undone together. Empty: alone.

        Returns
        -------
        Answer

        Raises
        ------
        OutdatedError
            If the labels have changed since `base`; `since` tells how.
        EditError
            If the edit makes no sense.
        WriteError
            If it cannot be stored: then it is not made.
        """
        with self._turn:
            again = self._answered(op_id, base)
            if again is not None:
                return again
            edit = self._continued(edit, stroke)
            change = self._canvas.apply(edit)
            return self._made(change, op_id, did=edit.to_json(), stroke=stroke)

    def take_over(
        self, data: NDArray[np.integer], *, op_id: str, base: int, source: str
    ) -> Answer:
        """Make the labels what another program left of them; see `Canvas.take_over`.

        Parameters and errors as of `edit`; `source` tells the history which program it was,
        and `base` is the revision that this one was given.
        """
        with self._turn:
            again = self._answered(op_id, base)
            if again is not None:
                return again
            change = self._canvas.take_over(data)
            did = {"kind": "take over", "source": source}
            return self._made(change, op_id, did=did)

    def restore(self, version: str | None, *, op_id: str, base: int) -> Answer:
        """Make the labels those of a version again; this can be undone, as an edit can.

        Parameters
        ----------
        version : str or None
            Its name; `None`: as they were found.
        op_id : str
        base : int
            As for `edit`.

        Raises
        ------
        OutdatedError, WriteError, ProjectError
            As `edit` and `data_of` do.
        """
        with self._turn:
            again = self._answered(op_id, base)
            if again is not None:
                return again
            then = self._saved.version(version)
            change = self._canvas.restore(then.data, bookkeeping=then.facts or None)
            return self._made(change, op_id, did={"kind": "restore", "version": version})

    def settle(self, *, op_id: str) -> Answer:
        """Find out which objects of `Answer.pending` are in pieces, and measure them.

        This belongs to the newest step: it is undone with it, and takes no redo away.

        Raises
        ------
        ProjectError, WriteError
            If the labels were closed, or it cannot be stored.
        """
        with self._turn:
            self._check_open()
            change = self._canvas.settle(self._canvas.pending)
            if change.is_empty and not self._measured.late:
                return self._answer([], since=self.rev)
            with self._entered([change]) as rev:
                self._journal.add_change("settle", rev, op_id, change)
            return self._after("settle", [change])

    def undo(self, *, op_id: str, base: int) -> Answer:
        """Take back the newest step; where there is none, nothing happens."""
        with self._turn:
            return self._walk("undo", op_id, base)

    def redo(self, *, op_id: str, base: int) -> Answer:
        """Do the step again that was undone last; where there is none, nothing happens."""
        with self._turn:
            return self._walk("redo", op_id, base)

    def since(self, rev: int) -> Answer:
        """Return all that has changed since a revision.

        Raises
        ------
        ProjectError
            If the labels have not come that far.
        """
        with self._turn:
            if rev > self.rev:
                msg = f"The labels are at revision {self.rev}; there is no {rev} yet."
                raise ProjectError(msg)
            return self._answer(self._journal.changes_since(rev), since=rev)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Let nobody change the labels in a block, so that all it reads fits together."""
        with self._turn:
            yield

    @property
    def table(self) -> pd.DataFrame:
        """The table of objects, as `segmetry.measure.measure` would make it anew."""
        with self._turn:
            return self._measured.table

    @property
    def labels(self) -> Labels:
        """The labels of now, on their picture; what comes later does not change them."""
        with self._turn:
            return self._canvas.labels()

    @property
    def origins(self) -> Mapping[int, str]:
        """For each object whether it was "found", "edited" or "drawn"."""
        with self._turn:
            objects = self._canvas.objects
            pairs = zip(objects["label"].tolist(), objects["origin"].tolist(), strict=True)
            return {label: ORIGINS[code] for label, code in pairs}

    @property
    def accepted(self) -> tuple[int, ...]:
        """The objects that a person has accepted, ascending."""
        with self._turn:
            objects = self._canvas.objects
            return tuple(objects["label"][objects["accepted"]].tolist())

    @property
    def n_objects(self) -> int:
        """How many objects there are now."""
        with self._turn:
            return self._measured.n_objects

    @property
    def n_foreground(self) -> int:
        """How many pixels are part of an object now."""
        with self._turn:
            return int(self._canvas.objects["area"].sum())

    @property
    def is_edited(self) -> bool:
        """Whether the labels may differ from those that were found."""
        return self.rev > 0

    def tile(self, level: int, row: int, column: int) -> tuple[bytes, int]:
        """Return a tile of the labels for a browser, and when it changed last.

        Parameters
        ----------
        level : int
            Every 2**level-th pixel in both directions, the upper left one of each block.
        row, column : int
            Of tiles of 1024 pixels of that level.

        Returns
        -------
        bytes, int
            Little-endian uint32, row by row, packed with zstd; and the revision.

        Raises
        ------
        ProjectError
            If there is no such tile.
        """
        with self._turn:
            rev = self._chunks.changed(level, row, column)
            data = self._canvas.labels().data
            return self._chunks.tile(data, level, row, column), rev

    def history(self) -> list[dict[str, Any]]:
        """Return what was done when, oldest first; see `Journal.history`."""
        return self._journal.history()

    def save(self) -> None:
        """Write a checkpoint, so that opening the labels again is quick."""
        with self._turn:
            if self.rev != self._saved.rev:
                state = self._canvas.bookkeeping() | {"n_objects": self.n_objects}
                checkpoint = Checkpoint(self._canvas.labels().data, state, self._arrays)
                self._saved.save(self.rev, checkpoint, self._chunks)

    def keep_version(self, name: str) -> Version:
        """Give the labels of now a name, under which they can always be had.

        Raises
        ------
        ProjectError
            If the name is empty or taken.
        """
        with self._turn:
            self.save()
            return self._saved.name_newest(name)

    def versions(self) -> list[Version]:
        """Return the versions that were given a name, oldest first."""
        return self._saved.versions()

    def data_of(self, version: str | None) -> NDArray[np.uint32]:
        """Return the labels of a version; `None`: as they were found.

        Raises
        ------
        ProjectError
            If there is no such version, or its file is damaged.
        """
        return self._saved.version(version).data

    def close(self, *, save: bool = True) -> None:
        """Save and refuse all further edits; labels that cannot be saved stay open."""
        with self._turn:
            if self._is_open and save:
                self.save()
            self._is_open = False

    def _walk(self, kind: Kind, op_id: str, base: int) -> Answer:
        again = self._answered(op_id, base)
        if again is not None:
            return again
        targets = self._steps.to_undo if kind == "undo" else self._steps.to_redo
        if not targets:
            return self._answer([], since=self.rev)
        changes = self._journal.changes_of_walk(kind, targets)
        self._make(changes)
        with self._entered(changes) as rev:
            self._journal.add_walk(kind, rev, op_id, targets)
        return self._after(kind, changes)

    def _continued(self, edit: Edit, stroke: str) -> Edit:
        """Let the next piece of a stroke go on with the objects of the one before."""
        is_next = stroke and stroke == self._steps.stroke
        if edit.kind != "draw" or edit.ids or not is_next:
            return edit
        return replace(edit, ids=self._journal.change(self._steps.to_undo[-1]).into)

    def _check_open(self) -> None:
        if not self._is_open:
            msg = "These labels were closed; open them again."
            raise ProjectError(msg)

    def _answered(self, op_id: str, base: int) -> Answer | None:
        """Return the answer to an operation that is in the journal already."""
        self._check_open()
        rev = self._journal.rev_of(op_id)
        if rev is not None:
            return self.since(rev - 1)
        if base != self.rev:
            msg = (
                f"The labels are at revision {self.rev}, the edit was made on {base}; "
                "take what has changed since, then send it again."
            )
            raise OutdatedError(msg)
        return None

    def _made(
        self, change: Change, op_id: str, *, did: Mapping[str, Any], stroke: str = ""
    ) -> Answer:
        """Enter a change that was made, unless it is empty, and answer it."""
        if change.is_empty:
            return self._answer([change], since=self.rev)
        with self._entered([change]) as rev:
            self._journal.add_change("edit", rev, op_id, change, did=did, stroke=stroke)
        return self._after("edit", [change], stroke=stroke)

    @contextmanager
    def _entered(self, changes: Sequence[Change]) -> Iterator[int]:
        """Let what was just made be entered; take it back where that fails."""
        try:
            yield self.rev + 1
        except BaseException:
            self._make([change.inverse() for change in reversed(changes)])
            raise
        self.rev += 1

    def _after(self, kind: Kind, changes: Sequence[Change], *, stroke: str = "") -> Answer:
        self._steps.note(kind, self.rev, stroke=stroke)
        for change in changes:
            if len(change.runs):
                self._chunks.touch(change.box, self.rev)
        self._measured.note(changes, rev=self.rev)
        if kind == "settle":
            self._measured.settle(rev=self.rev)
        if self.rev - self._saved.tried >= _SAVE_EVERY:
            self._saved.attempt(self.rev, self.save)
        return self._answer(changes, since=self.rev - 1)

    def _answer(self, changes: Sequence[Change], *, since: int) -> Answer:
        rows = self._measured.rows_since(since)
        told = set(rows["label"].tolist())
        return Answer(
            rev=self.rev,
            patches=tuple(patch for change in changes for patch in change.patches()),
            rows=rows,
            accepted=tuple(label for label in self.accepted if label in told),
            gone=self._measured.gone(changes),
            pending=tuple(sorted({*self._canvas.pending, *self._measured.late})),
            n_objects=self.n_objects,
            undo=self._journal.act(self._steps.to_undo),
            redo=self._journal.act(self._steps.to_redo),
            remark=changes[-1].remark if changes else "",
        )

    def _make(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self._canvas.reapply(change)

    def _replay(self) -> None:
        for kind, rev, stroke in self._journal.kinds():
            self._steps.note(kind, rev, stroke=stroke)
            self.rev = rev
        self._make(self._journal.changes_since(self._saved.rev))
