"""One picture of a batch: read it, run the recipe, leave its folder of results."""

import json
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from segmetry import io
from segmetry.batch.classes import classes_told, write_maps
from segmetry.batch.folders import UNFINISHED, is_result, remove_results, write_folder
from segmetry.batch.inputs import Picture, file_hash
from segmetry.batch.regions import WHOLE_COLUMN, counted_in_regions, marked
from segmetry.batch.rows import calibration_columns, found_columns, known_columns
from segmetry.batch.thin import read_thin, write_thin
from segmetry.batch.volumes import write_volume
from segmetry.calibrate import Calibration, crop_of_bar
from segmetry.errors import ReadError, SegmetryError
from segmetry.image import Image
from segmetry.io import IMAGE_COLUMNS
from segmetry.measure.thin_tables import ThinTables, tables_of
from segmetry.recipe import (
    Ready,
    Recipe,
    Result,
    find_objects,
    make_ready,
    with_thin,
)
from segmetry.report import draw_overlay

__all__ = [
    "UNFINISHED",
    "PictureResult",
    "attempted",
    "calibration_columns",
    "checked_hash",
    "earlier_result",
    "failure",
    "is_result",
    "process",
    "remarks_of",
    "row_of",
    "without_home",
    "write_pictures",
]

_AGREES = 0.03  # sources that differ by more stop a run unless one is chosen


@dataclass(frozen=True)
class PictureResult:
    """What became of one picture.

    Parameters
    ----------
    row : dict
        Its row of images.csv.
    objects : DataFrame or None
        Its rows of objects.csv; `None` where it failed.
    sha256 : str
        Hash of the file; empty where it could not be read.
    remarks : tuple of str
        What a person should know, for the log and the summary.
    trace : str
        Where an unexpected error came from, for the log.
    thin : ThinTables or None
        Its lines, where the recipe has them measured.
    counted : DataFrame or None
        Its objects by region, where it has any.
    classes : DataFrame or None
        How much of it each class takes, where the method tells several.
    """

    row: dict[str, Any]
    objects: pd.DataFrame | None = None
    sha256: str = ""
    remarks: tuple[str, ...] = ()
    trace: str = ""
    thin: ThinTables | None = None
    counted: pd.DataFrame | None = None
    classes: pd.DataFrame | None = None

    @property
    def failed(self) -> bool:
        """Whether the picture gave no result."""
        return self.objects is None


def process(
    picture: Picture, recipe: Recipe, out: Path, *, fingerprint: str, save_maps: bool
) -> PictureResult:
    """Run a recipe on one picture and write its folder of results.

    The folder appears whole or not at all. A picture that fails gives a row that says
    why; it never raises, so that the others go on.

    Parameters
    ----------
    picture : Picture
    recipe : Recipe
    out : Path
        Folder of the run.
    fingerprint : str
        Identifies recipe and version, so that a later run knows what it can keep.
    save_maps : bool
        Also write the probability of each pixel.

    Returns
    -------
    PictureResult
    """

    def do(known: dict[str, Any]) -> PictureResult:
        return _processed(picture, recipe, out, (fingerprint, save_maps), known)

    return attempted(picture, out, do)


def attempted(
    picture: Picture, out: Path, do: Callable[[dict[str, Any]], PictureResult]
) -> PictureResult:
    """Return what comes of a picture, or its failure with the reason in its row.

    Parameters
    ----------
    picture : Picture
    out : Path
        Folder of the run. What an earlier run made of a picture that fails is removed.
    do : callable
        Takes a dict, and puts into it the columns of the row that it gets to know.
    """
    known: dict[str, Any] = {}
    try:
        return do(known)
    except SegmetryError as error:
        failed = failure(picture, str(error), known=known)
    except MemoryError:
        failed = failure(picture, "Not enough memory for this picture.", known=known)
    except Exception as error:  # noqa: BLE001 - one bad picture must not stop the rest
        failed = failure(picture, _unexpected(error), known=known, trace=_trace(error))
    remove_results(out / picture.key)
    return failed


def _processed(
    picture: Picture,
    recipe: Recipe,
    out: Path,
    how: tuple[str, bool],
    known: dict[str, Any],
) -> PictureResult:
    fingerprint, save_maps = how
    sha256 = checked_hash(picture)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        original = io.read(picture.path, **recipe.reading.model_dump())
        ready = make_ready(recipe, original)
        known |= known_columns(ready)
        result = with_thin(recipe, find_objects(recipe, ready))
        result = counted_in_regions(picture.regions, recipe, original, result)
    remarks = remarks_of(result, [str(warning.message) for warning in caught])
    row = row_of(picture, ready, result)
    objects = _objects(picture, result)
    kept: dict[str, Any] = {
        "fingerprint": marked(fingerprint, picture.regions),
        "sha256": sha256,
        "row": row,
    }

    def write(folder: Path) -> None:
        write_pictures(folder, original, result)
        io.write_parquet(folder / "objects.parquet", objects)
        told = kept | {"remarks": list(remarks)}
        if (rows := write_maps(folder, result, save_maps=save_maps)) is not None:
            told["classes"] = kept["classes"] = rows
        if result.thin is not None:
            told["thin"] = write_thin(folder, result.image, result.thin)
        if result.counted is not None:
            io.write_parquet(folder / "regions.parquet", result.counted.table)
        io.write_json(folder / "picture.json", told)

    write_folder(out / picture.key, write)
    thin = None if result.thin is None else tables_of(result.thin)
    table = None if result.counted is None else result.counted.table
    return PictureResult(
        row,
        objects,
        sha256,
        remarks,
        thin=thin,
        counted=table,
        classes=classes_told(kept),
    )


