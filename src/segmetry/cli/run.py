"""From the words of a command line to a run, and from its errors to an exit status."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import typer

from segmetry import io
from segmetry.batch import BatchOptions, run_batch
from segmetry.batch.memory import parse_memory
from segmetry.cli.tell import progress, tell_error, tell_run, tell_stopped
from segmetry.errors import RecipeError, SegmetryError, WriteError
from segmetry.recipe import Recipe, changed, read_recipe, with_paths
from segmetry.recipe.model import Input

__all__ = ["carry_out", "demo_picture"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2
_STOPPED = 130


def carry_out(
    inputs: Sequence[str],
    out: Path,
    *,
    recipe_file: Path | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    sheet: Path | None = None,
    how: Mapping[str, Any],
    say: Mapping[str, bool],
) -> None:
    """Run a batch as the command line says, and end with its exit status.

    Parameters
    ----------
    inputs : sequence of str
        Files, folders and patterns.
    out : Path
        Folder of the results.
    recipe_file : Path or None
    changes : mapping or None
        Parts of the recipe and what to change in them; `None` values change nothing.
    sheet : Path or None
        Sheet of conditions, instead of the recipe's own.
    how : mapping
        Fields of `BatchOptions`, the memory as text.
    say : mapping
        "verbose" and "as_json".

    Raises
    ------
    typer.Exit
        With status 1 if some picture failed, 2 if the command line or recipe is wrong.
    """
    as_json = say["as_json"]
    try:
        recipe, folder = _recipe(recipe_file, changes or {}, sheet)
        with progress(quiet=as_json, verbose=say["verbose"]) as (begun, report_progress):
            result = run_batch(
                recipe,
                inputs,
                out,
                folder=folder,
                options=_options(how),
                progress=report_progress,
                begun=begun,
            )
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _WRONG_COMMAND if isinstance(error, RecipeError) else _SOME_FAILED
        raise typer.Exit(status) from error
    except KeyboardInterrupt:
        tell_stopped(as_json=as_json)
        raise typer.Exit(_STOPPED) from None
    tell_run(result, as_json=as_json)
    if result.n_failed:
        raise typer.Exit(_SOME_FAILED)


def _options(how: Mapping[str, Any]) -> BatchOptions:
    told = how.get("memory")
    memory = None if told is None else parse_memory(told)
    return BatchOptions(**dict(how) | {"memory": memory})


def demo_picture(out: Path, *, as_json: bool) -> str:
    """Put the demo's picture into a folder, and return where it is.

    Raises
    ------
    typer.Exit
        With status 1 if it cannot be written.
    """
    picture = out / "powder.png"
    content = (files("segmetry") / "demo" / "powder.png").read_bytes()
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not picture.exists():
            io.write_bytes(picture, content)
    except (OSError, WriteError) as error:
        reason = getattr(error, "strerror", None) or error
        told = WriteError(f"Cannot write the demo's picture into {out.name}: {reason}.")
        tell_error(told, as_json=as_json)
        raise typer.Exit(_SOME_FAILED) from error
    return str(picture)


def _recipe(
    path: Path | None, changes: Mapping[str, Mapping[str, Any]], sheet: Path | None
) -> tuple[Recipe, Path]:
    recipe = Recipe() if path is None else read_recipe(path)
    folder = Path.cwd() if path is None else path.absolute().parent
    parts = {name: dict(values) for name, values in changes.items()}
    pairs = parts.get("segmentation", {}).get("options")
    if pairs is not None:
        parts["segmentation"]["options"] = dict(_pair(text) for text in pairs)
    recipe = with_paths(recipe, lambda path: str(folder / path))
    # A path in the recipe is relative to it, one on the command line is not.
    recipe = with_paths(changed(recipe, parts), lambda path: str(Path(path).absolute()))
    if sheet is not None:
        recipe = recipe.model_copy(update={"sheet": Input(path=str(sheet.absolute()))})
    return recipe, folder


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        msg = f"--set takes OPTION=VALUE, for example --set min_area=30; got {text!r}."
        raise RecipeError(msg)
    return name, value
