"""The figures of an evaluation: scores of groups, of pictures, over IoU, and counts."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from segmetry.evaluate import DSB_THRESHOLDS, SCORES, Evaluation
from segmetry.report.canvas import blank_figure, drawing_style
from segmetry.report.palette import SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["agreement_plot", "group_plot", "picture_plot", "precision_plot"]

Named = Sequence[tuple[str, Evaluation]]
_MARKS = ("o", "s", "^", "D")


def precision_plot(predictions: Named) -> "Figure":
    """Return precision over the IoU threshold, one curve for each prediction.

    Parameters
    ----------
    predictions : sequence of (str, Evaluation)
        Of objects.
    """
    with drawing_style():
        figure, axes = blank_figure()
        for k, (name, evaluation) in enumerate(predictions):
            scores = [
                evaluation.scores[f"dsb_precision_{round(100 * level)}"]
                for level in DSB_THRESHOLDS
            ]
            value = [score.value for score in scores]
            axes.plot(DSB_THRESHOLDS, value, marker=_MARKS[k % 4], ms=4, color=SERIES[k],
                      label=name)  # fmt: skip
            axes.fill_between(
                DSB_THRESHOLDS,
                [score.low for score in scores],
                [score.high for score in scores],
                color=SERIES[k],
                alpha=0.15,
                lw=0,
            )
        axes.set(xlabel="IoU that a match must exceed", ylabel="TP / (TP + FP + FN)")
        axes.set_ylim(0, 1.02)
        axes.legend()
    return figure


def group_plot(predictions: Named, score: str) -> "Figure":
    """Return a score of each group and of all, with intervals.

    Parameters
    ----------
    predictions : sequence of (str, Evaluation)
        The first names the groups.
    score : str
        Name of a score.
    """
    groups = [*predictions[0][1].groups, "all pictures"]
    with drawing_style():
        figure, axes = blank_figure(height=max(1.8, 0.9 + 0.42 * len(groups)))
        for k, (name, evaluation) in enumerate(predictions):
            every = [*(evaluation.groups.get(group, {}) for group in groups[:-1])]
            found = [part.get(score) for part in (*every, evaluation.scores)]
            value = np.array([math.nan if one is None else one.value for one in found])
            low, high = (
                np.array([math.nan if one is None else getattr(one, end) for one in found])
                for end in ("low", "high")
            )
            error = np.nan_to_num(np.stack([value - low, high - value]), nan=0.0)
            axes.errorbar(
                value, np.arange(len(groups)) + 0.18 * k, xerr=error, fmt=_MARKS[k % 4],
                ms=6, color=SERIES[k], capsize=3, elinewidth=1.5, label=name,
            )  # fmt: skip
        counts = [*_group_sizes(predictions[0][1]), len(predictions[0][1].pictures)]
        ticks = [f"{group} ({n})" for group, n in zip(groups, counts, strict=True)]
        axes.set_yticks(np.arange(len(groups)), ticks)
        axes.invert_yaxis()
        axes.set_xlabel(SCORES[score].title)
        if SCORES[score].high == 1:
            axes.set_xlim(0, 1)
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside lower center", ncols=3)
    return figure


def picture_plot(evaluation: Evaluation, score: str) -> "Figure":
    """Return the score of every picture, the worst first.

    Parameters
    ----------
    evaluation : Evaluation
    score : str
        Name of a score.
    """
    from matplotlib.ticker import MaxNLocator

    values = {name: row.get(score, math.nan) for name, row in evaluation.pictures.items()}
    worst_is_high = SCORES[score].aim == "low"
    known = [(v, name) for name, v in values.items() if math.isfinite(v)]
    ordered = sorted(known, reverse=worst_is_high)
    groups = list(evaluation.groups)
    with drawing_style():
        figure, axes = blank_figure()
        for k, group in enumerate(groups or [""]):
            own = [
                (rank + 1, value)
                for rank, (value, name) in enumerate(ordered)
                if not groups or evaluation.group_of.get(name) == group
            ]
            rank, value = np.array(own).reshape(-1, 2).T
            axes.plot(rank, value, _MARKS[k % 4], ms=4.5, color=SERIES[k % len(SERIES)],
                      label=group, alpha=0.85)  # fmt: skip
        axes.axhline(evaluation.scores[score].value, color="#4a5663", lw=1, ls="--")
        axes.set(xlabel="pictures, the worst first", ylabel=SCORES[score].title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if SCORES[score].high == 1:
            axes.set_ylim(-0.02, 1.02)
        if groups:
            axes.legend()
    return figure


def agreement_plot(
    counts: Mapping[str, tuple[float, float]], limits: Evaluation
) -> "Figure":
    """Return the error of the count over its size, with the limits of agreement.

    The bias is the full line, the limits are dashed, and the bands are their intervals.

    Parameters
    ----------
    counts : mapping of str to (float, float)
        Found and true count of each picture.
    limits : Evaluation
        With the scores "count_bias", "count_limit_low" and "count_limit_high".
    """
    found, true = np.array(list(counts.values()), dtype=float).reshape(-1, 2).T
    with drawing_style():
        figure, axes = blank_figure()
        axes.plot((found + true) / 2, found - true, "o", ms=4.5, color=SERIES[0], alpha=0.7)
        for name, style in (
            ("count_bias", "-"),
            ("count_limit_low", "--"),
            ("count_limit_high", "--"),
        ):
            score = limits.scores[name]
            if math.isfinite(score.value):
                axes.axhline(score.value, color=SERIES[1], lw=1.3, ls=style)
            if math.isfinite(score.low):
                axes.axhspan(score.low, score.high, color=SERIES[1], alpha=0.12, lw=0)
        axes.axhline(0, color="#8793a0", lw=0.8)
        axes.set(xlabel="mean of found and true count", ylabel="found − true")
    return figure


def _group_sizes(evaluation: Evaluation) -> list[int]:
    of = list(evaluation.group_of.values())
    return [of.count(group) for group in evaluation.groups]
