"""Pictures with their objects, as a run or a project of the app keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from segmetry.batch.corrected import work_of_run
from segmetry.errors import ProjectError
from segmetry.image import Labels
from segmetry.project import Project
from segmetry.project.regions import regions_of
from segmetry.project.run_folder import is_run, labels_in_run, open_run, see_in_run
from segmetry.project.tables import in_order, named_pictures, objects_with_origin
from segmetry.project.volume_labels import ReadLabels
from segmetry.recipe.regions import below_banner
from segmetry.region import Region

__all__ = [
    "Place",
    "Source",
    "StoredPicture",
    "names_in",
    "opened_labels",
    "place_of",
    "read_stored",
]

_DATABASE, _PROJECT = "project.db", ".segmetry"


@dataclass(frozen=True)
class Place:
    """Where pictures with objects are kept.

    Parameters
    ----------
    folder : Path
        Of a run, or the one that a project of the app is about.
    kind : {"run", "project"}
    """

    folder: Path
    kind: Literal["run", "project"]


@dataclass(frozen=True)
class Source:
    """Where the labels of a layer are from, and in which state they were.

    Parameters
    ----------
    place : Place
    name : str
        Of the picture there.
    rev : int
        Revision of the labels.
    """

    place: Place
    name: str
    rev: int


@dataclass(frozen=True, eq=False)
class StoredPicture:
    """A picture with its objects.

    Parameters
    ----------
    labels : Labels
        On the picture as it was segmented.
    objects : DataFrame
        Their table, with the column `label`.
    regions : tuple of Region
        In the picture as it was segmented.
    source : Source
    """

    labels: Labels
    objects: pd.DataFrame
    regions: tuple[Region, ...]
    source: Source


def place_of(path: Path) -> tuple[Place, str | None] | None:
    """Return what a path leads to, and the picture where it leads to one of a run.

    Parameters
    ----------
    path : Path
        Folder of a run, of a picture in it, or of a project, or a file in one of these.

    Returns
    -------
    tuple of Place and str or None, or None
        `None` where it is neither run nor project.
    """
    folder = path if path.is_dir() else path.parent
    if folder.name == _PROJECT:
        folder = folder.parent
    if is_run(folder):
        return Place(folder, "run"), None
    if (folder / "picture.json").is_file() and is_run(folder.parent):
        return Place(folder.parent, "run"), folder.name
    if any((one / _DATABASE).is_file() for one in (folder, folder / _PROJECT)):
        return Place(folder, "project"), None
    return None


def names_in(place: Place) -> list[str]:
    """Return the names of the pictures that have objects to show.

    Raises
    ------
    SegmetryError
        If the run or the project cannot be opened.
    """
    if place.kind == "run":
        keys = [picture.key for picture in work_of_run(place.folder).pictures]
        return [key for key in keys if (place.folder / key / "picture.json").is_file()]
    with Project.open(place.folder) as project:
        return list(_labels_by_name(project))


def read_stored(place: Place, name: str) -> StoredPicture:
    """Return a picture with its objects as they are now; nothing is written.

    Parameters
    ----------
    place : Place
    name : str
        One of `names_in`.

    Raises
    ------
    SegmetryError
        If a file is missing or damaged, or another program has the project open.
    """
    if place.kind == "run":
        seen = see_in_run(place.folder, name)
        regions = below_banner(seen.regions, seen.labels.image)
        return StoredPicture(
            seen.labels, seen.objects, regions, Source(place, name, seen.rev)
        )
    with Project.open(place.folder) as project:
        identifier = _labels_by_name(project)[name]
        picture = project.pictures.record(project.labels.record(identifier).picture)

        def taken(now: ReadLabels) -> StoredPicture:
            return StoredPicture(
                now.labels,
                objects_with_origin(now),
                below_banner(regions_of(picture), now.labels.image),
                Source(place, name, now.rev),
            )

        return project.labels.read(identifier, taken)


@contextmanager
def opened_labels(source: Source) -> Iterator[tuple[Project, str]]:
    """Open the project that keeps the corrections of a picture, and name its labels.

    Raises
    ------
    SegmetryError
        If it cannot be opened, or the picture is no longer there.
    """
    place = source.place
    if place.kind == "run":
        with open_run(place.folder) as project:
            yield project, labels_in_run(project, source.name)
        return
    with Project.open(place.folder) as project:
        yield project, _labels_by_name(project)[source.name]


class _ByName(dict[str, str]):
    def __missing__(self, name: str) -> str:
        msg = f"The project has no labels of {name} any more; open it again."
        raise ProjectError(msg)


def _labels_by_name(project: Project) -> dict[str, str]:
    """Return the newest labels of each picture, by the picture's name in tables."""
    records = in_order(project.pictures.records())
    named = zip(named_pictures(records), records, strict=True)
    found = {one.key: project.labels.records(record.id) for one, record in named}
    return _ByName({name: sets[-1].id for name, sets in found.items() if sets})
