import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.dataset.picture_types import (
    _silhouette,
    _start,
    bit_depth,
    color_features,
    find_types,
    type_name,
)
from segmetry.image import Image
from segmetry.io import read


def plain(color, size=16):
    pixels = np.empty((size, size, 3), np.uint8)
    pixels[:] = color
    return Image(pixels, axes="YXC")


def clouds(centres, counts, spread=0.01, seed=0):
    rng = np.random.default_rng(seed)
    repeated = np.repeat(np.array(centres, float), counts, axis=0)
    return repeated + rng.normal(0, spread, repeated.shape)


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ((0, 0, 0), "dark grey"),
        ((128, 128, 128), "medium grey"),
        ((250, 250, 250), "bright grey"),
        ((255, 0, 0), "bright red"),
        ((255, 0, 20), "bright red"),
        ((255, 128, 0), "bright orange"),
        ((255, 255, 0), "bright yellow"),
        ((0, 120, 0), "medium green"),
        ((0, 255, 255), "bright cyan"),
        ((0, 0, 60), "dark blue"),
        ((200, 100, 255), "bright purple"),
        ((255, 0, 200), "bright pink"),
    ],
)
def test_a_plain_picture_is_called_by_its_colour(color, name):
    assert type_name(color_features(plain(color))) == name


def test_hue_is_a_circle():
    warm, cold = (color_features(plain(color)) for color in ((255, 0, 10), (255, 10, 0)))
    assert np.allclose(warm, cold, atol=0.1)


def test_a_grey_picture_has_no_colour():
    features = color_features(Image(np.full((8, 8), 51, np.uint8)))
    assert features == pytest.approx([0, 0, 0, 0.2, 0], abs=1e-6)


def test_contrast_is_the_standard_deviation():
    halves = np.zeros((40, 40), np.uint8)
    halves[20:] = 255
    assert color_features(Image(halves))[4] == pytest.approx(0.5)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((4, 4), 2048, np.uint16),
        np.full((4, 4), 0.5, np.float32),
        np.array([[-100, 100], [0, 0]], np.int16),
        np.array([[-3.0, 3.0], [0, 0]], np.float32),
        np.full((3, 4, 4), 128, np.uint8),
        np.full((4, 4, 2), 128, np.uint8),
        np.full((3, 4, 4, 3), 128, np.uint8),
    ],
)
def test_a_picture_of_any_kind_has_features(pixels):
    axes = {2: "YX", 4: "ZYXC"}.get(pixels.ndim, "YXC" if pixels.shape[-1] == 2 else "ZYX")
    if pixels.dtype == np.uint16:
        pixels = pixels.copy()
        pixels[0, 0] = 4095
    assert color_features(Image(pixels, axes=axes))[3] == pytest.approx(0.5, abs=0.04)


def test_size_does_not_matter():
    rng = np.random.default_rng(0)
    small = rng.integers(0, 255, (16, 12, 3)).astype(np.uint8)
    large = small.repeat(64, axis=0).repeat(64, axis=1)
    features = [color_features(Image(p, axes="YXC")) for p in (small, large)]
    assert np.allclose(*features, atol=1e-3)


@pytest.mark.parametrize(
    ("pixels", "bits"),
    [
        (np.array([[0, 255]], np.uint8), 8),
        (np.array([[0, 3]], np.uint8), 8),
        (np.array([[0, 256]], np.uint16), 10),
        (np.array([[0, 4095]], np.uint16), 12),
        (np.array([[0, 65535]], np.uint16), 16),
        (np.array([[-1024, 3071]], np.int16), 12),
        (np.array([[0.5]], np.float32), 32),
    ],
)
def test_the_depth_is_the_least_that_holds_the_values(pixels, bits):
    assert bit_depth(pixels) == bits


