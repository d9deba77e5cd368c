"""The database of a project: its tables, its versions, and errors in plain words."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

from segmetry.errors import MissingError, ProjectError, SegmetryError, WriteError
from segmetry.project.filesystem import is_on_network

__all__ = [
    "VERSION",
    "Database",
    "Table",
    "check_foreign",
    "glance_at",
    "holds_row",
    "only",
    "only_id",
]

Table = Literal["picture", "label_set"]  # of those with identifiers that others name

_APPLICATION = 0x5365676D  # "Segm", so that no other program's database is taken for ours

_TABLES = """
CREATE TABLE project (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,       -- TOML, what new pictures are run with
    created TEXT NOT NULL
) STRICT;

CREATE TABLE picture (
    id TEXT PRIMARY KEY,        -- a ULID; an upload is the file uploads/<id>
    name TEXT NOT NULL,         -- as the user calls it; never a path on our disk
    path TEXT,                  -- of a local picture; NULL for an upload
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,      -- bytes; with `modified` it tells an unchanged file
    modified INTEGER NOT NULL,  -- ns since 1970
    choices TEXT NOT NULL,      -- JSON, parts of the recipe chosen for this picture
    status TEXT NOT NULL CHECK (status IN ('new', 'ready', 'failed')),
    look TEXT NOT NULL,         -- JSON, what was seen of it when it was last looked at
    added TEXT NOT NULL
) STRICT;

CREATE TABLE label_set (
    id TEXT PRIMARY KEY,
    picture TEXT NOT NULL REFERENCES picture (id) ON DELETE CASCADE,
    recipe TEXT NOT NULL,       -- TOML, what found the objects
    run TEXT NOT NULL,          -- JSON, the picture as it was segmented
    saved TEXT NOT NULL,        -- file of the newest checkpoint, and its revision
    saved_rev INTEGER NOT NULL,
    created TEXT NOT NULL
) STRICT;
CREATE INDEX label_sets_of_a_picture ON label_set (picture);

CREATE TABLE entry (            -- the journal
    label_set TEXT NOT NULL REFERENCES label_set (id) ON DELETE CASCADE,
    rev INTEGER NOT NULL CHECK (rev > 0),
    op_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('edit', 'settle', 'undo', 'redo')),
    stroke TEXT NOT NULL,       -- edits of one stroke are undone together; '' is none
    edit TEXT NOT NULL,         -- JSON, what the person did
    change BLOB NOT NULL,       -- the pixels before and after, packed
    targets TEXT NOT NULL,      -- JSON, revisions that an undo or redo is about
    at TEXT NOT NULL,
    PRIMARY KEY (label_set, rev)
) STRICT;
CREATE TRIGGER a_journal_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries of the journal are never changed'); END;

