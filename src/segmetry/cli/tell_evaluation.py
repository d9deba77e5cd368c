"""The scores of a prediction as a table on the terminal."""

from collections.abc import Mapping, Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from segmetry.evaluate import DSB_THRESHOLDS, HEADLINES, SCORES, Evaluation
from segmetry.report.evaluation import score_text

__all__ = ["tell_evaluation"]

_WIDE = 120  # columns, from which on formulas have a place; and where nobody looks
_KEPT = ("dsb_precision_50", "dsb_precision_75")
_LEFT_OUT = {f"dsb_precision_{round(100 * level)}" for level in DSB_THRESHOLDS}
_LEFT_OUT -= set(_KEPT)


def tell_evaluation(
    evaluation: Evaluation,
    *,
    others: Mapping[str, Evaluation],
    meanings: Mapping[str, str],
    notes: Sequence[str],
) -> None:
    """Print the scores with their intervals and formulas, and the groups.

    Parameters
    ----------
    evaluation : Evaluation
    others : mapping of str to Evaluation
        What it is compared with, by the name of the column.
    meanings : mapping of str to str
        What names in the table stand for.
    notes : sequence of str
        Printed on stderr.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    console.print(_scores(evaluation, others, formulas=console.width >= _WIDE))
    if evaluation.groups:
        console.print(_groups(evaluation))
    for name, meaning in meanings.items():
        typer.echo(f"{name.capitalize()}: {meaning}.")
    for note in notes:
        typer.echo(note, err=True)


def _scores(
    evaluation: Evaluation, others: Mapping[str, Evaluation], *, formulas: bool
) -> Table:
    n = len(evaluation.pictures)
    title = f"{evaluation.task} of {n} picture{'' if n == 1 else 's'}"
    table = Table(box=None, title=title, title_justify="left")
    table.add_column("score")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    for name in others:
        table.add_column(escape(name), justify="right", no_wrap=True)
    if formulas:
        table.add_column("formula", style="dim")
    for name, score in evaluation.scores.items():
        if name in _LEFT_OUT:
            continue
        value, interval = score_text(name, score)
        shown = f"[bold]{value}[/]" if name in HEADLINES[evaluation.task] else value
        beside = [score_text(name, each.scores.get(name))[0] for each in others.values()]
        formula = [escape(SCORES[name].formula)] if formulas else []
        table.add_row(SCORES[name].title, shown, interval, *beside, *formula)
    return table


def _groups(evaluation: Evaluation) -> Table:
    names = [name for name in HEADLINES[evaluation.task] if name in evaluation.scores]
    table = Table(box=None, title="groups of pictures", title_justify="left")
    table.add_column("group")
    table.add_column("n", justify="right")
    for name in names:
        table.add_column(name, justify="right")
    of = list(evaluation.group_of.values())
    for group, scores in evaluation.groups.items():
        values = [score_text(name, scores.get(name))[0] for name in names]
        table.add_row(escape(group), str(of.count(group)), *values)
    return table
