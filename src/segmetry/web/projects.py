"""Routes about projects as a whole."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import StringConstraints

from segmetry.web.parts import Body, Identifier, InStore

__all__ = ["router"]

router = APIRouter(prefix="/projects", tags=["projects"])

_Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]


class NewProject(Body):
    """What a new project is called."""

    name: _Name


@router.get("")
def list_projects(store: InStore) -> list[dict[str, Any]]:
    """Return the projects of this computer, the one opened last first."""
    return [asdict(listed) for listed in store.listed()]


@router.post("", status_code=201)
def create_project(body: NewProject, store: InStore) -> dict[str, Any]:
    """Make a project for uploads."""
    return _shown(store, store.create(body.name))


@router.get("/{project}")
def open_project(project: Identifier, store: InStore) -> dict[str, Any]:
    """Open a project."""
    return _shown(store, project)


def _shown(store: InStore, identifier: str) -> dict[str, Any]:
    project = store.project(identifier)
    return {"id": identifier, "name": project.name, "pictures": []}
