"""The figures of a training: loss and score while it runs, and what more pictures bring."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from segmetry.report.canvas import blank_figure, drawing_style
from segmetry.report.palette import SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["learning_curve", "training_curves"]

_MOST_NAMED = 7  # curves; more have no colour of their own


def training_curves(
    runs: Mapping[str, Sequence[Mapping[str, float]]], *, score: str
) -> "Figure":
    """Return the curves of loss and score against the step, one for each training.

    Parameters
    ----------
    runs : mapping of str to sequence of mapping
        By name of the training: rows with "step", "loss", and "score" where pictures were
        held out. The best score of each training is marked.
    score : str
        What the score is called.

    Returns
    -------
    Figure
    """
    with drawing_style():
        figure, _ = blank_figure(height=5.0)
        figure.clear()
        above, below = figure.subplots(2, 1, sharex=True)
        for index, (name, rows) in enumerate(runs.items()):
            color = SERIES[index % len(SERIES)]
            steps = [row["step"] for row in rows]
            losses = [row["loss"] for row in rows]
            above.plot(steps, losses, color=color, label=name, marker="o", ms=3)
            judged = [row for row in rows if "score" in row]
            if not judged:
                continue
            at = [row["step"] for row in judged]
            scores = [row["score"] for row in judged]
            below.plot(at, scores, color=color)
            best = int(np.argmax(scores))
            below.plot(at[best], scores[best], "o", color=color, ms=6)
        above.set_ylabel("loss, mean since the last point")
        above.set_title("Training")
        below.set_ylabel(f"{score} of held-out pictures")
        below.set_xlabel("step")
        if 1 < len(runs) <= _MOST_NAMED:
            above.legend(loc="best")
    return figure


def learning_curve(
    points: Sequence[tuple[float, float, float, float]], *, score: str = "dsb_score"
) -> "Figure":
    """Return the score against the number of training pictures, with intervals.

    Parameters
    ----------
    points : sequence of (n_pictures, score, low, high)
        Low and high are NaN where there is no interval.
    score : str
        What the score is called.

    Returns
    -------
    Figure
    """
    table = np.asarray(points, dtype=float).reshape(-1, 4)
    n_pictures, values, low, high = table.T
    with drawing_style():
        figure, axes = blank_figure()
        axes.plot(n_pictures, values, color=SERIES[0], marker="o")
        known = np.isfinite(low) & np.isfinite(high)
        axes.vlines(n_pictures[known], low[known], high[known], color=SERIES[0], lw=1)
        axes.set_xscale("log", base=2)
        axes.set_xticks(n_pictures, [f"{number:g}" for number in n_pictures.round(1)])
        axes.minorticks_off()
        axes.set_xlabel("training pictures")
        axes.set_ylabel(f"{score} of held-out pictures")
        axes.set_title("What more pictures bring")
    return figure
