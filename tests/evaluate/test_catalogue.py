import numpy as np
import pytest

from segmetry.evaluate import (
    HEADLINES,
    SCORES,
    evaluate_set,
    judge_classes,
    judge_detection,
    judge_objects,
    judge_pixels,
    match_objects,
)


def everything():
    """Names of all scores of all tasks."""
    labels = np.array([[1, 1, 0], [0, 0, 2]])
    mask, values = labels > 0, (labels > 0).astype(np.float32)
    classes = mask.astype(np.uint8)
    judged = {
        "objects": judge_objects(match_objects(labels, labels)),
        "pixels": judge_pixels(mask, mask, probability=values, thin=True),
        "volumes": judge_pixels(mask[None], mask[None], spacing=(1, 1, 1)),
        "voxels": judge_pixels(mask[None], mask[None]),
        "classes": judge_classes(
            classes, classes, names=("ground", "cell"), objects=(labels, labels)
        ),
        "counts": (2, 2),
        "detection": judge_detection(
            np.zeros((2, 2)),
            np.zeros((2, 2)),
            max_distance=1,
            matches=match_objects(labels, labels),
        ),
    }
    tasks = {"volumes": "pixels", "voxels": "pixels"}
    return {
        task: set(evaluate_set({"a": item}, task=tasks.get(task, task)).scores)
        for task, item in judged.items()
    }


def test_every_score_is_in_the_catalogue_and_the_other_way_round():
    assert set().union(*everything().values()) == set(SCORES)


@pytest.mark.parametrize("task", HEADLINES)
def test_headlines_are_scores_of_their_task(task):
    assert set(HEADLINES[task]) <= everything()[task]


def test_bounds_are_in_order_and_titles_tell_scores_apart():
    assert all(score.bounds[0] < score.bounds[1] for score in SCORES.values())
    titles = [score.title for score in SCORES.values()]
    assert len(set(titles)) == len(titles)
    assert all(score.formula and score.title for score in SCORES.values())


def test_all_aims_are_known():
    assert {score.aim for score in SCORES.values()} == {"high", "low", "zero"}
