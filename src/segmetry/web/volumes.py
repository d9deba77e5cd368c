"""A volume as numbers for the eye, made once, then read slice by slice across any axis.

The values are kept in 16 bits each, so that the window of grey values can be moved in the
browser, without a request. They can be made again at any time and are no part of what a
project must keep.
"""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.errors import MissingError, PictureError
from segmetry.image import Image
from segmetry.io.geometry import affine_of, orientation_of

__all__ = ["AXES", "StoredValues", "VolumeDrawing", "draw_volume", "packed", "read_slice"]

AXES = ("z", "y", "x")
_VALUES, _FACTS = "values.npy", "volume.json"
_STEPS = 2**16 - 1  # between the least and the greatest of 16 bits
_LEAST = -(2**15)


@dataclass(frozen=True)
class VolumeDrawing:
    """What is made of what.

    Parameters
    ----------
    path : Path
        The volume's file.
    folder : Path
        Where its values go; it appears when all are there.
    channel : int or None
        `None` takes all together.
    """

    path: Path
    folder: Path
    channel: int | None = None


@dataclass(frozen=True)
class StoredValues:
    """How stored numbers of 16 bits become values: times `slope`, plus `intercept`.

    Parameters
    ----------
    shape : tuple of int
        (Z, Y, X).
    slope, intercept : float
        A slope of 1 means that values are exact; another, that each is off by half of it
        at most.
    low, high : float
        The least and the greatest value.
    orientation : str
        Towards which side of a patient x, y and z grow, as "LPS"; empty where nobody knows.
    unit : str
        "HU" in DICOM files of computed tomography; else empty: no other file tells it.
    """

    shape: tuple[int, int, int]
    slope: float
    intercept: float
    low: float
    high: float
    orientation: str = ""
    unit: str = ""

    def stored(self, values: NDArray[Any]) -> NDArray[np.int16]:
        """Return values as numbers to store.

        Examples
        --------
        >>> kept = StoredValues((1, 1, 2), 1.0, 32768.0, 0.0, 65535.0)
        >>> kept.stored(np.array([0, 65535]))
        array([-32768,  32767], dtype=int16)
        """
        if self.slope == 1 and values.dtype.kind in "iub":
            return (values.astype(np.int64) - int(self.intercept)).astype(np.int16)
        steps = (values.astype(np.float64) - self.intercept) / self.slope
        return np.rint(steps).astype(np.int16)


def draw_volume(drawing: VolumeDrawing) -> None:
    """Write the values of a volume where its slices can be read one by one.

    Parameters
    ----------
    drawing : VolumeDrawing

    Raises
    ------
    SegmetryError
        If it cannot be read, or is a single picture.
    """
    image = io.read(drawing.path, channel=drawing.channel)
    if not image.axes.startswith("Z"):
        msg = f"{image.name} is a single picture, not a volume of several slices."
        raise PictureError(msg)
    affine = affine_of(image)
    kept = replace(
        _kept(image),
        orientation="" if affine is None else orientation_of(affine),
        unit="HU" if _is_tomography(drawing.path) else "",
    )
    unfinished = drawing.folder.with_name(f"{drawing.folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    values = np.lib.format.open_memmap(
        unfinished / _VALUES, mode="w+", dtype="<i2", shape=kept.shape
    )
    for index in range(kept.shape[0]):
        values[index] = kept.stored(_grey(image, index))
    values.flush()
    (unfinished / _FACTS).write_text(json.dumps(asdict(kept)), encoding="utf-8")
    shutil.rmtree(drawing.folder, ignore_errors=True)
    unfinished.rename(drawing.folder)


def stored_values(folder: Path) -> StoredValues:
    """Return how the values of a drawn volume are stored."""
    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    return StoredValues(**facts | {"shape": tuple(facts["shape"])})


def read_slice(folder: Path, axis: int, index: int) -> NDArray[np.int16]:
    """Return one slice across an axis: 0 is Z, 1 is Y, 2 is X.

    Parameters
    ----------
    folder : Path
        Of a drawn volume.
    axis, index : int

    Returns
    -------
    ndarray of int16
        The other two axes in their order, as stored; see `StoredValues`.

    Raises
    ------
    MissingError
        If there is no such slice.
    """
    values = np.load(folder / _VALUES, mmap_mode="r", allow_pickle=False)
    if not 0 <= index < values.shape[axis]:
        msg = (
            f"The volume has {values.shape[axis]} slices across {AXES[axis]}, not {index}."
        )
        raise MissingError(msg)
    return np.ascontiguousarray(np.take(values, index, axis=axis), dtype="<i2")


def packed(values: NDArray[Any]) -> bytes:
    """Return numbers row by row, packed with zstd as quickly as can be."""
    return bytes(imagecodecs.zstd_encode(values.tobytes(), level=1))


def _grey(image: Image, index: int) -> NDArray[Any]:
    """Return one slice as grey values; a single channel stays what it is."""
    pixels = image.pixels[index]
    return pixels if pixels.ndim == 2 else Image(pixels, axes="YXC").grey


def _kept(image: Image) -> StoredValues:
    """Choose how values are stored: exactly where whole numbers fit 16 bits."""
    depth, height, width = image.spatial_shape
    slices = [_grey(image, index) for index in range(depth)]
    low = float(min(one.min() for one in slices))
    high = float(max(one.max() for one in slices))
    is_whole = image.pixels.dtype.kind in "iub" and image.pixels.ndim == 3
    if is_whole and high - low <= _STEPS:
        slope, intercept = 1.0, 0.0
        if low < _LEAST or high > _LEAST + _STEPS:
            intercept = low - _LEAST
    else:
        slope = (high - low) / _STEPS or 1.0
        intercept = low - slope * _LEAST
    return StoredValues((depth, height, width), slope, intercept, low, high)


def _is_tomography(path: Path) -> bool:
    """Return whether a DICOM file, or the first one of a folder, is of X-ray tomography."""
    from pydicom import dcmread
    from pydicom.misc import is_dicom

    if path.is_dir():
        path = next((file for file in sorted(path.iterdir()) if file.is_file()), path)
    if path.is_dir() or not is_dicom(path):
        return False
    tags = ["Modality"]
    return (
        str(dcmread(path, stop_before_pixels=True, specific_tags=tags).get("Modality"))
        == "CT"
    )
