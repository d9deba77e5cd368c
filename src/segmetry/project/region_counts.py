"""Counts by region in the pictures of a project, as in the run of a command line."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmetry.batch.pictures import PictureResult
from segmetry.batch.regions import (
    FILES_COLUMN,
    WHOLE_COLUMN,
    RegionResults,
    region_results,
)
from segmetry.batch.results import statistics_options
from segmetry.errors import ProjectError
from segmetry.io import REGION_COLUMNS
from segmetry.measure.region_tables import ANIMAL
from segmetry.measure.regions import Counted, count_in_regions
from segmetry.project.label_sets import LabelSetRecord, LabelSets
from segmetry.project.pictures import PictureRecord
from segmetry.project.regions import regions_of, told_regions
from segmetry.project.tables import in_order, named_pictures, project_tables
from segmetry.project.volume_labels import ReadLabels
from segmetry.recipe.regions import below_banner

if TYPE_CHECKING:
    from segmetry.project.project import Project

__all__ = ["RegionCounts", "count_regions", "kept_conditions", "region_tables"]

_NOTHING = "No picture has both regions and a result: draw regions, then run a method."


class RegionCounts:
    """Counts by region, kept until labels or regions change.

    Parameters
    ----------
    labels : LabelSets
    """

    def __init__(self, labels: LabelSets) -> None:
        self._labels = labels
        self._kept: dict[str, tuple[Any, pd.DataFrame]] = {}

    def of(self, picture: PictureRecord, record: LabelSetRecord) -> pd.DataFrame:
        """Return one row per region of a picture, for one set of its labels.

        Raises
        ------
        RegionError
            If a region does not lie in the picture.
        ProjectError, PictureError
            If the labels cannot be opened.
        """
        state = (self._labels.rev(record.id), record, told_regions(picture))
        kept = self._kept.get(record.id)
        if kept is None or kept[0] != state:

            def counted(opened: ReadLabels) -> pd.DataFrame:
                return count_regions(picture, opened).table

            kept = (state, self._labels.read(record.id, counted))
            self._kept[record.id] = kept
        return kept[1]


def count_regions(picture: PictureRecord, opened: ReadLabels) -> Counted:
    """Return the objects of labels of a picture, counted in its regions.

    Raises
    ------
    RegionError
        If a region does not lie in the picture.
    """
    labels = opened.labels
    regions = below_banner(regions_of(picture), labels.image)
    return count_in_regions(labels, opened.table, regions)


def kept_conditions(names: Iterable[object]) -> list[str]:
    """Return the conditions of a sheet that tables of regions can have as columns.

    Examples
    --------
    >>> kept_conditions(["group", "rule", "animal", "regions"])
    ['group', 'animal']
    """
    results = {name for table in REGION_COLUMNS.values() for name in table}
    return [
        str(name)
        for name in names
        if name in (ANIMAL, WHOLE_COLUMN) or name not in results | {FILES_COLUMN}
    ]


def region_tables(project: "Project") -> RegionResults:
    """Return the counts by region of all pictures with labels.

    Parameters
    ----------
    project : Project

    Returns
    -------
    RegionResults

    Raises
    ------
    ProjectError
        If no picture has both regions and labels.
    """
    records = in_order(project.pictures.records())
    pictures = named_pictures(records)
    counted = [
        PictureResult(
            {"image": picture.key}, counted=project.region_counts.of(record, its[-1])
        )
        for picture, record in zip(pictures, records, strict=True)
        if told_regions(record) and (its := project.labels.records(record.id))
    ]
    tables = project_tables(project)
    found = region_results(
        pictures,
        counted,
        (tables.objects, tables.images),
        project.recipe,
        conditions=kept_conditions(tables.conditions),
        statistics=statistics_options(project.recipe),
    )
    if found is None:
        raise ProjectError(_NOTHING)
    return found
