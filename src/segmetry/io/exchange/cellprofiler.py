"""Objects as the tables of CellProfiler: `Image.csv` and `Objects.csv`.

Columns have CellProfiler's names only where they hold what its modules
MeasureObjectSizeShape and MeasureObjectIntensity would measure in the same label image, in
pixels. Others are left out: hulls, Feret diameters and angles are defined otherwise there.
Grey values are those of the file; CellProfiler divides them by the range of the file's
type, so the picture has a name of its own in these columns: `StoredGrey`.

References
----------
D. R. Stirling et al., "CellProfiler 4", BMC Bioinformatics 22:433, 2021.
doi:10.1186/s12859-021-04344-9. The definitions are those of
cellprofiler/modules/measureobjectsizeshape.py of version 4.2.
"""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.image import PixelSize
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.extents import Extents, extents_of
from segmetry.io.exchange.rows import csv_text
from segmetry.io.writing import write_text

__all__ = ["IMAGE_TABLE", "write_cellprofiler"]

IMAGE_TABLE = "Image.csv"

_IMAGES = (
    *("ImageNumber", "Count_Objects", "FileName_Picture", "Height_Picture"),
    *("Width_Picture", "Metadata_Picture", "Metadata_PixelSize_um"),
)
_SIDES = ("Minimum_X", "Minimum_Y", "Maximum_X", "Maximum_Y")
_FIRST = ("ImageNumber", "ObjectNumber")
_LAST = ("Location_Center_X", "Location_Center_Y", "Number_Object_Number")
_MEASURED = {
    "AreaShape_EulerNumber": "euler_number",
    "Intensity_MaxIntensity_StoredGrey": "intensity_max",
    "Intensity_MeanIntensity_StoredGrey": "intensity_mean",
    "Intensity_MinIntensity_StoredGrey": "intensity_min",
    "Intensity_StdIntensity_StoredGrey": "intensity_std",
}
_Columns = dict[str, NDArray[Any]]


def write_cellprofiler(
    path: str | PathLike[str], annotations: Iterable[Annotation]
) -> None:
    """Write one row for each object, and beside it `Image.csv` with one for each picture.

    Parameters
    ----------
    path : path
        Of the table of objects.
    annotations : iterable of Annotation
        Of axes Y, X. What a run measured of its objects is told where the definition is
        CellProfiler's: the perimeter, and what follows from it, only where the run measured
        that of scikit-image (`--perimeters scikit-image`), which CellProfiler uses.

    Raises
    ------
    WriteError
        If a file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_cellprofiler(Path(folder, "Objects.csv"), [cells])
    ...     print(Path(folder, "Objects.csv").read_text().splitlines()[1][:8])
    1,7,2,2,
    """
    images, tables = [], []
    for number, one in enumerate(annotations, start=1):
        found = extents_of(one.labels)
        size = None if one.pixel_size is None else one.pixel_size.in_um.x
        images.append(
            (
                *(number, found.labels.size, one.file_name, *one.labels.shape),
                *(one.name, size),
            )
        )
        numbers = np.full(found.labels.size, number)
        tables.append({"ImageNumber": numbers} | _columns(found, one))
    present = dict.fromkeys(name for table in tables for name in table)
    between = sorted(set(present) - {*_FIRST, *_LAST})  # in the order of CellProfiler
    names = [*_FIRST, *between, *_LAST]
    rows = (row for table in tables for row in _rows(table, names))
    write_text(path, csv_text(names, rows))
    write_text(Path(path).with_name(IMAGE_TABLE), csv_text(_IMAGES, images))


def _rows(table: _Columns, names: list[str]) -> Iterable[tuple[Any, ...]]:
    n_rows = table["ObjectNumber"].size
    columns = [table[name].tolist() if name in table else [None] * n_rows for name in names]
    return zip(*columns, strict=True)


def _columns(found: Extents, annotation: Annotation) -> _Columns:
    areas, boxes = found.areas, found.boxes
    box_areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    columns: _Columns = {
        "ObjectNumber": found.labels,
        "AreaShape_Area": areas,
        "AreaShape_BoundingBoxArea": box_areas,
        "AreaShape_EquivalentDiameter": np.sqrt(4 * areas / np.pi),
        "AreaShape_Extent": areas / box_areas,
        "Number_Object_Number": found.labels,
    }
    for at, side in enumerate(_SIDES):
        columns[f"AreaShape_BoundingBox{side}"] = boxes[:, at]
    for at, axis in enumerate("XY"):
        columns[f"AreaShape_Center_{axis}"] = found.centroids[:, at]
        columns[f"Location_Center_{axis}"] = found.centroids[:, at]
    return columns | _ellipse(found.variances) | _measured(found, annotation)


def _ellipse(variances: NDArray[np.float64]) -> _Columns:
    """Return the ellipse of the same second moments, each pixel counted as a point."""
    of_x, of_y, of_both = variances.T
    middle, half = (of_x + of_y) / 2, np.hypot((of_x - of_y) / 2, of_both)
    long, short = middle + half, np.maximum(middle - half, 0)
    flat = np.divide(short, long, out=np.ones_like(long), where=long > 0)
    return {
        "AreaShape_Eccentricity": np.sqrt(1 - flat),
        "AreaShape_MajorAxisLength": 4 * np.sqrt(long),
        "AreaShape_MinorAxisLength": 4 * np.sqrt(short),
    }


def _measured(found: Extents, annotation: Annotation) -> _Columns:
    rows = [annotation.measurements.get(number, {}) for number in found.labels.tolist()]
    columns = {
        name: _values(rows, ours)
        for name, ours in _MEASURED.items()
        if any(ours in row for row in rows)
    }
    mean = "Intensity_MeanIntensity_StoredGrey"
    if mean in columns:
        whole = columns[mean] * found.areas
        columns["Intensity_IntegratedIntensity_StoredGrey"] = whole
    perimeter = _perimeter_in_pixels(rows, annotation.pixel_size)
    if perimeter is None:
        return columns
    circle = 4 * np.pi * found.areas
    # Of one pixel the perimeter is 0, and CellProfiler divides by it.
    with np.errstate(divide="ignore"):
        roundness = np.where(perimeter > 0, circle / perimeter**2, np.inf)
    return columns | {
        "AreaShape_Perimeter": perimeter,
        "AreaShape_FormFactor": roundness,
        "AreaShape_Compactness": perimeter**2 / circle,
    }


def _perimeter_in_pixels(
    rows: list[Mapping[str, float]], size: PixelSize | None
) -> NDArray[np.float64] | None:
    if any("perimeter_skimage_px" in row for row in rows):
        return _values(rows, "perimeter_skimage_px")
    if size is None or not any("perimeter_skimage_um" in row for row in rows):
        return None
    return _values(rows, "perimeter_skimage_um") / size.in_um.x


def _values(rows: list[Mapping[str, float]], name: str) -> NDArray[np.float64]:
    return np.array([row.get(name, np.nan) for row in rows], dtype=np.float64)
