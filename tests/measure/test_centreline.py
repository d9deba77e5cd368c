"""Centrelines have the length, place and direction of the lines that were drawn."""

import cv2
import numpy as np
import pytest

from segmetry.measure.centreline import trace_centrelines
from segmetry.measure.pruning import clean_network, path_lengths
from segmetry.measure.skeleton import skeleton_graph, skeleton_of

ANGLES = np.deg2rad([0, 7, 22.5, 33, 45, 61, 90, 118, 155])


def traced(mask):
    distance = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 0)
    network = clean_network(skeleton_graph(skeleton_of(mask)), distance)
    return network, trace_centrelines(network, mask, distance)


def distance_to_line(points, *, angle, centre):
    v, u = (points - centre).T
    return np.abs(u * np.sin(angle) + v * np.cos(angle))


@pytest.mark.parametrize("width", [2, 3, 5, 9, 16])
@pytest.mark.parametrize("angle", ANGLES)
def test_a_straight_line_has_its_length_at_any_angle(coverage, fibre, width, angle):
    rng = np.random.default_rng(width)
    centre = 95 + rng.uniform(-0.5, 0.5, 2)
    drawn = fibre(width=width, length=150, angle=angle, centre=centre)
    _, lines = traced(coverage(drawn, shape=(190, 190)) >= 0.5)
    assert lines.lengths == pytest.approx([150], rel=0.02)


def test_steps_from_pixel_to_pixel_are_eight_percent_too_long(coverage, fibre):
    drawn = fibre(width=3, length=150, angle=np.deg2rad(22.5), centre=(95.2, 94.7))
    network, lines = traced(coverage(drawn, shape=(190, 190)) >= 0.5)
    ends = network.paths[0][[0, -1]]
    chord = np.hypot(*(ends[1] - ends[0]))
    assert path_lengths(network.paths)[0] / chord > 1.06
    assert lines.lengths[0] / 150 < 1.01


@pytest.mark.parametrize("angle", ANGLES)
def test_a_line_runs_along_the_middle_in_its_direction(coverage, fibre, angle):
    centre = np.array([60.3, 59.6])
    drawn = fibre(width=5, length=90, angle=angle, centre=centre)
    _, lines = traced(coverage(drawn, shape=(120, 120)) >= 0.5)
    apart = distance_to_line(lines.points, angle=angle, centre=centre)
    assert apart[~lines.at_end].max() < 0.8
    assert apart.max() < 1.5
    inner = lines.tangents[10:-10]
    along = inner @ [-np.sin(angle), np.cos(angle)]
    assert np.abs(along).min() > np.cos(np.deg2rad(6))
    assert np.hypot(*lines.tangents.T) == pytest.approx(np.ones(len(lines.points)))


@pytest.mark.parametrize("angle", ANGLES)
def test_a_line_reaches_to_both_tips(coverage, fibre, angle):
    centre = np.array([60.3, 59.6])
    drawn = fibre(width=8, length=80, angle=angle, centre=centre)
    _, lines = traced(coverage(drawn, shape=(120, 120)) >= 0.5)
    half = 40 * np.array([-np.sin(angle), np.cos(angle)])
    tips = np.array([centre - half, centre + half])
    found = lines.points[[0, -1]]
    apart = min(np.abs(found - tips).max(), np.abs(found[::-1] - tips).max())
    assert apart < 1.5


@pytest.mark.parametrize(("radius", "width"), [(20, 3), (30, 4), (50, 6), (70, 12)])
def test_an_arc_has_the_length_of_its_middle(coverage, arc, radius, width):
    turn = 2.5
    drawn = arc(width=width, radius=radius, turn=turn, centre=(90.2, 89.7))
    _, lines = traced(coverage(drawn, shape=(180, 180)) >= 0.5)
    assert lines.lengths == pytest.approx([radius * turn], rel=0.02)


@pytest.mark.parametrize(("radius", "width"), [(8, 3), (20, 3), (40, 7), (60, 2)])
def test_a_ring_has_its_circumference(coverage, radius, width):
    def inside(y, x):
        return np.abs(np.hypot(y - 75.3, x - 74.8) - radius) <= width / 2

    _, lines = traced(coverage(inside, shape=(150, 150)) >= 0.5)
    assert lines.lengths == pytest.approx([2 * np.pi * radius], rel=0.015)
    from_centre = np.hypot(*(lines.points - [75.3, 74.8]).T)
    assert np.abs(from_centre - radius).max() < 1
    assert not lines.at_end.any()


