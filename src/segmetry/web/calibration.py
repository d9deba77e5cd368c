"""The routes that set the pixel size of a picture, or of all of a project."""

from math import hypot
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Body as FromBody
from pydantic import Field

from segmetry.errors import CalibrationError
from segmetry.project import PictureRecord
from segmetry.project.shared_scale import share_pixel_size
from segmetry.web.parts import Body, Identifier, InEvents, InShown, InStore, told_picture
from segmetry.web.shown import LENGTH_UNITS

__all__ = ["router"]

router = APIRouter(prefix="/images", tags=["pictures"])

_SMALLEST = 1e-6  # of any unit
_SHORTEST = 2.0  # px: a shorter line tells nothing

_Unit = Literal["nm", "µm", "mm"]
_Length = Annotated[float, Field(ge=_SMALLEST, lt=1e6)]  # no microscope shows others
_Coordinate = Annotated[float, Field(ge=-(2**20), le=2**20)]


class Found(Body):
    """What the file or its scale bar says; "auto": either, or nothing is known again."""

    source: Literal["metadata", "bar", "auto"]


class Typed(Body):
    """What a person knows."""

    source: Literal["typed"]
    pixel_size: _Length | tuple[_Length, _Length, _Length]
    unit: _Unit

    @property
    def text(self) -> str:
        """The size as `parse_pixel_size` takes it: one number, or z, y and x of a voxel."""
        size = self.pixel_size
        sides = size if isinstance(size, tuple) else (size,)
        return " x ".join(f"{side!r}" for side in sides) + f" {LENGTH_UNITS[self.unit]}"


class Drawn(Body):
    """A line along something of known length."""

    source: Literal["drawn"]
    start: Annotated[tuple[_Coordinate, _Coordinate], Field(alias="from")]
    stop: Annotated[tuple[_Coordinate, _Coordinate], Field(alias="to")]
    length: _Length
    unit: _Unit

    @property
    def pixel_size(self) -> str:
        """The length over that of the line, as `parse_pixel_size` takes it."""
        n_pixels = hypot(self.stop[0] - self.start[0], self.stop[1] - self.start[1])
        if n_pixels < _SHORTEST:
            msg = "The line is too short to tell a pixel size; draw a longer one."
            raise CalibrationError(msg)
        if self.length / n_pixels < _SMALLEST:
            msg = "The line is too long for this length; draw a shorter one."
            raise CalibrationError(msg)
        return f"{self.length!r} {LENGTH_UNITS[self.unit]} / {n_pixels:.9g} px"


Choice = Annotated[Found | Typed | Drawn, FromBody(discriminator="source")]


@router.put("/{picture}/calibration")
def calibrate(
    picture: Identifier, body: Choice, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Choose a picture's pixel size, also for the labels that it has."""
    project = store.project_of_picture(picture)
    _refuse_sides(body, project.pictures.record(picture))
    if isinstance(body, Found):
        project.calibrate(picture, choice=body.source)
    else:
        drawn, size = None, body.text if isinstance(body, Typed) else body.pixel_size
        if isinstance(body, Drawn):
            drawn = body.model_dump(mode="json", by_alias=True, exclude={"source"})
        project.calibrate(picture, choice="typed", pixel_size=size, drawn=drawn)
    return told_picture(events, shown(project, picture))


def _refuse_sides(body: Found | Typed | Drawn, picture: PictureRecord) -> None:
    n_sides = 3 if isinstance(body, Typed) and isinstance(body.pixel_size, tuple) else 1
    if isinstance(body, Found) or n_sides == (3 if picture.is_volume else 1):
        return
    msg = (
        f"{picture.name} is a volume, whose voxels have three sides: type the distances of "
        "slices, rows and columns."
        if picture.is_volume
        else f"{picture.name} is a single picture: type one pixel size, got three."
    )
    raise CalibrationError(msg)


@router.post("/{picture}/calibration/shared")
def share(
    picture: Identifier, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Use a typed or drawn pixel size for all pictures that have none of their own."""
    project = store.project_of_picture(picture)
    shared = share_pixel_size(project, picture)
    for used in shared.used:
        told_picture(events, shown(project, used))
    return {
        "n_used": len(shared.used),
        "n_agreeing": len(shared.agreeing),
        "differing": [project.pictures.record(one).name for one in shared.differing],
        "unread": [project.pictures.record(one).name for one in shared.unread],
    }
