import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RegionError
from segmetry.io.imagej_roi import decoded, encoded
from segmetry.region import Region

TRIANGLE = np.array([[3, 4], [13, 4], [3, 24]], dtype=float)
RECTANGLE, OVAL, LINE, FREEHAND, POINT = 1, 2, 3, 7, 10


def roi(kind, *, box=(0, 0, 0, 0), points=(), **said):
    """Write a .roi as ImageJ's encoder does, byte by byte."""
    head = bytearray(64)
    head[:4] = b"Iout"
    struct.pack_into(">h", head, 4, said.get("version", 227))
    head[6] = kind
    struct.pack_into(">4h", head, 8, *box)
    struct.pack_into(">H", head, 16, said.get("n_points", len(points)))
    struct.pack_into(">4f", head, 18, *said.get("floats", (0, 0, 0, 0)))
    struct.pack_into(">i", head, 36, len(said.get("path", ())))
    struct.pack_into(">2h", head, 48, said.get("subtype", 0), said.get("options", 0))
    struct.pack_into(">h", head, 54, said.get("arc", 0))
    body = b"".join(
        struct.pack(f">{len(points)}h", *column) for column in zip(*points, strict=True)
    )
    body += struct.pack(f">{len(said.get('path', ()))}f", *said.get("path", ()))
    for column in zip(*said.get("exact", ()), strict=True):
        body += struct.pack(f">{len(column)}f", *column)
    name = said.get("name", "")
    if name:
        start = 64 + len(body)
        struct.pack_into(">i", head, 60, start)
        body += struct.pack(
            ">4x5i40x", 0, 0, 0, start + 64, len(name.encode("utf-16-be")) // 2
        )
        body += name.encode("utf-16-be")
    return bytes(head) + body


def area_of(data):
    name, rings = decoded(data, file="a.roi")
    return Region(name or "a", rings).area


def test_a_rectangle_has_its_corners_at_pixel_corners():
    data = roi(RECTANGLE, box=(2, 3, 12, 23), name="CA1")  # top, left, bottom, right
    name, rings = decoded(data, file="a.roi")
    assert name == "CA1"
    assert sorted(map(tuple, rings[0])) == [(3, 2), (3, 12), (23, 2), (23, 12)]


def test_a_rectangle_may_lie_between_pixels():
    data = roi(RECTANGLE, box=(2, 3, 12, 23), options=128, floats=(3.5, 2.25, 10, 4))
    assert Region("a", decoded(data, file="a.roi")[1]).bounds == (3.5, 2.25, 13.5, 6.25)


@pytest.mark.parametrize(("width", "height"), [(20, 10), (2, 2), (300, 1000)])
def test_an_oval_has_the_area_of_the_ellipse_in_its_box(width, height):
    data = roi(OVAL, box=(5, 7, 5 + height, 7 + width))
    region = Region("oval", decoded(data, file="a.roi")[1])
    assert region.area == pytest.approx(np.pi / 4 * width * height, rel=1e-9)
    assert region.bounds == pytest.approx((7, 5, 7 + width, 5 + height), abs=0.1)


@pytest.mark.parametrize("kind", [RECTANGLE, OVAL])
@pytest.mark.parametrize("sides", [(1e12, 1e12), (20.0, 2e9), (np.inf, 20.0), (3e38, 1.0)])
def test_a_box_larger_than_any_picture_is_refused_before_it_is_drawn(kind, sides):
    data = roi(kind, options=128, floats=(0, 0, *sides))
    with pytest.raises(RegionError, match=r"a.roi selects .* more than any picture has"):
        decoded(data, file="a.roi")


def test_a_very_large_oval_has_its_area_and_no_more_corners_than_it_needs():
    ring = decoded(roi(OVAL, options=128, floats=(0, 0, 5e8, 5e8)), file="a.roi")[1][0]
    assert len(ring) == 10_000
    assert Region("oval", (ring,)).area == pytest.approx(np.pi / 4 * 25e16, rel=1e-9)


