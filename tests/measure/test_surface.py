import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.measure.surface import direction_weights, surface_areas


def ball(diameter, spacing=(1, 1, 1), shift=(0, 0, 0)):
    sides = [int(np.ceil(diameter / 2 / side)) + 2 for side in spacing]
    places = [
        (np.arange(-side, side + 1) + off) * step
        for side, off, step in zip(sides, shift, spacing, strict=True)
    ]
    z, y, x = np.meshgrid(*places, indexing="ij")
    return (z**2 + y**2 + x**2 <= diameter**2 / 4).astype(np.int32)


def area(numbers, spacing=(1, 1, 1)):
    return float(surface_areas(numbers, n_objects=1, spacing=spacing)[0])


shifts = st.tuples(*[st.floats(-0.5, 0.5)] * 3)


@given(st.floats(10, 24), shifts)
@settings(max_examples=20)
def test_balls_of_cubes_are_right_to_six_per_cent_however_they_lie(diameter, shift):
    true = np.pi * diameter**2
    assert area(ball(diameter, shift=shift)) == pytest.approx(true, rel=0.065)


def test_balls_of_cubes_are_right_to_half_a_per_cent_on_average():
    rng = np.random.default_rng(0)
    found = [area(ball(16, shift=rng.uniform(-0.5, 0.5, 3))) for _ in range(12)]
    assert np.mean(found) == pytest.approx(np.pi * 16**2, rel=0.005)


@pytest.mark.parametrize("spacing", [(2, 1, 1), (3, 1, 1), (1, 2, 2), (2.5, 0.8, 0.7)])
def test_balls_of_long_voxels_are_right_on_average(spacing):
    rng = np.random.default_rng(0)
    diameter = 20 * max(spacing) / 2
    found = [
        area(ball(diameter, spacing, rng.uniform(-0.5, 0.5, 3)), spacing) for _ in range(6)
    ]
    assert np.mean(found) == pytest.approx(np.pi * diameter**2, rel=0.02)


def ellipsoid(axes, spacing, shift):
    sides = [int(np.ceil(a / 2 / s)) + 2 for a, s in zip(axes, spacing, strict=True)]
    places = [
        (np.arange(-n, n + 1) + off) * step / (axis / 2)
        for n, off, step, axis in zip(sides, shift, spacing, axes, strict=True)
    ]
    z, y, x = np.meshgrid(*places, indexing="ij")
    return (z**2 + y**2 + x**2 <= 1).astype(np.int32)


def area_of_ellipsoid(axes):
    """Integrate the area over angles."""
    a, b, c = (axis / 2 for axis in axes)
    polar = (np.arange(200)[:, np.newaxis] + 0.5) / 200 * np.pi
    around = (np.arange(400) + 0.5) / 400 * 2 * np.pi
    sine = np.sin(polar)
    one = (b * c * sine * np.cos(around)) ** 2 + (a * c * sine * np.sin(around)) ** 2
    steps = np.pi / 200 * 2 * np.pi / 400
    return float((np.sqrt(one + (a * b * np.cos(polar)) ** 2) * sine).sum() * steps)


@pytest.mark.parametrize(
    ("spacing", "shape", "mean", "single"),
    [
        ((1, 1, 1), (2, 1, 1), 0.01, 0.03),
        ((1, 1, 1), (1, 1.5, 2), 0.01, 0.03),
        ((5, 1, 1), (1, 1, 1), 0.02, 0.06),
        ((5, 1, 1), (2, 1, 1), 0.06, 0.08),
        ((5, 1, 1), (1, 2, 1), 0.06, 0.08),
        ((3, 1, 1), (2, 1, 1), 0.06, 0.08),
        ((1, 5, 5), (1, 1.5, 2), 0.065, 0.09),
    ],
)
def test_ellipsoids_of_ten_voxels_across_are_as_right_as_it_is_told(
    spacing, shape, mean, single
):
    rng = np.random.default_rng(0)
    cube = np.prod(spacing) ** (1 / 3) / np.prod(shape) ** (1 / 3)
    errors = []
    for _ in range(8):
        axes = np.array(shape) * cube * rng.uniform(10, 20)
        body = ellipsoid(axes, spacing, rng.uniform(-0.5, 0.5, 3))
        errors.append(area(body, spacing) / area_of_ellipsoid(axes) - 1)
    assert abs(np.mean(errors)) < mean
    assert np.abs(errors).max() < single


def test_a_flat_face_along_the_grid_is_the_worst_case():
    cube = np.ones((30, 30, 30), np.int32)
    assert area(cube) == pytest.approx(6 * 30**2, rel=0.1)


@given(st.permutations(range(3)), st.booleans())
@settings(max_examples=12)
def test_turning_the_volume_with_its_voxels_changes_nothing(order, mirrored):
    rng = np.random.default_rng(1)
    numbers = (rng.random((5, 6, 7)) > 0.5).astype(np.int32)
    spacing = (3.0, 1.0, 1.5)
    turned = numbers.transpose(order)[:: -1 if mirrored else 1]
    sides = tuple(spacing[axis] for axis in order)
    assert area(turned, sides) == pytest.approx(area(numbers, spacing))


@given(st.floats(0.01, 100))
@settings(max_examples=10)
def test_voxels_twice_as_large_have_four_times_the_surface(scale):
    numbers = ball(9, (2, 1, 1))
    before = area(numbers, (2, 1, 1))
    after = area(numbers, (2 * scale, scale, scale))
    assert after == pytest.approx(before * scale**2)


def test_objects_that_touch_have_each_its_own_surface():
    numbers = np.zeros((6, 6, 12), np.int32)
    numbers[1:5, 1:5, 1:5], numbers[1:5, 1:5, 5:9] = 1, 2
    both = surface_areas(numbers, n_objects=2, spacing=(1, 1, 1))
    alone = surface_areas((numbers == 1).astype(np.int32), n_objects=1, spacing=(1, 1, 1))
    assert np.allclose(both, alone[0])


def test_weights_are_shares_and_equal_for_equal_directions():
    weights = direction_weights((1, 1, 1))
    assert sum(weights) == pytest.approx(1)
    assert len(weights) == 13
    # Ohser and Muecklich: 0.0915556 along the axes, 0.0739614 and 0.0703927 aslant.
    found = sorted({round(weight, 6) for weight in weights})
    assert np.allclose(found, [2 * 0.0351964, 2 * 0.0369807, 2 * 0.0457779], atol=2e-6)
