"""From labels to the table of objects: `measure`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Labels
from segmetry.measure.edge_contact import touches_edge
from segmetry.measure.hull import hulls
from segmetry.measure.intensity import grey_values, intensities, local_background
from segmetry.measure.moments import Moments, ellipse_axes, moments
from segmetry.measure.neighbours import Neighbours, crofton_perimeter, neighbours
from segmetry.measure.other_perimeters import imagej_perimeter, skimage_perimeter
from segmetry.measure.perimeter import chain_code_perimeter
from segmetry.measure.runs import OBJECT, find_runs

__all__ = [
    "PERIMETERS",
    "Columns",
    "Objects",
    "columns_of",
    "find_objects",
    "measure",
    "refuse",
]

PERIMETERS = ("crofton", "imagej", "scikit-image")

_FINEST = 10.0  # px across; below, no definition of the perimeter is good to 2 %

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Objects:
    """What all columns are computed from: objects in a picture, or in a window of one.

    Places are those in the window, but in `placed` and `places`, which have `runs` and
    `sums` in the whole picture.
    """

    data: NDArray[np.uint32]
    runs: NDArray[np.int32]
    placed: NDArray[np.int32]
    ids: NDArray[np.uint32]
    sums: Moments
    places: Moments
    joined: Neighbours
    dx: float
    dy: float
    unit: str


def measure(labels: Labels, *, perimeters: Sequence[str] = ()) -> pd.DataFrame:
    """Return the table of objects: one row for each label, in ascending order.

    Parameters
    ----------
    labels : Labels
        Of a picture with axes "YX" or "YXC". Numbers are kept as they are in the column
        `label`; pixels of equal number are one object, in however many pieces. Those of a
        volume are measured by `measure_volume`, with columns of its own.
    perimeters : sequence of {"crofton", "imagej", "scikit-image"}
        Perimeters by other definitions, for comparison with other programs, as the
        columns `perimeter_crofton_um`, `perimeter_imagej_um` and `perimeter_skimage_um`.

    Returns
    -------
    DataFrame
        Lengths in micrometres, areas in squared micrometres. Where the pixel size is
        unknown, in pixels: `_um` is `_px` in the names then, and `area_um2` is absent.

        - `label`, `area_px` (number of pixels), `area_um2`.
        - `equivalent_diameter_um`: of the circle of the same area.
        - `centroid_x_px`, `centroid_y_px`: the centre of the first pixel is (0, 0).
        - `bbox_x_min_px`, `bbox_y_min_px`, `bbox_x_max_px`, `bbox_y_max_px`: maxima
          exclusive.
        - `axis_major_length_um`, `axis_minor_length_um`, `orientation_deg`,
          `eccentricity`: of the ellipse with the same second moments, each pixel counted as
          a small rectangle. The angle is that of the major axis from the x axis,
          counter-clockwise as seen on the screen, from 0 to below 180; empty for objects
          without a long direction.
        - `feret_diameter_max_um`, `feret_diameter_min_um`: largest and smallest width of
          the hull of the midpoints of the pixels' sides, over all pieces.
        - `perimeter_um`: of the outer boundary, summed over pieces, without holes, see
          `segmetry.measure.perimeter`.
        - `circularity`: 4 pi area / perimeter², not clipped: it may pass 1 for small
          objects, where it says little.
        - `aspect_ratio`: smallest over largest Feret diameter (ISO 9276-6).
        - `solidity`: pixels over pixels in the hull of their centres, exactly 1 for a
          convex shape; `extent`: pixels over pixels in the bounding box.
        - `euler_number`: pieces less holes, pixels joined by sides and corners.
        - `intensity_mean`, `intensity_std` (ddof 0), `intensity_min`, `intensity_max`: of
          the grey values as stored; colours are weighted to grey.
        - `intensity_mean_above_background`: the mean less the median of the unlabelled
          pixels around the object, see `local_background`.
        - `touches_edge`: touches the picture's border or excluded pixels.
        - `too_small_for_shape`: under 10 px across (equivalent diameter), where
          perimeter and what follows from it are not good to 2 %.

    Raises
    ------
    PictureError
        If a perimeter is asked for in a volume, or one that is only defined for square
        pixels where pixels are not square.
    ValueError
        If a perimeter is not one of those named.

    Examples
    --------
    The published example: 500 px, where 110 px are 2 µm.

    >>> from segmetry.image import Image, PixelSize
    >>> size = PixelSize(y=2 / 110, x=2 / 110, unit="um", source="typed")
    >>> particle = np.ones((20, 25), dtype=np.uint32)
    >>> picture = Image(np.zeros((20, 25), np.uint8), pixel_size=size)
    >>> table = measure(Labels(particle, picture))
    >>> table.area_px[0], round(table.area_um2[0], 3)
    (np.int64(500), np.float64(0.165))
    """
    if labels.image.axes.startswith("Z") and not perimeters:
        from segmetry.measure.volume import measure_volume

        return measure_volume(labels)
    refuse(labels, perimeters)
    columns = columns_of(find_objects(labels), labels.image, perimeters=perimeters)
    return pd.DataFrame(columns, copy=False)


def columns_of(
    objects: Objects,
    image: Image,
    *,
    perimeters: Sequence[str],
    shape: tuple[int, ...] | None = None,
    background: Callable[[], float] | None = None,
) -> Columns:
    """Return the columns of the table of objects, found in a picture or a window of one.

    Parameters
    ----------
    objects : Objects
    image : Image
        Of the same window.
    perimeters : sequence of str
        See `measure`.
    shape : tuple of int or None
        Rows and columns of the whole picture. `None` where the window is all of it.
    background : callable or None
        See `local_background`.
    """
    columns = _places_and_sizes(objects) | _shapes(objects)
    columns |= _grey(objects, image, background)
    columns["touches_edge"] = touches_edge(
        objects.runs, objects.places.box, image.excluded, shape=shape or objects.data.shape
    )
    columns["too_small_for_shape"] = objects.sums.area < np.pi / 4 * _FINEST**2
    for name in perimeters:
        column, perimeter = _OTHER_PERIMETERS[name]
        columns[f"{column}_{objects.unit}"] = perimeter(objects)
    return columns


def find_objects(
    labels: Labels,
    *,
    chosen: NDArray[np.uint32] | None = None,
    corner: tuple[int, int] = (0, 0),
) -> Objects:
    """Return what the columns of the table are computed from.

    Parameters
    ----------
    labels : Labels
        Of a picture, or of a window of one.
    chosen : ndarray of uint32, shape (n,), or None
        Objects that are wanted. `None` means all.
    corner : tuple of int
        Row and column of the window's first pixel in the picture.
    """
    size = labels.image.pixel_size
    dx, dy, unit = (1.0, 1.0, "px") if size is None else (size.in_um.x, size.in_um.y, "um")
    # One kind of array, contiguous and read-only, needs one compilation.
    data = np.ascontiguousarray(labels.data).view()
    data.flags.writeable = False
    runs, ids = find_runs(data)
    if chosen is not None:
        runs, ids = _only(runs, ids, chosen)
    placed, sums = runs, moments(runs, n_objects=len(ids))
    places = sums
    if corner != (0, 0):
        placed = runs + np.array([corner[0], corner[1], corner[1], 0], dtype=np.int32)
        places = moments(placed, n_objects=len(ids))
    joined = neighbours(runs, n_objects=len(ids))
    return Objects(data, runs, placed, ids, sums, places, joined, dx, dy, unit)


def _only(
    runs: NDArray[np.int32], ids: NDArray[np.uint32], chosen: NDArray[np.uint32]
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    is_chosen = np.isin(ids, chosen)
    kept = np.ascontiguousarray(runs[is_chosen[runs[:, OBJECT]]])
    kept[:, OBJECT] = (np.cumsum(is_chosen) - 1)[kept[:, OBJECT]]
    return kept, ids[is_chosen]


def _places_and_sizes(objects: Objects) -> Columns:
    sums, unit = objects.sums, objects.unit
    area = sums.area * (objects.dx * objects.dy)
    columns: Columns = {"label": objects.ids, "area_px": sums.area}
    if unit == "um":
        columns["area_um2"] = area
    columns[f"equivalent_diameter_{unit}"] = 2 * np.sqrt(area / np.pi)
    for i, axis in enumerate("xy"):
        columns[f"centroid_{axis}_px"] = objects.places.centroid[:, i]
    for i, end in enumerate(("x_min", "y_min", "x_max", "y_max")):
        columns[f"bbox_{end}_px"] = objects.places.box[:, i].astype(np.int64)
    return columns


def _shapes(objects: Objects) -> Columns:
    sums, unit, dx, dy = objects.sums, objects.unit, objects.dx, objects.dy
    major, minor, orientation = ellipse_axes(sums.variances, dx=dx, dy=dy)
    hull = hulls(objects.placed, objects.places.box, dx=dx, dy=dy)
    perimeter = chain_code_perimeter(
        objects.runs, objects.joined, n_objects=len(objects.ids), dx=dx, dy=dy
    )
    box = sums.box.astype(np.int64)
    return {
        f"axis_major_length_{unit}": major,
        f"axis_minor_length_{unit}": minor,
        "orientation_deg": orientation,
        "eccentricity": np.sqrt(np.maximum(1 - (minor / major) ** 2, 0)),
        f"feret_diameter_max_{unit}": hull.feret_max,
        f"feret_diameter_min_{unit}": hull.feret_min,
        f"perimeter_{unit}": perimeter,
        "circularity": 4 * np.pi * sums.area * (dx * dy) / perimeter**2,
        "aspect_ratio": hull.feret_min / hull.feret_max,
        "solidity": sums.area / hull.n_pixels,
        "extent": sums.area / ((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])),
        "euler_number": objects.joined.euler_number,
    }


def _grey(
    objects: Objects, image: Image, background_of_all: Callable[[], float] | None
) -> Columns:
    values = grey_values(image)
    sums = objects.sums
    found = intensities(values, objects.runs, sums.first_pixel, sums.area)
    background = local_background(
        *(values, objects.data, sums.box, image.excluded), of_all=background_of_all
    )
    return {
        "intensity_mean": found.mean,
        "intensity_std": found.std,
        "intensity_min": found.minimum,
        "intensity_max": found.maximum,
        "intensity_mean_above_background": found.mean - background,
    }


def _crofton(objects: Objects) -> NDArray[np.float64]:
    return crofton_perimeter(
        objects.sums.area, objects.joined, dx=objects.dx, dy=objects.dy
    )


def _imagej(objects: Objects) -> NDArray[np.float64]:
    return imagej_perimeter(
        objects.data,
        objects.joined.piece_starts,
        n_objects=len(objects.ids),
        dx=objects.dx,
        dy=objects.dy,
    )


def _skimage(objects: Objects) -> NDArray[np.float64]:
    in_px = skimage_perimeter(objects.data, objects.runs, n_objects=len(objects.ids))
    return in_px * objects.dx


_OTHER_PERIMETERS = {
    "crofton": ("perimeter_crofton", _crofton),
    "imagej": ("perimeter_imagej", _imagej),
    "scikit-image": ("perimeter_skimage", _skimage),
}


def refuse(labels: Labels, perimeters: Sequence[str]) -> None:
    """Refuse labels that cannot be measured, and perimeters that there are not."""
    image = labels.image
    if labels.data.ndim != 2:
        msg = (
            f"measuring needs a single picture, got a stack of axes {image.axes}; "
            "take one slice of it first"
        )
        raise PictureError(msg)
    unknown = sorted(set(perimeters) - set(PERIMETERS))
    if isinstance(perimeters, str) or unknown:
        msg = f"perimeters must be some of {PERIMETERS}, got {perimeters!r}"
        raise ValueError(msg)
    size = image.pixel_size
    if "scikit-image" in perimeters and size is not None and size.x != size.y:
        msg = (
            "scikit-image's perimeter is defined for square pixels only, got pixels of "
            f"{size.x} x {size.y} {size.unit}; leave it out or ask for crofton"
        )
        raise PictureError(msg)