CREATE TABLE version (
    label_set TEXT NOT NULL REFERENCES label_set (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rev INTEGER NOT NULL,
    file TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (label_set, name)
) STRICT;
"""

_PIXEL_CLASSES = """
CREATE TABLE pixel_class (      -- what pixels can be, in this order; first the background
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL
) STRICT;
INSERT INTO pixel_class (name) VALUES ('background'), ('objects');

CREATE TABLE stroke (           -- painted to teach a classifier; the later one lies on top
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    op_id TEXT NOT NULL UNIQUE,
    picture TEXT NOT NULL REFERENCES picture (id) ON DELETE CASCADE,
    class INTEGER REFERENCES pixel_class (id) ON DELETE CASCADE,  -- NULL: an eraser
    width INTEGER NOT NULL,
    points TEXT NOT NULL,       -- JSON, x and y of each
    at TEXT NOT NULL
) STRICT;
CREATE INDEX strokes_of_a_picture ON stroke (picture);
"""
_TABLES += _PIXEL_CLASSES

# One script for each version but the newest; it changes the tables to those of the next.
_UPGRADES: list[str] = [_PIXEL_CLASSES]

VERSION = 2

_REASONS = {
    sqlite3.SQLITE_FULL: (WriteError, "the disk is full; make room and try again"),
    sqlite3.SQLITE_READONLY: (WriteError, "you may not write there"),
    sqlite3.SQLITE_IOERR: (WriteError, "the disk failed; check it and try again"),
    sqlite3.SQLITE_CANTOPEN: (WriteError, "its folder is missing or may not be used"),
    sqlite3.SQLITE_BUSY: (ProjectError, "another program is writing to it; try again"),
    sqlite3.SQLITE_CORRUPT: (ProjectError, "it is damaged"),
    sqlite3.SQLITE_NOTADB: (ProjectError, "it is damaged or no project at all"),
}
_MEND = "; nothing was written to it. Restore it from a copy or from the folder backups."


class Database:
    """An open database, safe to use from several threads.

    Made by `create` and `open_existing`. Each statement outside of `transaction` stands for
    itself; what was committed survives the loss of power.

    Parameters
    ----------
    path : Path
        Of an existing database of the newest version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.RLock()
        with _told(path):
            self._connection = _connect(path, "rw")
            mode = "DELETE" if is_on_network(path.parent) else "WAL"
            self._connection.execute(f"PRAGMA journal_mode = {mode}")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")

    @classmethod
    def create(cls, path: Path) -> "Database":
        """Make a database with empty tables.

        Raises
        ------
        ProjectError
            If there is a file of this name already.
        WriteError
            If it cannot be written there.
        """
        if path.exists():
            msg = f"There is a project in {path.parent.name} already; open that one."
            raise ProjectError(msg)
        # Made under another name, so that a crash leaves no half-made database behind.
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        with _told(path), closing(_connect(unfinished, "rwc")) as connection:
            connection.executescript(f"BEGIN; {_TABLES}")
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        unfinished.replace(path)
        return cls(path)

    @classmethod
    def open_existing(cls, path: Path) -> "Database":
        """Open a database, and bring one of an older version up to date.

        A copy goes to the folder `backups` before anything is changed.

        Raises
        ------
        ProjectError
            If there is none, if it is damaged or is of a newer version.
        WriteError
            If it cannot be written there.
        """
        if not path.is_file():
            msg = f"There is no project in {path.parent.name}; create one there."
            raise ProjectError(msg)
        version = _checked_version(path)
        if version < VERSION:
            _upgrade(path, version)
        return cls(path)

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self._turn, _told(self._path):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements of a block at its end, or none of them."""
        with self._turn, _told(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def insert(self, table: str, values: dict[str, Any]) -> None:
        """Add a row to a table."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - ours
        self.rows(statement, *values.values())

    def snapshot(self, path: Path, beside: Callable[[], None]) -> None:
        """Copy the database; nothing is written to it before `beside` has returned.

        Parameters
        ----------
        path : Path
            Of the copy, which is a single file.
        beside : callable
            Copies what belongs to it.
        """
        with self._turn, _told(path), closing(_connect(path, "rwc")) as target:
            self._connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            beside()

    def close(self) -> None:
        """Let go of the files. May be called again."""
        with self._turn:
            self._connection.close()


def glance_at(path: Path) -> tuple[str, int]:
    """Return a project's name and its number of pictures; others may have it open."""
    statement = "SELECT name, (SELECT count(*) FROM picture) FROM project"
    with _told(path), closing(_connect(path, "ro")) as connection:
        row = connection.execute(statement).fetchone()
    if row is None:
        msg = f"The database {path.name} in {path.parent.name} holds no project{_MEND}"
        raise ProjectError(msg)
    return str(row[0]), int(row[1])


def holds_row(path: Path, table: Table, identifier: str) -> bool:
    """Return whether a table has a row of an identifier; others may have it open."""
    with _told(path), closing(_connect(path, "ro")) as connection:
        return connection.execute(only_id(table), (identifier,)).fetchone() is not None


def only_id(table: Table) -> str:
    """Return the statement that finds one row of a table by its identifier."""
    return f"SELECT id FROM {table} WHERE id = ?"  # noqa: S608 - one of two names


def check_foreign(path: Path) -> None:
    """Refuse a database from elsewhere that is none of ours, before anything is run in it.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ProjectError
        If it is no project, is damaged, is of a newer version, or holds what no project
        does: views and triggers of others would run by themselves.
    """
    _checked_version(path)
    statement = "SELECT type, name, sql FROM sqlite_master"
    with _told(path), closing(_connect(path, "ro")) as connection:
        found = {tuple(row) for row in connection.execute(statement)}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(_TABLES)
        own = set(connection.execute(statement))
    passive = {(kind, name) for kind, name, _ in own if kind in {"table", "index"}}
    if any(row not in own and row[:2] not in passive for row in found):
        msg = f"The database {path.name} holds what no project of Segmetry does{_MEND}"
        raise ProjectError(msg)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,  # transactions begin and end where the code says
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _checked_version(path: Path) -> int:
    """Return the version of a database that is whole, without writing to it."""
    with _told(path), closing(_connect(path, "ro")) as connection:
        application = _pragma(connection, "application_id")
        version = _pragma(connection, "user_version")
        problems = _pragma(connection, "quick_check")
    if application != _APPLICATION:
        msg = f"{path.name} in {path.parent.name} is no project of Segmetry{_MEND}"
        raise ProjectError(msg)
    if version > VERSION:
        msg = (
            f"The project in {path.parent.name} was made by a newer Segmetry (format "
            f"{version}, this one reads up to {VERSION}); install the newer one."
        )
        raise ProjectError(msg)
    if problems != "ok":
        msg = f"The database {path.name} of the project is damaged{_MEND}"
        raise ProjectError(msg)
    return version


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _upgrade(path: Path, version: int) -> None:
    with _told(path), closing(_connect(path, "rw")) as connection:
        _back_up(connection, path, version)
        for older in range(version, VERSION):
            # What is not committed when one of them fails goes with the connection.
            connection.executescript(
                f"BEGIN IMMEDIATE; {_UPGRADES[older - 1]};"
                f"PRAGMA user_version = {older + 1}; COMMIT"
            )


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """Copy a database, whatever its journal still holds, and never over another copy."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    number = 1
    while (copy := folder / f"{path.stem}-format{version}-{number}{path.suffix}").exists():
        number += 1
    with closing(_connect(copy, "rwc")) as target:
        target.execute("PRAGMA synchronous = FULL")
        connection.backup(target)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite says into one sentence."""
    try:
        yield
    except SegmetryError:
        raise
    except sqlite3.IntegrityError:
        raise  # a fault of ours, or a race that the caller answers
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        kind, reason = _REASONS.get(code, (ProjectError, f"SQLite says: {error}"))
        damaged = code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        msg = f"The database {path.name} of the project cannot be used: {reason}"
        raise kind(msg + (_MEND if damaged else ".")) from error
    except OSError as error:
        msg = f"The database {path.name} of the project cannot be used: {error.strerror}."
        raise WriteError(msg) from error


def only(rows: Sequence[sqlite3.Row], what: str) -> sqlite3.Row:
    """Return the single row of an answer.

    Raises
    ------
    MissingError
        If there is none.
    """
    if not rows:
        msg = f"The project has no such {what}; it may have been removed."
        raise MissingError(msg)
    return rows[0]
