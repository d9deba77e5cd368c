import shutil

import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import read
from segmetry.io.vendor import _stored


def test_colours_of_the_library_become_channels():
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    values = np.zeros((4, 5), kind)
    values["G"][1, 2] = 9
    described = [{"name": name, "units": "nm", "scale": 2.0} for name in "yx"]
    stored = _stored({"data": values, "axes": described}, "Gatan dm3", "gatan")
    assert stored.dims == "YXS"
    assert stored.pixels[1, 2].tolist() == [0, 9, 0]


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
