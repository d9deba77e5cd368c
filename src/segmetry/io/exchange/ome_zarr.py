"""Label images of OME-Zarr, 0.4 and 0.5, with what was measured of each object."""

import warnings
from collections.abc import Mapping
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import Any

from segmetry.errors import MaskError, SegmetryWarning
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.masks import read_labels
from segmetry.io.names import plain_stem
from segmetry.io.ngff import image_label_of, label_names, multiscale_of
from segmetry.io.ome_zarr_labels import write_ome_zarr_labels
from segmetry.io.reading import one_sentence
from segmetry.io.zarr_files import attributes_of, is_zarr
from segmetry.io.zarr_levels import Version

__all__ = ["read_label_zarr", "write_label_zarr", "write_label_zarr_05"]

_MOST_VALUES = 2_000_000  # some 100 MB of metadata


def write_label_zarr(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as an OME-Zarr 0.4 label image, with measurements as properties.

    Parameters
    ----------
    path : path
        A folder, which is replaced where it is there.
    annotation : Annotation
        Also a stack.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> cells = Annotation("a", np.array([[7, 0, 70_000]]), measurements={7: {"area": 1.0}})
    >>> with TemporaryDirectory() as folder:
    ...     write_label_zarr(Path(folder, "a_labels.ome.zarr"), cells)
    ...     found = read_label_zarr(Path(folder, "a_labels.ome.zarr"))
    >>> found.labels.tolist(), found.measurements
    ([[7, 0, 70000]], {7: {'area': 1.0}})
    """
    _write(path, annotation, "0.4")


def write_label_zarr_05(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as an OME-Zarr 0.5 label image: see `write_label_zarr`.

    Parameters
    ----------
    path : path
    annotation : Annotation

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    _write(path, annotation, "0.5")


def read_label_zarr(path: str | PathLike[str]) -> Annotation:
    """Read the objects of an OME-Zarr: a label image, or a picture with one inside.

    Parameters
    ----------
    path : path

    Returns
    -------
    Annotation
        With the numbers among the properties of objects.

    Raises
    ------
    MaskError
        If it is neither, or several label images belong to the picture.
    ReadError
        If it cannot be read.
    """
    path = Path(path)
    with one_sentence(path.name, "OME-Zarr"):
        root = attributes_of(path)
        place = path / _inside(path) if image_label_of(root) is None else path
        attributes = attributes_of(place)
        pixel_size = multiscale_of(place.name, attributes).pixel_size
        labels = read_labels(place, allow_empty=True)
        return Annotation(
            plain_stem(path),
            labels,
            pixel_size=pixel_size,
            measurements=_measurements(image_label_of(attributes) or {}),
        )


def _write(path: str | PathLike[str], annotation: Annotation, version: Version) -> None:
    write_ome_zarr_labels(
        path,
        annotation.labels,
        pixel_size=annotation.pixel_size,
        name=annotation.name,
        properties=_properties(annotation),
        version=version,
    )


def _properties(annotation: Annotation) -> Mapping[int, Mapping[str, float]]:
    told = annotation.measurements
    n_values = sum(len(one) for one in told.values())
    if n_values <= _MOST_VALUES:
        return told
    msg = (
        f"{annotation.name} has {n_values:,} measured values, too many for metadata that "
        "programs read at once: the label image goes without, tables have them"
    )
    warnings.warn(msg, SegmetryWarning, stacklevel=2)
    return {}


def _inside(path: Path) -> str:
    """Return the path of the label image that belongs to a picture."""
    inside = is_zarr(path / "labels")
    names = label_names(path.name, attributes_of(path, "labels")) if inside else []
    if len(names) == 1:
        return f"labels/{names[0]}"
    if not names:
        msg = f"{path.name} has no label image; name one, or a picture that has one"
        raise MaskError(msg)
    msg = (
        f"{path.name} has the label images {', '.join(names)}; name one of them, as in "
        f"{path.name}/labels/{names[0]}"
    )
    raise MaskError(msg)


def _measurements(label_image: Mapping[str, Any]) -> dict[int, dict[str, float]]:
    """Return the properties of objects that are numbers; the rest is for other programs."""
    told = label_image.get("properties")
    found: dict[int, dict[str, float]] = {}
    for one in told if isinstance(told, list) else []:
        number = one.get("label-value") if isinstance(one, Mapping) else None
        if isinstance(number, int):
            values = {key: one[key] for key in one if key != "label-value"}
            numbers = {key: value for key, value in values.items() if _is_number(value)}
            if numbers:
                found[number] = numbers
    return found


def _is_number(value: Any) -> bool:
    is_counted = isinstance(value, int | float) and not isinstance(value, bool)
    return is_counted and isfinite(value)
