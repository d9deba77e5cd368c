"""From the words of a command line to tuned options, and an exit status."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from segmetry.cli.errors import ended_by_errors
from segmetry.errors import RecipeError
from segmetry.report.scores import told_score
from segmetry.tune import Tried, TuneOptions, Tuning, tune

__all__ = ["tune_method"]

_FAILED = 1


def tune_method(
    folders: tuple[Path, Path],
    method: str,
    out: Path,
    *,
    settled: Sequence[str],
    options: Mapping[str, Any],
    as_json: bool,
) -> None:
    """Tune a method, say what that is worth, and end with an exit status.

    Parameters
    ----------
    folders : tuple of Path
        Of pictures, and of their masks.
    method : str
    out : Path
    settled : sequence of str
        Options that stay as they are, each as OPTION=VALUE.
    options : mapping
        The other fields of `TuneOptions`.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if nothing could be written or a picture was left out, 2 if the
        command line is wrong, 130 if it was stopped.
    """
    said = "Stopped. Finished trials are kept; the same line with --resume goes on."
    with ended_by_errors(as_json=as_json, stopped=said):
        chosen = TuneOptions(**options, settled=dict(_setting(one) for one in settled))
        with _told_trials(quiet=as_json, trials=chosen.trials) as told:
            tuning = tune(*folders, method, out, options=chosen, told=told)
    if as_json:
        typer.echo(json.dumps({"out": str(out), **tuning.as_json()}))
    else:
        _tell(tuning, out)
    if tuning.left_out:
        raise typer.Exit(_FAILED)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        msg = f"--set expects OPTION=VALUE, got {text!r}"
        raise RecipeError(msg)
    return name.strip(), value.strip()


@contextmanager
def _told_trials(
    *, quiet: bool, trials: int
) -> Iterator[Callable[[str, int, int, Tried], None]]:
    """Show which search is at which trial: a bar on a terminal, a line each elsewhere."""
    console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
    bar = Progress(
        BarColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    task = bar.add_task("looking at pictures", total=None)
    last = [0]

    def told(name: str, number: int, n_searches: int, tried: Tried) -> None:
        where = f"search {number} of {n_searches} ({name}), trial {tried.number + 1}"
        done = (number - 1) * trials + tried.number + 1
        total = n_searches * trials
        bar.update(task, completed=done, total=total, description=escape(where))
        if number != last[0] and not console.is_terminal:
            console.print(f"Search {number} of {n_searches}: {name}", markup=False)
        last[0] = number

    with bar:
        yield told


def _tell(tuning: Tuning, out: Path) -> None:
    typer.echo(tuning.sentence)
    for kind in ("default", "tuned"):
        mean = tuning.mean(kind).as_json()
        typer.echo(f"Held out, {kind}: {told_score(tuning.score, mean)}")
    changed = {
        name: value
        for name, value in tuning.search.best.settings.items()
        if value != tuning.defaults[name]
    }
    said = ", ".join(f"{name}={_short(value)}" for name, value in changed.items())
    typer.echo(f"Found on all pictures: {said or 'the defaults'}")
    typer.echo(f"Trials: {tuning.search.stopped_by}.")
    if tuning.importance:
        most = list(tuning.importance.items())[:3]
        mattered = ", ".join(f"{name} {100 * share:.0f} %" for name, share in most)
        typer.echo(f"What mattered: {mattered}")
    for note in tuning.notes:
        typer.echo(f"Note: {note}")
    typer.echo(f"Recipe: {out / 'tuned.toml'}; page: {out / 'tune.html'}")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