@pytest.mark.parametrize("kind", [0, FREEHAND, 8])
def test_polygons_freehand_and_traced_outlines_are_told_from_their_box(kind):
    data = roi(kind, box=(4, 3, 24, 13), points=[(0, 0), (10, 0), (0, 20)])
    assert decoded(data, file="a.roi")[1][0].tolist() == TRIANGLE.tolist()


def test_a_polygon_between_pixels_has_its_own_coordinates():
    exact = [(3.25, 4.5), (13.5, 4.0), (3.0, 24.75)]
    data = roi(
        0, box=(4, 3, 25, 14), points=[(0, 0), (10, 0), (0, 20)], options=128, exact=exact
    )
    assert decoded(data, file="a.roi")[1][0].tolist() == [list(point) for point in exact]


def test_old_versions_have_whole_coordinates_only():
    data = roi(
        0, box=(4, 3, 24, 13), points=[(0, 0), (10, 0), (0, 20)], options=128, version=221
    )
    assert decoded(data, file="a.roi")[1][0].tolist() == TRIANGLE.tolist()


def test_a_composite_selection_has_holes():
    outer = [0, 0, 0, 1, 20, 0, 1, 20, 20, 1, 0, 20, 4]
    inner = [0, 5, 5, 1, 10, 5, 1, 10, 10, 1, 5, 10, 1, 5, 5, 4]
    assert area_of(roi(RECTANGLE, box=(0, 0, 20, 20), path=outer + inner)) == 400 - 25


def test_curves_of_a_composite_selection_are_followed():
    # A circle of four cubic Bézier curves, as Java draws it, and a parabola's segment.
    r, k = 50.0, 50 * 0.5522847498
    circle = [0, r, 0]
    for x, y in ((0, 1), (-1, 0), (0, -1), (1, 0)):
        ahead, side = (x, y), (y, -x)
        start = [side[0] * r, side[1] * r]
        circle += [3, start[0] + ahead[0] * k, start[1] + ahead[1] * k]
        circle += [ahead[0] * r + side[0] * k, ahead[1] * r + side[1] * k]
        circle += [ahead[0] * r, ahead[1] * r]
    assert area_of(roi(RECTANGLE, path=[*circle, 4])) == pytest.approx(
        np.pi * r**2, rel=1e-3
    )
    bow = [0, 0, 0, 2, 10, 20, 20, 0, 4]  # its area is two thirds of base times height
    assert area_of(roi(RECTANGLE, path=bow)) == pytest.approx(2 / 3 * 20 * 10, rel=2e-3)


def test_large_coordinates_wrap_around_as_in_imagej():
    data = roi(
        0, box=(100, 40_000 - 65_536, 200, 50_000 - 65_536), points=[(0, 0), (9, 0), (0, 9)]
    )
    assert decoded(data, file="a.roi")[1][0][0].tolist() == [40_000, 100]


@pytest.mark.parametrize("name", ["", "Näme", "海馬", "🧠 left"])
def test_names_are_those_of_the_file(name):
    assert decoded(roi(RECTANGLE, box=(0, 0, 9, 9), name=name), file="a.roi")[0] == name


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (roi(LINE), "a line"),
        (roi(4, points=[(0, 0)] * 9), "a freehand line"),
        (roi(5, points=[(0, 0)] * 3), "a segmented line"),
        (roi(6), "no selection"),
        (roi(9, points=[(0, 0)] * 3), "an angle"),
        (roi(POINT, points=[(1, 1)]), "points"),
        (roi(RECTANGLE, box=(0, 0, 9, 9), subtype=1), "a text"),
        (roi(RECTANGLE, box=(0, 0, 9, 9), subtype=4), "a picture"),
        (roi(RECTANGLE, box=(0, 0, 9, 9), arc=5), "a rectangle with round corners"),
        (roi(0, points=[(0, 0), (9, 0), (9, 9)], options=1), "a curve fitted to points"),
    ],
)
def test_selections_without_a_known_area_are_refused_by_name(data, what):
    with pytest.raises(RegionError, match=f"a.roi holds {what}"):
        decoded(data, file="a.roi")


