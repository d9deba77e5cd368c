import numpy as np
import pytest

from segmetry.measure.mode import mode
from segmetry.report.canvas import to_svg
from segmetry.report.figures import (
    bar_tooltips,
    condition_histograms,
    cumulative_curves,
    distribution_curves,
    size_histogram,
    trend_plot,
)
from segmetry.report.reading import ReadingUnit
from segmetry.report.sample import SizeSample

NM = ReadingUnit("nm", 1000.0)
PX = ReadingUnit("px", 1.0)


def estimate(value, half=0.01):
    return {"value": value, "low": value - half, "high": value + half, "n": 9}


NOTHING = {"value": None, "low": None, "high": None, "n": 0}


def group(**changes):
    keys = ("mean", "median", "sd", "d10", "d50", "d90")
    return {
        "n_used": 9,
        "number": {key: estimate(0.2) for key in keys},
        "volume": {key: estimate(0.3) for key in keys},
        "fit": {"family": "log-normal", "accepted": True, "median": 0.2, "gsd": 1.5},
        "histogram": {"bin_width": 0.1, "edges": [0.1, 0.2, 0.3, 0.4], "counts": [5, 3, 1]},
        **changes,
    }


def sample(n=50, seed=0):
    values = np.sort(np.random.default_rng(seed).lognormal(np.log(0.2), 0.4, n))
    return SizeSample(values, np.ones(n))


def text_of(figure):
    return to_svg(figure, name="x")


def lines_of(figure):
    return {line.get_label(): line for line in figure.axes[0].get_lines()}


def labelled(patches):
    return [patch for patch in patches if patch.get_label()]


def test_the_numbers_of_a_histogram_cover_no_bar():
    figure = size_histogram(group(), NM)
    figure.draw_without_rendering()
    (numbers,) = figure.axes[0].texts
    bars = figure.axes[0].patches
    box = numbers.get_window_extent()
    assert not any(bar.get_window_extent().overlaps(box) for bar in bars)
    assert not figure.axes[0].title.get_window_extent().overlaps(box)
    assert not figure.axes[0]._left_title.get_window_extent().overlaps(box)
    assert figure.bbox.x1 > box.x1


def test_the_peak_that_is_told_is_the_peak_of_the_curve():
    figure = distribution_curves(sample(), group(volume={"refused": "few"}), NM)
    (line,) = (line for name, line in lines_of(figure).items() if "peak at" in name)
    x, y = line.get_data()
    assert f"peak at {x[y.argmax()]:.0f} nm" in line.get_label()


def test_the_mode_is_the_peak_of_the_drawn_curve_read_per_length():
    rng = np.random.default_rng(0)
    for spread in (0.1, 0.4, 1.0):
        values = np.sort(rng.lognormal(np.log(0.2), spread, 200))
        at = np.geomspace(values[0], values[-1], 20_000)
        # The mode's grid has steps of a quarter of the kernel's width.
        curve = SizeSample(values, np.ones(200)).density(at)
        assert at[(curve / at).argmax()] == pytest.approx(mode(values), rel=0.02)


def test_the_histogram_has_its_numbers_above_it():
    text = text_of(size_histogram(group(), NM))
    for words in ("bin width 100 nm", "mean 200", "median 200", "sd 200", "n = 9"):
        assert words in text
    assert "equivalent diameter / nm" in text
    assert "number-weighted" in text


def test_another_quantity_has_its_own_name_and_unit_or_none():
    area = text_of(size_histogram(group(quantity="area"), ReadingUnit("µm²", 1.0)))
    assert "area / µm²" in area
    assert "mean 0.200 µm²" in area
    plain = text_of(size_histogram(group(quantity="aspect_ratio"), ReadingUnit("", 1.0)))
    assert "aspect ratio<" in plain
    assert "equivalent diameter" not in plain


