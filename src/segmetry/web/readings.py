"""Reading pictures in a process of their own: a hostile file ends that process, not us."""

import contextlib
import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmetry.errors import MissingError, PictureError, SegmetryError
from segmetry.project import Look, Project, look_at
from segmetry.recipe import read_recipe_text, recipe_text
from segmetry.web.events import Events
from segmetry.web.pyramid import Drawing, draw_pyramid
from segmetry.web.worker import Worker, WorkError, limit_memory

__all__ = ["Readings"]

_log = logging.getLogger(__name__)

_MOST_SECONDS = 300  # of one picture; 100 megapixels take about ten


@dataclass(frozen=True)
class _Asked:
    """A picture to be looked at, by a recipe in TOML."""

    path: Path
    recipe: str


class Readings:
    """Pictures that wait to be looked at; safe to use from several threads.

    Parameters
    ----------
    events : Events
        Hears of each picture that was looked at.
    shown_picture : callable
        Gives a picture of a project as the client knows it.
    """

    def __init__(
        self, events: Events, shown_picture: Callable[[Project, str], dict[str, Any]]
    ) -> None:
        self._events, self._shown_picture = events, shown_picture
        self._worker = Worker()
        self._working = threading.Lock()  # the worker has one caller at a time
        self._turn = threading.Condition()
        self._waiting: deque[tuple[Project, str]] = deque()
        self._now: str | None = None
        self._is_open = True
        self._thread: threading.Thread | None = None

    def look(self, project: Project, picture: str) -> None:
        """Let a picture be looked at soon."""
        with self._turn:
            if picture == self._now or (project, picture) in self._waiting:
                return
            self._waiting.append((project, picture))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="readings")
                self._thread.start()
            self._turn.notify_all()

    def look_at_new(self, project: Project) -> None:
        """Let all pictures of a project be looked at that were not yet."""
        for record in project.pictures.records():
            if record.status == "new":
                self.look(project, record.id)

    def pyramid(self, project: Project, picture: str) -> Path:
        """Return the folder of a picture's pyramid, made where it is not there.

        Raises
        ------
        PictureError
            If the picture cannot be shown.
        """
        folder = pyramid_folder(project, picture)
        if folder.is_dir():
            return folder
        record = project.pictures.record(picture)
        if "low" not in record.look:
            told = record.look.get("error") or "It is still being read."
            msg = f"{record.name} cannot be shown. {told}"
            raise PictureError(msg)
        drawing = Drawing(
            project.pictures.file(picture),
            project.pictures.recipe(picture, project.recipe).reading.page,
            low=record.look["low"],
            high=record.look["high"],
            folder=folder,
        )
        with self._working:
            if not folder.is_dir():  # somebody else may have waited for the same
                self._do(_draw, drawing)
        return folder

    def remove(self, project: Project, picture: str) -> None:
        """Remove the pyramid of a picture that is no more, or is to be shown otherwise."""
        shutil.rmtree(pyramid_folder(project, picture), ignore_errors=True)

    def close(self) -> None:
        """End the work; what was not looked at is so when the project is opened next."""
        with self._turn:
            self._is_open = False
            self._waiting.clear()
            self._turn.notify_all()
        self._worker.end()
        if self._thread is not None:
            self._thread.join()
        self._worker.end()

    def _work(self) -> None:
        while True:
            with self._turn:
                self._now = None
                self._turn.wait_for(lambda: self._waiting or not self._is_open)
                if not self._is_open:
                    return
                project, picture = self._waiting.popleft()
                self._now = picture
            try:
                self._look(project, picture)
            except SegmetryError as error:  # the project was closed, or the disk is full
                _log.warning("%s was not looked at: %s", picture, error)
            except Exception:  # noqa: BLE001 - the thread must live on
                _log.exception("%s was not looked at", picture)

    def _look(self, project: Project, picture: str) -> None:
        with contextlib.suppress(MissingError):  # it was removed while it waited
            look = self._seen(project, picture)
            if not self._is_open:
                return
            project.pictures.keep_look(picture, look)
            if look.thumbnail is not None:
                with contextlib.suppress(WorkError):  # who asks for a tile is told why
                    self.pyramid(project, picture)
            shown = self._shown_picture(project, picture)
            self._events.publish("picture", {"picture": shown})

    def _seen(self, project: Project, picture: str) -> Look:
        recipe = project.pictures.recipe(picture, project.recipe)
        try:
            asked = _Asked(project.pictures.file(picture), recipe_text(recipe))
            with self._working:
                look: Look = self._do(_look_at, asked)
        except PictureError as error:
            return Look({"error": str(error), "conflict": False}, None)
        return look

    def _do(self, function: Callable[[Any], Any], argument: Any) -> Any:
        end = time.monotonic() + _MOST_SECONDS

        def tick() -> None:
            if time.monotonic() > end:
                self._worker.end()

        return self._worker.do(function, argument, tick=tick)


def pyramid_folder(project: Project, picture: str) -> Path:
    """Return where a picture's pyramid lies."""
    return project.folder / "pyramids" / picture


def _look_at(asked: _Asked) -> Look:
    limit_memory()
    return look_at(asked.path, read_recipe_text(asked.recipe))


def _draw(drawing: Drawing) -> None:
    limit_memory()
    draw_pyramid(drawing)
