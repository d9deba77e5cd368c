import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RegionError
from segmetry.region import Region, x_at

SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=float)


def star(seed, *, n=24, centre=(50.0, 50.0), radius=40.0):
    """Return an outline that goes round a point once, so that it cannot cross itself."""
    rng = np.random.default_rng(seed)
    angles = 2 * np.pi * (np.arange(n) + rng.uniform(0, 1, n)) / n
    radii = radius * rng.uniform(0.3, 1, n)
    return np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None] + centre


def shoelace(ring):
    x, y = ring.T
    return abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2


def winds_around(ring, point):
    """Tell inside from outside by the angle that the outline turns around a point."""
    to = ring - point
    angles = np.arctan2(to[:, 1], to[:, 0])
    turns = np.diff(np.append(angles, angles[0]))
    return abs(np.sum((turns + np.pi) % (2 * np.pi) - np.pi)) > np.pi


def test_a_square_has_its_area_bounds_and_name():
    region = Region("  CA1 ", (SQUARE,))
    assert (region.name, region.area, region.bounds) == ("CA1", 100.0, (0, 0, 10, 10))
    assert region.is_rectangle


def test_an_outline_within_another_is_a_hole():
    region = Region("ring", (SQUARE, SQUARE / 2 + 2))
    assert region.area == 75
    inside = region.holds(np.array([[1.0, 1.0], [4.0, 4.0], [9.0, 9.0], [11.0, 5.0]]))
    assert inside.tolist() == [True, False, True, False]
    assert not region.is_rectangle


def test_an_island_in_a_hole_belongs_to_the_region_again():
    region = Region("island", (SQUARE, SQUARE * 0.6 + 2, SQUARE * 0.2 + 4))
    assert region.area == pytest.approx(100 - 36 + 4)
    assert region.holds(np.array([[5.0, 5.0]]))[0]


def test_a_triangle_with_the_corners_of_a_square_is_no_rectangle():
    a, b, c, d = SQUARE
    assert not Region("spike", (np.array([a, b, c, d, c]),)).is_rectangle
    assert not Region("turned", (SQUARE @ np.array([[1, 1], [-1, 1]]),)).is_rectangle


@pytest.mark.parametrize("seed", range(40))
def test_the_area_of_any_outline_is_that_of_the_shoelace_formula(seed):
    ring = star(seed)
    assert Region("star", (ring,)).area == pytest.approx(shoelace(ring), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_holes_are_taken_from_the_area(seed):
    outer = star(seed, radius=40)
    inner = star(seed + 100, radius=5)  # each outline is at least 12 px from the centre
    region = Region("with a hole", (outer, inner))
    assert region.area == pytest.approx(shoelace(outer) - shoelace(inner), rel=1e-12)


@given(
    st.integers(0, 1000),
    st.floats(0, 2 * np.pi),
    st.floats(0.1, 50),
    st.floats(-1e4, 1e4),
)
def test_turning_and_moving_keep_the_area_and_scaling_squares_it(seed, angle, scale, move):
    ring = star(seed)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = scale * ring @ turn.T + [move, -move]
    expected = scale**2 * Region("a", (ring,)).area
    assert Region("b", (moved,)).area == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_points_inside_are_those_around_which_the_outline_turns(seed):
    ring = star(seed)
    points = np.random.default_rng(seed).uniform(0, 100, (300, 2))
    inside = Region("star", (ring,)).holds(points)
    assert inside.tolist() == [winds_around(ring, point) for point in points]
    assert 0 < inside.sum() < 300


@pytest.mark.parametrize("seed", range(20))
def test_a_share_of_random_points_inside_is_the_area(seed):
    region = Region("star", (star(seed),))
    points = np.random.default_rng(seed).uniform(0, 100, (20_000, 2))
    share = region.holds(points).mean()
    assert abs(share - region.area / 100**2) < 5 * np.sqrt(0.25 / 20_000)


@given(st.lists(st.integers(1, 19), min_size=2, max_size=6, unique=True))
def test_a_point_on_a_shared_side_is_in_one_of_two_regions(heights):
    # A zigzag cuts a square in two; points lie on its corners and on its sides.
    zigzag = np.array([[5.0 * k, float(y)] for k, y in enumerate(heights)])
    right = zigzag[-1, 0]
    above = Region("above", (np.vstack([zigzag, [[right, 0], [0, 0]]]),))
    below = Region("below", (np.vstack([zigzag[::-1], [[0, 20], [right, 20]]]),))
    points = np.vstack([zigzag[:-1], (zigzag[:-1] + zigzag[1:]) / 2])
    assert (above.holds(points) ^ below.holds(points)).all()
    assert above.area + below.area == pytest.approx(20 * right)


def test_sides_meet_the_lines_through_their_ends_in_the_very_ends():
    # Rounding would part regions that share a corner.
    edges = np.random.default_rng(0).uniform(0, 1000, (500, 4))
    edges[:, [1, 3]] = np.sort(edges[:, [1, 3]], axis=1)
    assert np.array_equal(x_at(edges, edges[:, 1]), edges[:, 0])
    assert np.array_equal(x_at(edges, edges[:, 3]), edges[:, 2])


def test_many_points_are_looked_at_in_parts(monkeypatch):
    monkeypatch.setattr("segmetry.region._CHUNK", 7)
    points = np.random.default_rng(0).uniform(-2, 12, (50, 2))
    inside = ((points >= 0) & (points < 10)).all(axis=1)
    assert Region("square", (SQUARE,)).holds(points).tolist() == inside.tolist()


@pytest.mark.parametrize("seed", range(10))
def test_the_inner_point_lies_inside_and_in_no_hole(seed):
    region = Region("a", (star(seed, radius=40), star(seed + 50, radius=5)))
    assert region.holds(region.inner_point)[0]


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [10, 10], [10, 0], [0, 10]],  # a bow tie
        [[0, 0], [10, 10], [11, 0], [0, 12]],  # a bow tie of unequal halves
        [[0, 0], [10, 0], [10, 10], [4, 10], [4, -5], [0, -5]],  # over its own side
    ],
)
def test_an_outline_that_crosses_itself_is_refused(ring):
    with pytest.raises(RegionError, match="outline of tie crosses or overlaps itself"):
        Region("tie", (np.array(ring, dtype=float),))


