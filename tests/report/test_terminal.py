import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmetry.report.bins import log_histogram
from segmetry.report.reading import ReadingUnit
from segmetry.report.sample import SizeSample
from segmetry.report.terminal import fit_sentence, summary_lines

NANOMETRES = ReadingUnit("nm", 1000.0)


@pytest.fixture
def bars(content):
    """Return a function: the lines of a histogram of these counts, in bins of 1 um."""

    def draw(counts, width=72):
        histogram = {"edges": list(range(1, len(counts) + 2)), "counts": counts}
        pooled = {**content.summary["pooled"], "histogram": histogram}
        lines = summary_lines({**content.summary, "pooled": pooled}, width=width)
        return [line for line in lines if " – " in line]

    return draw


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=60).filter(any), st.integers(40, 100)
)
def test_every_object_is_in_one_bin_and_lines_are_not_too_long(bars, counts, width):
    lines = bars(counts, width)
    assert sum(int(line.split()[-1]) for line in lines) == sum(counts)
    assert max(map(len, lines)) <= width
    assert len(lines) <= 21


def test_bars_are_as_long_as_their_counts(bars):
    lengths = [line.count("█") for line in bars([8, 4, 2, 0])]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=2)  # a part of a block less
    assert lengths[0] == pytest.approx(4 * lengths[2], abs=4)
    assert lengths[3] == 0


def test_a_summary_says_what_must_be_known(content):
    text = "\n".join(summary_lines(content.summary))
    pooled = content.summary["pooled"]
    median = 1000 * pooled["number"]["d50"]["value"]
    assert f"2 pictures, {pooled['n_objects']} objects" in text
    assert f"{pooled['n_used']} used" in text
    row = next(line for line in text.splitlines() if line.startswith("D50 (number)"))
    assert float(row.split()[2]) == pytest.approx(median, rel=0.02)
    assert row.split()[3] == "nm"
    for words in ("95 % interval", "sd", "D10", "D90", "density", "█"):
        assert words in text
    for words in (
        "Edge rule: objects that touch the edge are left out, and the others weighted",
        "Fit: log-normal",
        "Planner: ",
    ):
        assert words in text


def test_the_histogram_of_a_summary_holds_all_objects_used(content):
    lines = [line for line in summary_lines(content.summary) if " – " in line]
    assert (
        sum(int(line.split()[-1]) for line in lines) == content.summary["pooled"]["n_used"]
    )
    assert len(lines) <= 20


@pytest.mark.parametrize(
    ("width", "first"),
    [(0.0025, "2.5 –"), (0.025, "25 –"), (0.02, "20 –"), (0.001, "1 –"), (0.0002, "0.2 –")],
)
def test_limits_have_as_many_decimals_as_they_need(content, width, first):
    histogram = {"edges": [width, 2 * width, 3 * width], "counts": [1, 2]}
    pooled = {**content.summary["pooled"], "histogram": histogram}
    lines = summary_lines({**content.summary, "pooled": pooled})
    line = next(line for line in lines if "█" in line)
    assert line.strip().startswith(first)


def test_bins_of_a_summary_are_merged_on_round_limits(content):
    edges = [0.03 + 0.01 * i for i in range(58)]
    histogram = {"bin_width": 0.01, "edges": edges, "counts": [2] * 57}
    summary = {
        **content.summary,
        "pooled": {**content.summary["pooled"], "histogram": histogram},
    }
    lines = [line for line in summary_lines(summary) if " – " in line]
    assert [int(line.split()[0]) for line in lines[:3]] == [0, 50, 100]
    assert [int(line.split()[-1]) for line in lines[:3]] == [4, 10, 10]
    assert sum(int(line.split()[-1]) for line in lines) == 114


def log_normal_sample(spread, n=400):
    rng = np.random.default_rng(0)
    diameters = np.sort(np.exp(rng.normal(np.log(0.05), spread, n)))
    return SizeSample(diameters, np.ones(n))


def test_sizes_that_span_decades_have_the_logarithmic_bins_of_the_report(content):
    sample = log_normal_sample(1.6)
    lines = summary_lines(content.summary, sample=sample, width=72)
    bars = [line for line in lines if " – " in line]
    assert sum(int(line.split()[-1]) for line in bars) == 400
    assert len(bars) <= 21
    limits = [(float(low), float(high)) for low, _, high in (b.split()[:3] for b in bars)]
    ratios = [high / low for low, high in limits]
    assert ratios == pytest.approx([ratios[0]] * len(bars), rel=0.02)
    counts = [int(line.split()[-1]) for line in bars]
    assert max(counts) < 0.3 * sum(counts), "no bin holds most objects"
    assert max(map(len, bars)) <= 72
    drawn = log_histogram(sample)
    in_report = np.array(drawn["edges"]) * 1000
    for low, _ in limits[1:]:
        assert np.abs(in_report / low - 1).min() < 0.01, "a limit of the report's bins"


