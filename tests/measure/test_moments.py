import numpy as np
import pytest

from segmetry.measure.moments import ellipse_axes, moments
from segmetry.measure.runs import find_runs


def moments_of(labels):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    runs, ids = find_runs(view)
    return moments(runs, n_objects=len(ids))


def axes_of(labels, *, dx=1.0, dy=1.0):
    return ellipse_axes(moments_of(labels).variances, dx=dx, dy=dy)


def scattered(seed, n=6, shape=(40, 50)):
    """Objects of random pixels, in many pieces."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, n + 1, shape)


@pytest.mark.parametrize("seed", range(5))
def test_moments_are_those_of_the_pixels(seed):
    labels = scattered(seed)
    found = moments_of(labels)
    for i in range(6):
        y, x = np.nonzero(labels == i + 1)
        assert found.area[i] == len(x)
        np.testing.assert_allclose(found.centroid[i], [x.mean(), y.mean()], rtol=1e-13)
        expected = [x.var(), ((x - x.mean()) * (y - y.mean())).mean(), y.var()]
        np.testing.assert_allclose(found.variances[i], expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_the_box_is_half_open_and_the_first_pixel_is_the_first_read(seed):
    labels = scattered(seed) * (np.random.default_rng(seed).random((40, 50)) < 0.05)
    found = moments_of(labels)
    for i, label in enumerate(np.unique(labels)[1:]):
        y, x = np.nonzero(labels == label)
        box = [x.min(), y.min(), x.max() + 1, y.max() + 1]
        assert found.box[i].tolist() == box
        assert found.first_pixel[i].tolist() == [x[0], y[0]]


def test_a_far_object_has_the_moments_of_a_near_one():
    near = np.zeros((12, 12), dtype=np.uint32)
    near[3:7, 2:9] = 1
    near[7, 2] = 1
    far = np.zeros((3012, 4012), dtype=np.uint32)
    far[3000:, 4000:] = near
    np.testing.assert_array_equal(moments_of(near).variances, moments_of(far).variances)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 1), (20, 9), (5, 5)])
def test_a_rectangle_has_the_axes_of_a_real_rectangle(width, height):
    major, minor, _ = axes_of(np.ones((height, width)))
    long, short = max(width, height), min(width, height)
    assert major[0] == pytest.approx(2 * long / np.sqrt(3), rel=1e-12)
    assert minor[0] == pytest.approx(2 * short / np.sqrt(3), rel=1e-12)


def test_a_large_ellipse_has_its_own_axes():
    y, x = np.mgrid[-70:71, -70:71]
    major, minor, orientation = axes_of((x / 60) ** 2 + (y / 30) ** 2 <= 1)
    assert major[0] == pytest.approx(120, rel=2e-3)
    assert minor[0] == pytest.approx(60, rel=3e-3)
    assert orientation[0] == 0


@pytest.mark.parametrize("degrees", [0, 10, 30, 45, 60, 90, 120, 135, 150, 179])
def test_orientation_runs_counter_clockwise_as_seen(degrees):
    y, x = np.mgrid[-50:51, -50:51]
    angle = np.radians(degrees)
    # On the screen y runs down, so up is -y.
    along = x * np.cos(angle) - y * np.sin(angle)
    across = x * np.sin(angle) + y * np.cos(angle)
    _, _, orientation = axes_of((along / 40) ** 2 + (across / 10) ** 2 <= 1)
    assert 0 <= orientation[0] < 180
    difference = (orientation[0] - degrees + 90) % 180 - 90
    assert abs(difference) < 0.3


@pytest.mark.parametrize("side", [1, 2, 9])
def test_a_square_has_no_long_direction(side):
    _, _, orientation = axes_of(np.ones((side, side)))
    assert np.isnan(orientation[0])


def test_a_square_of_flat_pixels_has_one():
    _, _, orientation = axes_of(np.ones((5, 5)), dx=1, dy=2)
    assert orientation[0] == 90


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("factor", [2, 3])
def test_tall_pixels_are_the_same_as_repeated_rows(seed, factor):
    labels = scattered(seed)
    repeated = np.repeat(labels, factor, axis=0)
    for one, other in zip(axes_of(labels, dy=factor), axes_of(repeated), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_turning_the_picture_turns_the_orientation(seed):
    labels = scattered(seed, n=3, shape=(9, 31))
    _, _, before = axes_of(labels)
    _, _, after = axes_of(np.rot90(labels))
    np.testing.assert_allclose(after, (before + 90) % 180, atol=1e-9)


def test_a_direction_just_below_zero_is_not_180():
    # The angle is -1e-17 degrees, and 180 - 1e-17 is 180 in floating point.
    variances = np.array([[2.0, 1e-17, 1.0]])
    _, _, orientation = ellipse_axes(variances, dx=1, dy=1)
    assert orientation[0] == 0


def test_a_line_never_has_a_negative_minor_axis():
    lines = np.eye(300, dtype=np.uint32)
    major, minor, orientation = axes_of(lines)
    assert minor[0] > 0
    assert major[0] > 100
    assert orientation[0] == pytest.approx(135)


def test_no_objects_have_no_moments():
    found = moments_of(np.zeros((3, 3)))
    assert found.area.shape == (0,)
    assert found.variances.shape == (0, 3)
    assert all(part.shape == (0,) for part in ellipse_axes(found.variances, dx=1, dy=1))
