"""The files of a comparison: tables, JSON, and a page with pictures."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from segmetry import __version__, io
from segmetry.compare.comparison import Comparison
from segmetry.compare.judging import Rules
from segmetry.compare.methods import Method
from segmetry.compare.pictures import AnnotatedSet, Entry, picture_of, read_truth
from segmetry.compare.store import Store
from segmetry.compare.tables import differences_table, leaderboard, pictures_table
from segmetry.errors import SegmetryError
from segmetry.evaluate import SCORES
from segmetry.image import Image, Labels
from segmetry.report.comparison import ComparisonContent, Drawn, MethodRow, comparison_html
from segmetry.report.overlay import draw_overlay

__all__ = ["RESULTS", "write_comparison"]

_LEADERBOARD, _PICTURES = "leaderboard.csv", "pictures.csv"
_DIFFERENCES, _VALUES, _PAGE = "differences.csv", "compare.json", "compare.html"
RESULTS = (_LEADERBOARD, _PICTURES, _DIFFERENCES, _VALUES, _PAGE, "found")


def write_comparison(
    out: Path,
    found: Comparison,
    methods: Sequence[Method],
    pictures: AnnotatedSet,
    rules: Rules,
) -> None:
    """Write the tables, the JSON and the page of a comparison.

    Parameters
    ----------
    out : Path
    found : Comparison
    methods : sequence of Method
    pictures : AnnotatedSet
    rules : Rules

    Raises
    ------
    WriteError
        If one cannot be written.
    """
    io.write_table(out / _LEADERBOARD, leaderboard(found, methods))
    io.write_table(out / _PICTURES, pictures_table(found, pictures))
    io.write_table(out / _DIFFERENCES, differences_table(found))
    io.write_json(out / _VALUES, found.as_json())
    io.write_text(
        out / _PAGE, comparison_html(_content(out, found, methods, pictures, rules))
    )


def _content(
    out: Path,
    found: Comparison,
    methods: Sequence[Method],
    pictures: AnnotatedSet,
    rules: Rules,
) -> ComparisonContent:
    store = Store(out, rules)
    by_label = {one.label: one for one in methods}
    return ComparisonContent(
        title="Methods compared",
        task=found.task,
        score=found.score,
        rows=tuple(_method_row(found, label) for label in found.methods),
        differences=found.differences,
        reference=found.reference,
        notes=(*found.notes, *_failures(found)),
        drawn=tuple(_drawn(found, by_label, pictures, store)),
        version=__version__,
    )


def _method_row(found: Comparison, label: str) -> MethodRow:
    evaluation, price = found.evaluations[label], found.prices[label]
    return MethodRow(
        label,
        evaluation,
        found.how.get(label, ""),
        price.cpu_s,
        price.cpu_s_per_megapixel,
        price.memory_mb,
    )


def _failures(found: Comparison) -> Iterator[str]:
    for one in found.failed:
        yield f"{one.method} on {one.picture}: {one.reason}"


def _drawn(
    found: Comparison,
    methods: dict[str, Method],
    pictures: AnnotatedSet,
    store: Store,
) -> Iterator[Drawn]:
    """Yield the best, the median and the worst picture with the outlines of each method."""
    by_name = {entry.name: entry for entry in pictures.entries}
    for place, name in _examples(found).items():
        entry = by_name[name]
        with suppress(SegmetryError):  # told as a failure already
            image, truth = _shown(entry, methods[found.methods[0]])
            yield Drawn(place, name, "truth", "", draw_overlay(Labels(truth, image)))
            for label in found.methods:
                labels = store.labels(methods[label], entry)
                value = found.evaluations[label].pictures.get(name, {}).get(found.score)
                if labels is not None and value is not None:
                    outlines = draw_overlay(Labels(labels, image))
                    yield Drawn(place, name, label, f"{value:.3f}", outlines)


def _shown(entry: Entry, method: Method) -> tuple[Image, np.ndarray]:
    return picture_of(entry, method.recipe), read_truth(entry)[0]


def _examples(found: Comparison) -> dict[str, str]:
    """Return the picture on which the methods do best, middling and worst, by name."""
    judged = sorted({one.picture for one in found.outcomes if not one.failed})
    sign = 1.0 if SCORES[found.score].aim == "high" else -1.0
    means = {}
    for name in judged:
        values = [
            sign * row[name].get(found.score, np.nan)
            for label in found.methods
            if name in (row := found.evaluations[label].pictures)
        ]
        if np.isfinite(values).any():
            means[name] = float(np.nanmean(values))
    ordered = sorted(means, key=lambda name: (-means[name], name))
    if not ordered:
        return {}
    at = {"best": 0, "median": len(ordered) // 2, "worst": len(ordered) - 1}
    names: dict[str, str] = {}
    for place, rank in at.items():
        if ordered[rank] not in names.values():
            names[place] = ordered[rank]
    return names
