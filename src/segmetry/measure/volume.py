"""From the labels of a volume to the table of objects: `measure_volume`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Labels
from segmetry.measure.surface import surface_areas

__all__ = ["measure_volume", "voxel_size"]

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

_UM3_IN_ML = 1e12
_FINEST = 10.0  # voxels across; below, surfaces are not good to 3 %
_AXES = ("z", "y", "x")


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums over the voxels of each object, places in voxels from the first one."""

    n: Floats  # (n,)
    first: Floats  # (n, 3)
    second: Floats  # (n, 3, 3)
    low: NDArray[np.int64]  # (n, 3)
    high: NDArray[np.int64]  # (n, 3), exclusive
    grey_mean: Floats  # (n,)
    grey_deviation: Floats  # (n,)
    grey_low: Floats  # (n,)
    grey_high: Floats  # (n,)


def measure_volume(labels: Labels) -> pd.DataFrame:
    """Return the table of objects of a volume: one row for each label, in ascending order.

    Voxels may be longer than wide: every length, surface and volume goes by the distance
    of the slices as well as by the pixel size.

    Parameters
    ----------
    labels : Labels
        Of a volume with axes "ZYX" or "ZYXC". Voxels of equal number are one object, in
        however many pieces.

    Returns
    -------
    DataFrame
        Lengths in micrometres. Where the voxel size is unknown, in voxels: `_um` is `_px`
        in the names then, and volumes in µm³ and ml are absent.

        - `label`, `volume_px` (number of voxels), `volume_um3`, `volume_ml`.
        - `surface_area_um2`: after Crofton, see `segmetry.measure.surface`;
          `surface_area_px` in faces of voxels.
        - `equivalent_diameter_um`: of the ball of the same volume.
        - `sphericity`: surface of that ball by the surface of the object; 1 is a ball.
        - `centroid_z_px`, `centroid_y_px`, `centroid_x_px`: the centre of the first voxel
          is (0, 0, 0).
        - `bbox_z_min_px` to `bbox_x_max_px`: maxima exclusive.
        - `axis_major_length_um`, `axis_middle_length_um`, `axis_minor_length_um`: of the
          ellipsoid with the same second moments, each voxel counted as a small box.
        - `intensity_mean`, `intensity_std` (ddof 0), `intensity_min`, `intensity_max`: of
          the values as stored, in CT Hounsfield units.
        - `touches_edge`: touches the border of the volume or excluded voxels.
        - `too_small_for_shape`: under 10 voxels across (equivalent diameter), where
          surface and sphericity are not good to 3 %.

    Raises
    ------
    PictureError
        If the labels are those of a single picture, or the pixel size is known but not the
        distance of the slices.

    Examples
    --------
    A box of 2 x 3 x 4 voxels of 5 mm x 1 mm x 1 mm:

    >>> from segmetry.image import Image, PixelSize
    >>> size = PixelSize(y=1, x=1, z=5, unit="mm", source="typed")
    >>> data = np.zeros((4, 6, 8), np.uint32)
    >>> data[1:3, 1:4, 2:6] = 1
    >>> volume = Image(np.zeros((4, 6, 8), np.int16), axes="ZYX", pixel_size=size)
    >>> table = measure_volume(Labels(data, volume))
    >>> int(table.volume_px[0]), round(float(table.volume_ml[0]), 3)
    (24, 0.12)
    """
    image = labels.image
    if not image.axes.startswith("Z"):
        msg = f"expected a volume, got one picture of axes {image.axes}; use `measure`"
        raise PictureError(msg)
    spacing, unit = voxel_size(image)
    ids, numbers = _numbered(labels.data)
    sums = _summed(numbers, image.grey, len(ids))
    columns: Columns = {"label": ids}
    columns |= _sizes(sums, spacing, unit)
    columns |= _surfaces(columns, numbers, spacing, unit)
    columns |= _places(sums) | _axes(sums, spacing, unit) | _grey(sums)
    columns["touches_edge"] = _touching(sums, numbers, image)
    finest = _ball_diameter(sums.n)
    columns["too_small_for_shape"] = finest < _FINEST
    return pd.DataFrame(columns, copy=False)


def voxel_size(image: Image) -> tuple[tuple[float, float, float], str]:
    """Return the distance of voxels along z, y and x, and "um"; or 1, 1, 1 and "px".

    Parameters
    ----------
    image : Image
        Axes "ZYX" or "ZYXC".

    Returns
    -------
    spacing : tuple of float
    unit : {"um", "px"}

    Raises
    ------
    PictureError
        If the pixel size is known but not the distance of the slices.

    Examples
    --------
    >>> voxel_size(Image(np.zeros((2, 3, 4)), axes="ZYX"))
    ((1.0, 1.0, 1.0), 'px')
    """
    if image.pixel_size is None:
        return (1.0, 1.0, 1.0), "px"
    size = image.pixel_size.in_um
    if size.z is None:
        msg = (
            "the size of a pixel is known, but not the distance of the slices, so nothing "
            'can be measured in µm³; type all three, as --pixel-size "5 x 0.7 x 0.7 mm" '
            "(slices, rows, columns), or measure in voxels with --calibration none"
        )
        raise PictureError(msg)
    return (size.z, size.y, size.x), "um"


