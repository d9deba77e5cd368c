import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.image import Image, PixelSize
from segmetry.measure import measure
from segmetry.segment import segmenter
from segmetry.segment.edges import (
    CONTEXT,
    halfway_levels,
    mean_inside,
    move_edges,
    place_edges,
)

FINE = 8  # drawn this many times finer, then averaged, as a detector does


def discs(radius, *, blur=0.7, noise=0.0, dark=False, seed=0):
    """Fifteen discs at random sub-pixel places, with the slope of a real edge."""
    rng = np.random.default_rng(seed)
    fine = np.zeros((200 * FINE, 300 * FINE), np.float32)
    for row in range(35, 190, 60):
        for column in range(35, 290, 56):
            shift = rng.uniform(0, 1, 2)
            centre = (
                round((column + shift[0]) * FINE),
                round((row + shift[1]) * FINE),
            )
            cv2.circle(fine, centre, round(radius * FINE), 160, -1)
    pixels = cv2.resize(fine, (300, 200), interpolation=cv2.INTER_AREA) + 40
    pixels = cv2.GaussianBlur(pixels, (0, 0), blur) + rng.normal(0, noise, (200, 300))
    pixels = pixels.clip(0, 255).astype(np.uint8)
    return Image(255 - pixels if dark else pixels)


def bias(labels, radius):
    """Error of the median diameter as a share of the truth."""
    return measure(labels)["equivalent_diameter_px"].median() / (2 * radius) - 1


@pytest.mark.parametrize("name", ["auto", "threshold", "local"])
@pytest.mark.parametrize("radius", [8, 12, 20])
@pytest.mark.parametrize("blur", [0.5, 1.5])
def test_discs_have_the_size_they_were_drawn_with(name, radius, blur):
    labels = segmenter(name)(discs(radius, blur=blur, noise=4))
    assert len(labels.ids) == 15
    slack = 0.01 + (blur**2 + 1) / (2 * radius**2)  # blur shrinks small discs
    assert abs(bias(labels, radius)) < slack


@pytest.mark.parametrize("method", ["li", "triangle"])
def test_cutoffs_near_the_ground_made_small_discs_too_large(method):
    picture = discs(6)
    before = segmenter("threshold", method=method, edges="cutoff")(picture)
    after = segmenter("threshold", method=method)(picture)
    assert bias(before, 6) > 0.08
    assert abs(bias(after, 6)) < 0.04


def test_dark_objects_are_placed_as_bright_ones():
    bright = segmenter("threshold")(discs(10, noise=5))
    dark = segmenter("threshold")(discs(10, noise=5, dark=True))
    assert np.mean((bright.data > 0) != (dark.data > 0)) < 0.002


def test_a_manual_cutoff_stays_where_it_was_put():
    picture = discs(10)
    options = {"method": "manual", "level": 60, "denoise": 0, "polarity": "bright"}
    labels = segmenter("threshold", **options, fill_holes=False)(picture)
    assert np.array_equal(labels.data > 0, picture.pixels > 60)


def test_objects_that_touch_keep_the_cut_between_them():
    grey = np.full((40, 80), 10, np.float32)
    grey[10:30, 10:70] = 100
    labels = np.zeros((40, 80), np.uint32)
    labels[9:31, 9:40] = 1
    labels[9:31, 40:71] = 2
    placed = place_edges(labels, grey, np.ones(grey.shape, bool))
    assert set(np.unique(placed[10:30, 10:40])) == {1}
    assert set(np.unique(placed[10:30, 40:70])) == {2}
    assert (placed > 0).sum() == 20 * 60


