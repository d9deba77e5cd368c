"""The application: all routers, behind the checks that every request passes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from segmetry.project import Project
from segmetry.web import (
    downloads,
    label_tiles,
    labels,
    news,
    projects,
    runs,
    segmenters,
    statistics,
)
from segmetry.web.events import Events
from segmetry.web.jobs import Jobs
from segmetry.web.refusals import answer_errors
from segmetry.web.security import Guard
from segmetry.web.settling import Settling
from segmetry.web.store import Store

__all__ = ["create_application"]

_ROUTERS: Sequence[APIRouter] = (
    projects.router,
    labels.router,
    label_tiles.router,
    statistics.router,
    segmenters.router,
    runs.router,
    news.router,
    downloads.router,
)


def create_application(
    store: Store, *, token: str, allowed_hosts: Sequence[str]
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

    Returns
    -------
    FastAPI
        `state.store`, `state.events`, `state.jobs` and `state.settling` are what its
        routes work with.
    """
    events = Events()
    settling, jobs = Settling(events), Jobs(events, _shown_picture)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        events.close()
        settling.close()
        jobs.close()
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
    answer_errors(application)
    application.add_middleware(Guard, token=token, allowed_hosts=allowed_hosts)
    for router in _ROUTERS:
        application.include_router(router, prefix="/api/v1")
    return application


def _shown_picture(project: Project, picture: str) -> dict[str, Any]:
    return {"id": project.pictures.record(picture).id}
