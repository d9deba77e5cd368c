"""A finished run whose objects a person has corrected: its files and tables written anew.

What the run found stays beside what is there now, as `labels_found.tif` and
`objects_found.parquet` in the folder of the picture; `changes.csv` there tells what became
of each object since.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry import io
from segmetry.batch.classes import classes_told
from segmetry.batch.finish import BatchResult, finish
from segmetry.batch.inputs import Picture
from segmetry.batch.pictures import PictureResult, failure
from segmetry.batch.quality import clipped_column
from segmetry.batch.regions import WHOLE_COLUMN, drawn_in
from segmetry.batch.thin import read_thin, thin_columns, write_thin
from segmetry.batch.work import Work, work_of
from segmetry.errors import ReadError, WriteError
from segmetry.image import Labels
from segmetry.measure.changes import compare_labels
from segmetry.recipe import Recipe, read_recipe
from segmetry.recipe.lines import measure_lines
from segmetry.recipe.regions import count_objects
from segmetry.report import draw_overlay

__all__ = [
    "Corrected",
    "found_labels",
    "found_objects",
    "picture_facts",
    "work_of_run",
    "write_corrected",
]

_LABELS, _OBJECTS, _FACTS = "labels.tif", "objects.parquet", "picture.json"
_CHANGES = "changes.csv"
_FOUND = {_LABELS: "labels_found.tif", _OBJECTS: "objects_found.parquet"}
_OWN = ("image", "label", WHOLE_COLUMN)


@dataclass(frozen=True, eq=False)
class Corrected:
    """What a picture of a run holds now.

    Parameters
    ----------
    key : str
        Its name in the run.
    labels : Labels
        On the picture as it was segmented.
    objects : DataFrame or None
        Their table, with `origin`; `None` where they are again those that were found.
    row : dict
        Its row of images.csv.
    """

    key: str
    labels: Labels
    objects: pd.DataFrame | None
    row: Mapping[str, Any]


def work_of_run(out: Path) -> Work:
    """Return what a finished run had to do, from the recipe in its folder.

    Raises
    ------
    RecipeError
        If there is no recipe, or a file that it names is no longer where it was.
    """
    recipe = read_recipe(out / "recipe.toml")
    return work_of(recipe, (), out, out)


def picture_facts(out: Path, key: str) -> dict[str, Any]:
    """Return what a run has noted of a picture: `row`, `remarks`, `sha256` and others.

    Raises
    ------
    ReadError
        If the run has no results of it, or they are damaged.
    """
    try:
        facts = json.loads((out / key / _FACTS).read_text(encoding="utf-8"))
        return {**facts, "row": dict(facts["row"]), "remarks": list(facts["remarks"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = (
            f"Expected the folder of a run with results of {key}, but {out.name} has none "
            "that can be read."
        )
        raise ReadError(msg) from error


def found_labels(out: Path, key: str) -> Path:
    """Return the label image that the run found, before any correction."""
    return _found(out / key, _LABELS)


def found_objects(out: Path, key: str) -> pd.DataFrame:
    """Return the table of the objects that the run found, before any correction.

    Raises
    ------
    ReadError
        If it is missing or damaged.
    """
    path = _found(out / key, _OBJECTS)
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        msg = f"Cannot read {path.name} of {key}; run the picture again."
        raise ReadError(msg) from error


def write_corrected(out: Path, corrected: Sequence[Corrected]) -> BatchResult:
    """Write pictures of a finished run as they are now, and all tables of the run.

    Parameters
    ----------
    out : Path
        Folder of the run.
    corrected : sequence of Corrected

    Returns
    -------
    BatchResult
        The tables with every picture of the run.

    Raises
    ------
    ReadError, RecipeError
        If the folder is not that of a run, or a file that its recipe names is gone.
    WriteError
        If a file cannot be written.
    """
    work = work_of_run(out)
    now = {one.key: one for one in corrected}
    for picture in work.pictures:
        if picture.key in now:
            _write_picture(out / picture.key, work.recipe, picture, now[picture.key])
    failed = _failed_rows(out)
    results = [_result(out, picture, failed) for picture in work.pictures]
    return finish(out, work, results)


def _found(folder: Path, name: str) -> Path:
    kept = folder / _FOUND[name]
    return kept if kept.is_file() else folder / name


def _write_picture(folder: Path, recipe: Recipe, picture: Picture, now: Corrected) -> None:
    facts = picture_facts(folder.parent, picture.key)
    found = found_objects(folder.parent, picture.key)
    if now.objects is not None:
        _keep_found(folder)
    _write_changes(folder, now)
    row = {**now.row, **clipped_column(now.labels)}
    objects = found
    if now.objects is not None:
        objects = _with_found_columns(now.objects.assign(image=picture.key), found)
    io.write_labels(folder / _LABELS, now.labels)
    io.write_png(folder / "overlay.png", draw_overlay(now.labels))
    if recipe.thin.enabled:
        lines = measure_lines(recipe.thin, now.labels)
        facts["thin"] = write_thin(folder, now.labels.image, lines)
        row |= thin_columns(lines)
    if picture.regions is not None:
        original = io.read(picture.path, **recipe.reading.model_dump())
        regions = drawn_in(picture.regions, original)
        counted = count_objects(recipe, now.labels, objects, regions)
        objects = objects.assign(**{WHOLE_COLUMN: counted.names})
        io.write_parquet(folder / "regions.parquet", counted.table)
    io.write_parquet(folder / _OBJECTS, objects)
    io.write_json(folder / _FACTS, facts | {"row": row})
    if now.objects is None:
        _let_go_of_found(folder)


def _keep_found(folder: Path) -> None:
    """Keep the files that the run wrote, each whole or not at all."""
    for name, kept in _FOUND.items():
        if not (folder / kept).exists():
            io.write_bytes(folder / kept, _content(folder / name))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"Cannot read {path.name}: {error.strerror or error}."
        raise ReadError(msg) from error


def _let_go_of_found(folder: Path) -> None:
    """Remove what was kept, where the run's own files are again the same."""
    try:
        for kept in _FOUND.values():
            (folder / kept).unlink(missing_ok=True)
    except OSError as error:
        msg = f"Cannot write in the folder {folder.name}: {error.strerror or error}."
        raise WriteError(msg) from error


