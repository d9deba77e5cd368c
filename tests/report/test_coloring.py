import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from segmetry.report.coloring import choose_colors


def rim_of(data):
    padded = np.pad(data, 1, mode="edge")
    around = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    return (data > 0) & ~np.all([side == data for side in around], axis=0)


def shared(data, ids, colors):
    """Pairs of touching objects that have one colour."""
    color = dict(zip(ids.tolist(), colors.tolist(), strict=True))
    beside = [(data[:, 1:], data[:, :-1]), (data[1:], data[:-1])]
    pairs = {
        (int(a), int(b))
        for one, two in beside
        for a, b in zip(one.ravel(), two.ravel(), strict=True)
        if a != b and a > 0 and b > 0
    }
    return [pair for pair in pairs if color[pair[0]] == color[pair[1]]]


def cells(seed, n=60, shape=(70, 90)):
    """Voronoi cells: every object touches several others, each in one piece."""
    rng = np.random.default_rng(seed)
    seeds = np.zeros(shape, np.uint32)
    seeds.flat[rng.choice(seeds.size, n, replace=False)] = 1 + rng.permutation(n)
    nearest = distance_transform_edt(
        seeds == 0, return_distances=False, return_indices=True
    )
    return seeds[tuple(nearest)]


@pytest.mark.parametrize("seed", range(25))
def test_cells_that_touch_never_share_one_of_six_colors(seed):
    data = cells(seed)
    ids, colors = choose_colors(data, rim_of(data), n_colors=6)
    assert shared(data, ids, colors) == []
    assert colors.max() < 6


def test_a_wheel_of_rings_and_spokes_needs_no_seventh_color():
    y, x = np.indices((90, 90)) - 44.5
    ring = (np.hypot(y, x) / 6).astype(int)
    spoke = ((np.arctan2(y, x) + np.pi) / (2 * np.pi) * 9.999).astype(int)
    data = (1 + np.where(ring == 0, 0, ring * 10 + spoke)).astype(np.uint32)
    ids, colors = choose_colors(data, rim_of(data), n_colors=6)
    assert shared(data, ids, colors) == []


def test_objects_that_meet_at_a_corner_differ_while_colors_are_left():
    data = np.array([[1, 2], [3, 4]], np.uint32).repeat(5, 0).repeat(5, 1)
    _, colors = choose_colors(data, rim_of(data), n_colors=6)
    assert len(set(colors.tolist())) == 4


def test_objects_far_apart_keep_their_turn():
    data = np.zeros((10, 90), np.uint32)
    for turn in range(8):
        data[2:8, 4 + 11 * turn : 8 + 11 * turn] = 10 * turn + 1
    ids, colors = choose_colors(data, rim_of(data), n_colors=6)
    assert ids.tolist() == list(range(1, 80, 10))
    assert colors.tolist() == [0, 1, 2, 3, 4, 5, 0, 1]


def test_objects_in_several_pieces_may_share_but_all_get_a_color():
    rng = np.random.default_rng(0)
    data = rng.integers(1, 12, (30, 30)).astype(np.uint32)
    ids, colors = choose_colors(data, rim_of(data), n_colors=6)
    assert ids.size == colors.size == 11
    assert set(colors.tolist()) <= set(range(6))


def test_no_objects_give_no_colors():
    data = np.zeros((4, 4), np.uint32)
    ids, colors = choose_colors(data, data > 0, n_colors=6)
    assert ids.size == colors.size == 0


@pytest.mark.parametrize("seed", range(5))
def test_large_numbers_are_coloured_like_small_ones(seed):
    data = cells(seed, n=30, shape=(40, 50))
    large = np.where(data > 0, data + np.uint32(2**32 - 100), 0).astype(np.uint32)
    _, colors = choose_colors(data, rim_of(data), n_colors=6)
    ids, same = choose_colors(large, rim_of(large), n_colors=6)
    assert np.array_equal(colors, same)
    assert ids.min() > 2**31
