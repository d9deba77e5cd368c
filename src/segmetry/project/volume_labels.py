"""Labels of a volume: they are looked at, measured and given out, but not corrected.

The tools of correction paint on one picture, and their journal keeps its pixels. Labels of
a volume are those that were found.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import ProjectError
from segmetry.image import Labels
from segmetry.measure import measure
from segmetry.project.answer import Answer
from segmetry.project.checkpoints import Checkpoint, read_checkpoint, read_shape
from segmetry.project.database import Database
from segmetry.project.open_labels import OpenLabels
from segmetry.project.runs import confidence_of_run, labels_of_run
from segmetry.project.saved import FIRST, Version
from segmetry.recipe import read_recipe_text

__all__ = ["ReadLabels", "VolumeLabels", "opened"]

_NO_ROWS = pd.DataFrame({"label": np.empty(0, np.uint32)})
_ONLY_SEEN = "Volumes can be looked at and measured, not corrected here yet."


class VolumeLabels:
    """One set of labels of a volume; safe to use from several threads.

    It tells what `OpenLabels` tells, as of labels that nobody has edited.

    Parameters
    ----------
    row : Row
        Of the table `label_set`.
    path : Path
        The volume's file.
    folder : Path
        Where its checkpoint lies.
    """

    rev = 0
    is_edited = False
    accepted: tuple[int, ...] = ()

    def __init__(self, row: sqlite3.Row, path: Path, folder: Path) -> None:
        self._recipe = read_recipe_text(row["recipe"])
        self._run = json.loads(row["run"])
        self._path, self._file = path, folder / FIRST
        self._turn = threading.RLock()
        checkpoint = read_checkpoint(self._file)
        self._arrays = checkpoint.arrays
        # In as few bytes as the numbers need: a volume of two lungs is a quarter as large.
        self._data = checkpoint.data.astype(np.min_scalar_type(checkpoint.data.max()))
        self._table: pd.DataFrame | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """(Z, Y, X) of the labels."""
        return self._data.shape

    @property
    def table(self) -> pd.DataFrame:
        """The table of objects, as `segmetry.measure.measure` makes it; made once."""
        with self._turn:
            if self._table is None:
                self._table = self._measured()
            return self._table

    @property
    def labels(self) -> Labels:
        """The labels on their volume, which is read for it."""
        data = self._data.astype(np.uint32)
        checkpoint = Checkpoint(data, arrays=self._arrays)
        return labels_of_run(self._path, self._recipe, self._run, checkpoint)

    @property
    def origins(self) -> Mapping[int, str]:
        """For each object that it was "found"."""
        return {int(label): "found" for label in np.unique(self._data) if label}

    @property
    def n_objects(self) -> int:
        """How many objects there are."""
        return int(self._run["row"]["n_objects"])

    @property
    def n_foreground(self) -> int:
        """How many voxels are part of an object."""
        return int(np.count_nonzero(self._data))

    def slice(self, axis: int, index: int) -> NDArray[np.uint32]:
        """Return the labels of one slice across an axis: 0 is Z, 1 is Y, 2 is X.

        Raises
        ------
        ProjectError
            If there is no such slice.
        """
        if not 0 <= index < self._data.shape[axis]:
            msg = f"The volume has {self._data.shape[axis]} slices there, none is {index}."
            raise ProjectError(msg)
        return np.take(self._data, index, axis=axis).astype(np.uint32)

    def since(self, rev: int) -> Answer:
        """Return that nothing has changed.

        Raises
        ------
        ProjectError
            If `rev` is not 0.
        """
        if rev != self.rev:
            msg = f"The labels are at revision 0; there is no {rev}."
            raise ProjectError(msg)
        return Answer(0, (), _NO_ROWS, (), (), (), self.n_objects, None, None)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Do nothing: nobody changes them."""
        yield

    def versions(self) -> list[Version]:
        """Return an empty list: only what changes has versions."""
        return []

    def data_of(self, version: str | None) -> NDArray[np.uint32]:
        """Return the labels as they were found.

        Raises
        ------
        ProjectError
            If a version is asked for, or the file is damaged.
        """
        if version is not None:
            self.refuse()
        return read_checkpoint(self._file, shape=self.shape).data

    def refuse(self) -> NoReturn:
        """Say that these labels cannot be corrected."""
        raise ProjectError(_ONLY_SEEN)

    def close(self, *, save: bool = True) -> None:
        """Do nothing: what was found is saved."""

    def _measured(self) -> pd.DataFrame:
        table = measure(self.labels, perimeters=self._recipe.measurement.perimeters)
        if "class" in self._arrays:
            table.insert(1, "class", self._arrays["class"].astype(object))
        known = confidence_of_run(Checkpoint(self._data, arrays=self._arrays))
        return table if known is None else table.assign(confidence=known[1])


ReadLabels = OpenLabels | VolumeLabels


def opened(database: Database, row: sqlite3.Row, path: Path, folder: Path) -> ReadLabels:
    """Return labels of a picture to be corrected, or those of a volume to be looked at.

    Parameters
    ----------
    database : Database
    row : Row
        Of the table `label_set`.
    path : Path
        The picture's file.
    folder : Path
        Where checkpoints lie.

    Raises
    ------
    ProjectError
        If the file of the labels is missing or damaged.
    """
    if len(read_shape(folder / row["saved"])) == 3:
        return VolumeLabels(row, path, folder)
    return OpenLabels(database, row, path, folder)
