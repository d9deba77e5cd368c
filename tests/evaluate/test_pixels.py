import numpy as np
import pytest

from segmetry.evaluate import dice


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
