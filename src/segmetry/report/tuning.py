"""The page of a tuning: what it is worth, what was tried, and which options mattered."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segmetry.evaluate import SCORES, MeanScore
from segmetry.measure.wording import count_of
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.comparison import PairedDifference
from segmetry.report.palette import ACCENT, SERIES
from segmetry.report.rendering import rendered
from segmetry.report.scores import score_number, score_text
from segmetry.report.sections import Drawing
from segmetry.report.verdicts import signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "TuningContent",
    "Unfinished",
    "history_plot",
    "importance_plot",
    "pairs_plot",
    "tuning_html",
]

_NONE = "–"
_LETTERS = 26  # of the longest line that fits beside the history


@dataclass(frozen=True)
class Unfinished:
    """A trial without a score of all pictures.

    Parameters
    ----------
    number : int
        From 0, the defaults.
    n_pictures : int
        How many it looked at.
    score : float
        Mean of those; NaN without any.
    reason : str
        Why it failed; "" where it was given up as hopeless.
    """

    number: int
    n_pictures: int
    score: float
    reason: str = ""


@dataclass(frozen=True, eq=False)
class TuningContent:
    """All that the page of a tuning shows.

    Parameters
    ----------
    title, method, score : str
    sentence : str
        What tuning was worth.
    rows : sequence of mapping
        Of each option: "name", "default", "tuned", "folds" and "importance".
    trials : sequence of float
        Score of each trial on all pictures; NaN for those without one.
    unfinished : sequence of Unfinished
        Those trials.
    stopped_by : str
    sign : float
        1 where a high score is good, else -1.
    held_out : tuple of mapping of str to float
        Score of each held-out picture: default, tuned.
    means : tuple of MeanScore
        Of these.
    own : tuple of float
        Score of default and tuned on the pictures that chose.
    difference : PairedDifference
    importance : mapping of str to float
    no_importance : str
        Why it is empty, in a sentence.
    n_folds : int
    notes : sequence of str
    version : str
    """

    title: str
    method: str
    score: str
    sentence: str
    rows: Sequence[Mapping[str, Any]]
    trials: Sequence[float]
    unfinished: Sequence[Unfinished]
    stopped_by: str
    sign: float
    held_out: tuple[Mapping[str, float], Mapping[str, float]]
    means: tuple[MeanScore, MeanScore]
    own: tuple[float, float]
    difference: PairedDifference
    importance: Mapping[str, float]
    no_importance: str
    n_folds: int
    notes: Sequence[str]
    version: str


def tuning_html(content: TuningContent) -> str:
    """Return the page of a tuning as the text of an HTML file.

    Parameters
    ----------
    content : TuningContent

    Returns
    -------
    str
        Self-contained: style and figures are inside.
    """
    gone = content.difference
    has_interval = math.isfinite(gone.low)
    interval = (
        f"{signed(gone.score, gone.low)} to {signed(gone.score, gone.high)}"
        if has_interval
        else "no interval: too few pictures"
    )
    return rendered(
        "tuning.html",
        {
            "content": content,
            "score": SCORES[content.score].title,
            "n_pictures": len(content.held_out[0]),
            "n_trials": len(content.trials),
            "means": [score_text(content.score, mean) for mean in content.means],
            "own": [score_number(content.score, value) for value in content.own],
            "difference": signed(gone.score, gone.value),
            "interval": interval,
            "rows": [
                {**row, "importance": _percent(row["importance"])} for row in content.rows
            ],
            "unfinished": [_ended(content, one) for one in content.unfinished],
            "drawings": list(_drawings(content)),
        },
    )


def history_plot(
    trials: Sequence[float],
    score: str,
    *,
    sign: float = 1.0,
    unfinished: Sequence[Unfinished] = (),
) -> "Figure":
    """Return the score of each trial, and the best so far.

    Parameters
    ----------
    trials : sequence of float
        NaN for those without a score.
    score : str
    sign : float
        -1 where a low score is good.
    unfinished : sequence of Unfinished
        Drawn as crosses at the mean of the pictures that they looked at.
    """
    values = np.asarray(trials, dtype=float)
    at = np.arange(len(values))
    partial = [one for one in unfinished if math.isfinite(one.score)]
    best = sign * np.maximum.accumulate(np.nan_to_num(sign * values, nan=-np.inf))
    with drawing_style():
        figure, axes = blank_figure(height=3.2)
        axes.plot(at, values, "o", ms=4, color=SERIES[4], label="trial")
        if partial:
            axes.plot([one.number for one in partial], [one.score for one in partial], "x",
                      ms=5, color=SERIES[1], label="given up or failed")  # fmt: skip
        axes.step(at, best, where="post", color=ACCENT, lw=1.5, label="best so far")
        title = textwrap.fill(SCORES[score].title, _LETTERS)
        axes.set(xlabel="trial; 0 has the defaults", ylabel=title)
        axes.locator_params(axis="x", integer=True)
        axes.legend()
    return figure


def pairs_plot(
    default: Mapping[str, float], tuned: Mapping[str, float], score: str
) -> "Figure":
    """Return the held-out score of each picture, with the defaults and tuned.

    Parameters
    ----------
    default, tuned : mapping of str to float
    score : str
    """
    names = sorted(default)
    before, after = ([rows[name] for name in names] for rows in (default, tuned))
    ends = [min(*before, *after), max(*before, *after)]
    if SCORES[score].high == 1:
        ends = [0, 1]
    with drawing_style():
        figure, axes = blank_figure(height=3.6)
        axes.plot(ends, ends, color="#8793a0", lw=1, ls="--")
        axes.plot(before, after, "o", ms=5, color=ACCENT, alpha=0.8)
        title = SCORES[score].title
        axes.set(xlabel=f"{title} with the defaults", ylabel="the same, tuned")
        axes.set_aspect("equal")
    return figure


def importance_plot(importance: Mapping[str, float]) -> "Figure":
    """Return the share of each option, the greatest on top.

    Parameters
    ----------
    importance : mapping of str to float
    """
    names = sorted(importance, key=lambda name: -importance[name])
    with drawing_style():
        figure, axes = blank_figure(height=0.9 + 0.27 * len(names))
        axes.barh(np.arange(len(names)), [importance[name] for name in names], color=ACCENT)
        axes.set_yticks(np.arange(len(names)), names)
        axes.invert_yaxis()
        axes.set(xlabel="share of what makes trials good", xlim=(0, 1))
        axes.grid(visible=False, axis="y")
    return figure


def _drawings(content: TuningContent) -> Iterator[Drawing]:
    pairs = pairs_plot(*content.held_out, content.score)
    yield Drawing(
        to_svg(pairs, name="pairs"),
        "Every picture when it was held out; tuning helped where it lies "
        f"{'above' if content.sign > 0 else 'below'} the dashed line.",
    )
    history = history_plot(
        content.trials, content.score, sign=content.sign, unfinished=content.unfinished
    )
    caption = "The search on all pictures; its own scores are too good."
    if content.unfinished:
        caption += " Crosses are means of fewer pictures, of trials that did not finish."
    yield Drawing(to_svg(history, name="history"), caption)
    if content.importance:
        svg = to_svg(importance_plot(content.importance), name="importance")
        yield Drawing(svg, "Which options mattered in the search on all pictures.")


def _ended(content: TuningContent, one: Unfinished) -> tuple[str, str, str]:
    """Return what became of a trial without a score: number, end, mean so far."""
    pictures = count_of(one.n_pictures, "picture")
    end = f"failed: {one.reason}" if one.reason else f"given up after {pictures}"
    known = math.isfinite(one.score)
    mean = score_number(content.score, one.score) if known else _NONE
    return str(one.number), end, mean


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.0f} %"
