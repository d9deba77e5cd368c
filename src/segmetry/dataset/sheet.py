"""A sheet that says of each picture what its file cannot: its group, its class."""

import csv
from collections.abc import Iterable
from pathlib import Path

from segmetry.dataset.pairs import plain_stem
from segmetry.errors import DatasetError

__all__ = ["read_column"]

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
        As a rule "group" or "class".

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
    rows = _rows(path)
    header = [cell.strip().lower() for cell in rows[0]]
    name_at = next((header.index(key) for key in _NAME_COLUMNS if key in header), None)
    if name_at is None or column not in header:
        msg = (
            f"The sheet {path.name} needs the columns 'image' and {column!r}; it has "
            f"{', '.join(header)}"
        )
        raise DatasetError(msg)
    found: dict[str, str] = {}
    for row in rows[1:]:
        cells = [*row, *[""] * len(header)]
        key, value = cells[name_at].strip(), cells[header.index(column)].strip()
        if value and found.setdefault(key, value) != value:
            msg = f"The sheet {path.name} has {key} twice, with two values of {column!r}"
            raise DatasetError(msg)
    return _of_names(path.name, found, names, column)


def _rows(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if row]
    except OSError as error:
        msg = f"Cannot read the sheet {path.name}: {error.strerror or error}"
        raise DatasetError(msg) from error
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"The sheet {path.name} is no CSV file in UTF-8: {error}"
        raise DatasetError(msg) from error
    if not rows:
        msg = f"The sheet {path.name} is empty"
        raise DatasetError(msg)
    return rows


def _of_names(
    sheet: str, found: dict[str, str], names: Iterable[str], column: str
) -> dict[str, str]:
    """Look up each name as it is, else the row whose file name has that stem."""
    by_stem = {plain_stem(Path(key)): value for key, value in found.items()}
    values = {}
    for name in names:
        value = found.get(name) or by_stem.get(name)
        if value is None:
            msg = f"The sheet {sheet} has no {column} for the picture {name}; add a row"
            raise DatasetError(msg)
        values[name] = value
    return values
