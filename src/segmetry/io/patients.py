"""Which fields of a picture's file tell who was pictured."""

import warnings
from pathlib import Path

__all__ = ["patient_fields"]

_MARK = (128, b"DICM")
_FIELDS = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientAddress", "OtherPatientIDs"),
    *("PatientTelephoneNumbers", "InstitutionName", "ReferringPhysicianName"),
    *("AccessionNumber", "StudyID"),
)


def patient_fields(path: Path) -> tuple[str, ...]:
    """Return the fields of a DICOM file that name a patient and are not empty.

    Parameters
    ----------
    path : Path
        Of other formats nothing is told: they have no such fields of their own.

    Returns
    -------
    tuple of str
        As DICOM calls them.
    """
    with path.open("rb") as file:
        file.seek(_MARK[0])
        if file.read(len(_MARK[1])) != _MARK[1]:
            return ()
    from pydicom import dcmread

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = dcmread(path, stop_before_pixels=True, specific_tags=list(_FIELDS))
    return tuple(name for name in _FIELDS if str(data.get(name) or "").strip())
