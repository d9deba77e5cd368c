"""The page that `neurons_tasks.py` writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import mean_score, paired_difference

Results = Mapping[str, Sequence[Mapping[str, Any]]]

NAMES = {
    "pixels": "a mask of all cells, parted at waists (`--task pixels`)",
    "objects": "cells one by one (`--task objects`)",
    "counts": "their number alone (`--task counts`)",
}
PLACES = {
    "f1_centres": "F1 by centres, 15 px",
    "f1_boxes": "F1 by boxes, IoU 0.4",
    "f1_masks": "F1 by outlines, IoU 0.4",
    "dice": "Dice of the mask",
}
BASELINE = "the mean of the training pictures"


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much was trained on and judged."""

    n_training: int
    n_choosing: int
    n_judging: int
    steps: int
    side: int
    batch: int


def page(results: Results, *, baseline: float, size: Size) -> str:
    """Return the page.

    Parameters
    ----------
    results : mapping
        Of each task, for each start: what `neurons_tasks.result` returned.
    baseline : float
        Mean count of the training pictures.
    size : Size
    """
    errors = {task: count_errors(starts) for task, starts in results.items()}
    true = per_picture(results["counts"], "true")[0]
    errors[""] = baseline - true[None]
    rows = [count_row(task, errors[task], true) for task in (*NAMES, "")]
    starts = [one for task in results.values() for one in task]
    return TEMPLATE.format(
        **vars(size),
        n_starts=len(results["counts"]),
        n_cells=f"{int(true.sum()):,}",
        most=int(true.max()),
        rows="\n".join(rows),
        heads=" | ".join(PLACES.values()),
        line="---:|" * len(PLACES),
        places="\n".join(
            place_row(task, results[task]) for task in NAMES if task != "counts"
        ),
        verdicts="\n".join(verdicts(errors)),
        minutes=f"{sum(one['cpu_s'] for one in starts) / 60:.0f}",
    )


def per_picture(starts: Sequence[Mapping[str, Any]], key: str) -> NDArray[np.float64]:
    """Return a value of all pictures, shape (n_starts, n_pictures)."""
    return np.array([[row[key] for row in one["pictures"]] for one in starts], np.float64)


def count_errors(starts: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Return found minus true counts, shape (n_starts, n_pictures)."""
    return per_picture(starts, "found") - per_picture(starts, "true")


def count_row(task: str, errors: NDArray[np.float64], true: NDArray[np.float64]) -> str:
    """Return the row of a task in the table of counts."""
    absolute, bias = np.abs(errors), errors.sum(axis=1) / true.sum() * 100
    told = mean_score(absolute.mean(axis=0).tolist(), bounds=(0, np.inf))
    by_start = absolute.mean(axis=1)
    spread = f"{by_start.min():.2f} to {by_start.max():.2f}" if len(by_start) > 1 else "–"
    return (
        f"| {NAMES.get(task, BASELINE)} | {told.value:.2f} | {told.low:.2f} to "
        f"{told.high:.2f} | {spread} | {bias.mean():+.1f} % | {np.median(absolute):.2f} |"
    )


def place_row(task: str, starts: Sequence[Mapping[str, Any]]) -> str:
    """Return the row of a task in the table of places."""
    cells = []
    for key in PLACES:
        values = per_picture(starts, key).mean(axis=0).tolist()
        told = mean_score(values, bounds=(0, 1))
        cells.append(f"{told.value:.3f} ({told.low:.3f} to {told.high:.3f})")
    return f"| {NAMES[task]} | {' | '.join(cells)} |"


def verdicts(errors: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Say which of two tasks counts better, or that these slices do not tell."""
    pairs = (("counts", "objects"), ("counts", "pixels"), ("objects", "pixels"))
    return [
        f"- {_short(one)} against {_short(other)}: {says(errors[one], errors[other])}."
        for one, other in (*pairs, *((task, "") for task in NAMES))
    ]


def _short(task: str) -> str:
    return f"`{task}`" if task else BASELINE


def says(one: NDArray[np.float64], other: NDArray[np.float64]) -> str:
    """Say by how much the mean error of one is above that of the other."""
    means = [np.abs(errors).mean(axis=0).tolist() for errors in (one, other)]
    found = paired_difference(means[0], means[1])
    told = f"{found.value:+.2f} cells a slice ({found.low:+.2f} to {found.high:+.2f})"
    by_start = np.abs(one).mean(axis=1) - np.abs(other).mean(axis=1)
    if found.low <= 0 <= found.high:
        return f"{told}, so no difference is shown"
    if by_start.min() < 0 < by_start.max():
        return f"{told}, but not in every start, so none is shown"
    if found.low > 0:
        return f"{told}, so it is worse"
    return f"{told}, so it is better"


TEMPLATE = """# Ways to count cells, compared

A network can be taught to mark all cells, to find them one by one, or to say only how many
there are. Here the same small network (`--size small`) learns each of these from the same
{n_training} drawn slices, from the same {n_starts} random starts, in {steps} steps
of {batch} crops of {side} x {side} px with the usual loss of the task, and is judged on
{n_judging} other slices with {n_cells} cells in all, up to {most} in one. Cutoffs are
chosen on {n_choosing} further slices as in `segmetry train`, by the Dice of a mask or by
how well objects are found, not by counts.

The slices are those of `training/drawn_slices.py`: crowded and empty ones, in four colours,
with what looks like a cell but is none. They are not those of the exam of the model
`neurons`, and this training is far shorter than that of the model: the table compares
tasks, and is no record.

## Counts

| what is learned | mean error | 95 % interval | of the starts | total | median |
|---|---:|---:|---:|---:|---:|
{rows}

Mean and median are of the size of the error, in cells a slice; *total* is the error of all
slices together. The interval is that of the mean for other slices of this kind; *of the
starts* is the least and the greatest mean error of one start. Who says the mean count of
the training pictures for every slice has the errors of the last row.

How much larger the mean error of the first is than that of the second:

{verdicts}

The intervals are for other slices, each by itself, and say nothing of other starts; a
difference counts as shown only where each start agrees. Where the starts of one task differ
by as much as two tasks do, the chance of a start matters as much as the task.

## Places

Counting alone tells no places. The other two do:

| what is learned | {heads} |
|---|{line}
{places}

Each found cell is paired with one true cell at most. A slice without cells scores 1 where
nothing is found, and 0 otherwise.

## Done with

`python training/neurons_tasks.py`: {minutes} minutes of one processor core in all.
"""
