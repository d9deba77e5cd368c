"""What routes ask for by type: the store, the events, and identifiers in addresses."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict

from segmetry.project import Project
from segmetry.web.events import Events
from segmetry.web.jobs import Jobs
from segmetry.web.measuring import Measuring
from segmetry.web.previewing import ClassMaps, Previews
from segmetry.web.readings import Readings
from segmetry.web.region_files import RegionFiles
from segmetry.web.settling import Settling
from segmetry.web.store import Store

__all__ = [
    "OPERATION_ID",
    "Body",
    "Identifier",
    "InClassMaps",
    "InEvents",
    "InJobs",
    "InMeasuring",
    "InPreviews",
    "InReadings",
    "InRegionFiles",
    "InSettling",
    "InShown",
    "InStore",
    "Shown",
    "told_picture",
]

Shown = Callable[[Project, str], dict[str, Any]]

Identifier = Annotated[str, Path(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
OPERATION_ID = "^[0-9A-Za-z-]{8,64}$"  # a client's own name of one edit or stroke


class Body(BaseModel):
    """Base of what a request may hold: an unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def told_picture(events: Events, picture: dict[str, Any]) -> dict[str, Any]:
    """Let all windows know how a picture is now, and return it."""
    events.publish("picture", {"picture": picture})
    return picture


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _events(request: Request) -> Events:
    events: Events = request.app.state.events
    return events


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    return jobs


def _measuring(request: Request) -> Measuring:
    measuring: Measuring = request.app.state.measuring
    return measuring


def _previews(request: Request) -> Previews:
    previews: Previews = request.app.state.previews
    return previews


def _class_maps(request: Request) -> ClassMaps:
    class_maps: ClassMaps = request.app.state.class_maps
    return class_maps


def _settling(request: Request) -> Settling:
    settling: Settling = request.app.state.settling
    return settling


def _readings(request: Request) -> Readings:
    readings: Readings = request.app.state.readings
    return readings


def _region_files(request: Request) -> RegionFiles:
    files: RegionFiles = request.app.state.region_files
    return files


def _shown(request: Request) -> Shown:
    shown: Shown = request.app.state.shown
    return shown


InReadings = Annotated[Readings, Depends(_readings)]
InRegionFiles = Annotated[RegionFiles, Depends(_region_files)]
InShown = Annotated[Shown, Depends(_shown)]
InStore = Annotated[Store, Depends(_store)]
InEvents = Annotated[Events, Depends(_events)]
InJobs = Annotated[Jobs, Depends(_jobs)]
InMeasuring = Annotated[Measuring, Depends(_measuring)]
InClassMaps = Annotated[ClassMaps, Depends(_class_maps)]
InPreviews = Annotated[Previews, Depends(_previews)]
InSettling = Annotated[Settling, Depends(_settling)]
