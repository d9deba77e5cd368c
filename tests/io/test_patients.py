import numpy as np
import pytest

from segmetry.io.patients import patient_fields

NOBODY = dict.fromkeys(
    (
        *("PatientName", "PatientID", "PatientBirthDate", "ReferringPhysicianName"),
        *("AccessionNumber", "StudyID"),
    ),
    "",
)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ()),
        ({"PatientName": "Doe^Jane"}, ("PatientName",)),
        ({"PatientID": "7", "InstitutionName": "X"}, ("PatientID", "InstitutionName")),
        ({"PatientName": " "}, ()),
    ],
)
def test_fields_that_name_a_patient_are_told(dicom_series, fields, told):
    series = dicom_series(np.zeros((1, 4, 4)), **(NOBODY | fields))
    assert patient_fields(next(series.iterdir())) == told


def test_other_files_have_no_such_fields(tmp_path):
    for content in (b"", b"short", bytes(500)):
        (tmp_path / "a.tif").write_bytes(content)
        assert patient_fields(tmp_path / "a.tif") == ()
