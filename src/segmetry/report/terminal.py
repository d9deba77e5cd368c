"""A run's summary for a terminal: a small table and a histogram made of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.wording import count_of
from segmetry.report.bins import shown_histogram
from segmetry.report.class_lines import class_lines
from segmetry.report.reading import (
    ReadingUnit,
    choose_unit,
    density_text,
    number_text,
    reading_unit,
    reason_text,
)
from segmetry.report.region_lines import region_lines
from segmetry.report.remarks import bias_text, counted_text, group_remarks, rule_text
from segmetry.report.volume_lines import volume_lines

if TYPE_CHECKING:  # pandas comes with it, which a terminal need not wait for
    from segmetry.report.sample import SizeSample

__all__ = ["fit_sentence", "summary_lines"]

_BLOCKS = " ▏▎▍▌▋▊▉█"  # eighths of a character
_MERGE = (1, 2, 5, 10, 20, 50)  # bins in a row: round limits stay round
_TO_BE_TOLD = ("none", "bootstrap by object")  # what else is as it should be
_MOST_ROWS = 20  # about as many as a screen has room for beside the table
_OF_LINES = "Diameters say little of lines: those of the objects are in the report alone."


def summary_lines(
    summary: Mapping[str, Any], *, sample: "SizeSample | None" = None, width: int = 72
) -> list[str]:
    """Return the summary of a run as lines for a terminal.

    Parameters
    ----------
    summary : mapping
        What `segmetry.measure.summarize` returns.
    sample : SizeSample or None
        The objects of its "pooled". Sizes that span decades are then shown in logarithmic
        bins, as in the report; `None` shows the bins of the summary.
    width : int
        Characters in a line of the histogram. Sentences are not wrapped.

    Returns
    -------
    list of str
        Counts, classes, a table of values with their intervals, a histogram, edge rule,
        fit, planner, groups, regions and warnings. Values that are missing appear as a
        dash.
    """
    pooled = dict(summary["pooled"])
    if sample is not None:
        pooled["histogram"] = shown_histogram(pooled, sample)
    volumes = list(volume_lines(summary))
    lines = [] if volumes and not summary["n_images"] else [_counts_line(summary)]
    classes = list(class_lines(summary))
    lines += [*volumes, *(["", *classes] if classes else [])]
    lines += _thin_lines(summary.get("thin"))
    if summary.get("thin"):
        lines += ["", _OF_LINES]
    elif pooled["n_used"]:
        lines += _measured(summary, pooled, width)
    regions = list(region_lines(summary))
    lines += ["", *regions] if regions else []
    warnings = dict.fromkeys([*summary.get("warnings", []), *pooled.get("warnings", [])])
    lines += [""] if warnings else []
    return lines + [f"Warning: {warning}" for warning in warnings]


def _measured(
    summary: Mapping[str, Any], pooled: Mapping[str, Any], width: int
) -> list[str]:
    """Return all that needs at least one object."""
    unit = reading_unit(pooled)
    lines = ["", *_table(_rows(pooled, unit), level=_level(pooled))]
    histogram = _summary_histogram(pooled, unit, width)
    lines += ["", *histogram, ""] if histogram else [""]
    lines += _sentences(pooled, unit)
    if summary.get("groups"):
        lines += ["", "By condition"]
        lines += _table(_group_rows(summary["groups"], unit), level=_level(pooled))
        lines += [f"Note: {text}" for text in group_remarks(summary["groups"])]
    return lines


def _counts_line(summary: Mapping[str, Any]) -> str:
    failed = summary.get("n_failed") or 0
    parts = [count_of(summary["n_images"], "picture")]
    parts += [f"{failed} failed"] if failed else []
    parts += [count_of(summary["n_objects"], "object")]
    parts += [counted] if (counted := counted_text(summary)) else []
    parts += [f"{summary['pooled']['n_used']} used for sizes"]
    return ", ".join(parts)


def _thin_lines(thin: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what is said of thin structures."""
    if not (thin and thin["pictures"]):
        return
    pooled, unit = thin["pooled"], thin["unit"]
    counts = [
        count_of(int(pooled[name]["value"]), word)
        for name, word in (("n_segments", "segment"), ("n_branch_points", "branch point"))
    ]
    yield f"Thin structures: {', '.join(counts)}"
    for name, title in (
        ("total_length", "total length"),
        ("width_mean", "mean width"),
        ("width_grey_mean", "mean width from grey values"),
    ):
        number = pooled.get(f"{name}_{unit}") or {"value": None}
        read = choose_unit(number["value"], unit)
        value, between = number_text(number, factor=read.factor, digits=4)
        if value != "–":
            yield f"  {title} {value} {read.name}{f' ({between})' if between else ''}"


def _level(group: Mapping[str, Any]) -> str:
    return f"{100 * group.get('intervals', {}).get('level', 0.95):g} % interval"


