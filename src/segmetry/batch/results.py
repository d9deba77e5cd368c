"""The files of a whole run: tables, summary, report, recipe, manifest."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry import __version__, io
from segmetry.batch.command import command_of
from segmetry.batch.inputs import Picture, file_hash, utf8
from segmetry.batch.manifest import write_manifest
from segmetry.batch.pictures import PictureResult
from segmetry.batch.quality import quality_summary
from segmetry.batch.regions import REGION_TABLES, RegionResults
from segmetry.batch.thin import RUN_TABLES, run_tables
from segmetry.batch.volumes import of_volumes
from segmetry.calibrate import parse_length
from segmetry.io import (
    COUNT_COLUMN,
    IMAGE_COLUMNS,
    REGION_COLUMNS,
    THIN_IMAGE_COLUMNS,
    VOLUME_IMAGE_COLUMNS,
)
from segmetry.io.remote_files import without_secrets
from segmetry.io.zarr_files import url_of
from segmetry.measure import summarize
from segmetry.measure.classes import summarize_classes
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.region_tables import group_conditions
from segmetry.measure.thin_summary import summarize_thin
from segmetry.measure.thin_tables import ThinTables
from segmetry.measure.volume_summary import summarize_volumes
from segmetry.recipe import Recipe, files_used, recipe_text, with_paths
from segmetry.recipe.model import Input
from segmetry.report import ReportContent, write_report

__all__ = [
    "Further",
    "conditions_of",
    "recipe_of_run",
    "statistics_options",
    "write_results",
]

_OWN = {
    *IMAGE_COLUMNS,
    *VOLUME_IMAGE_COLUMNS,
    COUNT_COLUMN,
    *THIN_IMAGE_COLUMNS,
    *REGION_COLUMNS["images"],
}


def statistics_options(recipe: Recipe) -> StatisticsOptions:
    """Return a recipe's statistical choices, with lengths in micrometres."""
    values = recipe.statistics.model_dump(exclude={"limit"})
    limit = parse_length(recipe.statistics.limit).in_um.x
    return StatisticsOptions(limit_um=limit, **values)


