"""The routes that say which parts, and which channel, of a picture are measured."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter
from pydantic import Field

from segmetry.region import Region
from segmetry.web.parts import Body, Identifier, InEvents, InShown, InStore, told_picture

__all__ = ["router"]

router = APIRouter(prefix="/images", tags=["pictures"])

_Whole = Annotated[int, Field(ge=0, le=2**30)]
_Side = Annotated[int, Field(ge=1, le=2**30)]
_Coordinate = Annotated[float, Field(ge=-(2**30), le=2**30)]
_Ring = Annotated[list[tuple[_Coordinate, _Coordinate]], Field(min_length=3)]


class Box(Body):
    """A rectangle in pixels of the picture."""

    x: _Whole
    y: _Whole
    width: _Side
    height: _Side

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """As recipes have it."""
        return self.x, self.y, self.width, self.height


class Outlined(Body):
    """A region: its name, and the x and y of its outlines, see `segmetry.region`."""

    name: Annotated[str, Field(max_length=200)]
    rings: Annotated[list[_Ring], Field(min_length=1, max_length=1000)]
    classification: Annotated[str, Field(max_length=200)] = ""

    @property
    def region(self) -> Region:
        """As everything else knows it."""
        rings = tuple(np.array(ring, dtype=np.float64) for ring in self.rings)
        return Region(self.name, rings, self.classification)


class Excluded(Body):
    """Rows of the banner, rectangles to leave out, and regions in which to count."""

    banner: tuple[_Whole, _Whole] | None
    rectangles: Annotated[list[Box], Field(max_length=1000)]
    regions: Annotated[list[Outlined], Field(default_factory=list, max_length=1000)]
    only: bool = False


class Chosen(Body):
    """A channel, counted from 0; null takes all together."""

    channel: Annotated[int, Field(ge=0, le=1000)] | None


@router.put("/{picture}/channel")
def use_channel(
    picture: Identifier, body: Chosen, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Choose the channel in which objects are looked for, in runs from now on."""
    project = store.project_of_picture(picture)
    project.use_channel(picture, body.channel)
    return told_picture(events, shown(project, picture))


@router.put("/{picture}/roi")
def exclude(
    picture: Identifier, body: Excluded, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Choose what of a picture is no sample, and the regions in which to count."""
    project = store.project_of_picture(picture)
    project.exclude(
        picture,
        banner=body.banner,
        rectangles=[box.sides for box in body.rectangles],
        regions=[one.region for one in body.regions],
        only=body.only,
    )
    return told_picture(events, shown(project, picture))
