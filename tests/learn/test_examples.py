import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import ndimage

from segmetry import Image
from segmetry.learn.examples import (
    Example,
    middles,
    prepare,
    spread_places,
    typical_diameter,
)
from segmetry.learn.targets import class_targets


def grid_of_discs(radius, *, n=4, pitch=None):
    """An n by n grid of discs of one radius."""
    pitch = pitch or 2 * radius + 6
    side = int(n * pitch)
    y, x = np.mgrid[:side, :side]
    row, column = (y / pitch).astype(int), (x / pitch).astype(int)
    dy, dx = y - (row + 0.5) * pitch, x - (column + 0.5) * pitch
    return np.where(dy**2 + dx**2 <= radius**2, 1 + row * n + column, 0).astype(np.uint32)


def example(labels, *, colour=False, excluded=None, seed=0):
    rng = np.random.default_rng(seed)
    grey = np.where(labels > 0, 180, 40) + rng.normal(0, 5, labels.shape)
    pixels = grey.clip(0, 255).astype(np.uint8)
    if colour:
        pixels = np.stack([pixels, pixels // 2, 255 - pixels], axis=-1)
    axes = "YXC" if colour else "YX"
    return Example(Image(pixels, axes=axes, excluded=excluded), labels, name="drawn")


def prepared(labels, *, channels=1, diameter=None, **options):
    return prepare([example(labels, **options)], channels=channels, diameter=diameter)[0]


@pytest.mark.parametrize("radius", [4, 9, 20])
def test_the_typical_diameter_is_that_of_discs(radius):
    found = typical_diameter(grid_of_discs(radius))
    assert found == pytest.approx(2 * radius, rel=0.03)


def test_the_typical_diameter_is_the_median_and_does_not_know_of_gaps():
    labels = np.zeros((40, 60), np.uint32)
    labels[0, 0] = 4_000_000_000
    labels[5:15, 5:15] = 70
    labels[20:40, 0:60] = 9
    assert typical_diameter(labels) == pytest.approx(math.sqrt(400 / math.pi))


def test_without_objects_there_is_no_typical_diameter():
    assert math.isnan(typical_diameter(np.zeros((3, 3), np.uint32)))


@pytest.mark.parametrize("radius", [14, 20, 40])
@pytest.mark.parametrize("wanted", [12.0, 24.0])
def test_large_objects_are_shrunk_to_the_wished_diameter(radius, wanted):
    labels = grid_of_discs(radius)
    made = prepared(labels, diameter=wanted)
    share = (made.targets[..., 0] > 0).mean()
    diameter = math.sqrt(share * made.targets[..., 0].size / 16 * 4 / math.pi)
    assert made.zoom == 1
    assert diameter == pytest.approx(wanted, rel=0.04)
    assert share == pytest.approx((labels > 0).mean(), rel=0.05)


@pytest.mark.parametrize("radius", [4, 6, 10])
def test_small_objects_keep_their_pixels_and_are_enlarged_later(radius):
    labels = grid_of_discs(radius)
    made = prepared(labels, diameter=24.0)
    assert made.pixels.shape == (*labels.shape, 1)
    assert made.zoom * typical_diameter(labels) == pytest.approx(24)


@pytest.mark.parametrize(("radius", "zoom", "side"), [(2, 4.0, 40), (100, 1.0, 103)])
def test_scales_have_limits(radius, zoom, side):
    labels = grid_of_discs(radius)
    made = prepared(labels, diameter=24.0 if radius < 10 else 10.0)
    assert made.zoom == zoom
    assert made.weight.shape == (side, side)


@pytest.mark.parametrize("diameter", [None, 24.0])
def test_a_picture_without_objects_keeps_its_scale(diameter):
    made = prepared(np.zeros((30, 50), np.uint32), diameter=diameter)
    assert made.zoom == 1
    assert made.pixels.shape == (30, 50, 1)
    assert made.middles.shape == (0, 2)
    assert not made.targets.any()


def test_without_a_diameter_pixels_stay_as_they_are():
    labels = grid_of_discs(30)
    made = prepared(labels, diameter=None)
    assert made.zoom == 1
    assert made.targets.shape == (*labels.shape, 1)
    assert np.array_equal(made.targets[..., 0] > 0, labels > 0)


def test_values_are_the_normalised_ones_to_within_a_step():
    labels = grid_of_discs(8)
    one = example(labels)
    made = prepare([one], channels=1, diameter=None)[0]
    values = made.pixels[..., 0] / 65535 * 2 - 0.5
    low, high = np.percentile(one.image.pixels, [0.5, 99.8])
    expected = ((one.image.pixels - low) / (high - low)).clip(-0.5, 1.5)
    assert np.abs(values - expected).max() < 2 / 65535


def test_targets_are_the_foreground_or_those_asked_for():
    one = example(np.minimum(grid_of_discs(7, pitch=13), 2))
    made = prepare([one], channels=1, diameter=None)[0]
    assert np.array_equal(made.targets[..., 0], 255 * (one.labels > 0))
    wanted = partial(class_targets, numbers=(0, 1, 2))
    made = prepare([one], channels=1, diameter=None, targets=wanted)[0]
    assert np.array_equal(made.targets / 255, wanted(one.labels))


def test_pixels_of_which_nobody_knows_the_truth_have_no_weight_and_draw_no_crops():
    labels = np.minimum(grid_of_discs(7, pitch=13), 2)
    labels[:9] = 255
    one = replace(example(labels), unknown=labels == 255)
    wanted = partial(class_targets, numbers=(0, 1, 2))
    made = prepare([one], channels=1, diameter=None, targets=wanted, places=spread_places)[
        0
    ]
    assert not made.weight[:9].any()
    assert made.weight[9:].all()
    assert (made.middles[:, 0] >= 9).all()
    assert np.array_equal(made.targets[9:] / 255, wanted(labels[9:]))


@pytest.mark.parametrize("diameter", [None, 10.0, 30.0])
def test_ways_to_the_middles_are_made_of_the_labels_that_crops_are_drawn_from(diameter):
    one = example(grid_of_discs(10))
    made = prepare([one], channels=1, diameter=diameter, has_flows=True)[0]
    lengths = np.linalg.norm(made.vectors, axis=-1)
    assert made.vectors.shape == (*made.weight.shape, 2)
    assert not lengths[made.targets[..., 0] == 0].any()
    assert np.mean(lengths[made.targets[..., 0] > 0] > 0.99) > 0.95
    assert prepare([one], channels=1, diameter=diameter)[0].vectors is None


@pytest.mark.parametrize(
    ("colour", "channels", "kept"),
    [(False, 1, 1), (False, 3, 1), (True, 1, 1), (True, 3, 3)],
)
def test_grey_pictures_hold_one_channel_and_coloured_ones_as_many_as_wanted(
    colour, channels, kept
):
    made = prepared(grid_of_discs(20), channels=channels, colour=colour, diameter=24.0)
    assert made.pixels.shape == (*made.weight.shape, kept)


@pytest.mark.parametrize("diameter", [None, 20.0])
def test_excluded_pixels_have_no_weight(diameter):
    labels = grid_of_discs(20)
    excluded = np.zeros(labels.shape, bool)
    excluded[: labels.shape[0] // 2] = True
    made = prepared(labels, excluded=excluded, diameter=diameter)
    half = made.weight.shape[0] // 2
    assert made.weight.max() == 1
    assert not made.weight[:half].any()
    assert made.weight[half:].all()


def test_excluded_pixels_do_not_show_and_do_not_set_the_scale():
    labels = grid_of_discs(10)
    excluded = np.zeros(labels.shape, bool)
    excluded[-10:] = True
    plain = example(labels, excluded=excluded)
    pixels = plain.image.pixels.copy()
    pixels[-10:] = 255
    loud = Example(Image(pixels, excluded=excluded), labels)
    made = prepare([plain, loud], channels=1, diameter=None)
    assert np.array_equal(made[0].pixels, made[1].pixels)


@pytest.mark.parametrize("diameter", [None, 12.0])
@pytest.mark.parametrize("radius", [5, 16])
def test_middles_are_those_of_the_discs(radius, diameter):
    labels = grid_of_discs(radius, n=3)
    made = prepared(labels, diameter=diameter)
    scale = made.weight.shape[0] / labels.shape[0]
    pitch = (2 * radius + 6) * scale
    expected = [[(r + 0.5) * pitch, (c + 0.5) * pitch] for r in range(3) for c in range(3)]
    assert made.middles.dtype == np.float32
    assert np.abs(made.middles + 0.5 - expected).max() < 0.6


@pytest.mark.parametrize("seed", range(3))
def test_a_shrunk_picture_shows_objects_where_its_targets_are(seed):
    made = prepared(grid_of_discs(24), diameter=16.0, seed=seed)
    values = made.pixels[..., 0] / 65535 * 2 - 0.5
    inside = ndimage.binary_erosion(made.targets[..., 0] > 0, iterations=3)
    outside = made.targets[..., 0] == 0
    assert values[inside].min() > values[outside].mean() + 0.5
    assert np.mean((values > 0.5) == (made.targets[..., 0] > 0)) > 0.97


def test_a_tiny_picture_is_never_shrunk_to_nothing():
    made = prepared(np.ones((20, 30), np.uint32), diameter=1.0)
    assert made.weight.shape == (8, 8)


def test_many_pictures_come_in_their_order():
    examples = [example(grid_of_discs(radius)) for radius in (5, 8, 11)]
    made = prepare(examples, channels=3, diameter=24.0)
    assert [one.example for one in made] == examples


@pytest.mark.parametrize(
    "image",
    [
        Image(np.zeros((4, 5), np.uint8)),
        Image(np.zeros((3, 4, 6), np.uint8), axes="ZYX"),
        Image(np.zeros((6, 4, 3), np.uint8), axes="YXC"),
    ],
)
def test_labels_of_another_shape_and_stacks_are_refused(image):
    with pytest.raises(ValueError, match="labels of its height and width"):
        Example(image, np.zeros((4, 6), np.uint32))


def test_a_stack_with_labels_of_its_shape_is_refused():
    stack = Image(np.zeros((3, 4, 6), np.uint8), axes="ZYX")
    with pytest.raises(ValueError, match="picture of axes YX or YXC"):
        Example(stack, np.zeros((3, 4, 6), np.uint32))


@pytest.mark.parametrize("seed", range(5))
def test_places_lie_on_every_number_equally_often(seed):
    labels = np.random.default_rng(seed).choice([0, 2, 9], (30, 30), p=[0.5, 0.45, 0.05])
    labels[0, 0] = 4
    places = spread_places(labels.astype(np.uint32)).astype(int)
    at, counts = np.unique(labels[places[:, 0], places[:, 1]], return_counts=True)
    assert at.tolist() == [2, 4, 9]
    assert len(set(counts.tolist())) == 1


def test_there_are_no_places_where_nothing_is_marked():
    assert spread_places(np.zeros((5, 5), np.uint32)).shape == (0, 2)


@pytest.mark.parametrize("seed", range(5))
def test_middles_are_the_centres_of_gravity_in_the_order_of_the_numbers(seed):
    random = np.random.default_rng(seed)
    numbers = [2, 9, 4_000_000_000]
    labels = random.choice([0, *numbers], (20, 30)).astype(np.uint32)
    found = middles(labels)
    expected = [np.argwhere(labels == number).mean(axis=0) for number in numbers]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("down", [0, 7])
@pytest.mark.parametrize("right", [0, 12])
def test_middles_move_with_the_objects(down, right):
    labels = np.zeros((40, 60), np.uint32)
    labels[4:10, 5:20], labels[14:15, 2:3] = 1, 2
    moved = np.roll(labels, (down, right), axis=(0, 1))
    assert np.array_equal(middles(moved), middles(labels) + np.float32([down, right]))


def test_an_empty_picture_has_no_middles():
    assert middles(np.zeros((4, 5), np.uint32)).shape == (0, 2)
