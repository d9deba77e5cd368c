import numpy as np
import pytest

from segmetry.evaluate import MeanScore, evaluate_set
from segmetry.report.scores import (
    group_sizes,
    missing_intervals,
    score_number,
    score_text,
    told_score,
)


def counted(groups, clusters=None):
    """Found and true counts of as many pictures as there are groups."""
    names = [f"p{k}" for k in range(len(groups))]
    return evaluate_set(
        {name: (k, 3) for k, name in enumerate(names)},
        task="counts",
        groups={name: of for name, of in zip(names, groups, strict=True) if of},
        clusters=dict(zip(names, clusters or (), strict=False)),
    )


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("dsb_score", 0.5, "0.500"),
        ("tp_50", 1234.0, "1,234"),
        ("count_mae", 2.345, "2.3"),
        ("count_bias", 2.345, "+2.3"),
        ("count_bias", -2.345, "−2.3"),
        ("count_bias", -47.0, "−47"),
        ("size_bias_mean", -0.04, "+0.0 %"),
        ("count_rmse", 12345.6, "12,346"),
        ("of_a_plug_in", -0.25, "−0.250"),
    ],
)
def test_scores_are_told_in_digits_that_suit_them(name, value, text):
    assert score_number(name, value) == text
    assert score_text(name, MeanScore(value, np.nan, np.nan, 3)) == (text, "")


def test_a_score_that_nobody_has_is_a_dash():
    assert score_text("pq", None) == ("–", "")
    assert score_text("pq", MeanScore(np.nan, np.nan, np.nan, 0)) == ("–", "")


def test_a_told_score_has_its_title_and_a_reason_where_it_has_no_interval():
    nothing = {"low": None, "high": None}
    assert told_score("pq", {"value": None, **nothing, "n": 0}) == (
        "panoptic quality: not defined"
    )
    assert told_score("f1_50", {"value": 0.5, **nothing, "n": 4}) == (
        "F1: 0.500 (no interval: 4 pictures are too few)"
    )
    # Seven pictures would be enough: they come from too few slides.
    assert told_score("f1_50", {"value": 0.7, **nothing, "n": 7}) == (
        "F1: 0.700 (no interval: 7 pictures hang together in fewer than 5 clusters)"
    )
    assert told_score("mine", {"value": 0.7, "low": 0.6, "high": 0.8, "n": 9}) == (
        "mine: 0.700 (0.600 to 0.800, n = 9)"
    )


def test_groups_are_told_with_their_clusters():
    evaluation = counted("aaabb", ["s", "s", "t", "u", "v"])
    assert group_sizes(evaluation) == {
        "a": "3 pictures in 2 clusters",
        "b": "2 pictures",
    }


def test_all_intervals_that_are_missing_have_one_reason():
    assert missing_intervals(counted(["", "", ""])) == (
        "No intervals: 3 pictures are too few, they need at least 5."
    )
    assert missing_intervals(counted([""] * 6, list("ssttuu"))) == (
        "No intervals: 6 pictures in 3 clusters are too few, they need at least 5 clusters."
    )


def test_groups_without_intervals_are_named():
    found = missing_intervals(counted("aaaaaabb"))
    assert found == (
        "Groups of fewer than 5 pictures, or clusters of them, have no intervals: b."
    )
    assert missing_intervals(counted("aaaaaa")) == ""