def _write_changes(folder: Path, now: Corrected) -> None:
    """Write what became of each object that the run found, and which are new."""
    if now.objects is None:
        (folder / _CHANGES).unlink(missing_ok=True)
        return
    found = io.read_labels(folder / _FOUND[_LABELS], allow_empty=True)
    io.write_table(folder / _CHANGES, compare_labels(found, now.labels.data))


def _with_found_columns(objects: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return a table with what only the run knew, of objects that nobody changed.

    Columns stand as they stood in the run's table, `origin` last.
    """
    lacking = [name for name in found.columns if name not in objects and name not in _OWN]
    unchanged = objects.loc[objects["origin"].eq("found"), "label"]
    known = found.set_index("label")[lacking].reindex(unchanged).reindex(objects["label"])
    known.index = objects.index
    whole = pd.concat([objects, known], axis=1)
    return whole.reindex(columns=[*found.columns.drop("origin", errors="ignore"), "origin"])


def _failed_rows(out: Path) -> dict[str, dict[str, Any]]:
    images = pd.read_csv(out / "images.csv", keep_default_na=False, na_values=[""])
    failed = images[images["status"] == "failed"].astype(object)
    rows = failed.where(failed.notna(), None).to_dict("records")
    return {str(row["image"]): {str(name): row[name] for name in row} for row in rows}


def _result(
    out: Path, picture: Picture, failed: Mapping[str, dict[str, Any]]
) -> PictureResult:
    """Return what became of a picture, read from its folder, or its row if it failed."""
    if not (out / picture.key / _FACTS).is_file() and picture.key in failed:
        row = failed[picture.key]
        return replace(failure(picture, str(row["reason"])), row=row)
    facts, folder = picture_facts(out, picture.key), out / picture.key
    try:
        objects = pd.read_parquet(folder / _OBJECTS)
        thin = read_thin(folder, facts["thin"]) if "thin" in facts else None
        regions = folder / "regions.parquet"
        counted = pd.read_parquet(regions) if regions.is_file() else None
    except (OSError, ValueError, KeyError) as error:
        msg = f"The results of {picture.key} are damaged ({error}); run it again."
        raise ReadError(msg) from error
    return PictureResult(
        facts["row"],
        objects,
        facts["sha256"],
        tuple(facts["remarks"]),
        thin=thin,
        counted=counted,
        classes=classes_told(facts),
    )
