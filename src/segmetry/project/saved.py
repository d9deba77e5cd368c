"""Which files of labels count: the newest checkpoint, the first one, and named versions."""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segmetry.errors import ProjectError, SegmetryError
from segmetry.project.checkpoints import (
    Checkpoint,
    Chunks,
    read_checkpoint,
    write_checkpoint,
)
from segmetry.project.database import Database
from segmetry.project.pictures import now

__all__ = ["FIRST", "SavedLabels", "Version"]

_log = logging.getLogger(__name__)

FIRST = "0.labels"  # as they were found, kept for comparison


@dataclass(frozen=True)
class Version:
    """Labels that a person gave a name.

    Parameters
    ----------
    name : str
    rev : int
    created : str
    """

    name: str
    rev: int
    created: str


class SavedLabels:
    """The files of one set of labels.

    Parameters
    ----------
    database : Database
    row : Row
        Of the table `label_set`.
    folder : Path
        Where the files lie.

    Attributes
    ----------
    rev : int
        Of the newest checkpoint.
    tried : int
        At which one was written last, or could not be.
    """

    def __init__(self, database: Database, row: sqlite3.Row, folder: Path) -> None:
        self._database, self._folder, self._id = database, folder, row["id"]
        self._newest, self.rev = row["saved"], row["saved_rev"]
        self.tried = self.rev
        self._shape: tuple[int, ...] | None = None
        self._remove_orphans()

    def newest(self) -> Checkpoint:
        """Return the newest checkpoint, that of revision `rev`."""
        checkpoint = read_checkpoint(self._folder / self._newest)
        self._shape = checkpoint.data.shape  # of all versions, whatever their files say
        return checkpoint

    def save(self, rev: int, checkpoint: Checkpoint, chunks: Chunks) -> None:
        """Write a checkpoint: first the file, then the word that it counts."""
        file = f"{rev}.labels"
        write_checkpoint(self._folder / file, checkpoint, chunks=chunks)
        self._database.rows(
            "UPDATE label_set SET saved = ?, saved_rev = ? WHERE id = ?",
            file,
            rev,
            self._id,
        )
        self._newest, self.rev = file, rev
        self.tried = rev
        self._remove_orphans()

    def attempt(self, rev: int, save: Callable[[], None]) -> None:
        """Let `save` be called, without harm where it fails: it may be tried again later.

        What was answered is in the journal; a checkpoint only makes opening quick.
        """
        self.tried = rev
        try:
            save()
        except (SegmetryError, OSError) as error:
            _log.warning("no checkpoint was written; it is tried again later: %s", error)

    def name_newest(self, name: str) -> Version:
        """Give the newest checkpoint a name, under which it stays.

        Raises
        ------
        ProjectError
            If the name is empty or taken.
        """
        name = name.strip()
        if not name or any(known.name == name for known in self.versions()):
            msg = f"A version needs a name that no other has, got {name!r}."
            raise ProjectError(msg)
        row = {"label_set": self._id, "name": name, "rev": self.rev, "created": now()}
        self._database.insert("version", row | {"file": self._newest})
        return Version(name, self.rev, str(row["created"]))

    def versions(self) -> list[Version]:
        """Return the versions that were given a name, oldest first."""
        rows = self._database.rows(
            "SELECT name, rev, created FROM version WHERE label_set = ? ORDER BY rowid",
            self._id,
        )
        return [Version(*row) for row in rows]

    def version(self, name: str | None) -> Checkpoint:
        """Return a version's labels; `None`: as they were found.

        Raises
        ------
        ProjectError
            If there is no such version, or its file is damaged.
        """
        if name is None:
            return read_checkpoint(self._folder / FIRST, shape=self._shape)
        rows = self._database.rows(
            "SELECT file FROM version WHERE label_set = ? AND name = ?", self._id, name
        )
        if not rows:
            msg = f"There is no version {name!r} of these labels."
            raise ProjectError(msg)
        return read_checkpoint(self._folder / rows[0]["file"], shape=self._shape)

    def _remove_orphans(self) -> None:
        """Remove files that a crash, or a newer checkpoint, left without use."""
        rows = self._database.rows("SELECT file FROM version WHERE label_set = ?", self._id)
        kept = {FIRST, self._newest} | {row["file"] for row in rows}
        for file in self._folder.iterdir():
            if file.name not in kept:
                file.unlink(missing_ok=True)
