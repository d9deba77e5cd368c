"""Regions of pictures, kept with them: named parts in which objects are counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np

from segmetry.batch.inputs import stem_of
from segmetry.errors import PictureError, RegionError
from segmetry.project.pictures import PictureRecord
from segmetry.recipe import Recipe, Rectangle
from segmetry.region import Region

if TYPE_CHECKING:
    from segmetry.project.project import Project

__all__ = [
    "REGIONS_ENDING",
    "CopiedRegions",
    "add_regions",
    "as_kept",
    "boxes_around",
    "copy_regions",
    "naming_regions",
    "regions_of",
    "repeating",
    "set_regions",
    "told_regions",
]

REGIONS_ENDING = "-regions.geojson"  # of the file as which a picture's are given out


def told_regions(record: PictureRecord) -> list[dict[str, Any]]:
    """Return the regions of a picture as JSON values: name, classification and rings.

    Parameters
    ----------
    record : PictureRecord

    Returns
    -------
    list of dict
        Rectangles of early versions, within which objects were looked for, are regions
        called "Region 1" and so on.
    """
    kept: list[dict[str, Any]] | None = record.choices.get("outlines")
    if kept is not None:
        return kept
    boxes = (record.choices.get("area") or {}).get("only", ())
    return [
        {
            "name": f"Region {n}",
            "classification": "",
            "rings": [[[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]]],
        }
        for n, (x, y, wide, high) in enumerate(boxes, start=1)
    ]


def regions_of(record: PictureRecord) -> tuple[Region, ...]:
    """Return the regions of a picture."""
    return tuple(
        Region(
            one["name"],
            tuple(np.array(ring, dtype=np.float64) for ring in one["rings"]),
            one["classification"],
        )
        for one in told_regions(record)
    )


def naming_regions(recipe: Recipe, path: str) -> Recipe:
    """Return a recipe that counts in the regions of a file or folder.

    Parameters
    ----------
    recipe : Recipe
    path : str
        As the recipe's other paths.

    Examples
    --------
    >>> naming_regions(Recipe(), "a-regions.geojson").regions.path
    'a-regions.geojson'
    """
    regions = recipe.regions.model_copy(update={"path": path})
    return recipe.model_copy(update={"regions": regions})


def repeating(recipe: Recipe, record: PictureRecord) -> Recipe:
    """Return a recipe that also counts in a picture's regions, if it has any.

    Parameters
    ----------
    recipe : Recipe
        That found the objects of the picture.
    record : PictureRecord
    """
    if not told_regions(record):
        return recipe
    return naming_regions(recipe, stem_of(record.name) + REGIONS_ENDING)


def as_kept(regions: Iterable[Region]) -> list[dict[str, Any]]:
    """Return regions as JSON values.

    Examples
    --------
    >>> square = np.array([[0, 0], [2, 0], [2, 2.5]], dtype=float)
    >>> as_kept([Region("CA1", (square,))])[0]["rings"]
    [[[0.0, 0.0], [2.0, 0.0], [2.0, 2.5]]]
    """
    return [
        {
            "name": region.name,
            "classification": region.classification,
            "rings": [ring.tolist() for ring in region.rings],
        }
        for region in regions
    ]


def boxes_around(regions: Sequence[Region], *, width: int, height: int) -> list[Rectangle]:
    """Return the rectangles of whole pixels around regions, as far as the picture goes.

    Parameters
    ----------
    regions : sequence of Region
    width, height : int
        Of the picture, in pixels. A region that lies outside has no rectangle.

    Returns
    -------
    list of tuple of int
        Each x, y, width and height.
    """
    boxes = []
    for region in regions:
        x_min, y_min, x_max, y_max = region.bounds
        x, y = max(0, floor(x_min)), max(0, floor(y_min))
        wide, high = min(width, ceil(x_max)) - x, min(height, ceil(y_max)) - y
        if wide > 0 and high > 0:
            boxes.append((x, y, wide, high))
    return boxes


def set_regions(project: "Project", picture: str, regions: Sequence[Region]) -> None:
    """Count in these regions of a picture, in the place of any before.

    Raises
    ------
    PictureError, RegionError
        As `Project.exclude` does.
    """
    record = project.pictures.record(picture)
    area = record.choices.get("area") or {}
    banner = record.look.get("banner_rows")
    project.exclude(
        picture,
        banner=None if banner is None else (banner[0], banner[1]),
        rectangles=[tuple(box) for box in area.get("exclude", ())],
        regions=regions,
        only=bool(area.get("only")),
    )


def add_regions(project: "Project", picture: str, regions: Sequence[Region]) -> None:
    """Count in more regions of a picture.

    Raises
    ------
    PictureError, RegionError
        As `Project.exclude` does.
    """
    before = regions_of(project.pictures.record(picture))
    set_regions(project, picture, [*before, *regions])


@dataclass(frozen=True)
class CopiedRegions:
    """Which pictures took over regions, and which did not.

    Parameters
    ----------
    used : sequence of str
        Pictures that have them now.
    other : sequence of str
        Pictures without regions that they do not fit, or that are not read yet.
    """

    used: Sequence[str]
    other: Sequence[str]


def copy_regions(project: "Project", picture: str) -> CopiedRegions:
    """Give a picture's regions to all others that have none.

    Parameters
    ----------
    project : Project
    picture : str

    Returns
    -------
    CopiedRegions
    """
    regions = regions_of(project.pictures.record(picture))
    used: list[str] = []
    other: list[str] = []
    for record in project.pictures.records():
        if record.id == picture or told_regions(record):
            continue
        try:
            set_regions(project, record.id, regions)
        except (PictureError, RegionError):
            other.append(record.id)
        else:
            used.append(record.id)
    return CopiedRegions(used, other)
