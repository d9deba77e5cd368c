"""Masks and label images of any encoding, as numbered objects.

What counts as what
-------------------
- Two values: a mask. The larger value is foreground (in a colour table with black, what is
  not black), and its parts that touch, also by corners, become the objects 1 to n. A lone
  object keeps its number, if it is not the number for white.
- More values: a label image. Numbers are kept, 0 is background. In a file with a colour
  table the numbers of the table are the labels and its black entry is background. In a
  coloured picture every colour but black is one label, in the order of red, green, blue.
- Files that `write_labels` made say that they are label images; nothing is guessed. So it
  is with NIfTI files whose header says that they hold labels, with NPY files of uint32, and
  with the files of Cellpose, called `NAME_cp_masks`.
"""

from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import MaskError
from segmetry.io.names import plain_stem
from segmetry.io.photographs import is_photograph
from segmetry.io.reading import read_stored
from segmetry.io.stored import Stored, arranged

__all__ = [
    "CELLPOSE_MASKS",
    "numbers_of",
    "read_classes",
    "read_labels",
    "read_numbered",
    "refuse_photograph",
]

CELLPOSE_MASKS = "_cp_masks"  # how the names of Cellpose's label images end

_LARGEST = np.iinfo(np.uint32).max
_WHITES = (255, 65_535, _LARGEST)
_JPEG_NOISE = 48  # JPEG changes values near edges by some tens of 255
_BLURRED_VALUES = 16  # label files with more values have no label that outweighs all others
_MAX_COLOURS = 65_535  # more are a photograph


def read_labels(
    path: str | PathLike[str], *, invert: bool = False, allow_empty: bool = False
) -> NDArray[np.uint32]:
    """Read a mask or label image as numbered objects.

    Parameters
    ----------
    path : path
        In any format that `read` knows.
    invert : bool
        Take the smaller value of a mask as foreground: particles drawn black on white.
    allow_empty : bool
        Return zeros for a mask without any object, which is refused otherwise: as a rule it
        means that the wrong file or the wrong `invert` was given.

    Returns
    -------
    ndarray of uint32, shape (Y, X) or (Z, Y, X)
        0 is background.

    Raises
    ------
    MaskError
        If the file is empty of objects, holds fractions, negative or too large numbers, is
        a blurred mask or a photograph, or has many labels and is to be inverted.
    ReadError
        If the file cannot be read at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_png
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mask.png")
    ...     write_png(path, np.array([[255, 0, 0], [0, 0, 255]], np.uint8))
    ...     read_labels(path)
    array([[1, 0, 0],
           [0, 0, 2]], dtype=uint32)
    """
    path = Path(path)
    labels, _ = read_numbered(path, invert=invert)
    if not allow_empty and not labels.any():
        msg = (
            f"{path.name} marks no object; check that it is the right mask and not "
            f"inverted, or allow empty masks"
        )
        raise MaskError(msg)
    return labels


def read_numbered(path: Path, *, invert: bool = False) -> tuple[NDArray[np.uint32], bool]:
    """Read a mask or label image, and whether it tells the numbers of its objects itself.

    Parameters
    ----------
    path : Path
    invert : bool
        See `read_labels`.

    Returns
    -------
    labels : ndarray of uint32, shape (Y, X) or (Z, Y, X)
        May be empty of objects.
    is_numbered : bool
        `False` for masks of two values and for colours, whose objects were numbered here,
        and for files of Cellpose, which numbers them whenever it saves.

    Raises
    ------
    MaskError, ReadError
        As `read_labels`.
    """
    stored = read_stored(path)
    numbers = numbers_of(path.name, stored)
    if stored.kept_ids or plain_stem(path).casefold().endswith(CELLPOSE_MASKS):
        if invert:
            _refuse_inversion(path.name)
        # Cellpose itself numbers objects anew whenever it saves them.
        return np.ascontiguousarray(numbers, dtype=np.uint32), stored.kept_ids
    labels = _objects(path.name, numbers, invert=invert)
    is_coloured = arranged(stored.pixels, stored.dims)[1].endswith("C")
    is_numbered = labels is numbers and not is_coloured
    return np.ascontiguousarray(labels, dtype=np.uint32), is_numbered