def _rows(
    group: Mapping[str, Any], unit: ReadingUnit
) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, value, interval and unit of each line of the table."""
    number, volume = group.get("number", {}), group.get("volume", {})
    for key in ("mean", "median", "sd"):
        yield (key, *number_text(number.get(key), factor=unit.factor), unit.name)
    for key in ("d10", "d50", "d90"):
        texts = number_text(number.get(key), factor=unit.factor)
        yield (f"{key.upper()} (number)", *texts, unit.name)
    if "refused" not in volume:
        for key in ("d10", "d50", "d90"):
            texts = number_text(volume.get(key), factor=unit.factor)
            yield (f"{key.upper()} (volume)", *texts, unit.name)
    yield ("density", *density_text(group.get("density")))


def _group_rows(
    groups: Sequence[Mapping[str, Any]], unit: ReadingUnit
) -> Iterator[tuple[str, str, str, str]]:
    for group in groups:
        estimate = group.get("number", {}).get("d50")
        name = f"{group['name']}, n = {group['n_used']}, D50"
        yield (name, *number_text(estimate, factor=unit.factor), unit.name)


def _table(rows: Iterator[tuple[str, str, str, str]], *, level: str) -> Iterator[str]:
    table = [("diameter", "", level, ""), *rows]
    names, values, intervals = (max(len(row[i]) for row in table) for i in range(3))
    for name, value, interval, unit in table:
        unit_here = unit if value != "–" else ""
        line = f"{name:<{names}}  {value:>{values}} {unit_here:<5}  {interval:<{intervals}}"
        yield line.rstrip()


def _summary_histogram(
    group: Mapping[str, Any], unit: ReadingUnit, width: int
) -> list[str]:
    """Return the histogram of a summary, its bins merged until they fit a screen."""
    histogram = group.get("histogram") or {}
    counts = np.asarray(histogram.get("counts") or [], dtype=float)
    if not counts.sum() > 0:
        return []
    step = next(n for n in _MERGE if counts.size <= n * _MOST_ROWS or n == _MERGE[-1])
    places = _places(histogram)
    early = int(places[0]) % step  # bins before the first, to start on a round limit
    merged = np.add.reduceat(
        np.pad(counts, (early, 0)), np.arange(0, counts.size + early, step)
    )
    places = places[0] - early + step * np.arange(merged.size + 1)
    return list(_bars(_limits(places, histogram, unit), merged, width, unit.name))


def _places(histogram: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the limits of the bins, counted in bins from 0, or from 1 if logarithmic."""
    edges = np.asarray(histogram["edges"], dtype=float)
    per_decade = histogram.get("bins_per_decade")
    places = np.log10(edges) * per_decade if per_decade else edges / (edges[1] - edges[0])
    return np.asarray(np.rint(places))


def _limits(
    places: NDArray[np.float64], histogram: Mapping[str, Any], unit: ReadingUnit
) -> list[str]:
    """Return limits of bins as texts with the digits that they need."""
    if per_decade := histogram.get("bins_per_decade"):
        edges = 10.0 ** (places / per_decade) * unit.factor
        return [number_text(edge)[0] for edge in edges]
    first, second = histogram["edges"][:2]
    step = (second - first) * unit.factor
    decimals = next((d for d in range(12) if _is_whole(step * 10**d)), 12)
    return [f"{place * step:.{decimals}f}" for place in places]


def _sentences(group: Mapping[str, Any], unit: ReadingUnit) -> Iterator[str]:
    """Yield what must be known to read the numbers."""
    edge = group.get("edge_rule") or {}
    if edge:
        yield f"Edge rule: {rule_text(edge['name'])}. {bias_text(edge)}".rstrip(". ")
    intervals = group.get("intervals") or {}
    if intervals.get("method") in _TO_BE_TOLD:
        yield f"Intervals: {intervals.get('note') or 'none'}"
    refused = group.get("volume", {}).get("refused")
    if refused:
        yield f"No numbers by volume{reason_text(refused)}."
    yield fit_sentence(group.get("fit"), unit)
    planner = (group.get("planner") or {}).get("sentence")
    if planner:
        yield f"Planner: {planner}"


def fit_sentence(fit: Mapping[str, Any] | None, unit: ReadingUnit) -> str:
    """Return the verdict of the fit in one sentence.

    Parameters
    ----------
    fit : mapping or None
        "fit" of a group of a summary.
    unit : ReadingUnit
    """
    if not fit:
        return "Fit: none"
    if not fit.get("accepted"):
        return f"Fit: {fit['family']} refused{reason_text(fit.get('reason'))}"
    median = number_text(fit.get("median"), factor=unit.factor)[0]
    gsd = number_text(fit.get("gsd"))[0]
    return f"Fit: {fit['family']} accepted, median {median} {unit.name}, GSD {gsd}"


def _bars(
    limits: Sequence[str], counts: NDArray[np.float64], width: int, unit: str
) -> Iterator[str]:
    longest = max(len(limit) for limit in limits)
    totals = [f"{count:.0f}" for count in counts]
    room = width - 2 * longest - len(unit) - 6 - max(len(total) for total in totals)
    room = max(room, 4)
    for low, high, count, total in zip(limits, limits[1:], counts, totals, strict=False):
        bar = _bar(count / counts.max() * room)
        yield f"{low:>{longest}} – {high:>{longest}} {unit} {bar:<{room}} {total}"


def _is_whole(number: float) -> bool:
    return bool(number > 0.5 and abs(number - round(number)) < 1e-6 * number)


def _bar(length: float) -> str:
    eighths = round(length * 8)
    return ("█" * (eighths // 8) + _BLOCKS[eighths % 8]).rstrip()
