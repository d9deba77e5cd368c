"""What the command line prints: results on stdout, progress and errors on stderr."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table

from segmetry.batch import BatchResult
from segmetry.batch.pictures import PictureResult
from segmetry.cli.errors import tell_error
from segmetry.doctor import Finding
from segmetry.measure.wording import found_text
from segmetry.report import summary_lines
from segmetry.report.methods import pixel_size_text
from segmetry.report.sample import group_sample

__all__ = [
    "progress",
    "tell_error",
    "tell_findings",
    "tell_run",
    "tell_stopped",
]

_OnBegin = Callable[[str, int], None]
_OnPicture = Callable[[PictureResult, int, int], None]


@contextmanager
def progress(*, quiet: bool, verbose: bool) -> Iterator[tuple[_OnBegin, _OnPicture]]:
    """Show what a run is doing: a bar on a terminal, plain lines elsewhere.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    verbose : bool
        Also print the log, on stderr.

    Yields
    ------
    tuple of callable
        To be called with what is begun and the number of all pictures; and with each
        picture's result, the number done and the total.
    """
    console = Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)
    log = logging.getLogger("segmetry.run")
    handler = logging.StreamHandler() if verbose else _Warnings(console)
    log.addHandler(handler)
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("looking for pictures", total=None)

    def on_begin(what: str, total: int) -> None:
        bar.update(task, description=escape(what), total=total)

    def on_picture(result: PictureResult, done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if result.failed or not console.is_terminal:
            console.print(f"[{done}/{total}] {line_of(result)}", markup=False)

    try:
        with bar:
            yield on_begin, on_picture
    finally:
        log.removeHandler(handler)


class _Warnings(logging.Handler):
    """Print what is told before the work begins, without breaking the bar."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(f"Warning: {record.getMessage()}", markup=False)


def line_of(result: PictureResult) -> str:
    """Return what became of one picture, in a line."""
    row = result.row
    if result.failed:
        return f"{row['path']}: failed: {row['reason']}"
    size = "pixel size unknown"
    if row["unit"]:
        size = f"pixel size {pixel_size_text(row)} ({row['calibration_source']})"
    return f"{row['path']}: {found_text(row)}, {size}"


def tell_run(result: BatchResult, *, as_json: bool) -> None:
    """Print what a run found and where it is."""
    if as_json:
        images = json.loads(result.images.to_json(orient="records", double_precision=15))
        typer.echo(
            json.dumps(
                {"out": str(result.out), "images": images, "summary": result.summary}
            )
        )
        return
    sample = group_sample(result.objects, result.images, result.summary["pooled"])
    for line in summary_lines(result.summary, sample=sample):
        typer.echo(line)
    typer.echo(f"Report: {result.out / 'report.html'}")


def tell_stopped(*, as_json: bool) -> None:
    """Print how to go on with a run that was stopped."""
    said = "Stopped. Pictures that were done are kept; the same line with --resume goes on."
    if as_json:
        typer.echo(json.dumps({"error": said}))
    else:
        typer.echo(said, err=True)


def tell_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what `doctor` found."""
    if as_json:
        typer.echo(json.dumps({"findings": [asdict(finding) for finding in findings]}))
        return
    table = Table(box=None, show_header=False)
    for finding in findings:
        colour = "green" if finding.works else "yellow"
        state = f"[{colour}]{finding.state}[/]"
        table.add_row(finding.topic, finding.name, state, escape(finding.note))
    Console().print(table)
