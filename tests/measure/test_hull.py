import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st
from scipy.spatial import ConvexHull

from segmetry.measure.hull import hulls
from segmetry.measure.moments import moments
from segmetry.measure.runs import find_runs

MASKS = numpy_st.arrays(
    np.bool_, numpy_st.array_shapes(min_dims=2, max_dims=2, max_side=12)
)


def hulls_of(labels, *, dx=1.0, dy=1.0):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    runs, ids = find_runs(view)
    box = moments(runs, n_objects=len(ids)).box
    return hulls(runs, box, dx=dx, dy=dy)


def midpoints(mask, dx, dy):
    """The midpoints of all sides of all pixels."""
    y, x = np.nonzero(mask)
    around = [(0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)]
    return np.concatenate([np.stack([(x + a) * dx, (y + b) * dy], 1) for a, b in around])


def ferets_by_force(mask, dx, dy):
    points = midpoints(mask, dx, dy)
    corners = points[ConvexHull(points).vertices]
    largest = max(np.hypot(*(a - b)) for a, b in itertools.combinations(corners, 2))
    edges = np.roll(corners, -1, axis=0) - corners
    normals = np.stack([-edges[:, 1], edges[:, 0]], 1) / np.hypot(*edges.T)[:, None]
    smallest = np.ptp(corners @ normals.T, axis=0).min()
    return largest, smallest


def pixels_in_hull_by_force(mask):
    """Pixel centres on the right side of every line through two pixels of the outline."""
    y, x = np.nonzero(mask)
    points = np.stack([x, y], axis=1)
    grid_y, grid_x = np.indices(mask.shape)
    inside = np.ones(mask.shape, dtype=bool)
    for a, b in itertools.permutations(points, 2):
        along = b - a
        side = along[0] * (points[:, 1] - a[1]) - along[1] * (points[:, 0] - a[0])
        if (side >= 0).all():
            inside &= along[0] * (grid_y - a[1]) - along[1] * (grid_x - a[0]) >= 0
    inside &= (grid_x >= x.min()) & (grid_x <= x.max())
    inside &= (grid_y >= y.min()) & (grid_y <= y.max())
    return inside.sum()


@given(MASKS, st.sampled_from([(1, 1), (0.3, 0.3), (1, 2.5), (1.7, 1)]))
@settings(max_examples=300, deadline=None)
def test_feret_diameters_are_widths_of_the_hull_of_side_midpoints(mask, pixel):
    mask[0, 0] = True
    found = hulls_of(mask, dx=pixel[0], dy=pixel[1])
    largest, smallest = ferets_by_force(mask, *pixel)
    assert found.feret_max[0] == pytest.approx(largest, rel=1e-12)
    assert found.feret_min[0] == pytest.approx(smallest, rel=1e-9)


@given(numpy_st.arrays(np.bool_, numpy_st.array_shapes(min_dims=2, max_dims=2, max_side=6)))
@settings(max_examples=100, deadline=None)
def test_pixels_of_the_hull_are_counted_exactly(mask):
    mask[0, 0] = True
    assert hulls_of(mask).n_pixels[0] == pixels_in_hull_by_force(mask)


@pytest.mark.parametrize("seed", range(30))
def test_an_ellipse_fills_its_hull(seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-30:31, -30:31] + rng.uniform(-0.5, 0.5, (2, 1, 1))
    angle, ratio = rng.uniform(0, np.pi), rng.uniform(0.05, 1)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = (y * np.cos(angle) - x * np.sin(angle)) / ratio
    mask = along**2 + across**2 <= rng.uniform(3, 28) ** 2
    assert hulls_of(mask).n_pixels[0] == mask.sum()


@pytest.mark.parametrize(("width", "height"), [(9, 1), (1, 9), (20, 10), (5, 5)])
def test_the_smallest_width_of_a_rectangle_is_its_short_side(width, height):
    found = hulls_of(np.ones((height, width)))
    assert found.feret_min[0] == pytest.approx(min(width, height))
    assert found.n_pixels[0] == width * height


def test_a_single_pixel_is_a_diamond():
    found = hulls_of([[1]])
    assert found.feret_max[0] == 1
    assert found.feret_min[0] == pytest.approx(np.sqrt(0.5))


def test_a_frame_is_as_wide_as_the_full_square_and_has_its_hull():
    frame = np.ones((8, 8))
    frame[1:-1, 1:-1] = 0
    found, full = hulls_of(frame), hulls_of(np.ones((8, 8)))
    assert found.feret_max[0] == full.feret_max[0]
    assert found.n_pixels[0] == 64


def test_all_pieces_are_in_one_hull():
    labels = np.zeros((20, 30))
    labels[2, 3] = labels[17, 3] = labels[2, 27] = 1
    found = hulls_of(labels)
    assert found.feret_max[0] == pytest.approx(np.hypot(24, 15), rel=0.05)
    # Half of the rectangle between the three pixels, by Pick's theorem on its corners.
    assert found.n_pixels[0] == (24 * 15 + 24 + 15 + np.gcd(24, 15) + 2) / 2


def test_the_letter_l_fills_part_of_its_hull():
    letter = np.zeros((40, 40))
    letter[:, :10] = letter[30:, :] = 1
    assert letter.sum() / hulls_of(letter).n_pixels[0] == pytest.approx(0.609, abs=0.01)


@pytest.mark.parametrize("seed", range(5))
def test_turning_and_mirroring_change_nothing(seed):
    mask = np.random.default_rng(seed).random((25, 30)) < 0.1
    expected = hulls_of(mask)
    for other in (np.rot90(mask), mask[::-1], mask[:, ::-1], mask.T):
        found = hulls_of(other)
        np.testing.assert_allclose(found.feret_max, expected.feret_max, rtol=1e-12)
        np.testing.assert_allclose(found.feret_min, expected.feret_min, rtol=1e-12)
        np.testing.assert_array_equal(found.n_pixels, expected.n_pixels)


@pytest.mark.parametrize("seed", range(5))
def test_adding_pixels_never_makes_an_object_smaller(seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((20, 20)) < 0.05
    mask[10, 10] = True
    more = mask | (rng.random((20, 20)) < 0.05)
    small, large = hulls_of(mask), hulls_of(more)
    assert large.feret_max[0] >= small.feret_max[0]
    assert large.feret_min[0] >= small.feret_min[0] - 1e-12
    assert large.n_pixels[0] >= small.n_pixels[0]


def test_each_object_has_its_own_hull():
    labels = np.zeros((30, 30))
    labels[2:10, 2:10], labels[5, 12:28], labels[20:28, 3] = 1, 2, 3
    found = hulls_of(labels)
    for i in range(3):
        alone = hulls_of(labels == i + 1)
        assert found.feret_max[i] == alone.feret_max[0]
        assert found.feret_min[i] == alone.feret_min[0]


def test_no_objects_have_no_hull():
    found = hulls_of(np.zeros((3, 3)))
    assert found.feret_max.shape == found.n_pixels.shape == (0,)


@given(mask=MASKS, x=st.integers(0, 3000), y=st.integers(0, 50))
def test_an_object_is_measured_the_same_to_the_last_digit_wherever_it_lies(mask, x, y):
    here = hulls_of(mask, dx=0.003, dy=0.002)
    there = hulls_of(np.pad(mask, ((y, 0), (x, 0))), dx=0.003, dy=0.002)
    assert np.array_equal(here.feret_max, there.feret_max)
    assert np.array_equal(here.feret_min, there.feret_min)
    assert np.array_equal(here.n_pixels, there.n_pixels)
