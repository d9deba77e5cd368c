"""What the metadata of an OME-Zarr picture say: axes, levels, pixel size, channels.

References
----------
Next-generation file format specifications 0.4 and 0.5, https://ngff.openmicroscopy.org
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from segmetry.errors import ReadError
from segmetry.image import LENGTH_IN_UM, PixelSize
from segmetry.io.units import unit_of

__all__ = ["Multiscale", "image_label_of", "label_names", "multiscale_of"]

_LETTERS = {"time": "T", "channel": "C"}
_OLD_DIMS = "TCZYX"  # versions 0.1 and 0.2 have no axes
_BROKEN = "fields about the scale are broken: pixel size unknown"


@dataclass(frozen=True)
class Multiscale:
    """The picture that a group of OME-Zarr holds.

    Parameters
    ----------
    dims : str
        A letter for each axis of the arrays, ending in YX.
    paths : tuple of str
        Of the arrays in the group, the full size first.
    pixel_size : PixelSize or None
        Of the full size.
    channels : tuple of str
        What they are called; empty where the file names none.
    is_labels : bool
        Whether the values are numbers of objects.
    notes : tuple of str
    """

    dims: str
    paths: tuple[str, ...]
    pixel_size: PixelSize | None = None
    channels: tuple[str, ...] = ()
    is_labels: bool = False
    notes: tuple[str, ...] = ()


def multiscale_of(name: str, attributes: Mapping[str, Any]) -> Multiscale:
    """Read the metadata of a group.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    attributes : mapping
        Of the group, as JSON values: of versions 0.1 to 0.4, or under "ome" of 0.5.

    Returns
    -------
    Multiscale

    Raises
    ------
    ReadError
        If the group holds no picture, or its metadata contradict each other.

    Examples
    --------
    >>> axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    >>> told = {"axes": axes, "datasets": [{"path": "0"}]}
    >>> found = multiscale_of("a", {"multiscales": [told]})
    >>> found.dims, found.paths, found.pixel_size
    ('YX', ('0',), None)
    """
    told = _told(attributes)
    first = next(iter(_items(told.get("multiscales"))), None)
    if first is None:
        _refuse_kind(name, told)
    datasets = [part for part in _items(first.get("datasets")) if "path" in part]
    if not datasets:
        msg = f"{name} names no array of its picture; write it again"
        raise ReadError(msg)
    dims, units = _axes(name, first)
    pixel_size, notes = _pixel_size(dims, units, first, datasets[0])
    return Multiscale(
        dims,
        tuple(_safe(name, part["path"]) for part in datasets),
        pixel_size,
        _channels(told),
        is_labels="image-label" in told,
        notes=notes,
    )


def image_label_of(attributes: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a group tells of its labels, `None` where it is no label image.

    Parameters
    ----------
    attributes : mapping
        Of the group.

    Returns
    -------
    mapping or None
        Fields "colors", "properties", "source", where the group has them.
    """
    told = _told(attributes).get("image-label")
    return told if isinstance(told, Mapping) else None


def label_names(name: str, attributes: Mapping[str, Any]) -> list[str]:
    """Return the paths of the label images that belong to a picture.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    attributes : mapping
        Of the group "labels" of the picture.

    Returns
    -------
    list of str
        Below that group.

    Raises
    ------
    ReadError
        If one leads out of the group.
    """
    told = _told(attributes).get("labels")
    return [_safe(name, path) for path in told] if isinstance(told, list) else []


def _told(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    told = attributes.get("ome", attributes)
    return told if isinstance(told, Mapping) else {}


def _items(value: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return [part for part in value if isinstance(part, Mapping)]


def _refuse_kind(name: str, told: Mapping[str, Any]) -> NoReturn:
    if "plate" in told or "well" in told:
        what = "is a plate of many pictures; name one of them, as in PLATE/A/1/0"
    elif "labels" in told:
        what = "is a list of label images; name one of them"
    else:
        what = "has no picture by its metadata (multiscales); save it as OME-Zarr again"
    msg = f"{name} {what}"
    raise ReadError(msg)


def _axes(name: str, multiscale: Mapping[str, Any]) -> tuple[str, list[str | None]]:
    """Return the letter and the unit of each axis."""
    axes = multiscale.get("axes")
    if axes is None:
        return _OLD_DIMS, [None] * len(_OLD_DIMS)
    letters, units = [], []
    for axis in axes if isinstance(axes, list) else []:
        fields = axis if isinstance(axis, Mapping) else {"name": axis}
        known = _LETTERS.get(str(fields.get("type")))
        letters.append(known or str(fields.get("name", "")).upper())
        units.append(unit_of(fields.get("unit")))
    dims = "".join(letters)
    if dims[-2:] != "YX" or len(set(dims)) != len(letters) or len(dims) != len(letters):
        told = ", ".join(letters) or "none"
        msg = f"{name} has the axes {told}; a picture ends in the axes y and x"
        raise ReadError(msg)
    return dims, units


def _safe(name: str, path: Any) -> str:
    """Return the path of an array, which must lie in the folder of the picture."""
    parts = path.split("/") if isinstance(path, str) else [""]
    if any(part in ("", ".", "..") or re.search(r"[\\:\0]", part) for part in parts):
        msg = f"{name} names an array outside of its own folder, which is not read"
        raise ReadError(msg)
    return "/".join(parts)


def _pixel_size(
    dims: str,
    units: Sequence[str | None],
    multiscale: Mapping[str, Any],
    dataset: Mapping[str, Any],
) -> tuple[PixelSize | None, tuple[str, ...]]:
    lengths: dict[str, tuple[float, str]] = {}
    try:
        scale = [1.0] * len(dims)
        n_scales = 0
        for part in (dataset, multiscale):
            for told in _items(part.get("coordinateTransformations")):
                if told.get("type") == "scale":
                    n_scales += 1
                    factors = [float(value) for value in told["scale"]]
                    scale = [a * b for a, b in zip(scale, factors, strict=True)]
        for letter, value, unit in zip(dims, scale, units, strict=True):
            if letter in "ZYX" and unit is not None and n_scales:
                lengths[letter] = value, unit
    except (TypeError, ValueError, KeyError):
        return None, (_BROKEN,)
    if "Y" not in lengths or "X" not in lengths:
        return None, ()
    if not all(isfinite(value) and value > 0 for value, _ in lengths.values()):
        return None, (_BROKEN,)
    return _size(lengths), ()


def _size(lengths: Mapping[str, tuple[float, str]]) -> PixelSize:
    unit = lengths["X"][1]
    if any(other != unit for _, other in lengths.values()):
        lengths = {
            letter: (value * LENGTH_IN_UM[other], "um")
            for letter, (value, other) in lengths.items()
        }
        unit = "um"
    z = lengths["Z"][0] if "Z" in lengths else None
    size = PixelSize(lengths["Y"][0], lengths["X"][0], unit, "ome", z=z)
    return size.in_um if unit == "m" else size


def _channels(told: Mapping[str, Any]) -> tuple[str, ...]:
    omero = told.get("omero")
    found = _items(omero.get("channels")) if isinstance(omero, Mapping) else []
    names = tuple(str(part.get("label", "")) for part in found)
    return names if any(names) else ()
