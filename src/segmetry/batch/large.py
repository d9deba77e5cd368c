"""One picture of a run, tile by tile: results as of any picture, in little memory."""

import os
import shutil
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segmetry import io
from segmetry.batch.far import see_to_sharing
from segmetry.batch.folders import write_folder
from segmetry.batch.inputs import Picture
from segmetry.batch.memory import jobs_within, memory_of_whole, tile_side
from segmetry.batch.pictures import (
    PictureResult,
    attempted,
    checked_hash,
    failure,
    remarks_of,
    write_pictures,
)
from segmetry.batch.progress import Progress
from segmetry.batch.rows import calibration_columns, found_columns, known_columns
from segmetry.errors import SegmetryError, WorkersError
from segmetry.image import Image, Labels, Step
from segmetry.io.ome_zarr_labels import LabelsWriter
from segmetry.io.zarr_levels import ZarrLevels
from segmetry.large import (
    Found,
    Options,
    ReadyPicture,
    Store,
    finds_by_tile,
    segment_large,
)
from segmetry.measure.exposure import exposure_columns
from segmetry.recipe import Ready, Recipe, Result, make_ready
from segmetry.recipe.run import segmenter_of
from segmetry.segment import Maps
from segmetry.tiled import TiledImage
from segmetry.workers import Workers, open_workers

__all__ = ["STATE", "LargeRun", "needs_tiles", "process_large"]

STATE = ".tiles-"  # folders in which the state of a picture is kept until it is done

_SEEN_WHOLE = 50 * 10**6  # pixels up to which a banner and a scale bar are looked for
_AS_TIFF = 2**25  # pixels up to which labels are also written as one TIFF
_CHUNK = 512  # pixels; sides of tiles are multiples of it

Tell = Callable[[str], None]


@dataclass(frozen=True)
class LargeRun:
    """How large pictures of a run are worked on.

    Parameters
    ----------
    recipe : Recipe
    out : Path
        Folder of the run.
    fingerprint : str
        See `segmetry.batch.pictures.process`.
    memory : int
        Bytes that all processes together may take; on a cluster, each worker.
    """

    recipe: Recipe
    out: Path
    fingerprint: str
    memory: int


def needs_tiles(picture: Picture, recipe: Recipe, memory: int) -> bool:
    """Return whether a picture is too large to be seen whole, and can be seen in tiles.

    Parameters
    ----------
    picture : Picture
    recipe : Recipe
    memory : int
        Bytes that the run may take.
    """
    if not _is_for_tiles(picture, recipe):
        return False
    try:
        tiled = _opened(picture, recipe)
        n_channels = 3 if tiled.axes == "YXC" else 1
    except SegmetryError:  # who reads it will say why
        return False
    return memory_of_whole(tiled.spatial_shape, n_channels) > memory


def _is_for_tiles(picture: Picture, recipe: Recipe) -> bool:
    """Return whether all that a recipe asks for can be done tile by tile."""
    return (
        finds_by_tile(segmenter_of(recipe))
        and picture.regions is None
        and not recipe.thin.enabled
        and recipe.banner.fill == "none"
        and recipe.stains.look_at == "none"
        and recipe.stains.slide == "auto"
    )


def _opened(picture: Picture, recipe: Recipe) -> TiledImage:
    chosen = recipe.reading
    return io.open_tiled(picture.path, page=chosen.page, channel=chosen.channel)


def process_large(
    picture: Picture,
    run: LargeRun,
    jobs: int | None,
    cluster: str | int | None,
    tell: Tell,
) -> PictureResult:
    """Run a recipe on one picture tile by tile, and write its folder of results.

    The folder appears whole or not at all; what is done before is kept beside it, so that
    a run that was ended goes on at the tile.

    Parameters
    ----------
    picture : Picture
    run : LargeRun
    jobs : int or None
        Processes that work on tiles; fewer where the memory is not enough for so many.
        `None` takes as many as fit.
    cluster : str, int or None
        See `segmetry.workers.open_workers`.
    tell : callable
        Called with what is being done, in words.

    Returns
    -------
    PictureResult
    """
    store = Store(run.out / f"{STATE}{picture.key}")
    lost: list[WorkersError] = []
    n_jobs = 1 if cluster is not None else jobs_within(run.memory, jobs)
    cut = tile_side(run.memory, n_jobs), n_jobs

    def do(known: dict[str, Any]) -> PictureResult:
        try:
            with open_workers(jobs=n_jobs, cluster=cluster) as workers:
                if cluster is not None:
                    see_to_sharing(workers, run.out, picture.path)
                progress = Progress(tell, workers.told)
                return _processed(picture, run, store, (workers, progress, cut), known)
        except WorkersError as error:  # what is done was done well
            lost.append(error)
            raise

    result = attempted(picture, run.out, do)
    if not lost:
        store.remove()
    return result


