import pytest

from segmetry.measure.error_budget import Budget, Part
from segmetry.report.budget import budget_drawing, budget_plot, budget_remarks, together


def budgets(**changes):
    parts = {
        "calibration": Part(0.02, note="Twice that of the pixel size."),
        "segmentation": Part(None, note="Not known."),
        "edge rule": Part(0.004, 9, 0.03, "Without the rule, +3.0 %."),
        "sampling": Part(0.05, 9, note="How 10 pictures differ."),
    }
    mean = {**parts, "calibration": Part(0.01, note="That of the pixel size.")}
    return {
        "density": Budget(12.0, {**parts, **changes}).as_json(),
        "mean": Budget(3.0, mean).as_json(),
    }


def bars(figure):
    return [
        [bar.get_width() for bar in container] for container in figure.axes[0].containers
    ]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_bars_are_the_parts_in_percent_and_their_sum():
    density, mean = bars(budget_plot(budgets()))
    total = 100 * (0.02**2 + 0.004**2 + 0.05**2) ** 0.5
    assert density == pytest.approx([2, 0, 0.4, 5, total])
    assert mean[0] == pytest.approx(1)


def test_what_is_not_known_is_written_where_its_bar_would_be():
    said = texts(budget_plot(budgets()))
    # Bars that are not there have no colour that tells which number they are of.
    assert "number per area: not known" in said
    assert "mean diameter: not known" in said


def test_a_source_that_does_not_bear_on_a_number_is_not_called_unknown():
    count = Budget(120.0, {"segmentation": Part(0.04, 5)}).as_json()
    said = texts(budget_plot({"count": count}))
    assert said.count("count: does not bear on it") == 3
    assert not any("not known" in one for one in said)


def test_every_bar_has_a_name():
    figure = budget_plot(budgets())
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["calibration", "segmentation", "edge rule", "sampling", "together"]
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["number per area", "mean diameter"]


def test_the_sentence_names_the_half_widths_and_what_is_missing():
    known = budgets()
    text = together(known)
    assert f"±{100 * known['mean']['half_width']:.0f} % on the mean diameter" in text
    assert text.endswith("Without segmentation, which is not known.")
    whole = budgets(segmentation=Part(0.03, 5))
    assert together({"density": whole["density"]}).endswith("interval).")


def test_remarks_tell_once_what_holds_for_all():
    remarks = list(budget_remarks(budgets()))
    assert "Sampling: How 10 pictures differ." in remarks
    assert "Calibration (mean diameter): That of the pixel size." in remarks
    assert len(remarks) == 5


@pytest.mark.parametrize(
    "nothing", [None, {}, {"mean": Budget(1.0, {"sampling": Part(None)}).as_json()}]
)
def test_where_nothing_is_known_nothing_is_drawn(nothing):
    assert budget_drawing(nothing) is None
    assert together(nothing) == ""
    assert list(budget_remarks(nothing)) == []


def test_the_drawing_is_the_same_each_time():
    assert budget_drawing(budgets()) == budget_drawing(budgets())
    assert budget_drawing(budgets()).svg.startswith("<svg")
