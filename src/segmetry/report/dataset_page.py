"""The report on a set of pictures, as one HTML page that needs nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmetry.report.bins import is_wide, log_edges
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.content import Picture
from segmetry.report.dataset_text import finding_counts, number, spread_text, whole
from segmetry.report.embedding import jpeg_uri
from segmetry.report.palette import SERIES
from segmetry.report.rendering import rendered
from segmetry.report.sections import Card, Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DatasetContent", "dataset_html"]

_SIDE = 240  # px: samples are stamps
_SUSPECT_SIDE = 620
_STAMP_BUDGET = 30_000  # bytes of one sample
_SUSPECT_BUDGET = 90_000
_MOST_ROWS = 400  # a table longer than this is read in description.json
_MOST_VALUES = 8  # shapes in one table
_MOST_BINS = 40
_ENOUGH = 10  # pictures, for a histogram of their counts to have a shape


@dataclass(frozen=True, eq=False)
class DatasetContent:
    """All that the report on a set shows.

    Parameters
    ----------
    title : str
    told : mapping
        What `segmetry.dataset.Description.to_json` returns.
    diameters : mapping
        Diameters of all objects of each part, in pixels.
    stamps : mapping
        Small pictures by name: of the samples of each type, and of near-duplicates.
    suspects : mapping
        Overlays of pictures that have a finding, by name.
    version : str
        Version of Segmetry.
    """

    title: str
    told: Mapping[str, Any]
    diameters: Mapping[str, NDArray[np.float64]]
    stamps: Mapping[str, Picture] = field(default_factory=dict)
    suspects: Mapping[str, Picture] = field(default_factory=dict)
    version: str = ""


def dataset_html(content: DatasetContent) -> str:
    """Return the report on a set as the text of an HTML page.

    Parameters
    ----------
    content : DatasetContent

    Returns
    -------
    str
        Self-contained; equal content gives equal text.
    """
    told = content.told
    pairs = told["near_duplicates"]
    return rendered(
        "dataset.html",
        {
            "content": content,
            "told": told,
            "headlines": list(_headlines(told)),
            "tallies": list(_tallies(told)),
            "spreads": list(_spreads(told)),
            "drawings": list(_drawings(content)),
            "types": [(kind, _stamps(content, kind["samples"])) for kind in told["types"]],
            "pairs": [
                (pair, _stamps(content, [pair["first"], pair["second"]])) for pair in pairs
            ],
            "n_leaks": sum(pair["between_parts"] for pair in pairs),
            "finding_counts": finding_counts(told),
            "findings": told["findings"][:_MOST_ROWS],
            "suspects": list(_suspects(content)),
            "pictures": told["pictures"][:_MOST_ROWS],
            "most_rows": _MOST_ROWS,
            "number": number,
        },
    )


def _headlines(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, value, unit and remark of what is said first."""
    masks = f"{told['n_annotated']:,} with a mask"
    yield "pictures", f"{told['n_pictures']:,}", "", masks
    yield "objects", f"{told['n_objects']:,}", "", ""
    if told["typical_diameter_px"] is not None:
        typical = number(told["typical_diameter_px"])
        yield "typical object diameter", typical, "px", "median of the medians of pictures"
    for name, key, factor, unit in (
        ("objects in a picture, median", "objects_per_picture", 1, ""),
        ("covered by objects, median", "covered", 100, "%"),
    ):
        spread = told[key]
        if spread:
            if key == "objects_per_picture":
                spread = whole(spread)
            low, median, high = (
                number(spread[at] * factor) for at in ("p05", "median", "p95")
            )
            yield name, median, unit, f"90 % from {low} to {high}"


def _tallies(told: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, int]], int]]:
    """Yield what differs between pictures: its name, values with counts, how many more."""
    for name, key, value in (
        ("size / px", "shapes", "shape"),
        ("channels", "channels", "channels"),
        ("values", "values", "values"),
        ("masks", "mask_origins", "mask_origin"),
    ):
        rows = [(_text(row[value]), row["n_pictures"]) for row in told[key]]
        if rows:
            yield name, rows[:_MOST_VALUES], len(rows[_MOST_VALUES:])