def _processed(
    picture: Picture,
    run: LargeRun,
    store: Store,
    by: "tuple[Workers, Progress, tuple[int, int]]",
    known: dict[str, Any],
) -> PictureResult:
    sha256 = checked_hash(picture)
    workers, progress, (side, sharing) = by
    store.begin(f"{run.fingerprint} {sha256} {side}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        stored = _opened(picture, run.recipe)
        original, ready = _made_ready(picture, run.recipe, stored)
        known |= known_columns(ready) if original is not None else _known(ready)
        excluded = ready.image.excluded
        bits = None if excluded is None else np.packbits(excluded, axis=1)
        tiled = ReadyPicture(stored, ready.image.pixel_size, bits)
        writer = _writer(store, tiled)
        found = segment_large(
            tiled,
            segmenter_of(run.recipe),
            store=store,
            workers=workers,
            options=Options(
                side=side,
                memory=run.memory,
                sharing=sharing,
                perimeters=run.recipe.measurement.perimeters,
            ),
            writer=writer,
            tell=progress,
        )
    result = _result(run.recipe, ready, found)
    remarks = remarks_of(result, [str(warning.message) for warning in caught])
    row = failure(picture, "", known=known).row | _found(result, found)
    objects = found.objects.copy()
    objects.insert(0, "image", picture.key)
    kept = {"fingerprint": run.fingerprint, "sha256": sha256, "row": row}

    def write(folder: Path) -> None:
        progress("writing labels", 0, 1)
        writer.finish()
        shutil.copytree(writer.path, folder / "labels.ome.zarr", copy_function=_linked)
        write_pictures(folder, original, result)
        (folder / "labels.tif").unlink()  # of the reduced copy
        _write_tiff(folder, tiled)
        io.write_parquet(folder / "objects.parquet", objects)
        io.write_json(folder / "picture.json", kept | {"remarks": list(remarks)})

    write_folder(run.out / picture.key, write)
    return PictureResult(row, objects, sha256, remarks)


def _writer(store: Store, tiled: TiledImage) -> LabelsWriter:
    """Return where the labels go, also where an earlier run has begun to write them."""
    path = store.folder / "labels.ome.zarr"
    if path.exists():
        levels = ZarrLevels(path, "YX", tiled.spatial_shape, "<u4", _CHUNK, "0.4")
        return LabelsWriter(levels, "labels", tiled.pixel_size)
    return LabelsWriter.create(
        path, tiled.spatial_shape, chunk=_CHUNK, pixel_size=tiled.pixel_size
    )


def _made_ready(
    picture: Picture, recipe: Recipe, stored: TiledImage
) -> tuple[Image | None, Ready]:
    """Settle pixel size and excluded area; a very large picture is not looked at for it.

    Returns the picture itself too, where it was looked at.
    """
    height, width = stored.spatial_shape
    if height * width <= _SEEN_WHOLE:
        original = io.read(picture.path, **recipe.reading.model_dump())
        return original, make_ready(recipe, original)
    unseen = Image(
        np.broadcast_to(np.uint8(0), stored.spatial_shape),
        pixel_size=stored.pixel_size,
        name=stored.name,
        steps=stored.read((slice(0, 1), slice(0, 1))).steps,
    )
    banner, area = recipe.banner, recipe.area
    blind = recipe.model_copy(
        update={
            "calibration": recipe.calibration.model_copy(update={"scale_bar": False}),
            "banner": banner.model_copy(
                update={"exclude": "none" if banner.exclude == "auto" else banner.exclude}
            ),
            "area": area.model_copy(
                update={
                    "field_of_view": "none"
                    if area.field_of_view == "auto"
                    else area.field_of_view
                }
            ),
        }
    )
    return None, make_ready(blind, unseen)


def _linked(source: str, target: str) -> None:
    """Give a file a second name, where the disk can; else copy it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _known(ready: Ready) -> dict[str, Any]:
    """Return the columns of images.csv that are known of a picture not looked at."""
    image = ready.image
    height, width = image.spatial_shape
    frame = (0, 0, width, height)
    if image.excluded is not None:
        rows = np.flatnonzero(~image.excluded.all(axis=1))
        columns = np.flatnonzero(~image.excluded.all(axis=0))
        frame = (0,) * 4
        if len(rows):
            frame = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    sides = ("x_min", "y_min", "x_max", "y_max")
    return {
        "width_px": width,
        "height_px": height,
        **{f"frame_{side}_px": int(end) for side, end in zip(sides, frame, strict=True)},
        "banner_rows": "",
        "field_of_view": "",
    } | calibration_columns(ready.calibration)


def _result(recipe: Recipe, ready: Ready, found: Found) -> Result:
    """Return what was found, with a reduced copy in place of the picture."""
    segmenter = segmenter_of(recipe)
    excluded = found.excluded if found.excluded.any() else None
    copy = Image(
        found.pixels,
        axes="YXC" if found.pixels.ndim == 3 else "YX",
        excluded=excluded,
        name=ready.image.name,
        steps=ready.image.steps,
    )
    step = Step(segmenter.name, {**asdict(segmenter), **found.found})
    labels = Labels(found.labels, copy, steps=(step,))
    maps = Maps(np.zeros((0, 0), np.float32))
    return Result(copy, labels, found.objects, maps, ready.calibration, ready.banner)


def _found(result: Result, found: Found) -> dict[str, Any]:
    """Return the columns of images.csv that tell what was found."""
    return found_columns(result) | {
        "included_area_px": found.included,
        "foreground_fraction": found.covered / found.included,
        **exposure_columns(found.exposure, found.pixels.dtype),
    }


def _write_tiff(folder: Path, tiled: TiledImage) -> None:
    """Write the labels as one TIFF too, where a program can hold them."""
    height, width = tiled.spatial_shape
    if height * width > _AS_TIFF:
        return
    data = io.read_labels(folder / "labels.ome.zarr", allow_empty=True)
    unseen = np.broadcast_to(np.uint8(0), tiled.spatial_shape)
    labels = Labels(data, Image(unseen, pixel_size=tiled.pixel_size))
    io.write_labels(folder / "labels.tif", labels)
