"""DICOM and NIfTI.

Values are physical ones: slope and intercept of the file are applied (Hounsfield units in
CT). Nothing that names a patient is kept: a picture gets the name of its file.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import IOBase
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.image import LENGTH_IN_UM, PixelSize
from segmetry.io.geometry import Affine, slice_geometry, tilt_note
from segmetry.io.limits import check_size
from segmetry.io.source import Source
from segmetry.io.stored import Stored, taken
from segmetry.io.units import unit_of

__all__ = ["read_dicom", "read_nifti"]

_LABEL_INTENT = 1002  # NIfTI's code for values that are numbers of labels
_NIFTI_DIMS = "XYZTCHM"  # the last two have no meaning of their own


def read_dicom(source: Source, page: int | None) -> Stored:
    """Read a DICOM file, its pixel size from PixelSpacing in mm.

    The spacing at the detector (ImagerPixelSpacing) is not used: the patient stands
    elsewhere. Pictures that show low values white (MONOCHROME1) are inverted. Frames that
    tell where they lie in a patient are put in order along their normal.

    Parameters
    ----------
    source : Source
    page : int or None
        Number of one frame. `None` reads all frames as slices, or the first of a film.

    Returns
    -------
    Stored
    """
    from pydicom import dcmread

    data = dcmread(source.stream)
    if "PixelData" not in data:
        msg = f"{source.name} is a DICOM file without a picture; choose the picture's file"
        raise ReadError(msg)
    n_frames = int(data.get("NumberOfFrames") or 1)
    shape = (n_frames, int(data.Rows), int(data.Columns), int(data.SamplesPerPixel))
    n_bytes = int(data.BitsAllocated) // 8
    check_size(source.name, shape, itemsize=max(1, n_bytes), stored=source.size)

    pixels = data.pixel_array
    dims = "YX" if n_frames == 1 else ("TYX" if "FrameTime" in data else "ZYX")
    if shape[3] > 1:
        dims += "S"
    stored = Stored(pixels, dims, "DICOM", _dicom_size(data, n_frames))
    stored = _rescaled(_inverted(_lookup(stored, data), data), data)
    if dims == "ZYX" and page is None:
        stored = _placed(source.name, stored, data)
    return taken(source.name, stored, page)


def _placed(name: str, stored: Stored, data: Any) -> Stored:
    """Order the frames of a volume by where they lie, if each of them tells it."""
    frames: Sequence[Any] = data.get("PerFrameFunctionalGroupsSequence") or ()
    shared: Sequence[Any] = data.get("SharedFunctionalGroupsSequence") or ()
    places = [_told(one, shared, "PlanePosition", "ImagePositionPatient") for one in frames]
    ways = [
        _told(one, shared, "PlaneOrientation", "ImageOrientationPatient") for one in frames
    ]
    size = stored.pixel_size
    if len(frames) != len(stored.pixels) or size is None or None in (*places, *ways):
        return stored
    geometry = slice_geometry(
        name,
        np.array(places, dtype=np.float64),
        np.array(ways, dtype=np.float64),
        spacing=(size.y, size.x),
    )
    return stored.noted(
        *tilt_note(geometry),
        pixels=stored.pixels[geometry.order],
        pixel_size=replace(size, z=geometry.distance),
        affine=geometry.affine,
    )


def _told(frame: Any, shared: Sequence[Any], group: str, field: str) -> Any:
    """Return a field of a group of one frame, or of the group that all frames share."""
    for part in (frame, *shared):
        for told in part.get(f"{group}Sequence") or ():
            if told.get(field):
                return list(told[field].value) if told[field].VM > 1 else told[field].value
    return None


def _lookup(stored: Stored, data: Any) -> Stored:
    if data.PhotometricInterpretation != "PALETTE COLOR":
        return stored
    from pydicom.pixels.processing import apply_color_lut

    return stored.noted(pixels=apply_color_lut(stored.pixels, data), dims=stored.dims + "S")


def _inverted(stored: Stored, data: Any) -> Stored:
    if data.PhotometricInterpretation != "MONOCHROME1":
        return stored
    bits, signed = int(data.BitsStored), int(data.PixelRepresentation) == 1
    # Low and high end of the stored range change places.
    total = -1 if signed else 2**bits - 1
    note = "low values are shown white in this file: values are inverted"
    return stored.noted(note, pixels=stored.pixels.dtype.type(total) - stored.pixels)


def _rescaled(stored: Stored, data: Any) -> Stored:
    scales = _scales(data, len(stored.pixels) if "Z" in stored.dims else 1)
    if len(set(scales)) > 1:
        planes = [
            plane * np.float32(slope) + np.float32(intercept)
            for plane, (slope, intercept) in zip(stored.pixels, scales, strict=True)
        ]
        note = "values are stored values times the slope plus the intercept of each slice"
        return stored.noted(note, pixels=np.stack(planes))
    slope, intercept = scales[0]
    if (slope, intercept) == (1, 0):
        return stored
    note = f"values are stored values times {slope:g} plus {intercept:g}"
    if slope == 1 and intercept.is_integer():
        return stored.noted(note, pixels=stored.pixels.astype(np.int32) + int(intercept))
    pixels = stored.pixels.astype(np.float64) * slope + intercept
    return stored.noted(note, pixels=pixels.astype(np.float32))


def _scales(data: Any, n_frames: int) -> list[tuple[float, float]]:
    """Return slope and intercept of each frame; one pair where all have the same."""
    frames: Sequence[Any] = data.get("PerFrameFunctionalGroupsSequence") or ()
    shared: Sequence[Any] = data.get("SharedFunctionalGroupsSequence") or ()
    parts = list(frames) if len(frames) == n_frames else [{}]
    found = []
    for part in parts:
        slope, intercept = (
            _told(part, shared, "PixelValueTransformation", name) or data.get(name)
            for name in ("RescaleSlope", "RescaleIntercept")
        )
        found.append((float(slope or 1), float(intercept or 0)))
    return found[:1] if len(set(found)) == 1 else found


def _dicom_size(data: Any, n_frames: int) -> PixelSize | None:
    spacing = data.get("PixelSpacing")
    between = data.get("SpacingBetweenSlices")
    groups = data.get("SharedFunctionalGroupsSequence")
    if not spacing and groups and groups[0].get("PixelMeasuresSequence"):
        measures = groups[0].PixelMeasuresSequence[0]
        spacing = measures.get("PixelSpacing")
        between = measures.get("SpacingBetweenSlices", between)
    if not spacing or not all(float(side) > 0 for side in spacing):
        return None
    y, x = (float(side) for side in spacing)
    z = abs(float(between)) if between and n_frames > 1 else None
    return PixelSize(y=y, x=x, unit="mm", source="dicom", z=z or None)


def read_nifti(source: Source, page: int | None) -> Stored:
    """Read a NIfTI file, its pixel size from the zooms of the header.

    Axes are turned to Z, Y, X without any flip. Where the header names no unit, the common
    one, mm, is taken, with a note; zooms of exactly 1 without a unit are a default value
    and count as unknown.

    Parameters
    ----------
    source : Source
    page : int or None
        Number of one slice.

    Returns
    -------
    Stored
    """
    from nibabel import Nifti1Image, Nifti2Image

    kind = Nifti2Image if source.head[4:7] == b"n+2" else Nifti1Image
    with _silent(logging.getLogger("nibabel.global")):
        volume = kind.from_stream(cast(IOBase, source.stream))
        source.stream.seek(0)
        # The header as it is: nibabel mends zooms of 0 to 1 and negative ones to positive.
        header = kind.header_class.from_fileobj(source.stream, check=False)
    shape = volume.shape
    if len(shape) < 2:
        msg = f"{source.name} has {len(shape)} dimensions; a picture has rows and columns"
        raise ReadError(msg)
    check_size(
        source.name,
        shape,
        itemsize=volume.get_data_dtype().itemsize,
        stored=source.size,
    )
    pixels = np.asarray(volume.dataobj).transpose()
    dims = _NIFTI_DIMS[: len(shape)][::-1]
    if pixels.dtype.names is not None:
        pixels = np.stack([pixels[part] for part in pixels.dtype.names[:3]], axis=-1)
        dims += "S"
    if pixels.dtype == np.float64:
        pixels = pixels.astype(np.float32)
    is_labels = int(header["intent_code"]) == _LABEL_INTENT
    stored = Stored(np.ascontiguousarray(pixels), dims, "NIfTI", kept_ids=is_labels)
    stored = _with_zooms(stored, header)
    if stored.pixel_size is not None and (header["qform_code"] or header["sform_code"]):
        stored = stored.noted(affine=_in_mm(volume.affine, stored.pixel_size.unit))
    return taken(source.name, stored, page)


def _in_mm(affine: NDArray[np.float64], unit: str) -> Affine | None:
    """Return an affine in mm, `None` where a damaged header gives none that is of use."""
    if not np.isfinite(affine).all() or np.linalg.matrix_rank(affine) < len(affine):
        return None
    scale = np.array([LENGTH_IN_UM[unit] / LENGTH_IN_UM["mm"]] * 3 + [1.0])[:, np.newaxis]
    return tuple(tuple(float(value) for value in row) for row in affine * scale)


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Keep a library from printing what it thinks of a header."""

    def never(_: logging.LogRecord) -> bool:
        return False

    logger.addFilter(never)
    try:
        yield
    finally:
        logger.removeFilter(never)


def _with_zooms(stored: Stored, header: Any) -> Stored:
    n_axes = min(3, int(header["dim"][0]))
    zooms = [float(zoom) for zoom in header["pixdim"][1 : n_axes + 1]]
    name = header.get_xyzt_units()[0]
    unit = unit_of(name)
    if not all(np.isfinite(zoom) and zoom > 0 for zoom in zooms):
        return stored
    if unit is None and zooms[:2] == [1, 1]:
        return stored
    x, y = zooms[:2]
    z = zooms[2] if len(zooms) == 3 else None
    size = PixelSize(y=y, x=x, unit=unit or "mm", source="nifti", z=z)
    if unit is None:
        return stored.noted("the header names no unit: mm is taken", pixel_size=size)
    return stored.noted(pixel_size=size)
