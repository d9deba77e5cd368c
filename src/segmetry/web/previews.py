"""The route that shows what a method would find, before it is run."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from segmetry.errors import PictureError
from segmetry.project import PreviewOrder, Project, check_window
from segmetry.web.area import Box
from segmetry.web.packed import packed_answer
from segmetry.web.parts import Identifier, InPreviews, InStore
from segmetry.web.runs import Run

__all__ = ["look_of", "router"]

router = APIRouter(tags=["runs"])


class Window(Run):
    """A method with its options, and the part of the picture that is seen."""

    window: Box
    with_map: bool = False


@router.post("/images/{picture}/preview/ready", status_code=202)
def make_ready(picture: Identifier, store: InStore, previews: InPreviews) -> None:
    """Get a picture ready for previews, without keeping anyone waiting."""
    project = store.project_of_picture(picture)
    look_of(project, picture)
    previews.prepare(project.labels.order(picture, project.recipe))


@router.post("/images/{picture}/preview", response_class=Response)
def preview(
    picture: Identifier,
    body: Window,
    store: InStore,
    previews: InPreviews,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Return the objects of a part of a picture, as little-endian uint32; keep nothing.

    `with_map` adds a byte for each pixel: how likely it belongs to an object.
    """
    project = store.project_of_picture(picture)
    sides, look = body.window.sides, look_of(project, picture)
    check_window(sides, (look["height_px"], look["width_px"]))
    order = project.labels.order(picture, body.recipe(project.recipe))
    made = previews.make(PreviewOrder(order, sides, with_map=body.with_map))
    told = {
        "X-Objects": str(made.n_objects),
        "X-Cutoff": f"{made.cutoff:.4g}",
        "X-Seconds": f"{made.seconds:.3f}",
    }
    return packed_answer(made.packed, accept_encoding, told)


def look_of(project: Project, picture: str) -> Mapping[str, Any]:
    """Return what was seen of a picture.

    Raises
    ------
    PictureError
        If it is not read yet, or cannot be.
    """
    record = project.pictures.record(picture)
    if "width_px" not in record.look:
        msg = f"{record.name} is not read yet, or cannot be; wait, or remove it."
        raise PictureError(msg)
    return record.look
