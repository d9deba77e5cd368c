"""A DICOM series: many files of one slice each, which together are a volume.

Only what is needed to stack the slices is read from their headers. Nothing that names a
patient is kept: the volume gets the name of its folder.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.image import PixelSize
from segmetry.io.formats import supported_formats
from segmetry.io.geometry import SliceGeometry, slice_geometry, tilt_note
from segmetry.io.limits import check_size
from segmetry.io.source import opened
from segmetry.io.stored import Stored, taken

__all__ = ["is_series", "ordered_slices", "read_series", "series_in", "slices_in"]

_MARK = (128, b"DICM")
_TAGS = [
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "SeriesNumber",
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "BitsAllocated",
    "NumberOfFrames",
    "PixelSpacing",
    "ImagePositionPatient",
    "ImageOrientationPatient",
]
_NO_SLICES = {  # endings of files that lie beside slices and are never some
    ".bmp",
    ".csv",
    ".gif",
    ".gz",
    ".jpeg",
    ".jpg",
    ".json",
    ".nii",
    ".npy",
    ".pdf",
    ".png",
    ".tif",
    ".tiff",
    ".txt",
    ".xml",
    ".zip",
}


@dataclass(frozen=True)
class _Slice:
    """What the header of one slice says."""

    path: Path
    uid: str
    series: str
    number: str
    shape: tuple[int, int]
    n_bytes: int
    spacing: tuple[float, float] | None
    position: tuple[float, ...]
    orientation: tuple[float, ...]

    @property
    def is_placed(self) -> bool:
        return len(self.position) == 3 and len(self.orientation) == 6


def is_series(folder: Path) -> bool:
    """Return whether the pictures of a folder are the slices of one DICOM series.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    bool
        False for a folder without DICOM files or with pictures of other formats too, and
        for DICOM files that tell no place in a patient or stand alone in their series:
        these are single pictures.

    Raises
    ------
    ReadError
        If the folder holds several series, or a series and other pictures.
    """
    others = tuple(
        ending
        for kind in supported_formats()
        for ending in kind.endings
        if ending != ".dcm"
    )
    if any(path.name.lower().endswith(others) for path in folder.iterdir()):
        return False
    slices = series_in(folder)
    stacks: dict[str, list[_Slice]] = {}
    for one in slices:
        if one.is_placed:
            stacks.setdefault(one.series, []).append(one)
    stacks = {uid: members for uid, members in stacks.items() if len(members) > 1}
    if not stacks:
        return False
    if len(stacks) > 1:
        told = ", ".join(f"{len(members)} slices" for members in stacks.values())
        msg = (
            f"{folder.name} holds {len(stacks)} DICOM series ({told}); put the slices of "
            "each into a folder of its own"
        )
        raise ReadError(msg)
    n_other = len(slices) - len(next(iter(stacks.values())))
    if n_other:
        msg = (
            f"{folder.name} holds a DICOM series and {n_other} DICOM files that do not "
            "belong to it; put these into another folder"
        )
        raise ReadError(msg)
    return True


def series_in(folder: Path) -> list[_Slice]:
    """Return the headers of all DICOM pictures that lie directly in a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list
        In the order of the files' names.
    """
    return [one for path in slices_in(folder) for one in _header(path)]


def slices_in(folder: Path) -> list[Path]:
    """Return the DICOM files that lie directly in a folder, sorted by name.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
    """
    return sorted(path for path in folder.iterdir() if _is_slice(path))


def _is_slice(path: Path) -> bool:
    if path.name.startswith(".") or path.suffix.lower() in _NO_SLICES:
        return False
    try:
        with path.open("rb") as file:
            file.seek(_MARK[0])
            return file.read(len(_MARK[1])) == _MARK[1]
    except OSError:  # a folder, or a file that may not be read
        return False


def _header(path: Path) -> Iterator[_Slice]:
    """Yield the header of a slice; nothing for a file that holds no single picture."""
    from pydicom import dcmread

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS))
            if "Rows" not in data:
                return
            # Many frames in one file are no slice of a series.
            alone = int(data.get("NumberOfFrames") or 1) > 1
            spacing = tuple(float(side) for side in data.get("PixelSpacing") or ())
            known = len(spacing) == 2 and min(spacing) > 0
            yield _Slice(
                path,
                uid=str(data.get("SOPInstanceUID", "")),
                series=str(data.get("SeriesInstanceUID", "")),
                number=str(data.get("SeriesNumber", "")),
                shape=(int(data.Rows), int(data.Columns)),
                n_bytes=max(1, int(data.get("BitsAllocated") or 16) // 8),
                spacing=(spacing[0], spacing[1]) if known else None,
                position=tuple(
                    map(float, () if alone else data.get("ImagePositionPatient") or ())
                ),
                orientation=tuple(map(float, data.get("ImageOrientationPatient") or ())),
            )
    except Exception as error:
        msg = (
            f"{path.name} is no DICOM file that can be read: it is damaged or cut off; "
            "copy it again"
        )
        raise ReadError(msg) from error


def read_series(folder: Path, page: int | None = None) -> Stored:
    """Read the slices of a DICOM series as one volume, ordered along their normal.

    Slices are ordered by where they lie in the patient, not by name or number, and the
    distance between them is that of their positions. Values are physical ones, Hounsfield
    units in CT: slope and intercept of each slice are applied.

    Parameters
    ----------
    folder : Path
        Holds the files of one series, whatever their names.
    page : int or None
        Number of one slice along the normal, from 0.

    Returns
    -------
    Stored

    Raises
    ------
    ReadError
        If the folder holds no series, or several; if slices are missing, lie in one place,
        are of different sizes, or not equally far apart; if one is damaged.
    """
    slices, geometry, notes = _in_place(folder)
    spacing = slices[0].spacing
    size = None
    if spacing is not None:
        y, x = spacing
        size = PixelSize(y=y, x=x, unit="mm", source="dicom", z=geometry.distance)
    stored = Stored(
        _stacked(slices, page),
        "ZYX",
        "DICOM series",
        size,
        affine=geometry.affine if spacing is not None else None,
        notes=(*notes, *tilt_note(geometry)),
    )
    return taken(folder.name, stored, None if page is None else 0)


def ordered_slices(folder: Path) -> list[Path]:
    """Return the files of a DICOM series in the order in which `read_series` stacks them.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path

    Raises
    ------
    ReadError
        As `read_series` does, but for damaged pixels.
    """
    return [one.path for one in _in_place(folder)[0]]


def _in_place(folder: Path) -> tuple[list[_Slice], SliceGeometry, tuple[str, ...]]:
    """Return the slices of a series in order, how they lie, and what to know of them."""
    if not is_series(folder):
        msg = f"{folder.name} is a folder; name the pictures in it"
        raise ReadError(msg)
    slices, notes = _each_once(series_in(folder))
    if len(slices) < 2:
        msg = (
            f"{folder.name} holds copies of one slice, which make no volume; name one of "
            "the files as a picture, or copy all slices again"
        )
        raise ReadError(msg)
    shapes, spacings = ({getattr(one, name) for one in slices} for name in _SHARED)
    if len(shapes) > 1 or len(spacings) > 1:
        msg = (
            f"{folder.name} has slices of different sizes or pixel sizes; put those of "
            "one scan into a folder of their own"
        )
        raise ReadError(msg)
    ((height, width),), (spacing,) = shapes, spacings
    check_size(folder.name, (len(slices), height, width), itemsize=slices[0].n_bytes)
    geometry = slice_geometry(
        folder.name,
        np.array([one.position for one in slices]),
        np.array([one.orientation for one in slices]),
        spacing=spacing or (1.0, 1.0),
    )
    return [slices[k] for k in geometry.order], geometry, notes


_SHARED = ("shape", "spacing")


def _each_once(slices: list[_Slice]) -> tuple[list[_Slice], tuple[str, ...]]:
    """Leave out copies of a slice: of one number (UID), in one place."""
    # Careless tools give all slices one number: they are no copies of each other.
    single = list(
        {(one.uid or str(one.path), one.position): one for one in slices}.values()
    )
    n_copies = len(slices) - len(single)
    return single, (f"slices that are there twice are left out ({n_copies})",) * bool(
        n_copies
    )


def _stacked(slices: Sequence[_Slice], page: int | None) -> NDArray[Any]:
    if page is not None:
        if not 0 <= page < len(slices):
            msg = (
                f"{slices[0].path.parent.name} has the pages 0 to {len(slices) - 1}, so "
                f"there is no page {page}"
            )
            raise ReadError(msg)
        slices = slices[page : page + 1]
    planes = [_plane(one) for one in slices]
    kind = np.result_type(*planes)
    low = min(int(np.floor(plane.min())) for plane in planes)
    high = max(int(np.ceil(plane.max())) for plane in planes)
    if kind.kind in "iu" and low >= -(2**15) and high < 2**15:
        kind = np.dtype(np.int16)  # Hounsfield units: half the memory of a large scan
    return np.stack([plane.astype(kind) for plane in planes])


def _plane(one: _Slice) -> NDArray[Any]:
    from segmetry.io.medical import read_dicom

    try:
        with opened(one.path) as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stored = read_dicom(source, None)
    except ReadError:
        raise
    except MemoryError:
        raise
    except Exception as error:
        msg = (
            f"{one.path.name}, a slice of {one.path.parent.name}, cannot be read: it is "
            "damaged, cut off or of a rare kind; copy it again"
        )
        raise ReadError(msg) from error
    if stored.pixels.shape != one.shape:
        msg = f"{one.path.name} is in colour; a volume is made of grey slices"
        raise ReadError(msg)
    return stored.pixels
