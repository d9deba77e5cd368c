"""The scores of a prediction as a table on the terminal."""

from collections.abc import Mapping, Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from segmetry.evaluate import (
    DSB_THRESHOLDS,
    HEADLINES,
    SCORES,
    ClassTable,
    Evaluation,
    MeanScore,
)
from segmetry.report.class_scores import CLASS_COLUMNS, class_rows, confusion_rows
from segmetry.report.scores import group_sizes, missing_intervals, score_text

__all__ = ["tell_evaluation"]

_WIDE = 120  # columns, from which on formulas have a place; and where nobody looks
_KEPT = ("dsb_precision_50", "dsb_precision_75")
_KEPT_OF_CLASSES = 5  # columns that a terminal has room for
_LEFT_OUT = {f"dsb_precision_{round(100 * level)}" for level in DSB_THRESHOLDS}
_LEFT_OUT -= set(_KEPT)


def tell_evaluation(
    evaluation: Evaluation,
    *,
    others: Mapping[str, Evaluation],
    second: tuple[Evaluation, Mapping[str, Evaluation]] | None,
    meanings: Mapping[str, str],
    comparisons: Sequence[str],
    notes: Sequence[str],
) -> None:
    """Print the scores with their intervals and formulas, and the groups.

    Parameters
    ----------
    evaluation : Evaluation
    others : mapping of str to Evaluation
        What it is compared with, by the name of the column.
    second : (Evaluation, mapping of str to Evaluation) or None
        The same with a second observer's masks for truth.
    meanings : mapping of str to str
        What names in the table stand for.
    comparisons : sequence of str
        What the differences to the others are worth.
    notes : sequence of str
        Printed on stderr.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    formulas = console.width >= _WIDE
    console.print(_scores(evaluation, others, formulas=formulas))
    if evaluation.classes is not None:
        console.print(_classes(evaluation.classes))
        console.print(_confusion(evaluation.classes))
    if evaluation.groups:
        console.print(_groups(evaluation, others, formulas=formulas))
    if second is not None:
        console.print(_second(*second, formulas=formulas))
    if missing := missing_intervals(evaluation):
        typer.echo(missing)
    for name, meaning in meanings.items():
        typer.echo(f"{name.capitalize()}: {meaning}.")
    for sentence in comparisons:
        typer.echo(sentence)
    for note in notes:
        typer.echo(note, err=True)


def _scores(
    evaluation: Evaluation, others: Mapping[str, Evaluation], *, formulas: bool
) -> Table:
    n = len(evaluation.pictures)
    title = f"{evaluation.task} of {n} picture{'' if n == 1 else 's'}"
    table = _table(title, ["score"], others, formulas=formulas)
    for name, score in evaluation.scores.items():
        if name in _LEFT_OUT:
            continue
        beside = [each.scores.get(name) for each in others.values()]
        is_headline = name in HEADLINES[evaluation.task]
        cells = _cells(name, score, beside, formulas=formulas)
        table.add_row(*cells, style="bold" if is_headline else None)
    return table


def _classes(classes: ClassTable) -> Table:
    table = Table(box=None, title="each class, all pixels together", title_justify="left")
    table.add_column("class", no_wrap=True)
    for title in list(CLASS_COLUMNS.values())[:_KEPT_OF_CLASSES]:
        table.add_column(title, justify="right", no_wrap=True)
    for name, texts in class_rows(classes):
        kept = texts[:_KEPT_OF_CLASSES]
        cells = ["\n".join(filter(None, both)) for both in kept]
        table.add_row(escape(name), *cells)
    return table


def _confusion(classes: ClassTable) -> Table:
    head, *rows = confusion_rows(classes)
    table = Table(box=None, title="pixels by class", title_justify="left")
    for number, title in enumerate(head):
        table.add_column(escape(title), justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _second(
    evaluation: Evaluation, others: Mapping[str, Evaluation], *, formulas: bool
) -> Table:
    """Return the scores that sum up, means and pooled, against the second observer."""
    n = len(evaluation.pictures)
    title = f"against the second observer, {n} picture{'' if n == 1 else 's'}"
    table = _table(title, ["score"], others, formulas=formulas)
    for name in SCORES:
        if (
            name in evaluation.scores
            and name.removesuffix("_pooled") in HEADLINES[evaluation.task]
        ):
            beside = [each.scores.get(name) for each in others.values()]
            cells = _cells(name, evaluation.scores[name], beside, formulas=formulas)
            table.add_row(*cells)
    return table


def _groups(
    evaluation: Evaluation, others: Mapping[str, Evaluation], *, formulas: bool
) -> Table:
    table = _table("groups of pictures", ["group", "score"], others, formulas=formulas)
    sizes = group_sizes(evaluation)
    for group, scores in evaluation.groups.items():
        label = f"{escape(group)} ({sizes[group]})"
        for name in HEADLINES[evaluation.task]:
            if name not in scores:
                continue
            beside = [each.groups.get(group, {}).get(name) for each in others.values()]
            table.add_row(label, *_cells(name, scores[name], beside, formulas=formulas))
            label = ""
        table.add_section()
    return table


def _table(
    title: str, first: Sequence[str], others: Mapping[str, Evaluation], *, formulas: bool
) -> Table:
    table = Table(box=None, title=title, title_justify="left")
    for name in first:
        table.add_column(name)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    for name in others:
        table.add_column(escape(name), justify="right", no_wrap=True)
    if formulas:
        table.add_column("formula", style="dim")
    return table


def _cells(
    name: str, score: MeanScore, beside: Sequence[MeanScore | None], *, formulas: bool
) -> list[str]:
    values = [score_text(name, each)[0] for each in beside]
    formula = [escape(SCORES[name].formula)] if formulas else []
    return [SCORES[name].title, *score_text(name, score), *values, *formula]
