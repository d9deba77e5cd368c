"""Reading pictures in a process of their own: a hostile file ends that process, not us."""

import contextlib
import logging
import shutil
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segmetry.errors import MissingError, PictureError, SegmetryError
from segmetry.io.limits import for_strangers
from segmetry.project import Look, PictureRecord, Project, look_at
from segmetry.project.trial import try_labels
from segmetry.recipe import read_recipe_text, recipe_text
from segmetry.web.events import Events
from segmetry.web.lane import Lane
from segmetry.web.pyramid import Drawing, draw_pyramid
from segmetry.web.volumes import VolumeDrawing, draw_volume
from segmetry.web.worker import TooLongError, WorkError, limited_memory

__all__ = ["Readings"]

_log = logging.getLogger(__name__)

_MOST_SECONDS = 300.0  # of one picture; 100 megapixels take about ten
_TOO_LONG = (
    "Reading it took over {:.0f} minutes and was ended, so that others can be read. Check "
    "the file, or cut it into parts."
)


@dataclass(frozen=True)
class _Asked:
    """A picture to be looked at, by a recipe in TOML.

    `untried` is the folder of a project whose labels of the picture were never opened here.
    """

    picture: str
    path: Path
    name: str
    recipe: str
    is_upload: bool
    untried: Path | None


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
        self._lane: Lane[tuple[Project, str]] = Lane("readings", self._look_in_turn)
        self._drawing = threading.Lock()

    def look(self, project: Project, picture: str) -> None:
        """Let a picture be looked at soon."""
        self._lane.add((project, picture))

    def look_at_new(self, project: Project) -> None:
        """Let all pictures of a project be looked at that were not yet."""
        for record in project.pictures.records():
            if record.status == "new":
                self.look(project, record.id)

    def pyramid(self, project: Project, picture: str, channel: int | None = None) -> Path:
        """Return the folder of a picture's pyramid, made where it is not there.

        Parameters
        ----------
        project : Project
        picture : str
        channel : int or None
            One that was seen in the picture; `None` shows all together.

        Raises
        ------
        PictureError
            If the picture cannot be shown.
        """
        folder = pyramid_folder(project, picture, channel)
        if folder.is_dir():
            return folder
        record = _seen_record(project, picture)
        page = project.pictures.recipe(picture, project.recipe).reading.page
        contrast = record.look if channel is None else record.look["channels"][channel]
        drawing = Drawing(
            project.pictures.file(picture),
            page,
            low=contrast["low"],
            high=contrast["high"],
            folder=folder,
            channel=channel,
        )
        return self._drawn(folder, _draw, drawing)

    def volume(self, project: Project, picture: str) -> Path:
        """Return the folder of a volume's values, made where it is not there.

        Raises
        ------
        PictureError
            If the volume cannot be shown.
        """
        folder = volume_folder(project, picture)
        if folder.is_dir():
            return folder
        _seen_record(project, picture)
        recipe = project.pictures.recipe(picture, project.recipe)
        path, channel = project.pictures.file(picture), recipe.reading.channel
        return self._drawn(folder, _draw_volume, VolumeDrawing(path, folder, channel))

    def _drawn(self, folder: Path, draw: Callable[[Any], None], drawing: Any) -> Path:
        with self._drawing:
            if not folder.is_dir():  # somebody else may have waited for the same
                self._do(draw, drawing)
        return folder

    def remove(self, project: Project, picture: str) -> None:
        """Remove the pyramids of a picture that is no more, or is to be shown otherwise."""
        folder = pyramid_folder(project, picture)
        for found in folder.parent.glob(f"{folder.name}*"):
            shutil.rmtree(found, ignore_errors=True)

    def close(self) -> None:
        """End the work; what was not looked at is so when the project is opened next."""
        self._lane.close()

    def _look_in_turn(self, task: tuple[Project, str]) -> Callable[[], None]:
        try:
            self._look(*task)
        except SegmetryError as error:  # the project was closed, or the disk is full
            _log.warning("%s was not looked at: %s", task[1], error)
        except Exception:  # a fault of ours must not look like work that goes on
            self._give_up(*task)
            raise
        return lambda: None

    def _give_up(self, project: Project, picture: str) -> None:
        told = "Segmetry made a mistake with this picture; please tell us about it."
        project.pictures.keep_look(picture, Look({"error": told, "conflict": False}, None))
        shown = self._shown_picture(project, picture)
        self._events.publish("picture", {"picture": shown})

    def _look(self, project: Project, picture: str) -> None:
        with contextlib.suppress(MissingError):  # it was removed while it waited
            look = self._seen(project, picture)
            if not self._lane.is_open:
                return
            project.pictures.keep_look(picture, look)
            if look.thumbnail is not None:
                is_volume = project.pictures.record(picture).is_volume
                draw = self.volume if is_volume else self.pyramid
                with contextlib.suppress(WorkError):  # who asks for a tile is told why
                    draw(project, picture)
            shown = self._shown_picture(project, picture)
            self._events.publish("picture", {"picture": shown})

    def _seen(self, project: Project, picture: str) -> Look:
        recipe = project.pictures.recipe(picture, project.recipe)
        try:
            path = project.pictures.file(picture)
            record = project.pictures.record(picture)
            is_first = record.is_upload and "width_px" not in record.look
            asked = _Asked(
                picture,
                path,
                record.name,
                recipe_text(recipe),
                is_upload=record.is_upload,
                untried=project.folder if is_first else None,
            )
            look: Look = self._do(_look_at, asked)
        except PictureError as error:
            return Look({"error": str(error), "conflict": False}, None)
        return look

    def _do(self, function: Callable[[Any], Any], argument: Any) -> Any:
        try:
            return self._lane.worker.do(function, argument, most_seconds=_MOST_SECONDS)
        except TooLongError as error:
            raise WorkError(_TOO_LONG.format(_MOST_SECONDS / 60)) from error


def pyramid_folder(project: Project, picture: str, channel: int | None = None) -> Path:
    """Return where the pyramid of a picture, or of one of its channels, lies."""
    name = picture if channel is None else f"{picture}-{channel}"
    return project.folder / "pyramids" / name


def volume_folder(project: Project, picture: str) -> Path:
    """Return where the values of a volume lie."""
    return project.folder / "pyramids" / f"{picture}-volume"


def _seen_record(project: Project, picture: str) -> PictureRecord:
    """Return what is known of a picture that can be shown."""
    record = project.pictures.record(picture)
    if "low" not in record.look:
        told = record.look.get("error") or "It is still being read."
        msg = f"{record.name} cannot be shown. {told}"
        raise PictureError(msg)
    return record


def _look_at(asked: _Asked) -> Look:
    care = for_strangers() if asked.is_upload else nullcontext()
    with limited_memory(), care:
        look = look_at(asked.path, read_recipe_text(asked.recipe), name=asked.name)
        if asked.untried is not None and look.thumbnail is not None:
            try_labels(asked.untried, asked.picture)
        return look


def _draw(drawing: Drawing) -> None:
    with limited_memory():
        draw_pyramid(drawing)


def _draw_volume(drawing: VolumeDrawing) -> None:
    with limited_memory():
        draw_volume(drawing)
