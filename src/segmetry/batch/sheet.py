"""The sheet of conditions: which sample, time, temperature or pH a picture belongs to."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from segmetry.batch.inputs import Picture
from segmetry.batch.regions import FILES_COLUMN, WHOLE_COLUMN
from segmetry.errors import RecipeError
from segmetry.io.sheets import opened_sheet
from segmetry.io.tables import guarded
from segmetry.measure.region_tables import ANIMAL, GROUP

__all__ = ["NAME_COLUMNS", "read_sheet"]

# Names stay as they are written: 007 is not 7, and 1 not 1.0 where another cell is empty.
NAME_COLUMNS = ("image", ANIMAL, GROUP, FILES_COLUMN, WHOLE_COLUMN)


def read_sheet(
    path: Path, pictures: Sequence[Picture], *, reserved: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the conditions of each picture.

    Parameters
    ----------
    path : Path
        A CSV file with a column `image` (file names, with or without ending) and any
        other columns: sample, time_h, temperature_c, ph, ... Those of `NAME_COLUMNS` are
        read as text.
    pictures : sequence of Picture
    reserved : sequence of str
        Names of columns that a condition cannot have.

    Returns
    -------
    conditions : DataFrame
        Indexed by the pictures' keys, in their order; empty cells where the sheet says
        nothing.
    remarks : list of str
        What a person should know: pictures without a row, rows without a picture, and
        rows that fit several pictures, which none of these takes.

    Raises
    ------
    RecipeError
        If the sheet cannot be read, lacks `image` or conditions, or names a picture
        twice.
    """
    sheet = _table(path)
    _check(sheet, path, reserved)
    rows = {str(name): row for row, name in enumerate(sheet["image"])}
    fitting = [_row_of(picture, rows) for picture in pictures]
    doubtful = {row for row in fitting if row is not None and fitting.count(row) > 1}
    found = [None if row in doubtful else row for row in fitting]
    conditions = sheet.drop(columns="image").reindex(
        [-1 if row is None else row for row in found]
    )
    conditions.index = pd.Index([picture.key for picture in pictures])
    pairs = list(zip(pictures, fitting, strict=True))
    remarks = [f"The sheet has no row for {p.shown}." for p, row in pairs if row is None]
    remarks += [
        _doubt(name, [picture.key for picture, fits in pairs if fits == row])
        for name, row in rows.items()
        if row in doubtful
    ]
    unused = [name for name, row in rows.items() if row not in fitting]
    free = [picture.shown for picture, row in pairs if row is None]
    remarks += [
        f"The sheet's row {name} belongs to no picture{_meant(name, free)}"
        for name in unused
    ]
    return conditions, remarks


def _table(path: Path) -> pd.DataFrame:
    with opened_sheet(path, error=RecipeError) as (lines, mark):
        table = pd.read_csv(
            lines,
            sep=mark,
            engine="python",
            skipinitialspace=True,
            index_col=False,
            dtype=dict.fromkeys(NAME_COLUMNS, str),
            keep_default_na=False,
            na_values=[""],
        )
    return table.apply(_as_meant)


def _as_meant(column: pd.Series) -> pd.Series:
    """Return numbers that a spreadsheet wrote with commas as numbers, names as names."""
    if column.name == "image" or column.dtype.kind in "biufc":
        return column
    if column.name in NAME_COLUMNS:
        named = column.str.strip()
        return named.where(named != "")
    known = column.dropna().astype(str)
    if not len(known) or not known.str.fullmatch(r"-?\d+(,\d+)?").all():
        return column
    return pd.to_numeric(column.str.replace(",", "."))


def _check(sheet: pd.DataFrame, path: Path, reserved: Sequence[str]) -> None:
    columns = [str(name) for name in sheet.columns]
    if "image" not in columns or len(columns) < 2:
        msg = (
            f"The sheet {path.name} needs a column 'image' and at least one condition; "
            f"got {', '.join(columns)}."
        )
        raise RecipeError(msg)
    clash = sorted(set(columns) & (set(reserved) - {"image"}))
    if clash:
        msg = f"The sheet's column {clash[0]!r} has the name of a result; rename it."
        raise RecipeError(msg)
    numbers = sheet.select_dtypes("number")
    if np.isinf(numbers.to_numpy(dtype=float)).any():
        msg = f"The sheet {path.name} has a condition that is infinite; leave it empty."
        raise RecipeError(msg)
    names = sheet["image"].astype(str)
    if names.duplicated().any():
        msg = f"The sheet names {names[names.duplicated()].iloc[0]} twice; keep one row."
        raise RecipeError(msg)


def _row_of(picture: Picture, rows: dict[str, int]) -> int | None:
    for name in (picture.shown, picture.path.name, picture.key, picture.path.stem):
        for known in (name, guarded(name)):  # as a table of results has it
            if known in rows:
                return rows[known]
    return None


def _meant(name: str, free: Sequence[str]) -> str:
    """Return which picture without a row is called nearly so, as the end of a sentence."""
    files = {Path(shown).stem.casefold(): shown for shown in free}
    close = get_close_matches(Path(name).stem.casefold(), files, n=1)
    return f"; did you mean {files[close[0]]}?" if close else "."


def _doubt(name: str, keys: Sequence[str]) -> str:
    return (
        f"{len(keys)} pictures are called {name}; the sheet's row cannot tell them apart, "
        f"so none of them takes it. Call them {' and '.join(keys)} there, as the results "
        "do, or rename the files."
    )
