"""Two pictures, or two folders of them, compared pixel for pixel."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from segmetry import io
from segmetry.cli.errors import tell_error
from segmetry.dataset.pairs import list_pictures
from segmetry.dataset.predictions import match_names
from segmetry.errors import DatasetError, RecipeError, SegmetryError
from segmetry.evaluate.intervals import mean_score
from segmetry.evaluate.similarity import Similarity, similarity
from segmetry.io.names import plain_stem

__all__ = ["compare_pictures"]

_WRONG_COMMAND = 2
_SCORES = {"ssim": "SSIM", "psnr_db": "PSNR / dB", "ncc": "NCC"}


def compare_pictures(
    first: Path, second: Path, *, data_range: float | None, as_json: bool
) -> None:
    """Compare pictures and print the scores of each, and means with intervals.

    Parameters
    ----------
    first, second : Path
        Two pictures, or two folders whose pictures have the same names.
    data_range : float or None
        See `segmetry.evaluate.similarity`.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 2 if a picture cannot be read or compared.
    """
    try:
        if data_range is not None and not (math.isfinite(data_range) and data_range > 0):
            msg = f"--data-range must be a positive number, got {data_range:g}"
            raise RecipeError(msg)
        found = {
            name: _of(one, other, data_range) for name, one, other in _pairs(first, second)
        }
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        raise typer.Exit(_WRONG_COMMAND) from error
    means = {
        key: mean_score([getattr(one, key) for one in found.values()]).as_json()
        for key in _SCORES
    }
    if as_json:
        pictures = {name: _finite(asdict(one)) for name, one in found.items()}
        typer.echo(json.dumps({"pictures": pictures, "means": means}))
        return
    _tell(found, means)


def _pairs(first: Path, second: Path) -> list[tuple[str, Path, Path]]:
    if first.is_dir() != second.is_dir():
        msg = "Give two pictures or two folders, not one of each."
        raise DatasetError(msg)
    if not first.is_dir():
        return [(plain_stem(first), first, second)]
    ones, others = (
        {plain_stem(path): path for path in list_pictures(folder)}
        for folder in (first, second)
    )
    names = match_names(list(ones), list(others))
    if not names:
        msg = f"No picture of {first.name} has the name of one of {second.name}."
        raise DatasetError(msg)
    return [(name, ones[name], others[other]) for name, other in names.items()]


def _of(first: Path, second: Path, data_range: float | None) -> Similarity:
    try:
        return similarity(io.read(first), io.read(second), data_range=data_range)
    except SegmetryError as error:
        msg = f"{first.name} and {second.name}: {error}"
        raise DatasetError(msg) from error


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """Return values for JSON, which knows neither infinity nor NaN."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _tell(found: dict[str, Similarity], means: dict[str, dict[str, Any]]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    table = Table(box=None)
    for name in ("picture", *_SCORES.values(), "data range", "pixels"):
        table.add_column(name, justify="left" if name == "picture" else "right")
    for name, one in found.items():
        scores = [f"{getattr(one, key):.4g}" for key in _SCORES]
        table.add_row(name, *scores, f"{one.data_range:g}", str(one.n_pixels))
    if len(found) > 1:
        table.add_row("mean", *(_with_interval(means[key]) for key in _SCORES), "", "")
    console.print(table)


def _with_interval(mean: dict[str, Any]) -> str:
    numbers: Sequence[float | None] = [mean[key] for key in ("value", "low", "high")]
    if numbers[0] is None:
        return "–"
    if numbers[1] is None or numbers[2] is None:
        return f"{numbers[0]:.4g}"
    return f"{numbers[0]:.4g} ({numbers[1]:.4g} to {numbers[2]:.4g})"
