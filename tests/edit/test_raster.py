"""The rasteriser, and the strokes by which Python and TypeScript are compared.

`python tests/edit/test_raster.py` writes strokes.json: CRC-32 sums of the spans of 10,000
strokes, one sum for every hundred. `strokes` below says how each stroke is drawn, in steps
that any language can repeat; the client's tests read the same file.
"""

import json
import zlib
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.edit.raster import FARTHEST, MOST_POINTS, WIDEST, stroke_spans
from segmetry.errors import EditError, EditTooLargeError

PATIENT = settings(deadline=None, max_examples=60)
SUMS = Path(__file__).with_name("strokes.json")
N_STROKES, PER_SUM = 10_000, 100


def strokes(n):
    """Draw strokes from one generator: state = state * 1664525 + 1013904223, 32 bits.

    A number below k is state * k >> 32, after one step. For each stroke, in this order:
    rows and columns of the picture (1 + below 256), the kind (below 8), the width
    (kind 0: 1 + below 200; else 1 + below 16), the number of points (1 + below 6), and x
    and y of each point: for kind 1, below 2**21 + 1 less 2**20; for kind 2, 5 times
    (below 32), less 16; else, below (columns, or rows, + 64) less 32.
    """
    state = 1

    def below(k):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return state * k >> 32

    for _ in range(n):
        rows, columns = 1 + below(256), 1 + below(256)
        kind = below(8)
        width = 1 + below(200 if kind == 0 else 16)
        points = []
        for _ in range(1 + below(6)):
            if kind == 1:
                point = [below(2**21 + 1) - 2**20 for _ in "xy"]
            elif kind == 2:
                point = [5 * below(32) - 16 for _ in "xy"]
            else:
                point = [below(side + 64) - 32 for side in (columns, rows)]
            points.append(point)
        yield points, width, (rows, columns)


def sums_of(n):
    """Return the CRC-32 of the spans (int32, little-endian, in order) of each hundred."""
    sums, crc = [], 0
    for number, (points, width, shape) in enumerate(strokes(n), 1):
        crc = zlib.crc32(stroke_spans(points, width, shape).astype("<i4").tobytes(), crc)
        if number % PER_SUM == 0:
            sums.append(crc)
            crc = 0
    return sums


def mask(spans, shape):
    painted = np.zeros(shape, bool)
    for row, start, stop in spans:
        painted[row, start:stop] = True
    return painted


def painted(points, width, shape):
    return mask(stroke_spans(points, width, shape), shape)


def by_the_rule(points, width, shape):
    """The rule of the module, pixel by pixel, in Python's unbounded integers."""
    ends = list(pairwise(points)) or [(points[0], points[0])]

    def holds(x, y, a, b):
        dx, dy = b[0] - a[0], b[1] - a[1]
        length2, t = dx * dx + dy * dy, (x - a[0]) * dx + (y - a[1]) * dy
        if t <= 0:
            return 4 * ((x - a[0]) ** 2 + (y - a[1]) ** 2) <= width**2
        if t >= length2:
            return 4 * ((x - b[0]) ** 2 + (y - b[1]) ** 2) <= width**2
        return 4 * ((x - a[0]) * dy - (y - a[1]) * dx) ** 2 <= width**2 * length2

    return np.array(
        [
            [any(holds(x, y, a, b) for a, b in ends) for x in range(shape[1])]
            for y in range(shape[0])
        ]
    )


near = st.tuples(st.integers(-8, 28), st.integers(-8, 28))
far = st.tuples(st.integers(-FARTHEST, FARTHEST), st.integers(-FARTHEST, FARTHEST))
paths = st.lists(near, min_size=1, max_size=4) | st.lists(far, min_size=1, max_size=3)
shapes = st.tuples(st.integers(1, 20), st.integers(1, 20))


@PATIENT
@given(paths, st.integers(1, 14), shapes)
def test_a_stroke_holds_the_pixels_of_the_rule(points, width, shape):
    assert np.array_equal(painted(points, width, shape), by_the_rule(points, width, shape))


@PATIENT
@given(paths, st.integers(1, 14), shapes)
def test_spans_are_sorted_apart_and_inside(points, width, shape):
    spans = stroke_spans(points, width, shape)
    assert spans.dtype == np.int32
    assert (spans[:, 1] >= 0).all()
    assert (spans[:, 1] < spans[:, 2]).all()
    assert (spans[:, 2] <= shape[1]).all()
    place = spans[:, 0].astype(int) * 99
    assert (place[1:] + spans[1:, 1] > place[:-1] + spans[:-1, 2]).all()


# Points of the integer grid within a circle of radius width / 2 (Gauss's circle problem).
@pytest.mark.parametrize(
    ("width", "area"),
    [
        *((1, 1), (2, 5), (3, 9), (4, 13), (5, 21), (6, 29), (7, 37), (8, 49), (9, 69)),
        *((10, 81), (12, 113), (16, 197), (20, 317), (40, 1257), (200, 31417)),
    ],
)
def test_a_single_point_is_a_disc_of_exact_area(width, area):
    assert painted([(110, 110)], width, (221, 221)).sum() == area


