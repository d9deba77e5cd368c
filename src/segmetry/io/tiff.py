"""TIFF of any kind: strips and tiles, BigTIFF, palettes, stacks, OME and ImageJ."""

from dataclasses import dataclass, replace
from math import prod
from struct import Struct, calcsize, unpack
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.io.channels import names_in_tiff
from segmetry.io.limits import check_size
from segmetry.io.source import Source
from segmetry.io.stored import Stored, select_planes
from segmetry.io.tiff_calibration import calibration_of

__all__ = [
    "LABELS_MARK",
    "Planes",
    "check_chain",
    "check_extent",
    "choose_planes",
    "described",
    "interpreted",
    "read_tiff",
]

LABELS_MARK = "segmetry=labels"  # in the description of label files that we write

_WHITE_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 2, 3, 5, 6
_LAB = (8, 9, 10)
_JPEG = (6, 7, 34892, 33007)  # compressions whose decoder turns YCbCr into RGB
_MAX_PAGES = 1_000_000

# Bytes of the types that the standard numbers 1 to 18.
_TYPE_BYTES = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), start=1))
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}


def read_tiff(source: Source, page: int | None) -> Stored:
    """Read a TIFF file with its pixel size.

    Parameters
    ----------
    source : Source
    page : int or None
        Number of one plane. `None` reads all planes of one shape.

    Returns
    -------
    Stored

    Raises
    ------
    ReadError
        If the file is damaged or too large, or holds what is no grey value or colour.
    """
    from tifffile import TiffFile

    check_chain(source)
    with TiffFile(source.stream, name=source.name) as tif:
        planes = choose_planes(source, tif, page)
        return described(tif, planes, _of_planes(source, planes))


@dataclass(frozen=True, eq=False)
class Planes:
    """Which pages of an open file make the picture.

    Parameters
    ----------
    pages : tuple of tifffile.TiffPage or tifffile.TiffFrame
        One for each plane. Empty where all planes follow one page without a header, as
        ImageJ writes large stacks: `series` reads them.
    numbers : ndarray of int
        Of the planes in the file, one axis per letter of `dims`.
    dims : str
        Letters of the axes before those of a page.
    frame : tifffile.TiffPage
        The page that tells how all are stored.
    scaled : tifffile.TiffPage
        The page whose fields tell the pixel size.
    series : tifffile.TiffPageSeries
    notes : tuple of str
    """

    pages: tuple[Any, ...]
    numbers: NDArray[np.intp]
    dims: str
    frame: Any
    scaled: Any
    series: Any
    notes: tuple[str, ...] = ()


def choose_planes(source: Source, tif: Any, page: int | None) -> Planes:
    """Choose the pages of an open TIFF file that make the picture.

    Smaller copies of the picture, thumbnails and labels of a slide are left out.

    Parameters
    ----------
    source : Source
    tif : tifffile.TiffFile
    page : int or None

    Returns
    -------
    Planes

    Raises
    ------
    ReadError
        If there is no such page, or its colours are of a kind that has no grey values.
    """
    series = [part for part in tif.series if not part.keyframe.is_reduced]
    if not series:
        series = list(tif.series)
    # Pages of one shape are a stack; pages of several shapes are different pictures.
    if len(series) > 1 and not (tif.is_ome or tif.is_imagej):
        chosen = _single_page(source, tif, page)
    else:
        chosen = _planes(source, series[0], page)
        if len(series) > 1:
            told = f"the first of {len(series)} pictures is read"
            chosen = replace(chosen, notes=(*chosen.notes, told))
    _check_colours(source.name, chosen.frame)
    scaled = series[0].keyframe if page is None or len(series) == 1 else tif.pages[page]
    return replace(chosen, scaled=scaled)


def described(tif: Any, planes: Planes, stored: Stored) -> Stored:
    """Return pixels with what their open file says of them.

    Parameters
    ----------
    tif : tifffile.TiffFile
    planes : Planes
    stored : Stored

    Returns
    -------
    Stored
    """
    found = calibration_of(tif, planes.scaled)
    palette = None if found.vendor == "Zeiss" else stored.palette
    return stored.noted(
        *found.notes,
        format=f"TIFF ({found.vendor})" if found.vendor else "TIFF",
        pixel_size=found.pixel_size,
        banner_top=found.banner_top,
        palette=palette,
        channels=names_in_tiff(tif),
        kept_ids=LABELS_MARK in tif.pages.first.description,
    )


