from types import SimpleNamespace

import numpy as np
import pytest

from segmetry.evaluate import evaluate_set
from segmetry.evaluate.evaluation import Evaluation
from segmetry.evaluate.intervals import mean_score
from segmetry.report.comparison import (
    ComparisonContent,
    Drawn,
    MethodRow,
    comparison_html,
    forest_plot,
)


def evaluation(value, n=6):
    scores = {"dice": mean_score([value] * n, bounds=(0, 1))}
    pictures = {f"p{k}": {"dice": value} for k in range(n)}
    return Evaluation("pixels", scores, {"dark": scores}, pictures, {}, {}, n)


def content(**changes):
    rows = [
        MethodRow(label, evaluation(value), "", 0.5, 1.0, float("nan"))
        for label, value in (("<best>", 0.9), ("other", 0.4))
    ]
    gone = SimpleNamespace(
        method="other", other="<best>", score="dice", value=-0.5, low=-0.6, high=-0.4, n=6,
        p_holm=0.001, says="worse",
    )  # fmt: skip
    known = {
        "title": "Methods compared", "task": "pixels", "score": "dice", "rows": rows,
        "differences": [gone], "reference": "<best>", "notes": ["A note."], "version": "0",
    }  # fmt: skip
    return ComparisonContent(**known | changes)


def test_methods_stand_in_their_order_and_names_are_no_html():
    page = comparison_html(content())
    assert page.index("&lt;best&gt;") < page.index("other")
    assert "<best>" not in page
    assert "0.900" in page
    assert "−0.500" in page
    assert "worse" in page


def test_every_method_is_a_point_of_the_forest():
    axes = forest_plot(content().rows, "dice").axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["<best>", "other"]
    assert axes.lines[0].get_xdata() == pytest.approx([0.9, 0.4])


def test_pictures_are_shown_with_their_method():
    pixels = np.full((20, 30, 3), 90, np.uint8)
    page = comparison_html(content(drawn=[Drawn("worst", "p1", "truth", "", pixels)]))
    assert "do worst: p1" in page
    assert "data:image/jpeg" in page


def test_many_pictures_share_a_room_and_few_are_large():
    noise = np.random.default_rng(0).integers(0, 255, (700, 1000, 3)).astype(np.uint8)
    few = len(comparison_html(content(drawn=[Drawn("worst", "p1", "a", "", noise)])))
    drawn = [Drawn("worst", "p1", str(k), "", noise) for k in range(50)]
    many = len(comparison_html(content(drawn=drawn)))
    assert 100_000 < few < 200_000
    assert many < 5_500_000


def test_few_pictures_are_said_to_be_few():
    rows = [MethodRow("one", evaluation(0.5, n=3), "", 0.5, 1.0, 20.0)]
    page = comparison_html(content(rows=rows, differences=[]))
    assert "No intervals" in page


def test_a_method_without_results_is_a_dash():
    nothing = Evaluation("pixels", {}, {}, {}, {}, {}, 0)
    rows = [*content().rows, MethodRow("gone", nothing, "", *[float("nan")] * 3)]
    assert "gone" in comparison_html(content(rows=rows))


def test_counts_of_objects_are_possible_scores():
    found = evaluate_set({f"p{k}": (k, 4) for k in range(6)}, task="counts")
    rows = [MethodRow("one", found, "", 0.5, 1.0, 20.0)]
    page = comparison_html(content(rows=rows, score="count_mae", differences=[]))
    assert "mean absolute error" in page
