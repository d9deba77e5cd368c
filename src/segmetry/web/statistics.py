"""The route about numbers of a size distribution, with their intervals."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from segmetry.batch.results import statistics_options
from segmetry.measure.column import summarize_column
from segmetry.project.exports import image_row
from segmetry.web.parts import Identifier, InStore

__all__ = ["router"]

router = APIRouter(tags=["labels"])


@router.get("/labels/{label}/summary")
def summary(
    label: Identifier,
    store: InStore,
    measure: Annotated[str, Query(max_length=100)],
    weight: Literal["number", "volume"] = "number",
    bin_width: Annotated[float | None, Query(gt=0, allow_inf_nan=False)] = None,
) -> dict[str, Any]:
    """Return mean, median and quantiles of a column, by the recipe's own choices."""
    project = store.project_of_labels(label)
    found, labels = project.labels.record(label), project.labels.open(label)
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
