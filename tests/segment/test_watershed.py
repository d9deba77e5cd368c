import numpy as np
import pytest
from scipy.spatial import cKDTree

from segmetry.evaluate import f1_at, match_objects
from segmetry.image import Image
from segmetry.io import read
from segmetry.segment.watershed import Watershed


def grains(seed, n=30, shape=(150, 200)):
    """Numbers of the pixels of packed grains: those nearest to points well apart."""
    rng = np.random.default_rng(seed)
    points: list[np.ndarray] = []
    while len(points) < n:
        point = rng.uniform(0, 1, 2) * shape
        if all(np.hypot(*(point - other)) > 24 for other in points):
            points.append(point)
    pixels = np.stack(np.mgrid[: shape[0], : shape[1]], axis=-1).reshape(-1, 2)
    distance, nearest = cKDTree(points).query(pixels, k=2)
    numbers = (nearest[:, 0] + 1).reshape(shape).astype(np.uint32)
    return numbers, (distance[:, 1] - distance[:, 0]).reshape(shape) < 3


def scored(labels, truth):
    return f1_at(match_objects(labels.data, truth), threshold=0.7)


@pytest.mark.parametrize("line", ["dark", "bright"])
@pytest.mark.parametrize("seed", range(3))
def test_packed_grains_are_parted_along_lines(line, seed):
    truth, borders = grains(seed)
    rng = np.random.default_rng(seed)
    sign = -1 if line == "dark" else 1
    pixels = 150 + sign * 60 * borders + rng.normal(0, 8, truth.shape)
    assert scored(Watershed(borders=line)(Image(pixels)), truth) > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_packed_grains_are_parted_where_grey_values_step(seed):
    truth, _ = grains(seed)
    rng = np.random.default_rng(seed)
    levels = np.concatenate([[0], rng.permutation(truth.max()) * 8 + 20])
    pixels = levels[truth] + rng.normal(0, 3, truth.shape)
    # Neighbours whose grey values are nearly the same by chance cannot be told apart.
    assert scored(Watershed(depth=0.03)(Image(pixels)), truth) > 0.8


@pytest.mark.parametrize("seed", range(3))
def test_every_pixel_that_counts_is_of_a_grain(seed):
    pixels = np.random.default_rng(seed).random((50, 60))
    excluded = np.zeros((50, 60), bool)
    excluded[10:20, 30:] = True
    found = Watershed(min_area=1)(Image(pixels, excluded=excluded)).data
    assert np.array_equal(found == 0, excluded)


def test_more_depth_joins_grains():
    pixels = np.random.default_rng(0).random((80, 90))
    counts = [Watershed(depth=depth)(Image(pixels)).data.max() for depth in (0, 0.3, 1)]
    assert counts[0] > counts[1] > counts[2]
    assert counts[2] == 1


@pytest.mark.parametrize("side", ["dark", "bright"])
def test_ground_is_no_grain(side, discs):
    pixels = discs([12, 15, 9])
    image = Image(pixels if side == "dark" else 255 - pixels)
    labels = Watershed(ground=side)(image)
    assert labels.data.max() == 3
    assert np.mean((labels.data > 0) == (pixels > 120)) > 0.99
    assert Watershed()(image).data.max() == 4
    assert labels.steps[0].options["found_grains"] == 3


def test_touching_discs_of_different_grey_are_parted_at_the_step():
    y, x = np.mgrid[:60, :100]
    pixels = np.full((60, 100), 20.0)
    pixels[np.hypot(y - 30, x - 34) < 18] = 120
    pixels[np.hypot(y - 30, x - 60) < 18] = 220  # overlaps by too much to have a waist
    labels = Watershed(ground="dark", denoise=1)(Image(pixels))
    assert labels.data.max() == 2
    assert labels.data[30, 34] != labels.data[30, 60]


def test_a_single_step_in_a_flat_picture_is_a_border():
    pixels = np.zeros((300, 300))
    pixels[150, 150] = 1  # fewer pixels than the tails that are cut off
    assert Watershed(denoise=0)(Image(pixels)).data.max() >= 1


@pytest.mark.slow
def test_real_particles_are_parted_and_few_pixels_are_left(data):
    folder = data("ampis_powder/train")
    image = read(folder / "images" / "Sc1Tile_001-001-000_0-000.png")
    labels = Watershed(ground="dark")(image)
    assert 100 < labels.data.max() < 3000
    assert 0.4 < np.mean(labels.data > 0) < 0.9
