"""The sheet of conditions of a project: which sample, time or temperature a picture has."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from segmetry.batch import Picture
from segmetry.batch.sheet import read_sheet
from segmetry.errors import RecipeError
from segmetry.io import IMAGE_COLUMNS, THIN_IMAGE_COLUMNS, write_bytes

__all__ = ["ProjectSheet"]

_OWN = "conditions.csv"
_IN_FOLDER = (_OWN, "sheet.csv")
_RESERVED = (*IMAGE_COLUMNS, *THIN_IMAGE_COLUMNS)
_MOST_BYTES = 4 * 2**20  # a row for each of 50,000 pictures


class ProjectSheet:
    """The sheet that a person gave, or else the one that lies beside the pictures.

    Parameters
    ----------
    folder : Path
        The project's own folder.
    home : Path or None
        The folder of pictures that the project is about.
    """

    def __init__(self, folder: Path, home: Path | None) -> None:
        self._own, self._home = folder / _OWN, home

    @property
    def path(self) -> Path | None:
        """Where the sheet lies; `None` where there is none."""
        places = [self._own]
        if self._home is not None:
            places += [self._home / name for name in _IN_FOLDER]
        return next((place for place in places if place.is_file()), None)

    @property
    def source(self) -> Literal["uploaded", "folder"] | None:
        """Who gave it; `None` where there is none."""
        if self.path is None:
            return None
        return "uploaded" if self.path == self._own else "folder"

    def keep(self, content: bytes, pictures: Sequence[Picture]) -> None:
        """Take another sheet; one that cannot be read is refused, and the old one stays.

        Raises
        ------
        RecipeError
            As `segmetry.batch.sheet.read_sheet` does, or if it is too large.
        WriteError
            If it cannot be kept.
        """
        if len(content) > _MOST_BYTES:
            msg = f"A sheet may have {_MOST_BYTES:,} bytes; this one has {len(content):,}."
            raise RecipeError(msg)
        unchecked = self._own.with_suffix(".unchecked")
        write_bytes(unchecked, content)
        try:
            read_sheet(unchecked, pictures, reserved=_RESERVED)
            unchecked.replace(self._own)
        finally:
            unchecked.unlink(missing_ok=True)

    def forget(self) -> None:
        """Let the sheet go that a person gave; one beside the pictures counts again."""
        self._own.unlink(missing_ok=True)

    def conditions(self, pictures: Sequence[Picture]) -> tuple[pd.DataFrame, list[str]]:
        """Return the conditions of pictures, and what a person should know of them.

        Parameters
        ----------
        pictures : sequence of Picture

        Returns
        -------
        conditions : DataFrame
            Indexed by the pictures' keys, in their order; without columns where there is
            no sheet, or where one that lies in the folder is about something else.
        remarks : list of str
        """
        none = pd.DataFrame(index=pd.Index([picture.key for picture in pictures]))
        if self.path is None:
            return none, []
        try:
            if self.path.stat().st_size > _MOST_BYTES:
                return none, [f"{self.path.name} is too large for a sheet of conditions."]
            return read_sheet(self.path, pictures, reserved=_RESERVED)
        except RecipeError as error:
            return none, [str(error)]
