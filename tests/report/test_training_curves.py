import numpy as np
import pytest

from segmetry.report.canvas import to_png, to_svg
from segmetry.report.training_curves import learning_curve, training_curves

RUNS = {
    "fold 1": [
        {"step": 10, "loss": 2.0, "score": 0.2},
        {"step": 20, "loss": 1.0, "score": 0.6},
        {"step": 30, "loss": 0.9, "score": 0.5},
    ],
    "all pictures": [{"step": 30, "loss": 0.8}],
}


def test_loss_and_score_of_each_training_are_drawn_and_the_best_is_marked():
    figure = training_curves(RUNS, score="dsb_score")
    above, below = figure.axes
    assert above.lines[0].get_xydata().tolist() == [[10, 2.0], [20, 1.0], [30, 0.9]]
    assert below.lines[0].get_ydata().tolist() == [0.2, 0.6, 0.5]
    assert below.lines[1].get_xydata().tolist() == [[20, 0.6]]
    assert len(below.lines) == 2
    assert "dsb_score" in below.get_ylabel()
    named = [text.get_text() for text in above.get_legend().get_texts()]
    assert named == list(RUNS)


@pytest.mark.parametrize("n_runs", [1, 12])
def test_one_or_many_trainings_need_no_legend(n_runs):
    runs = {f"run {k}": RUNS["fold 1"] for k in range(n_runs)}
    assert training_curves(runs, score="dsb_score").axes[0].get_legend() is None


def test_the_learning_curve_shows_intervals_where_there_are_any():
    points = [(2, 0.3, np.nan, np.nan), (4, 0.5, 0.4, 0.6), (8, 0.6, 0.55, 0.65)]
    (axes,) = learning_curve(points).axes
    assert axes.lines[0].get_xydata().tolist() == [[2, 0.3], [4, 0.5], [8, 0.6]]
    (intervals,) = axes.collections
    ends = [segment[:, 1].tolist() for segment in intervals.get_segments()]
    assert ends == [[0.4, 0.6], [0.55, 0.65]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "4", "8"]


def test_figures_stand_on_their_own_and_are_the_same_each_time():
    drawn = [
        to_svg(training_curves(RUNS, score="dsb_score"), name="curves") for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert "http" not in drawn[0].replace("http://www.w3.org", "")
    assert "dsb_score of held-out pictures" in drawn[0]
    assert to_png(training_curves(RUNS, score="dsb_score"))[:4] == b"\x89PNG"
