"""Dots that people set on cells: a table with a row for each."""

import math
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.sheet import read_rows
from segmetry.errors import DatasetError
from segmetry.io.names import picture_names

__all__ = ["read_dots"]

_X = ("x", "x_px", "centroid_x_px")
_Y = ("y", "y_px", "centroid_y_px")


def read_dots(path: Path) -> dict[str, NDArray[np.float64]]:
    r"""Read the dots of a table, by the picture's name without ending.

    Parameters
    ----------
    path : Path
        A CSV file with the columns "image", "x" and "y" in pixels, the centre of the first
        pixel being (0, 0), such as the objects.csv of a run. A row without x and y says
        that a picture was looked at and holds nothing.

    Returns
    -------
    dict of str to ndarray of float64, shape (n, 2)
        y, x of each dot.

    Raises
    ------
    DatasetError
        If it cannot be read, lacks a column, or a place is no number.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder, "dots.csv")
    ...     _ = table.write_text("image,x,y\na.tif,4,2.5\nb.tif,,\n")
    ...     {name: dots.tolist() for name, dots in read_dots(table).items()}
    {'a': [[2.5, 4.0]], 'b': []}
    """
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for image, x, y in read_rows(path, [_X, _Y]):
        dots = found[image]
        if x or y:
            dots.append((_number(y, path.name, image), _number(x, path.name, image)))
    names = picture_names(found)
    return {names[told]: np.array(dots).reshape(-1, 2) for told, dots in found.items()}


def _number(text: str, file: str, image: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"{file} has the place {text!r} for a dot of {image}; a place is a number"
        raise DatasetError(msg)
    return number
