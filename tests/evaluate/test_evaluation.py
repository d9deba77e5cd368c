import json
import math

import numpy as np
import pytest

from segmetry.evaluate import (
    differences,
    evaluate_set,
    judge_objects,
    judge_pixels,
    match_objects,
    mean_score,
    other_means,
)


def objects(n=10, *, lost=0):
    """Pictures of four squares of which some are lost, more in every second picture."""
    judged = {}
    for k in range(n):
        truth = np.zeros((12, 60), np.uint32)
        for square in range(4):
            truth[1:11, 15 * square + 1 : 15 * square + 11] = square + 1
        predicted = np.where(truth <= lost + k % 2, 0, truth)
        judged[f"p{k}"] = judge_objects(match_objects(predicted, truth))
    return judged


def test_groups_are_scored_apart_and_all_pictures_together():
    groups = {f"p{k}": "odd" if k % 2 else "even" for k in range(10)}
    found = evaluate_set(objects(), task="objects", groups=groups)
    assert list(found.groups) == ["even", "odd"]
    assert found.groups["even"]["dsb_score"].value == 1
    assert found.groups["odd"]["dsb_score"].value == 0.75
    assert found.scores["dsb_score"].value == pytest.approx(0.875)
    assert found.scores["dsb_score"].n == 10
    assert found.groups["odd"]["dsb_score"].n == 5


def test_pictures_without_a_group_are_in_the_total_only():
    found = evaluate_set(objects(), task="objects", groups={"p1": "odd"})
    assert list(found.groups) == ["odd"]
    assert found.scores["f1_50"].n == 10


def test_clusters_are_the_units_and_pictures_without_one_stand_alone():
    clusters = {f"p{k}": f"field {k % 3}" for k in range(6)}
    found = evaluate_set(objects(), task="objects", clusters=clusters)
    assert found.n_units == 3 + 4
    plain = evaluate_set(objects(), task="objects")
    assert plain.n_units == 10
    values = [plain.pictures[f"p{k}"]["f1_50"] for k in range(10)]
    names = [clusters.get(f"p{k}", f"picture p{k}") for k in range(10)]
    assert found.scores["f1_50"] == mean_score(values, clusters=names, bounds=(0, 1))


def test_json_has_every_score_of_all_of_groups_and_of_pictures():
    found = evaluate_set(objects(), task="objects", groups={"p1": "odd", "p2": "even"})
    told = json.loads(json.dumps(found.as_json()))
    for name in ("dsb_score", "dsb_precision_50", "f1_50", "pq", "aji", "count_mae"):
        assert set(told[name]) == {"value", "low", "high", "n"}
        assert set(told["groups"]["odd"][name]) == {"value", "low", "high", "n"}
        assert isinstance(told["pictures"]["p3"][name], int | float)
    assert told["pictures"]["p1"]["group"] == "odd"
    assert "group" not in told["pictures"]["p0"]
    assert told["tp_50"]["low"] is None


def test_what_a_picture_does_not_have_is_null():
    nothing = judge_objects(match_objects(*np.zeros((2, 3, 3), np.uint32)))
    told = evaluate_set({"a": nothing}, task="objects").as_json()
    assert told["pictures"]["a"]["size_ks"] is None
    assert told["size_ks"] == {"value": None, "low": None, "high": None, "n": 0}


def test_pixels_are_scored_with_the_specificity_asked_for():
    truth = np.arange(100) < 50
    values = np.where(truth, 0.9, np.linspace(0, 1, 100))
    item = judge_pixels(truth, truth, probability=values)
    strict, loose = (
        evaluate_set({"a": item}, task="pixels", specificity=level) for level in (0.99, 0.5)
    )
    assert strict.scores["sensitivity_at_specificity"].value == 0
    assert loose.scores["sensitivity_at_specificity"].value == 1
    assert strict.pictures["a"]["sensitivity_at_specificity"] == 0


def test_differences_are_paired_over_the_pictures_that_both_have():
    one, other = objects(), objects(lost=1)
    del other["p9"]
    gains = differences(
        evaluate_set(one, task="objects"), evaluate_set(other, task="objects")
    )
    assert gains["dsb_score"].n == 9
    assert gains["dsb_score"].value == pytest.approx(0.25)
    assert gains["dsb_score"].low == pytest.approx(0.25)
    assert gains["count_mae"].value == -1


def test_differences_of_too_few_pictures_are_left_out():
    few = evaluate_set(objects(4), task="objects")
    assert differences(few, few) == {}
    clusters = {f"p{k}": f"field {k % 2}" for k in range(10)}
    clustered = evaluate_set(objects(), task="objects", clusters=clusters)
    assert differences(clustered, clustered) == {}


def test_the_mean_of_the_others_never_holds_the_picture_itself():
    counts = {"a": 4.0, "b": 8.0, "c": 30.0}
    assert other_means(counts) == {"a": 19, "b": 17, "c": 6}
    assert other_means({"a": 4.0}) == {}


def test_counts_of_single_pictures_are_told():
    found = evaluate_set({"a": (4, 5), "b": (0, 0)}, task="counts")
    assert found.pictures["a"] == {
        "n_predicted": 4, "n_true": 5, "count_bias": -1, "count_mae": 1,
        "count_error_percent": 20,
    }  # fmt: skip
    assert found.scores["count_bias"].value == -0.5
    assert math.isnan(found.scores["count_bias"].low)
