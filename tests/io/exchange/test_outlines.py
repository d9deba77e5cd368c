import time

import numpy as np
import pytest
from shapely.geometry import Polygon

from segmetry.io.exchange import trace_outlines


def shoelace(ring):
    x, y = ring.astype(np.int64).T
    return int(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def inside(polygons, shape):
    """Which pixels' centres lie in polygons: each one asked by itself, by crossing."""
    found = np.zeros(shape, dtype=bool)
    for y, x in np.ndindex(shape):
        crossings = 0
        for rings in polygons:
            for ring in rings:
                for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
                    is_met = min(y0, y1) < y + 0.5 < max(y0, y1)
                    crossings += is_met and x0 == x1 and x0 > x + 0.5
        found[y, x] = crossings % 2
    return found


@pytest.mark.parametrize("seed", range(60))
def test_the_pixels_within_an_outline_are_those_of_the_object(random_labels, seed):
    labels = random_labels(seed)
    outlines = trace_outlines(labels)
    assert list(outlines) == [number for number in np.unique(labels) if number]
    for number, polygons in outlines.items():
        assert np.array_equal(inside(polygons, labels.shape), labels == number)


@pytest.mark.parametrize("seed", range(200))
def test_rings_are_simple_and_holes_lie_in_their_own_part(random_labels, seed):
    labels = random_labels(seed)
    for number, polygons in trace_outlines(labels).items():
        for outer, *holes in polygons:
            assert shoelace(outer) > 0
            assert all(shoelace(hole) < 0 for hole in holes)
            assert Polygon(outer, holes).is_valid
        areas = [shoelace(ring) for rings in polygons for ring in rings]
        assert sum(areas) == (labels == number).sum()


@pytest.mark.parametrize("seed", range(60))
def test_a_ring_turns_at_every_corner_and_runs_along_pixels(random_labels, seed):
    for polygons in trace_outlines(random_labels(seed)).values():
        for ring in (ring for rings in polygons for ring in rings):
            sides = np.roll(ring, -1, axis=0) - ring
            assert ((sides == 0).sum(axis=1) == 1).all()
            turns = (sides * np.roll(sides, -1, axis=0)).sum(axis=1)
            assert (turns == 0).all()


def test_pixels_that_touch_by_a_corner_are_two_parts_of_one_object():
    (parts,) = trace_outlines(np.array([[9, 0], [0, 9]])).values()
    assert [len(rings) for rings in parts] == [1, 1]
    assert [rings[0][0].tolist() for rings in parts] == [[0, 0], [1, 1]]


def test_a_loop_that_closes_at_a_corner_encloses_a_hole():
    loop = np.ones((4, 4), np.uint8)
    loop[1, 1] = loop[2, 2] = loop[0, 0] = 0
    ((rings,),) = trace_outlines(loop).values()
    assert [abs(shoelace(ring)) for ring in rings] == [15, 1, 1]


def test_an_object_in_a_hole_belongs_to_nobody_else(labels):
    outlines = trace_outlines(labels)
    assert len(outlines[5][0]) == 2
    assert outlines[300][0][0].tolist() == [[4, 4], [5, 4], [5, 5], [4, 5]]
    assert [len(part) for part in outlines[7]] == [1, 1]


def test_holes_of_several_parts_are_told_apart():
    ring = np.ones((3, 3), np.uint8)
    ring[1, 1] = 0
    labels = np.zeros((9, 9), np.uint8)
    labels[:3, :3] = labels[5:8, 1:4] = labels[2:5, 6:9] = ring
    (parts,) = trace_outlines(labels).values()
    assert [[int(abs(shoelace(ring))) for ring in rings] for rings in parts] == [[9, 1]] * 3


def test_without_objects_there_are_no_outlines():
    assert trace_outlines(np.zeros((3, 4), np.uint8)) == {}
    assert trace_outlines(np.zeros((0, 4), np.uint8)) == {}


def test_an_object_that_fills_the_picture_has_its_frame_as_outline():
    (parts,) = trace_outlines(np.ones((3, 4), bool)).values()
    assert parts[0][0].tolist() == [[0, 0], [4, 0], [4, 3], [0, 3]]


@pytest.mark.parametrize(
    "labels", [np.zeros((2, 3, 4), np.uint8), np.zeros((3, 4)), np.zeros(3, np.uint8)]
)
def test_what_is_no_label_image_is_refused(labels):
    with pytest.raises(ValueError, match="whole numbers in two dimensions"):
        trace_outlines(labels)


@pytest.mark.slow
def test_ten_thousand_objects_take_seconds_at_most():
    y, x = np.mgrid[:2000, :2000]
    cell = (y // 20) * 100 + x // 20 + 1
    labels = np.where(np.hypot(y % 20 - 9.5, x % 20 - 9.5) < 9, cell, 0).astype(np.uint32)
    begun = time.perf_counter()
    outlines = trace_outlines(labels)
    assert len(outlines) == 10_000
    assert time.perf_counter() - begun < 10  # a third of a second where nothing else runs
