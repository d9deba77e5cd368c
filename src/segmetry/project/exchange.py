"""A project's objects in the formats of other programs, and as a set to learn from."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from segmetry.errors import ProjectError
from segmetry.io.exchange import Annotation, write_annotations
from segmetry.project.annotated import annotated_pictures, is_checked, write_pairs
from segmetry.project.label_sets import LabelSetRecord
from segmetry.project.mask_origins import origin_of
from segmetry.project.pictures import PictureRecord
from segmetry.project.project import Project
from segmetry.project.tables import in_order, named_pictures
from segmetry.project.volume_labels import ReadLabels, VolumeLabels

__all__ = ["export_annotated", "export_objects"]


def export_objects(
    project: Project, out: Path, *, to: str, labels: Sequence[str] | None = None
) -> list[Path]:
    """Write the objects of pictures as other programs read them, with every correction.

    Parameters
    ----------
    project : Project
    out : Path
        A folder, or the file of a format of sets.
    to : str
        One of `segmetry.io.exchange.EXCHANGE_FORMATS`.
    labels : sequence of str or None
        Identifiers of the labels, one of a picture. `None`: of every picture the newest.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    ProjectError
        If no picture has labels.
    WriteError
        If a file cannot be written.
    """
    chosen = [
        (record, found[-1])
        for record in in_order(project.pictures.records())
        if (
            found := [
                one
                for one in project.labels.records(record.id)
                if labels is None or one.id in labels
            ]
        )
    ]
    if not chosen:
        msg = "There is nothing to write yet: no picture was segmented."
        raise ProjectError(msg)
    return write_annotations(out, _annotations(project, chosen), to=to)


def export_annotated(project: Project, out: Path) -> int:
    """Write the pictures that a person corrected or checked, with their masks.

    `out` then holds `images` and `masks`, which `segmetry train` and `segmetry describe`
    take as they are, and beside the masks where each comes from.

    Parameters
    ----------
    project : Project
    out : Path
        A folder that is there.

    Returns
    -------
    int
        How many pictures they are.

    Raises
    ------
    ProjectError
        If a person has corrected or checked none.
    WriteError
        If a file cannot be written.
    """
    chosen = annotated_pictures(project)
    if not chosen:
        msg = (
            "There is no annotated picture yet: correct the objects of one, or mark it as "
            "completely checked."
        )
        raise ProjectError(msg)
    folders = [out / name for name in ("images", "masks")]
    for folder in folders:
        folder.mkdir()
    return write_pairs(project, chosen, *folders)


def _annotations(
    project: Project, chosen: Sequence[tuple[PictureRecord, LabelSetRecord]]
) -> Iterator[Annotation]:
    """Yield the objects of pictures, one picture in memory at a time."""
    named = named_pictures([record for record, _ in chosen])
    for picture, (record, found) in zip(named, chosen, strict=True):
        checked = is_checked(project, record, found.id)

        def taken(
            opened: ReadLabels,
            found: LabelSetRecord = found,
            checked: bool = checked,
            name: str = record.name,
        ) -> dict[str, Any]:
            if isinstance(opened, VolumeLabels):
                msg = (
                    f"{name} is a volume, and these formats hold objects of single "
                    "pictures; download its labels as TIFF instead."
                )
                raise ProjectError(msg)
            numbers = opened.table.set_index("label").select_dtypes("number")
            return {
                "labels": opened.labels.data,
                "pixel_size": opened.labels.image.pixel_size,
                "measurements": numbers.to_dict("index"),
                "origin": origin_of(found, opened, checked=checked),
            }

        known = project.labels.read(found.id, taken)
        yield Annotation(picture.key, file_name=record.name, **known)
