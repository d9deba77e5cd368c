"""The route that sends the pixels of labels, tile by tile."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from segmetry.web.packed import packed_answer
from segmetry.web.parts import Identifier, InStore

__all__ = ["router"]

router = APIRouter(prefix="/labels/{label}/tiles", tags=["labels"])

_Level = Annotated[int, Path(ge=0, le=24)]
_Index = Annotated[int, Path(ge=0, le=1_000_000)]


@router.get("/{level}/{row}/{column}")
def tile(
    label: Identifier,
    level: _Level,
    row: _Index,
    column: _Index,
    store: InStore,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return little-endian uint32, row by row; the ETag is the tile's own revision."""
    labels = store.project_of_labels(label).labels.open(label)
    packed, rev = labels.tile(level, row, column)
    headers = {"ETag": f'"{rev}"', "Cache-Control": "no-cache"}
    if if_none_match == headers["ETag"]:
        headers["Vary"] = "Accept-Encoding"
        return Response(status_code=304, headers=headers)
    return packed_answer(packed, accept_encoding, headers)
