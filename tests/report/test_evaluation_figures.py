import numpy as np
import pytest

from segmetry.evaluate import evaluate_set, judge_objects, match_objects
from segmetry.report.canvas import to_svg
from segmetry.report.evaluation_figures import (
    agreement_plot,
    group_plot,
    picture_plot,
    precision_plot,
)

TRUTH = np.zeros((12, 60), np.uint32)
for _square in range(4):
    TRUTH[1:11, 15 * _square + 1 : 15 * _square + 11] = _square + 1


@pytest.fixture(scope="module")
def evaluation():
    """Eight pictures, every second of which lacks one of four objects."""
    judged = {
        f"p{k}": judge_objects(match_objects(np.where(k % 2 >= TRUTH, 0, TRUTH), TRUTH))
        for k in range(8)
    }
    groups = {f"p{k}": "$odd$" if k % 2 else "_even" for k in range(6)}
    return evaluate_set(judged, task="objects", groups=groups)


def test_precision_is_drawn_over_all_ten_thresholds(evaluation):
    figure = precision_plot([("prediction", evaluation), ("baseline", evaluation)])
    (axes,) = figure.axes
    line = axes.lines[0]
    assert line.get_xdata().tolist() == pytest.approx(np.arange(0.5, 0.96, 0.05).tolist())
    assert line.get_ydata() == pytest.approx([0.875] * 10)
    assert len(axes.lines) == 2


def test_each_group_and_all_pictures_have_a_row(evaluation):
    figure = group_plot([("prediction", evaluation)], "dsb_score")
    (axes,) = figure.axes
    ticks = [tick.get_text() for tick in axes.get_yticklabels()]
    assert ticks == ["$odd$ (3)", "_even (3)", "all pictures (8)"]
    marks = axes.containers[0].lines[0].get_xdata()
    assert marks.tolist() == pytest.approx([0.75, 1.0, 0.875])


def test_a_group_that_another_prediction_lacks_is_left_out(evaluation):
    other = evaluate_set({"p0": evaluation.pictures["p0"]}, task="objects")
    figure = group_plot([("prediction", evaluation), ("other", other)], "dsb_score")
    marks = figure.axes[0].containers[1].lines[0].get_xdata()
    assert np.isnan(marks).tolist() == [True, True, False]


def test_every_picture_is_a_point_the_worst_first(evaluation):
    (axes,) = picture_plot(evaluation, "dsb_score").axes
    points = sorted(
        (x, y)
        for line in axes.lines[:2]
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    )
    # Two of eight have no group, and are in no series.
    assert len(points) == 6
    assert [y for _, y in points] == sorted(y for _, y in points)


def test_pictures_without_groups_are_one_series():
    judged = {f"p{k}": (k, 3) for k in range(4)}
    (axes,) = picture_plot(evaluate_set(judged, task="counts"), "count_mae").axes
    # The larger the error, the worse.
    assert axes.lines[0].get_ydata().tolist() == [3, 2, 1, 0]


def test_pictures_are_counted_in_whole_numbers():
    judged = {f"p{k}": (k, 3) for k in range(3)}
    (axes,) = picture_plot(evaluate_set(judged, task="counts"), "count_mae").axes
    assert all(tick == round(tick) for tick in axes.get_xticks())
    assert axes.get_ylabel() == "mean absolute error of the count"


def test_agreement_shows_every_picture_and_three_lines():
    counts = {f"p{k}": (k + 2.0, float(k)) for k in range(6)}
    figure = agreement_plot(counts, evaluate_set(counts, task="counts"))
    (axes,) = figure.axes
    points = axes.lines[0]
    assert points.get_ydata().tolist() == [2] * 6
    assert points.get_xdata().tolist() == [1, 2, 3, 4, 5, 6]
    assert [line.get_ydata()[0] for line in axes.lines[1:4]] == [2, 2, 2]


def test_bias_and_limits_of_agreement_have_bands_of_their_intervals():
    counts = {f"p{k}": (k + 1.0 + k % 3, float(k)) for k in range(8)}
    limits = evaluate_set(counts, task="counts")
    (axes,) = agreement_plot(counts, limits).axes
    bands = sorted(
        (band.get_y(), band.get_y() + band.get_height()) for band in axes.patches
    )
    names = ("count_limit_low", "count_bias", "count_limit_high")
    told = [limits.scores[name] for name in names]
    assert np.allclose(bands, [(one.low, one.high) for one in told])
    few = dict(list(counts.items())[:4])
    (axes,) = agreement_plot(few, evaluate_set(few, task="counts")).axes
    assert not axes.patches  # four pictures give no interval


def test_one_picture_has_no_limits_of_agreement():
    counts = {"a": (4.0, 5.0)}
    (axes,) = agreement_plot(counts, evaluate_set(counts, task="counts")).axes
    assert len(axes.lines) == 3  # the point, the bias and zero


def test_figures_become_pages_without_a_warning(evaluation):
    for name, figure in (
        ("a", precision_plot([("one", evaluation)])),
        ("b", group_plot([("one", evaluation)], "count_mae")),
        ("c", picture_plot(evaluation, "aji")),
    ):
        assert to_svg(figure, name=name).startswith("<svg")
