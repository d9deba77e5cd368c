"""Corrections of a run that is done: a project in its folder keeps them.

The folder of a run tells what was found. The first correction makes a project in it
(`.segmetry`, as in a folder of pictures), which takes over the labels of the pictures that
are corrected. From then on its journal tells what they are, and `write_back` brings the
files and tables of the run up to it. The app opens the same project.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segmetry import io
from segmetry.batch import BatchResult
from segmetry.batch.corrected import (
    Corrected,
    found_labels,
    found_objects,
    picture_facts,
    work_of_run,
    write_corrected,
)
from segmetry.batch.inputs import Picture
from segmetry.batch.work import Work
from segmetry.errors import PictureError, ProjectError
from segmetry.image import Labels, PixelSize, Step
from segmetry.project.checkpoints import Checkpoint
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.looks import pixel_size_facts
from segmetry.project.project import Project
from segmetry.project.runs import Order, labels_of_run
from segmetry.project.tables import image_row, objects_with_origin
from segmetry.project.volume_labels import ReadLabels
from segmetry.recipe import Recipe, make_ready, recipe_text
from segmetry.region import Region

__all__ = [
    "SeenInRun",
    "corrections_folder",
    "is_run",
    "kept_labels",
    "labels_in_run",
    "open_run",
    "see_in_run",
    "size_in_run",
    "write_back",
]

_PROJECT = ".segmetry"
_MARK = "fingerprint"  # of a run's picture: tells recipe and version


@dataclass(frozen=True, eq=False)
class SeenInRun:
    """What a run tells of one of its pictures, corrections included.

    Parameters
    ----------
    labels : Labels
        On the picture as it was segmented.
    objects : DataFrame
        Their table, without the name of the picture.
    regions : tuple of Region
        In which objects were counted; in the picture as it was read.
    rev : int
        Revision of the labels: 0 before any correction.
    """

    labels: Labels
    objects: pd.DataFrame
    regions: tuple[Region, ...]
    rev: int


def is_run(folder: Path) -> bool:
    """Return whether a folder is that of a run that is done."""
    return all((folder / name).is_file() for name in ("recipe.toml", "images.csv"))


def corrections_folder(folder: Path) -> Path | None:
    """Return the project with the corrections of a run; `None` where there are none."""
    place = folder / _PROJECT
    return place if (place / "project.db").is_file() else None


def open_run(folder: Path) -> Project:
    """Open the project with the corrections of a run; make it where there is none yet.

    Parameters
    ----------
    folder : Path
        Folder of the run.

    Raises
    ------
    ProjectError
        If it is no folder of a run, or another program has the project open.
    WriteError
        If nothing can be written there.
    """
    if not is_run(folder):
        msg = (
            f"Expected the folder of a run, with recipe.toml and images.csv, got "
            f"{folder.name or folder}."
        )
        raise ProjectError(msg)
    if corrections_folder(folder) is not None:
        return Project.open(folder)
    return Project.create(folder, folder.resolve().name or "Run")


def kept_labels(project: Project, key: str) -> LabelSetRecord | None:
    """Return the labels that a run's project has of a picture; `None` before corrections.

    Labels of an earlier run in the same folder, with another recipe, do not count.

    Parameters
    ----------
    project : Project
        As `open_run` gives it.
    key : str
        Name of the picture in the run.
    """
    mark = picture_facts(_folder(project), key).get(_MARK)
    for picture in project.pictures.records():
        for record in reversed(project.labels.records(picture.id)):
            if record.run["row"]["image"] == key and record.run.get(_MARK) == mark:
                return record
    return None


def labels_in_run(project: Project, key: str) -> str:
    """Return the identifier of a picture's labels, taken over from the run if need be.

    Parameters
    ----------
    project : Project
        As `open_run` gives it.
    key : str
        Name of the picture in the run.

    Raises
    ------
    ProjectError
        If the run has no such picture, or it is a volume.
    PictureError
        If the picture's file has changed since the run.
    RecipeError
        If the picture, or another file that the recipe names, is no longer there.
    """
    kept = kept_labels(project, key)
    if kept is not None:
        return kept.id
    folder = _folder(project)
    work = work_of_run(folder)
    return _taken_over(project, folder, _named(work, key), work.recipe)


def see_in_run(folder: Path, key: str) -> SeenInRun:
    """Return a picture of a run with its objects as they are now; nothing is written.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    key : str
        Name of the picture in the run.

    Raises
    ------
    ProjectError
        If the run has no such picture, or another program has its corrections open.
    ReadError, RecipeError, PictureError
        If a file is missing or damaged, or does not fit the others.
    """
    work = work_of_run(folder)
    picture = _named(work, key)
    regions = () if picture.regions is None else picture.regions.regions
    if corrections_folder(folder) is not None:
        with open_run(folder) as project:
            kept = kept_labels(project, key)
            if kept is not None:
                return project.labels.read(
                    kept.id,
                    lambda now: SeenInRun(
                        now.labels, objects_with_origin(now), regions, now.rev
                    ),
                )
    row = picture_facts(folder, key)["row"]
    data = io.read_labels(found_labels(folder, key), allow_empty=True)
    rows = row.get("banner_rows", "")
    run = {
        "banner": [int(one) for one in rows.split(":")] if rows else None,
        "pixel_size": pixel_size_facts(size_in_run(row)),
        "image_steps": [],
        "steps": [],
    }
    labels = labels_of_run(picture.path, work.recipe, run, Checkpoint(data))
    objects = found_objects(folder, key).drop(columns="image")
    return SeenInRun(labels, objects, regions, 0)


def size_in_run(row: Mapping[str, Any]) -> PixelSize | None:
    """Return the pixel size that a run's row of a picture tells; `None` if unknown."""
    if row["pixel_size"] is None:
        return None
    return PixelSize(
        y=row["pixel_size_y"],
        x=row["pixel_size"],
        z=row.get("pixel_size_z"),
        unit="um",
        source=row["calibration_source"],
        uncertainty=row["calibration_uncertainty"],
    )


