"""From the words of a command line to a trained model, and an exit status."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from segmetry.cli.tell import tell_error
from segmetry.errors import RecipeError, SegmetryError
from segmetry.learn.options import TrainingOptions, folds_from_text
from segmetry.learn.outcome import Outcome
from segmetry.models.card import CLASSIFIERS
from segmetry.report.scores import told_score

if TYPE_CHECKING:  # its module needs torch
    from segmetry.learn.folds import TrainingProgress

__all__ = ["train"]

_NETWORK, _PLAIN = "network", "cnn"
_REFUSED = 1
_FAILED = 1
_WRONG_COMMAND = 2
_STOPPED = 130
_QUIET_SECONDS = 20.0  # between plain lines, where no score is told


def train(
    images: Path,
    masks: Path | None,
    model: Path,
    *,
    method: str,
    options: Mapping[str, Any],
    say: Mapping[str, bool],
) -> None:
    """Train a model as the command line says, and end with its exit status.

    Parameters
    ----------
    images, masks : Path
        Folders; with a recipe the archive, and `None`.
    model : Path
        File to write.
    method : {"network", "cnn", "boosted", "forest", "svm"}
    options : mapping
        Fields of `TrainingOptions`; `None` values change nothing. "folds" is a text.
    say : mapping
        "verbose" and "as_json".

    Raises
    ------
    typer.Exit
        With status 1 if it failed or the model was refused, 2 if the command line is
        wrong, 130 if it was stopped.
    """
    as_json = say["as_json"]
    try:
        # Threads that wait for each other by spinning bring a busy machine to a halt. It
        # counts only if it is said before PyTorch is loaded.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        if method not in (_NETWORK, _PLAIN, *CLASSIFIERS):
            known = ", ".join((_NETWORK, _PLAIN, *CLASSIFIERS))
            msg = f"method must be one of {known}; got {method!r}."
            raise RecipeError(msg)
        given = {name: value for name, value in options.items() if value is not None}
        given["folds"] = folds_from_text(given.get("folds"))
        if method == _PLAIN:
            given = {"network": _PLAIN, "task": "pixels", **given}
        chosen = TrainingOptions(**given)
        with _progress(quiet=as_json, verbose=say["verbose"]) as (tell, report):
            if method in CLASSIFIERS:
                outcome = _trained_classifier(images, masks, model, method, chosen, tell)
            else:
                from segmetry.learn import train_model

                outcome = train_model(
                    images, masks, model, options=chosen, say=tell, report=report
                )
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _WRONG_COMMAND if isinstance(error, RecipeError) else _FAILED
        raise typer.Exit(status) from error
    except KeyboardInterrupt:
        said = "Stopped. The same line with --resume goes on from the last checkpoint."
        if method in CLASSIFIERS:
            said = "Stopped, and no model was written. The same line begins anew."
        typer.echo(json.dumps({"error": said}) if as_json else said, err=not as_json)
        raise typer.Exit(_STOPPED) from None
    _tell_outcome(outcome, as_json=as_json)
    if not outcome.accepted:
        raise typer.Exit(_REFUSED)


def _trained_classifier(
    images: Path,
    masks: Path | None,
    model: Path,
    method: str,
    options: TrainingOptions,
    tell: Callable[[str], None],
) -> Outcome:
    from segmetry.learn.classifiers import train_classifier

    if masks is None:
        msg = "Give the folder of masks, too; only a recipe can do without."
        raise RecipeError(msg)
    return train_classifier(images, masks, model, method=method, options=options, say=tell)


@contextmanager
def _progress(
    *, quiet: bool, verbose: bool
) -> Iterator[tuple[Callable[[str], None], Callable[["TrainingProgress"], None]]]:
    """Show findings, choices and steps: a bar on a terminal, plain lines elsewhere."""
    console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}  {task.fields[told]}"),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
    task = bar.add_task("preparing", total=None, told="")
    last = [-_QUIET_SECONDS]

    def tell(sentence: str) -> None:
        console.print(sentence, markup=False)

    def report(told: "TrainingProgress") -> None:
        bar.update(
            task,
            description=told.training,
            completed=told.step,
            total=told.steps,
            told=_figures(told),
        )
        now = time.monotonic()
        is_due = told.score is not None or verbose or now - last[0] > _QUIET_SECONDS
        if is_due and not console.is_terminal:
            last[0] = now
            tell(f"{told.training}: step {told.step} of {told.steps}, {_figures(told)}")

    with bar:
        yield tell, report


def _figures(told: "TrainingProgress") -> str:
    score = "" if told.score is None else f", score {told.score:.3f}"
    best = "" if told.best is None else f", best {told.best:.3f}"
    minutes, seconds = divmod(round(told.seconds_left), 60)
    return f"loss {told.loss:.3f}{score}{best}, {minutes}:{seconds:02} left"


def _tell_outcome(outcome: Any, *, as_json: bool) -> None:
    """Print what came of a training."""
    if as_json:
        typer.echo(json.dumps(outcome.as_json()))
        return
    if outcome.verdict is not None:
        typer.echo(outcome.verdict.sentence)
    for point in outcome.learning_curve:
        told = told_score(outcome.score, point.score.as_json())
        typer.echo(f"With {point.n_pictures:g} training pictures: {told}")
    if not outcome.accepted:
        return
    for group, scores in outcome.card.scores.items():
        for name, score in scores.items():
            typer.echo(told_score(name, score.model_dump()))
        typer.echo(f"Scored on {outcome.card.scores_on if group == 'all' else group}.")
    typer.echo(f"Model: {outcome.path}")
    curves = outcome.path.with_suffix(".curves.png")
    if curves.exists():
        typer.echo(f"Curves: {curves}")
