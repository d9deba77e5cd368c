"""The arrays of an OME-Zarr picture: made, filled by windows, and halved into a pyramid."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.image import PixelSize

__all__ = [
    "ZARR_FORMATS",
    "Version",
    "ZarrLevels",
    "halved_mean",
    "halved_nearest",
    "multiscale",
]

Version = Literal["0.4", "0.5"]
Halving = Callable[[NDArray[Any]], NDArray[Any]]

ZARR_FORMATS: Mapping[Version, Literal[2, 3]] = {"0.4": 2, "0.5": 3}
_LEVEL = 1  # of compression: higher ones take longer and gain a tenth on labels
_UNITS = {
    "pm": "picometer",
    "angstrom": "angstrom",
    "nm": "nanometer",
    "um": "micrometer",
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
}


@dataclass(frozen=True)
class ZarrLevels:
    """Arrays "0", "1", ... of one group, each half as large as the one before.

    Only paths and numbers are held, so that many processes can fill the same array.

    Parameters
    ----------
    path : Path
        Of the group.
    dims : str
        A letter for each axis, in the order that the format asks for: C, Z, Y, X.
    shape : tuple of int
        Of the full size.
    dtype : str
    chunk : int
        Rows and columns of a chunk.
    version : {"0.4", "0.5"}
        Of OME-Zarr: the first lies in Zarr 2, the second in Zarr 3.
    """

    path: Path
    dims: str
    shape: tuple[int, ...]
    dtype: str
    chunk: int
    version: Version

    def make_group(self) -> None:
        """Make the group, which must not be there."""
        import zarr

        zarr.create_group(self.path, zarr_format=ZARR_FORMATS[self.version])

    def make(self, level: int) -> None:
        """Make the array of a level, empty; one that is there is replaced."""
        import zarr

        shape = self.shape_at(level)
        chunks = (*(1 for _ in shape[:-2]), *(min(self.chunk, side) for side in shape[-2:]))
        is_old = self.version == "0.4"
        zarr.create_array(
            self.path,
            name=str(level),
            shape=shape,
            chunks=chunks,
            dtype=self.dtype,
            fill_value=0,
            zarr_format=ZARR_FORMATS[self.version],
            compressors=_compressor(self.version),
            dimension_names=None if is_old else list(self.dims.lower()),
            chunk_key_encoding={"name": "v2" if is_old else "default", "separator": "/"},
            overwrite=True,
        )

    def write(self, level: int, rows: slice, columns: slice, values: NDArray[Any]) -> None:
        """Fill a window of a level, in all planes."""
        import zarr

        array = zarr.open_array(self.path, path=str(level), mode="r+")
        array[..., rows, columns] = values

    def shape_at(self, level: int) -> tuple[int, ...]:
        """Return the shape of a level."""
        sides = (-(-side // 2**level) for side in self.shape[-2:])
        return (*self.shape[:-2], *sides)

    @property
    def n_levels(self) -> int:
        """Number of levels: the last one is a single chunk."""
        level = 0
        while max(self.shape_at(level)[-2:]) > self.chunk:
            level += 1
        return level + 1

    def halve(self, halving: Halving) -> None:
        """Make all levels below the full size, chunk by chunk."""
        import zarr

        for level in range(1, self.n_levels):
            self.make(level)
            above = zarr.open_array(self.path, path=str(level - 1), mode="r")
            below = zarr.open_array(self.path, path=str(level), mode="r+")
            for plane in np.ndindex(self.shape[:-2]):
                for rows, columns in self.windows(level):
                    twice = slice(2 * rows.start, 2 * rows.stop)
                    across = slice(2 * columns.start, 2 * columns.stop)
                    values = np.asarray(above[(*plane, twice, across)])
                    below[(*plane, rows, columns)] = halving(values)

    def windows(self, level: int) -> Iterator[tuple[slice, slice]]:
        """Yield the windows of all chunks of a level."""
        height, width = self.shape_at(level)[-2:]
        for top, left in product(range(0, height, self.chunk), range(0, width, self.chunk)):
            yield (
                slice(top, min(top + self.chunk, height)),
                slice(left, min(left + self.chunk, width)),
            )

    def describe(self, attributes: Mapping[str, Any]) -> None:
        """Write what makes the group a picture; called last, when all pixels are there."""
        import zarr

        group = zarr.open_group(self.path, mode="r+")
        if self.version == "0.4":
            group.attrs.update(attributes)
        else:
            group.attrs.update({"ome": {"version": "0.5", **attributes}})


def multiscale(
    levels: ZarrLevels, *, name: str, pixel_size: PixelSize | None
) -> dict[str, Any]:
    """Return the metadata of a pyramid.

    Parameters
    ----------
    levels : ZarrLevels
    name : str
    pixel_size : PixelSize or None
        Where it is not known, no axis has a unit.

    Returns
    -------
    dict
        JSON values.
    """
    axes: list[dict[str, str]] = []
    for letter in levels.dims:
        axis = {"name": letter.lower(), "type": "channel" if letter == "C" else "space"}
        if pixel_size is not None and _length(letter, pixel_size) is not None:
            axis["unit"] = _UNITS[pixel_size.unit]
        axes.append(axis)
    datasets = []
    for level in range(levels.n_levels):
        scale = [
            (_length(letter, pixel_size) or 1.0) * (2.0**level if letter in "YX" else 1.0)
            for letter in levels.dims
        ]
        told = {"type": "scale", "scale": scale}
        datasets.append({"path": str(level), "coordinateTransformations": [told]})
    found: dict[str, Any] = {"name": name, "axes": axes, "datasets": datasets}
    return found | ({"version": "0.4"} if levels.version == "0.4" else {})


def _length(letter: str, pixel_size: PixelSize | None) -> float | None:
    if pixel_size is None or letter == "C":
        return None
    return {"Z": pixel_size.z, "Y": pixel_size.y, "X": pixel_size.x}[letter]


def halved_nearest(values: NDArray[Any]) -> NDArray[Any]:
    """Return every second row and column: numbers of objects must not be mixed.

    Examples
    --------
    >>> halved_nearest(np.arange(15).reshape(3, 5)).tolist()
    [[0, 2, 4], [10, 12, 14]]
    """
    return values[::2, ::2]


def halved_mean(values: NDArray[Any]) -> NDArray[Any]:
    """Return the means of 2 x 2 pixels; of fewer at the last row and column.

    Examples
    --------
    >>> halved_mean(np.array([[0, 2, 8], [2, 4, 10]], np.uint8)).tolist()
    [[2, 9]]
    """
    height, width = values.shape[:2]
    rest = [(0, 0)] * (values.ndim - 2)
    padded = np.pad(values, ((0, height % 2), (0, width % 2), *rest), mode="edge")
    wide = padded.astype(np.float32)
    mean = (wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]) / 4
    if values.dtype.kind in "iu":
        mean = np.rint(mean)
    return mean.astype(values.dtype)


def _compressor(version: Version) -> Any:
    # Blosc is the one compressor that all programs for OME-Zarr can read.
    if version == "0.4":
        from numcodecs import Blosc

        return Blosc(cname="zstd", clevel=_LEVEL, shuffle=Blosc.SHUFFLE)
    from zarr.codecs import BloscCodec

    return BloscCodec(cname="zstd", clevel=_LEVEL, shuffle="shuffle")
