"""The files of thin structures: those beside a picture's labels, and those of a run."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmetry import io
from segmetry.image import Image
from segmetry.io import THIN_IMAGE_COLUMNS
from segmetry.measure.thin_tables import ThinTables, quantities, tables_of
from segmetry.report.canvas import to_png
from segmetry.report.thin_figure import thin_figure

if TYPE_CHECKING:
    from segmetry.measure.thin import ThinStructures

__all__ = [
    "RUN_TABLES",
    "image_columns",
    "read_thin",
    "run_tables",
    "thin_columns",
    "write_thin",
]

RUN_TABLES = ("segments", "nodes")
_TABLES = (*RUN_TABLES, "widths")


def thin_columns(found: "ThinStructures") -> dict[str, float | None]:
    """Return the columns of images.csv that tell the numbers of a picture's lines.

    Included area and area fraction are left out: the table has them anyhow.
    """
    told = quantities(found.picture)
    return {
        name: number["value"] for name, number in told.items() if name in THIN_IMAGE_COLUMNS
    }


def image_columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return those columns about lines that any of the pictures has, in their order."""
    present = {name for row in rows for name in row}
    return [name for name in THIN_IMAGE_COLUMNS if name in present]


def write_thin(folder: Path, image: Image, found: "ThinStructures") -> dict[str, Any]:
    """Write what is kept of a picture's lines beside its labels.

    Parameters
    ----------
    folder : Path
    image : Image
        The picture that was measured.
    found : ThinStructures

    Returns
    -------
    dict
        JSON values that `read_thin` needs to read it back.

    Raises
    ------
    WriteError
        If a file cannot be written.
    """
    tables = tables_of(found)
    for name in _TABLES:
        io.write_parquet(folder / f"{name}.parquet", getattr(tables, name))
    io.write_bytes(folder / "widths.png", to_png(thin_figure(image, found)))
    return {"picture": quantities(found.picture)}


def read_thin(folder: Path, kept: Mapping[str, Any]) -> ThinTables:
    """Return the tables that `write_thin` has written.

    Raises
    ------
    OSError, ValueError, KeyError
        If they are not there, or not as they were written.
    """
    rows = [{"quantity": name, **number} for name, number in kept["picture"].items()]
    picture = pd.DataFrame(rows).astype(dict.fromkeys(("value", "low", "high"), float))
    segments, nodes, widths = (
        pd.read_parquet(folder / f"{name}.parquet") for name in _TABLES
    )
    return ThinTables(segments, nodes, picture, widths)


def run_tables(pictures: Mapping[str, ThinTables]) -> dict[str, pd.DataFrame]:
    """Return the tables of all pictures, by name, each row with the picture it is from.

    Parameters
    ----------
    pictures : mapping of str to ThinTables
        By the name of the picture.
    """
    return {name: _joined(pictures, name) for name in RUN_TABLES}


def _joined(pictures: Mapping[str, ThinTables], name: str) -> pd.DataFrame:
    tables = []
    for picture, one in pictures.items():
        table = getattr(one, name).copy()
        table.insert(0, "image", picture)
        tables.append(table)
    filled = [table for table in tables if len(table)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return tables[0] if tables else pd.DataFrame(columns=["image"])
