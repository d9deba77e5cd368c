"""Routes about pictures chosen at random to be corrected, and what they tell of all."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from segmetry.project.sampled import choose_sample, estimate_project
from segmetry.web.parts import Body, Identifier, InEvents, InShown, InStore, told_picture

__all__ = ["router"]

router = APIRouter(prefix="/projects/{project}", tags=["estimates"])


class Wanted(Body):
    """How many pictures are to be corrected, and the seed by which they are chosen."""

    n: Annotated[int, Field(ge=1, le=100_000)]
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


@router.put("/sample")
def choose(
    project: Identifier, body: Wanted, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Choose pictures at random, in the place of any that were chosen before."""
    opened = store.project(project)
    chosen = choose_sample(opened, body.n, seed=body.seed)
    for record in opened.pictures.records():
        told_picture(events, shown(opened, record.id))
    return {"seed": body.seed, "pictures": chosen}


@router.get("/estimate")
def estimate(
    project: Identifier,
    store: InStore,
    by: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006 - never changed
) -> dict[str, Any]:
    """Return totals, density and mean size of all pictures from the corrected ones."""
    names = [name for name in dict.fromkeys(by) if name]
    return estimate_project(store.project(project), by=names)
