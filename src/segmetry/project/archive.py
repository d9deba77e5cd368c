"""A whole project as one zip, with its pictures and its history, to open elsewhere.

The zip holds what the project's own folder holds: `project.db`, `uploads/ID` with all
pictures (local ones too), `thumbnails/ID.png`, `labels/ID/REV.labels`, `conditions.csv`.
The slices of a series are `uploads/ID/NUMBER`: names of files can name a patient.
"""

import os
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from segmetry.errors import PictureError, ReadError, SegmetryError, WriteError
from segmetry.io.series import slices_in
from segmetry.io.zarr_files import is_zarr
from segmetry.project.database import Database, check_foreign
from segmetry.project.foreign import check_rows
from segmetry.project.identifiers import is_identifier, new_identifier
from segmetry.project.lock import Lock
from segmetry.project.project import Project, projects_folder

__all__ = [
    "open_archive",
    "remove_unfinished",
    "unfinished_folder",
    "unpack_archive",
    "write_archive",
]

_MOST_BYTES = 2**33  # unpacked
_MOST_FILES = 100_000
_ID = "[0-7][0-9A-HJKMNP-TV-Z]{25}"
_NAMES = re.compile(
    rf"project\.db|conditions\.csv|uploads/{_ID}(/\d{{5}})?|thumbnails/{_ID}\.png|"
    rf"labels/{_ID}/\d{{1,12}}\.labels"
)
_FILE = re.compile(r"\d{1,12}\.labels")
_PIECE = 2**20
_UNFINISHED = ".part"
_NO_PROJECT = "This file is no project of Segmetry"


def write_archive(project: Project, path: Path) -> None:
    """Write a project with all its pictures and its whole history to a zip.

    Others may go on to correct it meanwhile: what they do is in it wholly or not at all.

    Parameters
    ----------
    project : Project
    path : Path

    Raises
    ------
    PictureError
        If a local picture is gone, has changed, or is a folder of OME-Zarr.
    WriteError
        If it cannot be written.
    """
    pictures = {
        record.id: project.pictures.file(record.id) for record in project.pictures.records()
    }
    _refuse_zarr(pictures.values())
    try:
        with tempfile.TemporaryDirectory(prefix="archive-", dir=project.folder) as place:
            frozen = Path(place)
            project.snapshot(frozen / "project.db", lambda: _link_labels(project, frozen))
            with closing(sqlite3.connect(frozen / "project.db")) as database:
                database.execute("UPDATE picture SET path = NULL")
                database.commit()
            with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
                for name, file in _files(project, frozen, pictures):
                    packed.write(file, name)
    except OSError as error:
        msg = f"The project cannot be written as a zip: {error.strerror or error}."
        raise WriteError(msg) from error


def open_archive(path: Path, *, most_bytes: int = _MOST_BYTES) -> Project:
    """Make a project of a zip that `write_archive` wrote, beside all others.

    Its pictures are uploads: their labels can be opened once they were looked at.

    Parameters
    ----------
    path : Path
    most_bytes : int
        That it may unpack to.

    Returns
    -------
    Project

    Raises
    ------
    SegmetryError
        As `unpack_archive` does.
    """
    folder = projects_folder() / new_identifier()
    unpack_archive(path, folder, most_bytes=most_bytes)
    return Project.open(folder)


def unpack_archive(path: Path, folder: Path, *, most_bytes: int = _MOST_BYTES) -> None:
    """Unpack a zip that `write_archive` wrote, after making sure that it is a project.

    Pictures and labels get new identifiers, so that it is no twin of the one that it was
    made of.

    Parameters
    ----------
    path : Path
    folder : Path
        The new project's own, which is made once all of it is whole; see
        `unfinished_folder`.
    most_bytes : int
        That it may unpack to.

    Raises
    ------
    ReadError
        If it is no project, is damaged, or holds what no project does.
    ProjectError
        If it was made by a newer version.
    WriteError
        If it cannot be unpacked.
    """
    unfinished = unfinished_folder(folder)
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        lock = Lock(unfinished)
        try:
            _unpack_project(path, unfinished / "project", most_bytes)
            (unfinished / "project").replace(folder)
        finally:
            lock.release()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        msg = f"{_NO_PROJECT}: it is damaged, or no zip. Get it again."
        raise ReadError(msg) from error
    except sqlite3.Error as error:
        msg = f"{_NO_PROJECT}: its database is damaged ({error})."
        raise ReadError(msg) from error
    except OSError as error:
        msg = f"The project cannot be unpacked: {error.strerror or error}."
        raise WriteError(msg) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def unfinished_folder(folder: Path) -> Path:
    """Return where `unpack_archive` works; what it left there when it died can go."""
    return folder.with_name(f"{folder.name}{_UNFINISHED}")


def remove_unfinished() -> None:
    """Remove what `unpack_archive` left in `projects_folder` when it died.

    Where another program is unpacking now, it holds a lock, and its folder stays.
    """
    for unfinished in projects_folder().glob(f"*{_UNFINISHED}"):
        if unfinished.is_dir() and is_identifier(unfinished.stem):
            with suppress(SegmetryError):
                Lock(unfinished).release()
                shutil.rmtree(unfinished, ignore_errors=True)


def _unpack_project(path: Path, folder: Path, most_bytes: int) -> None:
    folder.mkdir(mode=0o700)
    _unpack(path, folder, most_bytes)
    check_foreign(folder / "project.db")
    Database.open_existing(folder / "project.db").close()  # now of this version
    renamed = _renamed(folder / "project.db")
    for place in ("uploads", "thumbnails", "labels"):
        _rename_files(folder / place, renamed)
    check_rows(folder)


