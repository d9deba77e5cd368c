"""Routes about pictures: bringing them in, telling what is known of them, removing them."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import Field

from segmetry.errors import MissingError, RecipeError
from segmetry.project.annotated import mark_checked
from segmetry.web.bodies import FILE_BODY, kept
from segmetry.web.local import add_pictures
from segmetry.web.parts import (
    Body,
    Identifier,
    InEvents,
    InReadings,
    InShown,
    InStore,
    told_picture,
)

__all__ = ["router"]

router = APIRouter(tags=["pictures"])


class Checked(Body):
    """Labels that a person has looked through completely; null where none are."""

    labels: Annotated[str, Field(max_length=26)] | None


class LocalPictures(Body):
    """Files and folders of this computer, by their full paths."""

    paths: Annotated[list[str], Field(min_length=1, max_length=10_000)]


@router.post(
    "/projects/{project}/images",
    status_code=201,
    openapi_extra=FILE_BODY,
)
async def upload(
    project: Identifier,
    name: Annotated[str, Query(min_length=1, max_length=1000)],
    request: Request,
    store: InStore,
    readings: InReadings,
    shown: InShown,
) -> dict[str, Any]:
    """Keep a picture that is sent as it is, and let it be read."""

    def keep(content: Iterator[bytes]) -> dict[str, Any]:
        home = store.project(project)
        picture = home.pictures.upload(name, content)
        readings.look(home, picture)
        return shown(home, picture)

    return await kept(
        request,
        keep,
        most=request.app.state.most_bytes,
        instead="open it from a folder of this computer instead",
    )


@router.post("/projects/{project}/local", status_code=201)
def add_local(
    project: Identifier,
    body: LocalPictures,
    store: InStore,
    readings: InReadings,
    shown: InShown,
) -> dict[str, Any]:
    """Add pictures of this computer where they lie; a folder stands for those in it."""
    home = store.project(project)
    if any("\0" in path for path in body.paths):
        msg = "A path holds a sign that no path can have; choose another file."
        raise RecipeError(msg)
    added, passed_over = add_pictures(home, body.paths)
    readings.look_at_new(home)
    pictures = [shown(home, picture) for picture in added]
    return {"pictures": pictures, "passed_over": passed_over}


@router.get("/images/{picture}")
def tell(picture: Identifier, store: InStore, shown: InShown) -> dict[str, Any]:
    """Return what is known of a picture."""
    return shown(store.project_of_picture(picture), picture)


@router.get("/images/{picture}/thumbnail", response_class=FileResponse)
def thumbnail(picture: Identifier, store: InStore) -> FileResponse:
    """Return a picture at the size of a stamp."""
    file = store.project_of_picture(picture).pictures.thumbnail(picture)
    if not file.is_file():
        msg = "There is no thumbnail of this picture yet."
        raise MissingError(msg)
    headers = {"Cache-Control": "private, max-age=86400"}
    return FileResponse(file, media_type="image/png", headers=headers)


@router.put("/images/{picture}/checked")
def check(
    picture: Identifier, body: Checked, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Note that a person has checked all objects of a picture, or take that back."""
    project = store.project_of_picture(picture)
    mark_checked(project, picture, body.labels)
    return told_picture(events, shown(project, picture))


@router.delete("/images/{picture}", status_code=204)
def remove(
    picture: Identifier, store: InStore, readings: InReadings, events: InEvents
) -> Response:
    """Take a picture with all its labels out of its project; a local file stays."""
    project = store.project_of_picture(picture)
    for record in project.labels.records(picture):
        project.labels.remove(record.id)
    project.pictures.remove(picture)
    readings.remove(project, picture)
    gone = {"picture": picture, "project": store.identifier_of(project)}
    events.publish("removed", gone)
    return Response(status_code=204)
