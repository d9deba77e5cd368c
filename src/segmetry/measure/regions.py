"""Which objects a region holds, and how large it is.

An object belongs to the region that holds its centroid. Each object has one such point, so
regions that cover a picture without gap or overlap count each object once, and the number
per area has no bias, whatever the shape of objects and regions (an associated point rule
[1]_). A rectangular region can be a counting frame instead, see `counting_frame`.

References
----------
.. [1] R. E. Miles, "The sampling, by quadrats, of planar aggregates", Journal of
       Microscopy 113, 1978. doi:10.1111/j.1365-2818.1978.tb00104.x
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import RegionError
from segmetry.image import Image, Labels
from segmetry.measure.counting_frame import counted_in_frame
from segmetry.region import Floats, Region, x_at

__all__ = [
    "SEPARATOR",
    "Counted",
    "count_in_regions",
    "included_area",
    "region_mask",
    "whole_picture",
    "within",
]

SEPARATOR = "; "  # between the names of regions that hold one object

_BEYOND = 1.0  # px; programs differ by that much in where a picture ends
_CENTRE = 0.5  # px; of the first pixel, in the coordinates of regions


@dataclass(frozen=True, eq=False)
class Counted:
    """The objects of a picture, counted in its regions.

    Parameters
    ----------
    table : DataFrame
        One row per region, in the order given; see `count_in_regions`.
    holds : ndarray of bool, shape (objects, regions)
        Whether a region counts an object.
    names : ndarray of object, shape (objects,)
        The regions of each object, joined by "; "; empty where it lies in none.
    """

    table: pd.DataFrame
    holds: NDArray[np.bool_]
    names: NDArray[np.object_]


def count_in_regions(
    labels: Labels,
    objects: pd.DataFrame,
    regions: Sequence[Region],
    *,
    counting_frames: bool = False,
) -> Counted:
    """Count the objects of a picture in each of its regions.

    Regions may overlap; an object then counts in each that holds it.

    Parameters
    ----------
    labels : Labels
    objects : DataFrame
        As `segmetry.measure.measure` returns it for these labels.
    regions : sequence of Region
        Of this picture.
    counting_frames : bool
        Take rectangles with upright sides as counting frames with forbidden lines. Other
        regions go by centroids.

    Returns
    -------
    Counted
        Columns of its table: `region`, `classification`, `rule` ("centroid" or "counting
        frame"), `n_objects` (0 where there are none), `area_px` (without excluded area),
        and where the pixel size is known `area_mm2`; the mean over its objects,
        `mean_equivalent_diameter_um` or `mean_equivalent_diameter_px`, NaN without any.

    Raises
    ------
    RegionError
        If a region reaches beyond the picture.

    Examples
    --------
    >>> from segmetry.measure import measure
    >>> data = np.zeros((20, 40), np.uint32)
    >>> data[5:9, 5:9], data[5:9, 30:34] = 1, 2
    >>> labels = Labels(data, Image(np.zeros((20, 40), np.uint8)))
    >>> left = Region("left", (np.array([[0, 0], [20, 0], [20, 20], [0, 20.0]]),))
    >>> counted = count_in_regions(labels, measure(labels), [left])
    >>> counted.table[["region", "n_objects", "area_px"]].values.tolist()
    [['left', 1, 400.0]]
    >>> counted.names.tolist()
    ['left', '']
    """
    image = labels.image
    regions = [within(region, image.spatial_shape) for region in regions]
    frames = [counting_frames and region.is_rectangle for region in regions]
    holds = np.zeros((len(objects), len(regions)), dtype=bool)
    centroids = objects[["centroid_x_px", "centroid_y_px"]].to_numpy(np.float64) + _CENTRE
    for column, (region, is_frame) in enumerate(zip(regions, frames, strict=True)):
        if is_frame:
            counted = counted_in_frame(labels, region.bounds)
            holds[:, column] = np.isin(objects["label"], counted)
        else:
            holds[:, column] = region.holds(centroids)
    rules = ["counting frame" if is_frame else "centroid" for is_frame in frames]
    return Counted(
        _table(image, objects, regions, rules, holds), holds, _names(regions, holds)
    )


def within(region: Region, shape: tuple[int, ...]) -> Region:
    """Return a region that lies in a picture, cut where it passes the edge by a pixel.

    Parameters
    ----------
    region : Region
    shape : tuple of int
        Height and width of the picture.

    Raises
    ------
    RegionError
        If it passes the edge by more: then it was drawn in another picture.
    """
    height, width = shape
    x_min, y_min, x_max, y_max = region.bounds
    room = min(x_min, y_min, width - x_max, height - y_max)
    if room >= 0:
        return region
    if room < -_BEYOND:
        msg = (
            f"The region {region.name} reaches from ({x_min:g}, {y_min:g}) to ({x_max:g}, "
            f"{y_max:g}), but the picture has {width} x {height} pixels; draw it in this "
            "picture, at full size."
        )
        raise RegionError(msg)
    rings = tuple(ring.clip([0, 0], [width, height]) for ring in region.rings)
    return Region(region.name, rings, region.classification)


def whole_picture(name: str, shape: tuple[int, ...]) -> Region:
    """Return a region that is all of a picture.

    Parameters
    ----------
    name : str
    shape : tuple of int
        Height and width of the picture.
    """
    height, width = shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    return Region(name, (corners,))


def included_area(region: Region, image: Image) -> float:
    """Return the area of a region in squared pixels, without what the picture excludes.

    Parameters
    ----------
    region : Region
        Within the picture.
    image : Image
    """
    if image.excluded is None:
        return region.area
    excluded = image.excluded[region_mask(region, image.spatial_shape)]
    # A share of the outlines' own area: exact where nothing or all is excluded.
    return region.area * float(1 - excluded.mean()) if excluded.size else region.area


def region_mask(region: Region, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the pixels whose centres a region holds.

    Parameters
    ----------
    region : Region
    shape : tuple of int
        Height and width of the picture.

    Returns
    -------
    ndarray of bool, shape (Y, X)

    Examples
    --------
    >>> whole = whole_picture("all", (2, 2))
    >>> region_mask(whole, (2, 3))
    array([[ True,  True, False],
           [ True,  True, False]])
    """
    height, width = shape
    edges = region.edges
    first, stop = (_first_centre(edges[:, side], height) for side in (1, 3))
    counts = stop - first
    edge = np.repeat(np.arange(len(edges)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    column = _first_centre(x_at(edges[edge], row + _CENTRE), width)
    # Behind every side that a row meets, inside and outside change places.
    changes = np.zeros((height, width + 1), dtype=np.uint8)
    np.add.at(changes, (row, column), 1)
    return np.asarray(np.cumsum(changes, axis=1, dtype=np.uint8)[:, :-1] % 2 == 1)


def _first_centre(places: Floats, size: int) -> NDArray[np.intp]:
    """Return the first pixel whose centre is not before a place."""
    return np.clip(np.ceil(places - _CENTRE), 0, size).astype(np.intp)


def _table(
    image: Image,
    objects: pd.DataFrame,
    regions: Sequence[Region],
    rules: Sequence[str],
    holds: NDArray[np.bool_],
) -> pd.DataFrame:
    areas = np.array([included_area(region, image) for region in regions], np.float64)
    size = image.pixel_size
    unit = "px" if size is None else "um"
    diameters = objects[f"equivalent_diameter_{unit}"].to_numpy(np.float64)
    columns: dict[str, Any] = {
        "region": [region.name for region in regions],
        "classification": [region.classification for region in regions],
        "rule": list(rules),
        "n_objects": holds.sum(axis=0),
        "area_px": areas,
    }
    if size is not None:
        columns["area_mm2"] = areas * (size.in_um.x * size.in_um.y * 1e-6)
    sums, counts = diameters @ holds, np.maximum(columns["n_objects"], 1)
    means = np.where(columns["n_objects"], sums / counts, np.nan)
    columns[f"mean_equivalent_diameter_{unit}"] = means
    return pd.DataFrame(columns)


def _names(regions: Sequence[Region], holds: NDArray[np.bool_]) -> NDArray[np.object_]:
    told = [region.name for region in regions]
    names = [SEPARATOR.join(itertools.compress(told, held)) for held in holds]
    return np.array(names, dtype=object)
