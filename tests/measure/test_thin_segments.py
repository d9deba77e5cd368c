"""The table of segments: each column by its formula."""

import numpy as np
import pytest

from segmetry.image import PixelSize
from segmetry.measure.centreline import Centrelines
from segmetry.measure.pruning import Network
from segmetry.measure.skeleton import RING
from segmetry.measure.thin_segments import number_nodes, orientations, segment_table


def curves(*lines):
    """Centrelines through given points (y, x)."""
    points = np.concatenate(lines)
    tangents = np.concatenate([np.gradient(line, axis=0) for line in lines])
    tangents /= np.hypot(*tangents.T)[:, np.newaxis]
    steps = []
    for line in lines:
        between = np.hypot(*np.diff(line, axis=0).T)
        steps.append((np.append(between, 0) + np.append(0, between)) / 2)
    offsets = np.cumsum([0] + [len(line) for line in lines])
    at_end = np.zeros(len(points), bool)
    return Centrelines(points, tangents, np.concatenate(steps), at_end, offsets)


def circle_part(radius, turn, *, n=400):
    angle = np.linspace(0, turn, n)
    return np.stack([50 + radius * np.sin(angle), 50 + radius * np.cos(angle)], axis=1)


def straight(degrees, *, length=20.0):
    along = np.linspace(0, length, 21)[:, np.newaxis]
    angle = np.deg2rad(degrees)
    return along * [-np.sin(angle), np.cos(angle)] + [40, 40]


def table(*lines, widths=None, ends=None, pixel_size=None, at_edge=None):
    drawn = curves(*lines)
    if ends is None:
        ends = [[2 * k, 2 * k + 1] for k in range(len(lines))]
    n_nodes = max(np.max(ends), 0) + 1
    network = Network(
        np.zeros((n_nodes, 2)), np.ones(n_nodes), np.array(ends), tuple(lines)
    )
    values = np.full(len(drawn.points), 3.0) if widths is None else widths
    edge = np.zeros(len(drawn.points), bool) if at_edge is None else at_edge
    return segment_table(network, drawn, {"width": values}, edge, pixel_size)


@pytest.mark.parametrize("turn", [0.1, 1.0, 2.0, np.pi, 5.0])
@pytest.mark.parametrize("radius", [20, 40])
def test_the_tortuosity_of_an_arc_is_its_angle_over_twice_the_sine_of_half(radius, turn):
    row = table(circle_part(radius, turn)).iloc[0]
    assert row["length_px"] == pytest.approx(radius * turn, rel=1e-3)
    assert row["chord_px"] == pytest.approx(2 * radius * np.sin(turn / 2), rel=1e-3)
    assert row["tortuosity"] == pytest.approx(turn / (2 * np.sin(turn / 2)), rel=1e-3)


def test_a_straight_line_has_tortuosity_one():
    assert table(straight(33))["tortuosity"].tolist() == pytest.approx([1])


def test_closed_lines_have_no_chord_and_no_tortuosity():
    ring, loop = circle_part(10, 2 * np.pi), circle_part(20, 2 * np.pi)
    found = table(ring, loop, ends=[[RING, RING], [0, 0]])
    assert found[["start_node", "end_node"]].to_numpy().tolist() == [[0, 0], [1, 1]]
    assert found[["chord_px", "tortuosity"]].isna().all(axis=None)
    assert np.array_equal(found["start_x_px"], found["end_x_px"])
    assert found["length_px"].tolist() == pytest.approx([20 * np.pi, 40 * np.pi], rel=1e-3)


@pytest.mark.parametrize("degrees", [0, 10, 45, 90, 135, 179])
@pytest.mark.parametrize("turned", [0, 180])
def test_orientation_runs_counter_clockwise_from_the_x_axis(degrees, turned):
    (found,) = table(straight(degrees + turned))["orientation_deg"]
    assert 0 <= found < 180
    apart = abs(found - degrees)
    assert min(apart, 180 - apart) < 1e-6


def test_the_mean_of_directions_is_weighted_by_length():
    upwards = straight(90, length=10) + np.array([0, 30])
    corner = np.concatenate([straight(0, length=30), upwards[1:]])
    assert orientations(curves(corner))[0] == pytest.approx(0, abs=2)


def test_a_circle_has_no_direction():
    assert np.isnan(orientations(curves(circle_part(10, 2 * np.pi))))


@pytest.mark.parametrize("seed", range(10))
def test_widths_are_summed_up_as_numpy_does(seed):
    rng = np.random.default_rng(seed)
    lines = [straight(d) for d in (0, 50, 100)]
    widths = rng.lognormal(1, 0.4, 63)
    widths[rng.random(63) < 0.3] = np.nan
    widths[21:42] = np.nan  # the second line was not measured
    widths[40] = 5.0  # but for one section
    found = table(*lines, widths=widths)
    for k, row in found.iterrows():
        own = widths[21 * k : 21 * k + 21]
        own = own[np.isfinite(own)]
        assert row["n_sections"] == len(own)
        assert row["width_mean_px"] == pytest.approx(own.mean())
        for name, share in (("p5", 5), ("median", 50), ("p95", 95)):
            assert row[f"width_{name}_px"] == pytest.approx(np.percentile(own, share))
        if len(own) > 1:
            assert row["width_sd_px"] == pytest.approx(own.std(ddof=1))
    assert np.isnan(found.loc[1, "width_sd_px"])


def test_a_line_without_widths_has_empty_ones_and_no_sections():
    found = table(straight(0), widths=np.full(21, np.nan))
    assert found["n_sections"].tolist() == [0]
    assert found.filter(like="width").isna().all(axis=None)


def test_lengths_and_widths_are_in_micrometres_and_places_in_pixels():
    size = PixelSize(y=0.5, x=0.5, unit="um", source="typed")
    row = table(straight(0), pixel_size=size).iloc[0]
    assert row[["length_um", "chord_um", "width_mean_um"]].tolist() == pytest.approx(
        [10, 10, 1.5]
    )
    assert row[["start_x_px", "start_y_px", "end_x_px"]].tolist() == [40, 40, 60]


def test_a_line_touches_the_edge_where_one_of_its_points_does():
    at_edge = np.zeros(42, bool)
    at_edge[41] = True
    found = table(straight(0), straight(90), at_edge=at_edge)
    assert found["touches_edge"].tolist() == [False, True]


def test_nodes_in_use_are_numbered_without_gaps():
    ends = np.array([[9, 4], [RING, RING], [4, 30]])
    assert number_nodes(ends).tolist() == [[2, 1], [0, 0], [1, 3]]