def test_particles_that_shut_in_a_gap_stay_apart():
    """A ring of discs: filling the gap in their midst would make them one."""
    fine = np.zeros((800, 800), np.float32)
    for angle in np.arange(6) * np.pi / 3:
        centre = (int(400 + 185 * np.cos(angle)), int(400 + 185 * np.sin(angle)))
        cv2.circle(fine, centre, 96, 160, -1)
    pixels = cv2.GaussianBlur(
        cv2.resize(fine, (200, 200), interpolation=cv2.INTER_AREA), (0, 0), 1
    )
    labels = segmenter("threshold", fill_holes=False)(Image(pixels + 40))
    assert len(labels.ids) == 6


def test_nothing_is_placed_where_nothing_is_included():
    grey = np.zeros((30, 30), np.float32)
    grey[10:20, 5:25] = 100
    included = np.ones(grey.shape, bool)
    included[:, 15:] = False
    labels = ((grey > 0) & included).astype(np.uint32)
    assert not place_edges(labels, grey, included)[:, 15:].any()


@pytest.mark.parametrize("value", [0, 1])
def test_one_class_alone_has_no_edges(value):
    labels = np.full((9, 9), value, np.uint32)
    grey = np.ones((9, 9), np.float32)
    assert np.isnan(halfway_levels(grey, labels, np.ones((9, 9), bool))).all()
    assert np.array_equal(place_edges(labels, grey, np.ones((9, 9), bool)), labels)


