"""Pictures whose objects a person has checked completely, as a set to learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from segmetry.errors import ProjectError
from segmetry.image import Labels
from segmetry.io import write_labels, write_picture
from segmetry.io.exchange import MaskOrigin, write_origins
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.mask_origins import origin_of
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project
from segmetry.project.tables import named_pictures
from segmetry.project.volume_labels import ReadLabels

__all__ = [
    "FEWEST",
    "Annotated",
    "annotated_pictures",
    "checked_pictures",
    "is_checked",
    "mark_checked",
    "too_few",
    "write_annotated",
    "write_pairs",
]

FEWEST = 2  # pictures: one to learn from, one to judge


@dataclass(frozen=True)
class Annotated:
    """A picture with labels in which a person did something.

    Parameters
    ----------
    picture : PictureRecord
    labels : LabelSetRecord
        Its newest.
    is_checked : bool
        Whether a person has said that they are checked completely: every object right,
        and none missing.
    """

    picture: PictureRecord
    labels: LabelSetRecord
    is_checked: bool


def annotated_pictures(project: Project) -> list[Annotated]:
    """Return the pictures whose newest labels a person has corrected or checked.

    Parameters
    ----------
    project : Project

    Returns
    -------
    list of Annotated
        Where all corrections were undone and nothing was checked, a picture is not among
        them.
    """
    found = []
    for picture in project.pictures.records():
        records = project.labels.records(picture.id)
        if not records:
            continue
        newest = records[-1]
        is_marked = is_checked(project, picture, newest.id)
        if is_marked or project.labels.is_corrected(newest.id):
            found.append(Annotated(picture, newest, is_marked))
    return found


def is_checked(project: Project, picture: PictureRecord, labels: str) -> bool:
    """Return whether a person has said that labels of a picture are checked completely.

    What that person, or another, corrects afterwards does not take the mark away. It counts
    no longer once the automatic result or a version was restored: what is there then,
    nobody has said that of. So it is where a restore is undone or redone.

    Parameters
    ----------
    project : Project
    picture : PictureRecord
    labels : str
    """
    if picture.choices.get("checked") != labels:
        return False
    rev = picture.choices.get("checked_rev", 0)
    return not project.labels.is_restored_since(labels, rev)


def checked_pictures(project: Project) -> list[Annotated]:
    """Return the pictures that can be learned from: those that are checked completely.

    In one that was corrected here and there, objects that nobody has looked at would
    teach a model the faults of the one that found them.
    """
    return [one for one in annotated_pictures(project) if one.is_checked]


def mark_checked(project: Project, picture: str, labels: str | None) -> None:
    """Note that a person has checked all objects of a picture.

    Parameters
    ----------
    project : Project
    picture : str
    labels : str or None
        What was checked, the picture's newest; `None` takes the mark back. A new run
        makes other labels, which nobody has checked; see `is_checked`, too.

    Raises
    ------
    ProjectError
        If they are not the picture's newest labels, or those of a volume.
    """
    if labels is not None and project.pictures.record(picture).is_volume:
        msg = "A volume cannot be corrected here yet, so that nobody can say it is right."
        raise ProjectError(msg)
    newest = [record.id for record in project.labels.records(picture)][-1:]
    if labels is not None and [labels] != newest:
        msg = "There is a newer result of this picture; check that one, then mark it."
        raise ProjectError(msg)
    rev = None if labels is None else project.labels.rev(labels)
    project.pictures.check(picture, labels, rev=rev)


def too_few(checked: Sequence[Annotated]) -> ProjectError | None:
    """Return why a model cannot learn from so few pictures; `None` where it can."""
    if len(checked) >= FEWEST:
        return None
    return ProjectError(
        f"A model learns from at least {FEWEST} pictures that you marked as completely "
        f"checked; so far there are {len(checked)}."
    )


def write_annotated(
    project: Project, images: Path, masks: Path, *, tick: Callable[[], None] = lambda: None
) -> int:
    """Write pictures that a person checked, and their objects, as files of one name.

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
    checked = checked_pictures(project)
    refused = too_few(checked)
    if refused is not None:
        raise refused
    return write_pairs(project, checked, images, masks, tick=tick)


def write_pairs(
    project: Project,
    chosen: Sequence[Annotated],
    images: Path,
    masks: Path,
    *,
    tick: Callable[[], None] = lambda: None,
) -> int:
    """Write pictures and their objects as files of one name, and where masks come from.

    Parameters
    ----------
    project : Project
    chosen : sequence of Annotated
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
    WriteError
        If they cannot be written.
    """
    named = named_pictures([one.picture for one in chosen])
    origins: list[tuple[str, int, MaskOrigin]] = []
    for picture, one in zip(named, chosen, strict=True):
        tick()

        def taken(opened: ReadLabels, one: Annotated = one) -> tuple[Labels, MaskOrigin]:
            origin = origin_of(one.labels, opened, checked=one.is_checked)
            return opened.labels, origin

        labels, origin = project.labels.read(one.labels.id, taken)
        # As it was segmented: the right page of its file, without a banner cut off.
        write_picture(images / f"{picture.key}.tif", labels.image)
        write_labels(masks / f"{picture.key}.tif", labels)
        origins.append((picture.key, len(origin.objects), origin))
    write_origins(masks, origins)
    return len(chosen)
