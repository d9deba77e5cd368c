"""The record of jobs that lies beside a project."""

import contextlib
import logging
import sqlite3
import statistics
import threading
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import Any

from segmetry.errors import WriteError

__all__ = ["JobRow", "JobTable"]

_log = logging.getLogger(__name__)

_NEWEST = 5  # jobs that a forecast is made from: the computer may be busier than before
_LISTED = 50  # of those that ended

_TABLE = """
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    message TEXT NOT NULL,
    picture TEXT NOT NULL,
    asked TEXT NOT NULL,
    segmenter TEXT NOT NULL,
    pixels INTEGER NOT NULL,
    told TEXT NOT NULL,
    seconds REAL
) STRICT
"""


@dataclass(frozen=True)
class JobRow:
    """What is written down of a job.

    Parameters
    ----------
    id, kind, title : str
        See `Job` of the client.
    asked : str
        What is to be done: a recipe in TOML, or the wishes for a training in JSON.
    status, message, picture : str
        See `Job`; an empty message is none.
    segmenter : str
    pixels : int
        Of the picture; 0 where it is not known.
    told : str
        JSON, what came of it; empty where nothing is to be told.
    """

    id: str
    kind: str
    title: str
    asked: str
    status: str = "waiting"
    message: str = ""
    picture: str = ""
    segmenter: str = ""
    pixels: int = 0
    told: str = ""

    def with_status(self, status: str, *, message: str = "") -> "JobRow":
        """Return the row with another status."""
        return replace(self, status=status, message=message)


_COLUMNS = ", ".join(field.name for field in fields(JobRow))
_OPEN = "status IN ('waiting', 'running')"
_MARKS = ", ".join("?" * len(fields(JobRow)))


class JobTable:
    """The jobs of one project, on the disk; safe to use from several threads.

    Opening it marks what another program left unfinished as "interrupted". The file can be
    lost without harm: a damaged one is made anew.

    Parameters
    ----------
    path : Path

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> row = JobRow("1", "run", "a.tif", "", picture="p", segmenter="auto", pixels=100)
    >>> with TemporaryDirectory() as folder:
    ...     table = JobTable(Path(folder, "jobs.db"))
    ...     table.add(row)
    ...     table.update(row.with_status("done"), seconds=2.0)
    ...     print([row.status for row in table.rows()], table.rate("auto"))
    ...     table.close()
    ['done'] 0.02
    """

    def __init__(self, path: Path) -> None:
        self._turn = threading.Lock()
        self._unwritten: dict[str, JobRow] = {}
        try:
            self._connection = _opened(path)
        except sqlite3.DatabaseError:
            path.unlink()
            self._connection = _opened(path)

    def add(self, row: JobRow) -> None:
        """Write down a job as the newest, in place of an older one of this identifier.

        Raises
        ------
        WriteError
            If it cannot be written, as on a full disk.
        """
        statement = f"INSERT OR REPLACE INTO job ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608
        self._run(statement, *astuple(row))
        self._unwritten.pop(row.id, None)

    def update(self, row: JobRow, *, seconds: float | None = None) -> None:
        """Write down how a job stands; `seconds`: what it took, where it is done.

        Where that fails, this program alone knows it: the next one finds the job as it was
        written down last.
        """
        took = seconds if row.status == "done" else None
        statement = (
            "UPDATE job SET status = ?, message = ?, told = ?, seconds = ? WHERE id = ?"
        )
        try:
            self._run(statement, row.status, row.message, row.told, took, row.id)
            self._unwritten.pop(row.id, None)
        except WriteError as error:
            _log.warning("the job %s is %s, but: %s", row.id, row.status, error)
            self._unwritten[row.id] = row

    def rows(self) -> list[JobRow]:
        """Return all jobs that wait or run and the newest others, the newest first."""
        statement = (
            f"SELECT {_COLUMNS} FROM job WHERE {_OPEN} OR rowid IN "  # noqa: S608 - ours
            f"(SELECT rowid FROM job WHERE NOT {_OPEN} ORDER BY rowid DESC LIMIT ?) "
            "ORDER BY rowid DESC"
        )
        return self._rows(statement, _LISTED)

    def row(self, job: str) -> JobRow | None:
        """Return what is written down of a job; `None` where that is nothing."""
        found = self._rows(f"SELECT {_COLUMNS} FROM job WHERE id = ?", job)  # noqa: S608
        return found[0] if found else None

    def rate(self, segmenter: str) -> float | None:
        """Return the seconds a pixel that a segmenter takes; `None` where none has run."""
        statement = (
            "SELECT seconds / pixels FROM job WHERE segmenter = ? AND pixels > 0 AND "
            "seconds IS NOT NULL ORDER BY rowid DESC LIMIT ?"
        )
        rates = [row[0] for row in self._run(statement, segmenter, _NEWEST)]
        return statistics.median(rates) if rates else None

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._connection.close()

    def _rows(self, statement: str, *values: object) -> list[JobRow]:
        rows = [JobRow(*row) for row in self._run(statement, *values)]
        return [self._unwritten.get(row.id, row) for row in rows]

    def _run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            with self._turn:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            msg = f"The list of jobs cannot be written: {error}. Free space on the disk."
            raise WriteError(msg) from error


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(_TABLE)
        names = {row[1] for row in connection.execute("PRAGMA table_info(job)")}
        if names != {*(field.name for field in fields(JobRow)), "seconds"}:
            connection.execute("DROP TABLE job")  # of another version
            connection.execute(_TABLE)
        connection.execute(
            f"UPDATE job SET status = 'interrupted' WHERE {_OPEN}"  # noqa: S608 - ours
        )
    except sqlite3.DatabaseError:
        with contextlib.suppress(sqlite3.Error):
            connection.close()
        raise
    return connection
