import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, label

from segmetry.image import Image, Labels
from segmetry.measure.counting_frame import counted_in_frame, pixel_range


def labels_of(data, excluded=None):
    data = np.asarray(data, np.uint32)
    return Labels(data, Image(np.zeros(data.shape, np.uint8), excluded=excluded))


def drawn_field(seed, shape=(90, 120)):
    """Draw objects of any shape and size, some of them in several pieces."""
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.random(shape), rng.uniform(0.7, 5))
    pieces, n = label(noise > np.quantile(noise, rng.uniform(0.4, 0.95)))
    joined = np.append(0, rng.integers(1, max(int(n * 0.8), 2), n))
    return (joined if rng.random() < 0.5 else np.arange(n + 1))[pieces]


def in_the_middle(field, room):
    """Put a field into a picture so large that no object is cut by its edge."""
    return np.pad(field, room)


@pytest.mark.parametrize("seed", range(30))
def test_over_frames_that_cover_the_plane_each_object_counts_exactly_once(seed):
    rng = np.random.default_rng(seed)
    labels = labels_of(in_the_middle(drawn_field(seed), 40))
    height, width = labels.data.shape
    # Steps and offsets between pixels: frames need not end at the side of one.
    wide, high = rng.uniform(7, 60, 2)
    lefts = np.arange(-wide * rng.uniform(0, 1) - 1, width + 1, wide)
    tops = np.arange(-high * rng.uniform(0, 1) - 1, height + 1, high)
    counts = np.zeros(int(labels.data.max()) + 1, int)
    for left in lefts:
        for top in tops:
            counts[counted_in_frame(labels, (left, top, left + wide, top + high))] += 1
    assert counts[labels.ids].tolist() == [1] * len(labels.ids)


@pytest.mark.parametrize("seed", range(10))
def test_the_rule_is_free_of_bias_where_others_are_not(seed):
    """Over all places of a frame, whole objects are too few, and those met too many."""
    labels = labels_of(in_the_middle(drawn_field(seed), 31))
    step, size = 10, 30
    height, width = labels.data.shape
    counted = whole = touched = 0
    for top in range(-size, height, step):
        for left in range(-size, width, step):
            frame = (left, top, left + size, top + size)
            inside = labels.data[max(top, 0) : top + size, max(left, 0) : left + size]
            counted += len(counted_in_frame(labels, frame))
            met = np.setdiff1d(inside, [0])
            touched += len(met)
            area = np.bincount(labels.data.ravel())
            whole += int(
                (np.bincount(inside.ravel(), minlength=len(area)) == area)[met].sum()
            )
    expected = len(labels.ids) * (size / step) ** 2
    assert counted == expected
    assert whole < expected < touched


def test_objects_on_accepted_lines_count_and_on_forbidden_ones_do_not():
    data = np.zeros((20, 20), np.uint32)
    data[8:10, 3:6] = 1  # over the left side
    data[14:17, 8] = 2  # over the lower side
    data[9, 13:17] = 3  # over the right side
    data[3:7, 10] = 4  # over the upper side
    data[10:12, 9:11] = 5  # inside
    data[1:3, 17:19] = 6  # far away
    assert counted_in_frame(labels_of(data), (5, 5, 15, 15)).tolist() == [3, 4, 5]


def test_the_extensions_of_forbidden_lines_reach_beyond_the_frame():
    data = np.zeros((20, 20), np.uint32)
    data[2, 3:9] = data[2:8, 8] = (
        1  # over the upper side, then over the left one's extension
    )
    data[12, 12:18] = data[12:19, 17] = (
        2  # over the right side, then down beside its extension
    )
    data[7, 12:18] = data[7:19, 18] = data[18, 10:19] = 3  # the same, and across it
    assert counted_in_frame(labels_of(data), (5, 5, 15, 15)).tolist() == [2]


def test_the_edge_of_the_picture_is_crossed_by_what_touches_it():
    data = np.zeros((12, 12), np.uint32)
    data[5, 0:2], data[11, 5], data[0, 5], data[5, 11] = 1, 2, 3, 4
    assert counted_in_frame(labels_of(data), (0, 0, 12, 12)).tolist() == [3, 4]


def test_so_is_the_edge_of_the_excluded_area():
    data = np.zeros((12, 12), np.uint32)
    data[8, 4:6], data[5, 3], data[5, 8] = 1, 2, 3
    excluded = np.zeros((12, 12), bool)
    excluded[9:], excluded[:, :3] = True, True  # a banner, and a margin at the left
    assert counted_in_frame(labels_of(data, excluded), (3, 0, 12, 9)).tolist() == [3]


def test_a_frame_between_two_pixels_counts_nothing():
    assert not len(counted_in_frame(labels_of(np.ones((4, 4))), (1.6, 0, 2.4, 4)))


@given(st.floats(0, 50), st.floats(0.1, 9), st.integers(1, 50))
def test_ranges_side_by_side_hold_each_pixel_once(start, step, size):
    ends = np.append(np.arange(0, 6) * step + start, np.inf)
    ranges = [pixel_range(0, ends[0], size)]
    ranges += [
        pixel_range(low, min(high, 1e6), size) for low, high in itertools.pairwise(ends)
    ]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == size
    assert all(one[1] == other[0] for one, other in itertools.pairwise(ranges))
