"""Models as packages for other programs, both ways."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from segmetry.cli.errors import tell_error
from segmetry.errors import RecipeError, SegmetryError
from segmetry.models import find_model, model_name, read_model
from segmetry.models.bioimageio import export_package, import_package

__all__ = ["export_model", "import_model"]

_FAILED = 1
_WRONG_COMMAND = 2


def export_model(
    name: str,
    out: Path | None,
    *,
    authors: Sequence[str],
    licence: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a model as a package of bioimage.io.

    Raises
    ------
    typer.Exit
        With status 1 if the model cannot be written so, 2 if there is no such model, or
        the file is there already.
    """
    with _ending(_WRONG_COMMAND, as_json=as_json):
        path = find_model(name)
    with _ending(_FAILED, as_json=as_json):
        card = read_model(path).card
    out = out or Path(f"{card.name}.zip")
    _refuse_overwriting(out, overwrite=overwrite, as_json=as_json)
    with _ending(_FAILED, as_json=as_json):
        export_package(path, out, authors=authors, licence=licence)
    if as_json:
        typer.echo(json.dumps({"exported": card.name, "path": str(out)}))
        return
    typer.echo(f"Exported {card.name}: {out}")
    typer.echo(f"It can be checked with: bioimageio test {out}")


def import_model(
    package: Path,
    out: Path | None,
    *,
    name: str | None,
    maps: str | None,
    diameter: float | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a model file of a package of bioimage.io.

    Raises
    ------
    typer.Exit
        With status 1 if the package is refused, 2 if there is none, or the file is there
        already.
    """
    out = out or Path(f"{model_name(name or package.stem)}.segmodel")
    _refuse_overwriting(out, overwrite=overwrite, as_json=as_json)
    told = [each.strip() for each in maps.split(",")] if maps else []
    with _ending(_FAILED if package.exists() else _WRONG_COMMAND, as_json=as_json):
        found = import_package(package, out, name=name, maps=told, diameter=diameter)
    card = found.card
    if as_json:
        values = {
            "imported": card.name,
            "path": str(out),
            "outputs": card.outputs,
            "whole": found.whole,
            "difference": found.difference,
        }
        typer.echo(json.dumps(values))
        return
    typer.echo(f"Imported {card.name}: {out}")
    typer.echo(f"Maps: {', '.join(card.outputs)}")
    if found.whole:
        typer.echo("It is the model that Segmetry wrote, with its card.")
    elif found.difference is None:
        typer.echo("The package has no test that can be repeated: look at what it finds.")
    else:
        typer.echo(f"Its own test was repeated: maps differ by {found.difference:.2g}.")
    typer.echo(f"Run it with: segmetry run PICTURES --segmenter {out}")


def _refuse_overwriting(out: Path, *, overwrite: bool, as_json: bool) -> None:
    if out.exists() and not overwrite:
        with _ending(_WRONG_COMMAND, as_json=as_json):
            msg = f"{out} is there already; --overwrite replaces it, --out names another"
            raise RecipeError(msg)


@contextmanager
def _ending(status: int, *, as_json: bool) -> Iterator[None]:
    try:
        yield
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        raise typer.Exit(status) from error
