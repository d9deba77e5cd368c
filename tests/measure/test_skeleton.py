"""The skeleton and its graph: no pixel is lost, no loop is made."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, label
from skimage.measure import euler_number

from segmetry.measure.skeleton import RING, skeleton_graph, skeleton_of

EVERYWHERE = np.ones((3, 3))


def random_mask(seed, *, smooth=(0.3, 3.0), shape=(60, 70)):
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.random(shape), rng.uniform(*smooth))
    return noise > np.quantile(noise, rng.uniform(0.2, 0.95))


def pixels_of(graph, shape):
    """How often each pixel is in the graph."""
    found = np.zeros(shape, int)
    np.add.at(found, tuple(graph.junction_pixels.T), 1)
    for path in graph.paths:
        np.add.at(found, tuple(path.astype(int).T), 1)
    return found


def loops_and_pieces(graph):
    """Independent loops and connected pieces, by joining nodes along the paths."""
    parent = list(range(len(graph.nodes)))

    def root(k):
        while parent[k] != k:
            k = parent[k]
        return k

    rings = loops = 0
    for start, end in graph.ends.tolist():
        if start == RING:
            rings += 1
        elif root(start) == root(end):
            loops += 1
        else:
            parent[root(start)] = root(end)
    pieces = sum(parent[k] == k for k in range(len(parent)))
    return loops + rings, pieces + rings


@pytest.mark.parametrize("seed", range(30))
def test_no_pixel_of_a_skeleton_is_lost_or_told_twice(seed):
    skeleton = skeleton_of(random_mask(seed))
    graph = skeleton_graph(skeleton)
    assert np.array_equal(pixels_of(graph, skeleton.shape), skeleton)


@pytest.mark.parametrize("seed", range(30))
def test_no_pixel_is_lost_where_there_is_no_thin_line_at_all(seed):
    rng = np.random.default_rng(seed)
    noise = rng.random((25, 30)) < rng.uniform(0.1, 1.0)
    assert np.array_equal(pixels_of(skeleton_graph(noise), noise.shape), noise)


@pytest.mark.parametrize("seed", range(30))
def test_pieces_are_kept_and_each_loop_is_around_a_hole(seed):
    mask = random_mask(seed)
    skeleton = skeleton_of(mask)
    loops, pieces = loops_and_pieces(skeleton_graph(skeleton))
    n_pieces = label(skeleton, EVERYWHERE)[1]
    n_holes = n_pieces - euler_number(skeleton, connectivity=2)
    assert pieces == n_pieces
    assert loops <= n_holes


@pytest.mark.parametrize("seed", range(20))
def test_every_hole_of_a_smooth_mask_is_a_loop(seed):
    mask = random_mask(seed, smooth=(2, 4))
    loops, pieces = loops_and_pieces(skeleton_graph(skeleton_of(mask)))
    n_pieces = label(mask, EVERYWHERE)[1]
    assert pieces == n_pieces
    assert loops == n_pieces - euler_number(mask, connectivity=2)


@pytest.mark.parametrize("seed", range(10))
def test_a_path_goes_from_neighbour_to_neighbour(seed):
    graph = skeleton_graph(skeleton_of(random_mask(seed)))
    for path in graph.paths:
        assert np.all(np.abs(np.diff(path, axis=0)).max(axis=1, initial=0) == 1)


@pytest.mark.parametrize("seed", range(10))
def test_a_path_begins_and_ends_beside_its_nodes(seed):
    graph = skeleton_graph(skeleton_of(random_mask(seed)))
    for path, ends in zip(graph.paths, graph.ends, strict=True):
        for pixel, node in zip((path[0], path[-1]), ends, strict=True):
            if node == RING:
                continue
            own = graph.junction_pixels[graph.junction_of == node]
            places = own if len(own) else graph.nodes[[node]]
            assert np.abs(places - pixel).max(axis=1).min() <= 1


def test_the_skeleton_lies_in_the_mask_and_is_thin():
    mask = np.zeros((30, 60), bool)
    mask[10:19, 5:55] = True
    skeleton = skeleton_of(mask)
    assert not np.any(skeleton & ~mask)
    assert skeleton[:, 15:45].sum(axis=0).tolist() == [1] * 30


@pytest.mark.parametrize("turns", range(4))
def test_a_skeleton_is_the_same_wherever_the_mask_lies(turns):
    mask = np.rot90(random_mask(3, shape=(20, 30)), turns)
    moved = np.pad(mask, ((7, 3), (2, 9)))
    assert np.array_equal(np.pad(skeleton_of(mask), ((7, 3), (2, 9))), skeleton_of(moved))


@pytest.mark.parametrize("width", [1.5, 2, 2.5, 3, 4, 6])
@pytest.mark.parametrize("degrees", [43.8, 45, 46.1, 134])
def test_oblique_lines_are_not_eaten_from_their_ends(coverage, fibre, width, degrees):
    drawn = fibre(width=width, length=90, angle=np.deg2rad(degrees), centre=(50.3, 49.8))
    places = np.argwhere(skeleton_of(coverage(drawn, shape=(100, 100)) >= 0.5))
    assert np.hypot(*np.ptp(places, axis=0)) > 87 - 1.5 * width


def test_an_empty_mask_has_an_empty_skeleton_and_graph():
    skeleton = skeleton_of(np.zeros((4, 5), bool))
    graph = skeleton_graph(skeleton)
    assert not skeleton.any()
    assert (graph.nodes.shape, graph.ends.shape, graph.paths) == ((0, 2), (0, 2), ())


def test_a_plus_is_one_junction_and_four_paths():
    plus = np.zeros((7, 7), bool)
    plus[3], plus[:, 3] = True, True
    graph = skeleton_graph(plus)
    assert graph.junction_pixels.tolist() == [[3, 3]]
    assert sorted(len(path) for path in graph.paths) == [3, 3, 3, 3]
    assert np.bincount(graph.ends.ravel()).tolist() == [4, 1, 1, 1, 1]


def test_two_lines_that_cross_between_pixels_are_one_junction():
    cross = np.eye(8, dtype=bool) | np.eye(8, dtype=bool)[::-1]
    graph = skeleton_graph(cross)
    assert len(graph.paths) == 4
    assert graph.nodes[0].tolist() == [3.5, 3.5]


def test_a_staircase_is_one_path_without_a_junction():
    stairs = np.zeros((8, 8), bool)
    k = np.arange(7)
    stairs[k, k], stairs[k, k + 1] = True, True
    graph = skeleton_graph(stairs)
    assert len(graph.junction_pixels) == 0
    assert [len(path) for path in graph.paths] == [14]


def test_a_ring_has_no_nodes():
    ring = np.zeros((6, 6), bool)
    ring[1:5, 1:5] = True
    ring[2:4, 2:4] = False
    graph = skeleton_graph(ring)
    assert graph.ends.tolist() == [[RING, RING]]
    assert len(graph.paths[0]) == 12
    assert len(graph.nodes) == 0


def test_a_ring_on_a_stalk_begins_and_ends_in_one_junction():
    ring = np.zeros((8, 12), bool)
    ring[1:6, 1:6] = True
    ring[2:5, 2:5] = False
    ring[3, 6:11] = True
    graph = skeleton_graph(ring)
    assert sorted(tuple(ends) for ends in graph.ends.tolist()) == [(0, 0), (0, 1)]


def test_a_single_pixel_is_a_path_with_two_free_ends():
    pixel = np.zeros((3, 3), bool)
    pixel[1, 1] = True
    graph = skeleton_graph(pixel)
    assert graph.nodes.tolist() == [[1, 1], [1, 1]]
    assert graph.ends.tolist() == [[0, 1]]


def test_what_is_two_pixels_wide_is_a_junction_and_no_loop():
    block = np.zeros((6, 9), bool)
    block[2:4, 3:5], block[2, :3], block[3, 5:] = True, True, True
    graph = skeleton_graph(block)
    assert loops_and_pieces(graph) == (0, 1)
    assert len(graph.junction_pixels) == 4
