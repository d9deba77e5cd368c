import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmetry.evaluate import dice
from segmetry.evaluate.classes import class_table, judge_classes, score_classes

NAMES = ("ground", "rod", "disc")
numbers = st.sampled_from([0, 1, 2])
maps = hnp.arrays(np.uint8, (5, 6), elements=numbers)
partial = hnp.arrays(np.uint8, (5, 6), elements=st.sampled_from([0, 1, 2, 255]))


def judged(predicted, truth, **more):
    return judge_classes(predicted, truth, names=NAMES, **more)


def pictures(n, seed=0, wrong=0.2):
    """Pictures of three classes of which a share of pixels is wrong."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        truth = rng.integers(0, 3, (12, 14)).astype(np.uint8)
        found = np.where(rng.random(truth.shape) < wrong, rng.integers(0, 3), truth)
        yield judged(found.astype(np.uint8), truth)


@given(maps, partial)
def test_confusion_counts_every_known_pixel_once(predicted, truth):
    confusion = judged(predicted, truth).confusion
    for true in range(3):
        for found in range(3):
            both = (truth == true) & (predicted == found)
            assert confusion[true, found] == both.sum()
    assert confusion.sum() == (truth != 255).sum()


@given(partial, maps)
def test_a_pixel_without_a_class_is_wrong(predicted, truth):
    confusion = judged(predicted, truth).confusion
    assert confusion[:, 3].sum() == (predicted == 255).sum()
    accuracy = judged(predicted, truth).scores()["accuracy"]
    assert accuracy == pytest.approx((predicted == truth).mean())


@given(maps, partial, hnp.arrays(bool, (5, 6)))
def test_scores_of_a_class_are_those_of_its_mask(predicted, truth, included):
    found = judged(predicted, truth, included=included)
    counted = included & (truth != 255)
    details = class_table([found]).scores
    for k, name in enumerate(NAMES):
        there = ((predicted == k) | (truth == k)) & counted
        value = details[name]["dice"].value
        if there.any():
            assert value == pytest.approx(
                dice(predicted == k, truth == k, included=counted)
            )
        else:
            assert math.isnan(value)
    known = [details[name]["iou"].value for name in NAMES]
    known = [value for value in known if not math.isnan(value)]
    if known:
        assert found.scores()["mean_iou"] == pytest.approx(np.mean(known))


@given(maps, st.permutations([0, 1, 2]))
def test_the_order_of_classes_does_not_matter(truth, order):
    predicted = np.roll(truth, 1, axis=1)
    table = np.uint8(order)
    one, other = judged(predicted, truth), judged(table[predicted], table[truth])
    for name, value in one.scores().items():
        assert other.scores()[name] == pytest.approx(value, nan_ok=True)
    for name, score in score_classes([one]).items():
        again = score_classes([other])[name].value
        assert again == pytest.approx(score.value, nan_ok=True)


@given(maps)
def test_the_truth_is_perfect(truth):
    details = class_table([judged(truth, truth)]).scores
    for k, name in enumerate(NAMES):
        if (truth == k).any():
            assert {score.value for score in details[name].values()} == {1.0}
    assert {score.value for score in score_classes([judged(truth, truth)]).values()} == {
        1.0
    }


def test_a_set_has_means_and_pooled_scores_with_intervals():
    scores = score_classes(list(pictures(12)))
    for name in ("mean_iou", "mean_iou_pooled", "accuracy", "accuracy_pooled"):
        score = scores[name]
        assert 0 < score.low < score.value < score.high < 1
    assert scores["mean_iou"].n == 12
    assert "pq_things" not in scores  # nothing but stuff
    few = score_classes(list(pictures(3)))
    assert math.isnan(few["mean_iou_pooled"].low)


def test_a_class_in_no_picture_is_in_no_mean():
    truth = np.uint8([[0, 0, 1, 1]])
    scores = judged(np.uint8([[0, 0, 1, 0]]), truth).scores()
    assert scores["mean_iou"] == pytest.approx((2 / 3 + 1 / 2) / 2)


@pytest.mark.parametrize(
    ("predicted", "truth"),
    [
        (np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8)),
        (np.full((2, 2), 3, np.uint8), np.zeros((2, 2), np.uint8)),
    ],
)
def test_maps_that_do_not_fit_are_refused(predicted, truth):
    with pytest.raises(ValueError, match="class maps must have one shape"):
        judged(predicted, truth)
