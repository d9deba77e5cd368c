import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from segmetry.errors import ReadError
from segmetry.io import read

VOLUME = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)  # axes x, y, z


@pytest.fixture
def slice16():
    return np.arange(-30, 30, dtype=np.int16).reshape(6, 10)


def test_dicom_has_a_pixel_size_in_mm_rows_first(as_dicom, slice16):
    picture = read(as_dicom(slice16, PixelSpacing=[0.5, 0.25]))
    size = picture.pixel_size
    assert (size.y, size.x, size.unit, size.source) == (0.5, 0.25, "mm", "dicom")
    assert np.array_equal(picture.pixels, slice16)


def test_dicom_without_spacing_has_an_unknown_pixel_size(as_dicom, slice16):
    assert read(as_dicom(slice16)).pixel_size is None
    assert read(as_dicom(slice16, PixelSpacing=[0, 0])).pixel_size is None


def test_spacing_at_the_detector_is_not_the_patients(as_dicom, slice16):
    assert read(as_dicom(slice16, ImagerPixelSpacing=[0.1, 0.1])).pixel_size is None


def test_whole_slope_and_intercept_keep_whole_numbers(as_dicom, slice16):
    picture = read(as_dicom(slice16, RescaleSlope=1, RescaleIntercept=-1024))
    assert picture.pixels.dtype == np.int32
    assert np.array_equal(picture.pixels, slice16.astype(int) - 1024)
    assert picture.steps[0].options["notes"] == [
        "values are stored values times 1 plus -1024"
    ]


def test_broken_slopes_give_float32(as_dicom, slice16):
    picture = read(as_dicom(slice16, RescaleSlope="0.5", RescaleIntercept="3"))
    assert picture.pixels.dtype == np.float32
    assert np.allclose(picture.pixels, slice16 * 0.5 + 3)


@pytest.mark.parametrize("kind", ["u1", "u2", "i2"])
def test_low_values_that_are_shown_white_are_turned(as_dicom, kind):
    pixels = np.arange(60).reshape(6, 10).astype(kind)
    picture = read(as_dicom(pixels, PhotometricInterpretation="MONOCHROME1"))
    assert picture.pixels.dtype == pixels.dtype
    total = -1 if kind == "i2" else np.iinfo(kind).max
    assert np.array_equal(picture.pixels, total - pixels.astype(int))


def test_colours_are_read(as_dicom, colours):
    picture = read(as_dicom(colours))
    assert picture.axes == "YXC"
    assert np.array_equal(picture.pixels, colours)


def test_a_colour_table_is_applied(as_dicom):
    table = {}
    for name, values in {"Red": [0, 9], "Green": [0, 8], "Blue": [0, 7]}.items():
        table[f"{name}PaletteColorLookupTableDescriptor"] = [2, 0, 8]
        table[f"{name}PaletteColorLookupTableData"] = bytes(values)
    pixels = np.array([[0, 1], [1, 0]], np.uint8)
    picture = read(as_dicom(pixels, PhotometricInterpretation="PALETTE COLOR", **table))
    assert picture.pixels[0].tolist() == [[0, 0, 0], [9, 8, 7]]


def test_frames_are_slices_with_a_distance(as_dicom, slice16):
    stack = np.stack([slice16, -slice16])
    fields = {"PixelSpacing": [0.5, 0.5], "SpacingBetweenSlices": "-2"}
    picture = read(as_dicom(stack, **fields))
    assert (picture.axes, picture.pixel_size.z) == ("ZYX", 2)
    assert np.array_equal(picture.pixels, stack)
    assert np.array_equal(read(as_dicom(stack), page=1).pixels, -slice16)


def test_of_a_film_the_first_frame_is_read(as_dicom, slice16):
    picture = read(as_dicom(np.stack([slice16, -slice16]), FrameTime="40"))
    assert np.array_equal(picture.pixels, slice16)
    assert "the first of 2 along T" in picture.steps[0].options["notes"][0]


def test_spacing_of_a_group_of_frames_is_found(as_dicom, slice16):
    measures, group = Dataset(), Dataset()
    measures.PixelSpacing = [0.3, 0.2]
    group.PixelMeasuresSequence = Sequence([measures])
    picture = read(as_dicom(slice16, SharedFunctionalGroupsSequence=Sequence([group])))
    assert (picture.pixel_size.y, picture.pixel_size.x) == (0.3, 0.2)


def test_no_patient_is_named(as_dicom, slice16):
    assert "Secret" not in repr(read(as_dicom(slice16)))


def test_dicom_without_a_picture_is_refused(as_dicom, slice16):
    from pydicom import dcmread

    path = as_dicom(slice16)
    content = dcmread(path)
    del content.PixelData
    content.save_as(path)
    with pytest.raises(ReadError, match="without a picture"):
        read(path)


def test_a_huge_dicom_header_is_refused(as_dicom, slice16):
    path = as_dicom(slice16)
    content = path.read_bytes()
    rows, columns = b"\x28\x00\x10\x00US\x02\x00", b"\x28\x00\x11\x00US\x02\x00"
    for tag, size in ((rows, 6), (columns, 10)):
        old, new = size.to_bytes(2, "little"), (60_000).to_bytes(2, "little")
        content = content.replace(tag + old, tag + new)
    path.write_bytes(content)
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(path)


@pytest.mark.parametrize("number", [0, 1])
def test_real_ct_slices_have_0_625_mm(data, number):
    picture = read(data(f"formats/lungmask_{number}.dcm"))
    assert picture.pixels.shape == (512, 512)
    assert (picture.pixel_size.y, picture.pixel_size.x) == (0.625, 0.625)


