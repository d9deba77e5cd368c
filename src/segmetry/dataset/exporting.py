"""Masks in folders, with the pictures they belong to, to be given out in other formats."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from segmetry.dataset.layout import find_parts
from segmetry.dataset.names import without_mask_words
from segmetry.dataset.origins import find_origins
from segmetry.dataset.pairs import Pairing, list_pictures
from segmetry.errors import DatasetError, ReadError
from segmetry.image import PixelSize
from segmetry.io import read_labels
from segmetry.io.exchange import Annotation, MaskKind, MaskOrigin
from segmetry.io.exchange.rows import read_rows
from segmetry.io.names import plain_stem
from segmetry.io.tables import guarded
from segmetry.io.zarr_files import is_zarr

__all__ = ["MaskFile", "find_masks"]

_LABELS = ("labels.ome.zarr", "labels.tif")  # of a large picture; TIFF counts if both
_NO_MEASUREMENTS = ("image", "label", "origin")


@dataclass(frozen=True, eq=False)
class MaskFile:
    """A mask that was not read yet.

    Parameters
    ----------
    name : str
        Of the picture, without ending.
    read : callable
        Returns its `Annotation`. Raises `ReadError` if the file cannot be read.
    """

    name: str
    read: Callable[[], Annotation]


def find_masks(folder: Path, *, measured: bool = False) -> list[MaskFile]:
    """List the masks of a run, of an annotated set, or of a folder of label images.

    Parameters
    ----------
    folder : Path
        What `segmetry run` wrote; or pictures with masks, as `find_parts` finds them; or
        label images or masks.
    measured : bool
        Whether to read what a run measured of each object.

    Returns
    -------
    list of MaskFile
        Ordered by name. What a run measured of each object, and where masks come from, is
        told where the folder tells it.

    Raises
    ------
    DatasetError
        If there are none, or the set has several parts.
    ReadError
        If a table of the run cannot be read.
    """
    if not folder.is_dir():
        msg = f"{folder} is no folder; give that of a run, of label images, or of a set"
        raise DatasetError(msg)
    run = {path.parent: path for name in _LABELS for path in folder.glob(f"*/{name}")}
    if run:
        paths = [run[place] for place in sorted(run)]
        return _of_run(folder, paths, measured=measured)
    pairing = _pairs_in(folder)
    if pairing is not None:
        return _of_set(pairing)
    paths = [folder] if is_zarr(folder) else list_pictures(folder)
    found = []
    for path, origin in zip(paths, find_origins(paths), strict=True):
        name = without_mask_words(plain_stem(path))
        found.append(MaskFile(name, partial(_read, path, name, origin=origin)))
    if not found:
        msg = f"The folder {folder.name or folder} holds neither a run nor label images"
        raise DatasetError(msg)
    return found


def _read(path: Path, name: str, **known: Any) -> Annotation:
    return Annotation(name, read_labels(path, allow_empty=True), **known)


def _pairs_in(folder: Path) -> Pairing | None:
    """Return the pictures and masks of a set; `None` where no picture has a mask."""
    try:
        parts = find_parts(folder)
    except DatasetError:  # masks alone
        return None
    filled = {name: part for name, part in parts.items() if part.pairs}
    if len(filled) > 1:
        names = ", ".join(filled)
        msg = f"{folder} has the parts {names}; give one of these folders at a time"
        raise DatasetError(msg)
    return next(iter(filled.values()), None)


def _of_set(pairing: Pairing) -> list[MaskFile]:
    found = []
    origins = find_origins(pair.mask_path for pair in pairing.pairs)
    for pair, origin in zip(pairing.pairs, origins, strict=True):
        known = {"file_name": pair.image_path.name, "origin": origin}
        found.append(
            MaskFile(pair.stem, partial(_read, pair.mask_path, pair.stem, **known))
        )
    return found


def _of_run(folder: Path, paths: list[Path], *, measured: bool) -> list[MaskFile]:
    table = folder / "images.csv"
    told = read_rows(table) if table.is_file() else ()
    rows = {row.get("image", ""): row for row in told}
    objects = _Objects(folder / "objects.csv", measured=measured)
    found = []
    for path in paths:
        name = path.parent.name
        row = rows.get(name, {})
        read = partial(_read_of_run, path, name, row, objects)
        found.append(MaskFile(name, read))
    return found


def _read_of_run(
    path: Path, name: str, row: Mapping[str, str], objects: "_Objects"
) -> Annotation:
    try:
        known: dict[str, Any] = {"origin": _origin(row, objects.origins(name))}
        known |= {"pixel_size": _pixel_size(row), "measurements": objects.measured(name)}
    except ValueError as error:
        msg = f"The tables of the run tell of {name} what no run writes: {error}"
        raise ReadError(msg) from error
    return _read(path, name, file_name=Path(row.get("path") or name).name, **known)


def _origin(row: Mapping[str, str], objects: Mapping[int, str]) -> MaskOrigin:
    by_hand = any(kind != "found" for kind in objects.values())
    told: Any = row.get("mask_origin")
    kind: MaskKind = told or ("corrected" if by_hand else "draft")
    threshold = row.get("threshold")
    return MaskOrigin(
        kind,
        segmenter=row.get("segmenter", ""),
        threshold=float(threshold) if threshold else None,
        objects=objects,
    )


def _pixel_size(row: Mapping[str, str]) -> PixelSize | None:
    if not row.get("pixel_size"):
        return None
    x = float(row["pixel_size"])
    y = float(row.get("pixel_size_y") or x)
    return PixelSize(y, x, "um", source=row.get("calibration_source") or "run")


class _Objects:
    """The table of objects of a run, by picture."""

    def __init__(self, path: Path, *, measured: bool) -> None:
        import pandas as pd

        wanted = None if measured else lambda name: name in _NO_MEASUREMENTS
        self._of_picture: dict[Any, pd.DataFrame] = {}
        if not path.is_file():
            return
        try:
            table = pd.read_csv(
                path,
                usecols=wanted,
                dtype={"image": "str", "label": "uint32"},
                keep_default_na=False,  # a picture may be called NA
                na_values=[""],
            )
            twice = table.duplicated(["image", "label"]).any()
            self._of_picture = dict(iter(table.groupby("image")))
        except (OSError, ValueError, KeyError) as error:
            msg = f"{path.name} is no table of a run with image and label: {error}"
            raise ReadError(msg) from error
        if twice:
            msg = f"{path.name} is no table of a run: an object of a picture has two rows"
            raise ReadError(msg)

    def origins(self, picture: str) -> dict[int, str]:
        table = self._of_picture.get(guarded(picture))
        if table is None or "origin" not in table:
            return {}
        return dict(zip(table["label"].tolist(), table["origin"].tolist(), strict=True))

    def measured(self, picture: str) -> dict[int, dict[str, float]]:
        table = self._of_picture.get(guarded(picture))
        if table is None:
            return {}
        numbers = table.set_index("label").select_dtypes("number")
        found: Any = numbers.to_dict("index")
        return dict(found)
