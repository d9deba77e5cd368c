"""Objects in the files of other programs, made label images of their pictures."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.dots import read_dots
from segmetry.dataset.import_pictures import FolderPictures, RunPictures
from segmetry.dataset.names import without_mask_words
from segmetry.dataset.pairs import list_pictures
from segmetry.errors import DatasetError
from segmetry.io.exchange import (
    SEG_ENDING,
    Annotation,
    MaskOrigin,
    read_cellpose_seg,
    read_coco,
    read_geojson,
    read_label_zarr,
    read_mask_image,
    read_rle,
    read_roi_zip,
)
from segmetry.io.exchange.filling import paint_runs
from segmetry.io.exchange.rows import read_rows
from segmetry.io.masks import CELLPOSE_MASKS
from segmetry.io.names import plain_stem
from segmetry.io.zarr_files import is_zarr

__all__ = ["read_annotations"]

_OF_ONE_PICTURE = {
    ".geojson": read_geojson,
    ".zip": read_roi_zip,
    ".roi": read_roi_zip,
}
_OTHER_ENDINGS = (*_OF_ONE_PICTURE, ".json", ".csv")
_ROIS = re.compile(r"(_rois|_roiset)$", re.IGNORECASE)  # of names that we and ImageJ give

_Pictures = FolderPictures | RunPictures


def read_annotations(
    source: Path,
    *,
    images: Path | None = None,
    run: Path | None = None,
    allow_pickle: bool = False,
) -> Iterator[Annotation]:
    """Read objects from files of other programs; what a file is, it tells itself.

    Parameters
    ----------
    source : Path
        A file, or a folder of such: COCO, run lengths of Kaggle, a zip of ImageJ's
        selections, GeoJSON, a table of dots, label images or masks, files of Cellpose.
        Where a folder has files of Cellpose, only these are read: they lie beside pictures.
    images : Path or None
        Folder of the pictures. It is needed for files that do not tell the size of a
        picture (ImageJ, GeoJSON, dots); with it, names and sizes are checked.
    run : Path or None
        Instead of `images`, the folder of the run whose objects they were.
    allow_pickle : bool
        Whether a person said that the files of Cellpose's window (`NAME_seg.npy`) come from
        somebody who can be trusted.

    Yields
    ------
    Annotation
        Called as the picture's file without ending. A dot is an object of one pixel.

    Raises
    ------
    DatasetError
        If there is nothing to read, no picture has the name, or its size is another.
    ReadError
        If a file cannot be read.
    """
    pictures: _Pictures = FolderPictures(images)
    if run is not None:
        _refuse_own_file(source, run)
        pictures = RunPictures(run, is_of_one=source.is_file())
    files = _files(source)
    for path in files:
        for one in _read(path, pictures, allow_pickle=allow_pickle):
            yield replace(pictures.checked(one), origin=MaskOrigin("imported"))


def _files(source: Path) -> list[Path]:
    if source.is_file() or is_zarr(source):
        return [source]
    if not source.is_dir():
        msg = f"{source} is not there; give a file of annotations, or a folder of such"
        raise DatasetError(msg)
    others = [path for path in source.iterdir() if path.suffix.lower() in _OTHER_ENDINGS]
    masks = list_pictures(source)
    if masks:  # beside masks, tables tell where these come from
        others = [path for path in others if path.suffix.lower() in _OF_ONE_PICTURE]
    found = _of_cellpose(masks) or sorted([*others, *masks])
    if not found:
        msg = f"The folder {source.name or source} holds no annotations of a known format"
        raise DatasetError(msg)
    return found


def _refuse_own_file(source: Path, run: Path) -> None:
    if source.resolve().is_relative_to(run.resolve()):
        msg = (
            f"{source.name} is a file of the run itself; edit a copy, called otherwise and "
            f"in another folder, so that the run still knows what it found"
        )
        raise DatasetError(msg)


def _of_cellpose(paths: Iterable[Path]) -> list[Path]:
    """Return the files of Cellpose, of each picture one: its masks rather than a pickle."""
    found: dict[str, Path] = {}
    for path in paths:
        name = path.name.lower()
        if name.endswith(SEG_ENDING):
            found.setdefault(name.removesuffix(SEG_ENDING), path)
        elif plain_stem(path).lower().endswith(CELLPOSE_MASKS):
            found[plain_stem(path).lower().removesuffix(CELLPOSE_MASKS)] = path
    return sorted(found.values())


def _read(path: Path, pictures: _Pictures, *, allow_pickle: bool) -> Iterable[Annotation]:
    ending = path.suffix.lower()
    if is_zarr(path):
        found = read_label_zarr(path)
        return [replace(found, name=without_mask_words(found.name), file_name="")]
    if path.name.lower().endswith(SEG_ENDING):
        found = read_cellpose_seg(path, is_trusted=allow_pickle)
        return [replace(found, name=path.name[: -len(SEG_ENDING)], file_name="")]
    if ending == ".csv":
        return _of_table(path, pictures)
    if ending == ".json" and _is_coco(path):
        return read_coco(path)
    reader: Callable[..., Annotation] = _OF_ONE_PICTURE.get(ending, read_geojson)
    if ending in _OTHER_ENDINGS:
        name = pictures.name(_ROIS.sub("", plain_stem(path)))
        return [replace(reader(path, shape=pictures.shape(name)), name=name)]
    found = read_mask_image(path)
    return [replace(found, name=without_mask_words(found.name), file_name="")]


def _is_coco(path: Path) -> bool:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False  # whoever reads it as GeoJSON tells what is wrong
    return isinstance(content, dict) and "annotations" in content


def _of_table(path: Path, pictures: _Pictures) -> Iterator[Annotation]:
    columns = next(iter(read_rows(path)), {})
    if "imageid" in columns:
        yield from read_rle(path, shape_of=lambda name: pictures.shape(pictures.name(name)))
        return
    if isinstance(pictures, RunPictures):
        msg = (
            f"{path.name} has dots, which tell no outlines: the objects of a run would be "
            f"single pixels; import it with --out instead"
        )
        raise DatasetError(msg)
    for found, dots in read_dots(path).items():
        name = pictures.name(found)
        yield Annotation(name, _dotted(dots, pictures.shape(name)))


def _dotted(dots: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.uint32]:
    """Return an object of one pixel for each dot, numbered as they come."""
    # What is far outside stays outside, and within what whole numbers hold.
    y, x = np.floor(dots.clip(-1, 2 * max(shape)) + 0.5).astype(np.int64).T
    inside = (y >= 0) & (x >= 0) & (y < shape[0]) & (x < shape[1])
    numbers = np.arange(1, len(dots) + 1, dtype=np.uint32)
    at = np.flatnonzero(inside)
    return paint_runs(numbers, at, ((y * shape[1] + x)[at], np.ones_like(at)), shape)
