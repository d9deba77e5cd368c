"""Grey values of each object, and of the background around it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.measure.compiled import compiled
from segmetry.measure.runs import OBJECT, ROW, START, STOP

__all__ = [
    "Intensities",
    "grey_values",
    "intensities",
    "local_background",
    "mean_in_objects",
    "median_of_all",
]

_GAP = 3  # pixels next to an object are blurred by its edge
_FRAME = 2  # thickness of the frame in which the background is sought
_BINS = 256  # grey values of 8 bits are sorted by counting alone
_FEWEST = 16  # fewer pixels make a poor median


@dataclass(frozen=True, eq=False)
class Intensities:
    """Mean, standard deviation (ddof 0), minimum and maximum of N objects.

    All four are NaN where a pixel of the object is not finite.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]


def grey_values(image: Image) -> NDArray[Any]:
    """Return the grey values of a picture as stored where they are, else as `Image.grey`.

    Parameters
    ----------
    image : Image

    Returns
    -------
    ndarray of uint8, uint16, float32 or float64, shape (Y, X), C-contiguous and read-only
        Stored grey values are never rounded.

    Examples
    --------
    >>> grey_values(Image(np.array([[1, 2]], dtype=">u2"))).dtype
    dtype('uint16')
    """
    values = image.pixels if image.axes == "YX" else image.grey
    kind = values.dtype.newbyteorder("=")
    if kind == np.bool_:
        kind = np.dtype(np.uint8)
    if kind not in (np.uint8, np.uint16, np.float32):
        kind = np.dtype(np.float64)
    values = np.ascontiguousarray(values, dtype=kind).view()
    values.flags.writeable = False
    return values


