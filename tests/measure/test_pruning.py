"""Spurs go, loops stay, and two junctions that are one are one."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, gaussian_filter

from segmetry.measure.pruning import Network, clean_network, only_lines, path_lengths
from segmetry.measure.skeleton import RING, skeleton_graph, skeleton_of


def cleaned(mask, **options):
    distance = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return clean_network(skeleton_graph(skeleton_of(mask)), distance, **options)


def drawn_spur(length, *, radius=3.0):
    """A line of one pixel with a spur, told to be wider than it is."""
    line = np.zeros((30, 60), bool)
    line[20] = True
    line[20 - length : 20, 30] = True
    return clean_network(skeleton_graph(line), np.where(line, radius, 0))


def random_mask(seed):
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.random((60, 70)), rng.uniform(0.5, 3))
    return noise > np.quantile(noise, rng.uniform(0.3, 0.95))


def n_loops(network):
    parent = list(range(len(network.nodes)))

    def root(k):
        while parent[k] != k:
            k = parent[k]
        return k

    loops = 0
    for start, end in network.ends.tolist():
        if start == RING or root(start) == root(end):
            loops += 1
        else:
            parent[root(start)] = root(end)
    return loops


def test_a_spur_shorter_than_its_line_is_wide_is_cut():
    network = drawn_spur(5, radius=3.0)
    assert len(network.paths) == 1
    assert len(network.paths[0]) == 59  # the junction's pixel is no longer one


def test_a_branch_longer_than_its_line_is_wide_stays():
    network = drawn_spur(6, radius=3.0)
    assert sorted(len(path) for path in network.paths) == [6, 29, 30]
    assert sorted(network.degree[network.degree > 0]) == [1, 1, 1, 3]


def test_nothing_is_cut_when_asked_so():
    line = np.zeros((5, 20), bool)
    line[2], line[1, 10] = True, True
    graph = skeleton_graph(line)
    assert len(clean_network(graph, 6.0 * line, prune=0).paths) == 3
    assert len(clean_network(graph, 6.0 * line).paths) == 0  # nothing but spurs


def test_paths_that_are_joined_run_in_one_direction():
    line = np.zeros((20, 80), bool)
    line[10] = True
    line[9, 10::15] = True  # five spurs of one pixel
    network = clean_network(skeleton_graph(line), 1.0 * line)
    (path,) = network.paths
    columns = path[:, 1]
    assert np.all(np.diff(columns) > 0) or np.all(np.diff(columns) < 0)
    assert np.ptp(columns) == 79


@pytest.mark.parametrize("seed", range(30))
def test_cleaning_keeps_every_loop(seed):
    graph = skeleton_graph(skeleton_of(random_mask(seed)))
    distance = distance_transform_edt(random_mask(seed))
    raw, clean = clean_network(graph, distance, prune=0), clean_network(graph, distance)
    assert n_loops(clean) == n_loops(raw)


@pytest.mark.parametrize("seed", range(30))
def test_no_two_lines_are_left_that_meet_alone(seed):
    network = cleaned(random_mask(seed))
    assert not np.any(network.degree == 2)


@pytest.mark.parametrize("seed", range(20))
def test_no_spur_is_left(seed):
    network = cleaned(random_mask(seed))
    lengths = path_lengths(network.paths)
    degree = network.degree_at_ends
    for k in np.flatnonzero((degree == 1).any(axis=1) & (degree > 1).any(axis=1)):
        side = int(degree[k, 1] > 1)
        junction = network.ends[k, side]
        gap = np.hypot(*(network.paths[k][-side] - network.nodes[junction]))
        # Junctions may have moved by half their distance when two became one.
        radius = network.radii[junction]
        assert lengths[k] + gap >= radius


def test_a_small_loop_stays():
    ring = np.zeros((9, 9), bool)
    ring[3:6, 3:6] = True
    ring[4, 4] = False
    ring[4, 6:] = True
    network = clean_network(skeleton_graph(ring), 50.0 * ring)
    assert network.ends.tolist() == [[RING, RING]]
    assert len(network.paths) == 1


def test_lines_that_cross_meet_in_one_node_of_four():
    y, x = np.mgrid[:81, :81] - 40.0
    angle = np.deg2rad(70)
    askew = np.abs(x * np.sin(angle) + y * np.cos(angle)) <= 3
    network = cleaned((np.abs(y) <= 3) | askew)
    assert sorted(network.degree[network.degree > 0]) == [1, 1, 1, 1, 4]
    place = network.nodes[network.degree == 4][0]
    assert np.hypot(*(place - 40)) < 1.5


def test_junctions_farther_apart_than_they_are_wide_stay_two():
    mask = np.zeros((60, 80), bool)
    mask[28:31] = True
    mask[:28, 30:33] = True
    mask[31:, 45:48] = True
    network = cleaned(mask)
    assert sorted(network.degree[network.degree > 0]) == [1, 1, 1, 1, 3, 3]


def test_a_fine_mesh_does_not_shrink_to_a_dot():
    mesh = np.zeros((60, 60), bool)
    mesh[::6], mesh[:, ::6] = True, True
    network = clean_network(skeleton_graph(mesh), 4.0 * mesh)
    assert np.count_nonzero(network.degree) >= 40


def test_closed_lines_alone_are_a_network_without_nodes():
    y, x = np.mgrid[:40, :40]
    network = cleaned(np.abs(np.hypot(y - 20, x - 20) - 12) <= 2)
    assert network.ends.tolist() == [[RING, RING]]
    assert network.degree_at_ends.tolist() == [[0, 0]]


def test_an_empty_graph_is_an_empty_network():
    network = cleaned(np.zeros((5, 5), bool))
    assert (network.ends.shape, network.paths) == ((0, 2), ())


def test_lengths_do_not_run_from_one_path_to_the_next():
    paths = (np.array([[0.0, 0], [0, 3], [4, 3]]), np.array([[90.0, 90]]), np.eye(2))
    assert path_lengths(paths).tolist() == [7, 0, pytest.approx(np.sqrt(2))]
    assert path_lengths(()).tolist() == []


def test_some_lines_can_be_taken_from_a_network():
    paths = (np.zeros((1, 2)), np.ones((2, 2)))
    network = Network(np.zeros((2, 2)), np.ones(2), np.array([[0, 1], [RING, RING]]), paths)
    rest = only_lines(network, np.array([False, True]))
    assert rest.ends.tolist() == [[RING, RING]]
    assert np.array_equal(rest.paths[0], paths[1])
