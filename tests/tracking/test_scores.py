"""Counting links that are right."""

import pandas as pd
import pytest

from segmetry.tracking import judge_links


def tracks(*rows):
    return pd.DataFrame(rows, columns=["frame", "label", "track", "parents"])


TRUE = tracks((0, 1, 1, ""), (1, 1, 2, "1"), (1, 2, 3, "1"), (2, 1, 2, ""), (2, 2, 3, ""))
TRUE.loc[TRUE["frame"] == 2, "parents"] = "1"


def test_the_truth_is_right():
    score = judge_links(TRUE, TRUE)
    assert (score.n_true, score.n_true_events, score.f1) == (4, 2, 1)


def test_a_missed_division_costs_recall_alone():
    found = TRUE.assign(parents=["", "1", "", "1", ""])
    score = judge_links(found, TRUE)
    assert (score.precision, score.recall) == (1, 0.75)
    assert score.n_correct_events == 1
    low, high = score.interval_of_recall()
    assert low < 0.75 < high


def test_swapped_objects_cost_both():
    found = TRUE.assign(track=[1, 2, 3, 3, 2])
    score = judge_links(found, TRUE)
    assert (score.n_correct, score.precision, score.recall) == (2, 0.5, 0.5)


def test_links_over_a_gap_are_links():
    gap = tracks((0, 1, 1, ""), (2, 1, 1, ""))
    assert judge_links(gap, gap).n_true == 1
    assert judge_links(gap, TRUE).n_correct == 0


def test_labels_of_the_truth_may_be_others():
    found = TRUE.assign(label=TRUE["label"] + 10)
    same = [{11: 1}, {11: 1, 12: 2}, {11: 1}]  # one object of the last frame is none
    score = judge_links(found, TRUE, same=same)
    assert (score.n_correct, score.n_found) == (3, 4)


def test_the_numbers_of_tracks_do_not_matter():
    other = TRUE.assign(track=TRUE["track"] * 7, parents=["", "7", "7", "7", "7"])
    assert judge_links(other, TRUE).f1 == 1


def test_nothing_found_and_nothing_true_is_right():
    nothing = tracks()
    score = judge_links(nothing, nothing)
    assert score.precision == score.recall == score.f1 == 1
    assert judge_links(nothing, TRUE).recall == pytest.approx(0)
