import nibabel
import numpy as np
import pytest

from segmetry.image import Image, Labels, PixelSize
from segmetry.io import read, read_labels
from segmetry.io.nifti import write_nifti

DATA = np.zeros((4, 5, 6), np.uint32)
DATA[1:3, 2:4, 1:5] = 7
AFFINE = np.array([[0.0, -2, 0.1, 9], [-1.5, 0, 0, 8], [0, 0.2, 5, 7], [0, 0, 0, 1]])


@pytest.mark.parametrize("name", ["labels.nii", "labels.nii.gz"])
def test_labels_lie_where_the_scan_lies(tmp_path, name):
    scan = nibabel.Nifti1Image(np.zeros((6, 5, 4), np.int16), AFFINE)
    scan.to_filename(tmp_path / "scan.nii")
    write_nifti(tmp_path / name, Labels(DATA, read(tmp_path / "scan.nii")))
    found = nibabel.load(tmp_path / name)
    assert np.allclose(found.affine, AFFINE, atol=1e-5)
    assert found.header.get_xyzt_units()[0] == "mm"
    assert found.get_data_dtype() == np.uint16
    assert np.array_equal(read_labels(tmp_path / name), DATA)


def test_a_series_and_its_labels_lie_in_one_place(tmp_path, dicom_series):
    folder = dicom_series(np.zeros((4, 5, 6), np.int16), spacing=(2.5, 0.7, 0.8))
    write_nifti(tmp_path / "a.nii", Labels(DATA, read(folder)))
    affine = nibabel.load(tmp_path / "a.nii").affine
    # DICOM's first voxel at (-100, -90, -50), left and back positive.
    assert np.allclose(affine[:3, 3], [100, 90, -50])
    assert np.allclose(np.diag(affine)[:3], [-0.8, -0.7, 2.5])


def test_without_a_place_the_size_of_voxels_is_kept(tmp_path):
    size = PixelSize(z=5, y=2, x=1, unit="mm", source="typed")
    image = Image(DATA, axes="ZYX", pixel_size=size)
    write_nifti(tmp_path / "a.nii", Labels(DATA, image))
    again = read(tmp_path / "a.nii")
    assert (again.pixel_size.z, again.pixel_size.y, again.pixel_size.x) == (5, 2, 1)
    assert "affine" not in again.steps[0].options
    write_nifti(tmp_path / "b.nii", Labels(DATA, Image(DATA, axes="ZYX")))
    assert read(tmp_path / "b.nii").pixel_size is None


def test_large_numbers_and_equal_bytes(tmp_path):
    data = DATA * np.uint32(100_000)
    for name in ("a.nii.gz", "b.nii.gz"):
        write_nifti(tmp_path / name, Labels(data, Image(data, axes="ZYX")))
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()
    assert read_labels(tmp_path / "a.nii.gz").max() == 700_000


def test_labels_of_a_picture_are_flat(tmp_path):
    size = PixelSize(y=2, x=1, unit="um", source="typed")
    write_nifti(tmp_path / "a.nii", Labels(DATA[1], Image(DATA[1], pixel_size=size)))
    found = nibabel.load(tmp_path / "a.nii")
    assert found.shape == (6, 5)
    assert found.header.get_zooms() == pytest.approx((0.001, 0.002))
    again = read(tmp_path / "a.nii")
    assert (again.axes, again.pixel_size.in_um.y) == ("YX", pytest.approx(2))
    assert np.array_equal(read_labels(tmp_path / "a.nii"), DATA[1])


def test_the_header_says_that_numbers_are_labels(tmp_path):
    two = np.array([[[5, 0, 5]]] * 2, np.uint32)  # else it would be a mask of two objects
    write_nifti(tmp_path / "a.nii", Labels(two, Image(two, axes="ZYX")))
    assert nibabel.load(tmp_path / "a.nii").header.get_intent()[0] == "label"
    assert np.array_equal(read_labels(tmp_path / "a.nii"), two)


def test_a_side_that_nifti_1_cannot_count_is_written_as_nifti_2(tmp_path):
    wide = np.ones((1, 40_000), np.uint32)
    write_nifti(tmp_path / "a.nii.gz", Labels(wide, Image(wide)))
    assert np.array_equal(read_labels(tmp_path / "a.nii.gz"), wide)
