import cv2
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.special import ellipe

from segmetry.measure.neighbours import neighbours
from segmetry.measure.perimeter import chain_code_perimeter, chain_weights
from segmetry.measure.runs import find_runs

STRAIGHT, DIAGONAL, CORNER = 0.980, 1.406, 0.091  # as published


def perimeters_of(labels, *, dx=1.0, dy=1.0):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    runs, ids = find_runs(view)
    joined = neighbours(runs, n_objects=len(ids))
    return chain_code_perimeter(runs, joined, n_objects=len(ids), dx=dx, dy=dy)


def blob(seed, shape=(50, 60)):
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=shape), rng.uniform(0.6, 3))
    return field > rng.uniform(0, 0.5) * field.std()


def from_opencv(mask):
    """The same sum over the outlines that OpenCV finds."""
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    total = 0.0
    for outline in outlines:
        points = outline[:, 0]
        total += np.pi
        if len(points) == 1:
            continue
        steps = np.roll(points, -1, axis=0) - points
        lengths = np.where(np.abs(steps).sum(axis=1) == 2, DIAGONAL, STRAIGHT)
        corners = (steps != np.roll(steps, 1, axis=0)).any(axis=1).sum()
        total += lengths.sum() - CORNER * corners
    return total


@pytest.mark.parametrize("seed", range(25))
def test_boundaries_are_those_that_opencv_follows(seed):
    mask = blob(seed)
    # OpenCV's outer outlines leave out pieces inside holes: fill holes first.
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = cv2.drawContours(np.zeros(mask.shape, np.uint8), outlines, -1, 1, -1) > 0
    assert perimeters_of(filled)[0] == pytest.approx(from_opencv(filled), rel=1e-12)


def test_a_single_pixel_has_the_perimeter_of_a_disc():
    assert perimeters_of([[1]])[0] == pytest.approx(np.pi)


@pytest.mark.parametrize(("width", "height"), [(2, 2), (9, 4), (30, 30)])
def test_a_rectangle_has_straight_steps_and_four_corners(width, height):
    expected = 2 * (width + height - 2) * STRAIGHT - 4 * CORNER + np.pi
    assert perimeters_of(np.ones((height, width)))[0] == pytest.approx(expected)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_a_line_is_followed_there_and_back(n):
    straight = 2 * (n - 1) * STRAIGHT - 2 * CORNER + np.pi
    diagonal = 2 * (n - 1) * DIAGONAL - 2 * CORNER + np.pi
    assert perimeters_of(np.ones((1, n)))[0] == pytest.approx(straight)
    assert perimeters_of(np.ones((n, 1)))[0] == pytest.approx(straight)
    assert perimeters_of(np.eye(n))[0] == pytest.approx(diagonal)


def test_holes_do_not_count():
    full = np.ones((9, 9))
    holed = full.copy()
    holed[3:6, 3:6] = 0
    assert perimeters_of(holed)[0] == perimeters_of(full)[0]


def test_pieces_add_up():
    one = np.zeros((12, 30))
    one[2:7, 3:9] = 1
    other = np.zeros((12, 30))
    other[5:11, 20:22] = 1
    expected = perimeters_of(one)[0] + perimeters_of(other)[0]
    assert perimeters_of(one + other)[0] == pytest.approx(expected)


def test_a_piece_in_the_hole_of_another_counts():
    ring = np.ones((9, 9))
    ring[1:-1, 1:-1] = 0
    dot = np.zeros((9, 9))
    dot[4, 4] = 1
    assert perimeters_of(ring + dot)[0] == pytest.approx(perimeters_of(ring)[0] + np.pi)


def test_a_waist_of_one_pixel_is_passed_on_both_sides():
    rows = ["##.##", "#####", "##.##"]
    labels = np.array([[letter == "#" for letter in row] for row in rows])
    assert perimeters_of(labels)[0] == pytest.approx(from_opencv(labels))


def test_two_squares_that_meet_in_a_corner_are_one_boundary():
    labels = np.zeros((6, 6))
    labels[:3, :3] = labels[3:, 3:] = 1
    assert perimeters_of(labels)[0] == pytest.approx(from_opencv(labels))