def _spreads(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, key, factor, unit in (
        ("diameter of all objects", "diameter_px", 1, " px"),
        ("objects in a picture", "objects_per_picture", 1, ""),
        ("share covered by objects", "covered", 100, " %"),
    ):
        if told[key]:
            spread = {at: value * factor for at, value in told[key].items()}
            if key == "objects_per_picture":
                spread = whole(spread)
            yield name, f"{spread_text(spread)}{unit}"


def _text(value: Any) -> str:
    return " × ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _drawings(content: DatasetContent) -> Iterator[Drawing]:
    filled = {part: sizes for part, sizes in content.diameters.items() if len(sizes)}
    if filled:
        figure = _histogram(filled, "equivalent diameter / px", "Sizes of objects")
        caption = "Diameters of discs (in stacks, balls) of equal size."
        yield Drawing(to_svg(figure, name="sizes"), caption)
    counts = {
        part: np.array(found, dtype=float) for part, found in _counts(content.told).items()
    }
    if sum(len(found) for found in counts.values()) >= _ENOUGH:
        figure = _histogram(counts, "objects in a picture", "Counts", unit="pictures")
        yield Drawing(to_svg(figure, name="counts"), "Pictures by their number of objects.")


def _counts(told: Mapping[str, Any]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in told["pictures"]:
        if row["n_objects"]:
            found.setdefault(row["part"], []).append(row["n_objects"])
    return found


def _histogram(
    samples: Mapping[str, NDArray[np.float64]],
    label: str,
    title: str,
    *,
    unit: str = "objects",
) -> "Figure":
    """Return the histogram of each part; several as shares, so that they compare."""
    pooled = np.concatenate(list(samples.values()))
    wide = is_wide(pooled)
    edges = log_edges(pooled) if wide else _even_edges(pooled)
    several = len(samples) > 1
    with drawing_style():
        figure, axes = blank_figure()
        for index, (part, values) in enumerate(samples.items()):
            counts, _ = np.histogram(values, edges)
            heights = 100 * counts / len(values) if several else counts
            color = SERIES[index % len(SERIES)]
            told = f"{part} (n = {len(values):,})"
            axes.stairs(
                heights, edges, fill=True, alpha=0.15 if several else 0.4, color=color
            )
            axes.stairs(heights, edges, color=color, lw=1.8, label=told)
        axes.set_xlabel(label)
        axes.set_ylabel(f"{unit} per bin" + (" / %" if several else ""))
        axes.set_title(f"{title}, n = {len(pooled):,}")
        axes.set_ylim(bottom=0)
        if wide:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter("{x:g}")
        if several:
            axes.legend(loc="best")
    return figure


def _even_edges(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return limits of bins after Freedman and Diaconis, 40 at most."""
    edges = np.histogram_bin_edges(values, "fd")
    if len(edges) > _MOST_BINS + 1:
        edges = np.histogram_bin_edges(values, _MOST_BINS)
    return np.asarray(edges)


def _stamps(content: DatasetContent, names: Sequence[str]) -> list[Card]:
    return [
        Card(name, _uri(content.stamps, name, _SIDE, _STAMP_BUDGET), f"Picture {name}", ())
        for name in names
    ]


def _suspects(content: DatasetContent) -> Iterator[Card]:
    for name in content.suspects:
        source = _uri(content.suspects, name, _SUSPECT_SIDE, _SUSPECT_BUDGET)
        sentences = [
            ("found", finding["sentence"])
            for finding in content.told["findings"]
            if finding["name"] == name
        ]
        yield Card(name, source, f"Picture {name} with its mask", tuple(sentences))


def _uri(pictures: Mapping[str, Picture], name: str, side: int, budget: int) -> str | None:
    picture = pictures.get(name)
    return None if picture is None else jpeg_uri(picture, side=side, max_bytes=budget)
