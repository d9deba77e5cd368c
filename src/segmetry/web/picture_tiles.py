"""The route of a picture's tiles."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from segmetry.errors import MissingError
from segmetry.web.parts import Identifier, InReadings, InStore
from segmetry.web.pyramid import read_tile

__all__ = ["router"]

router = APIRouter(prefix="/images", tags=["pictures"])

_FORMAT = 1  # of the tiles: another one is another ETag
_Number = Annotated[int, Path(ge=0, le=2**20)]


@router.get("/{picture}/tiles/{z}/{y}/{x}", response_class=Response)
def picture_tile(  # noqa: PLR0913, PLR0917 - each is a part of the address
    picture: Identifier,
    z: Annotated[int, Path(ge=0, le=31)],
    y: _Number,
    x: _Number,
    request: Request,
    store: InStore,
    readings: InReadings,
    ch: Annotated[int | None, Query(ge=0, le=1000)] = None,
) -> Response:
    """Return 512 x 512 pixels of a picture at half the scale for each level, as PNG.

    With `ch`, of one channel with a contrast of its own; without, of all together.
    """
    project = store.project_of_picture(picture)
    record = project.pictures.record(picture)
    if ch is not None and ch >= len(record.look.get("channels", ())):
        msg = f"The picture has no channel {ch}."
        raise MissingError(msg)
    # The content of a picture never changes: another file is another picture.
    headers = {
        "ETag": f'"{record.sha256[:32]}-{_FORMAT}"',
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    tile = read_tile(readings.pyramid(project, picture, ch), z, y, x)
    return Response(tile, media_type="image/png", headers=headers)