@PATIENT
@given(st.lists(near, min_size=1, max_size=4), st.integers(1, 14))
def test_strokes_turn_and_mirror_with_their_points(points, width):
    side = 21
    first = painted(points, width, (side, side))
    turned = [(side - 1 - y, x) for x, y in points]
    assert np.array_equal(painted(turned, width, (side, side)), np.rot90(first, -1))
    mirrored = [(side - 1 - x, y) for x, y in points]
    assert np.array_equal(painted(mirrored, width, (side, side)), first[:, ::-1])
    assert np.array_equal(painted(points[::-1], width, (side, side)), first)


@PATIENT
@given(st.lists(near, min_size=2, max_size=6), st.integers(1, 9), st.integers(1, 4))
def test_chunks_that_share_their_ends_hold_the_pixels_of_the_whole(points, width, cut):
    shape = (20, 20)
    chunks = [points[: cut + 1], points[min(cut, len(points) - 1) :]]
    together = painted(chunks[0], width, shape) | painted(chunks[1], width, shape)
    assert np.array_equal(together, painted(points, width, shape))


@PATIENT
@given(st.tuples(*[st.integers(0, 39)] * 4), st.integers(1, 3))
def test_a_thin_stroke_has_no_gaps(ends, width):
    x0, y0, x1, y1 = ends
    line = painted([(x0, y0), (x1, y1)], width, (40, 40))
    assert line[y0, x0]
    assert line[y1, x1]
    assert cv2.connectedComponents(line.astype(np.uint8), connectivity=8)[0] == 2


@PATIENT
@given(st.tuples(*[st.integers(-FARTHEST, FARTHEST)] * 4))
def test_a_thin_stroke_from_afar_has_no_gaps_in_the_picture(ends):
    line = painted([ends[:2], ends[2:]], 1, (30, 30))
    dx, dy = ends[2] - ends[0], ends[3] - ends[1]
    # Along its longer side, a line has a pixel in each column (or row) between its first
    # and its last one in the picture.
    seen = np.flatnonzero(line.any(axis=0 if abs(dx) >= abs(dy) else 1))
    assert (np.diff(seen) == 1).all()


def test_a_brush_that_rests_draws_one_disc():
    assert np.array_equal(
        painted([(9, 9)] * MOST_POINTS, 7, (20, 20)), painted([(9, 9)], 7, (20, 20))
    )


@pytest.mark.parametrize("points", [[(-50, -50)], [(-9, 5), (-9, 40)], [(99, 5)]])
def test_a_stroke_beside_the_picture_holds_nothing(points):
    assert stroke_spans(points, 5, (20, 20)).shape == (0, 3)


@pytest.mark.parametrize(
    ("points", "width", "words"),
    [
        ([], 5, "list of points"),
        ([(1, 2, 3)], 5, "list of points"),
        ([(1.5, 2.0)], 5, "whole numbers"),
        ([("a", "b")], 5, "whole numbers"),
        ([(1, 2)], 0, "1 to 200 pixels wide, got 0"),
        ([(1, 2)], WIDEST + 1, "1 to 200 pixels wide, got 201"),
        ([(FARTHEST + 1, 0)], 5, "within 1048576 pixels, got 1048577"),
    ],
)
def test_a_stroke_that_means_nothing_is_refused(points, width, words):
    with pytest.raises(EditError, match=words):
        stroke_spans(points, width, (20, 20))


@pytest.mark.parametrize(
    ("points", "width", "words"),
    [
        ([(0, 0)] * (MOST_POINTS + 1), 1, "4096 points, got 4097"),
        ([(0, 0), (9999, 9999)] * 60, 1, None),
        ([(k % 2 * 30, k % 2 * 9999 + k // 2) for k in range(400)], 1, "rows in all"),
        ([(k % 2 * 9999, 100 * k) for k in range(100)], 200, "16000000 pixels, got"),
    ],
)
def test_a_stroke_that_covers_too_much_is_refused(points, width, words):
    if words is None:
        assert len(stroke_spans(points, width, (10_000, 10_000))) == 10_000
        return
    with pytest.raises(EditTooLargeError, match=words):
        stroke_spans(points, width, (10_000, 10_000))


@pytest.mark.slow
def test_strokes_are_those_on_which_python_and_typescript_agree():
    assert sums_of(N_STROKES) == json.loads(SUMS.read_text(encoding="utf-8"))["crc32"]


if __name__ == "__main__":
    about = "made by tests/edit/test_raster.py, which says how the strokes are drawn"
    record = {"about": about, "strokes": N_STROKES, "per_sum": PER_SUM}
    record["crc32"] = sums_of(N_STROKES)
    SUMS.write_text(json.dumps(record) + "\n", encoding="utf-8")