@st.composite
def scenes(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    noise = cv2.GaussianBlur(rng.random((48, 64)).astype(np.float32), (0, 0), 2)
    grey = (noise - noise.min()) / np.ptp(noise) * 200
    count, labels = cv2.connectedComponents((grey > 110).astype(np.uint8))
    return grey, labels.astype(np.uint32), count


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_objects_stay_apart_and_in_one_piece(scene):
    grey, labels, count = scene
    placed = place_edges(labels, grey, np.ones(grey.shape, bool))
    ids = np.unique(placed)
    assert ids.tolist() == list(range(count))
    for number in ids[1:]:
        pieces, _ = cv2.connectedComponents((placed == number).astype(np.uint8))
        assert pieces == 2


@settings(max_examples=60, deadline=None)
@given(scenes(), st.floats(0.1, 50), st.floats(-100, 100))
def test_brightness_and_contrast_of_the_picture_change_nothing(scene, factor, offset):
    grey, labels, _ = scene
    everywhere = np.ones(grey.shape, bool)
    changed = (grey.astype(np.float64) * factor + offset).astype(np.float32)
    same = place_edges(labels, grey, everywhere) == place_edges(labels, changed, everywhere)
    assert same.mean() > 0.99  # float32 rounds, and a pixel may sit on its level


@pytest.mark.parametrize("seed", range(10))
def test_a_turned_picture_has_turned_edges(seed):
    """Only discs of clear contrast: where a piece is dropped, ties decide which."""
    picture = discs(8 + seed, seed=seed).pixels.astype(np.float32)
    labels = cv2.connectedComponents((picture > 70).astype(np.uint8))[1].astype(np.uint32)
    everywhere = np.ones(picture.shape, bool)
    straight = place_edges(labels, picture, everywhere)
    turned = place_edges(np.rot90(labels).copy(), np.rot90(picture).copy(), everywhere.T)
    assert np.array_equal(np.rot90(straight), turned)


def drawn(objects, *, shape=(160, 160), ground=40):
    """Discs (row, column, radius, grey value), later ones on top, blurred by a pixel."""
    fine = np.full((shape[0] * FINE, shape[1] * FINE), ground, np.float32)
    for row, column, radius, value in objects:
        centre = (round((column + 0.5) * FINE), round((row + 0.5) * FINE))
        cv2.circle(fine, centre, round(radius * FINE), value, -1)
    pixels = cv2.resize(fine, shape[::-1], interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(pixels, (0, 0), 1)


@pytest.mark.parametrize("gap", [3, 6, 10, 14])
@pytest.mark.parametrize(("radius", "value"), [(4, 110), (6, 110), (6, 130), (8, 130)])
def test_faint_objects_keep_their_size_beside_bright_ones(gap, radius, value):
    alone, large = (20, 30, radius, value), (80, 60, 30, 220)
    picture = drawn([large, (80, 90 + gap + radius, radius, value), alone])
    labels = segmenter("threshold", method="li", polarity="bright")(Image(picture))
    diameters = measure(labels)["equivalent_diameter_px"].to_numpy()
    assert diameters.size == 3
    assert diameters[[0, 2]] == pytest.approx(2 * radius, rel=0.06)
    assert diameters[2] == pytest.approx(diameters[0], rel=0.02)  # a neighbour is nothing


@pytest.mark.parametrize("seed", range(3))
def test_no_object_of_a_mixture_is_lost(seed):
    rng = np.random.default_rng(seed)
    objects = []
    while len(objects) < 60:
        radius = int(rng.choice([4, 5, 25]))
        row, column = rng.uniform(radius + 2, 598 - radius, 2)
        if all(
            np.hypot(row - y, column - x) > radius + other + 4 for y, x, other, _ in objects
        ):
            objects.append((row, column, radius, 220 if radius == 25 else 105))
    picture = drawn(objects, shape=(600, 600)) + rng.normal(0, 3, (600, 600))
    labels = segmenter("threshold", method="li", polarity="bright")(Image(picture))
    assert len(labels.ids) == 60


@pytest.mark.parametrize("wall", [2, 3, 4, 6, 8, 12])
@pytest.mark.parametrize("core", [40, 70, 120])
@pytest.mark.parametrize("name", ["threshold", "auto"])
def test_a_bright_rim_makes_no_object_larger_than_its_cutoff(name, core, wall):
    picture = Image(drawn([(80, 80, 25, 200), (80, 80, 25 - wall, core)]))
    options = {"polarity": "bright", "separate": False}
    cutoff = measure(segmenter(name, edges="cutoff", **options)(picture))
    halfway = measure(segmenter(name, **options)(picture))
    assert halfway["euler_number"].tolist() == [1]
    area, bound = halfway["area_px"].iloc[0], cutoff["area_px"].iloc[0]
    assert np.pi * 25**2 * 0.97 < area <= bound


@pytest.mark.parametrize("name", ["threshold", "auto"])
@pytest.mark.parametrize(("contrast", "noise"), [(160, 40), (60, 15), (160, 10)])
def test_noisy_discs_stay_round_and_whole(name, contrast, noise):
    places = [(y, x, 15, 40 + contrast) for y in range(40, 300, 75) for x in (40, 120)]
    picture = drawn(places, shape=(310, 160))
    noisy = picture + np.random.default_rng(0).normal(0, noise, picture.shape)
    objects = measure(segmenter(name, polarity="bright")(Image(noisy)))
    assert objects["euler_number"].tolist() == [1] * 8
    assert objects["solidity"].mean() > 0.99
    assert objects["equivalent_diameter_px"].mean() == pytest.approx(30, rel=0.015)


def test_what_is_not_included_is_no_ground():
    grey = drawn([(80, 80, 20, 200)])
    included = np.ones(grey.shape, bool)
    included[:, 106:] = False
    bright = np.where(included, grey, 1000).astype(np.float32)
    labels = (grey > 120).astype(np.uint32)
    levels = halfway_levels(bright, labels, included)
    assert levels[80, 101] == pytest.approx(120, abs=3)


@pytest.mark.parametrize("value", [20, 60])
def test_edges_of_faint_objects_stay_where_they_were(value):
    grey = drawn([(80, 50, 25, 220), (80, 120, 15, value)])
    labels = (grey > 130).astype(np.uint32)
    cv2.circle(faint := np.zeros(grey.shape, np.uint8), (120, 80), 18, 1, -1)
    labels[faint > 0] = 2
    placed = place_edges(labels, grey, np.ones(grey.shape, bool))
    assert np.array_equal(placed == 2, faint > 0)


def test_objects_too_small_to_have_an_inside_stay_as_they_are():
    grey = drawn([(80, 50, 25, 220), (80, 120, 2, 220)])
    labels = cv2.connectedComponents((grey > 100).astype(np.uint8))[1].astype(np.uint32)
    small = labels == labels[80, 120]
    placed = place_edges(labels, grey, np.ones(grey.shape, bool))
    assert np.array_equal(placed == labels[80, 120], small)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("min_area", [1, 30, 60])
def test_what_comes_out_is_in_reading_order_and_not_too_small(seed, min_area):
    pixels = np.random.default_rng(seed).normal(100, 30, (200, 200)).clip(0, 255)
    picture = Image(pixels.astype(np.uint8))
    labels = segmenter("threshold", min_area=min_area)(picture)
    numbers, first, area = np.unique(labels.data, return_index=True, return_counts=True)
    assert numbers.tolist() == list(range(numbers.size))
    assert (np.diff(first[1:]) > 0).all()
    assert area[1:].min() >= min_area


@pytest.mark.parametrize("name", ["auto", "threshold", "local"])
@pytest.mark.parametrize("noise", [0, 2])
def test_corners_of_a_clean_picture_stay_sharp(name, noise):
    """The published example: 500 px stay 500 px, and with 110 px = 2 µm are 0.165 µm²."""
    pixels = np.full((120, 200), 30.0)
    pixels[40:60, 50:75] = 200
    pixels += np.random.default_rng(0).normal(0, noise, pixels.shape)
    size = PixelSize(y=2 / 110, x=2 / 110, unit="um", source="scale bar")
    picture = Image(pixels.clip(0, 255).astype(np.uint8), pixel_size=size)
    table = measure(segmenter(name)(picture))
    assert table["area_px"].tolist() == [500]
    assert table["area_um2"].iloc[0] == pytest.approx(0.165, abs=0.0005)


@st.composite
def scenes_and_windows(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    grey = np.float32(cv2.GaussianBlur(rng.random((200, 220)), (0, 0), 4))
    grey = (grey - grey.min()) / np.ptp(grey) * 200 + rng.normal(0, 4, grey.shape)
    labels = np.uint32(
        cv2.connectedComponents((cv2.blur(grey, (3, 3)) > 120).view(np.uint8))[1]
    )
    top, left = draw(st.tuples(st.integers(0, 60), st.integers(0, 60)))
    return grey.round().astype(np.float32), labels, (top, left)


@given(scenes_and_windows())
@settings(max_examples=25, deadline=None)
def test_a_round_comes_out_the_same_in_a_window(scene):
    """An edge depends on what lies within the context, and on whole objects there."""
    grey, labels, (top, left) = scene
    everywhere = np.ones(grey.shape, bool)
    known = mean_inside(labels, grey, everywhere)
    whole = move_edges(labels, grey, everywhere, contrast=50.0)
    window = slice(top, top + 120), slice(left, left + 130)
    part = move_edges(
        *(labels[window], grey[window], everywhere[window]),
        contrast=50.0,
        known=known[: labels[window].max() + 1],
    )
    inner = slice(CONTEXT, -CONTEXT), slice(CONTEXT, -CONTEXT)
    assert np.array_equal(part[inner], whole[window][inner])


def test_objects_of_known_brightness_need_not_be_there_as_a_whole():
    grey = np.full((60, 60), 20, np.float32)
    grey[10:50, 10:50], grey[10:50, 10:30] = 100, 200
    labels = (grey > 60).astype(np.uint32)
    levels = {
        brightness: halfway_levels(
            *(grey, labels, np.ones(grey.shape, bool)),
            contrast=100.0,
            known=np.float32([np.nan, brightness]),
        )[30, 10]
        for brightness in (150, 300, np.inf)
    }
    assert levels == {150: 85, 300: 160, np.inf: pytest.approx(85, abs=1)}
