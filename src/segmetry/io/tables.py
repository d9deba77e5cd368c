"""Writing tables: CSV for everybody, Parquet for large ones."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from segmetry.io.columns import column
from segmetry.io.writing import write_bytes

if TYPE_CHECKING:
    from os import PathLike

    from pandas import DataFrame

__all__ = ["guarded", "unguarded", "write_parquet", "write_table"]

_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet takes for one, by OWASP


def write_table(
    path: str | PathLike[str], table: DataFrame, *, for_excel: bool = False
) -> None:
    r"""Write a table as CSV.

    Numbers have a decimal point and as many digits as tell them from their neighbours, so
    that reading them gives the same numbers. What is missing is empty. Lines end in "\n".
    Text that a spreadsheet would run as a formula begins with "'": see `guarded`.

    Parameters
    ----------
    path : path
    table : DataFrame
        The index is left out.
    for_excel : bool
        Begin with the mark that makes Excel read "µ" right.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from pandas import DataFrame
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "objects.csv")
    ...     write_table(path, DataFrame({"label": [1, 2], "area_um2": [0.1, None]}))
    ...     print(path.read_text(encoding="utf-8"))
    label,area_um2
    1,0.1
    2,
    <BLANKLINE>
    """
    text = _guarded_table(table).to_csv(index=False, lineterminator="\n", na_rep="")
    write_bytes(path, text.encode("utf-8-sig" if for_excel else "utf-8"))


def guarded(text: str) -> str:
    """Return text as CSV tables hold it: never as a formula that a spreadsheet runs.

    A file may be called anything, also ``=cmd|...``. Numbers are not text: they keep their
    sign. Parquet, JSON and the names of files hold the text as it is.

    Examples
    --------
    >>> guarded("=1+1.png"), guarded("a=1.png")
    ("'=1+1.png", 'a=1.png')
    """
    text = text.replace("\r", " ")  # it would end the row
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """Return text that `guarded` gave as it was.

    Examples
    --------
    >>> unguarded("'=1+1.png"), unguarded("'a'")
    ('=1+1.png', "'a'")
    """
    is_guarded = text.startswith("'") and text[1:].startswith(_FORMULA)
    return text[1:] if is_guarded else text


def write_parquet(path: str | PathLike[str], table: DataFrame) -> None:
    """Write a table as Parquet, with the unit and meaning of each column in its metadata.

    Parameters
    ----------
    path : path
    table : DataFrame
        The index is left out. Columns mean what they mean in the table of the file's name.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    columns = pa.Table.from_pandas(table, preserve_index=False)
    fields = []
    for field in columns.schema:
        known = column(field.name, table=Path(path).stem)
        fields.append(
            field.with_metadata({"unit": known.unit, "description": known.description})
        )
    described = pa.schema(fields, metadata=columns.schema.metadata)
    buffer = BytesIO()
    parquet.write_table(columns.cast(described), buffer, compression="zstd")
    write_bytes(path, buffer.getvalue())


def _guarded_table(table: DataFrame) -> DataFrame:
    safe = table.rename(columns=lambda name: guarded(str(name)))
    for place, (_, values) in enumerate(table.items()):
        if values.dtype.kind not in "OU":  # numbers, truth values and dates
            continue
        texts = {one: guarded(one) for one in values.unique() if isinstance(one, str)}
        if any(one != text for one, text in texts.items()):
            safe.isetitem(place, [texts.get(one, one) for one in values])
    return safe
