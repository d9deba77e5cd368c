"""A picture in memory gives any window as it lies in the whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry import Image, PixelSize
from segmetry.image import Step
from segmetry.tiled import InMemory

SIZE = PixelSize(y=2, x=3, unit="nm", source="typed")
SPAN = st.tuples(st.integers(0, 8), st.integers(1, 9)).map(lambda ab: slice(ab[0], sum(ab)))


@given(SPAN, SPAN, st.sampled_from([(20, 17), (20, 17, 3)]))
def test_a_window_holds_the_pixels_and_exclusions_of_the_whole(rows, columns, shape):
    rng = np.random.default_rng(0)
    pixels, excluded = rng.integers(0, 255, shape), rng.random(shape[:2]) < 0.5
    axes = "YXC"[: len(shape)]
    whole = Image(pixels, axes=axes, excluded=excluded)
    part = InMemory(whole).read((rows, columns))
    assert part.axes == axes
    np.testing.assert_array_equal(part.pixels, pixels[rows, columns])
    np.testing.assert_array_equal(part.excluded, excluded[rows, columns])


def test_a_window_keeps_size_name_and_history():
    whole = Image(
        np.zeros((4, 5)), pixel_size=SIZE, name="slide", steps=(Step("read", {"a": 1}),)
    )
    tiled = InMemory(whole)
    assert (tiled.spatial_shape, tiled.axes) == ((4, 5), "YX")
    assert (tiled.pixel_size, tiled.name) == (SIZE, "slide")
    part = tiled.read((slice(0, 2), slice(1, 3)))
    assert (part.pixel_size, part.name, part.steps) == (SIZE, "slide", whole.steps)
    assert part.excluded is None


def test_a_window_outside_the_picture_is_refused():
    with pytest.raises(ValueError, match="cannot have shape"):
        InMemory(Image(np.zeros((4, 5)))).read((slice(4, 6), slice(0, 2)))
