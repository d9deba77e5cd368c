"""A project: a folder of pictures with all that was found in them and corrected."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from platformdirs import user_data_path

from segmetry.calibrate import Choice
from segmetry.errors import PictureError, ProjectError, WriteError
from segmetry.io.regions import refuse_twins
from segmetry.measure.regions import within
from segmetry.project.automatic_budgets import AutomaticBudgets
from segmetry.project.corrections import KeptCorrections
from segmetry.project.database import Database, Table, glance_at, holds_row, only_id
from segmetry.project.identifiers import new_identifier
from segmetry.project.judged import JudgedObjects
from segmetry.project.label_sets import LabelSets
from segmetry.project.lock import Lock
from segmetry.project.looks import Look, recalibrated
from segmetry.project.pictures import Pictures, chosen_recipe, now
from segmetry.project.region_counts import RegionCounts
from segmetry.project.regions import as_kept, boxes_around
from segmetry.project.sheet import ProjectSheet
from segmetry.project.strokes import Strokes
from segmetry.project.tables import ObjectTables
from segmetry.project.thin import ThinnedLabels
from segmetry.recipe import Recipe, Rectangle, read_recipe_text, recipe_text
from segmetry.region import Region

__all__ = ["Project", "glance", "holds", "projects_folder"]

_BESIDE_PICTURES = ".segmetry"
_DATABASE = "project.db"


class Project:
    """An open project; made by `Project.create` and `Project.open`.

    One program at a time can have it open. Nothing needs saving: what a method has
    returned from is on the disk.

    Parameters
    ----------
    folder : Path
        The project's own folder.
    lock : Lock
    database : Database

    Attributes
    ----------
    folder : Path
    pictures : Pictures
    labels : LabelSets
        What was found in the pictures, and every correction.
    strokes : Strokes
        What was painted to teach a classifier of pixels.
    sheet : ProjectSheet
        The conditions of the pictures.
    tables : ObjectTables

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Project.create(Path(folder), "Powder") as new:
    ...     new.name, new.pictures.records()
    ('Powder', [])
    """

    def __init__(self, folder: Path, lock: Lock, database: Database) -> None:
        self._lock, self._database = lock, database
        for unfinished in folder.glob("archive-*"):  # the program died meanwhile
            shutil.rmtree(unfinished, ignore_errors=True)
        home = folder.parent if folder.name == _BESIDE_PICTURES else None
        self.folder = folder
        self.pictures = Pictures(database, folder, home)
        self.labels = LabelSets(database, folder, self.pictures)
        self.strokes = Strokes(database)
        self.sheet = ProjectSheet(folder, home)
        self.tables = ObjectTables(self.labels)
        self.thin = ThinnedLabels(self.labels)
        self.judged = JudgedObjects(self.labels)
        self.corrections = KeptCorrections(self.labels)
        self.region_counts = RegionCounts(self.labels)
        self.automatic_budgets = AutomaticBudgets()

    @classmethod
    def create(cls, place: Path | str | None, name: str) -> "Project":
        """Make a project.

        Parameters
        ----------
        place : path or None
            The folder of pictures that it is about; its own folder becomes `.segmetry` in
            it. `None` makes one in `projects_folder`, for uploads.
        name : str
            As people call it.

        Returns
        -------
        Project

        Raises
        ------
        ProjectError
            If there is one already, or its name is empty.
        WriteError
            If its folder cannot be made.
        """
        if not name.strip():
            msg = "A project needs a name; type one."
            raise ProjectError(msg)
        if place is None:
            folder = projects_folder() / new_identifier()
        else:
            folder = _absolute(place) / _BESIDE_PICTURES
        try:
            # What is measured may be patients' data: nobody else on the computer sees it.
            folder.mkdir(mode=0o700, parents=place is None, exist_ok=True)
        except OSError as error:
            msg = f"No project can be made in {folder.parent}: {error.strerror}."
            raise WriteError(msg) from error
        lock = Lock(folder)
        try:
            database = Database.create(folder / _DATABASE)
            row = {"id": 1, "name": name.strip(), "recipe": recipe_text(Recipe())}
            database.insert("project", row | {"created": now()})
            return cls(folder, lock, database)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, place: Path | str) -> "Project":
        """Open a project.

        Parameters
        ----------
        place : path
            The folder that it is about, or its own folder.

        Returns
        -------
        Project

        Raises
        ------
        ProjectError
            If there is none, if another program has it open, or if it is damaged.
        WriteError
            If nothing can be written there.
        """
        folder = _absolute(place)
        if (folder / _BESIDE_PICTURES / _DATABASE).exists():
            folder /= _BESIDE_PICTURES
        if not (folder / _DATABASE).is_file():
            msg = f"There is no project in {folder.name}; create one there."
            raise ProjectError(msg)
        lock = Lock(folder)
        try:
            return cls(folder, lock, Database.open_existing(folder / _DATABASE))
        except BaseException:
            lock.release()
            raise

    @property
    def name(self) -> str:
        """What people call the project."""
        return str(self._database.rows("SELECT name FROM project")[0]["name"])

    @property
    def recipe(self) -> Recipe:
        """What pictures are run with where nothing else is said."""
        return read_recipe_text(self._database.rows("SELECT recipe FROM project")[0][0])

    def set_recipe(self, recipe: Recipe) -> None:
        """Choose what pictures are run with from now on."""
        self._database.rows("UPDATE project SET recipe = ?", recipe_text(recipe))

    def rename(self, name: str) -> None:
        """Give the project another name; its folder keeps its own."""
        if not name.strip():
            msg = "A project needs a name; type one."
            raise ProjectError(msg)
        self._database.rows("UPDATE project SET name = ?", name.strip())

    def calibrate(
        self,
        picture: str,
        *,
        choice: Choice,
        pixel_size: str | None = None,
        drawn: Mapping[str, Any] | None = None,
        shared_from: str | None = None,
    ) -> None:
        """Choose where the pixel size of a picture comes from, also for labels it has.

        Parameters
        ----------
        picture : str
        choice : {"auto", "metadata", "bar", "typed", "none"}
            "auto" takes back what was typed or drawn.
        pixel_size : str or None
            What was typed: "12.3 nm".
        drawn : mapping or None
            The line that a person drew to tell it, kept to be shown again.
        shared_from : str or None
            The picture that it was typed or drawn on, where that is another one.

        Raises
        ------
        PictureError
            If the picture was not looked at yet.
        CalibrationError
            If the chosen source is not there, or what was typed is no length.
        """
        facts = self._look(picture)
        options = {"choice": choice, "pixel_size": pixel_size}
        told, _ = recalibrated(facts, chosen_recipe(self.recipe, {"calibration": options}))
        chosen = {"calibration": options, "drawn": drawn, "shared_from": shared_from}
        self.pictures.choose(picture, chosen)
        self.pictures.keep_look(picture, Look(told, None))
        self.labels.recalibrate(picture)

    def exclude(
        self,
        picture: str,
        *,
        banner: tuple[int, int] | None,
        rectangles: Sequence[Rectangle] = (),
        regions: Sequence[Region] = (),
        only: bool = False,
    ) -> None:
        """Choose which parts of a picture are no sample, and those to count objects in.

        The former count for runs from now on, the latter at once.

        Parameters
        ----------
        picture : str
        banner : tuple of int, or None
            First row and the row after the last.
        rectangles : sequence of tuple
            Each x, y, width and height. No objects are looked for inside of them.
        regions : sequence of Region
        only : bool
            Whether objects are looked for only in the rectangles around the regions.

        Raises
        ------
        PictureError
            If the picture was not looked at yet, or something lies outside it.
        RegionError
            If a region does, or two have one name.
        """
        facts = self._look(picture)
        height, width = facts["height_px"], facts["width_px"]
        is_outside = banner is not None and not 0 <= banner[0] < banner[1] <= height
        for x, y, across, down in rectangles:
            is_outside |= x + across > width or y + down > height
        if is_outside or banner == (0, height):
            msg = (
                f"The banner and all rectangles must lie in the picture of {width} x "
                f"{height} pixels and leave some of it; draw them again."
            )
            raise PictureError(msg)
        regions = [within(region, (height, width)) for region in regions]
        refuse_twins(regions)
        boxes = boxes_around(regions, width=width, height=height) if only else []
        parts: dict[str, Any] = {"area": {"exclude": rectangles, "only": boxes}}
        parts["outlines"] = as_kept(regions) or None
        found = None if banner is None else list(banner)
        if found != facts.get("banner_rows"):
            rows = "none" if banner is None else f"{banner[0]}:{banner[1]}"
            parts["banner"] = {"exclude": rows}
        self.pictures.choose(picture, parts)
        self.pictures.keep_look(picture, Look({**facts, "banner_rows": found}, None))

    def use_channel(self, picture: str, channel: int | None) -> None:
        """Choose the channel in which objects are looked for, in runs from now on.

        Parameters
        ----------
        picture : str
        channel : int or None
            Counted from 0; `None` takes all together.

        Raises
        ------
        PictureError
            If the picture was not looked at yet, or has no such channel.
        """
        facts = self._look(picture)
        n_channels = len(facts.get("channels", ()))
        if channel is not None and channel >= n_channels:
            name, known = self.pictures.record(picture).name, n_channels or "no"
            msg = (
                f"{name} has {known} channels to choose from, so there is no channel "
                f"{channel}, counted from 0."
            )
            raise PictureError(msg)
        reading = dict(self.pictures.record(picture).choices.get("reading", {}))
        self.pictures.choose(picture, {"reading": {**reading, "channel": channel}})
        self.pictures.keep_look(picture, Look(facts, None))

    def _look(self, picture: str) -> Mapping[str, Any]:
        record = self.pictures.record(picture)
        if record.status == "new" or "width_px" not in record.look:
            msg = f"{record.name} is not read yet, or cannot be; wait, or remove it."
            raise PictureError(msg)
        return record.look

    def holds(self, table: Table, identifier: str) -> bool:
        """Return whether a picture or a set of labels is in the project."""
        # Each edit asks this: to wait for the database would be longer than most of it.
        is_open = table == "label_set" and self.labels.is_open(identifier)
        return is_open or bool(self._database.rows(only_id(table), identifier))

    def snapshot(self, path: Path, beside: Callable[[], None]) -> None:
        """Copy the database, and let `beside` copy its files before anything is changed."""
        self._database.snapshot(path, beside)

    def close(self, *, save: bool = True) -> None:
        """Save what saves time at the next opening, and let others open the project."""
        try:
            self.labels.close(save=save)
        finally:
            self._database.close()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def glance(folder: Path) -> tuple[str, int]:
    """Return the name of a project and its number of pictures, without opening it.

    Parameters
    ----------
    folder : Path
        The project's own folder.

    Raises
    ------
    ProjectError
        If there is none, or it is damaged.
    """
    return glance_at(folder / _DATABASE)


def holds(folder: Path, table: Table, identifier: str) -> bool:
    """Return whether a picture or a set of labels is in a project, without opening it.

    Parameters
    ----------
    folder : Path
        The project's own folder.
    table : {"picture", "label_set"}
    identifier : str

    Raises
    ------
    ProjectError, WriteError
        If there is no project, or it is damaged.
    """
    return holds_row(folder / _DATABASE, table, identifier)


def projects_folder() -> Path:
    """Return the folder of projects that belong to no folder of pictures.

    The environment variable SEGMETRY_PROJECTS names another one than the usual: the user's
    folder for data of programs, which each system has at its own place.
    """
    chosen = os.environ.get("SEGMETRY_PROJECTS")
    if chosen:
        return Path(chosen)
    return user_data_path("segmetry", appauthor=False) / "projects"


def _absolute(place: Path | str) -> Path:
    return Path(os.path.abspath(place))  # noqa: PTH100 - links stay what they are