@pytest.mark.parametrize(("height", "period"), [(6, 50), (12, 80), (15, 60)])
def test_a_wave_has_its_length(height, period):
    # Round brushes along the curve: the line is longer by one width, half at either end.
    width, along = 4, np.linspace(20, 240, 4000)
    across = 40 + height * np.sin(2 * np.pi * along / period)
    y, x = np.mgrid[:80, :260]
    mask = np.zeros(y.shape, bool)
    for v, u in zip(across[::8], along[::8], strict=True):
        mask |= np.hypot(y - v, x - u) <= width / 2
    length = np.hypot(np.diff(along), np.diff(across)).sum() + width
    _, lines = traced(mask)
    assert lines.lengths == pytest.approx([length], rel=0.02)


def test_lines_meet_in_their_node():
    y, x = np.mgrid[:61, :61] - 30
    mask = (np.abs(y) <= 2) | ((np.abs(x) <= 2) & (y > 0))
    network, lines = traced(mask)
    node = network.nodes[network.degree == 3]
    ends = np.concatenate(
        [lines.points[lines.offsets[:-1]], lines.points[lines.offsets[1:] - 1]]
    )
    assert np.count_nonzero((ends == node).all(axis=1)) == 3
    assert sorted(lines.lengths) == pytest.approx([30.5, 30.5, 30.5], abs=1.5)


def test_a_line_that_the_border_cuts_ends_on_the_border():
    mask = np.zeros((21, 50), bool)
    mask[8:13] = True
    _, lines = traced(mask)
    assert sorted(lines.points[[0, -1], 1]) == pytest.approx([-0.5, 49.5], abs=0.1)
    assert lines.points[:, 0] == pytest.approx(np.full(len(lines.points), 10), abs=0.01)


def test_ends_and_junctions_are_marked():
    mask = np.zeros((40, 100), bool)
    mask[18:23, 10:90] = True
    mask[:18, 48:53] = True
    _, lines = traced(mask)
    near_tip = (lines.points[:, 1] < 12) | (lines.points[:, 1] > 87.5)
    near_junction = np.hypot(*(lines.points - [20, 50]).T) < 2
    between = (np.abs(lines.points[:, 1] - 50) > 8) & (np.abs(lines.points[:, 1] - 50) < 30)
    assert lines.at_end[near_tip | near_junction].all()
    assert not lines.at_end[between].any()


@pytest.mark.parametrize("seed", range(10))
def test_steps_add_up_to_the_way_from_point_to_point(seed):
    rng = np.random.default_rng(seed)
    mask = np.zeros((120, 120), np.uint8)
    for _ in range(8):
        ends = [tuple(map(int, rng.integers(0, 120, 2))) for _ in range(2)]
        cv2.line(mask, *ends, 1, int(rng.integers(1, 8)))
    _, lines = traced(mask > 0)
    assert lines.offsets[-1] == len(lines.points) == len(lines.steps)
    for k, length in enumerate(lines.lengths):
        points = lines.points[lines.offsets[k] : lines.offsets[k + 1]]
        assert np.hypot(*np.diff(points, axis=0).T).sum() == pytest.approx(length)
        assert np.all(lines.line_of[lines.offsets[k] : lines.offsets[k + 1]] == k)


@pytest.mark.parametrize("pixels", [1, 2, 3, 4])
def test_lines_of_a_few_pixels_do_no_harm(pixels):
    mask = np.zeros((9, 12), bool)
    mask[4, 3 : 3 + pixels] = True
    _, lines = traced(mask)
    assert np.isfinite(lines.points).all()
    assert np.isfinite(lines.tangents).all()
    assert lines.lengths[0] <= pixels + 0.1


def test_some_lines_can_be_taken():
    mask = np.zeros((30, 60), bool)
    mask[4:7, 5:55], mask[20:25, 5:35] = True, True
    _, lines = traced(mask)
    longer = lines.only(lines.lengths > 40)
    assert longer.lengths == pytest.approx([50], rel=0.02)
    assert len(longer.points) == longer.offsets[-1] == len(longer.at_end)
    assert len(lines.only(np.zeros(2, bool)).points) == 0


def test_no_network_has_no_lines():
    _, lines = traced(np.zeros((5, 5), bool))
    assert (lines.points.shape, lines.offsets.tolist(), lines.lengths.tolist()) == (
        (0, 2),
        [0],
        [],
    )
