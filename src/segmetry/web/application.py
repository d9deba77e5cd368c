"""The application: all routers, behind the checks that every request passes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from segmetry.project import Project
from segmetry.project.archive import remove_unfinished
from segmetry.web import (
    area,
    calibration,
    client,
    demo,
    downloads,
    exchange,
    figures,
    label_tiles,
    labels,
    news,
    painting,
    picture_tiles,
    pictures,
    previews,
    projects,
    quality,
    regions,
    results,
    review,
    runs,
    samples,
    segmenters,
    sheets,
    statistics,
    thin,
    trainings,
    volume_slices,
)
from segmetry.web.events import Events
from segmetry.web.jobs import Jobs
from segmetry.web.measuring import Measuring
from segmetry.web.previewing import ClassMaps, Previews
from segmetry.web.readings import Readings
from segmetry.web.refusals import answer_errors
from segmetry.web.region_files import RegionFiles
from segmetry.web.security import Guard
from segmetry.web.settling import Settling
from segmetry.web.shown import shown_picture
from segmetry.web.store import Store
from segmetry.workers import Workers

__all__ = ["create_application"]

MOST_BYTES = 2**31  # of an upload; local pictures may be larger

_ROUTERS: Sequence[APIRouter] = (
    projects.router,
    demo.router,
    pictures.router,
    picture_tiles.router,
    volume_slices.router,
    calibration.router,
    area.router,
    regions.router,
    labels.router,
    results.router,
    review.router,
    label_tiles.router,
    statistics.router,
    quality.router,
    samples.router,
    thin.router,
    sheets.router,
    segmenters.router,
    runs.router,
    trainings.router,
    previews.router,
    painting.router,
    news.router,
    downloads.router,
    exchange.router,
    figures.router,
)


def create_application(
    store: Store,
    *,
    token: str,
    allowed_hosts: Sequence[str],
    most_bytes: int = MOST_BYTES,
    workers: Workers | None = None,
) -> FastAPI:
    """Return the app's server, to be run by uvicorn.

    Parameters
    ----------
    store : Store
        Closed when the server stops.
    token : str
        Who opens `/?token=...` may use the app; nobody else may.
    allowed_hosts : sequence of str
        Names with port by which browsers may call the server: "127.0.0.1:8000".
    most_bytes : int
        Of one upload.
    workers : Workers or None
        Of a cluster that runs methods; see `segmetry.web.jobs.Jobs`.

    Returns
    -------
    FastAPI
        Its `state` holds what its routes work with, see `segmetry.web.parts`.
    """
    events = Events()

    def shown(project: Project, picture: str) -> dict[str, Any]:
        told = shown_picture(project, picture, is_busy=jobs.is_busy(picture))
        return {"project": store.identifier_of(project), **told}

    settling = Settling(
        events, lambda label: store.project_of_labels(label).labels.open(label)
    )
    jobs = Jobs(events, shown, store.identifier_of, workers=workers)
    readings, previewing = Readings(events, shown), Previews()
    class_maps = ClassMaps()
    measuring, region_files = Measuring(), RegionFiles()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        remove_unfinished()
        yield
        events.close()
        settling.close()
        jobs.close()
        readings.close()
        previewing.close()
        class_maps.close()
        measuring.close()
        region_files.close()
        store.close()

    application = FastAPI(
        title="Segmetry",
        lifespan=lifespan,
        docs_url=None,  # its pages load scripts from other hosts
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    application.state.store = store
    application.state.events = events
    application.state.jobs, application.state.settling = jobs, settling
    application.state.readings, application.state.shown = readings, shown
    application.state.previews = previewing
    application.state.class_maps = class_maps
    application.state.measuring = measuring
    application.state.region_files = region_files
    application.state.most_bytes = most_bytes
    answer_errors(application)
    application.add_middleware(Guard, token=token, allowed_hosts=allowed_hosts)
    for router in _ROUTERS:
        application.include_router(router, prefix="/api/v1")
    application.include_router(client.router)  # the last: it answers all that is left
    return application