def _single_page(source: Source, tif: Any, page: int | None) -> Planes:
    n_pages = len(tif.pages)
    selection = select_planes(source.name, "H", (n_pages,), page or 0)
    for part in tif.pages:
        check_extent(source, part)
    chosen = tif.pages[int(selection.planes)]
    told = f"the {n_pages} pages have different shapes: the first is read"
    return Planes(
        (chosen,),
        selection.planes,
        "",
        chosen.keyframe,
        chosen,
        tif.series[0],
        (told,) if page is None else (),
    )


def _planes(source: Source, series: Any, page: int | None) -> Planes:
    axes, shape = series.get_axes(squeeze=False), series.get_shape(squeeze=False)
    leading = [(a, n) for a, n in zip(axes, shape, strict=True) if a not in "YXS"]
    frame = series.keyframe
    selection = select_planes(
        source.name,
        "".join(letter for letter, _ in leading),
        tuple(n for _, n in leading),
        page,
        colours="S" in frame.axes,
    )
    n_planes = prod(n for _, n in leading)
    has_all = len(series.pages) == n_planes
    numbers = selection.planes
    return Planes(
        tuple(series.pages[int(at)] for at in numbers.ravel()) if has_all else (),
        numbers,
        selection.dims,
        frame,
        frame,
        series,
        selection.notes,
    )


def _of_planes(source: Source, planes: Planes) -> Stored:
    frame, numbers = planes.frame, planes.numbers
    check_size(
        source.name,
        (numbers.size, *frame.shape),
        itemsize=frame.dtype.itemsize,
        stored=source.size,
    )
    if planes.pages:
        pixels = np.stack([_decoded(source, part) for part in planes.pages])
    else:
        whole = planes.series.asarray()
        pixels = whole.reshape(-1, *frame.shape)[numbers.ravel()]
    return interpreted(source.name, pixels, planes)


def _decoded(source: Source, page: Any) -> NDArray[Any]:
    check_extent(source, page)
    pixels: NDArray[Any] = page.asarray()
    return pixels


def check_extent(source: Source, page: Any) -> None:
    """Refuse a page whose pixels lie in another file or behind the end of this one.

    Parameters
    ----------
    source : Source
    page : tifffile.TiffPage, tifffile.TiffFrame or None

    Raises
    ------
    ReadError
    """
    if page is None:
        msg = f"{source.name} refers to planes in other files; save it as one file"
        raise ReadError(msg)
    ends = [at + n for at, n in zip(page.dataoffsets, page.databytecounts, strict=False)]
    if not sum(page.databytecounts) or max(ends) > source.size:
        msg = (
            f"{source.name} lacks a part of its pixels: the file is cut off or damaged, "
            f"copy it again"
        )
        raise ReadError(msg)


def _check_colours(name: str, frame: Any) -> None:
    photometric = int(frame.photometric)
    if photometric == _CMYK:
        # Inks become colours only through the profile of a printer.
        msg = (
            f"{name} stores printing inks (CMYK), which have no grey values of their own; "
            f"save it as RGB or grey first"
        )
        raise ReadError(msg)
    if photometric in _LAB or (
        photometric == _YCBCR and int(frame.compression) not in _JPEG
    ):
        msg = f"{name} stores colours of the kind {frame.photometric.name}; save it as RGB"
        raise ReadError(msg)


def interpreted(name: str, pixels: NDArray[Any], planes: Planes) -> Stored:
    """Return samples with their meaning: colours, and black as 0.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    pixels : ndarray
        One axis for the chosen planes, then the axes of the page; of the whole pages or
        of a window of each.
    planes : Planes

    Returns
    -------
    Stored

    Raises
    ------
    ReadError
        If the colour table is damaged.
    """
    stored = _samples(name, pixels, planes.frame)
    shape = (*planes.numbers.shape, *stored.pixels.shape[1:])
    dims = planes.dims + stored.dims[1:]
    return stored.noted(*planes.notes, pixels=stored.pixels.reshape(shape), dims=dims)