def test_nifti_axes_are_turned_to_slices_rows_columns(as_nifti):
    picture = read(as_nifti(VOLUME))
    assert picture.axes == "ZYX"
    assert picture.pixels.shape == (4, 3, 2)
    assert picture.pixels[3, 2, 1] == VOLUME[1, 2, 3]
    size = picture.pixel_size
    found = (size.z, size.y, size.x)
    assert found == pytest.approx((0.7, 0.6, 0.5), rel=1e-6)
    assert (size.unit, size.source) == ("mm", "nifti")


@pytest.mark.parametrize(("unit", "expected"), [("micron", "um"), ("mm", "mm")])
def test_nifti_units_are_kept(as_nifti, unit, expected):
    assert read(as_nifti(VOLUME, unit=unit)).pixel_size.unit == expected


def test_nifti_without_unit_is_taken_as_mm_and_says_so(as_nifti):
    picture = read(as_nifti(VOLUME, unit="unknown"))
    assert picture.pixel_size.unit == "mm"
    assert picture.steps[0].options["notes"] == ["the header names no unit: mm is taken"]


def test_nifti_default_zooms_are_unknown(as_nifti):
    assert read(as_nifti(VOLUME, zooms=(1, 1, 1), unit="unknown")).pixel_size is None


def test_nifti_zooms_of_zero_are_unknown(as_nifti):
    path = as_nifti(VOLUME)
    content = bytearray(path.read_bytes())
    content[80:84] = bytes(4)  # pixdim[1]
    path.write_bytes(content)
    assert read(path).pixel_size is None


def test_nifti_scaling_is_applied(as_nifti):
    picture = read(as_nifti(VOLUME, slope=0.5))
    assert picture.pixels.dtype == np.float32
    assert np.allclose(picture.pixels, VOLUME.transpose() * 0.5 + 10)


def test_a_flat_nifti_is_a_picture(as_nifti):
    picture = read(as_nifti(VOLUME[:, :, 0]))
    assert (picture.axes, picture.pixel_size.z) == ("YX", None)


def test_one_slice_of_a_volume_has_no_distance(as_nifti):
    picture = read(as_nifti(VOLUME), page=2)
    assert np.array_equal(picture.pixels, VOLUME[:, :, 2].T)
    assert picture.pixel_size.z is None


def test_of_nifti_times_the_first_is_read(as_nifti):
    series = np.stack([VOLUME, VOLUME + 50], axis=-1)
    picture = read(as_nifti(series))
    assert np.array_equal(picture.pixels, VOLUME.transpose())


def test_nifti_colours_are_read(tmp_path):
    from nibabel import Nifti1Image

    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    volume = np.zeros((3, 4, 2), kind)
    volume["R"][1, 2, 0] = 200
    Nifti1Image(volume, np.eye(4)).to_filename(tmp_path / "a.nii")
    picture = read(tmp_path / "a.nii")
    assert (picture.axes, picture.pixels.shape) == ("ZYXC", (2, 4, 3, 3))
    assert picture.pixels[0, 2, 1].tolist() == [200, 0, 0]


def test_the_second_version_of_nifti_is_read(tmp_path):
    from nibabel import Nifti2Image

    Nifti2Image(VOLUME, np.eye(4)).to_filename(tmp_path / "a.nii")
    assert np.array_equal(read(tmp_path / "a.nii").pixels, VOLUME.transpose())


def test_a_nifti_line_is_no_picture(as_nifti):
    with pytest.raises(ReadError, match="has 1 dimensions"):
        read(as_nifti(np.arange(5, dtype=np.int16)))


def test_a_huge_nifti_header_is_refused(as_nifti):
    path = as_nifti(VOLUME)
    content = bytearray(path.read_bytes())
    content[42:48] = (30_000).to_bytes(2, "little") * 3
    path.write_bytes(content)
    with pytest.raises(ReadError, match="30,000 x 30,000 x 30,000"):
        read(path)


def test_an_odd_nifti_header_prints_nothing(as_nifti, capfd):
    path = as_nifti(VOLUME)
    content = bytearray(path.read_bytes())
    content[80:84] = np.float32(-0.5).tobytes()
    path.write_bytes(content)
    read(path)
    assert capfd.readouterr() == ("", "")


def test_real_lungs_have_their_zooms(data):
    picture = read(data("lung_ct/test/images/id004.nii.gz"))
    assert picture.pixels.shape == (64, 128, 128)
    assert picture.pixel_size.x == pytest.approx(2.5234, rel=1e-3)
    assert picture.pixel_size.z == pytest.approx(4.7656, rel=1e-3)


@pytest.mark.parametrize(("unit", "scale"), [("mm", 1), ("micron", 1e-3)])
def test_the_place_in_a_patient_is_kept_in_mm(tmp_path, unit, scale):
    from nibabel import Nifti1Image

    affine = np.array([[-2.0, 0, 0, 9], [0, -2, 0, 8], [0, 0, 5, 7], [0, 0, 0, 1]])
    picture = Nifti1Image(VOLUME, affine)
    picture.header.set_xyzt_units(unit)
    picture.to_filename(tmp_path / "a.nii.gz")
    told = read(tmp_path / "a.nii.gz").steps[0].options
    assert told["orientation"] == "LPS"
    assert np.allclose(np.array(told["affine"])[:3], affine[:3] * scale)


def test_a_header_without_a_place_tells_none(tmp_path):
    from nibabel import Nifti1Image

    Nifti1Image(VOLUME, None).to_filename(tmp_path / "a.nii")
    assert "affine" not in read(tmp_path / "a.nii").steps[0].options


def test_a_slice_of_a_volume_has_no_place_of_its_own(as_nifti):
    assert "affine" not in read(as_nifti(VOLUME), page=1).steps[0].options
