"""Routes about regions: those of files, for other pictures, and what is counted in them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from segmetry import io
from segmetry.errors import ProjectError
from segmetry.project.region_counts import region_tables
from segmetry.project.regions import add_regions, copy_regions
from segmetry.web.bodies import FILE_BODY, kept
from segmetry.web.downloads import sent
from segmetry.web.parts import (
    Identifier,
    InEvents,
    InRegionFiles,
    InShown,
    InStore,
    told_picture,
)
from segmetry.web.rows import rows_json

__all__ = ["router"]

router = APIRouter(tags=["regions"])

_MOST_BYTES = 16 * 2**20
_IN_PICTURE = ("region", "n_objects", "area_mm2", "area_px")
_PER_MM2 = 1e6  # square micrometres in one


@router.post("/images/{picture}/regions", openapi_extra=FILE_BODY)
async def import_regions(
    picture: Identifier,
    name: Annotated[str, Query(max_length=255)],
    request: Request,
    store: InStore,
    events: InEvents,
    shown: InShown,
    files: InRegionFiles,
) -> dict[str, Any]:
    """Add the regions of a file of ImageJ or QuPath, sent as it is, to a picture's."""

    def keep(content: Iterator[bytes]) -> dict[str, Any]:
        project = store.project_of_picture(picture)
        add_regions(project, picture, files.read(name, b"".join(content)))
        return told_picture(events, shown(project, picture))

    return await kept(
        request, keep, most=_MOST_BYTES, instead="export regions without measurements"
    )


@router.post("/images/{picture}/regions/copy")
def copy(
    picture: Identifier, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Give a picture's regions to all others that have none."""
    project = store.project_of_picture(picture)
    copied = copy_regions(project, picture)
    for used in copied.used:
        told_picture(events, shown(project, used))
    other = [project.pictures.record(one).name for one in copied.other]
    return {"n_pictures": len(copied.used), "other": other}


@router.get("/labels/{label}/regions")
def counts(label: Identifier, store: InStore) -> dict[str, Any]:
    """Return how many objects each region of a picture holds, with every correction."""
    project = store.project_of_labels(label)
    record = project.labels.record(label)
    table = project.region_counts.of(project.pictures.record(record.picture), record)
    return rows_json(table[[name for name in _IN_PICTURE if name in table]])


@router.get("/projects/{project}/regions")
def tables(project: Identifier, store: InStore) -> dict[str, Any]:
    """Return counts and densities by region: by group with intervals, animal, picture."""
    found = region_tables(store.project(project))
    groups = pd.DataFrame([_line(row) for row in found.summary["rows"]])
    return {
        "unit": found.summary["unit"],
        "groups": rows_json(groups),
        "animals": None if found.animals is None else rows_json(found.animals),
        "regions": rows_json(found.regions),
        "remarks": found.summary["warnings"],
    }


@router.get("/projects/{project}/tables/{table}.csv")
def download(
    project: Identifier, table: Literal["regions", "animals"], store: InStore
) -> FileResponse:
    """Return a table of counts by region, as `segmetry run --regions` writes it."""
    found = region_tables(store.project(project))
    wanted = found.regions if table == "regions" else found.animals
    if wanted is None:
        msg = "The sheet tells no animals: give it a column called animal."
        raise ProjectError(msg)
    return sent(f"{table}.csv", lambda path: io.write_table(path, wanted))


def _line(row: dict[str, Any]) -> dict[str, Any]:
    """Return a group's density per square millimetre, or per pixel, and its interval."""
    density = row["density"]
    is_known = density["unit"] == "per um2"
    factor, unit = (_PER_MM2, "mm2") if is_known else (1, "px2")
    told = {
        key: None if density.get(end) is None else factor * density[end]
        for key, end in ((f"density_per_{unit}", "value"), ("low", "low"), ("high", "high"))
    }
    first = {name: row[name] for name in ("group", "region", "n_objects")}
    return first | told | {name: row[name] for name in ("n_pictures", "n_units")}
