"""What the reader of one format hands on, and how it becomes the axes of a picture."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.image import Axes, PixelSize

__all__ = ["DEPTH", "Selection", "Stored", "arranged", "select_planes", "taken"]

# Letters that formats use for what is beside rows (Y) and columns (X).
DEPTH = "ZIQRA"  # slices, pages, and directions that have no name
_CHANNEL = "CSλΛ"  # channels, samples of a pixel, wavelengths
# All others (T for time, H, M, ...) are read at their first position.


@dataclass(frozen=True)
class Stored:
    """Pixels and facts as they stand in a file.

    Parameters
    ----------
    pixels : ndarray
        One axis per letter of `dims`.
    dims : str
        Ends in YX, or in YXS where the channels of a pixel lie together.
    format : str
        Name of the format for people: "TIFF (Zeiss)".
    pixel_size : PixelSize or None
    palette : ndarray of uint8, shape (n, 3), or None
        Colours of the values, for files with a colour table.
    banner_top : int or None
        First row of the banner, if the file itself says where it is.
    lossy : bool
        Whether the compression changes values (JPEG).
    kept_ids : bool
        Whether the file says that its values are labels.
    notes : tuple of str
        Decisions that a reader of the history should know, one sentence each.
    channels : tuple of str
        What the file calls the channels; empty where it names none.
    affine : tuple of tuple of float, or None
        Of volumes: from (column, row, slice) to mm in a patient, in the directions right,
        front and head.
    """

    pixels: NDArray[Any]
    dims: str
    format: str
    pixel_size: PixelSize | None = None
    palette: NDArray[np.uint8] | None = None
    banner_top: int | None = None
    lossy: bool = False
    kept_ids: bool = False
    notes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    affine: tuple[tuple[float, ...], ...] | None = None

    def noted(self, *notes: str, **changes: Any) -> "Stored":
        """Return the same with `changes` made and `notes` added."""
        return replace(self, notes=(*self.notes, *notes), **changes)


@dataclass(frozen=True)
class Selection:
    """Which planes of a file make the picture.

    Parameters
    ----------
    planes : ndarray of int
        Numbers of the planes, in the order of the file, one axis per letter of `dims`.
    dims : str
        Letters of the leading axes that are left.
    notes : tuple of str
    """

    planes: NDArray[np.intp]
    dims: str
    notes: tuple[str, ...] = ()


def select_planes(
    name: str,
    dims: str,
    shape: tuple[int, ...],
    page: int | None,
    *,
    colours: bool = False,
) -> Selection:
    """Choose the planes of a file that has more than one.

    Depth and channels are kept; of everything else (time, positions) the first is taken,
    with a note. With `page`, the one plane of that number is taken.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    dims : str
        Letters of the leading axes, without Y and X.
    shape : tuple of int
        Their lengths.
    page : int or None
        Counts from 0 through all leading axes, the last one fastest.
    colours : bool
        Whether each plane has channels of its own.

    Returns
    -------
    Selection

    Raises
    ------
    ReadError
        If there is no such page, or more than depth and channels are left.

    Examples
    --------
    >>> chosen = select_planes("series.tif", "TZ", (2, 3), None)
    >>> chosen.dims, chosen.planes.tolist()
    ('Z', [0, 1, 2])
    """
    planes = np.arange(prod(shape)).reshape(shape)
    if page is not None:
        if not 0 <= page < planes.size:
            known = f"pages 0 to {planes.size - 1}" if planes.size > 1 else "one page 0"
            msg = f"{name} has the {known}, so there is no page {page}"
            raise ReadError(msg)
        return Selection(planes.ravel()[page], "")

    left, notes = "", []
    for letter, length in zip(dims, shape, strict=True):
        axis = len(left)
        if length == 1:
            planes = planes.take([0], axis).squeeze(axis)
        elif letter in DEPTH or letter in _CHANNEL:
            left += letter
        else:
            planes = planes.take([0], axis).squeeze(axis)
            notes.append(f"the first of {length} along {letter} is read")
    n_depth = sum(letter in DEPTH for letter in left)
    n_channel_axes = len(left) - n_depth + colours
    if n_depth > 1 or n_channel_axes > 1:
        sizes = " x ".join(str(length) for length in shape)
        msg = (
            f"{name} has {len(shape) + 2 + colours} dimensions ({sizes} planes), a picture "
            f"has depth, rows, columns and channels; choose one plane, page 0 to "
            f"{prod(shape) - 1}"
        )
        raise ReadError(msg)
    return Selection(planes, left, tuple(notes))


def arranged(
    pixels: NDArray[Any], dims: str, *, is_grey: bool | None = None
) -> tuple[NDArray[Any], Axes]:
    """Put axes into the order Z, Y, X, channels.

    Parameters
    ----------
    pixels : ndarray
        With at most one axis of depth and one of channels, one letter of `dims` each.
    dims : str
    is_grey : bool or None
        Whether three channels count as equal. `None` compares them.

    Returns
    -------
    ndarray, axes
        Channels are left out where there is only one, or three that are equal.

    Examples
    --------
    >>> arranged(np.zeros((2, 4, 5)), "CYX")[1], arranged(np.zeros((4, 5, 3)), "YXS")[1]
    ('YXC', 'YX')
    """
    channel = next((axis for axis, letter in enumerate(dims) if letter in _CHANNEL), None)
    if channel is None:
        return pixels, "YX" if pixels.ndim == 2 else "ZYX"
    pixels = np.moveaxis(pixels, channel, -1)
    n_channels = pixels.shape[-1]
    first = pixels[..., 0]
    if n_channels == 3 and is_grey is None:
        is_grey = _all_equal(pixels)
    if n_channels == 1 or (n_channels == 3 and is_grey):
        pixels = np.ascontiguousarray(first)
        return pixels, "YX" if pixels.ndim == 2 else "ZYX"
    return pixels, "YXC" if pixels.ndim == 3 else "ZYXC"


def _all_equal(pixels: NDArray[Any]) -> bool:
    first = pixels[..., 0]
    return np.array_equal(first, pixels[..., 1]) and np.array_equal(first, pixels[..., 2])


def taken(name: str, stored: Stored, page: int | None) -> Stored:
    """Choose planes of pixels that are in memory, as `select_planes` does.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    stored : Stored
    page : int or None

    Returns
    -------
    Stored
        With at most depth and channels beside rows and columns.

    Raises
    ------
    ReadError
        As `select_planes`.
    """
    n_leading = stored.dims.index("Y")
    shape = stored.pixels.shape
    selection = select_planes(
        name,
        stored.dims[:n_leading],
        shape[:n_leading],
        page,
        colours=stored.dims.endswith("S"),
    )
    planes = stored.pixels.reshape(-1, *shape[n_leading:])[selection.planes]
    dims = selection.dims + stored.dims[n_leading:]
    return stored.noted(*selection.notes, pixels=planes, dims=dims)
