import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from segmetry.segment.distance import distance_to_background
from segmetry.segment.flooding import LEVELS_PER_PIXEL


@st.composite
def masks(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    noise = rng.random(draw(st.tuples(st.integers(1, 60), st.integers(1, 60))))
    noise = ndimage.gaussian_filter(noise, draw(st.sampled_from([0, 0.7, 2, 5])))
    return noise > np.quantile(noise, draw(st.floats(0, 0.9)))


@given(masks())
@settings(max_examples=150, deadline=None)
def test_distances_are_those_of_an_exact_method(mask):
    if mask.all():
        assert (distance_to_background(mask) == 1).all()
        return
    exact = ndimage.distance_transform_edt(mask).astype(np.float32)
    assert np.array_equal(distance_to_background(mask), exact)


@pytest.mark.parametrize("column", [0, 7, 5000, 19_960])
def test_an_object_is_as_deep_wherever_in_a_wide_picture_it_lies(column):
    y, x = np.mgrid[:31, :31]
    disc = (y - 15) ** 2 + (x - 15) ** 2 < 190
    wide = np.zeros((31, 20_000), bool)
    wide[:, column : column + 31] = disc
    own = distance_to_background(wide)[:, column : column + 31]
    assert np.array_equal(own, distance_to_background(disc))


def test_a_column_without_background_takes_that_of_others():
    mask = np.ones((3, 5), bool)
    mask[1, 0] = False
    assert distance_to_background(mask)[1].tolist() == [0, 1, 2, 3, 4]


def test_levels_of_the_flood_tell_distances_apart():
    mask = np.zeros((40, 40), bool)
    mask[3:37, 3:37] = True
    levels = np.unique((distance_to_background(mask) * LEVELS_PER_PIXEL).astype(int))
    assert len(levels) == len(np.unique(distance_to_background(mask)))