@given(st.lists(st.integers(6, 30), min_size=2, max_size=4), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_clouds_far_apart_are_types_of_their_size(counts, seed):
    centres = [[0.2 * k, 0, 0.3 * (k % 2), 0.3 * k, 0] for k in range(len(counts))]
    features = clouds(centres, counts, seed=seed)
    order = np.random.default_rng(seed).permutation(len(features))
    types = find_types(features[order], seed=seed)
    assert np.bincount(types.numbers).tolist() == sorted(counts, reverse=True)
    assert types.silhouette > 0.8
    cloud = np.repeat(np.arange(len(counts)), counts)[order]
    assert len(set(zip(cloud.tolist(), types.numbers.tolist(), strict=True))) == len(counts)


@given(st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_one_cloud_is_one_type(seed):
    types = find_types(clouds([[0.2] * 5], [40], spread=0.1, seed=seed))
    assert not types.numbers.any()
    assert types.silhouette is None
    assert list(types.used) == [0]


def test_pictures_that_are_all_alike_are_one_type():
    assert find_types(np.ones((30, 5))).silhouette is None


def test_two_pictures_are_one_type():
    assert find_types(clouds([[0] * 5, [1] * 5], [1, 1])).silhouette is None


def test_one_picture_apart_from_two_that_are_alike_is_a_type():
    types = find_types(clouds([[0.1] * 5, [0.9] * 5], [2, 1]))
    assert types.numbers.tolist() == [0, 0, 1]


@given(st.integers(3, 16), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_pictures_that_differ_less_than_an_eye_sees_are_one_type(n, seed):
    rng = np.random.default_rng(seed)
    features = 0.3 + rng.uniform(-0.03, 0.03, (n, 5))
    assert not find_types(features, seed=seed).numbers.any()


@given(st.lists(st.integers(2, 5), min_size=2, max_size=3), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_a_few_pictures_of_each_of_some_types_are_told_apart(counts, seed):
    kinds = [[0, 0, 0, 0.05, 0.05], [0, -0.3, 0.3, 0.8, 0.03], [0, 0, 0, 0.8, 0.1]]
    types = find_types(clouds(kinds[: len(counts)], counts, seed=seed), seed=seed)
    kind = np.repeat(np.arange(len(counts)), counts)
    assert adjusted_rand(types.numbers, kind) == 1


def test_half_a_dozen_pictures_of_any_brightness_are_one_type():
    rng = np.random.default_rng(0)
    features = np.full((6, 5), 0.1)
    features[:, 3] = np.linspace(0.1, 0.9, 6) + rng.normal(0, 0.01, 6)
    assert find_types(features).silhouette is None


def test_two_kinds_of_equal_pictures_are_two_types():
    features = np.repeat([[0.1] * 5, [0.9] * 5], [9, 9], axis=0)
    types = find_types(features)
    assert types.numbers.tolist() == [0] * 9 + [1] * 9
    assert types.silhouette == pytest.approx(1)


def test_the_same_seed_finds_the_same_types():
    features = clouds([[0] * 5, [0.2] * 5, [0.3] * 5], [30, 30, 30], spread=0.05)
    first, again = find_types(features, seed=3), find_types(features, seed=3)
    assert np.array_equal(first.numbers, again.numbers)


def test_samples_go_from_typical_to_odd():
    features = np.zeros((6, 5))
    features[:, 0] = [0.5, 0.4, 0.9, 0.0, 0.45, 0.6]
    types = find_types(features)
    distances = np.abs(features[types.samples(features, 0, 4), 0] - features[:, 0].mean())
    assert np.array_equal(distances, np.sort(distances))
    assert distances[-1] == pytest.approx(
        np.abs(features[:, 0] - features[:, 0].mean()).max()
    )
    assert len(types.samples(features, 0, 99)) == 6


def slow_silhouette(points, numbers):
    """The mean of (b - a) / max(a, b), picture by picture, as Rousseeuw wrote it."""
    scores = []
    for here, own in zip(points, numbers, strict=True):
        apart = np.linalg.norm(points - here, axis=1)
        mates = (numbers == own).sum()
        if mates == 1:
            scores.append(0)
            continue
        a = apart[numbers == own].sum() / (mates - 1)
        b = min(apart[numbers == other].mean() for other in set(numbers) - {own})
        scores.append((b - a) / max(a, b))
    return np.mean(scores)


@given(st.integers(0, 1000), st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_the_silhouette_is_that_of_the_definition(seed, k):
    rng = np.random.default_rng(seed)
    points, numbers = rng.normal(size=(20, 5)), rng.integers(0, k, 20)
    if len(set(numbers)) > 1:
        expected = slow_silhouette(points, numbers)
        assert _silhouette(points, numbers) == pytest.approx(expected)


def test_one_cluster_has_no_silhouette():
    assert _silhouette(np.ones((4, 5)), np.zeros(4, int)) == 0


def test_equal_pictures_in_two_clusters_are_not_apart():
    assert _silhouette(np.ones((4, 5)), np.array([0, 0, 1, 1])) == 0


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_start_is_of_different_pictures(seed):
    points = clouds([[0] * 5, [1] * 5], [5, 5], seed=seed)
    start = _start(points, 4, np.random.default_rng(seed))
    assert len(np.unique(start, axis=0)) == 4
    assert all(any(np.array_equal(row, point) for point in points) for row in start)


def test_a_start_has_no_more_centres_than_different_pictures():
    points = np.repeat(np.eye(5)[:2], 6, axis=0)
    assert len(_start(points, 5, np.random.default_rng(0))) == 2


def test_thousands_of_pictures_are_sorted():
    centres = [[0.1] * 5, [0.5] * 5, [0.9] * 5]
    types = find_types(clouds(centres, [2000, 1500, 500], spread=0.02))
    assert np.bincount(types.numbers).tolist() == [2000, 1500, 500]


def adjusted_rand(first, second):
    """Agreement of two divisions, 0 by chance and 1 in full (Hubert and Arabie, 1985)."""
    first, second = (np.unique(x, return_inverse=True)[1] for x in (first, second))
    table = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(table, (first, second), 1)

    def pairs(counts):
        return (counts * (counts - 1) / 2).sum()

    rows, columns = pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / pairs(table.sum(keepdims=True))
    return (pairs(table) - chance) / ((rows + columns) / 2 - chance)


def purity(types, kinds):
    """Share of pictures whose kind is the most common one of their type."""
    kinds = np.unique(kinds, return_inverse=True)[1]
    return sum(np.bincount(kinds[types == t]).max() for t in set(types)) / len(kinds)


def test_the_adjusted_rand_index_is_one_in_full_agreement_and_none_by_chance():
    assert adjusted_rand([0, 0, 1, 1], ["b", "b", "a", "a"]) == 1
    assert adjusted_rand([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)


@pytest.mark.parametrize(("n_dark", "n_purple"), [(3, 3), (2, 2), (4, 2), (5, 1)])
def test_a_folder_of_a_few_dark_and_a_few_stained_pictures_holds_two_types(
    data, n_dark, n_purple
):
    folder = data("dsb2018/train/images")
    with data("dsb2018/train.csv").open() as file:
        rows = list(csv.DictReader(file))
    dark = [row["file"] for row in rows if row["class"] == "fluo_small"][:n_dark]
    purple = [row["file"] for row in rows if row["class"] == "he_purple"][:n_purple]
    features = np.stack([color_features(read(folder / name)) for name in dark + purple])
    types = find_types(features)
    assert types.numbers.tolist() == [0] * n_dark + [1] * n_purple
    assert [type_name(center) for center in types.centers] == ["dark grey", "bright purple"]


@pytest.mark.slow
def test_types_of_real_nuclei_are_those_that_people_named(data):
    folder = data("dsb2018/train/images")
    with data("dsb2018/train.csv").open() as file:
        rows = list(csv.DictReader(file))
    features = np.stack([color_features(read(folder / row["file"])) for row in rows])
    types = find_types(features)
    # Small and large nuclei in fluorescence differ in size, not in colour.
    stains = [row["class"].removesuffix("_small").removesuffix("_large") for row in rows]
    assert adjusted_rand(types.numbers, stains) > 0.95
    assert purity(types.numbers, [row["class"] for row in rows]) > 0.75
    assert purity(types.numbers, stains) > 0.95
