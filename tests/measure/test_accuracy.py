"""A short run of benchmarks/kernel_accuracy.py keeps what docs/accuracy.md promises."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
N = 300  # the page has 2000


@pytest.fixture(scope="module")
def drawings():
    path = ROOT / "benchmarks" / "kernel_accuracy.py"
    spec = importlib.util.spec_from_file_location("kernel_accuracy", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def assert_mean_within(deviations, limit):
    """Within the limit, given what the mean of so few drawings is worth."""
    error = 2 * deviations.std() / np.sqrt(len(deviations))
    assert abs(deviations.mean()) <= limit + error


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("radius", [5, 6, 8, 12, 20, 50])
def test_sizes_and_perimeters_of_ellipses(drawings, ratio, radius):
    shape = drawings.Shape("ellipse", radius, radius / ratio)
    found = drawings.deviations(shape, n=N, seed=2)
    assert_mean_within(found.area, 0.5)
    assert_mean_within(found.equivalent_diameter, 0.5)
    assert_mean_within(found.perimeter, 1.0)


@pytest.mark.parametrize("ratio", [1, 2, 4])
@pytest.mark.parametrize("side", [20, 30, 50])
def test_sizes_and_perimeters_of_rectangles(drawings, ratio, side):
    shape = drawings.Shape("rectangle", ratio * side / 2, side / 2, is_rectangle=True)
    found = drawings.deviations(shape, n=N, seed=3)
    assert_mean_within(found.area, 0.5)
    assert_mean_within(found.equivalent_diameter, 0.5)
    assert_mean_within(found.perimeter, 1.5)


@pytest.mark.parametrize("dy", [0.5, 1.25, 2.0])
def test_flat_pixels_keep_the_accuracy(drawings, dy):
    shape = drawings.Shape("ellipse", 40, 20)
    found = drawings.deviations(shape, n=N, seed=4, dy=dy)
    assert_mean_within(found.area, 0.5)
    assert_mean_within(found.perimeter, 1.0)
    assert_mean_within(found.axis_major_length, 0.5)


def test_the_page_has_the_tables_of_the_script(drawings):
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    for shape in drawings.shapes():
        assert f"| {shape.name} |" in page


def test_single_objects_scatter_less_as_they_grow(drawings):
    spread = [
        drawings.deviations(drawings.Shape("disc", r, r), n=N, seed=5).area.std()
        for r in (5, 10, 20, 40)
    ]
    assert spread == sorted(spread, reverse=True)
