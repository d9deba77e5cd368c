from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io.stored import Stored, arranged, select_planes, taken


def test_slices_are_kept():
    chosen = select_planes("a", "Z", (4,), None)
    assert chosen.dims == "Z"
    assert chosen.planes.tolist() == [0, 1, 2, 3]


def test_of_times_the_first_is_read_and_noted():
    chosen = select_planes("a", "TZC", (2, 3, 4), None)
    assert chosen.dims == "ZC"
    assert np.array_equal(chosen.planes, np.arange(12).reshape(3, 4))
    assert chosen.notes == ("the first of 2 along T is read",)


def test_axes_of_one_plane_are_left_out_in_silence():
    chosen = select_planes("a", "TZC", (1, 3, 1), None)
    assert (chosen.dims, chosen.notes) == ("Z", ())


@given(st.lists(st.integers(1, 4), max_size=5), st.data())
def test_a_page_counts_through_all_axes_the_last_one_fastest(shape, data):
    page = data.draw(st.integers(0, prod(shape) - 1))
    chosen = select_planes("a", "TZCHM"[: len(shape)], tuple(shape), page)
    assert chosen.dims == ""
    assert chosen.planes == page


@pytest.mark.parametrize("page", [-1, 6, 1000])
def test_a_page_that_is_not_there_is_refused(page):
    with pytest.raises(ReadError, match=f"pages 0 to 5, so there is no page {page}"):
        select_planes("a", "TZ", (2, 3), page)


@pytest.mark.parametrize(("dims", "shape"), [("ZQ", (2, 3)), ("CS", (2, 3))])
def test_two_axes_of_one_kind_are_one_too_many(dims, shape):
    with pytest.raises(ReadError, match="has 4 dimensions"):
        select_planes("a", dims, shape, None)


def test_channels_of_planes_that_have_colours_are_too_many():
    with pytest.raises(ReadError, match="has 4 dimensions"):
        select_planes("a", "C", (2,), None, colours=True)


@pytest.mark.parametrize(
    ("dims", "axes"),
    [
        ("YX", "YX"),
        ("ZYX", "ZYX"),
        ("IYX", "ZYX"),
        ("YXS", "YXC"),
        ("CYX", "YXC"),
        ("λYX", "YXC"),
        ("ZCYX", "ZYXC"),
        ("CZYX", "ZYXC"),
        ("ZYXS", "ZYXC"),
    ],
)
def test_axes_come_out_in_one_order(dims, axes):
    sizes = {"Y": 4, "X": 5, "Z": 2, "I": 2, "C": 3, "S": 3, "λ": 3}
    pixels = np.arange(prod(sizes[letter] for letter in dims))
    pixels = pixels.reshape([sizes[letter] for letter in dims])
    result, found = arranged(pixels, dims)
    assert found == axes
    spatial = {"Y": 4, "X": 5, "Z": 2, "C": 3}
    assert result.shape == tuple(spatial[letter] for letter in axes)
    assert np.array_equal(np.sort(result, axis=None), np.sort(pixels, axis=None))


def test_three_equal_channels_become_one():
    grey = np.arange(12, dtype=np.uint16).reshape(3, 4)
    pixels, axes = arranged(np.stack([grey] * 3, axis=-1), "YXS")
    assert axes == "YX"
    assert np.array_equal(pixels, grey)


def test_one_different_value_keeps_three_channels():
    pixels = np.zeros((3, 4, 3), np.uint8)
    pixels[2, 3, 1] = 1
    assert arranged(pixels, "YXS")[1] == "YXC"


def test_a_single_channel_is_no_axis():
    assert arranged(np.zeros((1, 3, 4)), "CYX")[1] == "YX"


def test_planes_in_memory_are_chosen_as_planes_in_files():
    pixels = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    stored = Stored(pixels, "TZYX", "test")
    assert np.array_equal(taken("a", stored, None).pixels, pixels[0])
    assert np.array_equal(taken("a", stored, 4).pixels, pixels[1, 1])
    assert taken("a", stored, 4).dims == "YX"
