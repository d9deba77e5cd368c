"""Routes about the sheet of conditions: sample, time, temperature or pH of each picture."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request

from segmetry.project import Project
from segmetry.project.tables import in_order, named_pictures
from segmetry.web.bodies import FILE_BODY, kept
from segmetry.web.parts import Identifier, InStore
from segmetry.web.rows import rows_json

__all__ = ["router"]

router = APIRouter(prefix="/projects/{project}/sheet", tags=["projects"])

_MOST_BYTES = 4 * 2**20


@router.get("")
def show_sheet(project: Identifier, store: InStore) -> dict[str, Any]:
    """Return what the sheet says of each picture."""
    return _shown(store.project(project))


@router.put("", openapi_extra=FILE_BODY)
async def keep_sheet(
    project: Identifier, request: Request, store: InStore
) -> dict[str, Any]:
    """Take a sheet that is sent as it is, in the place of any before."""

    def keep(content: Iterator[bytes]) -> dict[str, Any]:
        opened = store.project(project)
        pictures = named_pictures(in_order(opened.pictures.records()))
        opened.sheet.keep(b"".join(content), pictures)
        return _shown(opened)

    return await kept(
        request, keep, most=_MOST_BYTES, instead="leave out what is not about pictures"
    )


@router.delete("")
def forget_sheet(project: Identifier, store: InStore) -> dict[str, Any]:
    """Let the sheet go that was sent; one in the folder of pictures counts again."""
    opened = store.project(project)
    opened.sheet.forget()
    return _shown(opened)


def _shown(project: Project) -> dict[str, Any]:
    pictures = named_pictures(in_order(project.pictures.records()))
    conditions, remarks = project.sheet.conditions(pictures)
    path = project.sheet.path
    table = conditions.reset_index(drop=True)
    table.insert(0, "image", [picture.shown for picture in pictures])
    return {
        "name": None if path is None else path.name,
        "source": project.sheet.source,
        "conditions": [str(name) for name in conditions.columns],
        "rows": rows_json(table),
        "remarks": remarks,
    }
