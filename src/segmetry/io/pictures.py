"""Writing labels, maps and pictures."""

import json
from collections.abc import Sequence
from io import BytesIO
from os import PathLike
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.image import NOT_KNOWN, ClassMap, Image, Labels, PixelSize
from segmetry.io.tiff import LABELS_MARK
from segmetry.io.writing import write_bytes

__all__ = [
    "write_class_map",
    "write_labels",
    "write_picture",
    "write_png",
    "write_probability",
]

_GREY = 128  # of the colours, where a class is not known
_LARGEST_16_BIT = 65_535
_LARGEST = 2**31  # pixels by micrometre, or the other way round

_Third = Literal["slices", "channels", "colours"]  # what a third axis counts


def write_labels(
    path: str | PathLike[str],
    labels: Labels | NDArray[Any],
    *,
    pixel_size: PixelSize | None = None,
) -> None:
    """Write labels as a compressed TIFF file that ImageJ opens with its scale.

    The same labels give the same bytes. The file says that it holds labels, so that
    `read_labels` returns exactly these numbers. Most viewers show it almost black: the
    numbers are small against 65,535.

    Parameters
    ----------
    path : path
    labels : Labels or ndarray of integers, shape (Y, X) or (Z, Y, X)
        Stored as uint16 while the largest number fits, else as uint32.
    pixel_size : PixelSize or None
        `None` takes that of the picture of `Labels`; an array has none.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import read_labels
    >>> with TemporaryDirectory() as folder:
    ...     write_labels(Path(folder, "labels.tif"), np.array([[0, 7], [7, 7]]))
    ...     read_labels(Path(folder, "labels.tif"))
    array([[0, 7],
           [7, 7]], dtype=uint32)
    """
    if isinstance(labels, Labels):
        pixel_size = pixel_size or labels.image.pixel_size
        numbers: NDArray[Any] = labels.data
    else:
        numbers = labels
    small = numbers.size == 0 or numbers.max() <= _LARGEST_16_BIT
    stored = numbers.astype(np.uint16 if small else np.uint32)
    write_bytes(path, _tiff(stored, pixel_size, LABELS_MARK))


def write_class_map(
    path: str | PathLike[str],
    classes: ClassMap,
    *,
    colors: Sequence[tuple[int, int, int]],
) -> None:
    """Write the class of each pixel as a compressed TIFF file with a colour table.

    Its bytes are the numbers of the classes, 255 where none is known, and viewers show
    them in colour. Its description has a line "classes=" with their names as JSON.

    Parameters
    ----------
    path : path
    classes : ClassMap
    colors : sequence of (int, int, int)
        Red, green and blue of each class, from 0 to 255; what is not known is grey.

    Raises
    ------
    WriteError
        If it cannot be written.
    ValueError
        If there is not one colour for each class.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import read_classes
    >>> picture = Image(np.zeros((1, 3), np.uint8))
    >>> found = ClassMap(np.uint8([[0, 1, 255]]), picture, ("ground", "vessel"))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "classes.tif")
    ...     write_class_map(path, found, colors=[(0, 0, 0), (255, 150, 0)])
    ...     read_classes(path)
    array([[  0,   1, 255]], dtype=uint32)
    """
    if len(colors) != len(classes.names):
        msg = f"each class needs a colour, got {len(colors)} for {len(classes.names)}"
        raise ValueError(msg)
    table = np.full((256, 3), _GREY, np.uint16)
    table[: len(colors)] = colors
    names = json.dumps(dict(enumerate(classes.names)))  # ASCII, as TIFF wants it
    marks = f"segmetry=classes\nclasses={names}\nunknown={NOT_KNOWN}"
    content = _tiff(
        classes.data,
        classes.image.pixel_size,
        marks,
        colormap=np.ascontiguousarray(table.T * 257),
    )
    write_bytes(path, content)


