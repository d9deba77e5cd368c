from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from segmetry.errors import PictureError
from segmetry.image import ClassMap, Image
from segmetry.measure.classes import measure_classes, summarize_classes
from segmetry.report.class_lines import amount_text, class_lines
from segmetry.report.class_picture import draw_classes
from segmetry.report.class_section import class_bars, class_section
from segmetry.report.page import report_html
from segmetry.report.palette import EXCLUDED, class_colors
from segmetry.report.terminal import summary_lines

NAMES = ("ground", "<epithelium>", "_stroma")


def map_of(data, **more):
    data = np.asarray(data, np.uint8)
    return ClassMap(data, Image(np.full(data.shape, 90, np.uint8), **more), NAMES)


def told(n=6, conditions=()):
    """Return "classes" of a summary: half ground, and of the rest more stroma."""
    tables = [
        measure_classes(map_of([[0] * 10 + [1] * (5 - k % 2) + [2] * (5 + k % 2)]))
        for k in range(n)
    ]
    rows = [table.assign(image=f"p{k}") for k, table in enumerate(tables)]
    images = pd.DataFrame({"image": [f"p{k}" for k in range(n)]})
    images["day"] = [k % 2 for k in range(n)]
    return summarize_classes(
        pd.concat(rows, ignore_index=True), images, conditions=conditions
    )


def test_bars_are_stacked_to_100_percent_for_each_group():
    axes = class_bars(told(conditions=["day"])).axes[0]
    widths = np.array([[bar.get_width() for bar in bars] for bars in axes.containers])
    assert widths.shape == (3, 3)  # classes, groups
    np.testing.assert_allclose(widths.sum(axis=0), 100)
    starts = np.array([[bar.get_x() for bar in bars] for bars in axes.containers])
    np.testing.assert_allclose(starts[1:], (starts + widths)[:-1])
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        *("all pictures", "day=0", "day=1")
    ]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [*NAMES]


def test_the_section_says_what_each_class_takes(content):
    content = replace(content, summary=content.summary | {"classes": told()})
    section = class_section(content)
    assert section.rows[0] == ("ground", "all pictures", "50.0 %", "50.0 to 50.0", "60 px")
    assert "95 % intervals" in section.lead
    html = report_html(content)
    assert '<section id="classes">' in html
    assert "&lt;epithelium&gt;" in html
    assert "<epithelium>" not in html


def test_few_pictures_are_told_to_be_too_few_for_an_interval(content):
    content = replace(content, summary=content.summary | {"classes": told(2)})
    assert "at least five pictures" in class_section(content).lead


def test_pictures_in_the_colours_of_their_classes_are_shown(content):
    name = str(content.done["image"].iloc[0])
    shown = {name: draw_classes(map_of([[0, 1, 2]] * 8))}
    content = replace(
        content, summary=content.summary | {"classes": told()}, class_pictures=shown
    )
    (card,) = class_section(content).cards
    assert card.source.startswith("data:image/jpeg")


def test_a_report_without_classes_has_no_section(content):
    assert class_section(content) is None
    assert 'id="classes"' not in report_html(content)
    assert list(class_lines(content.summary)) == []


def test_a_terminal_says_the_shares_with_their_intervals():
    lines = list(class_lines({"classes": told()}))
    assert lines[0] == "Share of the sample by class, 6 pictures"
    assert lines[1] == "  ground: 50.0 % (50.0 to 50.0)"
    assert lines[2].startswith("  <epithelium>: 22.5")
    many = told(60, conditions=["day"])
    many["rows"] *= 5
    assert list(class_lines({"classes": many}))[-1] == "  and 25 more in the report"


def test_a_terminal_says_shares_before_diameters(content):
    lines = summary_lines(content.summary | {"classes": told()})
    shares = lines.index("Share of the sample by class, 6 pictures")
    assert shares == 2
    assert shares < next(at for at, line in enumerate(lines) if "D50" in line)


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (12.0, "px", "12 px"),
        (3e6, "um2", "3.00 mm²"),
        (12.5, "um3", "12.5 µm³"),
        (2e9, "um3", "2.00 mm³"),
    ],
)
def test_amounts_are_read_in_units(amount, unit, text):
    assert amount_text(amount, unit) == text


def test_pixels_are_tinted_and_what_is_excluded_is_hatched():
    excluded = np.zeros((4, 40), bool)
    excluded[:, 30:] = True
    data = np.repeat(np.uint8([[0] * 10 + [1] * 10 + [2] * 10 + [255] * 10]), 4, axis=0)
    shown = draw_classes(map_of(data, excluded=excluded))
    assert (shown[:, :10] == 90).all()
    colors = np.array(class_colors(3))
    for number, columns in ((1, slice(10, 20)), (2, slice(20, 30))):
        wanted = 0.45 * 90 + 0.55 * colors[number]
        assert np.abs(shown[:, columns] - wanted).max() <= 1
    assert np.abs(shown[0, 30:].astype(int).mean(axis=0) - 90).argmax() != 1
    assert shown[0, 30:, 2].mean() > 90  # towards blue
    assert EXCLUDED[2] > 90


def test_a_volume_is_not_drawn_as_one_picture():
    data = np.zeros((2, 3, 4), np.uint8)
    stack = ClassMap(data, Image(data, "ZYX"), NAMES)
    with pytest.raises(PictureError, match="single picture"):
        draw_classes(stack)


def test_classes_have_colours_of_their_own():
    for n in (1, 7, 40):
        assert len(set(class_colors(n))) == n
    assert class_colors(40)[:7] == class_colors(7)
