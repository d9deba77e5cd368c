import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segmetry.evaluate import match_objects, panoptic_quality
from segmetry.evaluate.classes import class_table, judge_classes, score_classes
from segmetry.evaluate.panoptic import true_things

NAMES = ("ground", "rod", "disc")


def judged(predicted, truth, **more):
    return judge_classes(predicted, truth, names=NAMES, **more)


blobs = hnp.arrays(np.uint8, (8, 8), elements=st.integers(0, 4))


@settings(max_examples=60)
@given(blobs, blobs)
def test_panoptic_quality_of_one_class_of_things_is_that_of_objects(found, true):
    classes = [(part > 0).astype(np.uint8) for part in (found, true)]
    one = judge_classes(
        *classes, names=("ground", "cell"), objects=(found, true), things=[1]
    )
    details = class_table([one]).scores["cell"]
    wanted = panoptic_quality(match_objects(found, true))
    if found.any() or true.any():
        assert details["pq"].value == pytest.approx(wanted)
    if details["rq"].value > 0:
        product = details["sq"].value * details["rq"].value
        assert details["pq"].value == pytest.approx(product)


def test_panoptic_quality_of_stuff_takes_a_class_as_one_segment():
    truth = np.uint8([[0, 0, 0, 0, 1, 1, 1, 1]])
    found = np.uint8([[0, 0, 0, 1, 1, 1, 1, 1]])
    details = class_table([judged(found, truth)]).scores
    assert details["ground"]["pq"].value == pytest.approx(3 / 4)
    assert details["rod"]["pq"].value == pytest.approx(4 / 5)
    assert math.isnan(details["disc"]["pq"].value)
    assert score_classes([judged(found, truth)])["pq_classes"].value == pytest.approx(0.775)


def test_things_and_stuff_are_scored_apart():
    truth = np.uint8([[0, 0, 1, 1, 2, 2, 1, 1]])
    objects = np.array([[0, 0, 1, 1, 0, 0, 2, 2]])
    merged = np.array([[0, 0, 1, 1, 0, 0, 1, 1]])
    scores = score_classes([judged(truth, truth, objects=(merged, objects))])
    assert scores["pq_stuff"].value == 1  # ground and disc
    assert scores["pq_things"].value == 0  # IoU of 2 / 4 is no match
    perfect = score_classes([judged(truth, truth, objects=(objects, objects))])
    assert perfect["pq_things"].value == 1


def test_an_object_of_the_wrong_class_is_an_error_in_both_classes():
    truth = np.uint8([[0, 1, 1, 0, 2, 2]])
    found = np.uint8([[0, 2, 2, 0, 2, 2]])
    objects = np.array([[0, 1, 1, 0, 2, 2]])
    one = judged(found, truth, objects=(objects, objects), things=[1, 2])
    assert one.segments.fn.tolist() == [0, 1, 0]
    assert one.segments.fp.tolist() == [0, 0, 1]
    assert one.segments.tp.tolist() == [1, 0, 1]


def test_a_segment_where_nothing_is_known_is_no_error():
    truth = np.uint8([[0, 0, 255, 255, 255, 1]])
    objects = np.array([[0, 0, 0, 0, 0, 1]])
    found = np.uint8([[0, 0, 1, 1, 1, 1]])
    one = judged(found, truth, objects=(np.array([[0, 0, 2, 2, 0, 3]]), objects))
    assert one.segments.fp.tolist() == [0, 0, 0]
    assert one.segments.tp[1] == 1


def test_things_are_the_classes_of_true_objects():
    truth = np.uint8([[0, 1, 1, 2, 255, 255]])
    assert true_things(truth, np.array([[0, 3, 3, 3, 7, 7]])) == [1]
    assert true_things(truth, np.zeros((1, 6), np.uint8)) == []


def test_numbers_of_objects_may_be_far_apart():
    truth = np.uint8([[0, 1, 1, 0, 2, 2]])
    objects = np.array([[0, 16_000_000, 16_000_000, 0, 4_000_000_000, 4_000_000_000]])
    one = judged(truth, truth, objects=(objects.astype(np.uint32), objects))
    assert one.segments.things.tolist() == [False, True, True]
    assert one.segments.tp.tolist() == [1, 1, 1]
    assert one.segments.iou.tolist() == [1, 1, 1]
