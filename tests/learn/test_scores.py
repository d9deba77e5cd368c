import numpy as np
import pytest

from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.scores import class_dice, foreground_dice, mean_scores

NUMBERS = (0, 2, 7)


def example(labels, *, excluded=None, group=""):
    labels = np.array(labels, np.uint32)
    return Example(Image(np.zeros(labels.shape), excluded=excluded), labels, group=group)


def maps_of(classes):
    """Maps that are surest of these classes."""
    return (np.array(classes)[..., None] == NUMBERS).astype(np.float32) * 0.5 + 0.1


def test_classes_are_scored_apart_and_the_background_is_not():
    one = example([[0, 0, 0, 2, 2, 7, 7, 7]])
    found = maps_of([[0, 0, 2, 2, 2, 7, 0, 0]])
    scores = class_dice(found, one, numbers=NUMBERS)
    assert scores == {
        "dice": pytest.approx((4 / 5 + 2 / 4) / 2),
        "dice_2": pytest.approx(4 / 5),
        "dice_7": pytest.approx(2 / 4),
    }


def test_a_class_that_a_mask_lacks_has_no_score_there():
    scores = class_dice(maps_of([[0, 2, 7]]), example([[0, 2, 0]]), numbers=NUMBERS)
    assert scores == {"dice": 1, "dice_2": 1}


@pytest.mark.parametrize(("found", "score"), [([[0, 0]], 1), ([[0, 7]], 0)])
def test_a_picture_of_background_is_right_only_where_nothing_is_found(found, score):
    assert class_dice(maps_of(found), example([[0, 0]]), numbers=NUMBERS) == {"dice": score}


def test_excluded_pixels_do_not_count():
    excluded = np.array([[False, False, True, True]])
    one = example([[2, 0, 7, 7]], excluded=excluded)
    assert class_dice(maps_of([[2, 0, 0, 2]]), one, numbers=NUMBERS) == {
        "dice": 1,
        "dice_2": 1,
    }
    chances = np.array([[0.9, 0.1, 0.1, 0.9]], np.float32)
    assert foreground_dice(chances, one, cutoff=0.5) == 1
    assert foreground_dice(chances, example(one.labels), cutoff=0.5) == 0.8


@pytest.mark.parametrize("seed", range(10))
def test_dice_does_not_depend_on_the_order_of_the_pixels(seed):
    random = np.random.default_rng(seed)
    truth, found = random.choice(NUMBERS, (2, 1, 40))
    order = random.permutation(40)
    scores = [
        class_dice(maps_of(found[:, at]), example(truth[:, at]), numbers=NUMBERS)
        for at in (slice(None), order)
    ]
    assert scores[0] == scores[1]
    assert 0 <= scores[0]["dice"] <= 1


def test_means_are_over_the_pictures_that_have_a_score():
    examples = [example([[0]], group=str(number)) for number in range(6)]
    rows = [{"dice": number / 5} for number in range(5)] + [{"dice": 1.0, "dice_2": 0.5}]
    found = mean_scores(rows, examples)
    assert found["dice"].value == pytest.approx(3 / 6)
    assert found["dice"].n == 6
    assert 0 <= found["dice"].low < 0.5 < found["dice"].high <= 1
    assert (found["dice_2"].value, found["dice_2"].n) == (0.5, 1)
    assert np.isnan(found["dice_2"].low)
