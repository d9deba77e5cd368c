"""PNG, JPEG, BMP and GIF.

Only these four are opened with Pillow: it would open many more, some of them wrongly (an
EMD file becomes a picture of 0 x 0). Their dots per inch are a size on paper, never a pixel
size, so the pixel size of all of them is unknown.
"""

from struct import unpack, unpack_from
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.io.limits import check_size
from segmetry.io.source import Source
from segmetry.io.stored import Stored
from segmetry.io.tiff import LABELS_MARK

__all__ = ["read_bmp", "read_gif", "read_jpeg", "read_png"]


def read_png(source: Source, page: int | None) -> Stored:
    """Read a PNG file of any depth.

    Parameters
    ----------
    source : Source
    page : int or None
        A PNG file has the one page 0.

    Returns
    -------
    Stored
    """
    from PIL import PngImagePlugin

    _only_page(source, page)
    _check_end(source)
    # Pillow keeps 8 of the 16 bits of colour pictures.
    width, height, depth, colour = unpack_from(">IIBB", source.head.ljust(33, b"\0"), 16)
    if depth == 16 and colour != 0:
        return _deep_png(source, (height, width))
    picture = PngImagePlugin.PngImageFile(source.stream)
    stored = _first_frame(picture, _decoded(source, picture, "PNG"))
    # Before the pixels, where we write it: what stands behind them was not read yet.
    return stored.noted(kept_ids=picture.info.get("Description") == LABELS_MARK)


def read_jpeg(source: Source, page: int | None) -> Stored:
    """Read a JPEG file; its grey values are not exact, but close.

    Parameters
    ----------
    source : Source
    page : int or None
        A JPEG file has the one page 0.

    Returns
    -------
    Stored
    """
    from PIL import JpegImagePlugin

    _only_page(source, page)
    picture = JpegImagePlugin.JpegImageFile(source.stream)
    return _decoded(source, picture, "JPEG").noted(lossy=True)


def read_bmp(source: Source, page: int | None) -> Stored:
    """Read a BMP file.

    Parameters
    ----------
    source : Source
    page : int or None
        A BMP file has the one page 0.

    Returns
    -------
    Stored
    """
    from PIL import BmpImagePlugin

    _only_page(source, page)
    return _decoded(source, BmpImagePlugin.BmpImageFile(source.stream), "BMP")


def read_gif(source: Source, page: int | None) -> Stored:
    """Read a GIF file, in which older sets of pictures keep their masks.

    Parameters
    ----------
    source : Source
    page : int or None
        A GIF file has the one page 0.

    Returns
    -------
    Stored
    """
    from PIL import GifImagePlugin

    _only_page(source, page)
    picture = GifImagePlugin.GifImageFile(source.stream)
    return _first_frame(picture, _decoded(source, picture, "GIF"))


def _first_frame(picture: Any, stored: Stored) -> Stored:
    n_frames = getattr(picture, "n_frames", 1)
    if n_frames > 1:
        return stored.noted(f"the first of {n_frames} frames of an animation is read")
    return stored


def _only_page(source: Source, page: int | None) -> None:
    if page not in (None, 0):
        msg = f"{source.name} has the one page 0, so there is no page {page}"
        raise ReadError(msg)


def _check_end(source: Source) -> None:
    """Walk to the last chunk of a PNG file; Pillow does not miss the end of the pixels."""
    at, kind = 8, b""
    while kind != b"IEND":
        source.stream.seek(at)
        head = source.stream.read(8)
        if len(head) < 8:
            msg = f"{source.name} is cut off: the end of the file is missing, copy it again"
            raise ReadError(msg)
        n_bytes, kind = unpack(">I4s", head)
        at += n_bytes + 12  # with length, kind and check sum
    source.stream.seek(0)


def _deep_png(source: Source, shape: tuple[int, int]) -> Stored:
    from imagecodecs import png_decode

    check_size(source.name, (*shape, 4), itemsize=2, stored=source.size)
    pixels = png_decode(source.stream.read())
    if pixels.ndim == 3 and pixels.shape[-1] in (2, 4):
        pixels = pixels[..., :-1]
    return Stored(pixels, "YXS"[: pixels.ndim], "PNG")


def _decoded(source: Source, picture: Any, name: str) -> Stored:
    check_size(
        source.name,
        (picture.height, picture.width, len(picture.getbands())),
        stored=source.size,
    )
    mode = picture.mode
    if mode in ("CMYK", "YCCK"):
        # Inks become colours only through the profile of a printer, and two conventions
        # of opposite sign are in use in JPEG.
        msg = (
            f"{source.name} stores printing inks (CMYK), which have no grey values of "
            f"their own; save it as RGB or grey first"
        )
        raise ReadError(msg)
    palette = _palette(picture) if mode in ("P", "PA") else None
    pixels = np.asarray(picture)
    if mode in ("LA", "PA", "RGBA"):
        pixels = pixels[..., :-1]
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    return Stored(pixels, "YXS"[: pixels.ndim], name, palette=palette)


def _palette(picture: Any) -> NDArray[np.uint8]:
    colours = np.array(picture.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    palette = np.zeros((256, 3), dtype=np.uint8)
    palette[: len(colours)] = colours[:256]
    return palette
