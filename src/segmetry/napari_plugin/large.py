"""Pictures that were run by tiles: shown by parts, never whole in memory.

napari asks for the part that is seen, in the resolution that the screen has. The labels of
such a run hold their smaller copies; those of the picture are made of the part asked for.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.batch.corrected import found_objects, picture_facts, work_of_run
from segmetry.image import Axes, PixelSize
from segmetry.io.zarr_files import attributes_of, open_array
from segmetry.napari_plugin.layers import LayerData, features_of
from segmetry.project.run_folder import size_in_run
from segmetry.tiled import TiledImage

__all__ = ["Level", "large_layers", "levels_of", "was_run_by_tiles"]

_LABELS = "labels.ome.zarr"
_SEEN = 1024  # rows or columns of the smallest copy, at most
_HELD = 2048**2  # pixels of a copy that is kept once it was made
_STRIP = 2**24  # pixels that are read at a time


@dataclass(frozen=True, eq=False)
class Level:
    """Every so many pixels of a picture, as an array of which only parts are read.

    Parameters
    ----------
    tiled : TiledImage
    step : int
        1 is the picture itself.
    n_channels : int
        0 of a grey picture.
    dtype : dtype

    Examples
    --------
    >>> from segmetry.image import Image
    >>> from segmetry.tiled import InMemory
    >>> picture = Image(np.arange(24, dtype=np.uint8).reshape(4, 6))
    >>> Level(InMemory(picture), 2, 0, picture.pixels.dtype)[0:2, 1:3]
    array([[ 2,  4],
           [14, 16]], dtype=uint8)
    """

    tiled: TiledImage
    step: int
    n_channels: int
    dtype: "np.dtype[Any]"

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns, and channels if there are any."""
        sides = tuple(-(-side // self.step) for side in self.tiled.spatial_shape)
        return (*sides, self.n_channels) if self.n_channels else sides

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)

    def __getitem__(self, key: Any) -> NDArray[Any]:
        """Return a part, as of an array."""
        keys = key if isinstance(key, tuple) else (key,)
        is_part = len(keys) >= 2 and all(isinstance(one, slice) for one in keys[:2])
        if not is_part or self.shape[0] * self.shape[1] <= _HELD:
            return np.asarray(self._whole[key])
        rows, columns = (
            range(*one.indices(side))
            for one, side in zip(keys[:2], self.shape[:2], strict=True)
        )
        if not len(rows) or not len(columns):
            return np.zeros((len(rows), len(columns), *self.shape[2:]), self.dtype)
        part = self._read(range(rows[0], rows[-1] + 1), range(columns[0], columns[-1] + 1))
        return np.asarray(part[:: rows.step, :: columns.step][(..., *keys[2:])])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return all of it."""
        return np.array(self._whole, dtype=dtype, copy=copy)

    @cached_property
    def _whole(self) -> NDArray[Any]:
        return self._read(range(self.shape[0]), range(self.shape[1]))

    def _read(self, rows: range, columns: range) -> NDArray[Any]:
        """Read a part, some rows at a time, so that a coarse one takes little memory."""
        step, (height, width) = self.step, self.tiled.spatial_shape
        left, right = columns[0] * step, min(width, columns[-1] * step + 1)
        at_once = max(1, _STRIP // (step * (right - left)))
        parts = []
        for first in range(rows[0], rows[-1] + 1, at_once):
            last = min(first + at_once - 1, rows[-1])
            window = slice(first * step, min(height, last * step + 1))
            pixels = self.tiled.read((window, slice(left, right))).pixels
            parts.append(pixels[::step, ::step])
        return np.concatenate(parts)


def levels_of(tiled: TiledImage) -> list[Level]:
    """Return a picture in ever coarser copies, as napari takes it.

    Parameters
    ----------
    tiled : TiledImage
    """
    corner = tiled.read((slice(0, 1), slice(0, 1))).pixels
    n_channels = corner.shape[-1] if tiled.axes.endswith("C") else 0
    levels = [Level(tiled, 1, n_channels, corner.dtype)]
    while max(levels[-1].shape[:2]) > _SEEN:
        levels.append(Level(tiled, 2 * levels[-1].step, n_channels, corner.dtype))
    return levels


def was_run_by_tiles(folder: Path, key: str) -> bool:
    """Return whether a picture of a run is too large to be held as others are."""
    return (folder / key / _LABELS).is_dir()


def large_layers(folder: Path, key: str) -> list[LayerData]:
    """Return the layers of a picture that was run by tiles; they cannot be painted on.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    key : str
        Name of the picture in it.

    Raises
    ------
    SegmetryError
        If a file is missing or damaged.
    """
    work = work_of_run(folder)
    [path] = [picture.path for picture in work.pictures if picture.key == key]
    tiled = io.open_tiled(path, **work.recipe.reading.model_dump())
    grid = _grid(size_in_run(picture_facts(folder, key)["row"]))
    levels = levels_of(tiled)
    options = {"name": key, "multiscale": True, **grid}
    colours: tuple[Axes, int] = ("YXC", 3)
    if (tiled.axes, levels[0].n_channels) == colours and levels[0].dtype == np.uint8:
        options["rgb"] = True
    elif levels[0].n_channels:
        options["channel_axis"] = 2
    labels = folder / key / _LABELS
    told = attributes_of(labels)
    [multiscale] = told.get("ome", told)["multiscales"]
    copies = [open_array(labels, one["path"]) for one in multiscale["datasets"]]
    objects = found_objects(folder, key).drop(columns="image")
    of_objects = {"name": f"{key} objects", "features": features_of(objects)}
    return [
        (levels, options, "image"),
        (copies, {**of_objects, "multiscale": True, **grid}, "labels"),
    ]


def _grid(size: PixelSize | None) -> dict[str, Any]:
    if size is None:
        return {"scale": (1.0, 1.0), "units": ("pixel", "pixel")}
    return {"scale": (size.in_um.y, size.in_um.x), "units": ("um", "um")}
