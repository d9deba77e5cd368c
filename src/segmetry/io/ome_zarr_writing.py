"""Pictures as OME-Zarr, of any size: read and written window by window."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.io.writing import one_sentence
from segmetry.io.zarr_levels import Version, ZarrLevels, halved_mean, multiscale
from segmetry.tiled import TiledImage

__all__ = ["replaced_folder", "write_ome_zarr"]


def write_ome_zarr(
    path: str | PathLike[str],
    picture: TiledImage,
    *,
    chunk: int = 1024,
    version: Version = "0.4",
) -> None:
    """Write a picture with its smaller copies as an OME-Zarr folder, whole or not at all.

    Parameters
    ----------
    path : path
        As a rule NAME.ome.zarr. A folder that is there is replaced.
    picture : TiledImage
        Read chunk by chunk, row by row.
    chunk : int
        Rows and columns of a chunk.
    version : {"0.4", "0.5"}

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry import Image
    >>> from segmetry.io import read
    >>> from segmetry.tiled import InMemory
    >>> picture = InMemory(Image(np.arange(12, dtype=np.uint8).reshape(3, 4)))
    >>> with TemporaryDirectory() as folder:
    ...     write_ome_zarr(Path(folder, "a.ome.zarr"), picture)
    ...     read(Path(folder, "a.ome.zarr")).pixels.shape
    (3, 4)
    """
    first = picture.read((slice(0, 1), slice(0, 1))).pixels
    channels = first.shape[2:]
    shape = (*channels, *picture.spatial_shape)
    dims = "CYX" if channels else "YX"
    with replaced_folder(Path(path)) as beside:
        levels = ZarrLevels(beside, dims, shape, first.dtype.str, chunk, version)
        levels.make_group()
        levels.make(0)
        for rows, columns in levels.windows(0):
            pixels = picture.read((rows, columns)).pixels
            levels.write(0, rows, columns, _channels_first(pixels))
        levels.halve(halved_mean)
        told = multiscale(levels, name=picture.name, pixel_size=picture.pixel_size)
        levels.describe({"multiscales": [told]})


def _channels_first(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.moveaxis(pixels, -1, 0) if pixels.ndim > 2 else pixels


@contextmanager
def replaced_folder(path: Path) -> Iterator[Path]:
    """Fill a folder beside a place, and move it there when all is written.

    Parameters
    ----------
    path : Path
        A folder that is there is replaced.

    Yields
    ------
    Path
        Of the folder to make and fill. It is removed again when anything goes wrong.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    beside = path.with_name(f".{token_hex(8)}.part")
    with one_sentence(path):
        if path.exists() and not path.is_dir():
            raise FileExistsError
        try:
            yield beside
            earlier = path.with_name(f".{token_hex(8)}.old")
            if path.exists():
                path.replace(earlier)
            beside.replace(path)
            rmtree(earlier, ignore_errors=True)
        finally:
            rmtree(beside, ignore_errors=True)