def read_classes(path: str | PathLike[str]) -> NDArray[np.uint32]:
    """Read a mask in which each pixel holds the number of its class.

    Parameters
    ----------
    path : path
        In any format that `read` knows, in grey or with a colour table.

    Returns
    -------
    ndarray of uint32, shape (Y, X) or (Z, Y, X)
        The numbers as the file holds them; 0 is background.

    Raises
    ------
    MaskError
        If the file is in colour or a photograph, or holds fractions, negative or too large
        numbers.
    ReadError
        If the file cannot be read at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_png
    >>> with TemporaryDirectory() as folder:
    ...     write_png(Path(folder, "mask.png"), np.array([[2, 0, 1]], np.uint8))
    ...     read_classes(Path(folder, "mask.png"))
    array([[2, 0, 1]], dtype=uint32)
    """
    path = Path(path)
    stored = read_stored(path)
    if arranged(stored.pixels, stored.dims)[1].endswith("C"):
        msg = (
            f"{path.name} is in colour, and a colour tells no number; save the numbers of "
            f"the classes in grey, or as entries of a colour table"
        )
        raise MaskError(msg)
    numbers = numbers_of(path.name, stored)
    refuse_photograph(path.name, numbers)
    return np.ascontiguousarray(numbers, dtype=np.uint32)


def numbers_of(name: str, stored: Stored) -> NDArray[np.uint32]:
    """Return the numbers that a file holds; colours are numbered by themselves.

    Raises
    ------
    MaskError
        If it holds fractions, negative or too large numbers, or is a photograph in colour.
    """
    pixels, axes = arranged(stored.pixels, stored.dims)
    if axes.endswith("C"):
        pixels = _colour_numbers(name, pixels)
    kind = pixels.dtype.kind
    if kind not in "biuf":
        msg = f"{name} holds values of the type {pixels.dtype}; labels are whole numbers"
        raise MaskError(msg)
    low, high = pixels.min(), pixels.max()
    # The comparison is also false where a value is no number.
    if kind == "f" and not (np.isfinite([low, high]).all() and (pixels % 1 == 0).all()):
        msg = (
            f"{name} holds fractions from {low:.4g} to {high:.4g}; labels are whole "
            f"numbers, so cut probabilities at a threshold first"
        )
        raise MaskError(msg)
    if low < 0 or high > _LARGEST:
        msg = (
            f"{name} holds numbers from {low:.0f} to {high:.0f}; labels are 0 to {_LARGEST}"
        )
        raise MaskError(msg)
    if stored.lossy:
        pixels = _cleaned(name, pixels)
    if stored.palette is not None:
        pixels = _black_is_zero(pixels, stored.palette)
    return pixels.astype(np.uint32, copy=False)


def _objects(name: str, numbers: NDArray[np.uint32], *, invert: bool) -> NDArray[np.uint32]:
    values = _first_values(numbers)
    if len(values) > 2:
        if invert:
            _refuse_inversion(name)
        _refuse_blur(name, numbers)
        refuse_photograph(name, numbers)
        return numbers
    low, high = values[0], values[-1]
    if low == high:
        # All of one value: nothing there to tell foreground from background but 0 itself.
        low = 0
    mask = numbers == low if invert else (numbers == high) & (high > 0)
    labels, n_objects = _connected(mask)
    if n_objects == 1 and low == 0 and not invert and high not in _WHITES:
        return numbers
    return labels


def _first_values(numbers: NDArray[np.uint32]) -> list[int]:
    """Return up to three values in use, ascending; sorting all is slow and not needed."""
    low, high = int(numbers.min()), int(numbers.max())
    between = (numbers != low) & (numbers != high)
    if between.any():
        return [low, int(numbers[between][0]), high]
    return [low] if low == high else [low, high]


