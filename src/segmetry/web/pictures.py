"""Routes about pictures: bringing them in, telling what is known of them, removing them."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio.from_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import Field

from segmetry.batch import find_pictures
from segmetry.errors import MissingError, RecipeError
from segmetry.web.parts import Body, Identifier, InReadings, InShown, InStore
from segmetry.web.refusals import RefusedError

__all__ = ["router"]

router = APIRouter(tags=["pictures"])

_FILE = "application/octet-stream"


class LocalPictures(Body):
    """Files and folders of this computer, by their full paths."""

    paths: Annotated[list[str], Field(min_length=1, max_length=10_000)]


@router.post(
    "/projects/{project}/images",
    status_code=201,
    openapi_extra={"requestBody": {"content": {_FILE: {}}, "required": True}},
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
    _check_kind(request)
    most = request.app.state.most_bytes
    if int(request.headers.get("content-length", 0)) > most:
        raise _too_large(most)
    pieces = aiter(request.stream())

    def content() -> Iterator[bytes]:
        n_bytes = 0
        while True:
            piece = anyio.from_thread.run(_next, pieces)
            if piece is None:
                return
            n_bytes += len(piece)
            if n_bytes > most:
                raise _too_large(most)
            yield piece

    def keep() -> dict[str, Any]:
        home = store.project(project)
        picture = home.pictures.upload(name, content())
        readings.look(home, picture)
        return shown(home, picture)

    return await run_in_threadpool(keep)


@router.post("/projects/{project}/local", status_code=201)
def add_local(
    project: Identifier,
    body: LocalPictures,
    store: InStore,
    readings: InReadings,
    shown: InShown,
) -> list[dict[str, Any]]:
    """Add pictures of this computer where they lie; a folder stands for those in it."""
    home = store.project(project)
    if any("\0" in path for path in body.paths):
        msg = "A path holds a sign that no path can have; choose another file."
        raise RecipeError(msg)
    added = [home.pictures.add(found.path) for found in find_pictures(body.paths)]
    readings.look_at_new(home)
    return [shown(home, picture) for picture in added]


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


@router.delete("/images/{picture}", status_code=204)
def remove(picture: Identifier, store: InStore, readings: InReadings) -> Response:
    """Take a picture with all its labels out of its project; a local file stays."""
    project = store.project_of_picture(picture)
    for record in project.labels.records(picture):
        project.labels.remove(record.id)
    project.pictures.remove(picture)
    readings.remove(project, picture)
    return Response(status_code=204)


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    return await anext(pieces, None)


def _check_kind(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FILE:
        told = f"A picture is sent as {_FILE}, not as {kind or 'nothing'}."
        raise RefusedError(415, "wrong-kind", told)


def _too_large(most: int) -> RefusedError:
    told = (
        f"The file has more than the {most:,} bytes that can be uploaded; open it from a "
        "folder of this computer instead."
    )
    return RefusedError(413, "too-large", told)