def write_back(project: Project, keys: Sequence[str]) -> BatchResult:
    """Bring the files and tables of a run up to the corrections of some of its pictures.

    Where all corrections of a picture were undone, its files are again those that the run
    wrote.

    Parameters
    ----------
    project : Project
        As `open_run` gives it.
    keys : sequence of str
        Names of the pictures in the run.

    Returns
    -------
    BatchResult
        The tables of the whole run.

    Raises
    ------
    ReadError, RecipeError
        If a file of the run, or one that its recipe names, is missing or damaged.
    WriteError
        If a file cannot be written.
    """
    corrected = []
    for key in keys:
        record = kept_labels(project, key)
        if record is not None:
            corrected.append(_corrected(project, key, record))
    return write_corrected(_folder(project), corrected)


def _named(work: Work, key: str) -> Picture:
    for picture in work.pictures:
        if picture.key == key:
            return picture
    msg = f"The run has no picture {key}; it has {', '.join(p.key for p in work.pictures)}."
    raise ProjectError(msg)


def _corrected(project: Project, key: str, record: LabelSetRecord) -> Corrected:
    is_corrected = project.labels.is_corrected(record.id)

    def taken(opened: ReadLabels) -> Corrected:
        if not is_corrected:
            return Corrected(key, opened.labels, None, record.run["row"])
        table = objects_with_origin(opened, always=True)
        return Corrected(key, opened.labels, table, image_row(record, opened))

    return project.labels.read(record.id, taken)


def _taken_over(project: Project, folder: Path, picture: Picture, recipe: Recipe) -> str:
    """Keep the labels that a run found of a picture as the first of a set."""
    recipe = recipe.model_copy(update={"inputs": (), "sheet": None})
    identifier = project.pictures.add(picture.path)
    if project.pictures.record(identifier).sha256 != picture.sha256:
        msg = (
            f"{picture.path.name} has changed since the run: its content is another, so "
            "that its objects cannot be corrected. Run it again."
        )
        raise PictureError(msg)
    order = Order(identifier, picture.path.name, picture.path, recipe_text(recipe))
    return project.labels.keep(order, _checkpoint(folder, picture, recipe))


def _checkpoint(folder: Path, picture: Picture, recipe: Recipe) -> Checkpoint:
    """Return what `segmetry.project.runs.carry_out` would have, from a run's files."""
    told = picture_facts(folder, picture.key)
    original = io.read(picture.path, **recipe.reading.model_dump())
    ready = make_ready(recipe, original)
    data = io.read_labels(found_labels(folder, picture.key), allow_empty=True)
    if data.shape != ready.image.spatial_shape:
        msg = (
            f"The labels of {picture.key} have the shape {data.shape}, its picture has "
            f"{ready.image.spatial_shape}; run it again."
        )
        raise PictureError(msg)
    if data.ndim != 2:
        msg = "Volumes can be looked at and measured, not corrected here yet."
        raise ProjectError(msg)
    row, banner = told["row"], ready.banner
    found_by = {"reason": row["segmenter_reason"], "found_threshold": row["threshold"]}
    facts = {
        "row": row,
        "remarks": told["remarks"],
        "pixel_size": pixel_size_facts(ready.image.pixel_size),
        "banner": None if banner is None else [banner.top, banner.bottom],
        "image_steps": [asdict(step) for step in ready.image.steps],
        "steps": [asdict(Step(row["segmenter"], found_by))],
        _MARK: told[_MARK],
    }
    return Checkpoint(data, facts, _arrays(folder, picture.key, ready.image.excluded))


def _arrays(
    folder: Path, key: str, excluded: np.ndarray[Any, np.dtype[np.bool_]] | None
) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    if excluded is not None:
        arrays["excluded"] = np.packbits(excluded)
    objects = found_objects(folder, key)
    if "confidence" in objects:
        arrays["confidence"] = objects["confidence"].to_numpy()
        arrays["confidence_of"] = objects["label"].to_numpy(np.uint32)
    return arrays


def _folder(project: Project) -> Path:
    """Return the folder of the run whose corrections a project keeps."""
    return project.folder.parent
