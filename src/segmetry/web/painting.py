"""Routes about classes of pixels: strokes that teach them, and what they teach."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response
from pydantic import Field

from segmetry.project import Project, Stroke, check_window
from segmetry.project.taught import ClassMapOrder, lesson_of, order_to_teach
from segmetry.project.taught_models import keep_classifier
from segmetry.web.area import Box
from segmetry.web.packed import packed_answer
from segmetry.web.parts import OPERATION_ID, Body, Identifier, InClassMaps, InStore
from segmetry.web.previews import look_of

__all__ = ["router"]

router = APIRouter(tags=["classes"])

_Coordinate = Annotated[int, Field(ge=-(2**20), le=2**20)]
_Number = Annotated[int, Path(ge=1, le=2**53)]


class Named(Body):
    """What a class is called."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class Painted(Body):
    """A stroke: class null is the eraser; x and y of its points in pixels."""

    op_id: Annotated[str, Field(pattern=OPERATION_ID)]
    class_id: Annotated[int, Field(ge=1, le=2**53)] | None
    width: Annotated[int, Field(ge=1, le=200)]
    points: Annotated[
        list[tuple[_Coordinate, _Coordinate]], Field(min_length=1, max_length=4096)
    ]


class Shown(Body):
    """The part of the picture that is seen."""

    window: Box


@router.get("/projects/{project}/classes")
def list_classes(project: Identifier, store: InStore) -> list[dict[str, Any]]:
    """Return the classes in their order, the background first."""
    return _told(store.project(project))


@router.post("/projects/{project}/classes", status_code=201)
def add_class(project: Identifier, body: Named, store: InStore) -> list[dict[str, Any]]:
    """Add a class, and return all of them."""
    opened = store.project(project)
    opened.strokes.add_class(body.name)
    return _told(opened)


@router.patch("/projects/{project}/classes/{class_id}")
def rename_class(
    project: Identifier, class_id: _Number, body: Named, store: InStore
) -> list[dict[str, Any]]:
    """Give a class another name, and return all of them."""
    opened = store.project(project)
    opened.strokes.rename_class(class_id, body.name)
    return _told(opened)


@router.delete("/projects/{project}/classes/{class_id}")
def remove_class(
    project: Identifier, class_id: _Number, store: InStore
) -> list[dict[str, Any]]:
    """Remove a class with its strokes, and return the others."""
    opened = store.project(project)
    opened.strokes.remove_class(class_id)
    return _told(opened)


@router.get("/images/{picture}/strokes")
def list_strokes(picture: Identifier, store: InStore) -> list[Painted]:
    """Return the strokes of a picture in the order in which they were drawn."""
    strokes = store.project_of_picture(picture).strokes.of(picture)
    return [
        Painted(
            op_id=stroke.op_id,
            class_id=stroke.class_id,
            width=stroke.width,
            points=list(stroke.points),
        )
        for stroke in strokes
    ]


@router.post("/images/{picture}/strokes", status_code=201)
def draw_stroke(picture: Identifier, body: Painted, store: InStore) -> list[dict[str, Any]]:
    """Keep a stroke, once, and return the classes; it is on the disk then."""
    project = store.project_of_picture(picture)
    stroke = Stroke(body.op_id, body.class_id, body.width, tuple(body.points))
    project.strokes.draw(picture, stroke)
    return _told(project)


@router.delete("/images/{picture}/strokes/{op_id}")
def take_back_stroke(
    picture: Identifier,
    op_id: Annotated[str, Path(pattern=OPERATION_ID)],
    store: InStore,
) -> list[dict[str, Any]]:
    """Take a stroke away if it is there, and return the classes."""
    project = store.project_of_picture(picture)
    project.strokes.take_back(picture, op_id)
    return _told(project)


@router.post("/images/{picture}/classes/ready", status_code=202)
def make_ready(
    picture: Identifier, body: Shown, store: InStore, class_maps: InClassMaps
) -> None:
    """Get a picture ready for class maps, without keeping anyone waiting."""
    project = store.project_of_picture(picture)
    look_of(project, picture)
    order = order_to_teach(project, picture)
    class_maps.prepare((order, body.window.sides))


@router.post("/images/{picture}/classes", response_class=Response)
def show_classes(
    picture: Identifier,
    body: Shown,
    store: InStore,
    class_maps: InClassMaps,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Return the class of each pixel of a part of a picture, a byte each; 255: none."""
    project = store.project_of_picture(picture)
    sides, look = body.window.sides, look_of(project, picture)
    check_window(sides, (look["height_px"], look["width_px"]))
    order = order_to_teach(project, picture)
    made = class_maps.make(ClassMapOrder(order, sides, lesson_of(project)))
    return packed_answer(made.packed, accept_encoding, {"X-Seconds": f"{made.seconds:.3f}"})


@router.post("/projects/{project}/classifiers", status_code=201)
def keep_model(
    project: Identifier, body: Named, store: InStore, class_maps: InClassMaps
) -> dict[str, str]:
    """Keep what all strokes teach as a model; return its name, and that of its method."""
    opened = store.project(project)
    lesson = lesson_of(opened)
    model = keep_classifier(opened, lesson, class_maps.learn(lesson), body.name)
    return {"name": model.name, "segmenter": str(model.path)}


def _told(project: Project) -> list[dict[str, Any]]:
    counts = project.strokes.counts()
    return [
        {"id": one.id, "name": one.name, "n_strokes": counts.get(one.id, 0)}
        for one in project.strokes.classes()
    ]
