import numpy as np
import pytest

from segmetry.evaluate import better_of_each, evaluate_set, judge_pixels

TRUTHS = {
    name: np.arange(100).reshape(10, 10) < 10 * (k + 1) for k, name in enumerate("ab")
}


def constant(value, **how):
    found = {
        name: judge_pixels(
            np.full(truth.shape, value, bool),
            truth,
            probability=np.full(truth.shape, value, float),
        )
        for name, truth in TRUTHS.items()
    }
    return evaluate_set(found, task="pixels", **how)


def test_of_each_score_the_better_answer_is_taken():
    both = better_of_each(constant(0), constant(1))
    assert both.scores["accuracy"].value == pytest.approx(0.85)  # nothing
    dice = [2 * share / (1 + share) for share in (0.1, 0.2)]  # everything
    assert both.scores["dice"].value == pytest.approx(np.mean(dice))
    assert [both.pictures[name]["dice"] for name in "ab"] == pytest.approx(dice)


def test_no_score_is_worse_than_that_of_either_and_the_order_does_not_matter():
    empty, full = constant(0), constant(1)
    both, turned = better_of_each(empty, full), better_of_each(full, empty)
    for name, score in both.scores.items():
        values = [one.scores[name].value for one in (empty, full)]
        assert np.isnan(values).all() or score.value == np.nanmax(values), name
        assert score.value == turned.scores[name].value or np.isnan(score.value)


def test_groups_follow_the_choice_of_the_whole_set():
    how = {"groups": {"a": "few", "b": "more"}}
    both = better_of_each(constant(0, **how), constant(1, **how))
    assert both.groups["few"]["dice"].value == pytest.approx(0.2 / 1.1)
    assert both.groups["few"]["accuracy"].value == pytest.approx(0.9)


def test_errors_are_better_where_they_are_nearer_to_0():
    far = evaluate_set({"a": (20, 5)}, task="counts")
    near = evaluate_set({"a": (4, 5)}, task="counts")
    both = better_of_each(far, near)
    assert both.scores["count_bias"].value == -1
    assert both.scores["count_mae"].value == 1