def _numbered(
    data: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Return the ids in use, and the objects numbered 1 to n in their order."""
    ids = np.unique(data)
    ids = ids[ids > 0]
    if len(ids) and ids[-1] == len(ids):
        return ids, data.astype(np.int32)
    numbers = np.searchsorted(ids, data).astype(np.int32) + 1
    numbers[data == 0] = 0
    return ids, numbers


def _summed(numbers: NDArray[np.int32], grey: NDArray[np.float32], n: int) -> _Sums:
    """Sum over objects slice by slice: a large volume then needs no second copy of it."""
    first, second = np.zeros((n, 3)), np.zeros((n, 3, 3))
    count, low = np.zeros(n), np.full((n, 3), np.iinfo(np.int64).max)
    high, total, squared = np.zeros((n, 3), np.int64), np.zeros(n), np.zeros(n)
    grey_low, grey_high = np.full(n, np.inf), np.full(n, -np.inf)
    # From near the values: the squares of a large offset would drown their spread.
    offset = float(grey.mean())
    for z, plane in enumerate(numbers):
        y, x = np.nonzero(plane)
        if not len(y):
            continue
        of = plane[y, x] - 1
        here = np.unique(of)
        places = (np.full(len(y), z), y, x)
        count += np.bincount(of, minlength=n)
        for a, place in enumerate(places):
            first[:, a] += np.bincount(of, place, minlength=n)
            np.minimum.at(low[:, a], of, place)
            np.maximum.at(high[:, a], of, place + 1)
            for b in range(a, 3):
                second[:, a, b] += np.bincount(of, place * places[b], minlength=n)
        values = grey[z][y, x].astype(np.float64) - offset
        total += np.bincount(of, values, minlength=n)
        squared += np.bincount(of, values**2, minlength=n)
        lows, highs = np.full(n, np.inf), np.full(n, -np.inf)
        np.minimum.at(lows, of, values)
        np.maximum.at(highs, of, values)
        grey_low[here] = np.minimum(grey_low[here], lows[here])
        grey_high[here] = np.maximum(grey_high[here], highs[here])
    mean = total / np.maximum(count, 1)
    deviation = np.sqrt(np.maximum(squared / np.maximum(count, 1) - mean**2, 0))
    grey_sums = (mean + offset, deviation, grey_low + offset, grey_high + offset)
    return _Sums(count, first, second, low, high, *grey_sums)


def _ball_diameter(volume: Floats) -> Floats:
    return np.asarray(np.cbrt(6 * volume / np.pi))


def _sizes(sums: _Sums, spacing: tuple[float, ...], unit: str) -> Columns:
    columns: Columns = {"volume_px": sums.n.astype(np.int64)}
    volume = sums.n * float(np.prod(spacing))
    if unit == "um":
        columns["volume_um3"] = volume
        columns["volume_ml"] = volume / _UM3_IN_ML
    columns[f"equivalent_diameter_{unit}"] = _ball_diameter(volume)
    return columns


def _surfaces(
    sizes: Columns,
    numbers: NDArray[np.int32],
    spacing: tuple[float, float, float],
    unit: str,
) -> Columns:
    n = len(sizes["label"])
    name = "surface_area_um2" if unit == "um" else "surface_area_px"
    if not n:
        return {name: np.zeros(0), "sphericity": np.zeros(0)}
    area = surface_areas(numbers, n_objects=n, spacing=spacing)
    ball = np.pi * sizes[f"equivalent_diameter_{unit}"] ** 2
    return {name: area, "sphericity": ball / area}


def _places(sums: _Sums) -> Columns:
    centres = sums.first / sums.n[:, np.newaxis]
    columns: Columns = {}
    for a, axis in enumerate(_AXES):
        columns[f"centroid_{axis}_px"] = centres[:, a]
    for name, sides in (("min", sums.low), ("max", sums.high)):
        for a, axis in enumerate(_AXES):
            columns[f"bbox_{axis}_{name}_px"] = sides[:, a]
    return columns


def _axes(sums: _Sums, spacing: tuple[float, ...], unit: str) -> Columns:
    """Return the axes of the ellipsoid of the same second moments: 2 sqrt(5 variance)."""
    n = sums.n[:, np.newaxis, np.newaxis]
    centres = sums.first / sums.n[:, np.newaxis]
    upper = sums.second / n
    whole = upper + np.swapaxes(np.triu(upper, 1), 1, 2)
    moments = whole - centres[:, :, np.newaxis] * centres[:, np.newaxis, :]
    moments += np.eye(3) / 12
    moments *= np.outer(spacing, spacing)
    variances = np.linalg.eigvalsh(moments)
    lengths = 2 * np.sqrt(5 * np.maximum(variances, 0))
    names = ("minor", "middle", "major")
    return {f"axis_{names[k]}_length_{unit}": lengths[:, k] for k in reversed(range(3))}


def _grey(sums: _Sums) -> Columns:
    return {
        "intensity_mean": sums.grey_mean,
        "intensity_std": sums.grey_deviation,
        "intensity_min": sums.grey_low,
        "intensity_max": sums.grey_high,
    }


def _touching(sums: _Sums, numbers: NDArray[np.int32], image: Image) -> NDArray[np.bool_]:
    touching = (sums.low == 0).any(axis=1) | (sums.high == numbers.shape).any(axis=1)
    if image.excluded is None or not image.excluded.any():
        return np.asarray(touching)
    from scipy.ndimage import binary_dilation

    beside = binary_dilation(image.excluded, structure=np.ones((3, 3, 3), bool))
    found = np.unique(numbers[beside])
    touching[found[found > 0] - 1] = True
    return np.asarray(touching)
