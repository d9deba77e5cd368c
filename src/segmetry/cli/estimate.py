"""From a run and a few corrected pictures to numbers of all, and an exit status."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from segmetry import __version__, io
from segmetry.batch.finished import FinishedRun, read_run
from segmetry.cli.chosen import CHOSEN, Choice, choose, read_choice
from segmetry.cli.tell import tell_error
from segmetry.dataset.predictions import find_predictions, match_names, read_mask
from segmetry.errors import DatasetError, RecipeError, SegmetryError, WriteError
from segmetry.evaluate.corrected_run import FEWEST_IN_GROUP, estimate_run
from segmetry.evaluate.corrections import Correction, compare
from segmetry.measure.conditions import condition_groups
from segmetry.measure.wording import count_of, named
from segmetry.report.budget import together
from segmetry.report.estimate import (
    EstimateContent,
    bias_sentence,
    count_text,
    estimate_html,
    estimate_rows,
    group_lines,
    scores_sentence,
)

__all__ = ["estimate"]

_SOME_FAILED = 1
_WRONG_COMMAND = 2
_WIDE = 120  # columns where nobody looks
_PAGE, _VALUES = "estimate.html", "estimate.json"


def estimate(
    folder: Path,
    corrected: Path | None,
    *,
    n: int | None,
    seed: int | None,
    out: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Choose pictures of a run to be corrected, or estimate all from the corrected.

    Parameters
    ----------
    folder : Path
        Of a run.
    corrected : Path or None
        Folder of corrected labels, where they are there.
    n : int or None
        Number of pictures to choose, before anything is corrected.
    seed : int or None
        Of the choice.
    out : Path or None
        Folder for a page and the numbers.
    overwrite : bool
        Choose anew; replace an earlier page.
    as_json : bool
        Print one JSON object and nothing else.

    Raises
    ------
    typer.Exit
        With status 1 if something cannot be written, 2 if the command line is wrong.
    """
    try:
        if (corrected is None) == (n is None):
            msg = (
                "Give either --choose or a folder of corrected labels: first choose, then "
                "correct, then estimate."
            )
            raise RecipeError(msg)
        if n is not None:
            _choose(folder, n, seed=seed, overwrite=overwrite, as_json=as_json)
        if corrected is not None:
            _refuse_overwriting(out, overwrite=overwrite)
            _tell(_estimate(folder, corrected), folder, out, as_json=as_json)
    except SegmetryError as error:
        tell_error(error, as_json=as_json)
        status = _SOME_FAILED if isinstance(error, WriteError) else _WRONG_COMMAND
        raise typer.Exit(status) from error


def _choose(
    folder: Path, n: int, *, seed: int | None, overwrite: bool, as_json: bool
) -> None:
    group_of = _group_of(read_run(folder))
    groups = list(group_of.values())
    choice = choose(
        folder, list(group_of), n, groups=groups, seed=seed, overwrite=overwrite
    )
    found = [group_of[name] for name in choice.pictures]
    spread = {group: found.count(group) for group in sorted(set(groups)) if group}
    if as_json:
        told = {"seed": choice.seed, "n_pictures": len(group_of), "groups": spread}
        typer.echo(json.dumps({**told, "chosen": list(choice.pictures)}))
        return
    typer.echo(
        f"{n} of {count_of(len(group_of), 'picture')}, chosen at random with seed "
        f"{choice.seed} ({CHOSEN} keeps the choice):"
    )
    for name in choice.pictures:
        typer.echo(f"  {name}")
    for line in _spread_lines(spread):
        typer.echo(line)
    typer.echo(
        "Correct their labels.tif, also where nothing is to be changed, and put the "
        f"results into a folder as NAME.tif; then: segmetry estimate {folder} FOLDER"
    )


def _group_of(run: FinishedRun) -> dict[str, str]:
    """Return the group of each picture by its name; "" where the sheet tells none."""
    group_of = dict.fromkeys(map(str, run.images["image"]), "")
    for same in condition_groups(run.images, run.conditions):
        names = run.images["image"][same.chosen]
        group_of |= dict.fromkeys(map(str, names), same.name)
    return group_of


def _spread_lines(spread: Mapping[str, int]) -> Iterator[str]:
    """Yield how many of the chosen pictures each group has, and which has too few."""
    if not spread:
        return
    counts = [f"{number} of {group}" for group, number in spread.items()]
    yield f"Spread over the groups by their sizes: {named(counts)}."
    few = [group for group, number in spread.items() if number < FEWEST_IN_GROUP]
    if few:
        yield (
            f"Numbers of a group need {FEWEST_IN_GROUP} corrected pictures of it; "
            f"{named(few)} {'has' if len(few) == 1 else 'have'} fewer: choose more."
        )


def _tell(told: dict[str, Any], folder: Path, out: Path | None, *, as_json: bool) -> None:
    if out is not None:
        _write(out, told, folder)
    if as_json:
        typer.echo(json.dumps(told))
        return
    _tell_numbers(told)
    if out is not None:
        typer.echo(f"Report: {out / _PAGE}")


