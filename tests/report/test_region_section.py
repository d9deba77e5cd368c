import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmetry.measure.abercrombie import Section
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.region_summary import summarize_regions
from segmetry.report.canvas import to_svg
from segmetry.report.page import report_html
from segmetry.report.region_figure import region_dots
from segmetry.report.region_section import region_section


def summary(n_animals=12, *, regions=("CA1", "CA3"), animal="animal", section=None):
    """Return "regions" of a summary: KO has twice the density of WT in every region."""
    rows = [
        {
            "image": f"s{k}",
            "region": region,
            animal: f"m{k}",
            "group": ("WT", "KO")[k % 2],
            "n_objects": 20 * (1 + k % 2) + k // 2,
            "area_px": 1e6,
            "area_mm2": 1.0,
        }
        for k in range(n_animals)
        for region in regions
    ]
    told = summarize_regions(
        pd.DataFrame(rows),
        conditions=("group",),
        section=section,
        options=StatisticsOptions(resamples=200),
    )
    return json.loads(json.dumps(told))


def dots(figure):
    """Return the places and heights of dots, without the lines of groups."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    return np.concatenate([line.get_xydata() for line in lines])


def test_each_animal_is_a_dot_over_its_region_in_the_colour_of_its_group():
    figure = region_dots(summary())
    found = dots(figure)
    assert len(found) == 24
    assert set(np.rint(found[:, 0])) == {0, 1}
    wild, knocked = (
        {line.get_color() for line in figure.axes[0].lines if is_of(line)}
        for is_of in (
            lambda line: is_dots(line, below=35),
            lambda line: is_dots(line, above=35),
        )
    )
    assert len(wild) == len(knocked) == 1
    assert wild != knocked


def is_dots(line, below=np.inf, above=-np.inf):
    heights = line.get_ydata()
    return line.get_marker() == "o" and all(above < height < below for height in heights)


def test_the_axis_begins_at_0_and_names_regions_and_unit():
    axes = region_dots(summary()).axes[0]
    assert axes.get_ylim()[0] == 0
    assert [label.get_text() for label in axes.get_xticklabels()] == ["CA1", "CA3"]
    assert axes.get_ylabel() == "objects per mm²"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "group=KO",
        "group=WT",
    ]


def test_a_single_group_needs_no_legend_and_one_without_a_value_no_dot():
    told = summary(1)
    told["animals"][0]["density"]["value"] = None
    told["rows"][0]["density"]["value"] = None
    figure = region_dots(told)
    assert figure.axes[0].get_legend() is None
    assert len(dots(figure)) == 1


def test_names_of_many_regions_stand_upright():
    axes = region_dots(summary(2, regions=[f"region {k}" for k in range(12)])).axes[0]
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {90}


def test_equal_numbers_give_equal_figures():
    first, second = (to_svg(region_dots(summary()), name="regions") for _ in range(2))
    assert first == second


def test_a_report_without_regions_has_no_such_section(content):
    assert region_section(content.summary) is None
    assert 'id="regions"' not in report_html(content)


def test_the_page_has_a_row_per_group_and_region_and_one_per_animal(content):
    with_regions = {**content.summary, "regions": summary()}
    section = region_section(with_regions)
    assert section.columns[:4] == ("group", "region", "animals", "pictures")
    assert [row[:4] for row in section.rows] == [
        ("group=KO", "CA1", "6", "6"),
        ("group=KO", "CA3", "6", "6"),
        ("group=WT", "CA1", "6", "6"),
        ("group=WT", "CA3", "6", "6"),
    ]
    assert section.rows[0][4:6] == ("255", "42.5 per mm²")
    assert len(section.animals) == 24
    page = report_html(replace(content, summary=with_regions))
    assert 'href="#regions"' in page
    assert "Intervals at 95 % from resampling animals" in page.replace("\u00a0", " ")
    assert "one of animals.csv" in page


def test_pictures_stand_for_animals_where_none_are_told(content):
    with_regions = {**content.summary, "regions": summary(animal="image_of")}
    section = region_section(with_regions)
    assert section.unit == "picture"
    page = report_html(replace(content, summary=with_regions))
    assert "animals.csv" not in page


def test_names_of_regions_are_text_and_no_markup(content):
    with_regions = {**content.summary, "regions": summary(regions=["<script>x</script>"])}
    page = report_html(replace(content, summary=with_regions))
    assert "<script>" not in page


@pytest.mark.parametrize("measured", [True, False])
def test_corrected_counts_stand_beside_the_plain_ones(content, measured):
    section = Section(thickness_um=40, object_height_um=10, measured=measured)
    told = {**content.summary, "regions": summary(section=section)}
    assert region_section(told).rows[0][4] == "255 (204.0 corrected)"
    assert "after Abercrombie" in report_html(replace(content, summary=told))
