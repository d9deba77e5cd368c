"""Objects cut along boundaries: nothing is lost, and a gap joins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from skimage.measure import label

from segmetry.segment.boundaries import cut_by_boundary


def random_case(seed):
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.random((40, 50)), rng.uniform(0.5, 3))
    foreground = noise > np.quantile(noise, rng.uniform(0.2, 0.9))
    ridges = gaussian_filter(rng.random((40, 50)), rng.uniform(0.5, 2))
    boundary = (ridges - ridges.min()) / np.ptp(ridges)
    return foreground, boundary


def two_squares(gap=0):
    foreground = np.zeros((20, 41), bool)
    foreground[4:16, 4:37] = True
    boundary = np.zeros((20, 41))
    boundary[4:16, 19:22] = 0.9
    boundary[8 : 8 + gap, 19:22] = 0
    return foreground, boundary


@given(seed=st.integers(0, 2**32 - 1))
def test_no_pixel_of_the_foreground_is_lost(seed):
    foreground, boundary = random_case(seed)
    found = cut_by_boundary(foreground, boundary)
    assert np.array_equal(found > 0, foreground)


@given(seed=st.integers(0, 2**32 - 1), least=st.integers(1, 60))
def test_every_object_is_in_one_piece_and_numbered_in_reading_order(seed, least):
    foreground, boundary = random_case(seed)
    found = cut_by_boundary(foreground, boundary, min_area=least)
    numbers, first = np.unique(found, return_index=True)
    inside = first[numbers > 0]
    assert numbers[numbers > 0].tolist() == list(range(1, len(inside) + 1))
    assert (np.diff(inside) > 0).all()
    for number in range(1, len(inside) + 1):
        own = found == number
        assert own.sum() >= least
        assert label(own, connectivity=2).max() == 1


def test_a_boundary_is_given_to_both_sides():
    found = cut_by_boundary(*two_squares())
    assert found.max() == 2
    assert np.bincount(found.ravel())[1:].tolist() == [12 * 16, 12 * 17]


def test_a_gap_in_a_boundary_joins():
    assert cut_by_boundary(*two_squares(gap=2)).max() == 1


def test_without_a_boundary_objects_are_those_that_touch():
    foreground, boundary = random_case(3)
    found = cut_by_boundary(foreground, np.zeros_like(boundary))
    assert found.max() <= label(foreground, connectivity=1).max()
    assert found.max() >= label(foreground, connectivity=2).max()


@pytest.mark.parametrize("width", [1, 2])
def test_an_object_that_is_all_rim_is_still_an_object(width):
    foreground = np.zeros((20, 20), bool)
    foreground[5 : 5 + width, 3:17] = True
    assert cut_by_boundary(foreground, np.ones((20, 20))).max() == 1


def test_specks_of_inside_within_a_boundary_are_no_objects():
    foreground, boundary = two_squares()
    boundary[6, 20] = 0
    assert cut_by_boundary(foreground, boundary, min_area=16).max() == 2
