"""Rows of CSV tables: written so that no spreadsheet runs them, read by their columns."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segmetry.errors import ReadError
from segmetry.io.sheets import opened_sheet
from segmetry.io.tables import guarded, unguarded

__all__ = ["csv_text", "read_rows"]

_LONGEST_CELL = 2**31 - 1  # what a C long holds on every system


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    r"""Return a CSV table as text; what a spreadsheet would run begins with "'".

    Parameters
    ----------
    columns : sequence of str
    rows : iterable of sequence
        `None` is an empty cell.

    Examples
    --------
    >>> csv_text(("image", "count"), [("=a", 2), ("b", None)])
    "image,count\n'=a,2\nb,\n"
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return table.getvalue()


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV table by the names of its columns, in small letters.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ReadError
        If it cannot be read, or is empty.
    """
    with opened_sheet(path, error=ReadError) as (lines, mark), _long_cells():
        table = csv.DictReader(lines, delimiter=mark, restval="", restkey="")
        table.fieldnames = [name.strip().lower() for name in table.fieldnames or ()]
        for row in table:
            yield {name: unguarded(value.strip()) for name, value in row.items() if name}


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let cells be longer than Python's 131,072 letters, as runs of a large object are."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
