"""A sheet that says of each picture what its file cannot: its group, class or count."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from segmetry.dataset.names import folded_name
from segmetry.errors import DatasetError
from segmetry.io.names import picture_name
from segmetry.io.sheets import opened_sheet
from segmetry.io.tables import unguarded

__all__ = ["read_column", "read_rows", "read_values"]

_NAME_COLUMNS = ("image", "file", "picture", "name", "id")


def read_column(path: Path | str, names: Iterable[str], column: str) -> dict[str, str]:
    r"""Return what a sheet says of each picture in one column.

    Parameters
    ----------
    path : path
        A CSV file (commas, semicolons or tabs) with a column `image`, `file`, `picture`,
        `name` or `id` that holds file names, with or without ending, and the column asked
        for.
    names : iterable of str
        Stems of the pictures.
    column : str
        As a rule "group" or "class"; capital letters do not matter.

    Returns
    -------
    dict
        Value by stem.

    Raises
    ------
    DatasetError
        If the sheet cannot be read, lacks a column, or has no value or two for a picture.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     sheet = Path(folder, "groups.csv")
    ...     _ = sheet.write_text("file,group\na.png,field 1\nb.png,field 1\n")
    ...     read_column(sheet, ["a", "b"], "group")
    {'a': 'field 1', 'b': 'field 1'}
    """
    path = Path(path)
    by_name: dict[str, set[str]] = {}
    by_stem: dict[str, set[str]] = {}
    for name, value in read_values(path, [column]):
        if value:
            by_name.setdefault(folded_name(name), set()).add(value)
            by_stem.setdefault(folded_name(picture_name(name)), set()).add(value)
    found = {}
    for name in names:
        key = folded_name(name)
        values = by_name.get(key) or by_stem.get(key, set())
        if len(values) != 1:
            how = f"two values of {column!r}" if values else f"no {column}"
            what = "keep one row" if values else "add a row"
            msg = f"The sheet {path.name} has {how} for the picture {name}; {what}"
            raise DatasetError(msg)
        found[name] = next(iter(values))
    return found


def read_values(path: Path, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the name of the picture, and what a column says, of each row of a sheet.

    Parameters
    ----------
    path : Path
        A CSV file as in `read_column`.
    columns : sequence of str
        The first of these that the sheet has is read.

    Returns
    -------
    list of (str, str)
        Without the spaces around; empty where a cell is.

    Raises
    ------
    DatasetError
        If the sheet cannot be read, or lacks a column.
    """
    return [(row[0], row[1]) for row in read_rows(path, [columns])]


def read_rows(path: Path, columns: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the name of the picture, and what some columns say, of each row of a sheet.

    Parameters
    ----------
    path : Path
        A CSV file as in `read_column`.
    columns : sequence of sequence of str
        For each column its possible names; the first that the sheet has is read.

    Returns
    -------
    list of tuple of str
        Without the spaces around; empty where a cell is.

    Raises
    ------
    DatasetError
        If the sheet cannot be read, or lacks a column.
    """
    with opened_sheet(path, error=DatasetError) as (lines, mark):
        rows = [row for row in csv.reader(lines, delimiter=mark) if any(row)]
    header = [cell.strip().lower() for cell in rows[0]]
    wanted = []
    for names in (_NAME_COLUMNS, *columns):
        at = next((header.index(key.lower()) for key in names if key.lower() in header), -1)
        if at < 0:
            needed = [" or ".join(map(repr, names)) for names in columns]
            msg = (
                f"The sheet {path.name} needs the columns 'image' and "
                f"{' and '.join(needed)}; it has {', '.join(header)}"
            )
            raise DatasetError(msg)
        wanted.append(at)
    rows = [[*row, *[""] * len(header)] for row in rows[1:]]
    return [tuple(unguarded(row[at].strip()) for at in wanted) for row in rows]