def test_an_eight_that_crosses_in_a_corner_is_refused():
    eight = np.array([[0, 0], [5, 5], [9, 9], [9, 5], [5, 5], [0, 9]], dtype=float)
    with pytest.raises(RegionError, match="crosses or overlaps itself"):
        Region("eight", (eight,))


def test_outlines_that_cross_each_other_are_refused():
    with pytest.raises(RegionError, match="crosses or overlaps itself"):
        Region("two", (SQUARE, SQUARE + 5))


def test_parts_that_touch_at_a_corner_are_one_region():
    # As ImageJ traces two pixels that touch by their corners.
    ring = np.array([[0, 0], [1, 0], [1, 1], [2, 1], [2, 2], [1, 2], [1, 1], [0, 1]])
    assert Region("pixels", (ring.astype(float),)).area == 2
    assert Region("squares", (SQUARE, SQUARE + 10)).area == 200


@pytest.mark.parametrize(
    "rings",
    [
        (np.array([[0, 0], [5, 5], [9, 9]], dtype=float),),
        (np.array([[0, 4], [5, 4], [9, 4]], dtype=float),),
        (SQUARE, SQUARE),
    ],
)
def test_what_has_no_area_is_refused(rings):
    with pytest.raises(RegionError, match="region line has no area"):
        Region("line", rings)


def test_a_region_needs_an_outline():
    with pytest.raises(RegionError, match="region none has no outline"):
        Region("none", ())


@pytest.mark.parametrize("name", ["", "  ", "CA\n1", "\x00"])
def test_a_region_needs_a_name_that_can_be_shown(name):
    with pytest.raises(RegionError, match="Expected a region with a name"):
        Region(name, (SQUARE,))


def test_names_may_be_in_any_script():
    assert Region("海馬 “CA1” µ", (SQUARE,)).name == "海馬 “CA1” µ"


@pytest.mark.parametrize("ring", [np.zeros((2, 2)), np.zeros(4), np.zeros((4, 3))])
def test_an_outline_must_be_points_of_x_and_y(ring):
    with pytest.raises(ValueError, match="outline must be of shape"):
        Region("a", (ring,))


def test_an_outline_must_be_finite():
    with pytest.raises(ValueError, match="finite"):
        Region("a", (np.where(SQUARE == 10, np.nan, SQUARE),))


def test_an_outline_with_far_too_many_long_sides_is_refused(monkeypatch):
    monkeypatch.setattr("segmetry.region._MOST_CROSSINGS", 50)
    with pytest.raises(RegionError, match="too many vertices"):
        Region("comb", (star(3, n=80),))


def test_outlines_cannot_be_changed_afterwards():
    ring = SQUARE.copy()
    region = Region("a", (ring,))
    ring[0] = 99
    assert region.area == 100
    with pytest.raises(ValueError, match="read-only"):
        region.rings[0][0] = 1


def test_a_region_goes_to_another_process_whole():
    region = pickle.loads(pickle.dumps(Region("a", (SQUARE,), "layer")))
    assert (region.name, region.area, region.classification) == ("a", 100, "layer")


@pytest.mark.parametrize("far", [1e10, 1e200, 1.7e308])
def test_a_region_beyond_any_picture_is_refused(far):
    with pytest.raises(RegionError, match="a reaches farther than any picture"):
        Region("a", (np.where(SQUARE == 10, far, -far),))
