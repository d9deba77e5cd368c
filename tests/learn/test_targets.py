import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmetry.learn.targets import class_targets, foreground_targets, object_targets

LABELS = hnp.arrays(
    np.uint32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14),
    elements=st.integers(0, 3),
)


def discs(seed, *, n=9, shape=(60, 70)):
    """Discs at random places, later ones over earlier ones."""
    rng = np.random.default_rng(seed)
    y, x = np.ogrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number in range(1, n + 1):
        row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        radius = rng.uniform(3, 12)
        labels[(y - row) ** 2 + (x - column) ** 2 <= radius**2] = number
    return labels


def to_other_numbers(labels):
    """Distance of each pixel to the nearest pixel of another number, one by one."""
    places = np.argwhere(np.ones(labels.shape, bool))
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    other = labels.ravel()[:, None] != labels.ravel()[None]
    return np.where(other, apart, math.inf).min(axis=1).reshape(labels.shape)


def border_by_force(labels, reach):
    """Whether two objects have pixels within reach, for each pixel."""
    places = np.argwhere(np.ones(labels.shape, bool))
    near = np.linalg.norm(places[:, None] - places[None], axis=-1) <= reach
    seen = [np.unique(labels.ravel()[row & (labels.ravel() > 0)]).size for row in near]
    return (np.array(seen) > 1).reshape(labels.shape)


def depth_by_force(labels):
    """Distance to the own pixels that have a side neighbour of another number, and 1."""
    padded = np.pad(labels.astype(np.int64), 1, mode="edge")
    beside = [padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]]
    rim = np.any([each != labels for each in beside], axis=0)
    depth = np.zeros(labels.shape)
    for row, column in np.argwhere(labels > 0):
        own = np.argwhere(rim & (labels == labels[row, column]))
        if len(own):
            depth[row, column] = 1 + np.linalg.norm(own - (row, column), axis=1).min()
        else:
            depth[row, column] = 1
    return depth


def share_by_force(labels):
    depth = depth_by_force(labels)
    share = np.zeros(labels.shape)
    for number in np.unique(labels[labels > 0]):
        own = labels == number
        share[own] = depth[own] / depth[own].max()
    return share


