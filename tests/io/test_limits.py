import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io.limits import MAX_PIXELS, check_size, for_strangers


@given(st.integers(1, 30_000), st.integers(1, 30_000))
def test_pictures_up_to_the_limit_pass(height, width):
    check_size("a.tif", (height, width))


def test_a_picture_of_20000_squared_passes():
    check_size("wafer.tif", (20_000, 20_000), stored=400_000_000)


def test_a_picture_of_60000_squared_is_too_large():
    with pytest.raises(ReadError, match=r"a\.tif has 60,000 x 60,000 values"):
        check_size("a.tif", (60_000, 60_000))


@given(st.integers(2, 6))
def test_the_limit_counts_all_axes(n_axes):
    side = int(MAX_PIXELS ** (1 / n_axes)) + 2
    with pytest.raises(ReadError, match="more than"):
        check_size("a.tif", (side,) * n_axes)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (-1, 5), ()])
def test_a_picture_without_pixels_is_refused(shape):
    with pytest.raises(ReadError, match="has no pixels"):
        check_size("a.tif", shape)


def test_a_header_that_promises_far_more_than_the_file_holds_is_refused():
    with pytest.raises(ReadError, match="but only 500 bytes"):
        check_size("a.tif", (20_000, 20_000), stored=500)


def test_a_small_blank_page_may_be_packed_as_much_as_it_likes():
    check_size("fax.tif", (3508, 2480), stored=300)


def test_wide_values_count_more_than_narrow_ones():
    shape, stored = (15_000, 15_000), 200_000
    check_size("a.tif", shape, itemsize=1, stored=stored)
    with pytest.raises(ReadError, match="damaged or cut off"):
        check_size("a.tif", shape, itemsize=8, stored=stored)


@pytest.mark.parametrize(
    ("shape", "itemsize", "passes"),
    [
        ((14_142, 14_142, 3), 1, True),
        ((14_500, 14_500, 3), 1, False),
        ((20_000, 20_000), 4, True),
        ((20_000, 27_000), 4, False),
    ],
)
def test_strangers_may_bring_200_megapixels_in_colour(shape, itemsize, passes):
    check_size("a.tif", shape, itemsize=itemsize)
    with for_strangers():
        if passes:
            check_size("a.tif", shape, itemsize=itemsize)
        else:
            with pytest.raises(ReadError, match="more than 200 megapixels or 2 GiB"):
                check_size("a.tif", shape, itemsize=itemsize)
    check_size("a.tif", shape, itemsize=itemsize)
