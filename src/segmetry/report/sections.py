"""The parts of a report, as plain values for its template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segmetry.measure.weighted import TRUNCATED
from segmetry.measure.wording import found_text
from segmetry.report.bins import shown_histogram
from segmetry.report.canvas import to_svg
from segmetry.report.content import ReportContent
from segmetry.report.embedding import jpeg_uri
from segmetry.report.figures import (
    bar_tooltips,
    condition_histograms,
    cumulative_curves,
    distribution_curves,
    size_histogram,
    trend_plot,
)
from segmetry.report.methods import choice_text, count_text, pixel_size_text, source_text
from segmetry.report.reading import ReadingUnit, number_text
from segmetry.report.remarks import rule_text
from segmetry.report.sample import SizeSample, group_sample
from segmetry.report.values import ValueRow, density_row

__all__ = [
    "Card",
    "Drawing",
    "calibration_cards",
    "calibration_rows",
    "condition_drawings",
    "drawings",
    "group_rows",
    "picture_cards",
    "rule_rows",
]

_SIDE = 900  # px: longer side of an overlay in the report
_BUDGET = 3_900_000  # bytes for all overlays together: the page stays under 5 MB
_CROP_BUDGET = 55_000  # bytes for one crop
_MOST_PICTURES = 60  # more would be too small to see within the budget
_MOST_CROPS = 12
_MOST_ROWS = 300  # a table longer than this is read in images.csv
_MOST_GROUPS = 12  # more histograms over each other cannot be told apart


@dataclass(frozen=True)
class Card:
    """A picture with what is known of it."""

    name: str
    source: str | None
    alternative: str
    facts: tuple[tuple[str, str], ...]
    reason: str = ""


@dataclass(frozen=True)
class Drawing:
    """A figure as an `svg` element, with a sentence on how to read it."""

    svg: str
    caption: str


def drawings(content: ReportContent, unit: ReadingUnit) -> Iterator[Drawing]:
    """Yield the figures of all pictures together.

    Parameters
    ----------
    content : ReportContent
    unit : ReadingUnit
    """
    group = content.summary["pooled"]
    if not group["n_used"]:
        return
    sample = _sample(content, group)
    bars = {**group, "histogram": shown_histogram(group, sample)}
    histogram = to_svg(
        size_histogram(bars, unit), name="histogram", tooltips=bar_tooltips(bars, unit)
    )
    yield Drawing(histogram, "Objects per bin. Point at a bar to read its exact values.")
    if np.unique(sample.diameters).size < 2:
        return
    density = to_svg(distribution_curves(sample, group, unit), name="distribution")
    yield Drawing(density, "Smoothed distribution; equal areas hold equal shares.")
    cumulative = to_svg(cumulative_curves(sample, group, unit), name="cumulative")
    yield Drawing(cumulative, "Circles: D10, D50 and D90 with their intervals.")


def condition_drawings(content: ReportContent, unit: ReadingUnit) -> Iterator[Drawing]:
    """Yield the figures that compare conditions; none without a sheet.

    A condition that is the same everywhere has no trend.

    Parameters
    ----------
    content : ReportContent
    unit : ReadingUnit
    """
    groups = content.summary.get("groups") or []
    samples = {group["name"]: _sample(content, group) for group in groups[:_MOST_GROUPS]}
    if any(sample.diameters.size for sample in samples.values()):
        svg = to_svg(condition_histograms(samples, unit), name="conditions")
        rest = len(groups) - len(samples)
        more = f" The first {len(samples)} of {len(groups)} groups." if rest else ""
        yield Drawing(svg, f"Each group adds up to 100 %.{more}")
    for index, trend in enumerate(content.summary.get("trends") or []):
        if len({point["label"] for point in trend["points"]}) > 1:
            svg = to_svg(trend_plot(trend, unit), name=f"trend{index}")
            yield Drawing(svg, "Bars are the intervals of each point.")


def picture_cards(content: ReportContent) -> list[Card]:
    """Return the gallery: every picture with its overlay, as far as there is room.

    Parameters
    ----------
    content : ReportContent
    """
    shown = content.done.head(_MOST_PICTURES)
    budget = _BUDGET // 2 if content.width_pictures else _BUDGET
    room = budget // max(1, len(shown))
    cards = []
    for row in _rows(shown):
        overlay = content.overlays.get(row["image"])
        source = None if overlay is None else jpeg_uri(overlay, side=_SIDE, max_bytes=room)
        objects = found_text(row)
        facts = (
            ("status", row["status"]),
            ("objects", objects.partition(" ")[0]),
            ("pixel size", pixel_size_text(row)),
            ("from", source_text(_text(row, "calibration_source"))),
            ("method", _method(row)),
            *_quality(row),
        )
        name = _text(row, "path") or row["image"]
        alternative = f"{name} with {objects} outlined"
        reason = _text(row, "segmenter_reason")
        cards.append(Card(name, source, alternative, facts, reason))
    return cards


def _quality(row: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield the verdict on a picture and its reason, if it does not pass."""
    verdict = _text(row, "verdict")
    if verdict not in ("", "pass"):
        yield "quality", f"{verdict}: {_text(row, 'verdict_reason')}"


