"""Numbered objects as OME-Zarr label images, of any size: written window by window."""

import colorsys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import WriteError
from segmetry.image import PixelSize
from segmetry.io.ome_zarr_writing import replaced_folder
from segmetry.io.writing import one_sentence
from segmetry.io.zarr_levels import (
    ZARR_FORMATS,
    Version,
    ZarrLevels,
    halved_nearest,
    multiscale,
)
from segmetry.tiled import Window

__all__ = ["LabelsWriter", "write_ome_zarr_labels"]

Properties = Mapping[int, Mapping[str, Any]]

_GOLDEN = 0.618033988749895  # of the circle of hues: its multiples never come close


@dataclass(frozen=True)
class LabelsWriter:
    """A label image that is written window by window, also by several processes at once.

    It holds no pixels and can be sent to other processes. Until `finish` the folder is no
    picture, so that nobody takes a half of it for the whole.

    Parameters
    ----------
    levels : ZarrLevels
    name : str
    pixel_size : PixelSize or None

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import read_labels
    >>> with TemporaryDirectory() as folder:
    ...     writer = LabelsWriter.create(Path(folder, "a.ome.zarr"), (3, 4), chunk=2)
    ...     writer.write((slice(0, 2), slice(2, 4)), np.array([[0, 7], [7, 7]]))
    ...     writer.finish()
    ...     read_labels(Path(folder, "a.ome.zarr"))
    array([[0, 0, 0, 7],
           [0, 0, 7, 7],
           [0, 0, 0, 0]], dtype=uint32)
    """

    levels: ZarrLevels
    name: str
    pixel_size: PixelSize | None

    @classmethod
    def create(
        cls,
        path: str | PathLike[str],
        shape: tuple[int, ...],
        *,
        chunk: int = 1024,
        pixel_size: PixelSize | None = None,
        name: str = "labels",
        version: Version = "0.4",
    ) -> "LabelsWriter":
        """Make the folder of a label image, with zeros everywhere.

        Parameters
        ----------
        path : path
            It must not be there. In the folder `labels` of an OME-Zarr picture, the label
            image is entered there when it is finished.
        shape : tuple of int
            (Y, X) or (Z, Y, X).
        chunk : int
            Rows and columns of a chunk. Beside a picture, as large as the picture's: both
            must have as many levels.
        pixel_size : PixelSize or None
        name : str
            Told in the metadata.
        version : {"0.4", "0.5"}
            Of OME-Zarr.

        Returns
        -------
        LabelsWriter

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        path = Path(path)
        if path.exists():
            msg = f"{path.name} is there already; name another place"
            raise WriteError(msg)
        levels = ZarrLevels(path, "ZYX"[-len(shape) :], tuple(shape), "<u4", chunk, version)
        with replaced_folder(path) as beside:
            unplaced = replace(levels, path=beside)
            unplaced.make_group()
            unplaced.make(0)
        return cls(levels, name, pixel_size)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.levels.path

    def write(self, window: Window, labels: NDArray[Any]) -> None:
        """Write what lies in a window, in all slices.

        Parameters
        ----------
        window : tuple of slice
            Rows and columns. It must hold whole chunks, as others may be written by other
            processes at the same time; at the end of the picture it ends with it.
        labels : ndarray of integers
            0 is background.

        Raises
        ------
        WriteError
            If it cannot be written.
        ValueError
            If the window holds parts of chunks.
        """
        self._check(window)
        with one_sentence(self.path):
            self.levels.write(0, *window, labels.astype(np.uint32, copy=False))

    def finish(
        self,
        *,
        objects: Properties | Iterable[int] = (),
        source: str | None = None,
    ) -> None:
        """Make the smaller copies and write the metadata; all windows must be written.

        Parameters
        ----------
        objects : mapping or iterable of int
            Numbers of the objects that get a colour in the file; a mapping also tells
            their properties, as JSON values. Viewers have colours of their own.
        source : str or None
            Path from here to the picture, for programs: "../../" in a picture's `labels`.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        levels = self.levels
        told = multiscale(levels, name=self.name, pixel_size=self.pixel_size)
        is_inside = self.path.parent.name == "labels"
        label_image = _label_image(objects, source or ("../../" if is_inside else None))
        if levels.version == "0.4":
            label_image["version"] = "0.4"
        with one_sentence(self.path):
            levels.halve(halved_nearest)
            levels.describe({"multiscales": [told], "image-label": label_image})
            if is_inside:
                _enter(self.path, levels.version)

    def _check(self, window: Window) -> None:
        for part, length in zip(window, self.levels.shape[-2:], strict=True):
            ends = part.stop == length or part.stop % self.levels.chunk == 0
            if part.start % self.levels.chunk or not ends or part.stop > length:
                msg = (
                    f"a window must hold whole chunks of {self.levels.chunk} pixels, got "
                    f"{window}"
                )
                raise ValueError(msg)


def write_ome_zarr_labels(
    path: str | PathLike[str],
    labels: NDArray[Any],
    *,
    pixel_size: PixelSize | None = None,
    name: str = "labels",
    properties: Properties | None = None,
    version: Version = "0.4",
) -> None:
    """Write labels in memory as an OME-Zarr label image, whole or not at all.

    Parameters
    ----------
    path : path
        As a rule NAME.ome.zarr. A folder that is there is replaced.
    labels : ndarray of integers, shape (Y, X) or (Z, Y, X)
    pixel_size : PixelSize or None
    name : str
        Told in the metadata.
    properties : mapping or None
        Of objects by their number, as JSON values.
    version : {"0.4", "0.5"}

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    known = properties or {}
    objects = {int(n): dict(known.get(int(n), {})) for n in np.unique(labels) if n}
    with replaced_folder(Path(path)) as beside:
        writer = LabelsWriter.create(
            beside, labels.shape, pixel_size=pixel_size, name=name, version=version
        )
        height, width = labels.shape[-2:]
        writer.write((slice(0, height), slice(0, width)), labels)
        writer.finish(objects=objects)


def _label_image(objects: Properties | Iterable[int], source: str | None) -> dict[str, Any]:
    numbers = sorted(int(number) for number in objects)
    found: dict[str, Any] = {}
    if numbers:  # an empty list is not allowed
        found["colors"] = [
            {"label-value": number, "rgba": [*_colour(number), 255]} for number in numbers
        ]
    if isinstance(objects, Mapping) and any(objects.values()):
        found["properties"] = [
            {"label-value": number, **_json(objects[number])} for number in numbers
        ]
    if source is not None:
        found["source"] = {"image": source}
    return found


def _colour(number: int) -> list[int]:
    """Return a colour that is far from those of the numbers around."""
    share = colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.7, 1.0)
    return [round(255 * part) for part in share]


def _json(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return values that JSON has words for: no NaN and nothing infinite."""
    return {
        key: None if isinstance(value, float) and not isfinite(value) else value
        for key, value in told.items()
    }


def _enter(path: Path, version: Version) -> None:
    """Enter a label image in the list of the picture that it belongs to."""
    import zarr

    group = zarr.open_group(path.parent, mode="a", zarr_format=ZARR_FORMATS[version])
    told: dict[str, Any] = group.attrs.asdict()
    fields: dict[str, Any] = told if version == "0.4" else told.get("ome", {})
    names = [*(one for one in fields.get("labels", []) if one != path.name), path.name]
    if version == "0.4":
        group.attrs.update({"labels": names})
    else:
        group.attrs.update({"ome": {"version": "0.5", "labels": names}})