@pytest.mark.parametrize("seed", range(6))
def test_turning_and_mirroring_change_nothing(seed):
    mask = blob(seed)
    expected = perimeters_of(mask)
    for other in (np.rot90(mask), mask[::-1], mask[:, ::-1], mask.T):
        np.testing.assert_allclose(perimeters_of(other), expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_pictures_border_makes_no_difference(seed):
    mask = blob(seed)
    np.testing.assert_allclose(perimeters_of(np.pad(mask, 3)), perimeters_of(mask))


@pytest.mark.parametrize("seed", range(4))
def test_transposing_picture_and_pixel_changes_nothing(seed):
    mask = blob(seed)
    expected = perimeters_of(mask, dx=1, dy=1.6)
    np.testing.assert_allclose(perimeters_of(mask.T, dx=1.6, dy=1), expected, rtol=1e-6)


def test_the_perimeter_grows_with_the_pixel():
    mask = blob(2)
    np.testing.assert_allclose(
        perimeters_of(mask, dx=0.3, dy=0.3), 0.3 * perimeters_of(mask)
    )


def test_a_large_piece_after_small_ones_has_room():
    labels = np.zeros((150, 150))
    labels[0, ::2] = 1
    labels[2:, :] = 2
    expected = 2 * (150 + 148 - 2) * STRAIGHT - 4 * CORNER + np.pi
    assert perimeters_of(labels)[1] == pytest.approx(expected)


def test_square_pixels_have_the_published_weights():
    assert chain_weights(1.0) == (0.980, 0.980, 1.406, -0.091, -0.091)


@pytest.mark.parametrize("ratio", [0.999, 1.001])
def test_nearly_square_pixels_have_nearly_the_published_weights(ratio):
    np.testing.assert_allclose(chain_weights(ratio), chain_weights(1.0), atol=2e-3)


@pytest.mark.parametrize("ratio", [1.2, 2.0, 4.0])
def test_weights_swap_with_the_sides_of_the_pixel(ratio):
    x_step, y_step, diagonal, x_corner, y_corner = chain_weights(ratio)
    swapped = np.array([y_step, x_step, diagonal, y_corner, x_corner]) / ratio
    np.testing.assert_allclose(chain_weights(1 / ratio), swapped, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("ratio", [0.5, 1.5, 3.0])
def test_long_straight_edges_come_out_right_on_average(ratio):
    # Thin triangles of all directions: a long edge, seen from both sides.
    errors = []
    for angle in (np.arange(60) + 0.5) / 60 * np.pi:
        length = 400.0
        end = length * np.array([np.cos(angle), np.sin(angle) / ratio])
        n = int(np.abs(end).max()) * 4
        points = np.round(np.linspace(0, 1, n + 1)[:, None] * end).astype(int)
        points -= points.min(axis=0)
        labels = np.zeros(points.max(axis=0)[::-1] + 1)
        labels[points[:, 1], points[:, 0]] = 1
        errors.append(perimeters_of(labels, dy=ratio)[0] / (2 * length) - 1)
    assert abs(np.mean(errors)) < 0.01


@pytest.mark.parametrize("dy", [0.5, 1.25, 2.0])
@pytest.mark.parametrize("degrees", [0, 25, 60])
def test_an_ellipse_of_flat_pixels_has_its_perimeter(dy, degrees):
    y, x = np.mgrid[-140:141, -75:76]
    angle = np.radians(degrees)
    along = x * np.cos(angle) + dy * y * np.sin(angle)
    across = dy * y * np.cos(angle) - x * np.sin(angle)
    inside = (along / 66.2) ** 2 + (across / 33.1) ** 2 <= 1
    true = 4 * 66.2 * ellipe(0.75)
    assert perimeters_of(inside, dy=dy)[0] == pytest.approx(true, rel=0.01)


def test_no_objects_have_no_perimeter():
    assert perimeters_of(np.zeros((3, 3))).shape == (0,)
