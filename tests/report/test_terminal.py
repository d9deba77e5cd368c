import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.report.reading import ReadingUnit
from segmetry.report.terminal import fit_sentence, summary_lines, text_histogram

NANOMETRES = ReadingUnit("nm", 1000.0)


def totals(histogram):
    return [float(line.split()[-1]) for line in histogram.splitlines()]


@given(
    st.lists(st.floats(1e-3, 1e4), min_size=1, max_size=60),
    st.sampled_from(["um", "px"]),
    st.integers(30, 100),
)
def test_every_object_is_in_one_bin_and_lines_are_not_too_long(values, unit, width):
    histogram = text_histogram(values, width=width, unit=unit)
    assert sum(totals(histogram)) == len(values)
    assert max(len(line) for line in histogram.splitlines()) <= width
    assert len(histogram.splitlines()) <= 14


def test_bars_are_as_long_as_their_counts():
    histogram = text_histogram([1] * 8 + [2] * 4 + [3] * 2, width=40, unit="px")
    lengths = [line.count("█") for line in histogram.splitlines()]
    assert totals(histogram) == [8, 4, 2]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=1)
    assert lengths[0] == pytest.approx(4 * lengths[2], abs=2)


def test_weights_are_summed():
    assert totals(text_histogram([1, 1, 2], [1.25, 1.25, 3.0], unit="px")) == [2.5, 3.0]


def test_micrometres_are_shown_in_the_unit_that_reads_well():
    assert " nm " in text_histogram([0.1, 0.2, 0.3])
    assert " µm " in text_histogram([10, 20, 30])
    assert " mm " in text_histogram([1e4, 2e4])


def test_values_that_are_missing_are_left_out():
    histogram = text_histogram([np.nan, 5, np.inf], unit="px")
    assert totals(histogram) == [1]
    assert text_histogram([]) == text_histogram([np.nan]) == "no objects"


def test_weights_of_nothing_draw_no_bar():
    assert "█" not in text_histogram([1, 2], [0, 0], unit="px")


def test_limits_are_round_numbers():
    rng = np.random.default_rng(0)
    lines = text_histogram(rng.lognormal(np.log(0.165), 0.4, 500)).splitlines()
    limits = [float(line.split("–")[0]) for line in lines]
    assert set(np.diff(limits)) <= {10.0, 20.0, 25.0, 50.0, 100.0}


def test_a_summary_says_what_must_be_known(content):
    text = "\n".join(summary_lines(content.summary))
    pooled = content.summary["pooled"]
    median = 1000 * pooled["number"]["d50"]["value"]
    assert f"2 pictures, {pooled['n_objects']} objects" in text
    assert f"{pooled['n_used']} used" in text
    row = next(line for line in text.splitlines() if line.startswith("D50 (number)"))
    assert float(row.split()[2]) == pytest.approx(median, rel=0.02)
    assert row.split()[3] == "nm"
    for words in ("95 % interval", "sd (ddof 1)", "D10", "D90", "density", "█"):
        assert words in text
    for words in ("Edge rule: miles-lantuejoul", "Fit: log-normal", "Planner: "):
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


def test_a_summary_in_pixels_names_no_physical_unit(make):
    text = "\n".join(summary_lines(make(pixel_size=None).summary))
    assert " px" in text
    assert not any(unit in text for unit in (" nm", "µm", " mm"))


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
    assert "Edge rule: keep. It does not correct for the edge" in lines
    pooled["edge_rule"] = {**edge, "name": "two-sides"}
    assert "Edge rule: two-sides" in summary_lines({**content.summary, "pooled": pooled})


def test_where_nothing_was_measured_no_dashes_are_shown(make):
    lines = summary_lines(make(n_images=1, n_discs=0).summary)
    assert not any("–" in line or "refused" in line or "Planner" in line for line in lines)


def test_the_notes_of_conditions_stand_below_their_table(make):
    content = make(n_images=2, hours=(1.0, 2.0))
    lines = summary_lines(content.summary)
    note = content.summary["groups"][0]["intervals"]["note"]
    assert any(line.startswith("Note: ") and note in line for line in lines)
