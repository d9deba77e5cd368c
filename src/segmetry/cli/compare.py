"""From the words of a command line to a comparison, and an exit status."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeRemainingColumn as Remaining

from segmetry.cli.errors import ended_by_errors
from segmetry.compare import CompareOptions, Comparison, Outcome, compare, find_methods
from segmetry.errors import RecipeError
from segmetry.evaluate import SCORES
from segmetry.report.scores import score_text

__all__ = ["compare_methods", "told_outcomes"]

_SOME_FAILED = 1


def compare_methods(
    folders: tuple[Path, Path],
    methods: Sequence[str],
    recipes: Sequence[Path],
    out: Path,
    *,
    options: Mapping[str, Any],
    as_json: bool,
) -> None:
    """Compare methods, tell in which order they stand, and end with an exit status.

    Parameters
    ----------
    folders : tuple of Path
        Of pictures, and of their masks.
    methods : sequence of str
    recipes : sequence of Path
    out : Path
    options : mapping
        Fields of `CompareOptions`, but "train_images" and "train_masks" for "train".
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if a method failed on a picture, 2 if the command line is wrong,
        130 if it was stopped.
    """
    said = "Stopped. What is finished is kept; the same line with --resume goes on."
    with ended_by_errors(as_json=as_json, stopped=said):
        chosen = CompareOptions(**_with_train(options))
        found = find_methods(methods, recipes, whole=chosen.thin)
        with told_outcomes(quiet=as_json) as on_outcome:
            compared = compare(*folders, found, out, options=chosen, on_outcome=on_outcome)
    if as_json:
        typer.echo(json.dumps({"out": str(out), **compared.as_json()}))
    else:
        _tell(compared, out)
    if compared.failed:
        raise typer.Exit(_SOME_FAILED)


@contextmanager
def told_outcomes(*, quiet: bool) -> Iterator[Callable[[Outcome, int, int], None]]:
    """Show which results are there: a bar on a terminal, failures elsewhere.

    Parameters
    ----------
    quiet : bool

    Yields
    ------
    callable
        To be called with an outcome, how many there are, and how many there will be.
    """
    console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    task = bar.add_task("looking for pictures", total=None)

    def on_outcome(outcome: Outcome, done: int, total: int) -> None:
        what = f"{outcome.method} on {outcome.picture}"
        bar.update(task, completed=done, total=total, description=escape(what))
        if outcome.failed:
            console.print(f"{what} failed: {outcome.reason}", markup=False)

    with bar:
        yield on_outcome


def _with_train(options: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(options)
    images, masks = given.pop("train_images"), given.pop("train_masks")
    if (images is None) != (masks is None):
        msg = "--train-images and --train-masks belong together; give both or neither"
        raise RecipeError(msg)
    return given | {"train": None if images is None else (images, masks)}


def _tell(compared: Comparison, out: Path) -> None:
    score = compared.score
    typer.echo(f"Ordered by: {SCORES[score].title}")
    width = max(len(label) for label in compared.methods)
    to_reference = {
        one.method: one
        for one in reversed(compared.differences)
        if one.other == compared.reference
    }
    for rank, label in enumerate(compared.methods, start=1):
        value, interval = score_text(score, compared.evaluations[label].scores.get(score))
        price = compared.prices[label]
        line = f"{rank:>3}  {label:<{width}}  {value}"
        line += f"  ({interval})" if interval else "  (no interval)"
        line += f"  {price.cpu_s:.3g} CPU s a picture"
        if label in to_reference:
            line += f"  {to_reference[label].says}"
        typer.echo(line)
    typer.echo(f"Each is compared with {compared.reference}, picture by picture.")
    for note in compared.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Page: {out / 'compare.html'}")
