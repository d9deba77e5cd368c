import math
from types import SimpleNamespace

from segmetry.evaluate import SCORES, MeanScore
from segmetry.report.tuning import (
    TuningContent,
    Unfinished,
    history_plot,
    importance_plot,
    pairs_plot,
    tuning_html,
)

GONE = SimpleNamespace(
    method="tuned", other="default", score="dice", value=0.1, low=0.05, high=0.15, n=6,
    p_holm=0.01, says="better",
)  # fmt: skip


def content(**changes):
    row = {"name": "min_area", "default": "16", "tuned": "40", "folds": ["39", "41"]}
    known = {
        "title": "Tuning of <x>", "method": "<x>", "score": "dice", "sentence": "It helps.",
        "rows": [{**row, "importance": 0.75}], "trials": [0.5, math.nan, 0.7],
        "unfinished": [], "no_importance": "",
        "stopped_by": "all 3 trials were made", "sign": 1.0,
        "held_out": ({"a": 0.5, "b": 0.6}, {"a": 0.6, "b": 0.7}),
        "means": (MeanScore(0.55, 0.5, 0.6, 6), MeanScore(0.65, 0.6, 0.7, 6)),
        "own": (0.5, 0.7), "difference": GONE, "importance": {"min_area": 1.0},
        "n_folds": 2, "notes": [], "version": "0",
    }  # fmt: skip
    return TuningContent(**known | changes)


def test_the_page_tells_the_held_out_score_before_its_own():
    page = tuning_html(content())
    assert "It helps." in page
    assert page.index("0.650") < page.index("0.700")
    assert "+0.050 to +0.150" in page
    assert "75 %" in page
    assert "<x>" not in page
    assert "39, 41" in page


def test_few_pictures_have_no_interval():
    few = SimpleNamespace(**{**vars(GONE), "low": math.nan, "high": math.nan})
    assert "too few pictures" in tuning_html(content(difference=few))
    assert "–" in tuning_html(content(rows=[{**content().rows[0], "importance": None}]))


def test_the_best_so_far_never_falls_and_skips_failed_trials():
    best = history_plot([0.5, math.nan, 0.4, 0.7], "dice").axes[0].lines[1]
    assert best.get_ydata().tolist() == [0.5, 0.5, 0.5, 0.7]
    low = history_plot([3.0, 4.0, 2.0], "count_mae", sign=-1).axes[0].lines[1]
    assert low.get_ydata().tolist() == [3, 3, 2]


def test_trials_that_did_not_finish_are_told_and_drawn():
    gone = [Unfinished(1, 1, 0.2), Unfinished(3, 0, math.nan, "no <room>")]
    page = tuning_html(content(unfinished=gone, trials=[0.5, math.nan, 0.7, math.nan]))
    assert "given up after 1 picture<" in page
    assert "0.200" in page
    assert "failed: no &lt;room&gt;" in page
    assert "given up" not in tuning_html(content())
    axes = history_plot([0.5, math.nan, 0.7], "dice", unfinished=gone).axes[0]
    crosses = next(line for line in axes.lines if "given up" in line.get_label())
    assert list(crosses.get_xdata()) == [1]
    assert list(crosses.get_ydata()) == [0.2]


def test_dashes_for_importance_have_their_reason():
    page = tuning_html(content(no_importance="Importance needs 10 trials."))
    assert "Importance needs 10 trials." in page


def test_the_axis_of_the_history_has_room_for_every_score():
    for name in SCORES:
        figure = history_plot([0.5, 0.6], name)
        figure.draw_without_rendering()
        label = figure.axes[0].yaxis.label.get_window_extent()
        assert figure.bbox.y0 <= label.y0
        assert label.y1 <= figure.bbox.y1


def test_every_picture_is_a_point():
    axes = pairs_plot({"b": 2.0, "a": 1.0}, {"a": 3.0, "b": 4.0}, "count_mae").axes[0]
    assert list(axes.lines[1].get_xdata()) == [1, 2]
    assert list(axes.lines[1].get_ydata()) == [3, 4]


def test_the_most_important_is_on_top():
    axes = importance_plot({"a": 0.2, "b": 0.8}).axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["b", "a"]
