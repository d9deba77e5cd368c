"""The projects that the server knows: a list on the disk, and those that are open."""

import json
import logging
import shutil
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from segmetry.batch.inputs import utf8
from segmetry.errors import MissingError, ProjectError, SegmetryError, WriteError
from segmetry.io import write_json
from segmetry.project import (
    Project,
    glance,
    holds,
    new_identifier,
    now,
    projects_folder,
)
from segmetry.project.database import Table

__all__ = ["ListedProject", "Store"]

_log = logging.getLogger(__name__)

_LIST = "projects.json"


@dataclass(frozen=True)
class ListedProject:
    """A project of the start page's list.

    Parameters
    ----------
    id : str
    name : str
    n_pictures : int
    opened : str
        When it was opened last, in UTC.
    """

    id: str
    name: str
    n_pictures: int
    opened: str


@dataclass(frozen=True)
class _Entry:
    id: str
    folder: str
    opened: str


class Store:
    """All projects that were opened on this computer; safe to use from several threads.

    The list lies in `segmetry.project.projects_folder`. A project is opened when it is
    first asked for and stays open until `close`.

    Examples
    --------
    >>> import os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> os.environ["SEGMETRY_PROJECTS"] = folder.name
    >>> store = Store()
    >>> powder = store.create("Powder")
    >>> store.project(powder).name, [listed.name for listed in store.listed()]
    ('Powder', ['Powder'])
    >>> store.close()
    >>> del os.environ["SEGMETRY_PROJECTS"]
    >>> folder.cleanup()
    """

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._open: dict[str, Project] = {}

    def listed(self) -> list[ListedProject]:
        """Return the projects that can be opened, the one opened last first."""
        listed = []
        for entry in self._entries():
            folder = Path(entry.folder)
            try:
                name, n_pictures = glance(folder)
            except SegmetryError as error:
                if folder.is_dir():  # else it was moved away
                    _log.warning("A project of the list is passed over: %s", error)
                continue
            listed.append(ListedProject(entry.id, name, n_pictures, entry.opened))
        return listed

    def create(self, name: str) -> str:
        """Make a project for uploads, and return its identifier."""
        return self.take(Project.create(None, name))

    def take(self, project: Project) -> str:
        """Put an open project of `projects_folder` on the list; return its identifier."""
        with self._turn:
            return self._keep(project.folder.name, project)

    def open_folder(self, folder: Path) -> str:
        """Open the project of a folder of pictures, made where there is none.

        Returns
        -------
        str
            Its identifier.

        Raises
        ------
        ProjectError
            If another program has it open, it is damaged, or its name is no text.
        WriteError
            If nothing can be written there.
        """
        with self._turn:
            own = Path(folder).absolute() / ".segmetry"
            if utf8(str(own)) != str(own):
                msg = f"The name of {utf8(str(own.parent))} is no text; rename the folder."
                raise ProjectError(msg)
            for identifier, project in self._open.items():
                if project.folder == own:
                    return identifier
            known = [entry.id for entry in self._entries() if Path(entry.folder) == own]
            project = (
                Project.open(folder)
                if (own / "project.db").exists()
                else Project.create(folder, own.parent.name or "Pictures")
            )
            return self._keep(known[0] if known else new_identifier(), project)

    def project(self, identifier: str) -> Project:
        """Return a project of the list, opened where it is not.

        Raises
        ------
        MissingError
            If the list has none of this identifier.
        ProjectError
            If it cannot be opened.
        """
        with self._turn:
            if identifier not in self._open:
                entries = [entry for entry in self._entries() if entry.id == identifier]
                if not entries:
                    msg = "There is no such project; it may have been taken off the list."
                    raise MissingError(msg)
                opened = Project.open(entries[0].folder)
                with suppress(WriteError):  # on a full disk it is only not listed first
                    self._keep(identifier, opened)
            return self._open[identifier]

    def opened(self) -> list[Project]:
        """Return the projects that are open."""
        with self._turn:
            return list(self._open.values())

    def identifier_of(self, project: Project) -> str:
        """Return the identifier of a project; empty where it is no longer open."""
        with self._turn:
            found = (name for name, one in self._open.items() if one is project)
            return next(found, "")

    def project_of_picture(self, picture: str) -> Project:
        """Return the project that holds a picture."""
        return self._holder("picture", picture)

    def project_of_labels(self, labels: str) -> Project:
        """Return the project that holds a set of labels."""
        return self._holder("label_set", labels)

    def forget(self, identifier: str) -> None:
        """Take a project off the list; its files stay where they are."""
        with self._turn:
            if identifier in self._open:
                self._open.pop(identifier).close()
            self._take_off(identifier)

    def delete(self, identifier: str) -> None:
        """Delete a project with its results and its copies; local pictures stay.

        Nothing is saved before: so it makes room on a full disk, too.

        Raises
        ------
        MissingError
            If the list has none of this identifier.
        ProjectError
            If another program has it open.
        WriteError
            If a file of it cannot be deleted; it is off the list then.
        """
        with self._turn:
            folder = self.project(identifier).folder
            self._open.pop(identifier).close(save=False)
            with suppress(WriteError):  # once the files are gone, there is room
                self._take_off(identifier)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            msg = f"Not all of the project in {folder} was deleted: {error.strerror}."
            raise WriteError(msg) from error
        finally:
            with self._turn:
                self._take_off(identifier)

    def close(self) -> None:
        """Close all projects. May be called again."""
        with self._turn:
            while self._open:
                self._open.popitem()[1].close()

    def _holder(self, table: Table, identifier: str) -> Project:
        """Return the project that has a row in a table, open ones first.

        A window that outlives its server asks for pictures of a project that nobody has
        opened anew. None is opened only to look into it.
        """
        with self._turn:
            for project in reversed(self._open.values()):
                if project.holds(table, identifier):
                    return project
            closed = [entry for entry in self._entries() if entry.id not in self._open]
        for entry in closed:
            with suppress(SegmetryError):  # moved away or damaged
                if holds(Path(entry.folder), table, identifier):
                    break
        else:
            msg = "There is nothing of this name in any project; it may have been removed."
            raise MissingError(msg)
        return self.project(entry.id)

    def _keep(self, identifier: str, project: Project) -> str:
        self._open[identifier] = project
        others = [entry for entry in self._entries() if entry.id != identifier]
        self._write([_Entry(identifier, str(project.folder), now()), *others])
        return identifier

    def _take_off(self, identifier: str) -> None:
        entries = self._entries()
        others = [entry for entry in entries if entry.id != identifier]
        if others != entries:
            self._write(others)

    def _entries(self) -> list[_Entry]:
        try:
            kept = json.loads((projects_folder() / _LIST).read_text(encoding="utf-8"))
            return [_Entry(**entry) for entry in kept]
        except (OSError, ValueError, TypeError):
            return []  # the projects are whole without the list

    def _write(self, entries: list[_Entry]) -> None:
        folder = projects_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(folder / _LIST, [asdict(entry) for entry in entries])
