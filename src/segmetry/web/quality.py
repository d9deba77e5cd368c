"""The route about the quality of pictures: pass, look or fail, against the others."""

from typing import Any

from fastapi import APIRouter

from segmetry.project.quality import project_quality
from segmetry.web.parts import Identifier, InStore

__all__ = ["router"]

router = APIRouter(tags=["labels"])


@router.get("/projects/{project}/quality")
def quality(project: Identifier, store: InStore) -> dict[str, Any]:
    """Return the verdict on each picture with its reason, and the numbers without some."""
    return project_quality(store.project(project))
