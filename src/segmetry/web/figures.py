"""The route of figures to keep: size distributions as the report draws them."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from segmetry import io
from segmetry.batch.inputs import stem_of
from segmetry.batch.results import statistics_options
from segmetry.errors import ProjectError, RecipeError
from segmetry.measure import summarize
from segmetry.measure.column import summarize_column
from segmetry.project import Project
from segmetry.project.tables import image_row
from segmetry.report.bins import shown_histogram
from segmetry.report.canvas import to_png, to_svg
from segmetry.report.figures import (
    cumulative_curves,
    distribution_curves,
    size_histogram,
)
from segmetry.report.reading import ReadingUnit, reading_unit
from segmetry.report.sample import group_sample
from segmetry.web.downloads import sent
from segmetry.web.parts import Identifier, InStore
from segmetry.web.statistics import SIZES, BinWidth

__all__ = ["router"]

router = APIRouter(tags=["downloads"])

Chart = Literal["histogram", "distribution", "cumulative"]

_SVG_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_UNITS = {"um": "µm", "um2": "µm²", "px2": "px²", "degree": "°"}


@router.get("/labels/{label}/figure")
def figure(
    label: Identifier,
    store: InStore,
    fmt: Annotated[Literal["png", "svg"], Query(alias="format")],
    chart: Chart = "histogram",
    quantity: Annotated[str | None, Query(max_length=100)] = None,
    bin_width: BinWidth = None,
) -> FileResponse:
    """Return a figure of the distribution of a column of the table of objects."""
    project = store.project_of_labels(label)
    table = project.labels.look_at(label).table
    column = quantity or next(name for name in SIZES if name in table)
    if column in SIZES and column in table:
        drawn = _of_sizes(project, label, chart, bin_width)
    elif chart == "histogram":
        drawn = _of_column(project, label, column, bin_width)
    else:
        msg = f"A {chart} curve is drawn of the equivalent diameter, not of {column}."
        raise RecipeError(msg)
    picture = project.pictures.record(project.labels.record(label).picture)

    def write(path: Path) -> None:
        if fmt == "png":
            io.write_bytes(path, to_png(drawn))
        else:
            io.write_text(path, _SVG_HEAD + to_svg(drawn, name=chart))

    return sent(f"{stem_of(picture.name)}-{column}-{chart}.{fmt}", write)


def _of_sizes(project: Project, label: str, chart: Chart, bin_width: float | None) -> Any:
    found, labels = project.labels.record(label), project.labels.look_at(label)
    row = image_row(found, labels)
    images = pd.DataFrame([row])
    objects = labels.table.assign(image=row["image"])
    options = replace(statistics_options(found.recipe), bin_width=bin_width)
    group = summarize(objects, images, options=options)["pooled"]
    sample, unit = group_sample(objects, images, group), reading_unit(group)
    n_sizes = np.unique(sample.diameters).size
    if n_sizes < (1 if chart == "histogram" else 2):
        msg = f"There are too few objects to draw a {chart}: {group['n_used']} count."
        raise ProjectError(msg)
    if chart == "distribution":
        return distribution_curves(sample, group, unit)
    if chart == "cumulative":
        return cumulative_curves(sample, group, unit)
    if bin_width is None:
        group = {**group, "histogram": shown_histogram(group, sample)}
    return size_histogram(group, unit)


def _of_column(project: Project, label: str, column: str, bin_width: float | None) -> Any:
    found, labels = project.labels.record(label), project.labels.look_at(label)
    told: dict[str, Any] = summarize_column(
        labels.table,
        image_row(found, labels),
        column,
        bin_width=bin_width,
        options=statistics_options(found.recipe),
    )
    if not told["n"]:
        msg = "There are too few objects to draw a histogram: 0 count."
        raise ProjectError(msg)
    unit = io.column(column).unit
    group = {
        "quantity": column.removesuffix(f"_{unit}").removesuffix("_px"),
        "n_used": told["n"],
        "number": told["values"],
        "histogram": told["histogram"],
    }
    return size_histogram(group, ReadingUnit(_UNITS.get(unit, unit), 1.0))