def _link_labels(project: Project, frozen: Path) -> None:
    """Keep the files of labels as they are now: they are replaced, never written to."""
    for file in (project.folder / "labels").glob("*/*.labels"):
        target = frozen / "labels" / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, target)
        except OSError:  # not every file system has links
            shutil.copyfile(file, target)


def _refuse_zarr(paths: Iterable[Path]) -> None:
    for path in paths:
        if is_zarr(path):
            msg = (
                f"{path.name} is a folder of OME-Zarr, which does not go into the zip of a "
                "project; copy the folder beside the zip, or add the picture as TIFF"
            )
            raise PictureError(msg)


def _files(
    project: Project, frozen: Path, pictures: dict[str, Path]
) -> Iterator[tuple[str, Path]]:
    yield "project.db", frozen / "project.db"
    if project.sheet.path is not None:
        yield "conditions.csv", project.sheet.path
    for identifier, file in pictures.items():
        if file.is_dir():
            for number, one in enumerate(slices_in(file)):
                yield f"uploads/{identifier}/{number:05}", one
        else:
            yield f"uploads/{identifier}", file
        thumbnail = project.folder / "thumbnails" / f"{identifier}.png"
        if thumbnail.is_file():
            yield f"thumbnails/{identifier}.png", thumbnail
    for file in sorted((frozen / "labels").glob("*/*.labels")):
        yield file.relative_to(frozen).as_posix(), file


def _unpack(path: Path, folder: Path, most_bytes: int) -> None:
    with zipfile.ZipFile(path) as packed:
        entries = [entry for entry in packed.infolist() if not entry.is_dir()]
        _check_entries(entries, most_bytes)
        for entry in entries:
            target = folder / entry.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            # Never more than the entry says: the sum of these was looked at.
            with packed.open(entry) as source, target.open("xb") as file:
                shutil.copyfileobj(source, file, _PIECE)


def _check_entries(entries: list[zipfile.ZipInfo], most_bytes: int) -> None:
    names = [entry.filename for entry in entries]
    unknown = [name for name in names if not _NAMES.fullmatch(name)]
    if unknown or "project.db" not in names or len(set(names)) != len(names):
        msg = f"{_NO_PROJECT}: it was not made by 'Save the whole project'."
        raise ReadError(msg)
    n_bytes = sum(entry.file_size for entry in entries)
    if n_bytes > most_bytes or len(entries) > _MOST_FILES:
        msg = (
            f"The project unpacks to {n_bytes:,} bytes in {len(entries):,} files, more "
            f"than the {most_bytes:,} bytes and {_MOST_FILES:,} files that can be taken."
        )
        raise ReadError(msg)


def _renamed(path: Path) -> dict[str, str]:
    """Give pictures and labels new identifiers, and return these by the old ones."""
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    with closing(sqlite3.connect(path)) as database, database:
        kept = database.execute(triggers).fetchall()
        for name, _ in kept:
            database.execute(f"DROP TRIGGER {name}")  # entries are never changed but here
        of_pictures = [("label_set", "picture"), ("stroke", "picture")]
        pictures = _with_new_names(database, "picture", of_pictures)
        users = [("entry", "label_set"), ("version", "label_set")]
        labels = _with_new_names(database, "label_set", users)
        _rename_chosen(database, "checked", labels)
        _rename_chosen(database, "shared_from", pictures)
        # What was seen of a picture is not believed: it is read anew, with care.
        database.execute("UPDATE picture SET path = NULL, status = 'new', look = '{}'")
        for _, statement in kept:
            database.execute(statement)
        files = "SELECT saved FROM label_set UNION SELECT file FROM version"
        for (file,) in database.execute(files).fetchall():
            _refuse_unless(_FILE.fullmatch(file), file)
    return pictures | labels


def _with_new_names(
    database: sqlite3.Connection, table: str, users: Sequence[tuple[str, str]]
) -> dict[str, str]:
    rows = database.execute(f"SELECT id FROM {table}").fetchall()  # noqa: S608 - ours
    renamed = {old: new_identifier() for (old,) in rows}
    for old, new in renamed.items():
        _refuse_unless(is_identifier(old), old)
        for user, column in [(table, "id"), *users]:
            statement = f"UPDATE {user} SET {column} = ? WHERE {column} = ?"  # noqa: S608
            database.execute(statement, (new, old))
    return renamed


def _rename_chosen(
    database: sqlite3.Connection, name: str, renamed: dict[str, str]
) -> None:
    """Let a choice of pictures that names labels or a picture name it as it is now."""
    database.create_function("renamed", 1, renamed.get)
    database.execute(
        "UPDATE picture SET choices = json_set(choices, '$.' || :name, "
        "renamed(json_extract(choices, '$.' || :name))) "
        "WHERE json_extract(choices, '$.' || :name) IS NOT NULL",
        {"name": name},
    )


def _refuse_unless(is_ours: object, name: str) -> None:
    if not is_ours:
        msg = f"{_NO_PROJECT}: {name!r} is a name that none can have."
        raise ReadError(msg)


def _rename_files(folder: Path, renamed: dict[str, str]) -> None:
    for file in list(folder.iterdir()) if folder.is_dir() else []:
        new = renamed.get(file.name.partition(".")[0])
        if new is None:
            _remove(file)
        else:
            file.rename(file.with_name(new + file.suffix))


def _remove(file: Path) -> None:
    if file.is_dir():
        shutil.rmtree(file)
    else:
        file.unlink()
