"""The route that makes a project of the picture that comes with Segmetry."""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter

from segmetry.web.parts import Body, InReadings, InShown, InStore
from segmetry.web.projects import shown_project

__all__ = ["router"]

router = APIRouter(tags=["projects"])

_NAME = "Demo: metal powder"


class Nothing(Body):
    """An empty object."""


@router.post("/demo", status_code=201)
def start_demo(
    _: Nothing, store: InStore, readings: InReadings, shown: InShown
) -> dict[str, Any]:
    """Make a project with a picture to try everything on."""
    identifier = store.create(_NAME)
    content = (files("segmetry") / "demo" / "powder.png").read_bytes()
    store.project(identifier).pictures.upload("powder.png", [content])
    return shown_project(identifier, store, readings, shown)
