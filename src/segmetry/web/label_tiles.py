"""The route that sends the pixels of labels, tile by tile."""

from typing import Annotated

import imagecodecs
import numpy as np
from fastapi import APIRouter, Header, Path, Query, Response

from segmetry.errors import MissingError
from segmetry.project.checkpoints import CHUNK
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


@router.get("/before/{level}/{row}/{column}")
def tile_before(
    label: Identifier,
    level: _Level,
    row: _Index,
    column: _Index,
    store: InStore,
    version: Annotated[str | None, Query(max_length=200)] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Return a tile of the labels as they were found, or of a version with a name."""
    data = store.project_of_labels(label).labels.open(label).data_of(version)
    side, step = CHUNK << level, 1 << level
    window = data[row * side : (row + 1) * side : step]
    window = window[:, column * side : (column + 1) * side : step]
    if window.size == 0:
        msg = "There is no such tile."
        raise MissingError(msg)
    packed = imagecodecs.zstd_encode(np.ascontiguousarray(window, "<u4").tobytes(), level=1)
    return packed_answer(bytes(packed), accept_encoding, {"Cache-Control": "no-cache"})
