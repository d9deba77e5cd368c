"""The scores of a prediction as a table on the terminal."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from segmetry.evaluate import HEADLINES, SCORES, Evaluation
from segmetry.report.evaluation import score_text

__all__ = ["tell_evaluation"]


def tell_evaluation(
    evaluation: Evaluation,
    *,
    others: Sequence[tuple[str, Evaluation]],
    notes: Sequence[str],
) -> None:
    """Print the scores with their intervals and formulas, and the groups.

    Parameters
    ----------
    evaluation : Evaluation
    others : sequence of (str, Evaluation)
        What it is compared with.
    notes : sequence of str
        Printed on stderr.
    """
    console = Console()
    console.print(_scores(evaluation, others))
    if evaluation.groups:
        console.print(_groups(evaluation))
    for note in notes:
        typer.echo(note, err=True)


def _scores(evaluation: Evaluation, others: Sequence[tuple[str, Evaluation]]) -> Table:
    n = len(evaluation.pictures)
    table = Table(
        box=None, title=f"{evaluation.task} of {n} pictures", title_justify="left"
    )
    table.add_column("score")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    for name, _ in others:
        table.add_column(escape(name), justify="right")
    table.add_column("formula", style="dim")
    for name, score in evaluation.scores.items():
        value, interval = score_text(name, score)
        table.add_row(
            SCORES[name].title,
            f"[bold]{value}[/]" if name in HEADLINES[evaluation.task] else value,
            interval,
            *(score_text(name, other.scores.get(name))[0] for _, other in others),
            escape(SCORES[name].formula),
        )
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
