"""Routes of volumes: what they are, their slices, and the slices of their labels."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Response

from segmetry.errors import MissingError
from segmetry.project import PictureRecord, pixel_size_of
from segmetry.project.volume_labels import VolumeLabels
from segmetry.web.packed import packed_answer
from segmetry.web.parts import Identifier, InReadings, InStore
from segmetry.web.volumes import AXES, packed, read_slice, stored_values

__all__ = ["router"]

router = APIRouter(tags=["volumes"])

Axis = Literal["z", "y", "x"]
_FORMAT = 1  # of the slices: another one is another ETag
_Index = Annotated[int, Path(ge=0, le=2**20)]
_IMMUTABLE = "private, max-age=31536000, immutable"
_MM = 1e-3  # µm in mm


@router.get("/images/{picture}/volume")
def told(picture: Identifier, store: InStore, readings: InReadings) -> dict[str, Any]:
    """Return how large a volume is, how its numbers are stored, and which way it lies."""
    project = store.project_of_picture(picture)
    record = _volume(project.pictures.record(picture))
    kept = stored_values(readings.volume(project, picture))
    return {
        "shape": kept.shape,
        "spacing_mm": _spacing(record),
        "slope": kept.slope,
        "intercept": kept.intercept,
        "low": kept.low,
        "high": kept.high,
        "window": [record.look["low"], record.look["high"]],
        "orientation": kept.orientation,
        "unit": kept.unit,
    }


@router.get("/images/{picture}/volume/{axis}/{index}", response_class=Response)
def values(
    picture: Identifier,
    axis: Axis,
    index: _Index,
    store: InStore,
    readings: InReadings,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return a slice across an axis as little-endian int16, row by row, as stored."""
    project = store.project_of_picture(picture)
    record = _volume(project.pictures.record(picture))
    # The content of a picture never changes: another file is another picture.
    headers = {
        "ETag": f'"{record.sha256[:32]}-{_FORMAT}"',
        "Cache-Control": _IMMUTABLE,
    }
    if if_none_match == headers["ETag"]:
        headers["Vary"] = "Accept-Encoding"
        return Response(status_code=304, headers=headers)
    found = read_slice(readings.volume(project, picture), AXES.index(axis), index)
    return packed_answer(packed(found), accept_encoding, headers)


@router.get("/labels/{label}/volume/{axis}/{index}", response_class=Response)
def labels(
    label: Identifier,
    axis: Axis,
    index: _Index,
    store: InStore,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Return a slice of labels across an axis as little-endian uint32, row by row."""
    found = store.project_of_labels(label).labels.look_at(label)
    if not isinstance(found, VolumeLabels):
        msg = "These labels are of a single picture: they have tiles, not slices."
        raise MissingError(msg)
    part = found.slice(AXES.index(axis), index).astype("<u4")
    # Labels of a volume never change: another run makes others.
    return packed_answer(packed(part), accept_encoding, {"Cache-Control": _IMMUTABLE})


def _volume(record: PictureRecord) -> PictureRecord:
    if not record.is_volume:
        msg = f"{record.name} is a single picture, not a volume of several slices."
        raise MissingError(msg)
    return record


def _spacing(record: PictureRecord) -> list[float | None] | None:
    """Return the distances in mm between voxels along Z, Y and X, where they are known."""
    size = pixel_size_of(record.look.get("pixel_size"))
    if size is None or record.look.get("conflict"):
        return None
    um = size.in_um
    return [None if um.z is None else um.z * _MM, um.y * _MM, um.x * _MM]
