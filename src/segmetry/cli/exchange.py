"""Objects out to other programs, and in from them."""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import typer

from segmetry.cli.errors import tell_error
from segmetry.dataset.exporting import find_masks
from segmetry.dataset.importing import read_annotations
from segmetry.errors import DatasetError, RecipeError, SegmetryError, SegmetryWarning
from segmetry.io.exchange import (
    EXCHANGE_FORMATS,
    Annotation,
    write_annotations,
    written_paths,
)
from segmetry.measure.wording import count_of

__all__ = ["export_objects", "import_objects"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2


def export_objects(
    source: Path, out: Path, *, to: str, overwrite: bool, as_json: bool
) -> None:
    """Write the objects of a folder in a format, and end with an exit status.

    Parameters
    ----------
    source : Path
        Folder of a run, of label images, or of pictures and masks.
    out : Path
    to : str
        One of `EXCHANGE_FORMATS`.
    overwrite : bool
        Whether earlier files of this format may be replaced.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if a file cannot be read or written, 2 if there is nothing to
        export, or earlier files are in the way.
    """
    chosen = EXCHANGE_FORMATS[to]

    def annotations() -> Iterator[Annotation]:
        for mask in find_masks(source, measured=chosen.tells_measurements):
            yield mask.read()

    told = _carried_out(annotations, out, to=to, overwrite=overwrite, as_json=as_json)
    if as_json:
        typer.echo(json.dumps({"format": to, "loses": chosen.loses, **told}))
        return
    typer.echo(f"{_sentence('Exported', told)} {chosen.loses}".rstrip())


def import_objects(
    source: Path,
    out: Path,
    *,
    images: Path | None,
    allow_pickle: bool,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write the objects in files of other programs as label images.

    Parameters
    ----------
    source : Path
        A file or a folder.
    out : Path
        Folder of the label images.
    images : Path or None
        Folder of the pictures.
    allow_pickle : bool
        Whether files of Cellpose's window can be trusted.
    overwrite : bool
        Whether earlier label images may be replaced.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if a file cannot be read or written, 2 if there is nothing to
        import, or earlier files are in the way.
    """

    def annotations() -> Iterator[Annotation]:
        return read_annotations(source, images=images, allow_pickle=allow_pickle)

    told = _carried_out(annotations, out, to="masks", overwrite=overwrite, as_json=as_json)
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(_sentence("Imported", told))


def _carried_out(
    annotations: Callable[[], Iterable[Annotation]],
    out: Path,
    *,
    to: str,
    overwrite: bool,
    as_json: bool,
) -> dict[str, Any]:
    """Write objects, and return what was written and what a person should know."""
    counts = {"n_pictures": 0, "n_objects": 0}

    def counted() -> Iterator[Annotation]:
        for one in annotations():
            counts["n_pictures"] += 1
            counts["n_objects"] += int((np.unique(one.labels) > 0).sum())
            yield one

    with _ending(as_json=as_json), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SegmetryWarning)
        _refuse_overwriting(out, to, overwrite=overwrite)
        write_annotations(out, counted(), to=to)
    said = [str(one.message) for one in caught if issubclass(one.category, SegmetryWarning)]
    remarks = list(dict.fromkeys(said))
    if not as_json:
        for remark in remarks:
            typer.echo(f"Note: {remark}", err=True)
    return {"out": str(out), **counts, "remarks": remarks}


@contextmanager
def _ending(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        is_asked_wrongly = isinstance(error, RecipeError | DatasetError)
        status = _WRONG_COMMAND if is_asked_wrongly else _SOME_FAILED
        raise typer.Exit(status) from error


def _refuse_overwriting(out: Path, to: str, *, overwrite: bool) -> None:
    earlier = [] if overwrite else written_paths(out, to)
    if earlier:
        msg = f"{earlier[0]} is there already; name another place or say --overwrite"
        raise RecipeError(msg)


def _sentence(done: str, told: dict[str, Any]) -> str:
    objects = count_of(told["n_objects"], "object")
    pictures = count_of(told["n_pictures"], "picture")
    return f"{done} {objects} of {pictures}: {told['out']}."
