"""One project, one program: a lock that the system lets go when its holder dies."""

import contextlib
import json
import os
import platform
import sqlite3
from datetime import datetime
from pathlib import Path

from segmetry.errors import ProjectError, SegmetryError, WriteError
from segmetry.io import write_json

__all__ = ["Lock"]


class Lock:
    """The right of this process to a project, held until `release`.

    SQLite locks an empty database for it: that works alike on Windows, macOS and Linux, and
    no process id that another program was given since can keep a project shut. Who holds it
    stands beside it in `lock.json`, for the message.

    Parameters
    ----------
    folder : Path
        The project's own folder; it exists.

    Raises
    ------
    ProjectError
        If another program, or this one, has the project open.
    WriteError
        If no lock can be made there.
    """

    def __init__(self, folder: Path) -> None:
        self._note = folder / "lock.json"
        try:
            self._held = sqlite3.connect(
                folder / "lock", timeout=0, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise _no_lock(folder, error) from error
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._held.close()
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                raise _open_elsewhere(folder, self._note) from error
            raise _no_lock(folder, error) from error
        holder = {"pid": os.getpid(), "computer": platform.node(), "since": _now()}
        with contextlib.suppress(SegmetryError):  # the lock holds without the note too
            write_json(self._note, holder)

    def release(self) -> None:
        """Let others open the project. May be called again."""
        with contextlib.suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._held.close()


def _open_elsewhere(folder: Path, note: Path) -> ProjectError:
    try:
        holder = json.loads(note.read_text(encoding="utf-8"))
        told = f"by process {holder['pid']} on {holder['computer']} since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        told = "by another program"
    msg = (
        f"The project in {_shown(folder)} is already open {told}; close it there, then "
        "open it here."
    )
    return ProjectError(msg)


def _no_lock(folder: Path, error: sqlite3.Error) -> WriteError:
    msg = (
        f"The project in {_shown(folder)} cannot be kept for this program alone ({error}); "
        "check that you may write there, or copy it to a disk of this computer."
    )
    return WriteError(msg)


def _shown(folder: Path) -> str:
    return folder.parent.name if folder.name == ".segmetry" else folder.name


def _now() -> str:
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
