"""Pictures of any size in files, read window by window."""

from dataclasses import dataclass, replace
from itertools import product
from os import PathLike
from pathlib import Path
from typing import Protocol

from segmetry.errors import ReadError, SegmetryError
from segmetry.image import Axes, Image, PixelSize
from segmetry.io.formats import recognise
from segmetry.io.ome_zarr import open_ome_zarr
from segmetry.io.reading import one_sentence, picture_of
from segmetry.io.source import opened
from segmetry.io.stored import DEPTH, Stored
from segmetry.io.tiff_windows import open_tiff
from segmetry.io.zarr_files import is_zarr
from segmetry.tiled import TiledImage, Window

__all__ = ["TiledFile", "Windows", "is_tiled", "open_tiled"]

_CORNER = (slice(0, 1), slice(0, 1))
_GREY_SIDE = 2048  # of the windows that are searched for a colour


class Windows(Protocol):
    """A file of one picture, opened by the reader of its format."""

    @property
    def spatial_shape(self) -> tuple[int, int]:
        """Number of rows and columns."""

    @property
    def dims(self) -> str:
        """Axes of what is read, as of `Stored`."""

    def read(self, window: Window) -> Stored:
        """Return what lies in a window, as it is stored; `banner_top` as of the whole."""


@dataclass(frozen=True)
class TiledFile:
    """A picture in a file, read window by window: a `TiledImage`.

    Parameters
    ----------
    name : str
        The file's name.
    kind : str
        What people call its format.
    windows : Windows
    page, channel : int or None
        As of `segmetry.io.read`.
    is_grey : bool or None
        Whether three channels are equal in all of the picture; `None` where there are not
        three.
    axes : {"YX", "YXC"}
    pixel_size : PixelSize or None
    """

    name: str
    kind: str
    windows: Windows
    page: int | None
    channel: int | None
    is_grey: bool | None
    axes: Axes
    pixel_size: PixelSize | None

    @property
    def spatial_shape(self) -> tuple[int, int]:
        """Number of its rows and columns."""
        return self.windows.spatial_shape

    def read(self, window: Window) -> Image:
        """Return what lies in a window, exactly as `segmetry.io.read` has it there.

        Parameters
        ----------
        window : tuple of slice
            Rows and columns, with start and stop, inside of the picture.

        Returns
        -------
        Image

        Raises
        ------
        ReadError
            If a part of the file is damaged, or the file changed.
        ValueError
            If the window is empty or not inside of the picture.
        """
        _check_window(window, self.spatial_shape)
        with one_sentence(self.name, self.kind):
            return _image(self.windows, window, self)


def open_tiled(
    path: str | PathLike[str], *, page: int | None = None, channel: int | None = None
) -> TiledImage:
    """Open a picture that may be larger than memory, to be read window by window.

    Of a file with smaller copies of the picture (a pyramid) the full size is read.

    Parameters
    ----------
    path : path
        A TIFF file of any kind, tiled or in strips: OME-TIFF, BigTIFF, SVS; or an
        OME-Zarr folder, or its URL (s3://, https://).
    page, channel : int or None
        As of `segmetry.io.read`.

    Returns
    -------
    TiledImage
        It holds no pixels and can be sent to other processes, which open the file
        themselves. Each window is what `segmetry.io.read` has there.

    Raises
    ------
    ReadError
        If it cannot be read, or not in parts, with the reason in one sentence.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_labels
    >>> with TemporaryDirectory() as folder:
    ...     write_labels(Path(folder, "a.tif"), np.arange(12).reshape(3, 4))
    ...     picture = open_tiled(Path(folder, "a.tif"))
    ...     picture.spatial_shape, picture.read((slice(1, 3), slice(0, 2))).pixels
    ((3, 4), array([[4, 5],
           [8, 9]], dtype=uint16))
    """
    path = Path(path)
    kind, windows = _opened(path, page)
    if any(letter in DEPTH for letter in windows.dims):
        msg = (
            f"{path.name} is a stack, and pictures are read in parts slice by slice; "
            "choose one by the number of its page"
        )
        raise ReadError(msg)
    found = TiledFile(path.name, kind, windows, page, channel, None, "YX", None)
    with one_sentence(path.name, kind):
        corner = replace(found, channel=None, is_grey=False)
        first = _image(windows, _CORNER, corner)
        is_grey = None
        if first.axes == "YXC" and first.pixels.shape[-1] == 3:
            is_grey = _is_grey(windows, corner)
        first = _image(windows, _CORNER, replace(found, is_grey=is_grey))
    return replace(found, is_grey=is_grey, axes=first.axes, pixel_size=first.pixel_size)


def is_tiled(path: str | PathLike[str], *, page: int | None = None) -> bool:
    """Tell whether a picture can be read window by window.

    Parameters
    ----------
    path : path
    page : int or None

    Returns
    -------
    bool
        False also for what cannot be read at all.

    Examples
    --------
    >>> is_tiled("nowhere.tif")
    False
    """
    path = Path(path)
    try:
        kind, windows = _opened(path, page)
        with one_sentence(path.name, kind):
            windows.read(_CORNER)
    except SegmetryError:
        return False
    return True


def _opened(path: Path, page: int | None) -> tuple[str, Windows]:
    if is_zarr(path):
        with one_sentence(path.name, "OME-Zarr"):
            return "OME-Zarr", open_ome_zarr(path, page)
    with opened(path) as source:
        kind = recognise(source).name
    if kind != "TIFF":
        msg = (
            f"{path.name} is a {kind} file, which is read as a whole or not at all; save "
            "it as a tiled TIFF file or as OME-Zarr to read it in parts"
        )
        raise ReadError(msg)
    with one_sentence(path.name, kind):
        return kind, open_tiff(path, page)


def _image(windows: Windows, window: Window, file: TiledFile) -> Image:
    stored = windows.read(window)
    if stored.banner_top is not None:
        below = max(0, stored.banner_top - window[0].start)
        stored = replace(stored, banner_top=below)
    return picture_of(
        file.name, stored, page=file.page, channel=file.channel, is_grey=file.is_grey
    )


def _is_grey(windows: Windows, file: TiledFile) -> bool:
    """Look for a pixel with a colour, which is found early in a coloured picture."""
    height, width = windows.spatial_shape
    for top, left in product(range(0, height, _GREY_SIDE), range(0, width, _GREY_SIDE)):
        rows = slice(top, min(top + _GREY_SIDE, height))
        columns = slice(left, min(left + _GREY_SIDE, width))
        pixels = _image(windows, (rows, columns), file).pixels
        if (pixels != pixels[..., :1]).any():
            return False
    return True


def _check_window(window: Window, shape: tuple[int, int]) -> None:
    for part, length in zip(window, shape, strict=True):
        if not 0 <= part.start < part.stop <= length or part.step not in (None, 1):
            msg = (
                f"a window must lie inside of {shape[0]} x {shape[1]} pixels, got {window}"
            )
            raise ValueError(msg)
