"""Routes about numbers of a size distribution, with their intervals."""

from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query

from segmetry import io
from segmetry.batch.results import statistics_options
from segmetry.batch.volumes import of_volumes
from segmetry.errors import ProjectError
from segmetry.measure.column import summarize_column, summarize_columns
from segmetry.measure.volume_summary import summarize_volumes
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.tables import image_row, project_tables
from segmetry.project.volume_labels import VolumeLabels
from segmetry.web.parts import Identifier, InStore

__all__ = ["SIZES", "BinWidth", "router"]

router = APIRouter(tags=["labels"])

Weight = Literal["number", "volume"]
BinWidth = Annotated[float | None, Query(gt=0, allow_inf_nan=False)]

SIZES = ("equivalent_diameter_um", "equivalent_diameter_px")
_VOLUMES = (
    "{n} of these are volumes, which are not among these numbers: summary.json and "
    "report.html of the results (ZIP) have theirs."
)
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
    if isinstance(labels, VolumeLabels):
        return {"rev": labels.rev, **_of_volume(found, labels, measure, weight)}
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
    inside, volumes = of_volumes(tables.objects, tables.images)
    found = summarize_columns(
        tables.objects.drop(index=inside.index),
        tables.images.drop(index=volumes.index),
        column,
        by=by,
        weight=weight,
        bin_width=bin_width,
        options=statistics_options(opened.recipe),
    )
    remarks = [*tables.remarks, *found.pop("warnings")]
    if len(volumes):
        remarks.append(_VOLUMES.format(n=len(volumes)))
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


def _of_volume(
    found: LabelSetRecord, labels: VolumeLabels, measure: str, weight: Weight
) -> dict[str, Any]:
    """Return the numbers of the diameters of a volume's objects."""
    if measure not in SIZES:
        msg = f"Of volumes, intervals are told of diameters only, not of {measure}."
        raise ProjectError(msg)
    name = "volume"
    told = summarize_volumes(
        labels.table.assign(image=name),
        pd.DataFrame([image_row(found, labels) | {"image": name}]),
        options=statistics_options(found.recipe),
    )
    pooled = told["pooled"]
    return {
        "n": pooled["n_used"],
        "values": pooled[weight],
        "edge_rule": told["edge_rule"],
        "refused": None,
        "note": " ".join(told["warnings"]),
    }


def _quantities(objects: pd.DataFrame) -> list[str]:
    numbers = [str(name) for name in objects if objects[name].dtype.kind in "iuf"]
    return [name for name in numbers if not name.startswith(_NO_QUANTITY)]