def test_sizes_of_one_decade_have_the_bins_of_the_summary(content):
    sample = log_normal_sample(0.2)
    assert summary_lines(content.summary, sample=sample) == summary_lines(content.summary)


def test_a_summary_in_pixels_names_no_physical_unit(make):
    text = "\n".join(summary_lines(make(pixel_size=None).summary))
    assert " px" in text
    assert not any(unit in text for unit in (" nm", "µm", " mm"))


def test_objects_of_pictures_that_do_not_count_are_told(make):
    summary = make().summary
    pooled = summary["pooled"] | {"n_objects": 10, "n_images": 1, "n_used": 8}
    told = summary_lines({**summary, "n_objects": 17, "pooled": pooled})[0]
    assert told.endswith(
        "17 objects, 10 of them in 1 picture of known pixel size, 8 used for sizes"
    )


def test_a_summary_without_objects_is_told(make):
    content = make(n_images=1, n_discs=0)
    text = "\n".join(summary_lines(content.summary))
    assert "1 picture, 0 objects, 0 used for sizes" in text
    assert "None" not in text
    assert "nan" not in text
    assert "█" not in text


def test_conditions_are_listed(make):
    lines = summary_lines(make(n_images=4, hours=(1.0, 2.0)).summary)
    start = lines.index("By condition")
    assert any(line.startswith("time_h=1,") for line in lines[start:])
    assert any(line.startswith("time_h=2,") for line in lines[start:])


def test_failed_pictures_and_warnings_are_told_once(content, with_failed):
    failed = with_failed(content, "broken.tif", "it is broken")
    lines = summary_lines(failed.summary)
    assert lines[0].startswith("3 pictures, 1 failed, ")
    assert len(set(lines[-3:])) == 3
    assert sum("could not be used" in line for line in lines) == 1


def test_refusals_give_their_reason():
    refused = {"family": "log-normal", "accepted": False, "reason": "Refused: two hills."}
    assert fit_sentence(refused, NANOMETRES) == "Fit: log-normal refused: two hills"
    assert fit_sentence(None, NANOMETRES) == "Fit: none"


def test_volume_that_is_refused_is_told_in_words(content):
    pooled = {**content.summary["pooled"], "volume": {"refused": "Refused: too wide."}}
    lines = summary_lines({**content.summary, "pooled": pooled})
    assert "No numbers by volume: too wide." in lines
    assert not any("(volume)" in line for line in lines)


def test_an_accepted_fit_is_told_with_its_two_numbers():
    fit = {
        "family": "log-normal",
        "accepted": True,
        "reason": "",
        "median": 0.2,
        "gsd": 1.5,
    }
    assert fit_sentence(fit, NANOMETRES) == (
        "Fit: log-normal accepted, median 200 nm, GSD 1.50"
    )


def test_an_edge_rule_of_unknown_effect_is_still_named(content):
    edge = {"name": "keep", "bias_removed": {"mean": None}}
    pooled = {**content.summary["pooled"], "edge_rule": edge}
    lines = summary_lines({**content.summary, "pooled": pooled})
    assert (
        "Edge rule: objects at the edge count as they look. This rule does not correct for "
        "the edge" in lines
    )
    pooled["edge_rule"] = {**edge, "name": "two-sides"}
    assert "Edge rule: objects at two of the four sides are left out" in summary_lines(
        {**content.summary, "pooled": pooled}
    )


def test_where_nothing_was_measured_no_dashes_are_shown(make):
    lines = summary_lines(make(n_images=1, n_discs=0).summary)
    assert not any("–" in line or "refused" in line or "Planner" in line for line in lines)


def test_the_notes_of_conditions_stand_below_their_table(make):
    content = make(n_images=2, hours=(1.0, 2.0))
    lines = summary_lines(content.summary)
    note = content.summary["groups"][0]["intervals"]["note"]
    assert any(line.startswith("Note: ") and note in line for line in lines)


@pytest.mark.parametrize("method", ["none", "bootstrap by object", "bootstrap by image"])
def test_missing_and_optimistic_intervals_are_told_with_their_reason(content, method):
    intervals = {"method": method, "note": "Few images."}
    pooled = {**content.summary["pooled"], "intervals": intervals}
    lines = summary_lines({**content.summary, "pooled": pooled})
    told = "Intervals: Few images." in lines
    assert told == (method != "bootstrap by image")
