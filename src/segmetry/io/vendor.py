"""Gatan dm3 and dm4, and TIA's EMI and SER, through rosettasciio.

That package is under the GPL, so it comes only with the extra `vendor` and is imported only
when such a file is read. It says 1.0 without a unit where a file has no scale: such a pixel
size is unknown.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from segmetry.errors import ReadError
from segmetry.image import PixelSize
from segmetry.io.source import Source
from segmetry.io.stored import Stored, taken
from segmetry.io.units import unit_of

__all__ = ["on_disk", "picture_in", "read_gatan", "read_tia"]

Datasets = list[dict[str, Any]]


def read_gatan(source: Source, page: int | None) -> Stored:
    """Read a dm3 or dm4 file of Gatan DigitalMicrograph; see `picture_in`."""
    from rsciio.digitalmicrograph import file_reader

    name = "dm3" if source.head[3] == 3 else "dm4"
    return picture_in(source, page, file_reader, f"Gatan {name}", "gatan")


def read_tia(source: Source, page: int | None) -> Stored:
    """Read a SER file of TIA, or an EMI file with its SER files; see `picture_in`."""
    from rsciio.tia import file_reader

    path = on_disk(source)
    is_emi = source.head.startswith(b"JK")
    beside = path.stem + "_"
    if is_emi and not any(
        other.name.startswith(beside) and other.suffix.lower() == ".ser"
        for other in path.parent.iterdir()
    ):
        msg = (
            f"{source.name} has its pixels in a file {beside}1.ser, which is not beside it"
        )
        raise ReadError(msg)
    # This reader goes by the ending of the name.
    if path.suffix.lower() != (".emi" if is_emi else ".ser"):
        msg = f"{source.name} must be called .emi or .ser as it was; rename it"
        raise ReadError(msg)
    return picture_in(source, page, file_reader, "TIA", "tia")


def on_disk(source: Source) -> Path:
    """Return the path of a file for a library that opens files itself.

    Parameters
    ----------
    source : Source

    Returns
    -------
    Path

    Raises
    ------
    ReadError
        If the file is packed.
    """
    if source.path is None:
        msg = f"{source.name} is packed, and its format must be unpacked first"
        raise ReadError(msg)
    return source.path


def picture_in(
    source: Source,
    page: int | None,
    file_reader: Callable[[str], Datasets],
    name: str,
    origin: str,
) -> Stored:
    """Read the first picture, or the one of a number, with a reader of rosettasciio.

    Parameters
    ----------
    source : Source
    page : int or None
        Number of the picture, or of the plane where there is one stack.
    file_reader : callable
    name : str
        Of the format, for the history.
    origin : str
        Of the pixel size: "gatan", "emd", "tia".

    Returns
    -------
    Stored

    Raises
    ------
    ReadError
        If there is no picture, or none of this number.
    """
    datasets = file_reader(str(on_disk(source)))
    pictures = [part for part in datasets if _is_picture(part)]
    if not pictures:
        msg = f"{source.name} holds no picture, only spectra or tables; choose another file"
        raise ReadError(msg)
    if len(pictures) == 1:
        return taken(source.name, _stored(pictures[0], name, origin), page)
    if not 0 <= (page or 0) < len(pictures):
        msg = f"{source.name} has {len(pictures)} pictures, so there is no picture {page}"
        raise ReadError(msg)
    stored = _stored(pictures[page or 0], name, origin)
    if page is None:
        stored = stored.noted(f"the first of {len(pictures)} pictures is read")
    return taken(source.name, stored, None)


def _is_picture(dataset: dict[str, Any]) -> bool:
    units = [str(axis.get("units")) for axis in dataset["axes"]]
    return len(units) >= 2 and not any("eV" in unit for unit in units)


def _stored(dataset: dict[str, Any], name: str, origin: str) -> Stored:
    pixels, axes = np.ascontiguousarray(dataset["data"]), dataset["axes"]
    dims = "".join(map(_letter, axes[:-2])) + "YX"
    if pixels.dtype.names is not None:
        pixels = np.stack([pixels[part] for part in ("R", "G", "B")], axis=-1)
        dims += "S"
    return Stored(pixels, dims, name, _pixel_size(axes[-2], axes[-1], origin))


def _letter(axis: dict[str, Any]) -> str:
    is_time = axis.get("units") in ("s", "ms") or axis.get("name") in ("time", "Time")
    return "T" if is_time else "Z"


def _pixel_size(
    y_axis: dict[str, Any], x_axis: dict[str, Any], origin: str
) -> PixelSize | None:
    sizes = []
    for axis in (y_axis, x_axis):
        unit, scale = unit_of(axis.get("units")), abs(float(axis.get("scale") or 0))
        if unit is None or not 0 < scale < np.inf:
            return None
        sizes.append(PixelSize(scale, scale, unit, origin))
    y, x = sizes
    if y.unit != x.unit or y.unit == "m":
        y, x = y.in_um, x.in_um
    return PixelSize(y.y, x.x, y.unit, origin)