def _samples(name: str, pixels: NDArray[Any], frame: Any) -> Stored:
    photometric = int(frame.photometric)
    dims = f"I{frame.axes}"
    if "S" in dims:
        pixels = np.moveaxis(pixels, dims.index("S"), -1)
        dims = dims.replace("S", "") + "S"
        pixels = pixels[..., : _n_colours(frame, pixels.shape[-1])]
    lossy = int(frame.compression) in _JPEG
    stored = Stored(pixels, dims, "TIFF", lossy=lossy)
    if photometric == _WHITE_IS_ZERO and not _is_python_mask(frame):
        return _inverted(stored, frame.bitspersample)
    if photometric == _PALETTE and frame.colormap is not None:
        return stored.noted(palette=_palette(name, frame.colormap))
    return stored


def _n_colours(frame: Any, n_samples: int) -> int:
    """Count the samples that are no transparency."""
    if int(frame.photometric) in (_RGB, _YCBCR):
        return min(3, n_samples)
    transparent = sum(int(extra) in (1, 2) for extra in frame.extrasamples)
    return max(1, n_samples - transparent)


def _is_python_mask(frame: Any) -> bool:
    """Whether tifffile wrote booleans, which it calls black on white though True is 1."""
    return bool(frame.bitspersample == 1 and frame.software.startswith("tifffile"))


def _inverted(stored: Stored, bits: int) -> Stored:
    pixels = stored.pixels
    note = "white is stored as 0 in this file: values are inverted"
    if pixels.dtype.kind == "b":
        return stored.noted(note, pixels=~pixels)
    if pixels.dtype.kind == "u":
        white = pixels.dtype.type(2**bits - 1)
        return stored.noted(note, pixels=white - pixels)
    return stored.noted("white is stored as the lowest value in this file, and kept so")


def _palette(name: str, colormap: NDArray[np.uint16]) -> NDArray[np.uint8]:
    if colormap.ndim != 2:
        msg = f"{name} has a colour table that is damaged; save it again as RGB or grey"
        raise ReadError(msg)
    # The standard asks for 16 bits, some programs write 8.
    shift = 8 if colormap.max() > 255 else 0
    return np.ascontiguousarray((colormap >> shift).T.astype(np.uint8))


def check_chain(source: Source) -> None:
    """Walk from page to page; a chain out of the file or in a circle is damage.

    Parameters
    ----------
    source : Source

    Raises
    ------
    ReadError
    """
    order = "<" if source.head[:2] == b"II" else ">"
    big = source.head[2:4] in (b"+\0", b"\0+")
    count_kind, offset_kind = ("Q", "Q") if big else ("H", "I")
    entry = Struct(f"{order}HH{offset_kind}{offset_kind}")
    seen: set[int] = set()
    at = 8 if big else 4
    while offset := unpack(order + offset_kind, _bytes(source, at, 8 if big else 4))[0]:
        if offset in seen or len(seen) > _MAX_PAGES:
            msg = (
                f"{source.name} has pages that lead round in a circle: the file is "
                f"damaged, save it again with the program that made it"
            )
            raise ReadError(msg)
        seen.add(offset)
        count_bytes = calcsize(order + count_kind)
        n_entries = unpack(order + count_kind, _bytes(source, offset, count_bytes))[0]
        entries = _bytes(source, offset + count_bytes, n_entries * entry.size)
        for _, kind, count, value_at in entry.iter_unpack(entries):
            n_bytes = count * _TYPE_BYTES.get(kind, 0)
            if n_bytes > calcsize(offset_kind) and value_at + n_bytes > source.size:
                _bytes(source, value_at, n_bytes)
        at = offset + count_bytes + len(entries)
    source.stream.seek(0)
    if not seen:
        msg = f"{source.name} is a TIFF file without a page; it was never finished"
        raise ReadError(msg)


def _bytes(source: Source, at: int, n_bytes: int) -> bytes:
    if at + n_bytes > source.size:
        msg = f"{source.name} is cut off or damaged: a part lies behind its end"
        raise ReadError(msg)
    source.stream.seek(at)
    return source.stream.read(n_bytes)
