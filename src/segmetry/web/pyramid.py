"""A picture at every scale, as 8 bits for the eye: made once, then read tile by tile.

Each level is one file of plain npy, so that a tile is a small read of a large picture. They
can be made again at any time and are no part of what a project must keep.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.errors import MissingError
from segmetry.image import Image

__all__ = ["TILE", "Drawing", "draw_pyramid", "read_tile"]

TILE = 512  # px of a tile's side
_BAND = 1024  # rows at a time, even: 100 megapixels as float32 would be 400 MB at once


@dataclass(frozen=True)
class Drawing:
    """What a pyramid is made of.

    Parameters
    ----------
    path : Path
        The picture's file.
    page : int or None
    low, high : float
        Grey values to be shown as black and white.
    folder : Path
        Where its levels go; it appears when all are there.
    channel : int or None
        `None` shows all together.
    """

    path: Path
    page: int | None
    low: float
    high: float
    folder: Path
    channel: int | None = None


def draw_pyramid(drawing: Drawing) -> None:
    """Write all levels of a picture: each has half the side, its pixels averaged by area.

    Parameters
    ----------
    drawing : Drawing

    Raises
    ------
    SegmetryError
        If the picture cannot be read.
    """
    image = io.read(drawing.path, page=drawing.page, channel=drawing.channel)
    unfinished = drawing.folder.with_name(f"{drawing.folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    height, width = image.spatial_shape[-2:]
    rows = _colours(image, slice(0, 1)).shape[2:]
    shown = np.lib.format.open_memmap(
        unfinished / "0.npy", mode="w+", dtype=np.uint8, shape=(height, width, *rows)
    )
    half = np.empty((-(-height // 2), -(-width // 2), *rows), dtype=np.float32)
    for top in range(0, height, _BAND):
        band = _colours(image, slice(top, top + _BAND))
        band = (band - drawing.low) * (255 / (drawing.high - drawing.low))
        shown[top : top + _BAND] = _whole(band)
        half[top // 2 : (top + len(band) + 1) // 2] = halved(band)
    shown.flush()
    del image, shown
    level = 0
    while 2 * max(half.shape[:2]) > TILE and level < 32:
        level += 1
        np.save(unfinished / f"{level}.npy", _whole(half), allow_pickle=False)
        half = halved(half)
    shutil.rmtree(drawing.folder, ignore_errors=True)
    unfinished.rename(drawing.folder)


def read_tile(folder: Path, level: int, row: int, column: int) -> bytes:
    """Return a tile as PNG.

    Parameters
    ----------
    folder : Path
        Of a pyramid.
    level, row, column : int
        Row and column count tiles of `TILE` pixels of that level.

    Returns
    -------
    bytes
        Tiles at the right and lower edge are smaller.

    Raises
    ------
    MissingError
        If there is no such tile.
    """
    try:
        whole = np.load(folder / f"{level}.npy", mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        whole = np.empty((0, 0), np.uint8)
    top, left = row * TILE, column * TILE
    tile = np.array(whole[top : top + TILE, left : left + TILE])
    if not tile.size:
        msg = f"The picture has no tile {row}, {column} at level {level}."
        raise MissingError(msg)
    if tile.ndim == 3:
        tile = tile[..., ::-1]  # OpenCV writes blue first
    packing = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    return bytes(cv2.imencode(".png", np.ascontiguousarray(tile), packing)[1])


def halved(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return values at half the scale; at an odd edge, the mean of the pixels there are.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X) or (Y, X, 3)

    Examples
    --------
    >>> halved(np.array([[0, 2, 7], [2, 4, 9]], np.float32))
    array([[2., 8.]], dtype=float32)
    """
    height, width = values.shape[:2]
    edges = [(0, height % 2), (0, width % 2)] + [(0, 0)] * (values.ndim - 2)
    even = np.pad(values, edges, mode="edge") if height % 2 or width % 2 else values
    return np.asarray(
        (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
    )


def _colours(image: Image, rows: slice) -> NDArray[np.float32]:
    """Return rows of a picture (the middle slice of a stack) as grey values or RGB."""
    pixels = image.pixels
    if image.axes.startswith("Z"):
        pixels = pixels[len(pixels) // 2]
    if image.axes.endswith("C") and pixels.shape[-1] == 3:
        return pixels[rows].astype(np.float32)
    return Image(pixels[rows], axes="YXC" if pixels.ndim == 3 else "YX").grey


def _whole(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(values).clip(0, 255).astype(np.uint8)
