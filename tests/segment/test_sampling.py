import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.segment.sampling import points_to_fit, weighted_points

WHOLE = np.ones((40, 50), bool)

ways = pytest.mark.parametrize("way", ["evenly", "weighted"])


def drawn_points(values, way="evenly", included=WHOLE, **options):
    options = {"sample": 100, "clusters": 2} | options
    if way == "evenly":
        return points_to_fit(values, included, **options)
    return weighted_points(values, included, **options)[0]


def noise(channels, seed=0):
    return np.random.default_rng(seed).random((40, 50, channels)).astype(np.float32)


def test_grey_values_are_drawn_evenly_by_rank():
    values = noise(1)
    drawn = drawn_points(values)[:, 0]
    assert len(drawn) == 100
    assert np.array_equal(drawn, np.sort(values.ravel())[10::20])
    turned = drawn_points(values.reshape(-1)[::-1].reshape(values.shape))
    assert np.array_equal(drawn, turned[:, 0])


@ways
def test_pixels_are_drawn_without_chance(way):
    values = noise(3)
    drawn = drawn_points(values, way)
    assert drawn.shape == (100, 3)
    assert np.array_equal(drawn, drawn_points(values, way))
    assert {tuple(one) for one in drawn} <= {tuple(one) for one in values.reshape(-1, 3)}


def test_colours_are_drawn_evenly_along_the_way_they_differ():
    values = noise(3) * np.array([1, 20, 1], np.float32)
    drawn = drawn_points(values)
    assert len(np.unique(drawn, axis=0)) == 100
    assert np.abs(np.sort(drawn[:, 1]) - np.sort(values[..., 1].ravel())[10::20]).max() < 1


@ways
@pytest.mark.parametrize("sample", [0, 2000, 10_000])
@pytest.mark.parametrize("channels", [1, 3])
def test_0_and_more_than_there_are_take_all_pixels(way, sample, channels):
    values = noise(channels)
    assert np.array_equal(
        drawn_points(values, way, sample=sample), values.reshape(-1, channels)
    )


@ways
def test_excluded_pixels_are_never_drawn(way):
    values, included = noise(2), WHOLE.copy()
    included[:, 20:] = False
    values[:, 20:] = 7
    for sample in (0, 100):
        assert drawn_points(values, way, included, sample=sample).max() <= 1


def test_where_a_sample_misses_what_differs_all_pixels_are_taken():
    values = np.zeros((40, 50, 2), np.float32)
    values[20, 20] = 1
    assert len(drawn_points(values, sample=5)) == 2000
    assert len(drawn_points(values, "weighted", sample=5)) == 5  # the one weighs enough


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), channels=st.integers(1, 4), sample=st.integers(50, 900))
def test_weights_stand_for_all_pixels(seed, channels, sample):
    values = noise(channels, seed) ** 4
    points, weights = weighted_points(values, WHOLE, sample=sample, clusters=2)
    assert len(points) == len(weights) == sample
    assert weights.min() > 0
    assert weights.sum() == pytest.approx(2000, rel=0.1)
    mean = np.average(points, axis=0, weights=weights)
    spread = values.reshape(-1, channels).std(axis=0)
    assert np.abs(mean - values.reshape(-1, channels).mean(axis=0)).max() < (
        3 * spread.max() / np.sqrt(sample)
    )


def test_a_rare_group_is_known_far_better_than_from_an_even_sample():
    rng = np.random.default_rng(0)
    values = rng.normal(0.1, 0.02, (200, 250, 3)).astype(np.float32)
    values[:1] = rng.normal(0.8, 0.1, (250, 3))  # one pixel of 200
    whole = np.ones((200, 250), bool)
    points, weights = weighted_points(values, whole, sample=1000, clusters=2)
    rare = points[:, 0] > 0.45
    assert rare.sum() > 300
    assert weights[rare].sum() == pytest.approx(250, rel=0.02)
    assert np.allclose(
        np.average(points[rare], axis=0, weights=weights[rare]), 0.8, atol=0.02
    )
