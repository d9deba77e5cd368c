"""The end of a run: from what became of each picture to tables, statistics and report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry.batch.classes import classes_table
from segmetry.batch.pictures import PictureResult
from segmetry.batch.regions import region_results
from segmetry.batch.remarks import corrected_remark, merged_remarks
from segmetry.batch.results import (
    Further,
    recipe_of_run,
    statistics_options,
    write_results,
)
from segmetry.batch.tables import images_table, objects_table
from segmetry.batch.thin import run_tables
from segmetry.batch.verdict import with_verdicts
from segmetry.batch.work import Work
from segmetry.measure.region_tables import picture_columns
from segmetry.measure.thin_tables import ThinTables

__all__ = ["BatchResult", "finish"]


@dataclass(frozen=True)
class BatchResult:
    """The tables of a run, as they are on disk.

    Parameters
    ----------
    out : Path
        Folder of the run.
    objects, images : DataFrame
        One row per object, and one per picture.
    summary : dict
        Distribution statistics; see `segmetry.measure.summarize`. Its "thin", where lines
        were measured, is that of `segmetry.measure.thin_summary.summarize_thin`.
    segments, nodes : DataFrame or None
        One row per segment and per node of the lines, where they were measured.
    regions, animals : DataFrame or None
        One row per picture and region, and per animal and region, where there are any.
    classes : DataFrame or None
        One row per picture and class, where the method tells several.
    """

    out: Path
    objects: pd.DataFrame
    images: pd.DataFrame
    summary: dict[str, Any]
    segments: pd.DataFrame | None = None
    nodes: pd.DataFrame | None = None
    regions: pd.DataFrame | None = None
    animals: pd.DataFrame | None = None
    classes: pd.DataFrame | None = None

    @property
    def n_failed(self) -> int:
        """How many pictures gave no result."""
        return int((self.images["status"] == "failed").sum())


def finish(out: Path, work: Work, results: Sequence[PictureResult]) -> BatchResult:
    """Write all that a run leaves beside the folders of its pictures.

    Parameters
    ----------
    out : Path
        Folder of the run.
    work : Work
    results : sequence of PictureResult
        Of its pictures, in their order.

    Raises
    ------
    WriteError
        If the tables cannot be written.
    """
    recipe, statistics = work.recipe, statistics_options(work.recipe)
    objects = objects_table(results)
    images = with_verdicts(images_table(results, work.conditions), objects)
    lines = _lines(results) if recipe.thin.enabled else None
    regions = region_results(
        work.pictures,
        results,
        (objects, images),
        recipe,
        conditions=tuple(work.conditions.columns),
        statistics=statistics,
    )
    if regions is not None:
        whole = picture_columns(images, objects, edge_rule=statistics.edge_rule)
        images = pd.concat([images, whole], axis=1)
    classes = classes_table(results)
    summary = write_results(
        out,
        recipe_of_run(recipe, work.pictures, results, work.sheet, out),
        (objects, images),
        statistics,
        remarks=[
            *work.remarks,
            *merged_remarks(results),
            *_about_corrected(objects, images),
        ],
        further=Further(lines, regions, classes),
    )
    tables = {} if lines is None else run_tables(lines)
    if regions is not None:
        tables |= regions.tables
    return BatchResult(out, objects, images, summary, **tables, classes=classes)


def _about_corrected(objects: pd.DataFrame, images: pd.DataFrame) -> list[str]:
    if "origin" not in objects:
        return []
    done = images.loc[images["status"] == "done", "mask_origin"]
    by_hand = int(objects["origin"].ne("found").sum())
    n_parts = {"n_corrected": int(done.ne("draft").sum()), "n_pictures": len(done)}
    return [corrected_remark(by_hand, len(objects), **n_parts)]


def _lines(results: Sequence[PictureResult]) -> dict[str, ThinTables]:
    return {one.row["image"]: one.thin for one in results if one.thin is not None}
