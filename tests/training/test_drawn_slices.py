"""Slices are drawn with all their cells known, and are hard for a threshold."""

from dataclasses import fields, replace

import numpy as np
import pytest
from drawn_slices import (
    COLOURS,
    EXAM,
    EXAM_DISTANCE_PX,
    EXAM_SEEDS,
    TRAINING,
    Settings,
    drawn_slice,
)
from scipy.ndimage import center_of_mass, label
from sets import TRAINING_SEEDS, VALIDATION_SEEDS

from segmetry.errors import PictureError
from segmetry.evaluate import match_centres
from segmetry.image import Image
from segmetry.segment.threshold import Threshold

SMALL = replace(EXAM, shape=(160, 200), cells=(1, 6), empty=0, packed=0)
QUIET = replace(
    SMALL,
    **dict.fromkeys(("areas", "fibres", "specks", "bubbles", "glows"), (0, 0)),
    **dict.fromkeys(("noise", "shot", "uneven", "ground", "touching"), (0, 0)),
    tails=0,
    nucleus=0,
)


def centres(labels):
    ids = np.unique(labels[labels > 0])
    return np.array(center_of_mass(labels > 0, labels, ids)).reshape(-1, 2)


def image_of(pixels):
    return Image(pixels, axes="YX" if pixels.ndim == 2 else "YXC")


@pytest.mark.parametrize("seed", range(8))
def test_a_seed_always_gives_the_same_slice_and_another_one_another(seed):
    first, again, other = (drawn_slice(k, settings=SMALL) for k in (seed, seed, seed + 1))
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.labels, again.labels)
    assert first.pixels.shape != other.pixels.shape or (first.pixels != other.pixels).any()


@pytest.mark.parametrize("seed", range(12))
def test_pixels_and_labels_fit_together(seed):
    pixels, labels, colour = drawn_slice(seed, settings=SMALL)
    assert (pixels.dtype, labels.dtype, labels.shape) == (np.uint8, np.uint32, (160, 200))
    assert pixels.shape == ((160, 200) if colour == "grey" else (160, 200, 3))
    ids = np.unique(labels[labels > 0])
    assert ids.tolist() == list(range(1, len(ids) + 1))
    assert 1 <= len(ids) <= 6


def test_every_colour_is_drawn_with_its_own_channels_bright():
    seen = {}
    for seed in range(40):
        slice_ = drawn_slice(seed, settings=QUIET)
        seen.setdefault(slice_.colour, slice_)
    assert set(seen) == set(COLOURS)
    bright = {"yellow": [0, 1], "red": [0], "green": [1]}
    for colour, channels in bright.items():
        pixels, labels, _ = seen[colour]
        light = pixels[labels > 0].mean(axis=0)
        others = [k for k in range(3) if k not in channels]
        assert light[channels].min() > 1.4 * light[others].max()


@pytest.mark.parametrize("seed", range(10))
def test_cells_are_where_the_light_is(seed):
    pixels, labels, _ = drawn_slice(seed, settings=QUIET)
    grey = image_of(pixels).grey
    ring = labels == 0
    for number in np.unique(labels[labels > 0]):
        assert grey[labels == number].mean() > 4 * grey[ring].mean()
    # With nothing but cells, nearly all light is in them.
    assert grey[labels > 0].sum() > 0.8 * grey.sum()


@pytest.mark.parametrize("seed", range(10))
def test_no_cell_hides_another(seed):
    crowded = replace(EXAM, shape=(300, 300), cells=(20, 40), touching=(1, 1), packed=0)
    _, labels, _ = drawn_slice(seed, settings=replace(crowded, empty=0))
    areas = np.bincount(labels.ravel())[1:]
    assert areas.min() > 0.2 * np.median(areas)
    found = centres(labels)
    apart = np.linalg.norm(found[:, None] - found[None], axis=2)
    assert apart[~np.eye(len(found), dtype=bool)].min() > 10


def test_cells_touch_where_they_are_to():
    settings = replace(SMALL, shape=(300, 300), cells=(20, 20), touching=(1, 1))
    _, labels, _ = drawn_slice(3, settings=settings)
    together = label(labels > 0, structure=np.ones((3, 3)))[1]
    _, labels_apart, _ = drawn_slice(3, settings=replace(settings, touching=(0, 0)))
    apart = label(labels_apart > 0, structure=np.ones((3, 3)))[1]
    assert together < 0.5 * labels.max()
    assert apart > 0.8 * labels_apart.max()


@pytest.mark.slow
def test_a_packed_slice_has_more_than_255_cells():
    _, labels, _ = drawn_slice(0, settings=replace(EXAM, packed=1, empty=0))
    assert len(np.unique(labels)) - 1 > 255
    assert labels.max() > 255


def test_an_empty_slice_shows_artefacts_and_no_cell():
    pixels, labels, _ = drawn_slice(5, settings=replace(SMALL, empty=1))
    assert not labels.any()
    assert np.ptp(pixels) > 0


def test_the_settings_are_what_the_drawings_show():
    few, many = (
        drawn_slice(1, settings=replace(SMALL, cells=(n, n))).labels.max() for n in (1, 5)
    )
    assert few == 1 < many <= 5
    small, large = (
        np.bincount(drawn_slice(1, settings=replace(SMALL, diameter=(d, d))).labels.ravel())
        for d in (14, 40)
    )
    assert np.median(large[1:]) > 4 * np.median(small[1:])


def test_the_exam_is_not_what_models_learn_from():
    assert len(EXAM_SEEDS) == 500
    assert not set(EXAM_SEEDS) & {*TRAINING_SEEDS, *VALIDATION_SEEDS}
    assert not set(TRAINING_SEEDS) & set(VALIDATION_SEEDS)
    assert EXAM == Settings() != TRAINING


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_the_ranges_of_the_training_hold_those_of_the_exam(name):
    exam, training = getattr(EXAM, name), getattr(TRAINING, name)
    if name in {"diameter", "elongation", "touching", "dimmest", "exposure", "ground"}:
        assert training[0] <= exam[0] < exam[1] <= training[1]
    assert (name == "nucleus") or exam != training


@pytest.mark.slow
def test_otsu_with_its_cutting_stays_far_below_the_floor():
    n_both = n_found = n_true = 0
    for seed in EXAM_SEEDS[::25]:
        pixels, labels, _ = drawn_slice(seed)
        truth = centres(labels)
        try:
            found = centres(Threshold(min_area=60)(image_of(pixels)).data)
        except PictureError:  # nothing to segment
            found = np.zeros((0, 2))
        both = match_centres(found, truth, max_distance=EXAM_DISTANCE_PX)
        n_both, n_found, n_true = (
            n_both + len(both),
            n_found + len(found),
            n_true + len(truth),
        )
    f1 = 2 * n_both / (n_found + n_true)
    assert 0.2 < f1 < 0.8
