"""Run lengths as the 2018 Data Science Bowl of Kaggle has them.

One row for each object: the picture, and pairs of start and length that count the pixels
down the columns, from 1. The columns `Height` and `Width` are those of the published
solution; `Label` is ours and keeps the objects' numbers, and readers that do not know it
pass over it. What is sent in as a submission has the first two columns and no other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ReadError
from segmetry.io.exchange.annotation import Annotation
from segmetry.io.exchange.extents import column_runs
from segmetry.io.exchange.filling import paint_runs
from segmetry.io.exchange.numbering import numbers_of
from segmetry.io.exchange.rows import csv_text, read_rows
from segmetry.io.limits import check_size
from segmetry.io.names import picture_names
from segmetry.io.writing import write_text

__all__ = ["read_rle", "write_rle", "write_submission"]

_COLUMNS = ("ImageId", "EncodedPixels", "Height", "Width", "Label")


def write_rle(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    r"""Write objects as run lengths.

    Parameters
    ----------
    path : path
    annotations : iterable of Annotation
        Of axes Y, X. A picture without objects has one row without runs.

    Raises
    ------
    WriteError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_rle(Path(folder, "rle.csv"), [cells])
    ...     print(Path(folder, "rle.csv").read_text().splitlines()[1])
    a,3 3,2,3,7
    """
    write_text(path, csv_text(_COLUMNS, _rows(annotations)))


def write_submission(path: str | PathLike[str], annotations: Iterable[Annotation]) -> None:
    r"""Write objects as a submission to the 2018 Data Science Bowl.

    By its rules pairs are sorted and positive, pixels are counted from 1 down the columns,
    none is in two objects, and a picture without objects has a row without runs.

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
    >>> from tempfile import TemporaryDirectory
    >>> cells = Annotation("a", np.array([[0, 7, 7], [0, 7, 0]]))
    >>> with TemporaryDirectory() as folder:
    ...     write_submission(Path(folder, "submission.csv"), [cells])
    ...     Path(folder, "submission.csv").read_text()
    'ImageId,EncodedPixels\na,3 3\n'
    """
    rows = (row[:2] for row in _rows(annotations))
    write_text(path, csv_text(_COLUMNS[:2], rows))


def _rows(annotations: Iterable[Annotation]) -> Iterator[Sequence[Any]]:
    for one in annotations:
        found = column_runs(one.labels)
        for number, runs in zip(found.labels, found.runs, strict=True):
            numbers = " ".join(map(str, np.add(runs, [1, 0]).ravel().tolist()))
            yield one.name, numbers, *one.labels.shape, number
        if not found.runs:
            yield one.name, "", *one.labels.shape, None


def read_rle(
    path: str | PathLike[str], *, shape_of: Callable[[str], tuple[int, int]] | None = None
) -> list[Annotation]:
    """Read objects from run lengths.

    Parameters
    ----------
    path : path
        A CSV file with the columns `ImageId` and `EncodedPixels`, and perhaps `Height`,
        `Width` and `Label`. Without labels the objects of a picture are numbered from 1.
    shape_of : callable or None
        Returns (Y, X) of a picture by its name; asked where the file does not tell it.

    Returns
    -------
    list of Annotation
        In the order of the file.

    Raises
    ------
    ReadError
        If a column is missing, runs are no pairs of numbers or leave the picture, or the
        shape of a picture is not known.
    """
    path = Path(path)
    rows: dict[str, list[dict[str, str]]] = {}
    for row in read_rows(path):
        if not {"imageid", "encodedpixels"} <= row.keys():
            msg = f"{path.name} needs the columns ImageId and EncodedPixels"
            raise ReadError(msg)
        rows.setdefault(row["imageid"], []).append(row)
    names = picture_names(rows)
    return [
        _annotation(path, names[told], of_picture, shape_of)
        for told, of_picture in rows.items()
    ]


def _annotation(
    path: Path,
    name: str,
    rows: Sequence[Mapping[str, str]],
    shape_of: Callable[[str], tuple[int, int]] | None,
) -> Annotation:
    told = rows[0].get("height", ""), rows[0].get("width", "")
    rows = [row for row in rows if row["encodedpixels"]]
    try:
        shape = (int(told[0]), int(told[1])) if all(told) else None
        encoded = [row["encodedpixels"].split() for row in rows]
        pairs = [np.array(runs, dtype=np.int64).reshape(-1, 2) for runs in encoded]
    except (ValueError, OverflowError) as error:
        msg = f"{path.name}: the run lengths of {name} are no pairs of whole numbers"
        raise ReadError(msg) from error
    if shape is None:
        shape = _asked(path, name, shape_of)
    check_size(f"{name} in {path.name}", shape, itemsize=4)
    numbers, unnamed = numbers_of(row.get("label") for row in rows)
    runs = np.concatenate([*pairs, np.empty((0, 2), dtype=np.int64)])
    n_pixels = shape[0] * shape[1]
    # Each number by itself first: their sum may be more than 64 bits hold.
    if runs.size and not (
        1 <= runs.min() <= runs.max() <= n_pixels
        and (runs.sum(axis=1) <= n_pixels + 1).all()
    ):
        msg = f"{path.name}: the run lengths of {name} leave a picture of {shape} pixels"
        raise ReadError(msg)
    of = np.repeat(np.arange(len(pairs)), [len(each) for each in pairs])
    painted = _painted(numbers, of, np.subtract(runs, [1, 0]), shape)
    return Annotation(name, painted, unnamed=unnamed)


def _painted(
    numbers: Sequence[int],
    of: NDArray[np.int64],
    runs: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.uint32]:
    turned = paint_runs(
        np.array(numbers, dtype=np.uint32), of, (runs[:, 0], runs[:, 1]), shape[::-1]
    )
    return np.ascontiguousarray(turned.T)


def _asked(
    path: Path, name: str, shape_of: Callable[[str], tuple[int, int]] | None
) -> tuple[int, int]:
    if shape_of is None:
        msg = (
            f"{path.name} does not tell the size of {name}; say which pictures it is about"
        )
        raise ReadError(msg)
    return shape_of(name)
