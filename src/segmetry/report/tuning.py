"""The page of a tuning: what it is worth, what was tried, and which options mattered."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segmetry.evaluate import SCORES, MeanScore
from segmetry.report.canvas import blank_figure, drawing_style, to_svg
from segmetry.report.comparison import PairedDifference
from segmetry.report.palette import ACCENT, SERIES
from segmetry.report.rendering import rendered
from segmetry.report.scores import score_number, score_text
from segmetry.report.sections import Drawing
from segmetry.report.verdicts import signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TuningContent", "history_plot", "importance_plot", "pairs_plot", "tuning_html"]

_NONE = "–"


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
    stopped_by: str
    sign: float
    held_out: tuple[Mapping[str, float], Mapping[str, float]]
    means: tuple[MeanScore, MeanScore]
    own: tuple[float, float]
    difference: PairedDifference
    importance: Mapping[str, float]
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
            "drawings": list(_drawings(content)),
        },
    )


def history_plot(trials: Sequence[float], score: str, *, sign: float = 1.0) -> "Figure":
    """Return the score of each trial, and the best so far.

    Parameters
    ----------
    trials : sequence of float
        NaN for those without a score.
    score : str
    sign : float
        -1 where a low score is good.
    """
    values = np.asarray(trials, dtype=float)
    best = sign * np.maximum.accumulate(np.nan_to_num(sign * values, nan=-np.inf))
    with drawing_style():
        figure, axes = blank_figure(height=2.8)
        axes.plot(np.arange(len(values)) + 1, values, "o", ms=4, color=SERIES[4],
                  label="trial")  # fmt: skip
        axes.step(np.arange(len(values)) + 1, best, where="post", color=ACCENT, lw=1.5,
                  label="best so far")  # fmt: skip
        axes.set(xlabel="trial, the first with the defaults", ylabel=SCORES[score].title)
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
    history = history_plot(content.trials, content.score, sign=content.sign)
    caption = "The search on all pictures; its own scores are too good."
    yield Drawing(to_svg(history, name="history"), caption)
    if content.importance:
        svg = to_svg(importance_plot(content.importance), name="importance")
        yield Drawing(svg, "Which options mattered in the search on all pictures.")


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{100 * share:.0f} %"
