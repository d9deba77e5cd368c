"""The page of a comparison: methods in order, their differences, and what they found."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import HEADLINES, SCORES, Evaluation, Task
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.embedding import jpeg_uri
from segmetry.report.palette import ACCENT
from segmetry.report.rendering import rendered
from segmetry.report.scores import score_text
from segmetry.report.sections import Card, Drawing
from segmetry.report.verdicts import signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ComparisonContent", "Drawn", "MethodRow", "comparison_html", "forest_plot"]

_NONE = "–"
_CARD_SIDE, _CARD_BYTES = 900, 150_000
_BUDGET = 5_000_000  # bytes of all pictures of a page
_ROW_INCHES = 0.27
_PLACES = {
    "best": "The picture on which the methods do best",
    "median": "A middling picture",
    "worst": "The picture on which they do worst",
}


class PairedDifference(Protocol):
    """What a paired difference of two methods tells."""

    @property
    def method(self) -> str: ...
    @property
    def other(self) -> str: ...
    @property
    def score(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def n(self) -> int: ...
    @property
    def p_holm(self) -> float: ...
    @property
    def says(self) -> str: ...


@dataclass(frozen=True, eq=False)
class MethodRow:
    """A method with its scores and what it takes.

    Parameters
    ----------
    label : str
    evaluation : Evaluation
    learned : str
        How it was taught; "" where it was not.
    cpu_s, cpu_s_per_megapixel, memory_mb : float
        NaN where not known.
    """

    label: str
    evaluation: Evaluation
    learned: str
    cpu_s: float
    cpu_s_per_megapixel: float
    memory_mb: float


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture with the outlines of one method, or of the truth."""

    place: str
    picture: str
    method: str
    note: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ComparisonContent:
    """All that the page of a comparison shows.

    Parameters
    ----------
    title : str
    task : {"objects", "pixels"}
    score : str
        Orders the methods.
    rows : sequence of MethodRow
        The best first.
    differences : sequence of PairedDifference
    reference : str
    notes : sequence of str
    version : str
    drawn : sequence of Drawn
    """

    title: str
    task: Task
    score: str
    rows: Sequence[MethodRow]
    differences: Sequence[PairedDifference]
    reference: str
    notes: Sequence[str]
    version: str
    drawn: Sequence[Drawn] = field(default_factory=tuple)


def comparison_html(content: ComparisonContent) -> str:
    """Return the page of a comparison as the text of an HTML file.

    Parameters
    ----------
    content : ComparisonContent

    Returns
    -------
    str
        Self-contained: style, figures and pictures are inside.
    """
    heads = [name for name in HEADLINES[content.task] if name in _known(content.rows)]
    heads = [content.score, *(name for name in heads if name != content.score)]
    return rendered(
        "comparison.html",
        {
            "content": content,
            "score": SCORES[content.score].title,
            "n_pictures": max(len(row.evaluation.pictures) for row in content.rows),
            "n_units": max(row.evaluation.n_units for row in content.rows),
            "heads": [SCORES[name].title for name in heads],
            "rows": [_row(row, heads) for row in content.rows],
            "drawings": list(_drawings(content)),
            "differences": list(_differences(content)),
            "groups": list(_groups(content)),
            "galleries": list(_galleries(content)),
        },
    )


def forest_plot(rows: Sequence[MethodRow], score: str) -> "Figure":
    """Return a score of each method with its interval, the best on top.

    Parameters
    ----------
    rows : sequence of MethodRow
    score : str
        Name of a score.
    """
    found = [row.evaluation.scores.get(score) for row in rows]
    value, low, high = (
        np.array([math.nan if one is None else getattr(one, end) for one in found])
        for end in ("value", "low", "high")
    )
    error = np.nan_to_num(np.stack([value - low, high - value]), nan=0.0)
    at = np.arange(len(rows))
    with drawing_style():
        figure, axes = blank_figure(height=0.9 + _ROW_INCHES * len(rows))
        axes.errorbar(
            value, at, xerr=np.maximum(error, 0), fmt="o", ms=5, color=ACCENT, capsize=3,
            elinewidth=1.5,
        )  # fmt: skip
        axes.set_yticks(at, [row.label for row in rows])
        axes.invert_yaxis()
        axes.set_xlabel(SCORES[score].title)
        if SCORES[score].high == 1:
            axes.set_xlim(0, 1)
        axes.grid(visible=False, axis="y")
    return figure


def _known(rows: Sequence[MethodRow]) -> set[str]:
    return {name for row in rows for name in row.evaluation.scores}


def _row(row: MethodRow, heads: Sequence[str]) -> dict[str, Any]:
    scores = row.evaluation.scores
    return {
        "label": row.label,
        "learned": row.learned,
        "n": len(row.evaluation.pictures),
        "scores": [score_text(name, scores.get(name)) for name in heads],
        "seconds": _number(row.cpu_s),
        "per_megapixel": _number(row.cpu_s_per_megapixel),
        "memory": f"{row.memory_mb:.0f}" if math.isfinite(row.memory_mb) else _NONE,
    }


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else _NONE


def _drawings(content: ComparisonContent) -> Iterator[Drawing]:
    svg = to_svg(forest_plot(content.rows, content.score), name="forest")
    yield Drawing(svg, "Mean over pictures; bars are 95 % intervals, where there are any.")


def _differences(content: ComparisonContent) -> Iterator[dict[str, Any]]:
    others = dict.fromkeys(one.other for one in content.differences)
    for other in others:
        own = [one for one in content.differences if one.other == other]
        yield {
            "other": other,
            "rows": [
                {
                    "method": one.method,
                    "value": _signed(one.score, one.value),
                    "interval": _interval(one),
                    "n": one.n,
                    "p": f"{one.p_holm:.2g}" if math.isfinite(one.p_holm) else _NONE,
                    "says": one.says,
                }
                for one in own
            ],
        }


def _signed(score: str, value: float) -> str:
    return signed(score, value) if math.isfinite(value) else _NONE


def _interval(one: PairedDifference) -> str:
    if not math.isfinite(one.low):
        return "no interval"
    return f"{signed(one.score, one.low)} to {signed(one.score, one.high)}"


def _groups(content: ComparisonContent) -> Iterator[dict[str, Any]]:
    names = dict.fromkeys(name for row in content.rows for name in row.evaluation.groups)
    for name in sorted(names):
        scores = [
            row.evaluation.groups.get(name, {}).get(content.score) for row in content.rows
        ]
        yield {
            "name": name,
            "n": max((one.n for one in scores if one is not None), default=0),
            "texts": [score_text(content.score, one) for one in scores],
        }


def _galleries(content: ComparisonContent) -> Iterator[dict[str, Any]]:
    room = min(_CARD_BYTES, _BUDGET // max(1, len(content.drawn)))
    for place, title in _PLACES.items():
        own = [one for one in content.drawn if one.place == place]
        if own:
            cards = [_card(one, room) for one in own]
            yield {"title": f"{title}: {own[0].picture}", "cards": cards}


def _card(one: Drawn, room: int) -> Card:
    return Card(
        name=one.method,
        source=jpeg_uri(one.pixels, side=_CARD_SIDE, max_bytes=room),
        alternative=f"Outlines of {one.method} in {one.picture}",
        facts=(),
        reason=one.note,
    )