@pytest.mark.parametrize(
    "data",
    [
        roi(RECTANGLE, box=(5, 5, 5, 5)),
        roi(0, points=[(0, 0), (9, 9)]),
        roi(0),
        roi(RECTANGLE, path=[0, 1, 1]),
        roi(RECTANGLE, path=[0, 1, 1, 1, 5, 5, 4]),
        roi(
            FREEHAND, points=[(0, 0)] * 3, options=128, exact=[(0, 0), (9, 0), (np.nan, 9)]
        ),
    ],
)
def test_a_selection_of_nothing_has_no_area(data):
    with pytest.raises(RegionError, match=r"a.roi selects no area"):
        decoded(data, file="a.roi")


@pytest.mark.parametrize(
    "data",
    [
        b"Iout",
        b"Iou7" + bytes(80),
        roi(99, points=[(0, 0), (9, 0), (9, 9)]),
        roi(0, points=[(0, 0), (9, 0), (9, 9)])[:-1],
        roi(0, n_points=60_000),
        roi(0, n_points=0, floats=(struct.unpack(">f", b"\xff\xff\xff\xff")[0], 0, 0, 0)),
        roi(RECTANGLE, path=[1, 2, 3]),
        roi(RECTANGLE, path=[0, 1, 1, 7, 7]),
        roi(RECTANGLE, path=[0, 1, 1, np.inf, 7]),
        roi(RECTANGLE, path=[0, 1, 1, 3, 7]),
        roi(RECTANGLE, box=(0, 0, 9, 9), name="CA1")[:-3],
        roi(RECTANGLE, box=(0, 0, 9, 9), name="CA1")[:80],
    ],
)
def test_a_damaged_file_is_told_in_one_sentence(data):
    with pytest.raises(RegionError, match=r"a.roi is no whole ROI of ImageJ; save it"):
        decoded(data, file="a.roi")


@given(st.binary(max_size=300))
def test_any_bytes_give_outlines_or_one_sentence(data):
    told = "a.roi "
    try:
        decoded(b"Iout" + data, file="a.roi")
    except RegionError as error:
        told = str(error)
    assert told.startswith("a.roi ")


@given(
    st.lists(
        st.tuples(st.integers(-400, 40_000), st.integers(-400, 40_000)),
        min_size=3,
        max_size=40,
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_whole_coordinates_and_names_are_read_as_they_were_written(points, name):
    ring = np.array([*points, (points[0][0] + 1, points[0][1])], dtype=float)
    again, rings = decoded(encoded(name, [ring]), file="a.roi")
    assert again == name
    assert rings[0].tolist() == ring.tolist()


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_other_coordinates_are_read_as_written_in_single_precision(seed, n_rings):
    rng = np.random.default_rng(seed)
    rings = [
        rng.uniform(0, 9000, (int(rng.integers(3, 30)), 2)).astype(np.float32).astype(float)
        for _ in range(n_rings)
    ]
    again = decoded(encoded("a", rings), file="a.roi")[1]
    assert [ring.tolist() for ring in again] == [ring.tolist() for ring in rings]


def test_an_outline_of_very_many_points_is_written_and_read():
    angle = np.linspace(0, 2 * np.pi, 70_000, endpoint=False)
    ring = (np.column_stack([np.cos(angle), np.sin(angle)]) * 4000 + 4100).astype(
        np.float32
    )
    again = decoded(encoded("a", [ring.astype(float)]), file="a.roi")[1][0]
    assert np.array_equal(again, ring)


@pytest.mark.parametrize("corner", [60_000.0, 70_000.0, -6000.0])
def test_places_that_whole_numbers_cannot_tell_are_told_as_floats(corner):
    ring = TRIANGLE + corner
    assert decoded(encoded("a", [ring]), file="a.roi")[1][0].tolist() == ring.tolist()
