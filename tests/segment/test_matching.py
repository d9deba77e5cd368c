import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.segment.matching import (
    Pattern,
    drawn_pattern,
    likeness_and_step,
    pattern_of,
    places_like,
    without_overlap,
)


def noise(seed, shape=(40, 50)):
    return np.random.default_rng(seed).normal(100, 20, shape).astype(np.float32)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), height=st.integers(3, 12), width=st.integers(3, 12))
def test_likeness_is_that_of_scikit_image(seed, height, width):
    from skimage.feature import match_template

    grey, values = noise(seed), noise(seed + 1, (height, width))
    likeness, _ = likeness_and_step(grey, Pattern(values, values > 100))
    inside = likeness[height // 2 :, width // 2 :]
    expected = match_template(grey.astype(float), values.astype(float))
    inside = inside[: expected.shape[0], : expected.shape[1]]
    assert np.allclose(inside, expected, atol=1e-4)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 50), shift=st.floats(-1e3, 1e3))
def test_likeness_knows_neither_brightness_nor_contrast(seed, scale, shift):
    grey, pattern = noise(seed), drawn_pattern(9, "disc")
    likeness, step = likeness_and_step(grey, pattern)
    again, larger = likeness_and_step((scale * grey + shift).astype(np.float32), pattern)
    assert np.allclose(again, likeness, atol=1e-3)
    assert np.allclose(larger, scale * step, atol=1e-3 * scale * np.abs(step).max() + 1e-3)
    assert np.allclose(likeness_and_step(-grey, pattern)[0], -likeness, atol=1e-5)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), turns=st.integers(1, 3))
def test_a_turned_picture_has_the_turned_likeness(seed, turns):
    grey, pattern = noise(seed), drawn_pattern(9, "ring")
    plain, turned = (
        likeness_and_step(one, pattern)[0] for one in (grey, np.rot90(grey, turns))
    )
    assert np.allclose(np.rot90(plain, turns), turned, atol=1e-5)


@pytest.mark.parametrize("shape", ["disc", "ring"])
@pytest.mark.parametrize("diameter", [3, 8, 12.5, 40])
def test_a_pattern_is_fully_like_itself_and_of_its_diameter(shape, diameter):
    pattern = drawn_pattern(diameter, shape)
    middle = tuple(side // 2 for side in pattern.values.shape)
    likeness, step = likeness_and_step(pattern.values, pattern)
    assert likeness[middle] == pytest.approx(1, abs=1e-4)
    assert step[middle] == pytest.approx(1, abs=1e-4)
    assert pattern.mask.sum() == pytest.approx(np.pi * diameter**2 / 4, rel=1 / diameter)
    hollow = pattern.mask & (pattern.values < 0.5)
    assert hollow[middle] == (shape == "ring")
    assert np.array_equal(pattern.values, np.rot90(pattern.values))


@pytest.mark.parametrize("level", [0, 1e4])
def test_flat_ground_is_like_nothing(level):
    grey = np.full((60, 80), level, np.float32)
    grey[:, 60:] += noise(0, (60, 20))
    likeness, _ = likeness_and_step(grey, drawn_pattern(9, "disc"))
    assert not likeness[:, :50].any()
    assert likeness[:, 62:].any()


@pytest.mark.parametrize("bright", [True, False])
def test_the_object_of_a_piece_is_what_its_frame_is_not(bright):
    y, x = np.mgrid[:31, :41]
    disc = np.hypot(y - 15, x - 20) < 10
    disc[15, 20] = False  # a hole is part of it
    disc[3, 3] = True  # a speck is not
    pattern = pattern_of(np.where(disc == bright, 200, 50).astype(np.float32))
    assert pattern.mask.sum() == (np.hypot(y - 15, x - 20) < 10).sum()


def discs(places, shape=(60, 90), diameter=15):
    grey, pattern = np.zeros(shape, np.float32), drawn_pattern(diameter, "disc")
    half = pattern.values.shape[0] // 2
    for row, column in places:
        grey[row - half : row + half + 1, column - half : column + half + 1] += (
            pattern.values
        )
    return grey, pattern


def test_peaks_are_the_places_the_likeliest_first():
    grey, pattern = discs([(20, 20), (20, 60), (44, 40)])
    grey[:, :30] += noise(1, (60, 30)) / 300
    likeness, _ = likeness_and_step(grey, pattern)
    places = places_like([pattern], [likeness], 0.5)
    middles = places.corner + np.array(pattern.values.shape) // 2
    assert {(20, 60), (44, 40)} == {tuple(middle) for middle in middles[:2].tolist()}
    assert middles[2].tolist() == [20, 20]
    assert (np.diff(places.likeness) <= 0).all()


@pytest.mark.parametrize(("overlap", "n"), [(0.0, 1), (0.1, 1), (0.6, 2)])
def test_of_two_that_overlap_the_likelier_is_kept_unless_told_otherwise(overlap, n):
    pattern = drawn_pattern(15, "disc")
    likeness = np.zeros((60, 90), np.float32)
    likeness[30, 40], likeness[30, 46] = 0.8, 0.9
    places = places_like([pattern], [likeness], 0.5)
    labels, kept = without_overlap(places, [pattern], likeness >= 0, overlap)
    assert labels.max() == n
    assert kept.tolist() == pytest.approx([0.9, 0.8][:n])
    assert (labels == 1).sum() == pattern.mask.sum()
    assert labels[30, 46] == 1


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), overlap=st.floats(0, 1))
def test_objects_are_drawn_where_pixels_count_and_none_is_lost(seed, overlap):
    rng = np.random.default_rng(seed)
    patterns = [drawn_pattern(diameter, "disc") for diameter in (5, 9)]
    maps = [rng.random((40, 50)).astype(np.float32) for _ in patterns]
    included = rng.random((40, 50)) > 0.2
    places = places_like(patterns, maps, 0.9)
    labels, kept = without_overlap(places, patterns, included, overlap)
    assert not labels[~included].any()
    assert labels.max() <= len(kept)
    if overlap == 0:
        assert np.unique(labels).size == len(kept) + 1


def test_a_large_drawn_pattern_takes_little_memory():
    tracemalloc.start()
    pattern = drawn_pattern(700, "disc")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # bytes; in eighths of a pixel it were over 400 million
    assert pattern.mask.sum() == pytest.approx(np.pi * 350**2, rel=1e-3)