def intensities(
    values: NDArray[Any],
    runs: NDArray[np.int32],
    first_pixel: NDArray[np.int32],
    area: NDArray[np.int64],
) -> Intensities:
    """Return mean, standard deviation, minimum and maximum of the grey values of objects.

    Parameters
    ----------
    values : ndarray, shape (Y, X)
        See `grey_values`.
    runs : ndarray of int32, shape (R, 4)
        See `find_runs`.
    first_pixel, area : ndarray
        See `Moments`.

    Examples
    --------
    >>> values = grey_values(Image(np.array([[1, 3]], np.uint8)))
    >>> runs = np.array([[0, 0, 2, 0]], dtype=np.int32)
    >>> found = intensities(values, runs, np.zeros((1, 2), np.int32), np.array([2]))
    >>> found.mean.tolist(), found.std.tolist(), found.maximum.tolist()
    ([2.0], [1.0], [3.0])
    """
    exact = np.int64 if values.dtype.kind == "u" else np.float64
    # Sums of differences from the first pixel lose nothing where the mean is large.
    shift = values[first_pixel[:, 1], first_pixel[:, 0]].astype(exact)
    sums = np.zeros((len(area), 2), dtype=exact)
    extremes = np.stack([shift, shift], axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        _sum_values(values, runs, shift, sums, extremes)
        difference = sums[:, 0] / area
        variance = np.maximum(sums[:, 1] / area - difference**2, 0)
        mean = np.asarray(shift + difference, dtype=np.float64)
    lost = ~np.isfinite(mean)
    parts = [mean, np.sqrt(variance), extremes[:, 0], extremes[:, 1]]
    return Intensities(*(np.where(lost, np.nan, part) for part in parts))


def mean_in_objects(
    values: NDArray[np.float32], labels: NDArray[np.uint32]
) -> NDArray[np.float64]:
    """Return the mean of any values in each object, in ascending order of labels.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X)
    labels : ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> mean_in_objects(np.float32([[1, 3, 9]]), np.array([[2, 2, 0]])).tolist()
    [2.0]
    """
    inside = labels > 0
    _, number = np.unique(labels[inside], return_inverse=True)
    counts = np.bincount(number)
    return np.asarray(np.bincount(number, weights=values[inside]) / counts)


def local_background(
    values: NDArray[Any],
    labels: NDArray[np.uint32],
    box: NDArray[np.int32],
    excluded: NDArray[np.bool_] | None,
    *,
    of_all: Callable[[], float] | None = None,
) -> NDArray[np.float64]:
    """Return the median grey value of the background around each object.

    The background is taken from a frame around the bounding box, 2 px thick and 3 px away,
    from its pixels that are neither labelled nor excluded. Where fewer than 16 are left, it
    is the median of all such pixels of the picture, and NaN where there are none.

    Parameters
    ----------
    values : ndarray, shape (Y, X)
        See `grey_values`.
    labels : ndarray of uint32, shape (Y, X)
    box : ndarray of int32, shape (N, 4)
        See `Moments`.
    excluded : ndarray of bool, shape (Y, X), or None
        `None` where nothing is excluded.
    of_all : callable or None
        Gives the median of all such pixels of the picture, where the arrays are a window
        of it; called only if it is needed. `None` where they are the whole picture.

    Examples
    --------
    >>> picture = np.full((20, 20), 7, dtype=np.uint8)
    >>> picture[9:11, 9:11] = 90
    >>> labels = (picture == 90).astype(np.uint32)
    >>> box = np.array([[9, 9, 11, 11]], dtype=np.int32)
    >>> local_background(picture, labels, box, None).tolist()
    [7.0]
    """
    if excluded is None:
        excluded = np.zeros((0, 0), dtype=np.bool_)
    excluded = np.ascontiguousarray(excluded).view()
    excluded.flags.writeable = False
    background = np.empty(len(box), dtype=np.float64)
    is_whole = values.dtype.kind == "u"
    _take_medians(values, labels, box, excluded, background, is_whole)
    lost = np.isnan(background)
    if lost.any():
        background[lost] = of_all() if of_all else median_of_all(values, labels, excluded)
    return background


def median_of_all(
    values: NDArray[Any], labels: NDArray[np.uint32], excluded: NDArray[np.bool_] | None
) -> float:
    """Return the median grey value of a picture's background; NaN where it has none.

    Parameters
    ----------
    values, labels, excluded : ndarray
        See `local_background`.

    Examples
    --------
    >>> median_of_all(np.array([[3, 9]]), np.array([[0, 1]]), None)
    3.0
    """
    free = labels == 0
    if excluded is not None and excluded.size:
        free &= ~excluded
    chosen = values[free]
    chosen = chosen[np.isfinite(chosen)]
    return float(np.median(chosen)) if chosen.size else float("nan")


@compiled
def _sum_values(
    values: NDArray[Any],
    runs: NDArray[np.int32],
    shift: NDArray[Any],
    sums: NDArray[Any],
    extremes: NDArray[Any],
) -> None:
    for k in range(runs.shape[0]):
        i = runs[k, OBJECT]
        row = values[runs[k, ROW]]
        zero = shift[i]
        total = zero - zero
        squares = zero - zero
        lowest, highest = extremes[i, 0], extremes[i, 1]
        for x in range(runs[k, START], runs[k, STOP]):
            value = shift.dtype.type(row[x])
            difference = value - zero
            total += difference
            squares += difference * difference
            lowest = min(lowest, value)
            highest = max(highest, value)
        sums[i, 0] += total
        sums[i, 1] += squares
        extremes[i, 0], extremes[i, 1] = lowest, highest


@compiled
def _is_free(
    values: NDArray[Any],
    labels: NDArray[np.uint32],
    excluded: NDArray[np.bool_],
    y: int,
    x: int,
) -> bool:
    is_free = (labels[y, x] == 0) & np.isfinite(values[y, x])
    if excluded.size > 0:
        is_free &= not excluded[y, x]
    return is_free


@compiled
def _take_frame(
    values: NDArray[Any],
    labels: NDArray[np.uint32],
    excluded: NDArray[np.bool_],
    box: NDArray[np.int32],
    buffer: NDArray[Any],
) -> int:
    """Fill `buffer` with the free pixels of the frame around a box; return how many."""
    n_rows, n_columns = labels.shape
    outer = _GAP + _FRAME
    left, right = box[0] - outer, box[2] + outer
    n = 0
    for y in range(max(box[1] - outer, 0), min(box[3] + outer, n_rows)):
        is_side = box[1] - _GAP <= y < box[3] + _GAP
        x = left
        while x < right:
            if 0 <= x < n_columns:
                # Kept or written over, without a branch: which is hard to foresee.
                buffer[n] = values[y, x]
                n += int(_is_free(values, labels, excluded, y, x))
            x += 1
            if is_side and x == left + _FRAME:
                x = right - _FRAME
    return n


@compiled
def _mean_of_two(one: float, other: float) -> float:
    total = np.float64(one) + np.float64(other)
    # The sum of two of the largest numbers overflows, their mean does not.
    if np.isfinite(total):
        return total / 2
    return np.float64(one) / 2 + np.float64(other) / 2


@compiled
def _middle_bins(counts: NDArray[np.int32], size: int) -> tuple[int, int, int]:
    """Return the bins of the two middle values, and how many lie below the first."""
    below, first = 0, 0
    while below + counts[first] <= (size - 1) // 2:
        below += counts[first]
        first += 1
    last, up_to = first, below + counts[first]
    while up_to <= size // 2:
        last += 1
        up_to += counts[last]
    return first, last, below


@compiled
def _median(values: NDArray[Any], counts: NDArray[np.int32], is_whole: bool) -> float:
    """Return the median, and spoil `values`; `is_whole` says that they are whole numbers.

    Values are counted in bins, and only those of the middle bins are sorted.
    """
    lowest, highest = values[0], values[0]
    for value in values:
        lowest = min(lowest, value)
        highest = max(highest, value)
    low, high = np.float64(lowest), np.float64(highest)
    if low == high:
        return low
    is_exact = is_whole and high - low < _BINS
    scale = (_BINS - 1) / (high - low)
    if not 0 < scale < np.inf:  # a range too wide, or too small, to be cut into bins
        middle = np.sort(values)
        return _mean_of_two(middle[(values.size - 1) // 2], middle[values.size // 2])
    counts[:] = 0
    if is_exact:
        for value in values:
            counts[int(value) - int(lowest)] += 1
    else:
        for value in values:
            counts[int((value - low) * scale)] += 1
    size = values.size
    first, last, below = _middle_bins(counts, size)
    if is_exact:
        return low + (first + last) / 2
    n = 0
    for value in values:
        bin_of_value = int((value - low) * scale)
        values[n] = value
        n += int((first <= bin_of_value) & (bin_of_value <= last))
    middle = np.sort(values[:n])
    return _mean_of_two(middle[(size - 1) // 2 - below], middle[size // 2 - below])


@compiled
def _take_medians(
    values: NDArray[Any],
    labels: NDArray[np.uint32],
    box: NDArray[np.int32],
    excluded: NDArray[np.bool_],
    background: NDArray[np.float64],
    is_whole: bool,
) -> None:
    longest = 0
    for i in range(box.shape[0]):
        longest = max(longest, box[i, 2] - box[i, 0] + box[i, 3] - box[i, 1])
    longest += 4 * (_GAP + _FRAME)
    buffer = np.empty(2 * _FRAME * longest + 1, dtype=values.dtype)
    counts = np.empty(_BINS, dtype=np.int32)
    for i in range(box.shape[0]):
        n = _take_frame(values, labels, excluded, box[i], buffer)
        background[i] = _median(buffer[:n], counts, is_whole) if n >= _FEWEST else np.nan
