"""What was found in the pictures of a project: one set of labels for each run."""

import json
import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from sqlite3 import Row
from typing import Any, TypeVar

from segmetry.errors import PictureError, ReadError, SegmetryError
from segmetry.io.limits import for_strangers
from segmetry.project.checkpoints import (
    Checkpoint,
    read_checkpoint,
    read_facts,
    write_checkpoint,
)
from segmetry.project.database import Database, only
from segmetry.project.identifiers import new_identifier
from segmetry.project.journal import Journal
from segmetry.project.label_records import LabelSetRecord, record_of
from segmetry.project.looks import recalibrated
from segmetry.project.open_labels import OpenLabels
from segmetry.project.pictures import PictureRecord, Pictures, now
from segmetry.project.runs import Order, carry_out, recalibrated_run
from segmetry.project.saved import FIRST
from segmetry.project.steps import Steps
from segmetry.project.volume_labels import ReadLabels, VolumeLabels, opened
from segmetry.recipe import Recipe, check, read_recipe_text, recipe_text

__all__ = ["LabelSetRecord", "LabelSets"]

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_MOST_OPEN = 8  # sets of labels of which none was asked for lately
_LATELY = 60.0  # s


class LabelSets:
    """The labels of one project.

    Parameters
    ----------
    database : Database
    folder : Path
        The project's own folder.
    pictures : Pictures
    """

    def __init__(self, database: Database, folder: Path, pictures: Pictures) -> None:
        self._database, self._pictures = database, pictures
        self._folder = folder / "labels"
        self._folder.mkdir(exist_ok=True)
        self._open: dict[str, ReadLabels] = {}
        # When each that is open was last asked for; the newest stands last.
        self._asked: dict[str, float] = {}
        self._turn = threading.RLock()
        self._remove_orphans()

    def order(self, picture: str, recipe: Recipe) -> Order:
        """Return what a run of a recipe on a picture needs, for a process of its own.

        Parameters
        ----------
        picture : str
        recipe : Recipe
            What was chosen for the picture (calibration, banner, area, page) replaces
            what it says there.

        Returns
        -------
        Order

        Raises
        ------
        PictureError
            If the picture's file is gone or has changed, or if it is an upload that was
            not read yet or cannot be.
        RecipeError
            If the recipe would fail on every picture.
        """
        record = self._pictures.record(picture)
        _refuse_unread(record, "Nothing can be run on {}")
        recipe = self._pictures.recipe(picture, recipe)
        check(recipe)
        path = self._pictures.file(picture)
        text = recipe_text(recipe)
        return Order(picture, record.name, path, text, is_upload=record.is_upload)

    def keep(self, order: Order, found: Checkpoint) -> str:
        """Keep what `segmetry.project.runs.carry_out` found, and return its identifier.

        Where another pixel size was chosen meanwhile, that one holds; see `recalibrate`.

        Raises
        ------
        MissingError
            If the picture was removed meanwhile.
        WriteError
            If it cannot be written.
        """
        identifier = new_identifier()
        folder = self._folder / identifier
        values = {"id": identifier, "picture": order.picture, "recipe": order.recipe}
        values |= {"run": json.dumps(found.facts), "saved": FIRST, "created": now()}
        try:
            folder.mkdir()
            write_checkpoint(folder / FIRST, replace(found, facts={}))
            with self._turn:
                record = self._pictures.record(order.picture)
                self._database.insert("label_set", values | {"saved_rev": 0})
                before = read_recipe_text(order.recipe)
                chosen = self._pictures.recipe(record.id, before).calibration
                if chosen != before.calibration:
                    self._recalibrate_one(self.record(identifier), record.look)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return identifier

    def run(self, picture: str, recipe: Recipe) -> str:
        """Find the objects of a picture, here and now, and keep them.

        Parameters
        ----------
        picture : str
        recipe : Recipe

        Returns
        -------
        str
            Identifier of the new labels, equal to those of `segmetry run`.

        Raises
        ------
        SegmetryError
            As `order` and `segmetry.recipe.run` do.
        """
        order = self.order(picture, recipe)
        return self.keep(order, carry_out(order))

    def recalibrate(self, picture: str) -> None:
        """Let all labels of a picture have the pixel size that was chosen for it.

        Objects and corrections stay; lengths are measured in the new unit. What finds
        objects by their size in micrometres would have found others: run it again for that.

        Raises
        ------
        CalibrationError
            If the chosen source is not there, or sources disagree and none was chosen.
        """
        look = self._pictures.record(picture).look
        with self._turn:
            for record in self.records(picture):
                self._recalibrate_one(record, look)

    def n_objects(self, labels: str) -> int:
        """Return how many objects labels have, without reading them where they are shut."""
        with self._turn:
            if labels in self._open:
                return self._open[labels].n_objects
            row = self._row(labels)
        if self.rev(labels) != row["saved_rev"]:
            # Corrected after the file was saved, as after a crash: opening takes them in.
            with suppress(PictureError, ReadError):
                return self.read(labels, lambda found: found.n_objects)
        facts = read_facts(self._folder / labels / row["saved"])
        n_found = json.loads(row["run"])["row"]["n_objects"]
        return int(facts.get("n_objects", n_found))

    def record(self, labels: str) -> LabelSetRecord:
        """Return what is known of a set of labels."""
        return record_of(self._row(labels))

    def records(self, picture: str) -> list[LabelSetRecord]:
        """Return the labels of a picture, oldest first."""
        rows = self._database.rows(
            "SELECT * FROM label_set WHERE picture = ? ORDER BY rowid", picture
        )
        return [record_of(row) for row in rows]

    def is_open(self, labels: str) -> bool:
        """Return whether labels are in memory; waits for nothing."""
        return labels in self._open

    def open(self, labels: str) -> OpenLabels:
        """Return labels of a picture to look at and to correct.

        Raises
        ------
        ProjectError
            If they are of a volume, or as `look_at` does.
        PictureError
            As `look_at` does.
        """
        found = self.look_at(labels)
        if isinstance(found, VolumeLabels):
            found.refuse()
        return found

    def look_at(self, labels: str) -> ReadLabels:
        """Return labels of a picture or a volume.

        They stay open until `close`, or until they were not asked for in a minute and
        eight others were since.

        Raises
        ------
        ProjectError
            If there are none, or their file is damaged.
        PictureError
            If their picture is gone or has changed, or if it is an upload that was not
            read yet or cannot be.
        """
        with self._turn:
            if labels not in self._open:
                row = self._row(labels)
                picture = self._pictures.record(row["picture"])
                _refuse_unread(picture, "The labels of {} cannot be opened")
                path = self._pictures.file(picture.id)
                folder = self._folder / labels
                with for_strangers() if picture.is_upload else nullcontext():
                    self._open[labels] = opened(self._database, row, path, folder)
            self._asked.pop(labels, None)
            self._asked[labels] = time.monotonic()
            self._close_idle()
            return self._open[labels]

    def read(self, labels: str, use: Callable[[ReadLabels], _T]) -> _T:
        """Return what is made of labels, which stay open only where they were so before.

        Nobody changes them meanwhile.

        Raises
        ------
        ProjectError, PictureError
            As `open` does.
        """
        with self._turn:
            was_open = labels in self._open
            try:
                found = self.look_at(labels)
                with found.unchanged():
                    return use(found)
            finally:
                if not was_open:
                    self._let_go(labels)

    def rev(self, labels: str) -> int:
        """Return the revision of labels, without opening them."""
        rows = self._database.rows(
            "SELECT coalesce(max(rev), 0) FROM entry WHERE label_set = ?", labels
        )
        return int(rows[0][0])

    def is_corrected(self, labels: str) -> bool:
        """Return whether labels hold what a person did, without opening them."""
        steps = Steps()
        for kind, rev, stroke in Journal(self._database, labels).kinds():
            steps.note(kind, rev, stroke=stroke)
        return bool(steps.to_undo)

    def found(self, labels: str) -> Checkpoint:
        """Return labels as they were found, without opening them.

        Raises
        ------
        ProjectError
            If there are none, or their file is damaged.
        """
        self._row(labels)
        return read_checkpoint(self._folder / labels / FIRST)

    def deleted_by_rule(self, labels: str, *, least: int) -> set[int]:
        """Return the objects that were deleted with many others at once."""
        return Journal(self._database, labels).deleted_by_rule(least=least)

    def is_restored_since(self, labels: str, rev: int) -> bool:
        """Return whether a version was restored after a revision, or a restore undone."""
        return Journal(self._database, labels).is_restored_since(rev)

    def close(self, labels: str | None = None, *, save: bool = True) -> None:
        """Save labels and let go of their memory; `None` closes all.

        Parameters
        ----------
        labels : str or None
        save : bool
            Whether a checkpoint is written, so that opening them again is quick.

        Raises
        ------
        WriteError
            If they cannot be saved: then they stay open.
        """
        with self._turn:
            for name in list(self._open) if labels is None else [labels]:
                if name in self._open:
                    self._open[name].close(save=save)
                    self._forget(name)

    def choose(self, labels: str) -> None:
        """Let labels be the newest of their picture again: those that count.

        A picture's labels are those of its last run; so an earlier one, with what a person
        corrected in it, is not lost by running again.
        """
        self._row(labels)
        self._database.rows(
            "UPDATE label_set SET rowid = (SELECT max(rowid) + 1 FROM label_set) "
            "WHERE id = ?",
            labels,
        )

    def remove(self, labels: str) -> None:
        """Take labels with their whole history out of the project."""
        with self._turn:
            self._row(labels)
            if labels in self._open:
                self._open[labels].close(save=False)  # also where the disk is full
                self._forget(labels)
            self._database.rows("DELETE FROM label_set WHERE id = ?", labels)
            shutil.rmtree(self._folder / labels, ignore_errors=True)

    def _close_idle(self) -> None:
        """Save and close labels that nobody asks for: each holds its picture in memory."""
        idle = list(self._asked)[:-_MOST_OPEN]
        for labels in idle:
            if time.monotonic() - self._asked[labels] > _LATELY:
                self._let_go(labels)

    def _let_go(self, labels: str) -> None:
        """Close labels; those that cannot be saved stay open, and whoever asked goes on."""
        try:
            self.close(labels)
        except SegmetryError as error:
            _log.warning("labels stay open: %s", error)

    def _forget(self, labels: str) -> None:
        self._asked.pop(labels, None)
        del self._open[labels]

    def _recalibrate_one(self, record: LabelSetRecord, look: Mapping[str, Any]) -> None:
        recipe = self._pictures.recipe(record.picture, record.recipe)
        recipe = record.recipe.model_copy(update={"calibration": recipe.calibration})
        run = recalibrated_run(record.run, recalibrated(look, recipe)[1])
        self.close(record.id)
        self._database.rows(
            "UPDATE label_set SET recipe = ?, run = ? WHERE id = ?",
            recipe_text(recipe),
            json.dumps(run),
            record.id,
        )

    def _remove_orphans(self) -> None:
        """Remove labels that a crash left half kept or half removed; only when opening.

        Later, a folder without a row may be that of a run which is just being kept.
        """
        known = {row["id"] for row in self._database.rows("SELECT id FROM label_set")}
        for folder in self._folder.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    def _row(self, labels: str) -> Row:
        rows = self._database.rows("SELECT * FROM label_set WHERE id = ?", labels)
        return only(rows, "set of labels")


def _refuse_unread(picture: PictureRecord, cannot: str) -> None:
    """Refuse an upload that was not read with care: that tells whether it does harm."""
    if picture.is_upload and "width_px" not in picture.look:
        told = picture.look.get("error") or "It is still being read; wait a moment."
        msg = f"{cannot.format(picture.name)} yet. {told}"
        raise PictureError(msg)
