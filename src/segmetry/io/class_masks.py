"""Class maps that users bring: one number or colour for each class, the same in all files.

What counts as what
-------------------
- Numbers, in grey or as entries of a colour table: 0 is the background, 1 and up are the
  classes, 255 is where nobody knows.
- Colours: black is the background, the others are the classes 1 to n in the order of red,
  green, blue, over all files together, so that a colour is one class everywhere. Colours
  whose red, green and blue are alike in all of a file are numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import MaskError
from segmetry.image import NOT_KNOWN
from segmetry.io.masks import numbers_of, refuse_photograph
from segmetry.io.reading import read_stored
from segmetry.io.stored import Stored, arranged

__all__ = ["Coding", "find_coding", "read_class_map"]

Color = tuple[int, int, int]

_MOST_COLORS = 64  # more are a photograph, or objects that were given as classes
_BLACK = (0, 0, 0)


@dataclass(frozen=True)
class Coding:
    """How files tell classes.

    Parameters
    ----------
    colors : tuple of (int, int, int)
        Red, green and blue of the classes 1 to n; empty where files hold numbers.
    highest : int
        Greatest number of a class.
    """

    colors: tuple[Color, ...] = ()
    highest: int = 0


def find_coding(paths: Iterable[str | PathLike[str]]) -> Coding:
    """Look how files tell classes, and that all of them do it alike.

    Parameters
    ----------
    paths : iterable of path

    Returns
    -------
    Coding

    Raises
    ------
    MaskError
        If some files hold numbers and others colours, colour tables differ, there are more
        than 64 colours, numbers are over 255, or there is nothing but 0 and 255.
    ReadError
        If a file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from segmetry.io import write_png
    >>> red, blue = (255, 0, 0), (0, 0, 255)
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mask.png")
    ...     write_png(path, np.uint8([[(0, 0, 0), red, blue]]))
    ...     coding = find_coding([path])
    ...     coding.colors, read_class_map(path, coding).tolist()
    (((0, 0, 255), (255, 0, 0)), [[0, 2, 1]])
    """
    looks = [_look(Path(path)) for path in paths]
    colored = [look for look in looks if look.colors and not look.is_grey]
    if colored:
        found = {color for look in colored for color in look.colors} - {_BLACK}
        for look in looks:  # files without any hue: black alone, or a grey class
            if not look.greys <= {_BLACK, *found}:
                msg = (
                    f"{colored[0].name} tells classes by colours and {look.name} by "
                    "numbers; save all of them in one way"
                )
                raise MaskError(msg)
        return Coding(tuple(sorted(found)), len(found))
    numbers = {number for look in looks for number in look.numbers}
    if numbers <= {0, NOT_KNOWN} and NOT_KNOWN in numbers:
        msg = (
            "The class maps hold nothing but 0 and 255, as masks of objects do; in a class "
            "map 255 is where nobody knows. Save the classes as 0, 1, 2 and so on, or take "
            "--task pixels"
        )
        raise MaskError(msg)
    _refuse_other_tables(looks)
    return Coding((), max(numbers - {NOT_KNOWN}, default=0))


def read_class_map(
    path: str | PathLike[str], coding: Coding | None = None
) -> NDArray[np.uint8]:
    """Read the class of each pixel.

    Parameters
    ----------
    path : path
    coding : Coding or None
        As `find_coding` found it in all files; `None` looks in this one alone.

    Returns
    -------
    ndarray of uint8, shape (Y, X) or (Z, Y, X)
        Numbers of classes; 255 where nobody knows.

    Raises
    ------
    MaskError
        If the file does not tell classes as the coding says, or holds other numbers.
    ReadError
        If it cannot be read.
    """
    path = Path(path)
    coding = find_coding([path]) if coding is None else coding
    stored = read_stored(path)
    if not coding.colors:
        return _numbers(path.name, stored)
    coded = _coded(stored)
    if coded is None:  # a file without any hue is read as grey
        coded = _numbers(path.name, stored).astype(np.int64) * 0x010101
    strange = set(_colors_of(path.name, coded)) - {_BLACK, *coding.colors}
    if strange:
        msg = f"{path.name} has the colour {min(strange)}, which no class of the set has"
        raise MaskError(msg)
    classes = np.zeros(coded.shape, np.uint8)
    for number, color in enumerate(coding.colors, start=1):
        classes[coded == _code(color)] = number
    return classes


@dataclass(frozen=True)
class _Look:
    """What a file shows: colours, where it has such, and numbers, where it may be read so.

    Parameters
    ----------
    name : str
    colors : tuple of (int, int, int)
    numbers : tuple of int
    is_grey : bool
        Whether its colours may as well be numbers.
    table : mapping of int to (int, int, int)
        Colours of the numbers in use, where the file has a colour table.
    """

    name: str
    colors: tuple[Color, ...]
    numbers: tuple[int, ...]
    is_grey: bool
    table: Mapping[int, Color]

    @property
    def greys(self) -> set[Color]:
        """Its numbers as colours; empty where it has colours that are no numbers."""
        return {(number, number, number) for number in self.numbers}


def _look(path: Path) -> _Look:
    stored = read_stored(path)
    coded = _coded(stored)
    colors = () if coded is None else tuple(_colors_of(path.name, coded))
    is_grey = all(len(set(color)) == 1 for color in colors)
    numbers: tuple[int, ...] = ()
    if is_grey:
        numbers = tuple(np.unique(_numbers(path.name, stored)).tolist())
    table = {}
    if stored.palette is not None:
        used = np.unique(stored.pixels).tolist()
        table = {number: _color(stored.palette[number]) for number in used}
    return _Look(path.name, colors, numbers, is_grey, table)


def _numbers(name: str, stored: Stored) -> NDArray[np.uint8]:
    pixels, axes = arranged(stored.pixels, stored.dims)
    if axes.endswith("C") and pixels.shape[-1] == 3:
        if (pixels != pixels[..., :1]).any():
            msg = (
                f"{name} tells classes by colours, and the others of its set by numbers; "
                "save all of them in one way"
            )
            raise MaskError(msg)
        stored = stored.noted(pixels=pixels[..., 0], dims=axes[:-1])  # grey, as colours
    numbers = numbers_of(name, stored)
    refuse_photograph(name, numbers)
    if numbers.max() > NOT_KNOWN:
        msg = (
            f"{name} holds the number {numbers.max()}; a class map has classes from 0 to "
            f"{NOT_KNOWN - 1}, and {NOT_KNOWN} where nobody knows"
        )
        raise MaskError(msg)
    return numbers.astype(np.uint8)


def _coded(stored: Stored) -> NDArray[np.int64] | None:
    """Return the colours of pixels as one number each; `None` where there are none."""
    pixels, axes = arranged(stored.pixels, stored.dims)
    if not axes.endswith("C") or pixels.shape[-1] != 3 or pixels.dtype != np.uint8:
        return None
    red, green, blue = np.moveaxis(pixels.astype(np.int64), -1, 0)
    return np.asarray(red << 16 | green << 8 | blue)


def _code(color: Color) -> int:
    red, green, blue = color
    return red << 16 | green << 8 | blue


def _colors_of(name: str, coded: NDArray[np.int64]) -> Iterator[Color]:
    found = np.unique(coded)
    if len(found) > _MOST_COLORS:
        msg = (
            f"{name} has {len(found):,} colours; a class map has at most {_MOST_COLORS}, "
            "one for each class: a photograph, or a mask that was resized or saved as JPEG"
        )
        raise MaskError(msg)
    for code in found.tolist():
        yield code >> 16, code >> 8 & 255, code & 255


def _refuse_other_tables(looks: Iterable[_Look]) -> None:
    known: dict[int, tuple[Color, str]] = {}
    for look in looks:
        for number, color in look.table.items():
            first, name = known.setdefault(number, (color, look.name))
            if first != color:
                msg = (
                    f"The colour tables of {name} and {look.name} give the number {number} "
                    "different colours, so it is not one class; save all with one table"
                )
                raise MaskError(msg)


def _color(values: NDArray[np.uint8]) -> Color:
    red, green, blue = values.tolist()
    return red, green, blue
