"""The tables of a whole project: objects of all pictures, and what is known of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmetry.batch import Picture
from segmetry.batch.inputs import stem_of, unique_names
from segmetry.batch.volumes import deep_columns
from segmetry.errors import ProjectError
from segmetry.io import IMAGE_COLUMNS
from segmetry.project.label_sets import LabelSetRecord, LabelSets
from segmetry.project.mask_origins import mask_kind
from segmetry.project.pictures import PictureRecord
from segmetry.project.volume_labels import ReadLabels

if TYPE_CHECKING:
    from segmetry.project.project import Project

__all__ = [
    "ObjectTables",
    "Tables",
    "image_row",
    "in_order",
    "joined",
    "named_pictures",
    "objects_with_origin",
    "project_tables",
]


@dataclass(frozen=True, eq=False)
class Tables:
    """What `segmetry.measure.summarize` makes statistics of.

    Parameters
    ----------
    objects, images : DataFrame
        Of the newest labels of each picture; the conditions of the sheet are the last
        columns of `images`.
    conditions : list of str
        Their names.
    n_without_labels : int
        Pictures in which nothing was looked for yet.
    remarks : list of str
        What a person should know of the sheet.
    """

    objects: pd.DataFrame
    images: pd.DataFrame
    conditions: list[str]
    n_without_labels: int
    remarks: list[str]


class ObjectTables:
    """Tables of labels, kept until these change, so that labels need not stay open.

    Parameters
    ----------
    labels : LabelSets
    """

    def __init__(self, labels: LabelSets) -> None:
        self._labels = labels
        self._kept: dict[str, tuple[Any, pd.DataFrame, dict[str, Any]]] = {}

    def of(self, record: LabelSetRecord) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Return the objects of labels with their origin, and their picture's row."""
        state = (self._labels.rev(record.id), record)
        kept = self._kept.get(record.id)
        if kept is not None and kept[0] == state:
            return kept[1], kept[2]
        found = self._labels.read(
            record.id,
            lambda labels: (objects_with_origin(labels), image_row(record, labels)),
        )
        self._kept[record.id] = (state, *found)
        return found


def project_tables(project: "Project") -> Tables:
    """Return the tables of a project, with every correction and all conditions.

    Parameters
    ----------
    project : Project

    Returns
    -------
    Tables

    Raises
    ------
    ProjectError
        If no picture has labels.
    """
    records = in_order(project.pictures.records())
    pictures = named_pictures(records)
    conditions, remarks = project.sheet.conditions(pictures)
    objects, rows = [], []
    for picture, record in zip(pictures, records, strict=True):
        found = project.labels.records(record.id)
        if found:
            table, row = project.tables.of(found[-1])
            table = table.copy()
            table.insert(0, "image", picture.key)
            objects.append(table)
            rows.append(row | {"image": picture.key, "path": picture.shown})
    if not rows:
        msg = "There is nothing to tell yet: no picture was segmented."
        raise ProjectError(msg)
    images = pd.DataFrame(rows, columns=[*IMAGE_COLUMNS, *deep_columns(rows)])
    names = [str(name) for name in conditions.columns]
    images = images.join(conditions, on="image")
    return Tables(joined(objects), images, names, len(records) - len(rows), remarks)


def in_order(records: Sequence[PictureRecord]) -> list[PictureRecord]:
    """Return pictures sorted as `segmetry run` sorts those of a folder."""
    return sorted(records, key=lambda record: PurePath(record.name))


def named_pictures(records: Sequence[PictureRecord]) -> list[Picture]:
    """Return pictures by the names that they have in tables, each name once."""
    keys = unique_names(stem_of(record.name) for record in records)
    return [
        Picture(key, record.path, record.name)
        for key, record in zip(keys, records, strict=True)
    ]


def objects_with_origin(labels: ReadLabels, *, always: bool = False) -> pd.DataFrame:
    """Return a copy of the table of objects, with where each comes from in its last column.

    Parameters
    ----------
    labels : OpenLabels or VolumeLabels
    always : bool
        Also where nobody has edited the labels: then all objects were "found".

    Returns
    -------
    DataFrame
        `OpenLabels.table`, and `origin`.
    """
    with labels.unchanged():
        table, origins = labels.table, labels.origins
        if not (always or labels.is_edited):
            return table.copy()
        return table.assign(origin=[origins[label] for label in table["label"].tolist()])


def image_row(found: LabelSetRecord, labels: ReadLabels) -> dict[str, Any]:
    """Return a picture's row of `images.csv`, with its objects as they are now."""
    row = dict(found.run["row"])
    if not labels.is_edited:
        return row
    share = labels.n_foreground / row["included_area_px"]
    kind = mask_kind(labels.origins, n_found=int(row["n_objects"] or 0))
    now = {"n_objects": len(labels.table), "foreground_fraction": share}
    return row | now | {"mask_origin": kind}


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return all rows; objects of pictures that nobody edited were found."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return tables[0]
    together = pd.concat(filled, ignore_index=True)
    if "origin" in together:
        together["origin"] = together["origin"].fillna("found")
    return together
