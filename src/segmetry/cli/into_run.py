"""Edits made in another program, brought back into the run whose objects they are."""

import json
import warnings
from pathlib import Path
from typing import Any

import typer

from segmetry.cli.errors import tell_error
from segmetry.dataset.importing import read_annotations
from segmetry.errors import DatasetError, RecipeError, SegmetryError, SegmetryWarning
from segmetry.measure.wording import count_of
from segmetry.project.brought_back import BroughtBack, bring_back, take_back

__all__ = ["import_into_run", "one_place"]

_SOME_FAILED, _WRONG_COMMAND = 1, 2
_MOST = 12  # numbers of objects in a line
_KINDS = ("edited", "drawn", "removed")


def one_place(
    source: Path | None,
    out: Path | None,
    into: Path | None,
    *,
    images: Path | None,
    undo: bool,
    as_json: bool,
) -> Path:
    """Return where objects shall go: a folder for label images, or that of a run.

    Raises
    ------
    typer.Exit
        With status 2 if it is neither or both, or options do not go together.
    """
    if (out is None) == (into is None):
        msg = "say either --out, a folder for label images, or --into, the folder of a run"
    elif into is not None and images is not None:
        msg = "--images goes with --out; a run knows its pictures"
    elif undo and (into is None or source is not None):
        msg = "--undo takes back what came last: say --into, the folder of a run, alone"
    elif source is None and not undo:
        msg = "name the file or folder that another program saved"
    else:
        return into or out or Path()
    tell_error(RecipeError(msg), as_json=as_json)
    raise typer.Exit(_WRONG_COMMAND)


def import_into_run(
    source: Path | None, run: Path, *, allow_pickle: bool, as_json: bool
) -> None:
    """Make the objects of a run what they are in a file or folder, and tell what changed.

    Parameters
    ----------
    source : Path or None
        A file or folder that another program saved. `None` takes back the last of them.
    run : Path
        Folder of the run.
    allow_pickle : bool
        Whether files of Cellpose's window can be trusted.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if a file cannot be read or written, 2 if there is nothing to import.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", SegmetryWarning)
            found = _carried_out(source, run, allow_pickle=allow_pickle)
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        is_asked_wrongly = isinstance(error, RecipeError | DatasetError)
        status = _WRONG_COMMAND if is_asked_wrongly else _SOME_FAILED
        raise typer.Exit(status) from error
    said = [str(one.message) for one in caught if issubclass(one.category, SegmetryWarning)]
    remarks = list(dict.fromkeys(said))
    n_changes = sum(len(one.changed) for one in found)
    if as_json:
        pictures = [_as_json(one) for one in found]
        told = {"run": str(run), "n_changes": n_changes, "pictures": pictures}
        typer.echo(json.dumps(told | {"remarks": remarks}))
        return
    for remark in remarks:
        typer.echo(f"Note: {remark}", err=True)
    for one in found:
        if len(one.changed):
            typer.echo(_line(one))
    told_of = f"{count_of(n_changes, 'change')} in {count_of(len(found), 'picture')}"
    typer.echo(f"{told_of}: {run} is {'up to date' if n_changes else 'as it was'}.")


def _carried_out(
    source: Path | None, run: Path, *, allow_pickle: bool
) -> list[BroughtBack]:
    if source is None:
        return take_back(run)
    edited = read_annotations(source, run=run, allow_pickle=allow_pickle)
    return bring_back(run, edited, source=source.name)


def _as_json(one: BroughtBack) -> dict[str, Any]:
    counts = one.objects["change"].value_counts()
    return {
        "image": one.name,
        **{f"n_{kind}": int(counts.get(kind, 0)) for kind in ("kept", *_KINDS)},
        "changes": one.changed.to_dict("records"),
    }


def _line(one: BroughtBack) -> str:
    rows = one.changed
    parts = []
    for kind in _KINDS:
        labels = rows.loc[rows["change"].eq(kind), "label"].tolist()
        if labels:
            more = ", ..." if len(labels) > _MOST else ""
            numbers = ", ".join(str(label) for label in labels[:_MOST])
            parts.append(f"{len(labels)} {kind} ({numbers}{more})")
    return f"{one.name}: {'; '.join(parts)}."
