"""Shifts and deformations that are known are found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, map_coordinates

from segmetry.tracking import Motion, find_motion, find_shift, move_labels


def texture(seed, shape=(160, 180), *, blur=2.0):
    noise = np.random.default_rng(seed).random(shape)
    return gaussian_filter(noise, blur).astype(np.float32)


@given(seed=st.integers(0, 999), dy=st.integers(-20, 20), dx=st.integers(-20, 20))
@settings(max_examples=12)
def test_a_whole_shift_is_found(seed, dy, dx):
    scene = texture(seed)
    earlier, later = scene[20:-20, 20:-20], scene[20 - dy : 140 - dy, 20 - dx : 160 - dx]
    found = find_shift(earlier, later)
    assert (found.y, found.x) == pytest.approx((dy, dx), abs=0.15)


@pytest.mark.parametrize("shift", [(0.3, -0.7), (2.45, 1.1)])
def test_a_part_of_a_pixel_is_found(shift):
    scene = texture(1)
    y, x = np.mgrid[20:140, 20:160].astype(float)
    earlier = map_coordinates(scene, [y, x], order=3)
    later = map_coordinates(scene, [y - shift[0], x - shift[1]], order=3)
    found = find_shift(earlier, later)
    assert (found.y, found.x) == pytest.approx(shift, abs=0.1)


@given(seed=st.integers(0, 999))
@settings(max_examples=8)
def test_back_in_time_the_shift_is_the_opposite(seed):
    scene = texture(seed)
    one, other = scene[10:120, 10:130], scene[15:125, 3:123]
    ahead, back = find_shift(one, other), find_shift(other, one)
    assert (ahead.y, ahead.x) == pytest.approx((-back.y, -back.x), abs=0.2)


@given(scale=st.floats(0.5, 20), offset=st.floats(-50, 50))
@settings(max_examples=8)
def test_exposure_does_not_matter(scale, offset):
    scene = texture(3)
    one, other = scene[10:120, 10:130], scene[15:125, 3:123]
    plain, exposed = find_shift(one, other), find_shift(one, scale * other + offset)
    assert (plain.y, plain.x) == pytest.approx((exposed.y, exposed.x), abs=0.051)


def test_pictures_that_have_nothing_in_common_are_not_shifted_far():
    found = find_shift(texture(1, (60, 60)), np.zeros((60, 60)))
    assert (found.y, found.x) == (0, 0)


def test_rows_of_cells_of_which_some_are_lost_are_not_shifted_by_whole_rows():
    random = np.random.default_rng(0)
    pictures = []
    for _ in range(2):
        cells = np.zeros((400, 400))
        for y, x in np.argwhere(random.random((20, 20)) > 0.05) * 20 + 3:
            dy, dx = random.integers(-1, 2, 2)
            cells[y + dy : y + dy + 12, x + dx : x + dx + 12] = 1
        pictures.append(cells)
    found = find_shift(*pictures)
    assert abs(found.y) < 1.5
    assert abs(found.x) < 1.5


def test_the_same_picture_is_not_shifted():
    scene = texture(5)
    assert (find_shift(scene, scene).y, find_shift(scene, scene).x) == (0, 0)


def test_pictures_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        find_shift(np.zeros((3, 4)), np.zeros((4, 3)))


def test_flow_follows_tissue_that_stretches():
    scene = texture(7, (200, 200), blur=3)
    y, x = np.mgrid[:200, :200].astype(float)
    later = map_coordinates(
        scene, [100 + (y - 100) / 1.05, 100 + (x - 100) / 1.05], order=1
    )
    labels = np.zeros((200, 200), np.uint32)
    labels[40:60, 40:60], labels[140:160, 150:170] = 3, 8
    motion = find_motion(scene, later)
    moved = move_labels(labels, motion)
    for number, centre in ((3, (49.5, 49.5)), (8, (149.5, 159.5))):
        found = np.argwhere(moved == number).mean(axis=0)
        true = 100 + (np.array(centre) - 100) * 1.05
        still = np.abs(np.array(centre) - true).max()
        assert np.abs(found - true).max() < 0.35 * still


def test_a_small_picture_has_no_flow():
    scene = texture(1, (20, 40))
    assert find_motion(scene, scene).flow is None


@given(dy=st.integers(-3, 3), dx=st.integers(-3, 3))
@settings(max_examples=10)
def test_labels_move_there_and_back(dy, dx):
    labels = np.zeros((20, 20), np.uint32)
    labels[6:10, 6:12] = 4
    there = move_labels(labels, Motion(dy, dx))
    assert np.array_equal(there, np.roll(labels, (dy, dx), axis=(0, 1)))
    assert np.array_equal(move_labels(there, Motion(-dy, -dx)), labels)


def test_labels_that_leave_the_picture_are_gone():
    assert not move_labels(np.ones((4, 4), np.uint32), Motion(y=9)).any()
