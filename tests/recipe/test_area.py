"""Rectangles of a recipe: what is kept, and what is left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.recipe.area import within_area
from segmetry.recipe.model import Area

PICTURE = Image(np.zeros((12, 20), np.uint8))
rectangles = st.lists(
    st.tuples(
        st.integers(0, 19), st.integers(0, 11), st.integers(1, 30), st.integers(1, 30)
    ),
    max_size=3,
)


@given(only=rectangles, exclude=rectangles)
def test_a_pixel_counts_inside_those_of_only_and_outside_those_of_exclude(only, exclude):
    found = within_area(PICTURE, Area(only=only, exclude=exclude)).included

    def inside(boxes, y, x):
        return any(a <= x < a + w and b <= y < b + h for a, b, w, h in boxes)

    for y, x in np.ndindex(found.shape):
        wanted = (not only or inside(only, y, x)) and not inside(exclude, y, x)
        assert found[y, x] == wanted


def test_what_was_excluded_before_stays_so():
    excluded = np.zeros((12, 20), dtype=bool)
    excluded[0, 0] = True
    picture = Image(PICTURE.pixels, excluded=excluded)
    assert not within_area(picture, Area(only=[[0, 0, 5, 5]])).included[0, 0]


def test_without_rectangles_the_picture_is_the_same():
    assert within_area(PICTURE, Area()) is PICTURE


def test_a_rectangle_outside_is_told():
    with pytest.raises(RecipeError, match="lies outside the picture"):
        within_area(PICTURE, Area(only=[[20, 0, 5, 5]]))
