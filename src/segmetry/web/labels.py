"""Routes about labels: corrections, tiles, tables and versions."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from numpy.typing import NDArray
from pydantic import Field

from segmetry.edit import Edit
from segmetry.edit.act import Kind
from segmetry.project import Answer, Project
from segmetry.project.same_objects import with_known_numbers
from segmetry.project.tables import objects_with_origin
from segmetry.web.bodies import FILE_BODY, kept
from segmetry.web.events import Events
from segmetry.web.parts import (
    OPERATION_ID,
    Body,
    Identifier,
    InEvents,
    InRegionFiles,
    InSettling,
    InShown,
    InStore,
    Shown,
    told_picture,
)
from segmetry.web.rows import rows_json
from segmetry.web.settling import Settling

__all__ = ["router"]

router = APIRouter(prefix="/labels/{label}", tags=["labels"])

_OperationId = Annotated[str, Field(pattern=OPERATION_ID)]
_Rev = Annotated[int, Field(ge=0)]
_MOST_IDS = 1_000_000
_MOST_BYTES = 256 * 2**20  # of a file with edited objects
_APART = (
    "The merged objects do not touch each other: they are one object in several pieces."
)


class Operation(Body):
    """A correction, as the client sends it; see `Op` there."""

    op_id: _OperationId
    base: _Rev
    group: Annotated[str, Field(max_length=64)] | None = None
    kind: Kind
    points: tuple[tuple[int, int], ...] = ()
    width: int = 1
    ids: Annotated[tuple[int, ...], Field(max_length=_MOST_IDS)] = ()
    overwrite: bool = False


class Walk(Body):
    """A step back or forth in the history."""

    op_id: _OperationId
    base: _Rev


class Restored(Walk):
    """A version that the labels shall be again; null is what was found at first."""

    version: Annotated[str, Field(max_length=200)] | None


class EditedFile(Walk):
    """What a file with edited objects is called."""

    name: Annotated[str, Field(min_length=1, max_length=255)]


class NewVersion(Body):
    """The name that labels of now are given."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("")
def show(label: Identifier, store: InStore, settling: InSettling) -> dict[str, Any]:
    """Return how the labels stand, without their pixels."""
    project = store.project_of_labels(label)
    labels = project.labels.look_at(label)
    record = project.labels.record(label)
    told = _shown(label, labels.since(labels.rev), settling)
    names = ("rev", "n_objects", "undo", "redo", "pending")
    return {
        "id": label,
        **{name: told[name] for name in names},
        "accepted": labels.accepted,
        "warnings": record.run["remarks"],
        "thin": record.recipe.thin.enabled,
    }


@router.post("/ops")
def correct(
    label: Identifier,
    body: Operation,
    store: InStore,
    events: InEvents,
    settling: InSettling,
) -> dict[str, Any]:
    """Make a correction."""
    labels = store.project_of_labels(label).labels.open(label)
    edit = Edit(
        body.kind,
        points=body.points,
        width=body.width,
        ids=body.ids,
        overwrite=body.overwrite,
    )
    answer = labels.edit(edit, op_id=body.op_id, base=body.base, stroke=body.group or "")
    return _told(label, answer, events, settling)


@router.get("/ops")
def changes(
    label: Identifier,
    since: Annotated[int, Query(ge=0)],
    store: InStore,
    settling: InSettling,
) -> dict[str, Any]:
    """Return all that has changed since a revision."""
    labels = store.project_of_labels(label).labels.look_at(label)
    return _shown(label, labels.since(since), settling)


@router.post("/undo")
def undo(
    label: Identifier,
    body: Walk,
    store: InStore,
    events: InEvents,
    settling: InSettling,
    shown: InShown,
) -> dict[str, Any]:
    """Take the newest step back."""
    project = store.project_of_labels(label)
    labels = project.labels.open(label)
    answer = labels.undo(op_id=body.op_id, base=body.base)
    _tell_mark(project, label, answer, events, shown)
    return _told(label, answer, events, settling)


@router.post("/redo")
def redo(
    label: Identifier,
    body: Walk,
    store: InStore,
    events: InEvents,
    settling: InSettling,
    shown: InShown,
) -> dict[str, Any]:
    """Do the step again that was undone last."""
    project = store.project_of_labels(label)
    labels = project.labels.open(label)
    answer = labels.redo(op_id=body.op_id, base=body.base)
    _tell_mark(project, label, answer, events, shown)
    return _told(label, answer, events, settling)


@router.get("/objects")
def objects(label: Identifier, store: InStore) -> dict[str, Any]:
    """Return the table of objects, with where each comes from."""
    labels = store.project_of_labels(label).labels.look_at(label)
    return rows_json(objects_with_origin(labels, always=True))


@router.get("/versions")
def versions(label: Identifier, store: InStore) -> list[dict[str, Any]]:
    """Return the versions that were given a name, the oldest first."""
    labels = store.project_of_labels(label).labels.open(label)
    return [
        {
            "name": version.name,
            "rev": version.rev,
            "at": version.created,
            "n_objects": _ids(labels.data_of(version.name)).size,
        }
        for version in labels.versions()
    ]


