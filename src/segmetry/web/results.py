"""The routes about the results of a picture: every run leaves one, and one counts."""

from typing import Any

from fastapi import APIRouter

from segmetry.web.parts import Identifier, InEvents, InShown, InStore, told_picture

__all__ = ["router"]

router = APIRouter(tags=["labels"])


@router.get("/images/{picture}/labels")
def listed(picture: Identifier, store: InStore) -> list[dict[str, Any]]:
    """Return what was found in a picture by each run, the one that counts first."""
    project = store.project_of_picture(picture)
    return [
        {
            "id": record.id,
            "segmenter": record.recipe.segmentation.called,
            "at": record.created,
            "n_objects": project.labels.n_objects(record.id),
            "is_corrected": project.labels.is_corrected(record.id),
        }
        for record in reversed(project.labels.records(picture))
    ]


@router.post("/labels/{label}/choose")
def choose(
    label: Identifier, store: InStore, events: InEvents, shown: InShown
) -> dict[str, Any]:
    """Let what an earlier run found, with its corrections, count again."""
    project = store.project_of_labels(label)
    project.labels.choose(label)
    picture = project.labels.record(label).picture
    return told_picture(events, shown(project, picture))
