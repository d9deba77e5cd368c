"""Pictures as tiled OME-TIFF with smaller copies, of any size: written tile by tile."""

from collections.abc import Iterator
from math import prod
from os import PathLike
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.io.writing import one_sentence
from segmetry.io.zarr_levels import halved_mean
from segmetry.tiled import TiledImage

__all__ = ["write_ome_tiff"]

_UNITS = {"um": "µm", "angstrom": "Å"}


def write_ome_tiff(
    path: str | PathLike[str],
    picture: TiledImage,
    *,
    tile: int = 512,
    compression: str | None = "zlib",
) -> None:
    """Write a picture with its smaller copies as a tiled BigTIFF file, whole or not at all.

    Parameters
    ----------
    path : path
        As a rule NAME.ome.tif. A file that is there is replaced.
    picture : TiledImage
        Read in rows of tiles.
    tile : int
        Rows and columns of a tile; a multiple of 16.
    compression : str or None
        As of tifffile.

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
    ...     write_ome_tiff(Path(folder, "a.ome.tif"), picture, tile=16)
    ...     read(Path(folder, "a.ome.tif")).pixels.shape
    (3, 4)
    """
    path = Path(path)
    beside = path.with_name(f".{token_hex(8)}.part")
    with one_sentence(path):
        try:
            with TemporaryDirectory() as folder:
                _write(beside, picture, Path(folder), tile=tile, compression=compression)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


def _write(
    path: Path, picture: TiledImage, folder: Path, *, tile: int, compression: str | None
) -> None:
    from tifffile import TiffWriter

    first = picture.read((slice(0, 1), slice(0, 1))).pixels
    shape = (*picture.spatial_shape, *first.shape[2:])
    shapes = list(_shapes(shape, tile))
    options: dict[str, Any] = {
        "dtype": first.dtype,
        "tile": (tile, tile),
        "compression": compression,
        "photometric": "rgb" if shape[2:] == (3,) else "minisblack",
        "planarconfig": "contig" if shape[2:] else None,
        "maxworkers": 1,  # more would hold all tiles of a row band in memory at once
    }
    told: dict[str, Any] = {
        "subifds": len(shapes) - 1,
        "metadata": _metadata(picture, len(shape)),
    }
    bands = _bands_of(picture, tile)
    with TiffWriter(path, bigtiff=True, ome=True) as tif:
        for level, sides in enumerate(shapes):
            if level > 0:
                bands = _bands_in(folder / str(level), sides, first.dtype, tile)
                told = {"subfiletype": 1, "metadata": None}
            tiles = _tiles(bands, folder / str(level + 1), tile)
            tif.write(tiles, shape=sides, **options, **told)


def _shapes(shape: tuple[int, ...], tile: int) -> Iterator[tuple[int, ...]]:
    yield shape
    while max(shape[:2]) > tile:
        shape = (-(-shape[0] // 2), -(-shape[1] // 2), *shape[2:])
        yield shape


def _bands_of(picture: TiledImage, tile: int) -> Iterator[NDArray[Any]]:
    height, width = picture.spatial_shape
    for top in range(0, height, tile):
        rows = slice(top, min(top + tile, height))
        yield picture.read((rows, slice(0, width))).pixels


def _bands_in(
    path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], tile: int
) -> Iterator[NDArray[Any]]:
    n_in_row = prod(shape[1:])
    with path.open("rb") as file:
        for top in range(0, shape[0], tile):
            n_rows = min(tile, shape[0] - top)
            yield np.fromfile(file, dtype, n_rows * n_in_row).reshape(n_rows, *shape[1:])


def _tiles(bands: Iterator[NDArray[Any]], below: Path, tile: int) -> Iterator[NDArray[Any]]:
    """Yield the tiles of bands, and put the bands of the next level into a file."""
    with below.open("wb") as file:
        for band in bands:
            file.write(halved_mean(band).tobytes())
            rest = [(0, 0)] * (band.ndim - 2)
            sides = ((0, -band.shape[0] % tile), (0, -band.shape[1] % tile))
            padded = np.pad(band, (*sides, *rest))
            for left in range(0, padded.shape[1], tile):
                yield np.ascontiguousarray(padded[:, left : left + tile])


def _metadata(picture: TiledImage, n_axes: int) -> dict[str, Any]:
    told: dict[str, Any] = {"axes": "YXS"[:n_axes], "Name": picture.name}
    size = picture.pixel_size
    if size is not None:
        unit = _UNITS.get(size.unit, size.unit)
        told |= {"PhysicalSizeX": size.x, "PhysicalSizeXUnit": unit}
        told |= {"PhysicalSizeY": size.y, "PhysicalSizeYUnit": unit}
    return told
