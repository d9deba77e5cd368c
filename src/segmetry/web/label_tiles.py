"""The route that sends the pixels of labels, tile by tile."""

import gzip
from typing import Annotated

import imagecodecs
from fastapi import APIRouter, Header, Path, Response

from segmetry.web.parts import Identifier, InStore

__all__ = ["router"]

router = APIRouter(prefix="/labels/{label}/tiles", tags=["labels"])

_Level = Annotated[int, Path(ge=0, le=24)]
_Index = Annotated[int, Path(ge=0, le=1_000_000)]
_FASTEST = 1  # of gzip's levels: labels pack well with any


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
    tag = f'"{rev}"'
    headers = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    if _takes(accept_encoding, "zstd"):
        return _answer(packed, headers | {"Content-Encoding": "zstd"})
    plain = bytes(imagecodecs.zstd_decode(packed))
    if _takes(accept_encoding, "gzip"):
        zipped = gzip.compress(plain, _FASTEST, mtime=0)
        return _answer(zipped, headers | {"Content-Encoding": "gzip"})
    return _answer(plain, headers)


def _answer(content: bytes, headers: dict[str, str]) -> Response:
    return Response(content, headers=headers, media_type="application/octet-stream")


def _takes(accepted: str, encoding: str) -> bool:
    """Return whether a browser takes an encoding; one with weight 0 it does not.

    Examples
    --------
    >>> _takes("gzip, deflate, br, zstd", "zstd"), _takes("zstd;q=0, gzip", "zstd")
    (True, False)
    """
    for item in accepted.split(","):
        name, _, weight = item.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
