"""The dimension by boxes is that of sets whose dimension is known."""

import cv2
import numpy as np
import pytest

from segmetry.measure.box_counting import count_boxes


def sierpinski_triangle(side):
    y, x = np.mgrid[:side, :side]
    return (x & y) == 0


def sierpinski_carpet(depth):
    cell = np.ones((1, 1), bool)
    tile = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)
    for _ in range(depth):
        cell = np.kron(tile, cell)
    return cell


def koch_curve(depth, width):
    points = np.array([0, 1 + 0j])
    for _ in range(depth):
        step = np.diff(points) / 3
        parts = [np.zeros(len(step)), step, step * (1 + np.exp(1j * np.pi / 3)), 2 * step]
        points = np.append((points[:-1] + np.array(parts)).T.ravel(), points[-1])
    places = np.stack([points.real, points.imag], axis=1) * width + 10
    picture = np.zeros((width // 3 + 30, width + 20), np.uint8)
    cv2.polylines(picture, [np.rint(places).astype(np.int32)], isClosed=False, color=1)
    return picture > 0


def straight_line(angle, *, length=600):
    picture = np.zeros((length + 40, length + 40), np.uint8)
    end = (20 + round(length * np.cos(angle)), 20 + round(length * np.sin(angle)))
    cv2.line(picture, (20, 20), end, 1)
    return picture > 0


@pytest.mark.parametrize("angle", np.deg2rad([0, 10, 30, 45, 63, 90]))
def test_a_line_has_dimension_one(angle):
    assert count_boxes(straight_line(angle)).dimension == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize("side", [256, 300, 500])
def test_a_filled_square_has_dimension_two(side):
    found = count_boxes(np.ones((side, side), bool))
    assert found.dimension == pytest.approx(2, abs=0.06)
    assert found.r_squared > 0.999


def test_known_fractals_have_their_dimension():
    triangle = count_boxes(sierpinski_triangle(512))
    assert triangle.dimension == pytest.approx(np.log(3) / np.log(2), abs=0.05)
    carpet = count_boxes(sierpinski_carpet(6))
    assert carpet.dimension == pytest.approx(np.log(8) / np.log(3), abs=0.07)
    koch = count_boxes(koch_curve(6, 1000))
    assert koch.dimension == pytest.approx(np.log(4) / np.log(3), abs=0.06)


@pytest.mark.parametrize("seed", range(5))
def test_place_and_quarter_turns_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    points = rng.random((200, 150)) < rng.uniform(0.01, 0.2)
    first = count_boxes(points)
    assert count_boxes(np.pad(points, ((3, 40), (17, 2)))).dimension == first.dimension
    turned = count_boxes(np.rot90(points, 2)).dimension
    assert turned == pytest.approx(first.dimension, abs=0.05)
    assert count_boxes(points.T).dimension == pytest.approx(first.dimension)


@pytest.mark.parametrize("seed", range(5))
def test_counts_fall_with_size_and_never_pass_the_pixels(seed):
    rng = np.random.default_rng(seed)
    points = rng.random((200, 200)) < 0.05
    found = count_boxes(points)
    assert found.counts.max() <= np.count_nonzero(points)
    # Boxes of twice the side hold four of the smaller ones at most.
    assert np.all(found.counts[:-2] <= 4 * found.counts[2:] * 1.3)
    assert np.all(np.diff(found.counts) <= 0)
    assert np.all(np.diff(found.sizes) > 0)


def test_the_slope_and_its_error_are_those_of_least_squares():
    found = count_boxes(sierpinski_triangle(256))
    x, y = -np.log(found.sizes), np.log(found.counts)
    (slope, _), covariance = np.polyfit(x, y, 1, cov=True)
    assert found.dimension == pytest.approx(slope)
    assert found.standard_error == pytest.approx(np.sqrt(covariance[0, 0]))
    assert found.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (5, 5), (12, 12)])
def test_what_is_too_small_has_no_dimension(shape):
    found = count_boxes(np.pad(np.ones(shape, bool), 4))
    assert np.isnan([found.dimension, found.standard_error, found.r_squared]).all()
    assert len(found.sizes) == len(found.counts)
