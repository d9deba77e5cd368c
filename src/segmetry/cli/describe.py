"""From a folder of pictures to a report on what is in it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from segmetry import __version__, io
from segmetry.cli.tell import tell_error
from segmetry.dataset import Description, PictureFacts, describe, find_parts, unusable
from segmetry.errors import (
    PictureError,
    ReadError,
    RecipeError,
    SegmetryError,
    WriteError,
)
from segmetry.image import Labels
from segmetry.report import (
    DatasetContent,
    dataset_html,
    description_lines,
    draw_overlay,
    draw_thumbnail,
)

__all__ = ["describe_set"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2
_REPORT = "report.html"
_VALUES = "description.json"
_MOST_SUSPECTS = 24  # pictures shown with their masks: more is a case for a table
_MOST_PAIRS = 24


def describe_set(
    folder: Path, out: Path, *, masks: Path | None, overwrite: bool, as_json: bool
) -> None:
    """Describe a set, write the report, and end with an exit status.

    Parameters
    ----------
    folder : Path
        Folder of the set.
    out : Path
        Folder of the report.
    masks : Path or None
        Folder of the masks.
    overwrite : bool
        Whether an earlier report may be replaced.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if a picture or mask cannot be used or nothing can be written, 2 if
        the folder is no set of pictures or holds a report that must not be replaced.
    """
    try:
        _refuse_overwriting(out, overwrite=overwrite)
        with _progress(quiet=as_json) as on_picture:
            found = describe(find_parts(folder, masks=masks), on_picture=on_picture)
        told = found.to_json()
        _write(found, told, folder.absolute().name, out)
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _SOME_FAILED if isinstance(error, WriteError) else _WRONG_COMMAND
        raise typer.Exit(status) from error
    if as_json:
        typer.echo(json.dumps({"out": str(out), **told}))
    else:
        typer.echo("\n".join(description_lines(told)))
        typer.echo(f"Report: {out / _REPORT}")
    if unusable(found.findings):
        raise typer.Exit(_SOME_FAILED)


def _refuse_overwriting(out: Path, *, overwrite: bool) -> None:
    if (out / _REPORT).exists() and not overwrite:
        msg = f"{out} holds a report already; name another folder or say --overwrite"
        raise RecipeError(msg)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True, quiet=quiet)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("pictures", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _write(found: Description, told: dict[str, Any], name: str, out: Path) -> None:
    content = DatasetContent(
        title=f"What is in {name}",
        told=told,
        diameters=_diameters(found),
        stamps=dict(_stamps(found)),
        suspects=dict(_suspects(found)),
        version=__version__,
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {out.name}: {error.strerror or error}"
        raise WriteError(msg) from error
    io.write_json(out / _VALUES, told)
    io.write_text(out / _REPORT, dataset_html(content))


def _diameters(found: Description) -> dict[str, NDArray[np.float64]]:
    sizes: dict[str, list[NDArray[np.float64]]] = {}
    for facts in found.pictures:
        if facts.diameters is not None:
            sizes.setdefault(facts.part, []).append(facts.diameters)
    return {part: np.concatenate(values) for part, values in sizes.items()}


def _stamps(found: Description) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield the samples of each type and near-duplicates, read again."""
    shown = [position for positions in found.samples for position in positions]
    for pair in found.duplicates[:_MOST_PAIRS]:
        shown += [pair.first, pair.second]
    for position in dict.fromkeys(shown):
        facts = found.pictures[position]
        yield facts.name, draw_thumbnail(io.read(facts.path))


def _suspects(found: Description) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield pictures that have a finding, with the outlines of their masks."""
    named = dict.fromkeys(finding.name for finding in found.findings)
    facts_of = {facts.name: facts for facts in found.pictures}
    suspects = [facts_of[name] for name in named if name in facts_of]
    for facts in suspects[:_MOST_SUSPECTS]:
        yield facts.name, _seen(facts)


def _seen(facts: PictureFacts) -> NDArray[np.uint8]:
    """Draw a mask on its picture; where that cannot be, the picture alone."""
    image = io.read(facts.path)
    if facts.mask_path is None or facts.n_objects is None:
        return draw_thumbnail(image, side=600)
    try:
        labels = io.read_labels(facts.mask_path, allow_empty=True)
        return draw_overlay(Labels(labels, image))
    except (PictureError, ReadError):
        return draw_thumbnail(image, side=600)
