"""The page of an evaluation: scores beside a baseline, figures, and its mistakes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import (
    DSB_THRESHOLDS,
    HEADLINES,
    SCORES,
    Evaluation,
    MeanScore,
)
from segmetry.report.canvas import to_svg
from segmetry.report.class_scores import CLASS_COLUMNS, class_rows, confusion_rows
from segmetry.report.embedding import jpeg_uri
from segmetry.report.evaluation_figures import (
    agreement_plot,
    group_plot,
    picture_plot,
    precision_plot,
)
from segmetry.report.rendering import rendered
from segmetry.report.scores import (
    group_sizes,
    missing_intervals,
    score_number,
    score_text,
)
from segmetry.report.sections import Card, Drawing
from segmetry.report.verdicts import signed, verdict

__all__ = ["Crop", "EvaluationContent", "evaluation_html"]

_NONE = "–"
_COUNTED = {"n_predicted": "found", "n_true": "true"}
_CROP_SIDE, _CROP_BYTES = 400, 60_000
_WHOLE_SIDE, _WHOLE_BYTES = 900, 300_000
_KINDS: Mapping[str, tuple[str, str]] = {
    "missed": ("Missed", "True objects that nothing was found for."),
    "invented": ("Invented", "Found objects where there is none."),
    "split": ("Split", "True objects cut into two or more."),
    "merged": ("Merged", "Two or more true objects found as one."),
    "outline": (
        "Worst outlines",
        "A found and a true object that belong together and fit least.",
    ),
    "worst": (
        "Worst pictures",
        (
            "What is dim lies outside the field of view and counts for nothing. All "
            "pictures are in the folder errors beside this page."
        ),
    ),
    "best": ("Best pictures", "The same for those that fit best."),
}
_WHOLE = ("worst", "best")  # whole pictures, in which a line one pixel wide must be seen
_MOST_ROWS = 300
# Precision at the other thresholds is drawn; ten rows of it hide what matters.
_IN_FIGURE = {f"dsb_precision_{round(100 * level)}" for level in DSB_THRESHOLDS} - {
    "dsb_precision_50",
    "dsb_precision_75",
}


@dataclass(frozen=True, eq=False)
class Crop:
    """A drawn mistake with what is to be said of it."""

    kind: str
    picture: str
    pixels: NDArray[np.uint8]
    note: str


@dataclass(frozen=True, eq=False)
class EvaluationContent:
    """All that the page of an evaluation shows.

    Parameters
    ----------
    title : str
    evaluation : Evaluation
    others : mapping of str to Evaluation
        What it is compared with: "baseline", "other prediction".
    meanings : mapping of str to str
        What names in the tables stand for.
    gains : mapping of str to mapping
        For each of the others, how much higher the prediction scores, paired.
    comparisons : sequence of str
        What these differences are worth, one sentence for each of the others.
    notes : sequence of str
        What a person should know: missing predictions, pictures that failed.
    crops : sequence of Crop
    second : (Evaluation, mapping of str to Evaluation) or None
        The prediction, and what it is compared with, against a second observer.
    settings : mapping of str to Any
        "level", "resampled" and "n_units".
    version : str
    """

    title: str
    evaluation: Evaluation
    others: Mapping[str, Evaluation]
    meanings: Mapping[str, str]
    gains: Mapping[str, Mapping[str, MeanScore]]
    comparisons: Sequence[str]
    notes: Sequence[str]
    settings: Mapping[str, Any]
    version: str
    crops: Sequence[Crop] = field(default_factory=tuple)
    second: tuple[Evaluation, Mapping[str, Evaluation]] | None = None


def evaluation_html(content: EvaluationContent) -> str:
    """Return the page of an evaluation as the text of an HTML file.

    Parameters
    ----------
    content : EvaluationContent

    Returns
    -------
    str
        Self-contained: style, figures and crops are inside.
    """
    evaluation = content.evaluation
    return rendered(
        "evaluation.html",
        {
            "content": content,
            "evaluation": evaluation,
            "missing_intervals": missing_intervals(evaluation),
            "level": f"{100 * content.settings['level']:g} %",
            "headlines": list(_headlines(content)),
            "others": list(content.others),
            "meanings": list(content.meanings.items()),
            "gains": list(_gains(content)),
            "rows": list(_rows(content.evaluation, content.others)),
            "second": None if content.second is None else _second(*content.second),
            "drawings": list(_drawings(content)),
            "groups": list(_groups(content)),
            "class_columns": CLASS_COLUMNS,
            "classes": class_rows(evaluation.classes),
            "confusion": confusion_rows(evaluation.classes),
            "galleries": list(_galleries(content.crops)),
            "picture_table": _picture_table(evaluation),
        },
    )


def _headlines(content: EvaluationContent) -> Iterator[tuple[str, str, str]]:
    scores = content.evaluation.scores
    for name in HEADLINES[content.evaluation.task]:
        value, interval = score_text(name, scores.get(name))
        if value != _NONE:
            yield SCORES[name].title, value, interval


def _gains(content: EvaluationContent) -> Iterator[tuple[str, list[dict[str, str]]]]:
    for other, gain in content.gains.items():
        rows = [
            {
                "title": SCORES[name].title,
                "value": signed(name, score.value),
                "interval": f"{signed(name, score.low)} to {signed(name, score.high)}",
                "verdict": verdict(name, score),
            }
            for name, score in gain.items()
            if SCORES[name].aim != "zero"
        ]
        if rows:
            yield other, rows


def _second(evaluation: Evaluation, others: Mapping[str, Evaluation]) -> dict[str, Any]:
    return {
        "n": len(evaluation.pictures),
        "others": list(others),
        "rows": list(_rows(evaluation, others)),
    }


def _rows(
    evaluation: Evaluation, others: Mapping[str, Evaluation]
) -> Iterator[dict[str, Any]]:
    for name, score in evaluation.scores.items():
        if name in _IN_FIGURE:
            continue
        value, interval = score_text(name, score)
        yield {
            "title": SCORES[name].title,
            "name": name,
            "formula": SCORES[name].formula,
            "value": value,
            "interval": interval,
            "others": [
                score_text(name, other.scores.get(name)) for other in others.values()
            ],
        }


def _drawings(content: EvaluationContent) -> Iterator[Drawing]:
    evaluation = content.evaluation
    named = [("prediction", evaluation), *content.others.items()]
    first = next(iter(HEADLINES[evaluation.task]))
    has_intervals = math.isfinite(evaluation.scores[first].low)
    if evaluation.task == "objects":
        svg = to_svg(precision_plot(named), name="precision")
        caption = "The stricter the overlap, the fewer matches."
        yield Drawing(svg, f"{caption} Bands: intervals." if has_intervals else caption)
    if evaluation.groups:
        svg = to_svg(group_plot(named, first), name="groups")
        caption = "Groups of pictures, with their number in brackets."
        yield Drawing(svg, f"{caption} Bars: intervals." if has_intervals else caption)
    if len(evaluation.pictures) > 1:
        svg = to_svg(picture_plot(evaluation, first), name="pictures")
        yield Drawing(svg, "Every picture; the dashed line is the mean.")
    if evaluation.task not in ("pixels", "classes") and len(evaluation.pictures) > 1:
        counts = {
            name: (row["n_predicted"], row["n_true"])
            for name, row in evaluation.pictures.items()
        }
        svg = to_svg(agreement_plot(counts, evaluation), name="agreement")
        caption = "Error of the count (Bland and Altman): bias, and limits of agreement."
        yield Drawing(svg, f"{caption} Bands: intervals." if has_intervals else caption)


def _groups(content: EvaluationContent) -> Iterator[dict[str, Any]]:
    """Yield the headline scores of each group beside those of the others."""
    evaluation = content.evaluation
    sizes = group_sizes(evaluation)
    for group, scores in evaluation.groups.items():
        beside = [other.groups.get(group, {}) for other in content.others.values()]
        yield {
            "name": group,
            "size": sizes[group],
            "rows": [
                {
                    "title": SCORES[name].title,
                    "formula": SCORES[name].formula,
                    "texts": [
                        score_text(name, part.get(name)) for part in (scores, *beside)
                    ],
                }
                for name in HEADLINES[evaluation.task]
                if name in scores
            ],
        }


def _picture_table(evaluation: Evaluation) -> dict[str, Any]:
    first = next(iter(HEADLINES[evaluation.task]))
    names = [
        name
        for name in (*HEADLINES[evaluation.task], "n_predicted", "n_true")
        if any(name in row for row in evaluation.pictures.values())
    ]
    ordered = sorted(
        evaluation.pictures,
        key=lambda name: evaluation.pictures[name].get(first, math.nan),
        reverse=first == "count_mae",
    )
    return {
        "head": [_COUNTED.get(name) or SCORES[name].title for name in names],
        "rows": [
            (name, [_cell(key, evaluation.pictures[name].get(key)) for key in names])
            for name in ordered[:_MOST_ROWS]
        ],
        "n_hidden": max(0, len(ordered) - _MOST_ROWS),
    }


def _cell(name: str, value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return _NONE
    return score_number(name, value) if name in SCORES else f"{value:g}"


def _galleries(crops: Sequence[Crop]) -> Iterator[dict[str, Any]]:
    for kind, (title, meaning) in _KINDS.items():
        own = [crop for crop in crops if crop.kind == kind]
        if own:
            yield {
                "title": title,
                "meaning": meaning,
                "whole": kind in _WHOLE,
                "cards": [_card(crop) for crop in own],
            }


def _card(crop: Crop) -> Card:
    side, most = _CROP_SIDE, _CROP_BYTES
    if crop.kind in _WHOLE:
        side, most = _WHOLE_SIDE, _WHOLE_BYTES
    return Card(
        name=crop.picture,
        source=jpeg_uri(crop.pixels, side=side, max_bytes=most),
        alternative=f"{_KINDS[crop.kind][0]} in {crop.picture}: {crop.note}",
        facts=(),
        reason=crop.note,
    )
