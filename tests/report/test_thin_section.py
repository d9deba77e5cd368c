"""The section on thin structures, from drawn lines to the words on the page."""

import json
from dataclasses import replace

import numpy as np
import pytest

from segmetry.image import PixelSize
from segmetry.measure import measure_thin
from segmetry.measure.thin_summary import summarize_thin
from segmetry.measure.thin_tables import tables_of
from segmetry.report.methods import methods_text
from segmetry.report.page import report_html
from segmetry.report.terminal import summary_lines
from segmetry.report.thin_section import thin_section

HALF = PixelSize(y=0.5, x=0.5, unit="um", source="typed")
THIN = "\n[thin]\nenabled = true\nprune = 1.0\ngrey = '{}'\n"


def lines(*widths, size=HALF, grey=False):
    mask = np.zeros((40 * len(widths), 160), bool)
    for row, width in enumerate(widths):
        mask[15 + 40 * row : 15 + 40 * row + width, 30:130] = True
    picture = np.where(mask, 150.0, 50.0) if grey else None
    return tables_of(measure_thin(mask, pixel_size=size, grey=picture))


@pytest.fixture
def with_lines(content):
    """Return a function: a report's content with lines of these widths in each picture."""

    def make(*pictures, grey="none", toml=True, **options):
        names = content.images["image"].tolist()[: len(pictures)]
        drawn = [lines(*one, grey=grey != "none", **options) for one in pictures]
        thin = summarize_thin(dict(zip(names, drawn, strict=True)), dict.fromkeys(names))
        recipe = content.recipe_toml + (THIN.format(grey) if toml else "")
        picture = np.full((90, 120, 3), (0, 255, 0), np.uint8)
        return replace(
            content,
            summary={**content.summary, "thin": json.loads(json.dumps(thin))},
            width_pictures=dict.fromkeys(names, picture),
            recipe_toml=recipe,
        )

    return make


def rows_of(content):
    return {row.name: row for row in thin_section(content).rows}


def test_a_report_without_lines_has_no_such_section(content, with_lines):
    assert thin_section(content) is None
    assert 'id="thin"' not in report_html(content)
    assert thin_section(with_lines()) is None  # all pictures failed
    assert not any("Thin" in line for line in summary_lines(with_lines().summary))


def test_numbers_of_all_pictures_have_units_and_intervals(with_lines):
    rows = rows_of(with_lines((4, 6, 8), (4, 6, 8)))
    assert (rows["total length"].value, rows["total length"].unit) == ("300.0", "µm")
    assert rows["total length"].interval == ""
    area = 2 * 120 * 160 / 4
    assert float(rows["length per area"].value) == pytest.approx(
        300 / area * 1000, rel=0.01
    )
    assert rows["length per area"].unit == "mm/mm²"
    assert rows["segments"].value == "6"
    assert rows["free ends"].value == "12"
    assert float(rows["mean width"].value) == pytest.approx(3, rel=0.02)
    low, high = map(float, rows["mean width"].interval.split(" to "))
    assert low < 3 < high
    share = 100 * (4 + 6 + 8) * 100 / (120 * 160)
    assert float(rows["area of the lines"].value) == pytest.approx(share, abs=0.06)
    assert not any("grey" in name for name in rows)


def test_lengths_stay_in_pixels_where_the_pixel_size_is_unknown(with_lines):
    rows = rows_of(with_lines((4, 6), size=None))
    assert (rows["total length"].value, rows["total length"].unit) == ("200.0", "px")
    assert rows["length per area"].unit == "px per 1000 px²"
    assert rows["mean width"].unit == "px"


def test_widths_from_grey_values_stand_beside_those_of_the_mask(with_lines):
    content = with_lines((6, 8), grey="green")
    rows = rows_of(content)
    for name in ("mean width", "median width", "P5", "P95"):
        assert float(rows[f"{name} from grey values"].value) > 0
    section = thin_section(content)
    assert "mean width from grey values" in section.columns
    assert "grey values" in section.drawings[0].caption
    assert len(section.columns) == len(section.pictures[0])


def test_each_picture_has_its_row_and_its_lines(with_lines):
    section = thin_section(with_lines((4,), (8, 8)))
    cells = [dict(zip(section.columns, row, strict=True)) for row in section.pictures]
    assert [row["total length"] for row in cells] == ["50.00 µm", "100.0 µm"]
    assert cells[0]["mean width"].startswith("2.0")
    assert cells[1]["P5 to P95"].startswith("4.0")
    assert "boxes 4 to" in cells[0]["fractal dimension"]
    assert [card.name for card in section.cards] == [row["picture"] for row in cells]
    assert all(card.source.startswith("data:image/jpeg") for card in section.cards)
    assert dict(section.cards[0].facts)["total length"] == "50.00 µm"


def test_a_picture_without_lines_has_dashes(with_lines):
    section = thin_section(with_lines((0,), size=None))
    (row,) = section.pictures
    cells = dict(zip(section.columns, row, strict=True))
    assert cells["mean width"] == cells["tortuosity"] == cells["P5 to P95"] == "–"
    assert cells["fractal dimension"] == "–"
    assert cells["total length"] == "0 px"
    assert section.drawings == ()


def test_the_page_shows_the_section_and_names_it(with_lines):
    page = report_html(with_lines((4, 6, 8), (4, 6)))
    for words in ('href="#thin"', 'id="thin"', "mm/mm²", "Numbers of connected pieces"):
        assert words in page
    assert "coloured by width" in page
    assert "None" not in page.partition('id="thin"')[2].partition('id="numbers"')[0]


@pytest.mark.parametrize("grey", ["none", "green"])
def test_the_methods_say_how_lines_were_measured(with_lines, grey):
    text = methods_text(with_lines((4, 6, 8), grey=grey))
    for words in (
        "10.1006/cgip.1994.1042",
        "10.1021/ac60214a047",
        "shorter than 1 × the width",
        "at right angles",
        "weighted by length",
        "resampling segments (2000 resamples)",
        "Objects that touch were not cut",
        "was not filled",
    ):
        assert words in text
    assert ("grey values (green)" in text) == (grey == "green")
    assert ".." not in text


def test_the_methods_keep_to_the_options_that_were_set(with_lines, content):
    told = with_lines((4, 6))
    said = told.recipe_toml.replace("min_area = 30", "separate = true").replace(
        "prune = 1.0", "prune = 0.0"
    )
    text = methods_text(replace(told, recipe_toml=said))
    assert "separate = True" in text
    assert "not cut" not in text
    assert "was not filled" in text
    assert "all side branches were kept" in text
    assert "centrelines" not in methods_text(content)


def test_the_terminal_tells_lines_first(with_lines):
    told = summary_lines(with_lines((4, 6, 8), (4, 6, 8), grey="luma").summary)
    assert told[1] == "Thin structures: 6 segments, 0 branch points"
    assert not any("D50" in line for line in told), "diameters mean nothing for lines"
    assert "Diameters say little of lines" in " ".join(told)
    assert told[2] == "  total length 300.0 µm"
    assert told[3].startswith("  mean width 3.0")
    assert "from grey values" in told[4]
    assert "Thin" not in " ".join(told[5:])