def test_bars_are_the_bins_in_the_unit_that_is_read():
    bars = size_histogram(group(), NM).axes[0].patches
    assert [bar.get_height() for bar in bars] == [5, 3, 1]
    assert [bar.get_x() for bar in bars] == pytest.approx([100, 200, 300])
    assert {round(bar.get_width(), 6) for bar in bars} == {100}


def test_edge_weights_are_drawn_and_named():
    weighted = {**group()["histogram"], "weighted_counts": [5.5, 3.5, 1.5]}
    figure = size_histogram(group(histogram=weighted), NM)
    assert [bar.get_height() for bar in figure.axes[0].patches] == [5.5, 3.5, 1.5]
    assert "edge-weighted" in text_of(figure)
    assert "edge-weighted" not in text_of(size_histogram(group(), NM))


def test_tooltips_tell_bins_exactly():
    assert bar_tooltips(group(), NM)["bar-1"] == "200 to 300 nm: 3 objects"
    weighted = {**group()["histogram"], "weighted_counts": [5.5, 3.0, 1.5]}
    tooltips = bar_tooltips(group(histogram=weighted), NM)
    assert tooltips["bar-0"] == "100 to 200 nm: 5 objects, edge-weighted 5.5"


def test_the_fit_holds_as_many_objects_as_the_bars():
    edges = np.arange(0, 2.001, 0.02)
    counts = np.zeros(100)
    counts[10] = 500
    histogram = {"bin_width": 0.02, "edges": edges.tolist(), "counts": counts.tolist()}
    line = lines_of(size_histogram(group(histogram=histogram), NM))["log-normal fit"]
    x, y = line.get_data()
    assert np.trapezoid(y, x) / 20 == pytest.approx(500, rel=0.01)


def test_a_fit_that_was_refused_is_not_drawn():
    refused = group(fit={"family": "log-normal", "accepted": False, "reason": "no"})
    assert "log-normal" not in text_of(size_histogram(refused, NM))
    assert "log-normal" not in text_of(distribution_curves(sample(), refused, NM))


def test_a_histogram_of_nothing_is_drawn_with_dashes():
    empty = {"bin_width": None, "edges": [], "counts": []}
    text = text_of(size_histogram(group(n_used=0, number={}, histogram=empty), PX))
    assert "bin width –" in text
    assert "mean –" in text


def test_the_cumulative_curve_passes_through_its_deciles():
    values = sample(400)
    d10, d50, d90 = np.quantile(values.diameters, [0.1, 0.5, 0.9], method="hazen")
    number = {"d10": estimate(d10), "d50": estimate(d50), "d90": estimate(d90)}
    figure = cumulative_curves(values, group(number=number), NM)
    lines = lines_of(figure)
    (line,) = (line for name, line in lines.items() if name.startswith("by number"))
    x, y = line.get_data()
    marked = {10: d10, 50: d50, 90: d90}
    for share, diameter in marked.items():
        assert np.interp(1000 * diameter, x, y) == pytest.approx(share, abs=0.5)


def test_volume_is_drawn_unless_refused():
    refused = group(volume={"refused": "too wide"})
    for draw in (cumulative_curves, distribution_curves):
        assert "by volume" in text_of(draw(sample(), group(), NM))
        assert "by volume" not in text_of(draw(sample(), refused, NM))
        assert "by number" in text_of(draw(sample(), refused, NM))


def test_missing_quantiles_leave_the_curve_alone():
    nothing = {"d10": NOTHING, "d50": None}
    figure = cumulative_curves(sample(), group(number=nothing), NM)
    assert "by number" in text_of(figure)


@pytest.mark.parametrize("spread", [0.02, 0.3, 1.5, 3.0])
def test_a_log_axis_has_plain_numbers_whatever_its_span(spread):
    values = np.sort(np.random.default_rng(0).lognormal(0, spread, 300))
    figure = cumulative_curves(SizeSample(values, np.ones(300)), group(), PX)
    text_of(figure)
    labels = [t.get_text() for t in figure.axes[0].get_xticklabels() if t.get_text()]
    low, high = figure.axes[0].get_xlim()
    shown = [float(text) for text in labels if low <= float(text) <= high]
    assert len(shown) >= 2


