"""Routes about numbers of a size distribution, with their intervals."""

from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query

from segmetry import io
from segmetry.batch.results import statistics_options
from segmetry.measure.column import summarize_column, summarize_columns
from segmetry.project.tables import image_row, project_tables
from segmetry.web.parts import Identifier, InStore

__all__ = ["SIZES", "BinWidth", "router"]

router = APIRouter(tags=["labels"])

Weight = Literal["number", "volume"]
BinWidth = Annotated[float | None, Query(gt=0, allow_inf_nan=False)]

SIZES = ("equivalent_diameter_um", "equivalent_diameter_px")
_NO_QUANTITY = ("label", "bbox_", "centroid_")  # where an object is, not what it is like


@router.get("/labels/{label}/summary")
def summary(
    label: Identifier,
    store: InStore,
    measure: Annotated[str, Query(max_length=100)],
    weight: Weight = "number",
    bin_width: BinWidth = None,
) -> dict[str, Any]:
    """Return mean, median and quantiles of a column, by the recipe's own choices."""
    project = store.project_of_labels(label)
    found, labels = project.labels.record(label), project.labels.look_at(label)
    rev = labels.rev  # before the table: what is told can be newer than it says, not older
    return {
        "rev": rev,
        **summarize_column(
            labels.table,
            image_row(found, labels),
            measure,
            weight=weight,
            bin_width=bin_width,
            options=statistics_options(found.recipe),
        ),
    }


@router.get("/projects/{project}/statistics")
def statistics(
    project: Identifier,
    store: InStore,
    quantity: Annotated[str | None, Query(max_length=100)] = None,
    by: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 - never changed
    weight: Weight = "number",
    bin_width: BinWidth = None,
) -> dict[str, Any]:
    """Return the numbers of a column for all pictures, and for each of their conditions."""
    opened = store.project(project)
    tables = project_tables(opened)
    column = quantity or next(name for name in SIZES if name in tables.objects)
    by = [name for name in dict.fromkeys(by) if name]
    found = summarize_columns(
        tables.objects,
        tables.images,
        column,
        by=by,
        weight=weight,
        bin_width=bin_width,
        options=statistics_options(opened.recipe),
    )
    remarks = [*tables.remarks, *found.pop("warnings")]
    return {
        "quantity": column,
        "unit": io.column(column).unit,
        "weight": weight,
        "quantities": _quantities(tables.objects),
        "conditions": tables.conditions,
        "by": by,
        "n_pictures": len(tables.images),
        "n_objects": len(tables.objects),
        "n_without_labels": tables.n_without_labels,
        **found,
        "remarks": remarks,
    }


def _quantities(objects: pd.DataFrame) -> list[str]:
    numbers = [str(name) for name in objects if objects[name].dtype.kind in "iuf"]
    return [name for name in numbers if not name.startswith(_NO_QUANTITY)]