def same(found, expected):
    """Equal, but for the last bit that OpenCV's distances owe to their place in memory."""
    return np.allclose(found, expected, rtol=1e-6, atol=0)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_distances_are_those_found_pixel_by_pixel(labels):
    found = object_targets(labels)[..., 2]
    assert np.allclose(found, share_by_force(labels), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_foreground_is_where_a_number_is(labels):
    assert np.array_equal(object_targets(labels)[..., 0], labels > 0)


@settings(max_examples=60, deadline=None)
@given(LABELS, st.sampled_from([0.4, 1.0, 1.5, 2.0, 3.0]))
def test_borders_are_where_two_objects_are_in_reach(labels, reach):
    found = object_targets(labels, border_px=reach)[..., 1]
    assert np.array_equal(found, border_by_force(labels, reach))


@pytest.mark.parametrize("seed", range(4))
def test_distance_grows_as_that_to_the_nearest_other_number(seed):
    labels = discs(seed, shape=(40, 44), n=5)
    true = np.where(labels > 0, to_other_numbers(labels), 0)
    share = object_targets(labels)[..., 2]
    for number in np.unique(labels[labels > 0]):
        own = labels == number
        depth = share[own] * depth_by_force(labels)[own].max()
        # From a pixel's middle to its rim and one step on, never shorter than straight.
        assert (depth >= true[own] - 1e-4).all()
        assert (depth <= true[own] + 2 - math.sqrt(2) + 1e-4).all()


@pytest.mark.parametrize("radius", [3, 6.5, 12])
def test_a_disc_is_a_cone(radius):
    y, x = np.mgrid[:41, :41] - 20
    from_middle = np.hypot(y, x)
    share = object_targets((from_middle <= radius).astype(np.uint32))[..., 2]
    assert share[20, 20] == 1
    cone = 1 - from_middle / (math.floor(radius) + 1)
    inside = from_middle <= radius
    assert abs(share - cone)[inside].max() < 0.7 / radius + 0.05
    assert not share[~inside].any()


def test_the_frame_is_no_edge():
    labels = np.zeros((9, 12), np.uint32)
    labels[:, :6] = 1
    share = object_targets(labels)[4, :, 2]
    assert share.tolist() == pytest.approx([1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6] + 6 * [0])


@pytest.mark.parametrize("number", [1, 7])
def test_an_object_that_fills_the_picture_is_as_deep_everywhere(number):
    maps = object_targets(np.full((5, 8), number, np.uint32))
    assert (maps == [1, 0, 1]).all()


def test_an_empty_picture_wants_nothing():
    assert not object_targets(np.zeros((6, 5), np.uint32)).any()


def test_single_pixels_and_lines_are_as_deep_as_they_can_be():
    labels = np.zeros((7, 9), np.uint32)
    labels[1, 1] = 5
    labels[3, 2:8] = 9
    share = object_targets(labels)[..., 2]
    assert share[1, 1] == 1
    assert (share[3, 2:8] == 1).all()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_a_picture_turns_its_maps(seed, turns):
    labels = discs(seed)
    found = object_targets(np.rot90(labels, turns).copy())
    assert same(found, np.rot90(object_targets(labels), turns))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("axis", [0, 1])
def test_mirroring_a_picture_mirrors_its_maps(seed, axis):
    labels = discs(seed)
    found = object_targets(np.flip(labels, axis).copy())
    assert same(found, np.flip(object_targets(labels), axis))


@pytest.mark.parametrize("seed", range(6))
def test_other_numbers_of_the_same_objects_change_nothing(seed):
    labels = discs(seed)
    expected = object_targets(labels)
    rng = np.random.default_rng(seed)
    shuffled = np.concatenate([[0], 1 + rng.permutation(int(labels.max()))])
    assert same(object_targets(shuffled[labels].astype(np.uint32)), expected)
    gaps = np.arange(labels.max() + 1) * 1_000_003
    assert same(object_targets(gaps[labels].astype(np.uint32)), expected)


def test_the_largest_number_there_is_needs_no_more_memory():
    labels = discs(0)
    high = np.where(labels > 0, labels + (2**32 - 1 - labels.max()), 0).astype(np.uint32)
    assert high.max() == 2**32 - 1
    assert same(object_targets(high), object_targets(labels))


@pytest.mark.parametrize("seed", range(6))
def test_an_object_far_from_others_does_not_know_of_them(seed):
    rng = np.random.default_rng(seed)
    alone = np.zeros((40, 90), np.uint32)
    alone[8:30, 5:35] = np.where(rng.random((22, 30)) < 0.8, 3, 0)
    both = alone.copy()
    both[:, 45:] = discs(seed, shape=(40, 45)) * 10
    assert same(object_targets(both)[:, :40], object_targets(alone)[:, :40])


@pytest.mark.parametrize("seed", range(6))
def test_a_wider_border_holds_the_narrower_one(seed):
    labels = discs(seed)
    borders = [object_targets(labels, border_px=reach)[..., 1] for reach in (1, 1.5, 3)]
    assert (borders[0] <= borders[1]).all()
    assert (borders[1] <= borders[2]).all()
    assert borders[0].sum() < borders[2].sum()


@pytest.mark.parametrize(("gap", "expected"), [(0, 4), (1, 3), (2, 2), (3, 1), (4, 0)])
def test_borders_lie_in_the_gap_between_objects_and_at_their_sides(gap, expected):
    labels = np.zeros((5, 24), np.uint32)
    labels[:, :10] = 1
    labels[:, 10 + gap :] = 2
    border = object_targets(labels, border_px=2)[..., 1]
    columns = np.flatnonzero(border[2])
    assert len(columns) == expected
    if expected:
        assert columns.mean() == pytest.approx(10 + (gap - 1) / 2)


def test_maps_are_float32_with_the_axes_of_a_picture():
    maps = object_targets(discs(1))
    assert maps.shape == (60, 70, 3)
    assert maps.dtype == np.float32
    assert 0 <= maps.min() < maps.max() == 1


@pytest.mark.parametrize("seed", range(5))
def test_foreground_and_classes_say_of_each_pixel_what_it_is(seed):
    labels = np.random.default_rng(seed).choice([0, 3, 5], (6, 9)).astype(np.uint32)
    assert np.array_equal(foreground_targets(labels)[..., 0], labels > 0)
    maps = class_targets(labels, numbers=(0, 3, 5))
    assert maps.dtype == np.float32
    assert np.array_equal(np.array([0, 3, 5])[maps.argmax(axis=-1)], labels)
    assert (maps.sum(axis=-1) == 1).all()
