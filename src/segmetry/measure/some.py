"""The rows of a few objects, without measuring all: `measure_some`."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.image import Image, Labels
from segmetry.measure.intensity import grey_values, median_of_all
from segmetry.measure.objects import Columns, columns_of, find_objects, refuse
from segmetry.measure.runs import OBJECT, ROW, START, STOP, find_runs

__all__ = ["MARGIN", "measure_some"]

MARGIN = 5  # px around an object's box whose labels and grey values its row depends on

_TOGETHER = 2**18  # px that take as long to measure as it takes to begin with a window
_WIDE = 0.7  # of the width: whole rows, as they lie, cost less than a copy of most of each

_Boxes = NDArray[np.int64]
_Window = tuple[_Boxes, NDArray[np.uint32]]


def measure_some(
    labels: Labels,
    ids: Iterable[int],
    *,
    boxes: NDArray[np.integer] | None = None,
    perimeters: Sequence[str] = (),
    background: Callable[[], float] | None = None,
) -> pd.DataFrame:
    """Return the rows of some objects, to the last digit as `measure` gives them.

    Only windows around these objects are looked at. There is one exception: an object so
    crowded that its background is that of the whole picture (see `local_background`)
    needs all pixels once.

    Parameters
    ----------
    labels : Labels
        Of a picture with axes "YX" or "YXC".
    ids : iterable of int
        Numbers of objects, in any order; those that are not there get no row.
    boxes : ndarray of integers, shape (n, 4), or None
        For each of `ids`, first x, first y, and exclusive last x and last y of the object,
        or of a larger box around it. `None` has the labels searched for them.
    perimeters : sequence of {"crofton", "imagej", "scikit-image"}
        See `measure`.
    background : callable or None
        Gives the median grey value of the whole picture's background, for who knows it;
        called only if it is needed. `None` finds it.

    Returns
    -------
    DataFrame
        The columns of `measure`, one row per object, in ascending order.

    Raises
    ------
    PictureError
        If the labels are those of a stack.
    ValueError
        If a perimeter is not known, or there are not as many boxes as ids.

    Examples
    --------
    >>> data = np.zeros((40, 60), np.uint32)
    >>> data[5:9, 5:9], data[20:30, 40:50] = 1, 2
    >>> measure_some(Labels(data, Image(np.zeros((40, 60), np.uint8))), [2]).area_px[0]
    np.int64(100)
    """
    refuse(labels, perimeters)
    wanted = np.array(list(ids), dtype=np.int64)
    if boxes is None:
        wanted, boxes = _search(labels.data, wanted)
    if np.shape(boxes) != (len(wanted), 4):
        msg = f"boxes must be one row of 4 for each of ids, got shape {np.shape(boxes)}"
        raise ValueError(msg)
    background = background or cache(lambda: _background(labels))
    parts: list[Columns] = []
    for window, chosen in _windows(np.asarray(boxes, dtype=np.int64), wanted):
        x0, y0, x1, y1 = _with_margin(window, labels.data.shape)
        image = _part(labels.image, slice(y0, y1), slice(x0, x1))
        part = Labels(labels.data[y0:y1, x0:x1], image)
        objects = find_objects(part, chosen=chosen, corner=(y0, x0))
        parts.append(
            columns_of(
                *(objects, image),
                perimeters=perimeters,
                shape=labels.data.shape,
                background=background,
            )
        )
    # One table of all: to make one of each window takes longer than to measure in it.
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(whole["label"], kind="stable")
    return pd.DataFrame({name: values[order] for name, values in whole.items()}, copy=False)


def _background(labels: Labels) -> float:
    image = labels.image
    return median_of_all(grey_values(image), labels.data, image.excluded)


def _search(
    data: NDArray[np.uint32], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], _Boxes]:
    """Return those of the numbers that are there, and their boxes."""
    contiguous = np.ascontiguousarray(data).view()
    contiguous.flags.writeable = False
    runs, ids = find_runs(contiguous)
    runs = runs[np.isin(ids, wanted)[runs[:, OBJECT]]]
    runs = runs[np.argsort(runs[:, OBJECT], kind="stable")]
    first = np.flatnonzero(np.diff(runs[:, OBJECT], prepend=-1))
    if len(first) == 0:
        return np.empty(0, dtype=np.int64), np.empty((0, 4), dtype=np.int64)
    sides = [
        np.minimum.reduceat(runs[:, START], first),
        np.minimum.reduceat(runs[:, ROW], first),
        np.maximum.reduceat(runs[:, STOP], first),
        np.maximum.reduceat(runs[:, ROW], first) + 1,
    ]
    return ids[runs[first, OBJECT]].astype(np.int64), np.stack(sides, axis=1, dtype=int)


def _windows(boxes: _Boxes, ids: NDArray[np.int64]) -> list[_Window]:
    """Return windows, each with the objects to be measured in it."""
    if len(ids) == 0:
        return [(np.array([0, 0, 1, 1]), np.empty(0, dtype=np.uint32))]
    window = np.append(boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0))
    size = window[2:] - window[:2]
    whole = [(window, ids.astype(np.uint32))]
    if len(ids) == 1 or size.prod() <= _TOGETHER:
        return whole
    axis = int(size.argmax())
    order = np.argsort(boxes[:, axis] + boxes[:, axis + 2], kind="stable")
    halves = [
        part
        for half in np.array_split(order, 2)
        for part in _windows(boxes[half], ids[half])
    ]
    return min(whole, halves, key=_cost)


def _cost(windows: list[_Window]) -> int:
    """Return how long it takes to measure in windows, as the time of so many pixels."""
    sides = np.stack([window[2:] - window[:2] for window, _ in windows])
    return int(sides.prod(axis=1).sum()) + _TOGETHER * len(windows)


def _with_margin(window: _Boxes, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = window.tolist()
    y0, y1 = max(y0 - MARGIN, 0), min(y1 + MARGIN, shape[0])
    if (x1 - x0) > _WIDE * shape[1]:
        return 0, y0, shape[1], y1
    return max(x0 - MARGIN, 0), y0, min(x1 + MARGIN, shape[1]), y1


def _part(image: Image, rows: slice, columns: slice) -> Image:
    """Return a window of a picture, colours as grey."""
    excluded = None if image.excluded is None else image.excluded[rows, columns]
    pixels = image.pixels[rows]
    if image.axes == "YXC":
        # Whole rows: the last digit of a product can depend on the length of a row.
        pixels = Image(pixels, axes="YXC").grey
    return Image(pixels[:, columns], pixel_size=image.pixel_size, excluded=excluded)
