"""Routes about the review of objects: their order, and how many wrong ones are left."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from segmetry.project.review import NOTE, Reviewed, in_words, review_labels, review_project
from segmetry.web.parts import Identifier, InStore
from segmetry.web.rows import rows_json

__all__ = ["router"]

router = APIRouter(tags=["review"])

_Next = Annotated[int, Query(alias="next", ge=1, le=1000)]
_Precision = Annotated[float, Query(gt=0, lt=1, allow_inf_nan=False)]
_Most = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("/labels/{label}/review")
def labels(
    label: Identifier,
    store: InStore,
    following: _Next = 20,
    precision: _Precision = 0.98,
    most: _Most = 100_000,
) -> dict[str, Any]:
    """Return in which order to look at the objects of a picture, and when to stop."""
    project = store.project_of_labels(label)
    rev = project.labels.rev(label)
    found = review_labels(project, label, n_next=following, precision=precision)
    queue = found.queue[["label", "probability"]]
    return {
        "rev": rev,
        **_told(found, precision),
        "queue": rows_json(queue.head(most)),
    }


@router.get("/projects/{project}/review")
def project(
    project: Identifier,
    store: InStore,
    following: _Next = 20,
    precision: _Precision = 0.98,
    most: _Most = 1000,
) -> dict[str, Any]:
    """Return in which order to look at the objects of all pictures, and when to stop."""
    found = review_project(store.project(project), n_next=following, precision=precision)
    return {
        **_told(found, precision),
        "queue": rows_json(found.queue.head(most)),
        "pictures": rows_json(found.pictures),
    }


def _told(found: Reviewed, precision: float) -> dict[str, Any]:
    advice = found.advice
    left, soon = advice.errors_left, advice.errors_next
    return {
        "basis": found.basis,
        "n_seen": advice.n_seen,
        "n_wrong": advice.n_wrong,
        "n_left": advice.n_left,
        "n_verdicts": found.n_verdicts,
        "errors_left": {"value": left.value, "low": left.low, "high": left.high},
        "precision": {
            "value": advice.precision,
            "low": advice.precision_low,
            "high": advice.precision_high,
        },
        "next": {
            "n": advice.n_next,
            "value": soon.value,
            "low": soon.low,
            "high": soon.high,
        },
        "wanted_precision": precision,
        "n_to_stop": advice.n_to_stop,
        "sentence": in_words(advice, precision=precision),
        "note": NOTE,
    }
