"""Sheets that people write: CSV files with column names, whatever separates the columns."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from segmetry.errors import SegmetryError

__all__ = ["opened_sheet"]

_MARKS = ",;\t|"


@contextmanager
def opened_sheet(path: Path, *, error: type[SegmetryError]) -> Iterator[tuple[TextIO, str]]:
    r"""Open a CSV sheet in UTF-8, and find the mark between its columns.

    Parameters
    ----------
    path : Path
    error : type of SegmetryError
        Raised if the sheet cannot be read, is empty, or cannot be parsed in the body.

    Yields
    ------
    lines : text stream
    mark : {",", ";", "\t", "|"}

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.errors import DatasetError
    >>> with TemporaryDirectory() as folder:
    ...     sheet = Path(folder, "groups.csv")
    ...     _ = sheet.write_text("file;group\na.png;field 1\n")
    ...     with opened_sheet(sheet, error=DatasetError) as (lines, mark):
    ...         list(csv.reader(lines, delimiter=mark))
    [['file', 'group'], ['a.png', 'field 1']]
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if not text.strip(f'{_MARKS}" \r\n'):
            msg = f"The sheet {path.name} is empty"
            raise error(msg)
        first = text.partition("\n")[0]
        # A cell in quotes may hold line ends, which the parser must see as they are.
        yield io.StringIO(text, newline=""), max(_MARKS, key=first.count)
    except OSError as reason:
        msg = f"Cannot read the sheet {path.name}: {reason.strerror or reason}"
        raise error(msg) from reason
    except (ValueError, csv.Error) as reason:
        msg = f"The sheet {path.name} is no CSV file in UTF-8 with column names: {reason}"
        raise error(msg) from reason
