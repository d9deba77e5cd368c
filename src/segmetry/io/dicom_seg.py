"""Writing the objects of a CT or MR series as a DICOM segmentation object (DICOM-SEG).

The standard binds a segmentation to its series: it repeats whose series it is, so this file
alone, of all that Segmetry writes, carries the names of a patient. `anonymous` leaves all
that out; the series is then found by its numbers (UIDs) only.

References
----------
DICOM PS3.3, A.51 (Segmentation IOD). C. P. Bridge and others, "Highdicom: a Python library
for standardized encoding of image annotations and machine learning model outputs in
pathology and radiology", J. Digit. Imaging 35, 2022. doi:10.1007/s10278-022-00683-y
"""

from collections.abc import Mapping
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.errors import MissingExtraError, ReadError, WriteError
from segmetry.image import Labels
from segmetry.io.series import ordered_slices
from segmetry.io.writing import write_bytes

__all__ = ["write_dicom_seg"]

_MOST = 255  # segments; viewers list them one by one
_TIED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_NEEDED = {  # of the source where nobody shall be named: what ties a segment to its slice
    *_TIED,
    *("FrameOfReferenceUID", "Modality", "Rows", "Columns", "PixelSpacing"),
    *("ImagePositionPatient", "ImageOrientationPatient", "SliceThickness"),
    *("SpacingBetweenSlices", "BitsAllocated", "SamplesPerPixel", "InstanceNumber"),
}
_EMPTY = (  # must be there by the standard, and may be empty
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate"),
    *("StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName"),
)


def write_dicom_seg(
    path: str | PathLike[str],
    labels: Labels,
    series: Path,
    *,
    names: Mapping[int, str] | None = None,
    method: str = "Segmetry",
    version: str = "",
    anonymous: bool = False,
) -> None:
    """Write the objects of a DICOM series as one DICOM-SEG file, a segment for each.

    Parameters
    ----------
    path : path
    labels : Labels
        Axes ZYX, slices in the order in which `read` gives those of the series.
    series : Path
        Folder of the series that was segmented.
    names : mapping or None
        What objects are called, by their numbers; others are "object 7".
    method : str
        Of segmenting, for the file.
    version : str
        Of Segmetry.
    anonymous : bool
        Leave out all fields that tell of the patient and the study but their numbers.

    Raises
    ------
    MissingExtraError
        If the extra `dicom` is not installed.
    ReadError
        If the folder holds no series.
    WriteError
        If the labels do not fit the series, have no object or too many, or the file cannot
        be written.
    """
    try:
        import highdicom
    except ImportError as error:
        purpose = "Writing DICOM-SEG"
        raise MissingExtraError(purpose, "dicom") from error
    sources = [_source(one, anonymous=anonymous) for one in ordered_slices(series)]
    numbers, ids = _numbered(labels, sources)
    told = names or {}
    segments = [
        _segment(k, told.get(number, f"object {number}"), method, version)
        for k, number in enumerate(ids, 1)
    ]
    found = highdicom.seg.Segmentation(
        source_images=sources,
        pixel_array=numbers,
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=segments,
        series_instance_uid=highdicom.UID(),
        series_number=100,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="Segmetry",
        manufacturer_model_name="Segmetry",
        software_versions=version or "unknown",
        device_serial_number="none",
        series_description=f"Segmetry: {method}",
    )
    buffer = BytesIO()
    found.save_as(buffer, enforce_file_format=True)
    write_bytes(path, buffer.getvalue())


def _source(path: Path, *, anonymous: bool) -> Any:
    """Return the header of a slice, with no more of a patient than is wanted."""
    from pydicom import dcmread

    try:
        data = dcmread(path, stop_before_pixels=True)
    except Exception as error:
        msg = f"{path.name} cannot be read; copy the series again"
        raise ReadError(msg) from error
    if anonymous:
        for element in list(data):
            if element.keyword not in _NEEDED:
                del data[element.tag]
    for name in _EMPTY:
        if name not in data:
            setattr(data, name, "" if name != "PatientName" else None)
    missing = [name for name in (*_TIED, "FrameOfReferenceUID") if not data.get(name)]
    if missing:
        msg = (
            f"{path.name} lacks {missing[0]}, by which a DICOM-SEG refers to its series; "
            "export labels as NIfTI instead (--to nifti)"
        )
        raise WriteError(msg)
    return data


def _numbered(labels: Labels, sources: list[Any]) -> tuple[Any, list[int]]:
    shape = (len(sources), int(sources[0].Rows), int(sources[0].Columns))
    if labels.data.shape != shape:
        msg = (
            f"the labels have the shape {labels.data.shape}, the slices of the series "
            f"{shape}; name the series that was segmented"
        )
        raise WriteError(msg)
    ids = [int(number) for number in labels.ids]
    if not 1 <= len(ids) <= _MOST:
        msg = (
            f"DICOM-SEG is written of 1 to {_MOST} objects, and there are {len(ids)}; "
            "export labels as NIfTI instead (--to nifti)"
        )
        raise WriteError(msg)
    numbers = np.searchsorted(ids, labels.data).astype(np.uint8) + np.uint8(1)
    numbers[labels.data == 0] = 0
    return numbers, ids


def _segment(number: int, name: str, method: str, version: str) -> Any:
    import highdicom
    from pydicom.sr.codedict import codes

    is_lung = "lung" in name
    made = highdicom.AlgorithmIdentificationSequence(
        name=f"Segmetry {method}",
        version=version or "unknown",
        family=codes.cid7162.MorphologicalOperations,
    )
    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=name[:64],
        segmented_property_category=(
            codes.SCT.AnatomicalStructure if is_lung else codes.SCT.Tissue
        ),
        segmented_property_type=codes.SCT.Lung if is_lung else codes.SCT.Tissue,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=made,
    )
