"""Label images, and masks in black and white."""

from os import PathLike
from pathlib import Path

import numpy as np

from segmetry.io.exchange.annotation import Annotation
from segmetry.io.masks import read_labels
from segmetry.io.names import plain_stem
from segmetry.io.pictures import write_labels, write_png

__all__ = ["read_mask_image", "write_black_and_white", "write_label_image"]


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
        A mask without objects gives zeros.

    Raises
    ------
    MaskError, ReadError
        If it is none.
    """
    path = Path(path)
    return Annotation(plain_stem(path), read_labels(path, allow_empty=True))
