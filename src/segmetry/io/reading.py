"""Any file that a microscope or scanner writes, as an `Image` with its pixel size.

What a file is, is told by its first bytes, not by its name. A pixel size comes only from
fields that mean one; dots per inch are a size on paper and never used.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError, SegmetryError
from segmetry.image import Axes, Image, Step
from segmetry.io.channels import one_channel
from segmetry.io.formats import recognise
from segmetry.io.geometry import orientation_of
from segmetry.io.ome_zarr import read_ome_zarr
from segmetry.io.series import read_series
from segmetry.io.source import opened
from segmetry.io.stored import Stored, arranged
from segmetry.io.zarr_files import is_zarr

__all__ = ["one_sentence", "picture_of", "read", "read_stored"]

# Without a handler, Python prints what these libraries say about odd files.
for _library in ("tifffile", "liffile", "pydicom", "rsciio", "PIL"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


def read(
    path: str | PathLike[str], *, page: int | None = None, channel: int | None = None
) -> Image:
    """Read a picture and what its file says about the size of a pixel.

    Transparency is dropped, colours that are all grey become one channel, and colour tables
    are applied. Pages of one shape become slices (Z); of pages of different shapes, and of
    times, the first is read and the step "read" of the history says so. 16-bit values are
    kept as they are, black-on-white scans are turned to white-on-black.

    Parameters
    ----------
    path : path
        Its ending does not matter. A folder is an OME-Zarr picture, or stands for the
        DICOM series in it, whose slices are read as one volume. The URL of an OME-Zarr
        picture (s3://, https://) is read too.
    page : int or None
        Number of one page, slice or plane, from 0. In a Leica file, which holds many
        pictures, the number of the picture. `None` reads all slices.
    channel : int or None
        Number of one channel, from 0. `None` reads all channels.

    Returns
    -------
    Image
        `pixel_size` is `None` where the file does not tell it. `excluded` marks the banner
        where the file itself says how many rows it has (FEI/Thermo).

    Raises
    ------
    ReadError
        If the file cannot be read as a picture, with the reason in one sentence.
    MissingExtraError
        If the format needs the extra `vendor`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_png
    >>> with TemporaryDirectory() as folder:
    ...     write_png(Path(folder, "grey.png"), np.full((2, 3), 7, np.uint8))
    ...     picture = read(Path(folder, "grey.png"))
    >>> picture.pixels.shape, picture.axes, picture.pixel_size
    ((2, 3), 'YX', None)
    """
    path = Path(path)
    stored = read_stored(path, page=page)
    return picture_of(path.name, stored, page=page, channel=channel)


def picture_of(
    name: str,
    stored: Stored,
    *,
    page: int | None = None,
    channel: int | None = None,
    is_grey: bool | None = None,
) -> Image:
    """Return what a file holds as a picture.

    Parameters
    ----------
    name : str
        The file's name.
    stored : Stored
        Of the whole file, or of a window of it.
    page, channel : int or None
        As of `read`.
    is_grey : bool or None
        Whether three channels are equal in all of the picture, for those who have only a
        window of it. `None` finds out.

    Returns
    -------
    Image

    Raises
    ------
    ReadError
        If values are no real numbers, colours are missing, or there is no such channel.
    """
    if stored.palette is not None:
        stored = _coloured(name, stored, stored.palette)
    pixels, axes = arranged(_plain(name, stored.pixels), stored.dims, is_grey=is_grey)
    pixel_size = stored.pixel_size
    if pixel_size is not None and not axes.startswith("Z"):
        pixel_size = replace(pixel_size, z=None)
    excluded = None
    if stored.banner_top is not None:
        excluded = np.zeros(pixels.shape[:2], dtype=bool)
        excluded[stored.banner_top :] = True
    image = Image(
        pixels,
        axes=axes,
        pixel_size=pixel_size,
        excluded=excluded,
        name=name,
        steps=(Step("read", _read_options(stored, pixels, axes, page)),),
    )
    return image if channel is None else one_channel(image, channel)


def _read_options(
    stored: Stored, pixels: NDArray[Any], axes: Axes, page: int | None
) -> dict[str, Any]:
    options: dict[str, Any] = {"format": stored.format}
    if page is not None:
        options["page"] = page
    if stored.notes:
        options["notes"] = list(stored.notes)
    if axes.endswith("C") and len(stored.channels) == pixels.shape[-1]:
        options["channels"] = list(stored.channels)
    if axes.startswith("Z") and stored.affine is not None:
        options["affine"] = [list(row) for row in stored.affine]
        options["orientation"] = orientation_of(stored.affine)
    return options


def read_stored(path: Path, *, page: int | None = None) -> Stored:
    """Read the pixels of a file as they are stored, for those that need its raw values.

    Parameters
    ----------
    path : Path
    page : int or None

    Returns
    -------
    Stored

    Raises
    ------
    ReadError
        If the file cannot be read as a picture.
    MissingExtraError
        If the format needs the extra `vendor`.
    """
    if is_zarr(path):
        with one_sentence(path.name, "OME-Zarr"):
            return read_ome_zarr(path, page)
    if path.is_dir():
        with one_sentence(path.name, "DICOM"):
            return read_series(path, page)
    with opened(path) as source:
        kind = recognise(source)
        reader = kind.reader()
        with one_sentence(source.name, kind.name):
            stored = reader(source, page)
            # A header may promise more than any memory holds; and lazy arrays end here.
            return stored.noted(pixels=np.asarray(stored.pixels))


@contextmanager
def one_sentence(name: str, kind: str) -> Iterator[None]:
    """Turn whatever a library says about a broken file into one sentence.

    Parameters
    ----------
    name : str
        The file's name.
    kind : str
        What people call its format.

    Raises
    ------
    ReadError
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SegmetryError:
        raise
    except MemoryError as error:
        msg = f"{name} does not fit into the memory of this computer; cut it into parts"
        raise ReadError(msg) from error
    except Exception as error:
        msg = (
            f"{name} is no {kind} file that can be read: it is damaged, cut off or of a "
            f"rare kind; copy it again, or save it as TIFF with the program that made it"
        )
        raise ReadError(msg) from error


def _coloured(name: str, stored: Stored, palette: NDArray[np.uint8]) -> Stored:
    pixels = stored.pixels
    if pixels.dtype.kind not in "bu" or pixels.max() >= len(palette):
        msg = f"{name} uses colours that its colour table lacks; save it again as RGB"
        raise ReadError(msg)
    index = pixels.astype(np.uint8) if pixels.dtype == bool else pixels
    if (palette == palette[:, :1]).all():
        return stored.noted(pixels=palette[:, 0][index], palette=None)
    return stored.noted(pixels=palette[index], dims=f"{stored.dims}S", palette=None)


def _plain(name: str, pixels: NDArray[Any]) -> NDArray[Any]:
    kind = pixels.dtype.kind
    if kind not in "biuf":
        msg = f"{name} holds values of the type {pixels.dtype}; save real grey values"
        raise ReadError(msg)
    if kind == "b":
        return pixels.astype(np.uint8) * np.uint8(255)
    if not pixels.dtype.isnative:
        pixels = pixels.astype(pixels.dtype.newbyteorder("="))
    if kind != "f":
        return pixels
    n_bad = pixels.size - int(np.isfinite(pixels).sum())
    if n_bad:
        msg = (
            f"{name} has {n_bad:,} of {pixels.size:,} values that are not numbers (NaN or "
            f"infinite); replace them, for instance by 0, and save it again"
        )
        raise ReadError(msg)
    return pixels.astype(np.float32) if pixels.dtype == np.float16 else pixels
