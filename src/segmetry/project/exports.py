"""A project's results as files: the folder of `segmetry run`, corrections included."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry import io
from segmetry.batch import Picture
from segmetry.batch.pictures import PictureResult
from segmetry.batch.regions import WHOLE_COLUMN, region_results
from segmetry.batch.remarks import corrected_remark, merged_remarks
from segmetry.batch.results import (
    Further,
    recipe_of_run,
    statistics_options,
    write_results,
)
from segmetry.batch.thin import image_columns, thin_columns, write_thin
from segmetry.batch.verdict import with_verdicts
from segmetry.batch.volumes import deep_columns, write_volume
from segmetry.errors import ProjectError, WriteError
from segmetry.image import Labels
from segmetry.io.columns import IMAGE_COLUMNS
from segmetry.measure.region_tables import picture_columns
from segmetry.measure.thin_tables import ThinTables, tables_of
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project
from segmetry.project.region_counts import count_regions, kept_conditions
from segmetry.project.region_files import RegionFiles, write_region_files
from segmetry.project.tables import (
    image_row,
    in_order,
    joined,
    named_pictures,
    objects_with_origin,
)
from segmetry.project.thin import MeasureLines
from segmetry.project.volume_labels import ReadLabels
from segmetry.recipe import Recipe, recipe_text
from segmetry.report import draw_overlay

__all__ = ["export_run"]

_SHEET = "conditions.csv"


@dataclass(frozen=True, eq=False)
class _Part:
    """One picture of an export, and what is told of its newest labels."""

    picture: Picture
    record: PictureRecord
    found: LabelSetRecord
    table: pd.DataFrame
    row: dict[str, Any]
    origins: list[str]
    is_edited: bool
    thin: ThinTables | None = None
    counted: pd.DataFrame | None = None

    @property
    def result(self) -> PictureResult:
        """As a run has it."""
        remarks = tuple(self.found.run["remarks"])
        return PictureResult(
            self.row, sha256=self.record.sha256, remarks=remarks, counted=self.counted
        )


def export_run(
    project: Project,
    out: Path,
    *,
    recipe: Recipe | None = None,
    labels: Sequence[str] | None = None,
    measure: MeasureLines | None = None,
) -> None:
    """Write the results of the pictures of a project, with every correction.

    Where the project has a sheet, its conditions part the statistics, and it lies with
    the results. The recipe names pictures as people do and tells nothing of where they
    lie: `segmetry run PICTURES --recipe recipe.toml` repeats the run.

    Each picture's newest labels count, where no others are named. Where pictures have
    regions, their files are among the results, and the recipe names them. Without
    corrections, the labels and the tables are those that `segmetry run` writes with the
    picture's own recipe, to the byte.

    Parameters
    ----------
    project : Project
    out : Path
        A folder that does not exist yet, or is empty.
    recipe : Recipe or None
        Whose statistical choices count; `None` takes the project's.
    labels : sequence of str or None
        Identifiers of the labels to write, one of a picture. `None`: of every picture the
        newest.
    measure : callable or None
        What measures thin structures, where a recipe asks for them; see `ThinnedLabels.of`.

    Raises
    ------
    ProjectError
        If no picture has labels.
    WriteError
        If the folder holds something, or cannot be written to.
    """
    chosen = _chosen(project, labels)
    _make_empty(out)
    conditions, told = project.sheet.conditions([picture for picture, _, _ in chosen])
    outlined = write_region_files(out, [one[:2] for one in chosen], conditions)
    # One after another: the labels of all pictures at once may not fit into memory.
    parts = [
        _written(project, out, *one, measure=measure, regions=outlined) for one in chosen
    ]
    rows = [part.row for part in parts]
    columns = [*IMAGE_COLUMNS, *deep_columns(rows), *image_columns(rows)]
    images = pd.DataFrame(rows, columns=columns)
    objects = joined([part.table for part in parts])
    images = with_verdicts(images, objects).join(conditions, on="image")
    sheet = None
    if project.sheet.path is not None and len(conditions.columns):
        sheet = out / _SHEET
        shutil.copyfile(project.sheet.path, sheet)
    shared = recipe or project.recipe
    recipes = {recipe_text(part.found.recipe) for part in parts}
    if recipe is None and len(recipes) == 1:
        shared = parts[0].found.recipe
    results = [part.result for part in parts]
    thin = {part.picture.key: part.thin for part in parts if part.thin is not None}
    named = [replace(part.picture, path=out / part.record.name) for part in parts]
    statistics, regions = statistics_options(shared), None
    if outlined is not None:
        kept = kept_conditions(conditions.columns)
        tables = (objects, images)
        regions = region_results(
            named, results, tables, shared, conditions=kept, statistics=statistics
        )
        whole = picture_columns(images, objects, edge_rule=statistics.edge_rule)
        images = pd.concat([images, whole], axis=1)
        shared = outlined.named_in(shared)
        told += outlined.remarks
    write_results(
        out,
        recipe_of_run(shared, named, results, sheet, out),
        (objects, images),
        statistics,
        remarks=[
            *told,
            *merged_remarks(results),
            *_remarks(parts, n_recipes=len(recipes)),
        ],
        further=Further(thin or None, regions),
    )


def _chosen(
    project: Project, labels: Sequence[str] | None
) -> list[tuple[Picture, PictureRecord, LabelSetRecord]]:
    chosen = [
        (record, found[-1])
        for record in in_order(project.pictures.records())
        if (found := _wanted(project.labels.records(record.id), labels))
    ]
    if not chosen:
        msg = "There is nothing to write yet: no picture was segmented."
        raise ProjectError(msg)
    pictures = named_pictures([record for record, _ in chosen])
    return [
        (picture, record, found)
        for picture, (record, found) in zip(pictures, chosen, strict=True)
    ]


def _written(
    project: Project,
    out: Path,
    picture: Picture,
    record: PictureRecord,
    found: LabelSetRecord,
    *,
    measure: MeasureLines | None,
    regions: RegionFiles | None,
) -> _Part:
    """Write the files of one picture, and return what the tables need of it."""

    def taken(opened: ReadLabels) -> tuple[int, Labels, _Part]:
        table = objects_with_origin(opened)
        table.insert(0, "image", picture.key)
        counted = None
        if regions is not None:
            by_region = count_regions(record, opened)
            table.insert(2, WHOLE_COLUMN, by_region.names)
            counted = by_region.table
        row = image_row(found, opened) | {"image": picture.key, "path": picture.shown}
        origins = list(opened.origins.values())
        part = _Part(picture, record, found, table, row, origins, opened.is_edited)
        return opened.rev, opened.labels, replace(part, counted=counted)

    rev, now, part = project.labels.read(found.id, taken)
    folder = out / picture.key
    folder.mkdir()
    if now.data.ndim == 3:
        write_volume(folder, now)
    else:
        io.write_labels(folder / "labels.tif", now)
        io.write_png(folder / "overlay.png", draw_overlay(now))
    recipe = found.recipe
    if regions is not None:
        recipe = regions.named_in(recipe, above="..")
    io.write_text(folder / "recipe.toml", recipe_text(recipe))
    if not found.recipe.thin.enabled:
        return part
    lines = project.thin.of(found, now=(rev, now), measure=measure)
    write_thin(folder, now.image, lines.found)
    row = part.row | thin_columns(lines.found)
    return replace(part, row=row, thin=tables_of(lines.found))


def _wanted(
    records: Sequence[LabelSetRecord], labels: Sequence[str] | None
) -> list[LabelSetRecord]:
    return [record for record in records if labels is None or record.id in labels]


def _make_empty(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        is_empty = not any(out.iterdir())
    except OSError as error:
        msg = f"Cannot make the folder {out.name}: {error.strerror}."
        raise WriteError(msg) from error
    if not is_empty:
        msg = f"The folder {out.name} is not empty; choose another name."
        raise WriteError(msg)


def _remarks(parts: Sequence[_Part], *, n_recipes: int) -> list[str]:
    remarks = []
    edited = [part.picture.key for part in parts if part.is_edited]
    if edited:
        origins = [origin for part in parts for origin in part.origins]
        by_hand = sum(origin != "found" for origin in origins)
        n_parts = {"n_corrected": len(edited), "n_pictures": len(parts)}
        remarks.append(corrected_remark(by_hand, len(origins), **n_parts))
    if n_recipes > 1:
        remarks.append("The pictures were run with different recipes; each lies beside it.")
    return remarks
