"""Widths from masks: right from the thinnest line on, and silent where they cannot be."""

import cv2
import numpy as np
import pytest

from segmetry.measure.centreline import trace_centrelines
from segmetry.measure.mask_width import mean_along, widths_from_mask
from segmetry.measure.pruning import clean_network
from segmetry.measure.skeleton import skeleton_graph, skeleton_of

# Degrees, and how far apart the edges lie that a mask can have in that direction, in px.
ANGLES = [(0, 1), (13, 0), (26.565, 0.4472), (45, 0.7071), (71, 0), (90, 1), (140, 0)]


def measured(mask, *, included=None):
    known = np.ones(mask.shape, bool) if included is None else included
    distance = cv2.distanceTransform((mask | ~known).view(np.uint8), cv2.DIST_L2, 0)
    network = clean_network(skeleton_graph(skeleton_of(mask)), distance)
    lines = trace_centrelines(network, mask, distance)
    return lines, widths_from_mask(lines, mask, known, distance), distance


@pytest.mark.parametrize("width", [2, 3, 4.5, 7, 12, 20])
@pytest.mark.parametrize(("angle", "between"), ANGLES)
def test_a_fibre_has_its_width_at_any_angle(coverage, fibre, width, angle, between):
    rng = np.random.default_rng(int(10 * width))
    centre = 70 + rng.uniform(-0.5, 0.5, 2)
    drawn = fibre(width=width, length=100, angle=np.deg2rad(angle), centre=centre)
    _, widths, _ = measured(coverage(drawn, shape=(140, 140)) >= 0.5)
    tolerance = max(0.05 * width, between * 1.01)
    assert np.nanmean(widths) == pytest.approx(width, abs=tolerance)


@pytest.mark.parametrize("seed", range(5))
def test_over_many_places_there_is_no_bias_and_twice_the_distance_has_one(
    coverage, fibre, seed
):
    rng = np.random.default_rng(seed)
    width = (2.0, 2.7, 4.0, 6.0, 9.0)[seed]
    found, naive = [], []
    for _ in range(20):
        centre, angle = 40 + rng.uniform(-0.5, 0.5, 2), rng.uniform(0, np.pi)
        drawn = fibre(width=width, length=60, angle=angle, centre=centre)
        lines, widths, distance = measured(coverage(drawn, shape=(80, 80)) >= 0.5)
        inner = np.isfinite(widths)
        rows, columns = np.rint(lines.points[inner]).astype(int).T
        found.append(widths[inner].mean())
        naive.append(2 * distance[rows, columns].mean())
    assert np.mean(found) == pytest.approx(width, abs=0.05)
    assert np.std(found) < 0.05 * width
    assert abs(np.mean(naive) - width) > 3 * abs(np.mean(found) - width)


def test_a_tapering_line_is_followed_along_its_width():
    y, x = np.mgrid[:60, :200]
    mask = np.abs(y - 30) <= (3 + x / 20) / 2
    lines, widths, _ = measured(mask)
    inner = np.isfinite(widths)
    truth = 3 + lines.points[inner, 1] / 20
    # Along the rows a mask is an odd number of pixels wide here.
    assert np.abs(widths[inner] - truth).max() < 1.2
    assert np.abs(widths[inner] - truth).mean() < 0.6


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_the_same_widths(coverage, fibre, turns):
    drawn = fibre(width=6, length=70, angle=0.4, centre=(45.3, 44.6))
    mask = coverage(drawn, shape=(90, 90)) >= 0.5
    first = np.nanmean(measured(mask)[1])
    assert np.nanmean(measured(np.rot90(mask, turns).copy())[1]) == pytest.approx(
        first, rel=0.01
    )


def test_a_picture_of_twice_the_size_has_twice_the_widths(coverage, fibre):
    drawn = fibre(width=5, length=70, angle=0.4, centre=(45.3, 44.6))
    mask = coverage(drawn, shape=(90, 90)) >= 0.5
    larger = np.kron(mask, np.ones((2, 2), bool))
    once, twice = np.nanmean(measured(mask)[1]), np.nanmean(measured(larger)[1])
    assert twice == pytest.approx(2 * once, rel=0.01)


def test_a_line_beside_another_is_measured_alone():
    mask = np.zeros((40, 80), bool)
    mask[10:13, 5:75], mask[14:19, 5:75] = True, True  # a gap of one pixel
    lines, widths, _ = measured(mask)
    found = [np.nanmean(widths[lines.line_of == k]) for k in range(2)]
    assert sorted(found) == pytest.approx([3, 5], abs=0.05)


def test_nothing_is_measured_in_a_junction_or_at_a_tip():
    mask = np.zeros((60, 100), bool)
    mask[28:33, 10:90] = True
    mask[:28, 48:53] = True
    lines, widths, _ = measured(mask)
    assert np.isnan(widths[lines.at_end]).all()
    assert np.abs(widths[np.isfinite(widths)] - 5).max() < 0.2


def test_nothing_is_measured_where_the_edge_is_not_seen():
    mask = np.zeros((40, 60), bool)
    mask[:4, 5:55] = True  # cut along its length by the border
    assert np.isnan(measured(mask)[1]).all()


def test_nothing_is_measured_where_the_edge_is_excluded():
    mask = np.zeros((40, 80), bool)
    mask[18:23, 5:75] = True
    included = np.ones(mask.shape, bool)
    included[23:, 40:] = False
    lines, widths, _ = measured(mask, included=included)
    assert np.isnan(widths[lines.points[:, 1] > 40]).all()
    assert np.nanmean(widths) == pytest.approx(5, abs=0.01)


def test_the_mean_along_a_line_leaves_out_what_is_missing():
    values = np.array([1.0, np.nan, 3, 5, 7, 9, 100, 200])
    found = mean_along(values, np.array([0, 6, 8]))
    assert found == pytest.approx([2, np.nan, 4, 6, 6, 7, 150, 150], nan_ok=True)
    assert mean_along(np.zeros(0), np.array([0])).tolist() == []