def _estimate(folder: Path, corrected: Path) -> dict[str, Any]:
    run = read_run(folder)
    if corrected.is_dir() and corrected.resolve() == folder.resolve():
        msg = "The corrected labels are those of the run itself; name another folder."
        raise RecipeError(msg)
    choice = read_choice(folder)
    files = _files(run, corrected)
    names, notes = _at_random(list(files), choice)
    rows = run.images.set_index("image", drop=False)
    corrections = [
        _correction(run, name, files[name], dict(rows.loc[name])) for name in names
    ]
    told = estimate_run(
        run.objects,
        run.images,
        corrections,
        statistics=run.statistics,
        conditions=run.conditions,
        budgets=run.budgets,
    )
    told["notes"] = [*notes, *told["notes"]]
    return {"seed": None if choice is None else choice.seed, **told}


def _correction(run: FinishedRun, name: str, path: Path, row: dict[str, Any]) -> Correction:
    return compare(read_mask(run.labels(name)), read_mask(path), row)


def _files(run: FinishedRun, corrected: Path) -> dict[str, Path]:
    """Return the corrected label image of each picture of the run that has one."""
    names = [str(name) for name in run.images["image"]]
    found = find_predictions(corrected)
    pairs = match_names(names, found)
    if not pairs:
        example = names[0] if names else "NAME"
        msg = (
            f"No file in {corrected.name} has the name of a picture of the run; call them "
            f"as its folders, {example}.tif"
        )
        raise DatasetError(msg)
    return {name: found[other].labels for name, other in pairs.items()}


def _at_random(names: list[str], choice: Choice | None) -> tuple[list[str], list[str]]:
    """Return the corrected pictures that chance chose, and what to know of the choice."""
    if choice is None:
        note = (
            "Nobody knows whether chance chose these pictures: the intervals hold only if "
            "it did. `segmetry estimate RUN --choose N` chooses, and keeps the choice."
        )
        return names, [note]
    notes = []
    chosen = [name for name in names if name in choice.pictures]
    others = [name for name in names if name not in choice.pictures]
    missing = [name for name in choice.pictures if name not in names]
    if others and chosen:
        notes.append(f"Corrected, but not chosen at random, so left out: {named(others)}.")
    elif others:
        notes.append(
            "None of the corrected pictures is one that was chosen at random: the "
            "intervals do not hold."
        )
    if missing and chosen:
        notes.append(
            f"Chosen, but not corrected: {named(missing)}. The intervals hold only if "
            "these are like the others."
        )
    if choice.n_earlier:
        notes.append(
            f"Pictures were chosen {choice.n_earlier + 1} times; that the last choice "
            "counts may have been a choice too."
        )
    return chosen or names, notes


def _refuse_overwriting(out: Path | None, *, overwrite: bool) -> None:
    if out is not None and not overwrite and (out / _PAGE).exists():
        msg = f"{out} holds an estimate already; name another folder or say --overwrite"
        raise RecipeError(msg)


def _write(out: Path, told: dict[str, Any], folder: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Cannot make the folder {out.name}: {error.strerror or error}"
        raise WriteError(msg) from error
    title = f"Corrected numbers of {folder.absolute().name}"
    io.write_json(out / _VALUES, told)
    io.write_text(
        out / _PAGE, estimate_html(EstimateContent(title, told, version=__version__))
    )


def _tell_numbers(told: dict[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)
    pictures = count_of(told["n_pictures"], "picture")
    typer.echo(f"{told['n_corrected']} of {pictures} corrected.")
    for sentence in (bias_sentence(told), scores_sentence(told)):
        if sentence:
            typer.echo(sentence)
    table = Table(box=None)
    level = f"{100 * told['level']:g} % interval"
    for name in ("of all pictures", "corrected", "", level, "automatic"):
        table.add_column(name, no_wrap=True)
    for row in estimate_rows(told):
        table.add_row(row.name, row.value, row.unit, row.interval, row.meaning)
    console.print(table)
    alone = count_text(told["methods"]["corrected alone"])
    typer.echo(f"The corrected pictures alone would give {alone[0]} ({alone[1]}) objects.")
    typer.echo(told["plan"]["sentence"])
    if sentence := together(told["error_budget"]):
        typer.echo(f"Error budget: {sentence}")
    _tell_groups(console, list(group_lines(told["groups"], told["unit"])))
    for note in told["notes"]:
        typer.echo(note, err=True)


def _tell_groups(console: Console, groups: Sequence[tuple[str, ...]]) -> None:
    if not groups:
        return
    table = Table(box=None)
    for name in ("group", "", "objects", "number per area", "mean diameter"):
        table.add_column(name)
    for row in groups:
        table.add_row(*(escape(text) for text in row))
    console.print(table)
