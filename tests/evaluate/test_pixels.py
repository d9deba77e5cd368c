import math

import numpy as np
import pytest

from segmetry.evaluate import PixelCounts, count_pixels, dice


def masks(seed):
    rng = np.random.default_rng(seed)
    return rng.random((2, 30, 40)) < rng.random()


@pytest.mark.parametrize("seed", range(20))
def test_dice_is_twice_the_overlap_over_the_sum(seed):
    first, second = masks(seed)
    expected = 2 * (first & second).sum() / (first.sum() + second.sum())
    assert dice(first, second) == pytest.approx(expected)
    assert dice(second, first) == dice(first, second)


@pytest.mark.parametrize("seed", range(10))
def test_only_included_pixels_count(seed):
    first, second = masks(seed)
    included = np.zeros(first.shape, dtype=bool)
    included[:20] = True
    assert dice(first, second, included=included) == dice(first[:20], second[:20])


def test_marking_nothing_scores_zero_and_not_like_the_background():
    truth = np.zeros((10, 10), dtype=bool)
    truth[:1] = True
    assert dice(np.zeros((10, 10), dtype=bool), truth) == 0


def test_two_empty_masks_agree():
    empty = np.zeros((3, 3), dtype=bool)
    assert dice(empty, empty) == 1
    assert dice(empty, ~empty) == 0


def test_masks_that_are_not_boolean_are_refused():
    with pytest.raises(ValueError, match="masks must be boolean"):
        dice(np.zeros((3, 3)), np.zeros((3, 3), dtype=bool))


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="must have one shape"):
        dice(np.zeros((3, 3), dtype=bool), np.zeros((3, 4), dtype=bool))


@pytest.mark.parametrize("seed", range(10))
def test_all_pixels_are_counted_once(seed):
    rng = np.random.default_rng(seed)
    predicted, truth, included = rng.random((3, 13, 17)) < 0.4
    counts = count_pixels(predicted, truth, included=included)
    pairs = list(zip(predicted[included], truth[included], strict=True))
    assert counts == PixelCounts(
        tp=pairs.count((True, True)),
        fp=pairs.count((True, False)),
        fn=pairs.count((False, True)),
        tn=pairs.count((False, False)),
    )


def test_scores_of_pixels_follow_from_the_counts():
    counts = PixelCounts(tp=30, fp=10, fn=20, tn=40)
    assert counts.iou == 30 / 60
    assert counts.dice == 60 / 90
    assert counts.accuracy == 0.7
    assert counts.sensitivity == 0.6
    assert counts.specificity == 0.8
    assert counts.precision == 0.75


@pytest.mark.parametrize("seed", range(5))
def test_swapping_foreground_and_background_swaps_sensitivity_and_specificity(seed):
    rng = np.random.default_rng(seed)
    predicted, truth = rng.random((2, 50)) < 0.3
    there, back = count_pixels(predicted, truth), count_pixels(~predicted, ~truth)
    assert there.sensitivity == back.specificity
    assert there.accuracy == back.accuracy


def test_what_has_no_pixels_to_speak_of_has_no_score():
    background = PixelCounts(tp=0, fp=0, fn=0, tn=9)
    assert (background.iou, background.dice, background.specificity) == (1, 1, 1)
    assert math.isnan(background.sensitivity)
    assert math.isnan(background.precision)
    assert math.isnan(PixelCounts(0, 0, 0, 0).accuracy)