def conditions_of(images: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns of a table of images that come from a sheet and tell groups."""
    return tuple(
        group_conditions([str(name) for name in images.columns if name not in _OWN])
    )


def recipe_of_run(
    recipe: Recipe,
    pictures: Sequence[Picture],
    results: Sequence[PictureResult],
    sheet: Path | None,
    out: Path,
) -> Recipe:
    """Return the recipe with the pictures and the sheet that it was run on.

    Paths in it are relative to the folder of the run, where it is kept.
    """
    inputs = tuple(
        Input(path=_relative(picture.path, out), sha256=result.sha256)
        for picture, result in zip(pictures, results, strict=True)
    )
    used = (
        None
        if sheet is None
        else Input(path=_relative(sheet, out), sha256=file_hash(sheet))
    )
    recipe = with_paths(recipe, lambda path: _relative(Path(path), out))
    return recipe.model_copy(update={"inputs": inputs, "sheet": used})


@dataclass(frozen=True, eq=False)
class Further:
    """What a run measured besides objects; `None` where it did not.

    Parameters
    ----------
    thin : mapping of str to ThinTables or None
        Lines by the name of the picture.
    regions : RegionResults or None
        Counts by region.
    classes : DataFrame or None
        Rows of classes.csv.
    """

    thin: Mapping[str, ThinTables] | None = None
    regions: RegionResults | None = None
    classes: pd.DataFrame | None = None


def write_results(
    out: Path,
    recipe: Recipe,
    tables: tuple[pd.DataFrame, pd.DataFrame],
    statistics: StatisticsOptions,
    *,
    remarks: Sequence[str],
    further: Further | None = None,
) -> dict[str, Any]:
    """Write all that a run leaves beside the folders of its pictures.

    Parameters
    ----------
    out : Path
    recipe : Recipe
        With its inputs.
    tables : tuple of DataFrame
        Objects and images.
    statistics : StatisticsOptions
    remarks : sequence of str
        What a person should know; goes in front of the summary's own warnings.
    further : Further or None
        What was measured besides objects.

    Returns
    -------
    dict
        The summary.

    Raises
    ------
    WriteError
        If a file cannot be written.
    """
    objects, images = tables
    summary = _summary(objects, images, statistics)
    told = filter(None, [summary["quality"]["sentence"]])
    summary["warnings"] = [*remarks, *told, *summary["warnings"]]
    further = further or Further()
    thin, regions, classes = further.thin, further.regions, further.classes
    more_tables = {
        **_write_lines(out, thin),
        **_write_regions(out, regions),
        **_write_classes(out, classes),
    }
    if thin is not None:
        summary["thin"] = _thin_summary(thin, images, statistics)
        summary["warnings"] += summary["thin"]["warnings"]
    if regions is not None:
        summary["regions"] = regions.summary
        summary["warnings"] += regions.summary["warnings"]
    if classes is not None:
        summary["classes"] = summarize_classes(
            classes, images, conditions=conditions_of(images), options=statistics
        )
    io.write_table(out / "objects.csv", objects)
    io.write_parquet(out / "objects.parquet", objects)
    io.write_table(out / "images.csv", _whole_numbers(images))
    io.write_json(out / "schema.json", _schemas(objects, images, more_tables))
    io.write_json(out / "summary.json", summary)
    text = recipe_text(recipe)
    io.write_text(out / "recipe.toml", text)
    done = images[images["status"] == "done"]
    write_report(
        out / "report.html",
        ReportContent(
            title=_title(images, "Classes" if classes is not None else "Sizes"),
            objects=objects,
            images=images,
            summary=summary,
            recipe_toml=text,
            command=command_of(recipe, list(images["path"])),
            version=__version__,
            overlays={name: out / name / "overlay.png" for name in done["image"]},
            bar_crops=_bars(out, done),
            width_pictures={name: out / name / "widths.png" for name in thin or ()},
            class_pictures=_class_pictures(out, classes),
        ),
    )
    named = [*recipe.inputs, *filter(None, [recipe.sheet])]
    inputs = [{"path": item.path, "sha256": item.sha256} for item in named]
    used = files_used(with_paths(recipe, lambda path: str(out / path)))
    files = {**used, **(regions.files if regions is not None else {})}
    inputs += [{"path": name, "sha256": sha256} for name, sha256 in files.items()]
    write_manifest(out, inputs, list(done["image"]))
    return summary


def _summary(
    objects: pd.DataFrame, images: pd.DataFrame, statistics: StatisticsOptions
) -> dict[str, Any]:
    """Return the statistics of pictures, and of volumes where there are any."""
    own_objects, volumes = of_volumes(objects, images)
    names = conditions_of(images)
    flat = images.drop(index=volumes.index)
    if len(volumes):
        flat = flat[flat["status"].ne("failed")]
    others = objects.drop(index=own_objects.index)
    summary = summarize(others, flat, options=statistics, conditions=names)
    summary["quality"] = quality_summary(flat, others, statistics)
    if not len(volumes):
        return summary
    found = summarize_volumes(own_objects, volumes, options=statistics, conditions=names)
    summary["volumes"] = found
    summary["n_failed"] = int(images["status"].eq("failed").sum())
    if not len(flat):  # nothing is said of pictures that there are not
        summary["warnings"], summary["pooled"]["warnings"] = [], []
    summary["warnings"] += found["warnings"]
    return summary


def _whole_numbers(images: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose integers stay integers beside cells that are missing."""
    whole = [name for name in images.columns if _is_whole(images[name])]
    return images.astype(dict.fromkeys(whole, "Int64"))


def _is_whole(column: pd.Series) -> bool:
    if column.dtype.kind != "f":
        return False
    known = column.dropna()
    if column.name in _OWN:
        return io.column(str(column.name), table="images").type == "integer"
    return bool(len(known) and (known % 1 == 0).all())


def _write_lines(
    out: Path, thin: Mapping[str, ThinTables] | None
) -> dict[str, pd.DataFrame]:
    """Write the tables of lines; where there are none, those of an earlier run go."""
    tables = {} if thin is None else run_tables(thin)
    for name, table in tables.items():
        io.write_table(out / f"{name}.csv", table)
        io.write_parquet(out / f"{name}.parquet", table)
    for name in set(RUN_TABLES) - set(tables):
        for ending in ("csv", "parquet"):
            (out / f"{name}.{ending}").unlink(missing_ok=True)
    return tables


def _write_regions(out: Path, regions: RegionResults | None) -> dict[str, pd.DataFrame]:
    """Write the tables of regions; where there are none, those of an earlier run go."""
    tables = {} if regions is None else regions.tables
    for name in REGION_TABLES:
        (out / f"{name}.csv").unlink(missing_ok=True)
    for name, table in tables.items():
        io.write_table(out / f"{name}.csv", table)
    return tables


def _write_classes(out: Path, classes: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Write the table of classes; where there is none, that of an earlier run goes."""
    path = out / "classes.csv"
    if classes is None:
        path.unlink(missing_ok=True)
        return {}
    io.write_table(path, classes)
    return {"classes": classes}


def _class_pictures(out: Path, classes: pd.DataFrame | None) -> dict[str, Path]:
    if classes is None:
        return {}
    paths = {str(name): out / name / "classes.png" for name in classes["image"].unique()}
    return {name: path for name, path in paths.items() if path.is_file()}


def _thin_summary(
    thin: Mapping[str, ThinTables], images: pd.DataFrame, statistics: StatisticsOptions
) -> dict[str, Any]:
    rows = images.set_index("image")
    stated = rows["calibration_uncertainty"].astype(float).fillna(0.0)
    return summarize_thin(
        thin,
        {name: float(stated[name]) for name in thin},
        level=statistics.level,
        resamples=statistics.resamples,
        seed=statistics.seed,
    )


def _schemas(
    objects: pd.DataFrame, images: pd.DataFrame, further: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    return {
        "objects.csv": io.schema(list(objects.columns)),
        "images.csv": io.schema(list(images.columns), table="images"),
        **{
            f"{name}.csv": io.schema(list(table.columns), table=name)
            for name, table in further.items()
        },
    }


def _title(images: pd.DataFrame, what: str) -> str:
    if len(images) == 1:
        return f"{what} in {images['path'].iloc[0]}"
    return f"{what} in {len(images)} pictures"


def _bars(out: Path, done: pd.DataFrame) -> dict[str, Path]:
    paths = {name: out / name / "scale_bar.png" for name in done["image"]}
    return {name: path for name, path in paths.items() if path.is_file()}


def _relative(path: Path, folder: Path) -> str:
    if url := url_of(path):
        return without_secrets(url)
    try:
        return utf8(Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix())
    except ValueError:  # on Windows, another drive has no relative path
        return utf8(path.as_posix())