def _connected(mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint32], int]:
    # cc3d 4.1.1 loses pixels of every seventh small mask of odd width, so not cc3d.
    if mask.ndim == 2:
        import cv2

        n_labels, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
        return labels.astype(np.uint32), n_labels - 1
    from scipy import ndimage

    labels, n_objects = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    return labels.astype(np.uint32), int(n_objects)


def _refuse_inversion(name: str) -> None:
    msg = f"{name} has numbered labels, and only masks of two values can be inverted"
    raise MaskError(msg)


def _refuse_blur(name: str, numbers: NDArray[np.uint32]) -> None:
    """Refuse a black and white mask with grey edges: each grey would be an object."""
    high = int(numbers.max())
    if high not in _WHITES[:2]:
        return
    counts = np.bincount(numbers.ravel(), minlength=high + 1)
    n_values = int((counts > 0).sum())
    if n_values > _BLURRED_VALUES and counts[high] * 2 > counts[1:].sum():
        msg = (
            f"{name} is a black and white mask with blurred edges ({n_values} values); "
            f"cut it at half of white and save it again"
        )
        raise MaskError(msg)


def refuse_photograph(name: str, numbers: NDArray[np.uint32]) -> None:
    """Refuse what changes from pixel to pixel.

    Raises
    ------
    MaskError
    """
    if is_photograph(numbers):
        n_values = len(np.unique(numbers))
        _refuse_as_photograph(name, f"{n_values:,} values, hardly two alike side by side")


def _refuse_as_photograph(name: str, seen: str) -> NoReturn:
    msg = (
        f"{name} was expected to be a mask, with one number or colour for all of an "
        f"object, but it is a photograph ({seen}); name the file or folder of the masks"
    )
    raise MaskError(msg)


def _cleaned(name: str, pixels: NDArray[Any]) -> NDArray[Any]:
    """Cut a mask that JPEG has changed a little; anything else in JPEG is lost."""
    between = (pixels > _JPEG_NOISE) & (pixels < 255 - _JPEG_NOISE)
    if between.mean() > 0.01:
        msg = (
            f"{name} is a JPEG file, which changes numbers, and is not black and white: a "
            f"photograph, or labels that are lost; name a mask that is a PNG or TIFF file"
        )
        raise MaskError(msg)
    return (pixels > 127).astype(np.uint8) * np.uint8(255)


def _black_is_zero(pixels: NDArray[Any], palette: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Exchange 0 with the only entry in use that is black, if 0 is not black itself."""
    used = np.unique(pixels)
    black = [int(value) for value in used if not palette[value].any()]
    if len(black) != 1 or black == [0]:
        return pixels.astype(np.uint32)
    numbers = pixels.astype(np.uint32)
    numbers[pixels == black[0]] = 0
    numbers[pixels == 0] = black[0]
    return numbers


def _colour_numbers(name: str, pixels: NDArray[Any]) -> NDArray[np.uint32]:
    """Give each colour a number: black is 0, the others are 1 to n."""
    if pixels.shape[-1] != 3 or pixels.dtype.kind != "u":
        msg = (
            f"{name} has {pixels.shape[-1]} channels; labels have one, or colours of three"
        )
        raise MaskError(msg)
    red, green, blue = np.moveaxis(pixels.astype(np.uint64), -1, 0)
    codes = (red << np.uint64(32)) | (green << np.uint64(16)) | blue
    colours, numbers = np.unique(codes, return_inverse=True)
    if len(colours) > min(_MAX_COLOURS, codes.size // 4):
        _refuse_as_photograph(name, f"{len(colours):,} colours")
    first = 0 if colours[0] == 0 else 1
    return (numbers.reshape(codes.shape) + first).astype(np.uint32)
