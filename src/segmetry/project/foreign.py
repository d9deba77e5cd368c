"""Whether a project from elsewhere tells what projects tell, before it is listed."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from segmetry.edit.raster import checked_points
from segmetry.errors import ReadError
from segmetry.image import Step
from segmetry.project.checkpoints import read_facts
from segmetry.project.database import Database
from segmetry.project.looks import pixel_size_of
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project, glance
from segmetry.project.strokes import MOST_CLASSES, is_class_name

__all__ = ["check_rows"]


def check_rows(folder: Path) -> None:
    """Refuse a project of which something that is shown could not be.

    Once a project is on the list, whoever opens the app meets it: a fault then would be
    one at every start.

    Parameters
    ----------
    folder : Path
        The project's own folder; no other program has it open.

    Raises
    ------
    ReadError
        If a row is not what it is in a project.
    SegmetryError
        As opening a project does.
    """
    try:
        glance(folder)
        with Project.open(folder) as project:
            for picture in project.pictures.records():
                _check_picture(project, picture)
            _check_strokes(project)
        _check_files(folder)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        msg = "This file is no project of Segmetry: what its database tells is none's."
        raise ReadError(msg) from error


def _check_picture(project: Project, picture: PictureRecord) -> None:
    # A recipe of all choices refuses what none may hold, but for what stands beside it.
    project.pictures.recipe(picture.id, project.recipe)
    drawn = picture.choices.get("drawn")
    if drawn is not None:
        _ = [[float(value) for value in drawn[end]] for end in ("from", "to")]
        _ = float(drawn["length"]), str(drawn["unit"])
    for labels in project.labels.records(picture.id):
        _check_run(labels.run)
        project.labels.is_corrected(labels.id)
        project.labels.is_restored_since(labels.id, picture.choices.get("checked_rev", 0))


def _check_strokes(project: Project) -> None:
    strokes = project.strokes
    classes = {one.id for one in strokes.classes()}
    names = {one.name for one in strokes.classes() if is_class_name(one.name)}
    pictures = {picture.id for picture in project.pictures.records()}
    if not 2 <= len(classes) == len(strokes.classes()) == len(names) <= MOST_CLASSES:
        msg = "classes are not those of a project"
        raise ValueError(msg)
    if not (strokes.counts().keys() <= classes and strokes.is_of(pictures)):
        msg = "strokes are of no class or no picture"
        raise ValueError(msg)
    for picture in strokes.pictures():
        for stroke in strokes.of(picture):
            checked_points(stroke.points, stroke.width)
            _ = stroke.op_id.strip()


def _check_files(folder: Path) -> None:
    statement = "SELECT id, saved FROM label_set UNION SELECT label_set, file FROM version"
    with closing(Database.open_existing(folder / "project.db")) as database:
        for identifier, file in database.rows(statement):
            facts = read_facts(folder / "labels" / identifier / file)
            _ = int(facts.get("n_objects", 0))


def _check_run(run: Mapping[str, Any]) -> None:
    _ = run["row"].keys(), int(run["row"]["n_objects"]), list(run["remarks"])
    size = pixel_size_of(run["pixel_size"])
    _ = None if size is None else size.in_um
    if run["banner"] is not None:
        top, bottom = run["banner"]
        _ = int(top), int(bottom)
    for step in (*run["image_steps"], *run["steps"]):
        Step(step["name"], step["options"])
