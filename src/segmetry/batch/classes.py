"""What a run leaves of classes: a class map beside a picture's labels, and one table."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segmetry import io
from segmetry.image import ClassMap
from segmetry.recipe import Result
from segmetry.recipe.classes import class_map_of
from segmetry.report import class_colors, draw_classes

if TYPE_CHECKING:
    from segmetry.batch.pictures import PictureResult

__all__ = ["classes_table", "classes_told", "write_maps"]


def write_maps(
    folder: Path, result: Result, *, save_maps: bool
) -> list[dict[str, Any]] | None:
    """Write the class map of a picture, and if wished how likely each pixel is of what.

    Parameters
    ----------
    folder : Path
    result : Result
    save_maps : bool
        Also write probabilities.

    Returns
    -------
    list of dict or None
        Rows of classes.csv as JSON values, without the picture; `None` where the method
        knows no more than foreground.

    Raises
    ------
    WriteError
        If a file cannot be written.
    """
    if save_maps:
        _write_probabilities(folder, result)
    classes = class_map_of(result.maps, result.image)
    if classes is None:
        return None
    colors = class_colors(len(classes.names))
    io.write_class_map(folder / "classes.tif", classes, colors=colors)
    if classes.data.ndim == 2:
        io.write_png(folder / "classes.png", draw_classes(classes))
    return _rows(classes)


def classes_told(kept: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return the rows of a picture as `write_maps` gave them, as a table."""
    rows = kept.get("classes")
    return None if rows is None else pd.DataFrame(rows)


def classes_table(results: Iterable["PictureResult"]) -> pd.DataFrame | None:
    """Return the rows of classes.csv; `None` where no picture has classes."""
    tables: Sequence[pd.DataFrame] = [
        one.classes.assign(image=one.row["image"])
        for one in results
        if one.classes is not None
    ]
    if not tables:
        return None
    joined = pd.concat(tables, ignore_index=True)
    return joined[[name for name in io.CLASS_COLUMNS if name in joined]]


def _rows(classes: ClassMap) -> list[dict[str, Any]]:
    from segmetry.measure.classes import measure_classes

    table = measure_classes(classes)
    told = table.astype(object).where(table.notna(), None)
    return [
        {str(name): value for name, value in row.items()} for row in told.to_dict("records")
    ]


def _write_probabilities(folder: Path, result: Result) -> None:
    maps, pixel_size = result.maps, result.image.pixel_size
    io.write_probability(folder / "foreground.tif", maps.foreground, pixel_size=pixel_size)
    if maps.classes is not None:
        pages = np.moveaxis(maps.classes, -1, 0)
        path = folder / "class_probabilities.tif"
        io.write_probability(path, pages, pixel_size=pixel_size)
