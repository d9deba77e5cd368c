"""OME-Zarr pictures, 0.1 to 0.5: folders of chunks, or URLs that a person gave.

Of the levels of a pyramid the first is read, which has the full size. Chunks that are not
stored count as the fill value, as the format says; the history tells how many these are.
"""

from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

import numpy as np

from segmetry.errors import ReadError
from segmetry.io.limits import check_size
from segmetry.io.ngff import Multiscale, multiscale_of
from segmetry.io.stored import Selection, Stored, select_planes
from segmetry.io.zarr_files import Stock, attributes_of, check_array, open_array
from segmetry.tiled import Window

__all__ = ["ZarrWindows", "open_ome_zarr", "read_ome_zarr"]

_CONVERTED = "bioformats2raw.layout"  # of a group whose pictures are called 0, 1, ...


@dataclass(frozen=True, eq=False)
class ZarrWindows:
    """The planes of an OME-Zarr that make one picture, read window by window.

    Parameters
    ----------
    path : Path
        Of the root, or its URL.
    array : str
        Path of the array of full size below the root.
    index : tuple of (int or None)
        Along each axis before rows and columns the number of the plane; `None` for all.
    spatial_shape : tuple of int
        Number of rows and columns.
    facts : Stored
        What the metadata say, with one pixel.
    """

    path: Path
    array: str
    index: tuple[int | None, ...]
    spatial_shape: tuple[int, int]
    facts: Stored

    @property
    def dims(self) -> str:
        """Axes of what is read."""
        return self.facts.dims

    def read(self, window: Window) -> Stored:
        """Return what lies in a window, as it is stored."""
        leading = (slice(None) if at is None else at for at in self.index)
        pixels = open_array(self.path, self.array)[(*leading, *window)]
        return replace(self.facts, pixels=np.asarray(pixels))


def open_ome_zarr(path: Path, page: int | None) -> ZarrWindows:
    """Open the picture of a folder or URL.

    Parameters
    ----------
    path : Path
    page : int or None
        Number of one plane. `None` takes all depths and channels, and of everything else
        the first.

    Returns
    -------
    ZarrWindows

    Raises
    ------
    ReadError
        If it holds no picture, or one that is damaged or has no pixels.
    """
    group, found = _multiscale(path)
    name = group + found.paths[0]
    array = open_array(path, name)
    if array.ndim != len(found.dims):
        msg = (
            f"{path.name} has an array of {array.ndim} dimensions and metadata of "
            f"{len(found.dims)} axes; write it again"
        )
        raise ReadError(msg)
    stock = check_array(path, name, array, may_be_empty=found.is_labels)
    leading = array.shape[:-2]
    chosen = select_planes(path.name, found.dims[:-2], leading, page)
    facts = Stored(
        np.zeros((1,) * (len(chosen.dims) + 2), array.dtype),
        chosen.dims + "YX",
        "OME-Zarr",
        pixel_size=found.pixel_size,
        channels=found.channels,
        kept_ids=found.is_labels,
        notes=(*chosen.notes, *found.notes, *_notes(stock, found)),
    )
    height, width = array.shape[-2:]
    return ZarrWindows(path, name, _index(chosen, leading), (height, width), facts)


def read_ome_zarr(path: Path, page: int | None) -> Stored:
    """Read the picture of a folder or URL as a whole.

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
        As `open_ome_zarr`, or if it is too large.
    """
    windows = open_ome_zarr(path, page)
    array = open_array(path, windows.array)
    kept = zip(windows.index, array.shape, strict=False)
    n_planes = prod(length for at, length in kept if at is None)
    shape = (n_planes, *windows.spatial_shape)
    check_size(path.name, shape, itemsize=array.dtype.itemsize)
    height, width = windows.spatial_shape
    return windows.read((slice(0, height), slice(0, width)))


def _multiscale(path: Path) -> tuple[str, Multiscale]:
    """Return the path of the group that holds the picture, with its metadata."""
    attributes = attributes_of(path)
    told = attributes.get("ome", attributes)
    if isinstance(told, dict) and _CONVERTED in told and "multiscales" not in told:
        return "0/", multiscale_of(path.name, attributes_of(path, "0"))
    return "", multiscale_of(path.name, attributes)


def _index(chosen: Selection, leading: tuple[int, ...]) -> tuple[int | None, ...]:
    """Return which planes are taken along each of the leading axes."""
    places = np.unravel_index(chosen.planes.ravel(), leading) if leading else ()
    taken = [np.unique(along) for along in places]
    return tuple(int(along[0]) if along.size == 1 else None for along in taken)


def _notes(stock: Stock, found: Multiscale) -> tuple[str, ...]:
    if stock.n_missing == 0 or found.is_labels:
        return ()
    told = (
        f"{stock.n_missing:,} of {stock.n_pieces:,} chunks are not stored: they count as "
        "the fill value"
    )
    return (told,)
