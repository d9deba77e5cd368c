"""Boxes, centres and counts of objects as CSV tables."""

from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any

import numpy as np

from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.extents import extents_of
from segmetry.io.exchange.rows import csv_text
from segmetry.io.writing import write_text

__all__ = [
    "write_boxes",
    "write_counts",
    "write_dots",
]

_BOX_COLUMNS = ("image", "label", "x_min_px", "y_min_px", "x_max_px", "y_max_px")
_DOT_COLUMNS = ("image", "label", "centroid_x_px", "centroid_y_px")


def write_boxes(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    r"""Write the box around each object, one a row.

    `x_min_px` and `y_min_px` are the upper left corner, `x_max_px` and `y_max_px` the lower
    right one: a box of one pixel is one wide.

    Parameters
    ----------
    path : path
    annotations : iterable of Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_boxes(Path(folder, "boxes.csv"), [cells])
    ...     print(Path(folder, "boxes.csv").read_text().splitlines()[1])
    a,7,1,0,3,1
    """

    def rows() -> Iterator[Sequence[Any]]:
        for one in annotations:
            found = extents_of(one.labels)
            for number, box in zip(found.labels, found.boxes.tolist(), strict=True):
                yield one.name, number, *box

    write_text(path, csv_text(_BOX_COLUMNS, rows()))


def write_dots(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    """Write the centre of each object, one a row.

    The columns are those of `objects.csv`: the centre of the first pixel is (0, 0). A
    picture without objects has one row without a place.

    Parameters
    ----------
    path : path
    annotations : iterable of Annotation
        Of axes Y, X.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 7]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_dots(Path(folder, "dots.csv"), [cells])
    ...     print(Path(folder, "dots.csv").read_text().splitlines()[1])
    a,7,1.5,0.5
    """

    def rows() -> Iterator[Sequence[Any]]:
        for one in annotations:
            found = extents_of(one.labels)
            for number, centre in zip(found.labels, found.centroids.tolist(), strict=True):
                yield one.name, number, *centre
            if not found.labels.size:
                yield one.name, None, None, None

    write_text(path, csv_text(_DOT_COLUMNS, rows()))


def write_counts(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    """Write the number of objects of each picture, one a row.

    Parameters
    ----------
    path : path
    annotations : iterable of Annotation

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "counts.csv")
    ...     write_counts(path, [Annotation("a", np.array([[0, 7, 9]]))])
    ...     path.read_text().split()
    ['image,count', 'a,2']
    """

    def rows() -> Iterator[Sequence[Any]]:
        for one in annotations:
            numbers = np.unique(one.labels)
            yield one.name, int((numbers > 0).sum())

    write_text(path, csv_text(("image", "count"), rows()))
