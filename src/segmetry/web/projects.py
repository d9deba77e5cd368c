"""Routes about projects as a whole."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from segmetry.web.arrivals import open_stranger
from segmetry.web.bodies import FILE_BODY, kept
from segmetry.web.parts import (
    Body,
    Identifier,
    InJobs,
    InReadings,
    InShown,
    InStore,
    Shown,
)
from segmetry.web.readings import Readings
from segmetry.web.store import Store

__all__ = ["router", "shown_project"]

router = APIRouter(prefix="/projects", tags=["projects"])

_ARCHIVE = 4  # as many bytes as an upload, for a project has many pictures
_Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]


class NewProject(Body):
    """What a new project is called."""

    name: _Name


class Folder(Body):
    """A folder of pictures on this computer."""

    folder: Annotated[str, StringConstraints(min_length=1, pattern=r"^[^\x00]+$")]


@router.get("")
def list_projects(store: InStore) -> list[dict[str, Any]]:
    """Return the projects of this computer, the one opened last first."""
    return [asdict(listed) for listed in store.listed()]


@router.post("", status_code=201)
def create_project(body: NewProject, store: InStore) -> dict[str, Any]:
    """Make a project for uploads."""
    return {"id": store.create(body.name), "name": body.name, "pictures": []}


@router.post("/open")
def open_folder(
    body: Folder, store: InStore, readings: InReadings, shown: InShown
) -> dict[str, Any]:
    """Open the project of a folder of this computer, made where there is none."""
    return shown_project(store.open_folder(Path(body.folder)), store, readings, shown)


@router.post("/import", status_code=201, openapi_extra=FILE_BODY)
async def import_project(
    request: Request, store: InStore, readings: InReadings, shown: InShown
) -> dict[str, Any]:
    """Make a project of the zip of another, which is sent as it is."""
    most = _ARCHIVE * request.app.state.most_bytes

    def keep(content: Iterator[bytes]) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="segmetry-") as place:
            path = Path(place) / "project.zip"
            with path.open("wb") as file:
                file.writelines(content)
            identifier = store.take(open_stranger(path, most_bytes=most))
        return shown_project(identifier, store, readings, shown)

    return await kept(request, keep, most=most, instead="copy its folder instead")


@router.get("/{project}")
def open_project(
    project: Identifier, store: InStore, readings: InReadings, shown: InShown
) -> dict[str, Any]:
    """Open a project."""
    return shown_project(project, store, readings, shown)


@router.patch("/{project}")
def rename_project(
    project: Identifier,
    body: NewProject,
    store: InStore,
    readings: InReadings,
    shown: InShown,
) -> dict[str, Any]:
    """Give a project another name."""
    store.project(project).rename(body.name)
    return shown_project(project, store, readings, shown)


@router.delete("/{project}", status_code=204)
def forget_project(
    project: Identifier,
    store: InStore,
    jobs: InJobs,
    files: bool = False,
) -> Response:
    """Take a project off the list; with `files`, delete all but local pictures."""
    if files:
        jobs.let_go(store.project(project))
        store.delete(project)
    else:
        store.forget(project)
    return Response(status_code=204)


def shown_project(
    identifier: str, store: Store, readings: Readings, shown: Shown
) -> dict[str, Any]:
    """Return a project as the client knows it, and let its new pictures be read."""
    project = store.project(identifier)
    readings.look_at_new(project)
    pictures = [shown(project, record.id) for record in project.pictures.records()]
    return {"id": identifier, "name": project.name, "pictures": pictures}