def calibration_cards(content: ReportContent) -> list[Card]:
    """Return the crops with the scale bar, the first dozen.

    Parameters
    ----------
    content : ReportContent
    """
    cards = []
    rows = [row for row in _rows(content.done) if row["image"] in content.bar_crops]
    for row in rows[:_MOST_CROPS]:
        crop = content.bar_crops[row["image"]]
        source = jpeg_uri(crop, side=640, max_bytes=_CROP_BUDGET)
        facts = (("scale bar", _bar(row)), ("pixel size used", pixel_size_text(row)))
        name = _text(row, "path") or row["image"]
        cards.append(Card(name, source, f"scale bar of {name}, its ends marked", facts))
    return cards


def calibration_rows(content: ReportContent) -> list[tuple[str, ...]]:
    """Return a row of text per picture: where its pixel size comes from.

    Parameters
    ----------
    content : ReportContent

    Returns
    -------
    list of tuple of str
        Picture, pixel size, source, relative uncertainty, scale bar, note.
    """
    return [
        (
            _text(row, "path") or row["image"],
            pixel_size_text(row),
            source_text(_text(row, "calibration_source")),
            _percent(row.get("calibration_uncertainty")),
            _bar(row),
            _text(row, "calibration_note"),
        )
        for row in _rows(content.done.head(_MOST_ROWS))
    ]


def group_rows(content: ReportContent, unit: ReadingUnit) -> list[list[ValueRow]]:
    """Return the values of every condition.

    Parameters
    ----------
    content : ReportContent
    unit : ReadingUnit

    Returns
    -------
    list of list of ValueRow
        Per group: its name with the number of pictures and objects, mean, D10, D50, D90
        and density.
    """
    return [
        [
            ValueRow(group["name"], _counts(group), "", ""),
            *(_value(group, key, unit) for key in ("mean", "d10", "d50", "d90")),
            density_row(group),
        ]
        for group in content.summary.get("groups") or []
    ]


def rule_rows(group: Mapping[str, Any], unit: ReadingUnit) -> list[tuple[str, ...]]:
    """Return mean and D50 as each edge rule gives them, side by side.

    Parameters
    ----------
    group : mapping
        "pooled" or one of the "groups" of a summary.
    unit : ReadingUnit

    Returns
    -------
    list of tuple of str
        What the rule does, mean, D50, and what is to be said of it: that it is used, or
        that it failed.
    """
    edge = group.get("edge_rule") or {}
    return [
        (
            rule_text(rule),
            *(_length(values.get(key), unit) for key in ("mean", "d50")),
            _rule_note(rule, values, group),
        )
        for rule, values in (edge.get("by_rule") or {}).items()
    ]


def _sample(content: ReportContent, group: Mapping[str, Any]) -> SizeSample:
    return group_sample(content.objects, content.images, group)


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    return list(table.to_dict("records"))


def _text(row: Mapping[Any, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)


def _method(row: Mapping[Any, Any]) -> str:
    name, choice = _text(row, "segmenter"), choice_text(_text(row, "segmenter_reason"))
    if not choice or choice == f"the model {name}":
        return name or "–"
    return f"{name}: {choice}"


def _percent(share: Any) -> str:
    if share is None or pd.isna(share):
        return "not stated"
    return f"{100 * share:.2g} %"


def _bar(row: Mapping[Any, Any]) -> str:
    text, length = _text(row, "scale_bar_text"), row.get("scale_bar_px")
    return f"{text} = {length:.4g} px" if text and pd.notna(length) else "none read"


def _counts(group: Mapping[str, Any]) -> str:
    return f"{count_text(group['n_images'])}, n = {group['n_used']}"


def _value(group: Mapping[str, Any], key: str, unit: ReadingUnit) -> ValueRow:
    estimate = (group.get("number") or {}).get(key)
    texts = number_text(estimate, factor=unit.factor)
    return ValueRow(key, *texts, unit.name)


def _rule_note(rule: str, values: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    used = "used" if rule == group["edge_rule"]["name"] else ""
    if values.get("failed"):
        return "; ".join(filter(None, [used, f"could not be fitted: {values['failed']}"]))
    # The shape is checked once, on the fit of the rule that is used.
    if rule == TRUNCATED and (group.get("fit") or {}).get("accepted") is False:
        return "; ".join(filter(None, [used, "the fit check does not accept a log-normal"]))
    return used


def _length(value: float | None, unit: ReadingUnit) -> str:
    if value is None:
        return "–"
    return f"{number_text(value, factor=unit.factor, digits=4)[0]} {unit.name}"