@router.post("/versions", status_code=201)
def keep_version(label: Identifier, body: NewVersion, store: InStore) -> dict[str, Any]:
    """Give the labels of now a name, under which they stay."""
    labels = store.project_of_labels(label).labels.open(label)
    kept = labels.keep_version(body.name)
    n_objects = _ids(labels.data_of(kept.name)).size
    return {"name": kept.name, "rev": kept.rev, "at": kept.created, "n_objects": n_objects}


@router.post("/restore")
def restore(
    label: Identifier,
    body: Restored,
    store: InStore,
    events: InEvents,
    settling: InSettling,
    shown: InShown,
) -> dict[str, Any]:
    """Make the labels those of a version again; undo takes that back."""
    project = store.project_of_labels(label)
    labels = project.labels.open(label)
    answer = labels.restore(body.version, op_id=body.op_id, base=body.base)
    _tell_mark(project, label, answer, events, shown)
    return _told(label, answer, events, settling)


@router.post("/edited", openapi_extra=FILE_BODY)
async def take_edited(
    label: Identifier,
    told: Annotated[EditedFile, Query()],
    request: Request,
    store: InStore,
    events: InEvents,
    settling: InSettling,
    files: InRegionFiles,
) -> dict[str, Any]:
    """Make the objects what another program left of them in a file, sent as it is."""

    def take(content: Iterator[bytes]) -> dict[str, Any]:
        labels = store.project_of_labels(label).labels.open(label)
        now = labels.labels.data
        found, note = files.read_objects(told.name, b"".join(content), now.shape)
        data = with_known_numbers(now, found.labels, unnamed=found.unnamed)
        answer = labels.take_over(data, op_id=told.op_id, base=told.base, source=told.name)
        return _told(label, answer, events, settling) | {"message": note or None}

    return await kept(
        request, take, most=_MOST_BYTES, instead="bring it in with segmetry import --into"
    )


@router.get("/compare")
def compare(
    label: Identifier, store: InStore, a: str | None = None, b: str | None = None
) -> dict[str, Any]:
    """Return how two versions differ.

    Without `a`: what was found at first. Without `b`: the labels of now.
    """
    labels = store.project_of_labels(label).labels.open(label)
    first = labels.data_of(a)
    second = labels.labels.data if b is None else labels.data_of(b)
    return difference(first, second)


def _told(label: str, answer: Answer, events: Events, settling: Settling) -> dict[str, Any]:
    """Return an answer, and let the other windows know that there is something new."""
    events.publish("labels", {"label": label, "rev": answer.rev})
    return _shown(label, answer, settling, is_new=True)


def _tell_mark(
    project: Project, label: str, answer: Answer, events: Events, shown: Shown
) -> None:
    """Tell of the picture after a restore: it may no longer count as checked."""
    if "restore" in {act.kind for act in (answer.undo, answer.redo) if act is not None}:
        picture = project.labels.record(label).picture
        if project.pictures.record(picture).choices.get("checked") == label:
            told_picture(events, shown(project, picture))


def _shown(
    label: str, answer: Answer, settling: Settling, *, is_new: bool = False
) -> dict[str, Any]:
    """Return an answer as the client knows it; what it leaves pending is settled soon."""
    settling.heed(label, answer, is_new=is_new)
    return {
        "rev": answer.rev,
        "patches": answer.patches,
        "rows": rows_json(answer.rows),
        "accepted": answer.accepted,
        "gone": answer.gone,
        "pending": answer.pending,
        "n_objects": answer.n_objects,
        "undo": None if answer.undo is None else asdict(answer.undo),
        "redo": None if answer.redo is None else asdict(answer.redo),
        "message": _APART if answer.remark == "apart" else None,
    }


def difference(
    first: NDArray[np.uint32], second: NDArray[np.uint32]
) -> dict[str, int | list[int]]:
    """Return which objects of two versions are the same, changed, added and removed.

    Parameters
    ----------
    first, second : ndarray of uint32, shape (Y, X)
        Numbers mean the same objects in both.

    Returns
    -------
    dict
        `same`, a count, and `changed`, `added` and `removed`, lists of numbers.

    Examples
    --------
    >>> before = np.array([[1, 1, 0, 2]], dtype=np.uint32)
    >>> difference(before, np.array([[1, 0, 3, 2]], dtype=np.uint32))
    {'same': 1, 'changed': [1], 'added': [3], 'removed': []}
    """
    before, after = _ids(first), _ids(second)
    is_other = first != second
    touched = np.union1d(first[is_other], second[is_other])
    common = np.intersect1d(before, after)
    changed = np.intersect1d(common, touched)
    return {
        "same": common.size - changed.size,
        "changed": changed.tolist(),
        "added": np.setdiff1d(after, before).tolist(),
        "removed": np.setdiff1d(before, after).tolist(),
    }


def _ids(data: NDArray[np.uint32]) -> NDArray[np.uint32]:
    found = np.unique(data)
    return found[found > 0]
