"""Projects that come as files, unpacked in a process of their own: any may be hostile."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from segmetry.errors import ReadError, SegmetryError
from segmetry.project import Project, new_identifier, projects_folder
from segmetry.project.archive import unfinished_folder, unpack_archive
from segmetry.web.worker import TooLongError, Worker, limited_memory

__all__ = ["open_stranger"]

_MOST_SECONDS = 1800.0  # of a project; one of 8 GB takes some minutes on a slow disk


@dataclass(frozen=True)
class _Zip:
    path: Path
    folder: Path
    most_bytes: int


def open_stranger(path: Path, *, most_bytes: int) -> Project:
    """Make a project of a zip, as `segmetry.project.open_archive`, whatever the zip does.

    Parameters
    ----------
    path : Path
    most_bytes : int
        That it may unpack to.

    Raises
    ------
    ReadError
        If it takes too long.
    WorkError
        If the process ends, as it does when memory runs out.
    SegmetryError
        As `open_archive` does.
    """
    folder = projects_folder() / new_identifier()
    worker = Worker()
    try:
        asked = _Zip(path, folder, most_bytes)
        refused = worker.do(_unpack, asked, most_seconds=_MOST_SECONDS)
    except TooLongError as error:
        msg = f"Unpacking the project took over {_MOST_SECONDS / 60:.0f} minutes; check it."
        raise ReadError(msg) from error
    finally:
        worker.end()
        shutil.rmtree(unfinished_folder(folder), ignore_errors=True)
    if refused is not None:
        raise refused
    return Project.open(folder)


def _unpack(asked: _Zip) -> SegmetryError | None:
    """Return what is wrong with a zip as it is, for the other process to raise."""
    try:
        with limited_memory():
            unpack_archive(asked.path, asked.folder, most_bytes=asked.most_bytes)
    except SegmetryError as error:
        return error
    return None
