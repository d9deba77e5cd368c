import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.prepare import remove_banner

FILLS = ("reflect", "nearest", "constant", "inpaint")


def numbered(height=10, width=6, dtype=np.uint8):
    """Every row holds its own number."""
    return np.repeat(np.arange(height)[:, None], width, axis=1).astype(dtype)


def rows_after(rows, method, height=10):
    image = remove_banner(Image(numbered(height)), rows, method=method)
    return image.pixels[:, 0].tolist()


def test_cropping_takes_the_rows_away_and_nothing_else():
    assert rows_after((7, 10), "crop") == list(range(7))
    assert rows_after((0, 4), "crop") == list(range(4, 10))


def test_cropping_in_the_middle_leaves_the_larger_part():
    assert rows_after((2, 4), "crop") == [4, 5, 6, 7, 8, 9]
    assert rows_after((6, 8), "crop") == [0, 1, 2, 3, 4, 5]


def test_reflecting_mirrors_the_rows_beside_the_banner():
    assert rows_after((7, 10), "reflect") == [0, 1, 2, 3, 4, 5, 6, 6, 5, 4]
    assert rows_after((0, 3), "reflect") == [5, 4, 3, 3, 4, 5, 6, 7, 8, 9]


def test_reflecting_runs_back_and_forth_under_a_tall_banner():
    assert rows_after((2, 10), "reflect") == [0, 1, 1, 0, 0, 1, 1, 0, 0, 1]
    assert rows_after((0, 9), "reflect") == [9] * 10


def test_the_nearest_row_is_repeated():
    assert rows_after((7, 10), "nearest") == [0, 1, 2, 3, 4, 5, 6, 6, 6, 6]
    assert rows_after((0, 3), "nearest") == [3, 3, 3, 3, 4, 5, 6, 7, 8, 9]
    assert rows_after((1, 10), "nearest") == [0] * 10


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("reflect", [0, 1, 2, 2, 1, 8, 7, 7, 8, 9]),
        ("nearest", [0, 1, 2, 2, 2, 7, 7, 7, 8, 9]),
    ],
)
def test_a_banner_in_the_middle_is_filled_from_both_sides(method, expected):
    assert rows_after((3, 7), method) == expected


def test_the_middle_row_of_an_odd_banner_is_filled_from_above():
    assert rows_after((3, 6), "nearest") == [0, 1, 2, 2, 2, 6, 6, 7, 8, 9]


def test_a_constant_is_written():
    image = remove_banner(Image(numbered()), (7, 10), method="constant", value=77)
    assert (image.pixels[7:] == 77).all()
    assert np.array_equal(image.pixels[:7], numbered()[:7])


def test_inpainting_continues_an_even_picture():
    pixels = np.full((20, 30), 90, np.uint8)
    pixels[15:] = 255
    pixels[0, 0] = 80
    filled = remove_banner(Image(pixels), (15, 20), method="inpaint").pixels
    assert abs(filled[15:].astype(int) - 90).max() <= 1
    assert np.array_equal(filled[:15], pixels[:15])


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_inpainting_keeps_the_range_of_other_dtypes(dtype):
    pixels = (1000 + 100 * numbered(20, 30, int)).astype(dtype)
    filled = remove_banner(Image(pixels), (15, 20), method="inpaint").pixels
    assert filled.dtype == dtype
    assert 1000 <= filled[15:].min() <= filled[15:].max() <= 2400


def test_inpainting_a_flat_picture_gives_its_value():
    pixels = np.full((20, 30), 7, np.uint8)
    pixels[15:] = 200
    assert (remove_banner(Image(pixels), (15, 20), method="inpaint").pixels == 7).all()


@pytest.mark.parametrize("method", FILLS)
def test_colours_are_filled_too(method):
    colour = np.repeat(numbered()[..., None], 3, axis=2)
    image = remove_banner(Image(colour, axes="YXC"), (7, 10), method=method)
    assert image.pixels.shape == (10, 6, 3)
    assert np.array_equal(image.pixels[:7], colour[:7])


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 30), st.data())
def test_filling_keeps_all_other_rows_and_excludes_the_banner(height, data):
    top = data.draw(st.integers(0, height - 1))
    bottom = data.draw(st.integers(top + 1, height))
    method = data.draw(st.sampled_from(FILLS))
    if bottom - top == height:
        return
    pixels = numbered(height)
    image = remove_banner(Image(pixels), (top, bottom), method=method, value=99)
    outside = np.r_[0:top, bottom:height]
    assert np.array_equal(image.pixels[outside], pixels[outside])
    assert image.excluded[top:bottom].all()
    assert not image.excluded[outside].any()
    if method in {"reflect", "nearest"}:
        assert set(image.pixels[top:bottom, 0].tolist()) <= set(outside.tolist())


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 30), st.data())
def test_cropping_leaves_rows_of_the_picture_only(height, data):
    top = data.draw(st.integers(0, height - 1))
    bottom = data.draw(st.integers(top + 1, height))
    if bottom - top == height:
        return
    left = rows_after((top, bottom), "crop", height)
    assert len(left) == max(top, height - bottom)
    assert not set(left) & set(range(top, bottom))


def test_what_was_excluded_before_stays_so():
    excluded = np.zeros((10, 6), dtype=bool)
    excluded[:, 0] = True
    image = Image(numbered(), excluded=excluded)
    filled = remove_banner(image, (7, 10), method="nearest")
    assert filled.excluded[:, 0].all()
    assert filled.excluded.sum() == 10 + 3 * 5
    assert np.array_equal(
        remove_banner(image, (7, 10), method="crop").excluded, excluded[:7]
    )


def test_the_history_tells_the_rows_and_the_method():
    step = remove_banner(Image(numbered()), (7, 10), method="nearest").steps[-1]
    assert step.name == "remove banner"
    assert dict(step.options) == {"first_row": 7, "stop_row": 10, "method": "nearest"}


@pytest.mark.parametrize("rows", [(5, 5), (6, 5), (-1, 5), (5, 11)])
def test_rows_outside_the_picture_are_refused(rows):
    with pytest.raises(PictureError, match="banner rows must lie within 0 to 10"):
        remove_banner(Image(numbered()), rows, method="crop")


def test_a_banner_that_takes_all_rows_is_refused():
    with pytest.raises(PictureError, match="takes all 10 rows"):
        remove_banner(Image(numbered()), (0, 10), method="crop")


def test_a_stack_is_refused():
    stack = Image(np.zeros((3, 9, 9), np.uint8), axes="ZYX")
    with pytest.raises(PictureError, match="got a stack"):
        remove_banner(stack, (0, 1), method="crop")


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="method must be one of crop"):
        remove_banner(Image(numbered()), (7, 10), method="blur")
