import shutil

import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import read
from segmetry.io.series import is_series, series_in

RNG = np.random.default_rng(0)
STORED = RNG.integers(0, 2000, (5, 6, 8), dtype=np.int16)


def test_a_folder_of_slices_is_one_volume_in_hounsfield_units(dicom_series):
    folder = dicom_series(STORED, spacing=(2.5, 0.7, 0.8))
    volume = read(folder)
    assert (volume.axes, volume.name) == ("ZYX", folder.name)
    assert volume.pixels.dtype == np.int16
    assert np.array_equal(volume.pixels, STORED - 1024)
    size = volume.pixel_size
    assert (size.z, size.y, size.x, size.unit) == (2.5, 0.7, 0.8, "mm")
    assert volume.steps[0].options["orientation"] == "LPS"


def test_slices_are_ordered_by_place_not_by_name_and_thickness_is_not_distance(
    dicom_series,
):
    folder = dicom_series(
        STORED, spacing=(2.5, 1, 1), names=["e", "b", "d", "a", "c"], SliceThickness="5"
    )
    volume = read(folder)
    assert np.array_equal(volume.pixels, STORED - 1024)
    assert volume.pixel_size.z == 2.5


def test_slopes_of_single_slices_are_applied(dicom_series):
    folder = dicom_series(STORED, slopes=[1, 2, 0.5, 1, 1])
    expected = STORED * np.array([1, 2, 0.5, 1, 1])[:, None, None] - 1024
    assert np.allclose(read(folder).pixels, expected)


def test_one_slice_is_read_by_its_number(dicom_series):
    folder = dicom_series(STORED)
    assert np.array_equal(read(folder, page=3).pixels, STORED[3] - 1024)
    with pytest.raises(ReadError, match="pages 0 to 4"):
        read(folder, page=5)


def test_no_patient_is_named_in_a_volume(dicom_series):
    volume = read(dicom_series(STORED))
    assert "Secret" not in repr(volume)


def test_copies_of_a_slice_are_left_out_and_told(dicom_series):
    folder = dicom_series(STORED)
    first = min(folder.iterdir())
    shutil.copy(first, folder / "copy.dcm")
    volume = read(folder)
    assert np.array_equal(volume.pixels, STORED - 1024)
    assert (
        "slices that are there twice are left out (1)" in volume.steps[0].options["notes"]
    )


def test_slices_of_one_uid_in_several_places_are_no_copies(dicom_series):
    folder = dicom_series(STORED, SOPInstanceUID="1.2.3")
    assert np.array_equal(read(folder).pixels, STORED - 1024)


def test_copies_of_one_slice_alone_make_no_volume(dicom_series):
    folder = dicom_series(STORED)
    first, *others = sorted(folder.iterdir())
    for path in others:
        path.unlink()
    shutil.copy(first, folder / "copy.dcm")
    with pytest.raises(ReadError, match="copies of one slice"):
        read(folder)


def test_a_missing_slice_is_told(dicom_series):
    folder = dicom_series(STORED, spacing=(2.5, 1, 1))
    sorted(folder.iterdir())[2].unlink()
    with pytest.raises(ReadError, match="gap of 5 mm between slices 2 and 3.*1 missing"):
        read(folder)


def test_a_tilted_gantry_is_noted(dicom_series):
    folder = dicom_series(STORED, spacing=(2, 1, 1), shift=2 * np.tan(np.radians(10)))
    notes = read(folder).steps[0].options["notes"]
    assert any("tilted by 10.0 degrees" in note for note in notes)


def test_a_series_without_pixel_size_has_none(dicom_series):
    volume = read(dicom_series(STORED, spacing=(2, None, None)))
    assert volume.pixel_size is None
    assert "affine" not in volume.steps[0].options


def test_several_series_in_one_folder_are_refused(dicom_series):
    folder = dicom_series(STORED)
    for path in dicom_series(STORED[:3], folder="other").iterdir():
        shutil.copy(path, folder / f"z-{path.name}")
    with pytest.raises(ReadError, match=r"2 DICOM series \(5 slices, 3 slices\)"):
        read(folder)


def test_a_picture_beside_a_series_is_told(dicom_series, as_dicom):
    folder = dicom_series(STORED)
    shutil.copy(as_dicom(STORED[0]), folder / "overview.dcm")
    with pytest.raises(ReadError, match="1 DICOM files that do not belong"):
        read(folder)


def test_slices_of_different_sizes_are_refused(dicom_series):
    folder = dicom_series(STORED)
    other = dicom_series(STORED[:, :4], folder="other", series_of=folder)
    shutil.copy(min(other.iterdir()), folder / "zz.dcm")
    with pytest.raises(ReadError, match="different sizes"):
        read(folder)


def test_single_pictures_are_no_series(as_dicom, tmp_path):
    as_dicom(STORED[0])
    as_dicom(STORED[1], name="b.dcm")
    assert not is_series(tmp_path)
    with pytest.raises(ReadError, match="is a folder; name the pictures in it"):
        read(tmp_path)


def test_other_files_beside_the_slices_do_not_matter(dicom_series):
    folder = dicom_series(STORED)
    (folder / "notes.txt").write_text("x")
    (folder / ".hidden").write_bytes(b"\0" * 128 + b"DICM")
    (folder / "empty").mkdir()
    assert is_series(folder)
    assert len(series_in(folder)) == 5


@pytest.mark.parametrize("keep", [140, 700, -20])
def test_a_slice_that_is_cut_off_is_refused_by_name(dicom_series, keep):
    folder = dicom_series(STORED)
    path = sorted(folder.iterdir())[1]
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ReadError) as caught:
        read(folder)
    assert "\n" not in str(caught.value)
    assert "Secret" not in str(caught.value)


def test_a_huge_header_is_refused_before_memory_is_used(dicom_series):
    folder = dicom_series(STORED)
    rows, columns = b"\x28\x00\x10\x00US\x02\x00", b"\x28\x00\x11\x00US\x02\x00"
    for path in folder.iterdir():
        content = path.read_bytes()
        for tag, size in ((rows, 6), (columns, 8)):
            old, new = size.to_bytes(2, "little"), (60_000).to_bytes(2, "little")
            content = content.replace(tag + old, tag + new)
        path.write_bytes(content)
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(folder)


def test_frames_that_tell_their_place_are_ordered_and_scaled(enhanced_ct):
    stored = STORED[:3]
    order = [2, 0, 1]
    volume = read(enhanced_ct(stored[order], heights=[5.0 * k for k in order]))
    assert np.array_equal(volume.pixels, stored - 1000)
    assert volume.pixel_size.z == 5
    assert volume.steps[0].options["orientation"] == "LPS"


def test_real_slices_of_one_series_are_a_volume(data, tmp_path):
    for name in ("lungmask_0.dcm", "lungmask_1.dcm"):
        shutil.copy(data("formats") / name, tmp_path / name)
    volume = read(tmp_path)
    assert volume.pixels.shape == (2, 512, 512)
    size = volume.pixel_size
    assert (size.z, size.y, size.x) == (1.0, 0.625, 0.625)
