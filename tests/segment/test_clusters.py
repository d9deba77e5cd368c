import numpy as np
import pytest

from segmetry.image import Image
from segmetry.segment.clusters import (
    n_groups,
    over_picture,
    sort_clusters,
)

WHOLE = np.ones((40, 50), bool)


def noise(channels, seed=0):
    return np.random.default_rng(seed).random((40, 50, channels)).astype(np.float32)


@pytest.mark.parametrize("n", [1, 2, 3, 8])
def test_there_are_no_more_groups_than_different_points(n):
    points = np.arange(4000)[:, None] % n * 1.0
    assert n_groups(points, 8) == n
    assert n_groups(np.sort(points, axis=0), 2) == min(n, 2)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_every_pixel_is_rated_by_its_own_values(channels):
    values = noise(channels)

    def rate(points):
        return np.stack([points.sum(axis=1), points[:, 0] ** 2], axis=1)

    found = over_picture(values, rate)
    assert found.shape == (40, 50, 2)
    assert found.dtype == np.float32
    assert np.allclose(found[..., 0], values.sum(axis=-1), atol=2e-5)
    assert np.allclose(found[..., 1], values[..., 0] ** 2, atol=2e-5)


def test_large_pictures_go_piece_by_piece(monkeypatch):
    values, sizes = noise(2), []

    def rate(points):
        sizes.append(len(points))
        return points * 2

    monkeypatch.setattr("segmetry.segment.clusters._PIECE", 300)
    assert np.array_equal(over_picture(values, rate), values * 2)
    assert sizes == [300] * 6 + [200]


def striped(levels, width=10):
    numbers = np.repeat(np.arange(len(levels)), width)
    classes = np.tile(np.eye(len(levels), dtype=np.float32)[numbers], (30, 1, 1))
    return Image(np.tile(np.asarray(levels, float)[numbers], (30, 1))), classes


def test_groups_are_sorted_by_their_brightness():
    image, classes = striped([90, 10, 200])
    found = sort_clusters(classes, image, polarity="bright", taken=1)
    assert found.brightness.tolist() == [10, 90, 200]
    assert found.order.tolist() == [1, 0, 2]
    assert np.array_equal(found.classes, classes[..., [1, 0, 2]])
    assert found.taken.tolist() == [False, False, True]
    assert found.found == {
        "found_polarity": "bright",
        "found_clusters": 3,
        "found_brightness": [10.0, 90.0, 200.0],
    }


@pytest.mark.parametrize(
    ("polarity", "taken", "expected"),
    [
        ("dark", 1, [True, False, False]),
        ("dark", 2, [True, True, False]),
        ("bright", 2, [False, True, True]),
        ("dark", 7, [True, True, False]),  # one is left as background
    ],
)
def test_the_brightest_or_the_darkest_are_taken(polarity, taken, expected):
    image, classes = striped([90, 10, 200])
    found = sort_clusters(classes, image, polarity=polarity, taken=taken)
    assert found.taken.tolist() == expected


def test_excluded_pixels_do_not_count_for_the_brightness():
    image, classes = striped([10, 200])
    excluded = np.zeros((30, 20), bool)
    excluded[:15] = True
    pixels = np.where(excluded, 5000, image.pixels)
    found = sort_clusters(
        classes, Image(pixels, excluded=excluded), polarity="bright", taken=1
    )
    assert found.brightness.tolist() == [10, 200]


def test_a_group_without_a_pixel_does_no_harm():
    image, classes = striped([10, 200])
    classes = np.concatenate([classes, np.zeros((30, 20, 1), np.float32)], axis=-1)
    found = sort_clusters(classes, image, polarity="bright", taken=1)
    assert found.brightness.tolist() == [0, 10, 200]


def test_the_half_that_looks_like_objects_is_taken():
    y, x = np.mgrid[:80, :120]
    disc = np.hypot(y - 40, x - 60) < 20
    classes = np.stack([disc, ~disc], axis=-1).astype(np.float32)
    for bright, polarity in ((200, "bright"), (10, "dark")):
        image = Image(np.where(disc, bright, 100))
        assert sort_clusters(classes, image, polarity="auto", taken=1).polarity == polarity
