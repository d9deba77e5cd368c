"""Listing, showing, adding, removing and verifying model files."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from segmetry.cli.errors import tell_error
from segmetry.errors import ModelError, SegmetryError, WriteError
from segmetry.models import (
    Card,
    InstalledModel,
    Model,
    add_model,
    find_model,
    installed_models,
    read_model,
    remove_model,
)
from segmetry.models.card import is_classifier

__all__ = ["add", "list_all", "remove", "show", "verify"]

_FAILED = 1
_WRONG_COMMAND = 2
_FIRST_SCORES = ("f1_50", "dice")  # the one that says most, if it is there


def list_all(*, as_json: bool) -> None:
    """Print the models that can be called by name."""
    models = installed_models()
    if as_json:
        typer.echo(json.dumps({"models": [_summary(model) for model in models]}))
        return
    if not models:
        typer.echo("No model is installed; add one with: segmetry models add FILE")
        return
    table = Table("name", "from", "finds", "size", "diameter", "score", box=None)
    for model in models:
        table.add_row(*(escape(cell) for cell in _cells(_summary(model))))
    Console(soft_wrap=True).print(table)


def show(name: str, *, as_json: bool) -> None:
    """Print the card of a model.

    Raises
    ------
    typer.Exit
        With status 1 if its file is damaged, 2 if there is no such model.
    """
    with _ending(_WRONG_COMMAND, as_json=as_json):
        path = find_model(name)
    with _ending(_FAILED, as_json=as_json):
        model = read_model(path)
        size = model.path.stat().st_size
    if as_json:
        card = model.card.model_dump(mode="json")
        told = {"path": str(model.path), "size_bytes": size, "card": card}
        typer.echo(json.dumps(told))
        return
    typer.echo("\n".join(_card_lines(model, size)))


def add(path: Path, *, as_json: bool) -> None:
    """Check a model file and copy it to the added models.

    Raises
    ------
    typer.Exit
        With status 1 if it is refused, 2 if there is no such file.
    """
    with _ending(_FAILED if path.is_file() else _WRONG_COMMAND, as_json=as_json):
        added = add_model(path)
    _tell_done("Added", added, as_json=as_json)


def remove(name: str, *, as_json: bool) -> None:
    """Remove an added model.

    Raises
    ------
    typer.Exit
        With status 1 if its file cannot be removed, 2 if there is none of this name.
    """
    with _ending(_WRONG_COMMAND, as_json=as_json):
        removed = remove_model(name)
    _tell_done("Removed", removed, as_json=as_json)


def verify(name: str | None, *, as_json: bool) -> None:
    """Check one model, or all installed ones, to the last byte.

    Raises
    ------
    typer.Exit
        With status 1 if one is damaged, 2 if there is no such model.
    """
    if name is None:
        asked = [(model.name, model.path) for model in installed_models()]
    else:
        with _ending(_WRONG_COMMAND, as_json=as_json):
            asked = [(name, find_model(name))]
    findings = [{"name": each, "error": _damage(where)} for each, where in asked]
    if as_json:
        typer.echo(json.dumps({"models": findings}))
    for found in findings:
        if not as_json:
            typer.echo(f"{found['name']}: {found['error'] or 'whole, as its card says'}")
    if any(found["error"] for found in findings):
        raise typer.Exit(_FAILED)


def _damage(path: Path) -> str | None:
    try:
        read_model(path).verify()
    except ModelError as error:
        return str(error)
    return None


@contextmanager
def _ending(status: int, *, as_json: bool) -> Iterator[None]:
    try:
        yield
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _FAILED if isinstance(error, WriteError) else status
        raise typer.Exit(status) from error


def _tell_done(what: str, model: InstalledModel, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({what.lower(): model.name, "path": str(model.path)}))
    else:
        typer.echo(f"{what} {model.name}: {model.path}")


def _summary(model: InstalledModel) -> dict[str, Any]:
    told = {
        "name": model.name,
        "from": "Segmetry" if model.shipped else "added",
        "path": str(model.path),
    }
    try:
        card = read_model(model.path).card
        size = model.path.stat().st_size
    except (ModelError, OSError) as error:
        return {**told, "error": str(error)}
    shown = card.model_dump(mode="json", include={"task", "diameter_px", "scores"})
    return {**told, "size_bytes": size, **shown, "error": None}


def _cells(told: dict[str, Any]) -> Sequence[str]:
    if told["error"]:
        return (told["name"], told["from"], told["error"])
    diameter = told["diameter_px"]
    return (
        told["name"],
        told["from"],
        told["task"],
        _megabytes(told["size_bytes"]),
        "" if diameter is None else f"{diameter:.3g} px",
        _first_score(told["scores"]),
    )


def _first_score(scores: dict[str, Any]) -> str:
    """Return the score that says most, of all pictures or else of the first group."""
    from segmetry.report.scores import told_score

    group: dict[str, Any] = scores.get("all") or next(iter(scores.values()), {})
    for name in (*_FIRST_SCORES, *group):
        if name in group:
            return told_score(name, group[name])
    return ""


def _card_lines(model: Model, size: int) -> Iterator[str]:
    from segmetry.measure.wording import count_of
    from segmetry.report.scores import told_score

    card = model.card
    yield f"{card.name}: finds {card.task} in {_kind_of_picture(card)}"
    yield f"File: {model.path}, {_megabytes(size)}"
    yield f"Made: {card.created} with Segmetry {card.package_version}"
    if is_classifier(card):
        yield f"Kind: {card.architecture['kind']}, by surroundings of {_scales(card)} px"
        classes: Any = card.architecture["class_names"]
        yield f"Classes: {', '.join(classes)}"
    yield f"Maps: {', '.join(card.outputs)}"
    for data in card.data:
        use = "Judged on" if data.split == "validation" else "Learned from"
        pictures = count_of(data.n_pictures, "picture")
        yield (
            f"{use}: {pictures} of {data.name} ({data.split}); licence: "
            f"{data.license}; source: {data.source}"
        )
    if card.training.started_from:
        yield f"Started from: {card.training.started_from}"
    yield from _training_lines(card)
    for variant, scores in card.fidelity.items():
        state = "passed" if scores.get("passed") else "did not pass"
        yield f"Lighter variant {variant}: {state} its check against the full one"
    if card.scores:
        on = "validation pictures" if card.scores_on == "validation" else card.scores_on
        yield f"Scores with 95 % intervals, on {on}:"
    for group, scores_of_group in card.scores.items():
        judged = "all pictures" if group == "all" else group
        for name, score in scores_of_group.items():
            yield f"  {judged}: {told_score(name, score.model_dump())}"


def _training_lines(card: Card) -> Iterator[str]:
    made = card.training
    if made.steps:
        where = f" on {made.device}" if made.device else ""
        code = f"; code of commit {made.commit[:7]}" if made.commit else ""
        yield (
            f"Trained: {made.steps} steps in {made.seconds / 60:.0f} minutes{where} "
            f"({made.precision}), seed {made.seed}{code}"
        )
    if note := made.options.get("note"):
        yield f"How: {note}"


def _kind_of_picture(card: Card) -> str:
    from segmetry.report.methods import pixel_size_text

    kind = "grey pictures" if card.channels == 1 else "colour or grey pictures"
    if card.diameter_px is None:
        return kind
    how = "resampled to that" if card.scale == "match" else "not resampled"
    across = f"objects about {card.diameter_px:.3g} px across ({how})"
    if card.pixel_size_um is None:
        return f"{kind}; it learned from {across}"
    pixel = pixel_size_text({"pixel_size": card.pixel_size_um})
    return f"{kind}; it learned from {across}, pixels of {pixel}"


def _scales(card: Card) -> str:
    scales: Any = card.architecture["scales"]
    return ", ".join(f"{scale:g}" for scale in scales)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
