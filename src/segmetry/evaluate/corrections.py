"""What a person changed in the objects of one picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import DatasetError
from segmetry.evaluate.matching import match_objects
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure

__all__ = ["Correction", "compare"]


@dataclass(frozen=True, eq=False)
class Correction:
    """A picture before and after a person corrected it.

    Parameters
    ----------
    name : str
        As in the table of images.
    before, after : DataFrame
        Its objects, with the columns of objects.csv.
    n_matched : int
        Automatic objects that are still there: with an IoU over 0.5.
    """

    name: str
    before: pd.DataFrame
    after: pd.DataFrame
    n_matched: int


def compare(
    automatic: NDArray[np.uint32], corrected: NDArray[np.uint32], row: Mapping[str, Any]
) -> Correction:
    """Return what a person changed in a picture.

    Parameters
    ----------
    automatic, corrected : ndarray of uint32, shape (Y, X)
        Labels before and after.
    row : mapping
        The picture's row of images.csv: name, frame and pixel size.

    Raises
    ------
    DatasetError
        If the labels have not the shape of the picture.
    """
    name = str(row["image"])
    if corrected.shape != automatic.shape:
        given, found = (
            f"{shape[1]} × {shape[0]}" if len(shape) == 2 else f"{len(shape)}-dimensional"
            for shape in (corrected.shape, automatic.shape)
        )
        msg = (
            f"The corrected labels of {name} are {given} pixels and the picture's "
            f"{found}; give labels of the whole picture as the run measured it"
        )
        raise DatasetError(msg)
    matches = match_objects(automatic, corrected)
    image = _blank(automatic.shape, row)
    before, after = (
        measure(Labels(data, image)).assign(image=name) for data in (automatic, corrected)
    )
    return Correction(name, before, after, matches.n_matched(0.5))


def _blank(shape: tuple[int, ...], row: Mapping[str, Any]) -> Image:
    """Return a picture without grey values that has the frame and scale of a row."""
    excluded = np.ones(shape, dtype=bool)
    rows = slice(int(row["frame_y_min_px"]), int(row["frame_y_max_px"]))
    excluded[rows, int(row["frame_x_min_px"]) : int(row["frame_x_max_px"])] = False
    x, y = row.get("pixel_size"), row.get("pixel_size_y")
    size = None
    if row.get("unit") == "um" and x is not None and not pd.isna(x):
        y = x if y is None or pd.isna(y) else y
        size = PixelSize(y=float(y), x=float(x), unit="um", source="the run")
    return Image(np.zeros(shape, np.uint8), pixel_size=size, excluded=excluded)