def earlier_result(
    picture: Picture, out: Path, *, fingerprint: str, save_maps: bool = False
) -> PictureResult | None:
    """Return what an earlier run made of a picture, if recipe and file are the same."""
    folder = out / picture.key
    if save_maps and not (folder / "foreground.tif").is_file():
        return None
    try:
        kept = json.loads((folder / "picture.json").read_text(encoding="utf-8"))
        mark = marked(fingerprint, picture.regions)
        if kept["fingerprint"] != mark or kept["sha256"] != file_hash(picture.path):
            return None
        if not set(IMAGE_COLUMNS) <= kept["row"].keys():  # of an older version
            return None
        if "classes" in kept and not (folder / "classes.tif").is_file():
            return None
        objects = pd.read_parquet(folder / "objects.parquet")
        thin = read_thin(folder, kept["thin"]) if "thin" in kept else None
        regions = folder / "regions.parquet"
        table = pd.read_parquet(regions) if regions.is_file() else None
    except (OSError, ValueError, KeyError, ReadError):
        return None
    remarks = tuple(kept["remarks"])
    classes = classes_told(kept)
    row, sha256 = kept["row"], kept["sha256"]
    return PictureResult(
        row, objects, sha256, remarks, thin=thin, counted=table, classes=classes
    )


def checked_hash(picture: Picture) -> str:
    """Return the hash of a picture's file.

    Raises
    ------
    ReadError
        If it is not the file that the recipe names, or cannot be read.
    """
    sha256 = file_hash(picture.path)
    if picture.sha256 not in ("", sha256):
        msg = (
            f"{picture.path.name} is not the file that the recipe was written for: its "
            "content has changed. Give it before --out to use it as it is now."
        )
        raise ReadError(msg)
    return sha256


def _objects(picture: Picture, result: Result) -> pd.DataFrame:
    objects = result.objects.copy()
    objects.insert(0, "image", picture.key)
    if result.counted is not None:
        objects.insert(2, WHOLE_COLUMN, result.counted.names)
    return objects


def remarks_of(result: Result, notes: list[str]) -> tuple[str, ...]:
    """Return what a person should know of a result, besides the warnings in `notes`."""
    share = result.labels.steps[-1].options.get("chosen", {}).get("min_share", 0)
    notes += [note for step in result.image.steps for note in step.options.get("notes", ())]
    if _is_overruled(result.calibration):
        notes.append(f"The pixel size was chosen by hand: {result.calibration.note}.")
    if share:
        notes.append(
            f"Objects below {100 * share:.0f} % of the typical area were taken for specks "
            "and left out; the method's option “min_share” keeps them where it is 0."
        )
    return tuple(dict.fromkeys(without_home(note) for note in notes))


def _is_overruled(calibration: Calibration) -> bool:
    """Return whether a source of the pixel size speaks against the one that counts."""
    if calibration.pixel_size is None:
        return False
    size = calibration.pixel_size.in_um.x
    return any(
        abs(other.in_um.x / size - 1) > max(_AGREES, 2 * (other.uncertainty or 0))
        for other in calibration.candidates
    )


def write_pictures(folder: Path, original: Image | None, result: Result) -> None:
    """Write the labels of a picture, and pictures for the eye."""
    if result.image.axes.startswith("Z"):
        write_volume(folder, result.labels)
        return
    io.write_labels(folder / "labels.tif", result.labels)
    io.write_png(folder / "overlay.png", draw_overlay(result.labels))
    if original is not None and result.calibration.bar is not None:
        io.write_png(
            folder / "scale_bar.png", crop_of_bar(original, result.calibration.bar)
        )


def row_of(picture: Picture, ready: Ready, result: Result) -> dict[str, Any]:
    """Return the row of images.csv of a picture in which objects were looked for."""
    return failure(picture, "", known=known_columns(ready)).row | found_columns(result)


def failure(
    picture: Picture,
    reason: str,
    *,
    known: Mapping[str, Any] | None = None,
    trace: str = "",
) -> PictureResult:
    """Return the result of a picture that gave none, with the reason in its row."""
    row: dict[str, Any] = dict.fromkeys(IMAGE_COLUMNS)
    reason = without_home(" ".join(reason.split()))
    row |= {"image": picture.key, "path": picture.shown} | dict(known or {})
    row |= {"status": "failed", "reason": reason, "n_objects": 0}
    return PictureResult(row, trace=trace)


def _unexpected(error: Exception) -> str:
    return (
        f"Unexpected {type(error).__name__}: {error}. This is a fault in Segmetry; "
        "please report it with run.log."
    )


def _trace(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[::-1]
    )


def without_home(text: str) -> str:
    """Return a text in which the user's home folder is `~`.

    Examples
    --------
    >>> without_home("1/2 of a/b")
    '1/2 of a/b'
    """
    try:
        home = str(Path.home())
    except RuntimeError:  # there is none
        return text
    return text.replace(home, "~") if len(home) > 1 else text
