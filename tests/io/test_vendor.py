import shutil

import h5py
import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import read
from segmetry.io.vendor import _stored


@pytest.fixture
def as_emd(tmp_path):
    """Save arrays as an EMD file of the Berkeley kind, which stores columns first."""

    def save(*datasets):
        path = tmp_path / "scan.emd"
        with h5py.File(path, "w") as file:
            file.attrs["version_major"], file.attrs["version_minor"] = 0, 2
            for number, (values, axes) in enumerate(datasets):
                group = file.create_group(f"data/picture{number}")
                group.attrs["emd_group_type"] = 1
                group.create_dataset("data", data=values.transpose())
                for place, (name, units, step) in enumerate(axes[::-1], start=1):
                    length = values.shape[-place]
                    axis = group.create_dataset(
                        f"dim{place}", data=step * np.arange(length)
                    )
                    axis.attrs["name"], axis.attrs["units"] = name, units
        return path

    return save


PICTURE = np.arange(30, dtype=np.float32).reshape(5, 6)


def axes(units="nm", y=2.0, x=3.0):
    return [("y", units, y), ("x", units, x)]


def test_an_emd_picture_has_its_pixel_size(as_emd):
    picture = read(as_emd((PICTURE, axes())))
    assert np.array_equal(picture.pixels, PICTURE)
    size = picture.pixel_size
    assert (size.y, size.x, size.unit, size.source) == (2.0, 3.0, "nm", "emd")


@pytest.mark.parametrize("units", ["", "[]", "px", "1/nm"])
def test_a_step_without_a_unit_of_length_is_unknown(as_emd, units):
    assert read(as_emd((PICTURE, axes(units, 1.0, 1.0)))).pixel_size is None


def test_axes_of_different_units_meet_in_micrometres(as_emd):
    found = read(as_emd((PICTURE, [("y", "um", 0.5), ("x", "nm", 250.0)]))).pixel_size
    assert (found.y, found.x, found.unit) == pytest.approx((0.5, 0.25, "um"))


def test_metres_are_told_in_micrometres(as_emd):
    found = read(as_emd((PICTURE, axes("m", 1e-6, 2e-6)))).pixel_size
    assert (found.y, found.x, found.unit) == pytest.approx((1.0, 2.0, "um"))


def test_a_stack_is_slices(as_emd):
    stack = np.stack([PICTURE, -PICTURE])
    picture = read(as_emd((stack, [("z", "nm", 1.0), *axes()])))
    assert picture.axes == "ZYX"
    assert np.array_equal(picture.pixels, stack)


def test_of_a_film_the_first_frame_is_read_and_others_by_number(as_emd):
    path = as_emd((np.stack([PICTURE, -PICTURE]), [("time", "s", 0.1), *axes()]))
    assert np.array_equal(read(path).pixels, PICTURE)
    assert np.array_equal(read(path, page=1).pixels, -PICTURE)


def test_of_several_pictures_the_first_is_read_and_others_by_number(as_emd):
    path = as_emd((PICTURE, axes()), (PICTURE[:4], axes()))
    picture = read(path)
    assert picture.pixels.shape == (5, 6)
    assert "the first of 2 pictures is read" in picture.steps[0].options["notes"]
    assert read(path, page=1).pixels.shape == (4, 6)
    with pytest.raises(ReadError, match="has 2 pictures, so there is no picture 2"):
        read(path, page=2)


def test_colours_of_the_library_become_channels():
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    values = np.zeros((4, 5), kind)
    values["G"][1, 2] = 9
    described = [{"name": name, "units": "nm", "scale": 2.0} for name in "yx"]
    stored = _stored({"data": values, "axes": described}, "Gatan dm3", "gatan")
    assert stored.dims == "YXS"
    assert stored.pixels[1, 2].tolist() == [0, 9, 0]


@pytest.mark.parametrize(
    "dataset",
    [
        (np.arange(9.0), [("Energy", "eV", 1.0)]),
        (np.zeros((3, 4, 9)), [*axes(), ("Energy", "eV", 1.0)]),
    ],
)
def test_spectra_are_no_pictures(as_emd, dataset):
    with pytest.raises(ReadError, match="holds no picture, only spectra"):
        read(as_emd(dataset))


def test_a_huge_data_set_in_a_small_file_is_refused(tmp_path):
    path = tmp_path / "a.emd"
    with h5py.File(path, "w") as file:
        file.create_dataset("data/picture/data", shape=(60_000, 60_000), dtype="u1")
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(path)


def test_a_packed_file_must_be_unpacked_first(as_emd, tmp_path):
    import gzip

    path = tmp_path / "a.emd.gz"
    path.write_bytes(gzip.compress(as_emd((PICTURE, axes())).read_bytes()))
    with pytest.raises(ReadError, match="must be unpacked first"):
        read(path)


@pytest.mark.parametrize(
    ("name", "shape", "pixel_um"),
    [
        ("sem_raw/gatan_um_unit.dm3", (68, 68), 0.16867),
        ("sem_raw/jeol_haadf.dm4", (112, 112), 1.249e-3),
        ("formats/128x128_TEM_acquire-sum1.emi", (128, 128), 21.479e-3),
        ("formats/128x128_TEM_acquire-sum1_1.ser", (128, 128), 21.479e-3),
        ("formats/fei_example_tem_stack.emd", (3, 3), 8.1729e-6),
    ],
)
def test_real_files_have_their_pixel_size(data, name, shape, pixel_um):
    picture = read(data(name))
    assert picture.pixels.shape == shape
    size = picture.pixel_size.in_um
    assert (size.y, size.x) == pytest.approx((pixel_um, pixel_um), rel=1e-3)


def test_the_real_file_without_a_scale_is_unknown(data):
    # The library says 1.0 with the unit "[]".
    assert read(data("formats/example_image.emd")).pixel_size is None


def test_a_dm_file_and_its_tiff_have_the_same_pixels_and_size(data):
    original = read(data("sem_raw/gatan_um_unit.dm3"))
    exported = read(data("sem_raw/gatan_dm_export.tif"))
    assert np.array_equal(original.pixels, exported.pixels)
    assert original.pixel_size.x == pytest.approx(exported.pixel_size.x)


def test_an_emi_file_alone_says_what_is_missing(data, tmp_path):
    shutil.copy(data("formats/128x128_TEM_acquire-sum1.emi"), tmp_path / "alone.emi")
    with pytest.raises(ReadError, match=r"alone_1\.ser, which is not beside it"):
        read(tmp_path / "alone.emi")


def test_a_ser_file_of_another_name_says_so(data, tmp_path):
    shutil.copy(data("formats/128x128_TEM_acquire-sum1_1.ser"), tmp_path / "a.tif")
    with pytest.raises(ReadError, match=r"must be called \.emi or \.ser"):
        read(tmp_path / "a.tif")