def test_groups_lie_over_each_other_as_shares():
    figure = condition_histograms({"2 h": sample(40, 1), "4 h": sample(90, 2)}, NM)
    steps = labelled(figure.axes[0].patches)
    assert [step.get_label() for step in steps] == ["2 h (n = 40)", "4 h (n = 90)"]
    for step in steps:
        assert step.get_data().values.sum() == pytest.approx(100)


def test_an_empty_group_is_left_out_and_none_at_all_is_drawn():
    nothing = SizeSample(np.empty(0), np.empty(0))
    figure = condition_histograms({"a": sample(), "b": nothing}, NM)
    assert "b (n" not in text_of(figure)
    assert "Histograms by condition" in text_of(condition_histograms({"b": nothing}, NM))


def test_groups_of_equal_sizes_are_drawn():
    same = SizeSample(np.full(4, 2.0), np.ones(4))
    assert "a (n = 4)" in text_of(condition_histograms({"a": same}, PX))


def test_one_object_far_from_all_others_makes_no_thousands_of_bins():
    values = np.append(np.linspace(1, 2, 5000), 1e5)
    steps = labelled(
        condition_histograms({"a": SizeSample(values, np.ones(5001))}, PX).axes[0].patches
    )
    assert steps[0].get_data().values.size <= 202


def test_many_groups_differ_in_color_or_line():
    many = {f"group {i}": sample(20, i) for i in range(12)}
    steps = labelled(condition_histograms(many, NM).axes[0].patches)
    looks = {(step.get_edgecolor(), step.get_linestyle()) for step in steps}
    assert len(looks) == 12


def point(x, value, label=None):
    return {
        "x": x,
        "label": str(x) if label is None else label,
        "n_objects": 7,
        "d50": estimate(value),
        "mean": estimate(1.1 * value),
    }


def test_a_trend_has_its_points_with_intervals():
    trend = {"condition": "time_h", "points": [point(2.0, 0.2), point(8.0, 0.3)]}
    figure = trend_plot(trend, NM)
    text = text_of(figure)
    assert "time_h" in text
    assert "n = 7" in text
    line = figure.axes[0].containers[0]
    assert line[0].get_ydata() == pytest.approx([200, 300])
    assert line[0].get_xdata() == pytest.approx([2, 8], abs=0.2)
    low, high = line[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((190, 210))


def test_names_instead_of_numbers_are_evenly_spaced():
    points = [point(None, 0.2, "acid"), point(None, 0.3, "base"), point(None, 0.4, "salt")]
    figure = trend_plot({"condition": "bath", "points": points}, NM)
    assert figure.axes[0].containers[0][0].get_xdata() == pytest.approx([0, 1, 2], abs=0.1)
    assert "acid" in text_of(figure)


def test_a_point_without_values_leaves_a_gap():
    empty = {"x": 4.0, "label": "4", "n_objects": 0, "d50": NOTHING, "mean": NOTHING}
    trend = {"condition": "time_h", "points": [point(2.0, 0.2), empty]}
    text = text_of(trend_plot(trend, NM))
    assert "nan" not in text.lower()


def test_one_point_is_drawn():
    trend = {"condition": "pH", "points": [point(7.0, 0.2)]}
    assert "Size against pH" in text_of(trend_plot(trend, NM))


def test_names_of_conditions_are_no_formulas():
    trend = {"condition": "cost_$x^2$_\\frac{", "points": [point(1.0, 0.2)]}
    assert "cost_$x^2$_\\frac{</text>" in text_of(trend_plot(trend, NM))
    figure = condition_histograms({"$\\frac{": sample(), "_hidden": sample(9)}, NM)
    assert "$\\frac{ (n = 50)" in text_of(figure)
    assert "_hidden (n = 9)" in text_of(figure)
