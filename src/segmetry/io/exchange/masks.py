"""Label images as TIFF, PNG and NPY, and masks in black and white."""

from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np

from segmetry.errors import WriteError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.masks import read_numbered
from segmetry.io.names import plain_stem
from segmetry.io.pictures import write_labels, write_png
from segmetry.io.tiff import LABELS_MARK
from segmetry.io.writing import write_bytes

__all__ = [
    "read_mask_image",
    "write_black_and_white",
    "write_label_array",
    "write_label_image",
    "write_label_png",
]

_LARGEST_16_BIT = 65_535


def write_label_image(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as a numbered TIFF file: see `segmetry.io.write_labels`.

    Parameters
    ----------
    path : path
    annotation : Annotation

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    write_labels(path, annotation.labels, pixel_size=annotation.pixel_size)


def write_label_png(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as a numbered PNG file of 16 bits.

    The file says that it holds labels, so that `read_labels` returns exactly these
    numbers.

    Parameters
    ----------
    path : path
    annotation : Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If a number is above 65,535, which 16 bits cannot hold, or the file cannot be
        written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import read_labels
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a_labels.png")
    ...     write_label_png(path, Annotation("a", np.array([[7, 0, 7]])))
    ...     read_labels(path)
    array([[7, 0, 7]], dtype=uint32)
    """
    from PIL import Image, PngImagePlugin

    highest = int(annotation.labels.max(initial=0))
    if highest > _LARGEST_16_BIT:
        msg = (
            f"{annotation.name} has an object number {highest:,}, and PNG holds numbers up "
            f"to {_LARGEST_16_BIT:,}; choose TIFF or NPY, which hold all"
        )
        raise WriteError(msg)
    told = PngImagePlugin.PngInfo()
    told.add_text("Description", LABELS_MARK)
    packed = BytesIO()
    numbers = np.ascontiguousarray(annotation.labels, dtype=np.uint16)
    Image.fromarray(numbers).save(packed, format="PNG", pnginfo=told)
    write_bytes(path, packed.getvalue())


def write_label_array(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write objects as an array of uint32 that `numpy.load` reads.

    Parameters
    ----------
    path : path
    annotation : Annotation

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "a_labels.npy")
    ...     write_label_array(path, Annotation("a", np.array([[7, 0, 7]])))
    ...     np.load(path)
    array([[7, 0, 7]], dtype=uint32)
    """
    packed = BytesIO()
    np.save(packed, np.ascontiguousarray(annotation.labels), allow_pickle=False)
    write_bytes(path, packed.getvalue())


def write_black_and_white(path: str | PathLike[str], annotation: Annotation) -> None:
    """Write where objects are as a PNG file: 255 in objects, 0 elsewhere.

    Objects that touch become one.

    Parameters
    ----------
    path : path
    annotation : Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.
    """
    write_png(path, np.where(annotation.labels > 0, 255, 0).astype(np.uint8))


def read_mask_image(path: str | PathLike[str]) -> Annotation:
    """Read a mask or label image of any encoding: see `segmetry.io.read_labels`.

    Parameters
    ----------
    path : path

    Returns
    -------
    Annotation
        A mask without objects gives zeros. Where its values are no numbers of objects,
        all are `unnamed`.

    Raises
    ------
    MaskError, ReadError
        If it is none.
    """
    path = Path(path)
    labels, is_numbered = read_numbered(path)
    unnamed = () if is_numbered else np.unique(labels).tolist()
    return Annotation(plain_stem(path), labels, unnamed=frozenset(unnamed))
