"""Routes about training a model on what a person corrected."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from segmetry.project.annotated import FEWEST, annotated_pictures
from segmetry.web.parts import Body, Identifier, InJobs, InStore
from segmetry.web.training import Wishes, refusal_to_train

__all__ = ["router"]

router = APIRouter(prefix="/projects/{project}/trainings", tags=["runs"])

_MINUTES = 10.0


class NewTraining(Body):
    """What a model is called, what it goes on from, and how long it may take."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    start: Annotated[str, Field(min_length=1, max_length=200, pattern="^[a-z0-9_-]+$")] = (
        "auto"
    )
    minutes: Annotated[float | None, Field(ge=1, le=600)] = None
    steps: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


@router.get("")
def show_lessons(project: Identifier, store: InStore) -> dict[str, Any]:
    """Return corrected and checked pictures, and why nothing can be trained, if so."""
    opened = store.project(project)
    refused = refusal_to_train(opened)
    return {
        "available": refused is None,
        "message": None if refused is None else str(refused),
        "pictures": [
            {
                "id": one.picture.id,
                "name": one.picture.name,
                "labels": one.labels.id,
                "n_objects": opened.labels.n_objects(one.labels.id),
                "is_checked": one.is_checked,
            }
            for one in annotated_pictures(opened)
        ],
        "n_needed": FEWEST,
    }


@router.post("", status_code=202)
def train(
    project: Identifier, body: NewTraining, store: InStore, jobs: InJobs
) -> dict[str, Any]:
    """Let a model be trained; it is added where it is better than what it started from."""
    minutes = body.minutes
    if minutes is None and body.steps is None:
        minutes = _MINUTES
    wishes = Wishes(body.name, body.start, minutes, body.steps)
    return jobs.train(store.project(project), wishes)
