import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io import read
from segmetry.io.source import opened
from segmetry.io.vendor import _stored, picture_in


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


def dataset(value=0, *, units=("nm", "nm"), scales=(2.0, 2.0), shape=(4, 5)):
    """What the library gives for a picture, or for a stack where there are more axes."""
    names = ("z", "y", "x")[-len(units) :]
    axes = [
        {"name": name, "units": unit, "scale": scale}
        for name, unit, scale in zip(names, units, scales, strict=True)
    ]
    return {"data": np.full(shape, value, np.uint16), "axes": axes}


SPECTRUM = dataset(units=("nm", "eV"))


@pytest.fixture
def pictures_of(tmp_path):
    """Read the picture of a number among what the library gives for a file."""
    path = tmp_path / "a.emd"
    path.write_bytes(b"for the library alone")

    def read_one(datasets, page=None):
        with opened(path) as source:
            return picture_in(source, page, lambda _: datasets, "EMD", "emd")

    return read_one


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 5), st.integers(0, 4))
def test_of_several_pictures_the_one_asked_for_is_read(n_pictures, page):
    datasets = [SPECTRUM, *(dataset(k + 1) for k in range(n_pictures)), SPECTRUM]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.emd")
        path.write_bytes(b"for the library alone")
        with opened(path) as source:
            if page >= n_pictures:
                with pytest.raises(ReadError, match=f"has {n_pictures} pictures, so there"):
                    picture_in(source, page, lambda _: datasets, "EMD", "emd")
            else:
                stored = picture_in(source, page, lambda _: datasets, "EMD", "emd")
                assert (stored.pixels == page + 1).all()


def test_where_nobody_asks_the_first_is_read_and_that_is_told(pictures_of):
    stored = pictures_of([dataset(1), dataset(2)])
    assert (stored.pixels == 1).all()
    assert "the first of 2 pictures is read" in str(stored)
    assert "first of" not in str(pictures_of([SPECTRUM, dataset(1)]))


def test_a_file_of_spectra_alone_is_told(pictures_of):
    with pytest.raises(ReadError, match=r"a\.emd holds no picture, only spectra"):
        pictures_of([SPECTRUM, {"data": np.zeros(9), "axes": [{"units": "nm"}]}])


@pytest.mark.parametrize(
    ("units", "scales", "size"),
    [
        (("nm", "nm"), (2.0, 3.0), (2.0, 3.0, "nm")),
        (("um", "nm"), (2.0, 500.0), (2.0, 0.5, "um")),
        (("m", "m"), (2e-6, 2e-6), (2.0, 2.0, "um")),
        (("nm", "nm"), (-2.0, 3.0), (2.0, 3.0, "nm")),  # an axis that runs backwards
        (("nm", "nm"), (0.0, 3.0), None),
        (("nm", "nm"), (None, 3.0), None),
        (("nm", "nm"), (float("inf"), 3.0), None),
        (("nm", "1/nm"), (2.0, 3.0), None),  # a diffraction pattern
        ((None, None), (2.0, 3.0), None),
    ],
)
def test_a_pixel_size_is_two_lengths_or_none(units, scales, size):
    found = _stored(dataset(units=units, scales=scales), "EMD", "emd").pixel_size
    if size is None:
        assert found is None
    else:
        assert (found.y, found.x) == pytest.approx(size[:2])
        assert (found.unit, found.source) == (size[2], "emd")
