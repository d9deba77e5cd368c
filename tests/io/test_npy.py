import numpy as np
import pytest

from segmetry.errors import ReadError
from segmetry.io import read


def test_an_array_is_a_picture_of_unknown_pixel_size(as_npy, ramp):
    picture = read(as_npy(ramp))
    assert (picture.axes, picture.pixel_size) == ("YX", None)
    assert np.array_equal(picture.pixels, ramp)


def test_three_axes_are_slices_first(as_npy, ramp):
    assert read(as_npy(np.stack([ramp, ramp, ramp]))).axes == "ZYX"


@pytest.mark.parametrize("n_channels", [3, 4])
def test_a_last_axis_of_3_or_4_is_colours(as_npy, colours, n_channels):
    layers = np.concatenate([colours, colours[..., :1]], axis=-1)[..., :n_channels]
    picture = read(as_npy(layers))
    assert picture.axes == "YXC"
    assert np.array_equal(picture.pixels, colours)


def test_one_slice_can_be_chosen(as_npy, ramp):
    assert np.array_equal(
        read(as_npy(np.stack([ramp, 255 - ramp])), page=1).pixels, 255 - ramp
    )


def test_foreign_byte_order_is_turned(as_npy, ramp):
    found = read(as_npy(ramp.astype(">i4"))).pixels
    assert found.dtype.isnative
    assert np.array_equal(found, ramp)


def test_fortran_order_is_no_trap(as_npy, ramp):
    assert np.array_equal(read(as_npy(np.asfortranarray(ramp))).pixels, ramp)


def test_a_pickle_is_never_opened(as_npy):
    with pytest.raises(ReadError, match="plain numbers"):
        read(as_npy(np.array([["a", None]], dtype=object), allow_pickle=True))


@pytest.mark.parametrize("shape", [(), (5,), (2, 2, 2, 2)])
def test_arrays_without_rows_and_columns_are_refused(as_npy, shape):
    with pytest.raises(ReadError, match="rows, columns"):
        read(as_npy(np.zeros(shape)))


def test_a_cut_array_is_refused(as_npy, ramp):
    path = as_npy(ramp)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ReadError, match="is cut off"):
        read(path)


def test_a_header_that_promises_too_much_is_refused(as_npy, ramp):
    path = as_npy(ramp)
    path.write_bytes(path.read_bytes().replace(b"(20, 30), }    ", b"(60000, 60000)}"))
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(path)


def test_a_long_header_is_read(tmp_path, ramp):
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array(file, ramp, version=(2, 0))
    assert np.array_equal(read(tmp_path / "a.npy").pixels, ramp)
