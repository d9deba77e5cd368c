"""Features of tiles are those of the whole picture; those of painted pixels stay."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.image import Image
from segmetry.io import write_png
from segmetry.project import Order, Stroke, seen
from segmetry.project.seen import SeenPicture, SeenPictures, thinned
from segmetry.recipe import recipe_text
from segmetry.segment.pixel_features import pixel_features


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(seen, "TILE", 96)


@pytest.fixture
def image(rng):
    pixels = rng.normal(100, 20, (200, 250)).astype(np.float32)
    excluded = np.zeros((200, 250), bool)
    excluded[180:] = True
    return Image(pixels, excluded=excluded)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def order(home, rng, simple):
    write_png(home / "noise.png", rng.integers(0, 255, (200, 250)).astype(np.uint8))
    return Order("a", "noise.png", home / "noise.png", recipe_text(simple))


@pytest.mark.usefixtures("small_tiles")
def test_tiles_have_the_features_of_the_whole_picture(image):
    whole, tiled = pixel_features(image), SeenPicture(image, 1)
    for row, column in np.ndindex(3, 3):
        y, x = 96 * row, 96 * column
        expected = whole[y : y + 96, x : x + 96]
        assert np.allclose(tiled.features((row, column)), expected, atol=1e-4)


@pytest.mark.usefixtures("small_tiles")
def test_the_memory_of_tiles_has_an_end(image, monkeypatch):
    tiled = SeenPicture(image, 1)
    first = tiled.features((0, 0))
    assert tiled.features((0, 0)) is first
    monkeypatch.setattr(seen, "_MOST_BYTES", 2 * first.nbytes)
    for column in (1, 2):
        tiled.features((0, column))
    assert tiled.features((0, 1)) is tiled.features((0, 1))
    again = tiled.features((0, 0))
    assert again is not first
    assert np.array_equal(again, first)


@pytest.mark.usefixtures("small_tiles")
def test_points_are_those_of_the_painted_pixels_of_the_sample(order):
    held = SeenPictures()
    strokes = (
        Stroke("a", 5, 21, ((90, 90), (110, 100))),  # over four tiles
        Stroke("b", 7, 9, ((30, 30),)),
        Stroke("c", None, 5, ((30, 30),)),
    )
    features, classes = held.points(order, strokes, (7, 5), 1)
    whole = pixel_features(held.picture(order, 1).image)
    paint = seen.painted(strokes, (7, 5), (200, 250))
    assert np.bincount(classes).tolist() == np.bincount(paint[paint > 0] - 1).tolist()
    for number in (0, 1):
        expected = np.sort(whole[paint == number + 1], axis=0)
        assert np.allclose(
            np.sort(features[classes == number], axis=0), expected, atol=1e-4
        )


def test_a_stroke_on_one_picture_does_not_read_the_others(order, home, monkeypatch):
    held, strokes = SeenPictures(), (Stroke("a", 1, 9, ((30, 30),)),)
    before = held.points(order, strokes, (1,), 1)
    write_png(home / "other.png", np.zeros((40, 50), np.uint8))
    other = replace(order, path=home / "other.png")
    assert held.channels(other) == 1
    held.picture(other, 1)
    monkeypatch.setattr(seen, "ready_for", None)  # reading anything would fail
    after = held.points(order, strokes, (1,), 1)
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True))
    # Nor does another method that is chosen meanwhile.
    chosen = replace(order, recipe=order.recipe.replace('"threshold"', '"local"'))
    assert held.points(chosen, strokes, (1,), 1)[1].size == after[1].size


def test_what_is_on_other_pictures_is_let_go(order, home, rng):
    write_png(home / "other.png", rng.integers(0, 255, (50, 60)).astype(np.uint8))
    other = replace(order, picture="b", path=home / "other.png")
    held = SeenPictures()
    for one in (order, other):
        held.points(one, (Stroke("a", 1, 3, ((9, 9),)),), (1, 2), held.channels(one))
    held.forget([other])
    assert len(held._taught) == len(held._channels) == 1
    held.forget([])
    assert not held._taught


def test_nothing_painted_gives_no_points(order):
    features, classes = SeenPictures().points(order, (), (1, 2), 1)
    assert (features.size, classes.size) == (0, 0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_thinning_keeps_at_most_so_many_of_each_class_and_moves_few(seed, n_classes):
    rng = np.random.default_rng(seed)
    paint = rng.integers(0, n_classes + 1, (180, 200)).astype(np.uint8)
    thin = thinned(paint, n_classes)
    most = seen._MOST_POINTS
    assert (thin[thin > 0] == paint[thin > 0]).all()
    for number in range(1, n_classes + 1):
        n_all = (paint == number).sum()
        assert (thin == number).sum() == min(n_all, most)
    more = paint.copy()
    more[:2] = 1
    kept = (thin == 1) & (thinned(more, n_classes) == 1)
    assert kept.sum() > 0.9 * (thin == 1).sum()
