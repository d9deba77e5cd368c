from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmetry.measure.abercrombie import Section
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.region_summary import summarize_regions
from segmetry.report.methods import methods_text
from segmetry.report.region_lines import (
    density_and_interval,
    region_lines,
    region_methods,
    section_sentence,
)
from segmetry.report.terminal import summary_lines


def told(n_animals=6, *, regions=("CA1", "CA3"), section=None, rule="centroid", **said):
    """Return "regions" of a summary: 20 objects in each mm2, in CA1 of each animal."""
    rows = [
        {"image": f"s{k}", "region": region, "animal": f"m{k}", "group": "ab"[k % 2]}
        | {"n_objects": 20 + k, "area_px": 1e6, "area_mm2": 1.0, "rule": rule}
        for k in range(n_animals)
        for region in regions
    ]
    options = StatisticsOptions(resamples=200)
    return summarize_regions(pd.DataFrame(rows), section=section, options=options, **said)


def test_a_line_for_each_group_and_region():
    lines = list(region_lines({"regions": told(12, conditions=("animal", "group"))}))
    assert lines[0] == "By region"
    assert len(lines) == 5
    assert lines[1].startswith("  group=a, CA1: 150 objects in 6 animals, 25.0 per mm² (")


def test_lines_without_groups_and_intervals_do_not_speak_of_them():
    lines = list(region_lines({"regions": told(1, regions=("CA1",))}))
    assert lines == ["By region", "  CA1: 20 objects in 1 animal, 20.0 per mm²"]


def test_very_many_regions_are_left_to_the_report():
    summary = {"regions": told(1, regions=[f"r{k}" for k in range(27)])}
    lines = list(region_lines(summary))
    assert len(lines) == 22
    assert lines[-1] == "  and 7 more in the report"


def test_without_regions_nothing_is_said():
    assert list(region_lines({})) == []


def test_a_section_is_told_with_the_height_and_where_it_is_from():
    section = Section(thickness_um=40, object_height_um=10, measured=True)
    told_of_it = told(section=section)
    sentence = section_sentence(told_of_it["section"])
    assert "after Abercrombie, 0.8 of them" in sentence
    assert "sections of 40 µm, with a height of 10 µm (their mean diameter)" in sentence
    assert list(region_lines({"regions": told_of_it}))[-1] == f"  {sentence}"
    typed = Section(thickness_um=40, object_height_um=10, measured=False)
    assert "(as typed)" in section_sentence(told(section=typed)["section"])


def test_an_unknown_density_is_a_dash():
    row = {"density": {"value": None, "unit": "per um2", "low": None, "high": None}}
    assert density_and_interval(row) == ("–", "")


@pytest.mark.parametrize("n_animals", [1, 6])
def test_the_terminal_says_it_after_the_sizes(content, n_animals):
    summary = {**content.summary, "regions": told(n_animals)}
    lines = summary_lines(summary)
    assert "By region" in lines
    assert lines.index("By region") > next(
        i for i, one in enumerate(lines) if "Fit:" in one
    )
    assert "By region" not in summary_lines(content.summary)


def test_a_density_of_nothing_is_0():
    summary = told(6)
    summary["rows"][0]["density"]["value"] = 0.0
    assert np.isclose(float(density_and_interval(summary["rows"][0])[0].split()[0]), 0)


@pytest.mark.parametrize(
    ("rule", "source"), [("centroid", "Miles 1978"), ("counting frame", "Gundersen 1977")]
)
def test_the_methods_name_the_rule_with_its_source(content, rule, source):
    summary = {**content.summary, "regions": told(rule=rule)}
    text = methods_text(replace(content, summary=summary))
    assert source in text
    assert text.count("Miles 1978") + text.count("Gundersen 1977") == 1
    assert "95 % intervals from resampling animals" in text
    assert "Abercrombie" not in text
    assert list(region_methods(content.summary)) == []


def test_the_methods_tell_of_the_correction():
    section = Section(thickness_um=40, object_height_um=10, measured=True)
    *_, last = region_methods({"regions": told(section=section)})
    assert last.endswith("(their mean diameter) (1946, doi:10.1002/ar.1090940210).")
