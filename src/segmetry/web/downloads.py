"""Routes about files to keep: tables, labels, overlays, reports, whole projects."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from segmetry import io
from segmetry.batch.inputs import stem_of
from segmetry.batch.thin import run_tables
from segmetry.errors import ProjectError
from segmetry.io.regions import write_regions
from segmetry.measure.thin_tables import tables_of
from segmetry.project import PictureRecord, Project, write_archive
from segmetry.project.exports import export_run
from segmetry.project.regions import REGIONS_ENDING, regions_of, repeating
from segmetry.project.tables import objects_with_origin
from segmetry.project.thin import MeasureLines
from segmetry.project.volume_labels import VolumeLabels
from segmetry.recipe import recipe_text
from segmetry.report import draw_overlay
from segmetry.report.canvas import to_png
from segmetry.report.montage import draw_montage
from segmetry.report.thin_figure import thin_figure
from segmetry.web.parts import Identifier, InMeasuring, InStore

__all__ = ["router", "sent"]

router = APIRouter(tags=["downloads"])

Format = Literal[
    "csv",
    "parquet",
    "sizes",
    "labels",
    "overlay",
    "report",
    "recipe",
    "folder",
    "regions",
    "segments",
    "nodes",
    "widths",
]
_ENDINGS = {
    "csv": "-objects.csv",
    "parquet": "-objects.parquet",
    "sizes": "-{column}.csv",  # the file has no header to tell the unit
    "labels": "-labels.tif",
    "overlay": "-overlay.png",
    "report": "-report.html",
    "recipe": "-recipe.toml",
    "folder": "-results.zip",
    "regions": REGIONS_ENDING,
    "segments": "-segments.csv",
    "nodes": "-nodes.csv",
    "widths": "-widths.png",
}


@router.get("/labels/{label}/export")
def download(
    label: Identifier,
    fmt: Annotated[Format, Query()],
    store: InStore,
    measuring: InMeasuring,
) -> FileResponse:
    """Return a file about one set of labels, as `segmetry run` writes it."""
    project = store.project_of_labels(label)
    found = project.labels.record(label)
    picture = project.pictures.record(found.picture)
    column = _area_column(project.labels.look_at(label).table)
    name = stem_of(picture.name) + _ENDINGS[fmt].format(column=column)
    return sent(name, lambda path: _write(project, label, fmt, path, measuring.measure))


@router.get("/projects/{project}/export")
def download_project(
    project: Identifier, store: InStore, measuring: InMeasuring
) -> FileResponse:
    """Return all results of a project as one zip: the folder of `segmetry run`."""
    found = store.project(project)
    name = f"{stem_of(found.name)}-results.zip"
    return sent(name, lambda path: _write_folder(found, None, path, measuring.measure))


@router.get("/projects/{project}/archive")
def download_archive(project: Identifier, store: InStore) -> FileResponse:
    """Return a whole project with its pictures and its history, to open elsewhere."""
    found = store.project(project)
    name = f"{stem_of(found.name)}.segmetry.zip"
    return sent(name, lambda path: write_archive(found, path))


def _write(
    project: Project, label: str, fmt: Format, path: Path, measure: MeasureLines
) -> None:
    labels = project.labels.look_at(label)
    record = project.labels.record(label)
    picture = project.pictures.record(record.picture)
    if fmt == "recipe":
        io.write_text(path, recipe_text(repeating(record.recipe, picture)))
    elif fmt == "regions":
        _write_regions(picture, path)
    elif fmt == "labels":
        io.write_labels(path, labels.labels)
    elif fmt == "overlay":
        draw = draw_montage if isinstance(labels, VolumeLabels) else draw_overlay
        io.write_png(path, draw(labels.labels))
    elif fmt == "report":
        with _exported(project, [label], measure) as folder:
            (folder / "report.html").replace(path)
    elif fmt == "folder":
        _write_folder(project, [label], path, measure)
    elif fmt in {"segments", "nodes", "widths"}:
        _write_lines(project, label, fmt, path, measure)
    else:
        _write_table(project, label, fmt, path)


def _write_regions(picture: PictureRecord, path: Path) -> None:
    regions = regions_of(picture)
    if not regions:
        msg = f"{picture.name} has no regions; draw some first."
        raise ProjectError(msg)
    write_regions(path, regions)


def _write_table(project: Project, label: str, fmt: Format, path: Path) -> None:
    table = objects_with_origin(project.labels.look_at(label))
    if fmt == "sizes":
        # SAEMI's file: the area of each object, one a line, without a header.
        areas = table[_area_column(table)].tolist()
        io.write_text(path, "".join(f"{area!r}\n" for area in areas))
        return
    picture = project.pictures.record(project.labels.record(label).picture)
    table.insert(0, "image", stem_of(picture.name))
    write: Callable[[Path, pd.DataFrame], None] = (
        io.write_table if fmt == "csv" else io.write_parquet
    )
    write(path, table)


def _write_lines(
    project: Project, label: str, fmt: Format, path: Path, measure: MeasureLines
) -> None:
    record = project.labels.record(label)
    lines = project.thin.of(record, measure=measure)
    if fmt == "widths":
        io.write_bytes(path, to_png(thin_figure(lines.labels.image, lines.found)))
        return
    stem = stem_of(project.pictures.record(record.picture).name)
    io.write_table(path, run_tables({stem: tables_of(lines.found)})[fmt])


def _area_column(table: pd.DataFrame) -> str:
    return "area_um2" if "area_um2" in table else "area_px"


def _write_folder(
    project: Project, labels: list[str] | None, path: Path, measure: MeasureLines
) -> None:
    with (
        _exported(project, labels, measure) as folder,
        zipfile.ZipFile(path, "w") as packed,
    ):
        for file in sorted(folder.rglob("*")):
            kind = zipfile.ZIP_STORED if file.suffix == ".png" else zipfile.ZIP_DEFLATED
            packed.write(file, file.relative_to(folder), compress_type=kind)


@contextmanager
def _exported(
    project: Project, labels: list[str] | None, measure: MeasureLines
) -> Iterator[Path]:
    """Yield a folder of results that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="segmetry-") as place:
        folder = Path(place) / "results"
        export_run(project, folder, labels=labels, measure=measure)
        yield folder


def sent(name: str, write: Callable[[Path], None]) -> FileResponse:
    """Return a file that `write` makes, to be saved under a name."""
    place = tempfile.TemporaryDirectory(prefix="segmetry-")
    try:
        path = Path(place.name) / f"file{Path(name).suffix}"
        write(path)
    except BaseException:
        place.cleanup()
        raise
    return FileResponse(
        path,
        filename=name,
        media_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff"},
        background=BackgroundTask(place.cleanup),
    )