def write_probability(
    path: str | PathLike[str],
    foreground: NDArray[Any],
    *,
    pixel_size: PixelSize | None = None,
) -> None:
    """Write a map of probabilities as a compressed float32 TIFF file.

    Parameters
    ----------
    path : path
    foreground : ndarray, shape (Y, X) or (Z, Y, X)
        From 0 to 1.
    pixel_size : PixelSize or None

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    content = _tiff(foreground.astype(np.float32), pixel_size, "segmetry=probability")
    write_bytes(path, content)


def write_picture(path: str | PathLike[str], image: Image) -> None:
    """Write a picture as a compressed TIFF file, its values as they are.

    Parameters
    ----------
    path : path
    image : Image
        Of axes YX or YXC. Truth values become 0 and 1; what is excluded is written too.

    Raises
    ------
    WriteError
        If it cannot be written.
    ValueError
        If it is a stack.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import read
    >>> pixels = np.array([[1, 700]], np.uint16)
    >>> size = PixelSize(0.5, 0.5, "um", "typed")
    >>> with TemporaryDirectory() as folder:
    ...     write_picture(Path(folder, "a.tif"), Image(pixels, pixel_size=size))
    ...     again = read(Path(folder, "a.tif"))
    >>> again.pixels.tolist(), again.pixel_size.in_um.x
    ([[1, 700]], 0.5)
    """
    if image.axes.startswith("Z"):
        msg = f"a picture has axes YX or YXC, got {image.axes}; write slice by slice"
        raise ValueError(msg)
    pixels = image.pixels
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8)
    third: _Third = "colours"
    if image.axes == "YXC" and pixels.shape[-1] != 3:
        third = "channels"  # as ImageJ keeps those that are no colours
        pixels = np.moveaxis(pixels, -1, 0)
    write_bytes(path, _tiff(pixels, image.pixel_size, "mode=grayscale", third=third))


def write_png(path: str | PathLike[str], rgb: NDArray[np.uint8]) -> None:
    """Write a picture as PNG.

    Parameters
    ----------
    path : path
    rgb : ndarray of uint8, shape (Y, X), (Y, X, 3) or (Y, X, 4)

    Raises
    ------
    WriteError
        If it cannot be written.
    ValueError
        If the values are not 8 bits deep.
    """
    from PIL import Image as Pillow
    from PIL import PngImagePlugin  # noqa: F401  (registers the format, and only this one)

    if rgb.dtype != np.uint8:
        msg = f"a PNG picture must be uint8, got {rgb.dtype}; scale it to 0..255 first"
        raise ValueError(msg)
    buffer = BytesIO()
    Pillow.fromarray(np.ascontiguousarray(rgb)).save(buffer, format="PNG")
    write_bytes(path, buffer.getvalue())


def _tiff(
    pixels: NDArray[Any],
    pixel_size: PixelSize | None,
    mark: str,
    *,
    third: _Third = "slices",
    colormap: NDArray[np.uint16] | None = None,
) -> bytes:
    from tifffile import imwrite

    # tifffile's own ImageJ mode neither compresses nor knows uint32, so the description
    # is made here. It is ASCII: ImageJ reads "um" as micrometres.
    lines = ["ImageJ=1.54f"]
    is_colour = pixels.ndim == 3 and third == "colours"
    if pixels.ndim == 3 and not is_colour:
        lines += [f"images={len(pixels)}", f"{third}={len(pixels)}"]
    resolution = None
    size = None if pixel_size is None else pixel_size.in_um
    if size is not None and _is_told(size.x) and _is_told(size.y):
        lines.append("unit=um")
        if size.z is not None:
            lines.append(f"spacing={size.z!r}")
        resolution = (1 / size.x, 1 / size.y)
    lines.append(mark)
    buffer = BytesIO()
    imwrite(
        buffer,
        pixels,
        photometric=(
            "palette" if colormap is not None else "rgb" if is_colour else "minisblack"
        ),
        colormap=colormap,
        compression="zlib",
        description="\n".join([*lines, ""]),
        metadata=None,
        software=False,
        resolution=resolution,
        resolutionunit=None if resolution is None else 1,
    )
    return buffer.getvalue()


def _is_told(width: float) -> bool:
    """Return whether TIFF can store a width in micrometres, as a fraction."""
    return 1 / _LARGEST < width < _LARGEST
