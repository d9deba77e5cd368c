"""Pictures whose objects a person corrected or looked through, as a set to learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ProjectError
from segmetry.io import write_labels
from segmetry.io.writing import write_bytes
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project
from segmetry.project.tables import named_pictures

__all__ = ["FEWEST", "Corrected", "corrected_pictures", "too_few", "write_annotated"]

FEWEST = 2  # pictures: one to learn from, one to judge


@dataclass(frozen=True)
class Corrected:
    """A picture with labels that a person answers for.

    Parameters
    ----------
    picture : PictureRecord
    labels : LabelSetRecord
        Its newest.
    """

    picture: PictureRecord
    labels: LabelSetRecord


def corrected_pictures(project: Project) -> list[Corrected]:
    """Return the pictures whose newest labels hold what a person did.

    Parameters
    ----------
    project : Project

    Returns
    -------
    list of Corrected
        Where all corrections were undone, a picture is not among them.
    """
    found = []
    for picture in project.pictures.records():
        labels = project.labels.records(picture.id)
        if labels and project.labels.is_corrected(labels[-1].id):
            found.append(Corrected(picture, labels[-1]))
    return found


def too_few(corrected: Sequence[Corrected]) -> ProjectError | None:
    """Return why a model cannot learn from so few pictures; `None` where it can."""
    if len(corrected) >= FEWEST:
        return None
    return ProjectError(
        f"A model learns from at least {FEWEST} pictures that you corrected or looked "
        f"through; so far there are {len(corrected)}."
    )


def write_annotated(
    project: Project, images: Path, masks: Path, *, tick: Callable[[], None] = lambda: None
) -> int:
    """Write pictures that a person corrected, and their objects, as files of one name.

    Parameters
    ----------
    project : Project
    images, masks : Path
        Folders that are there.
    tick : callable
        Called before each picture; what it raises ends the writing.

    Returns
    -------
    int
        How many they are.

    Raises
    ------
    ProjectError
        If they are too few to learn from and to judge.
    WriteError
        If they cannot be written.
    """
    corrected = corrected_pictures(project)
    refused = too_few(corrected)
    if refused is not None:
        raise refused
    named = named_pictures([one.picture for one in corrected])
    for picture, one in zip(named, corrected, strict=True):
        tick()
        labels = project.labels.read(one.labels.id, lambda opened: opened.labels)
        # As it was segmented: the right page of its file, without a banner cut off.
        _write_npy(images / f"{picture.key}.npy", labels.image.pixels)
        write_labels(masks / f"{picture.key}.tif", labels)
    return len(corrected)


def _write_npy(path: Path, pixels: NDArray[Any]) -> None:
    buffer = BytesIO()
    np.save(buffer, pixels, allow_pickle=False)
    write_bytes(path, buffer.getvalue())
