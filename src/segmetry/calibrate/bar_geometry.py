"""Finding straight horizontal bars that could be scale bars, by geometry alone.

A bar is a stack of rows in which the grey hardly changes between two columns, while it
changes sharply at both ends, above and below. It may be light, dark or grey, may have
ticks at its ends, and may lie on texture.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bar", "find_bars"]

_SHORTEST = 14  # pixels; a shorter bar would be uncertain by 7 % and more
_LEAST_SHARE = 0.03  # of the picture's width; shorter bars are of no use to a reader
_STEADY = 20  # grey levels between neighbours, inside a bar: JPEG, noise, resampling
_UNEVEN = 8  # grey levels, standard deviation along a bar: what JPEG does at its worst
_CONTRAST = 36  # grey levels between a bar and its surroundings, at the least
_THICKEST = 0.6  # of the length
_CLEAR_SHARE = 0.75  # of the length; letters and ticks may touch the rest
_BEYOND = (2, 3, 4, 5)  # rows from a bar at which its blurred edge has ended
_ROWS_AT_ONCE = 512
_REACH = 3  # pixels that a blurred edge may take


@dataclass(frozen=True)
class Bar:
    """A bar found by geometry.

    Parameters
    ----------
    x_start, x_stop : float
        Outer ends in pixels, half-open.
    y_top, y_bottom : int
        Rows of the bar without its ticks, half-open.
    level : float
        Grey of the bar, 0 to 255.
    left_tick, right_tick : float or None
        Where the middle of a tick at that end lies, if it has one.
    kind : str
        "bar" or "ruler".
    """

    x_start: float
    x_stop: float
    y_top: int
    y_bottom: int
    level: float
    left_tick: float | None = None
    right_tick: float | None = None
    kind: str = "bar"

    @property
    def length_px(self) -> float:
        """Length in pixels, from outer end to outer end."""
        return self.x_stop - self.x_start


@dataclass(frozen=True)
class _Stack:
    """Rows with a steady run of about the same columns."""

    top: int
    bottom: int
    left: int
    right: int
    level: float


def find_bars(grey: NDArray[np.float32]) -> list[Bar]:
    """Return the bars of a picture that could be scale bars, from top to bottom.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
        Grey levels from 0 to 255.

    Returns
    -------
    list of Bar

    Examples
    --------
    >>> grey = np.full((60, 200), 80, np.float32)
    >>> grey[40:44, 50:150] = 255
    >>> [(bar.x_start, bar.x_stop, bar.y_top, bar.y_bottom) for bar in find_bars(grey)]
    [(50.0, 150.0, 40, 44)]
    """
    if grey.shape[0] < 16 or grey.shape[1] < 32:
        return []
    shortest = max(_SHORTEST, _LEAST_SHARE * grey.shape[1])
    runs = _all_runs(grey, shortest)
    stacks = [stack for stack in _stacks(grey, runs) if _stands_out(grey, stack)]
    bars = [_measured(grey, stack) for stack in sorted(stacks, key=lambda s: s.top)]
    return _merged([bar for bar in bars if bar is not None and bar.length_px >= shortest])


def _merged(bars: list[Bar]) -> list[Bar]:
    """Return bars without the frame, core and shadow that some of them are drawn with."""
    kept: list[Bar] = []
    for bar in bars:
        same = next((other for other in kept if _same_bar(other, bar)), None)
        if same is None:
            kept.append(bar)
            continue
        kept.remove(same)
        longer = max(same, bar, key=lambda b: b.length_px)
        bottom = max(same.y_bottom, bar.y_bottom)
        kept.append(replace(longer, y_top=same.y_top, y_bottom=bottom))
    return kept


def _same_bar(one: Bar, other: Bar) -> bool:
    near = -1 <= other.y_top - one.y_bottom <= 3 and abs(one.level - other.level) <= 128
    overlap = min(one.x_stop, other.x_stop) - max(one.x_start, other.x_start)
    return near and overlap >= min(one.length_px, other.length_px) - 4


def _all_runs(grey: NDArray[np.float32], shortest: float) -> NDArray[np.int64]:
    """Return the runs of a picture, a few rows at a time to spare memory."""
    found = []
    for first in range(0, len(grey), _ROWS_AT_ONCE):
        runs = _runs(grey[first : first + _ROWS_AT_ONCE], shortest)
        found.append(runs + np.array([first, 0, 0]))
    return np.concatenate(found)


def _runs(grey: NDArray[np.float32], shortest: float) -> NDArray[np.int64]:
    """Return rows, first and last-plus-one columns of steady runs with sharp ends."""
    steady = (np.abs(np.diff(grey, axis=1)) <= _STEADY).astype(np.uint8)
    change = np.diff(np.pad(steady, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, left = np.nonzero(change == 1)
    # A run of n steady steps has n + 1 pixels.
    right = np.nonzero(change == -1)[1] + 1
    width = grey.shape[1]
    # The blurred pixels at both ends of a bar are no part of its run.
    long = right - left >= max(shortest - 5, 6)
    inner = long & (left >= 2) & (right <= width - 2)
    rows, left, right = rows[inner], left[inner], right[inner]
    first, last = grey[rows, left + 2], grey[rows, right - 3]
    start = first - grey[rows, np.maximum(left - _REACH, 0)]
    end = last - grey[rows, np.minimum(right - 1 + _REACH, width - 1)]
    sharp = (np.minimum(np.abs(start), np.abs(end)) >= _CONTRAST) & (start * end > 0)
    sharp &= np.abs(first - last) <= _CONTRAST
    return np.stack([rows[sharp], left[sharp], right[sharp]], axis=1)


def _stacks(grey: NDArray[np.float32], runs: NDArray[np.int64]) -> Iterator[_Stack]:
    """Yield runs of about the same columns in consecutive rows as one."""
    growing: list[_Stack] = []
    levels = grey[runs[:, 0], runs[:, 1:].sum(axis=1) // 2].tolist()
    for (row, left, right), level in zip(runs.tolist(), levels, strict=True):
        if growing and growing[0].bottom < row:
            yield from (stack for stack in growing if stack.bottom < row)
            growing = [stack for stack in growing if stack.bottom >= row]
        above = (k for k, s in enumerate(growing) if _continues(s, row, left, right, level))
        match = next(above, None)
        if match is None:
            growing.append(_Stack(row, row + 1, left, right, level))
        else:
            growing.append(replace(growing.pop(match), bottom=row + 1))
    yield from growing


def _continues(stack: _Stack, row: int, left: int, right: int, level: float) -> bool:
    return (
        stack.bottom == row
        and abs(stack.left - left) <= 2
        and abs(stack.right - right) <= 2
        and abs(stack.level - level) <= 2 * _CONTRAST
    )


def _stands_out(grey: NDArray[np.float32], stack: _Stack) -> bool:
    """Return whether a stack is a bar's shape and differs from what is above and below."""
    length, thickness = stack.right - stack.left, stack.bottom - stack.top
    if thickness > _THICKEST * length:
        return False
    above = _clear_shares(grey, stack, [stack.top - k for k in _BEYOND])
    if above.max() < _CLEAR_SHARE:
        return False
    below = _clear_shares(grey, stack, [stack.bottom - 1 + k for k in _BEYOND])
    return bool(np.minimum(above, below).max() >= _CLEAR_SHARE)


def _clear_shares(
    grey: NDArray[np.float32], stack: _Stack, rows: list[int]
) -> NDArray[np.float64]:
    """Return over how much of its length a bar is lighter, and darker, than other rows."""
    inner = [row for row in rows if 0 <= row < len(grey)]
    if not inner:
        return np.zeros(2)
    contrast = stack.level - grey[inner, stack.left : stack.right]
    lighter = (contrast >= _CONTRAST).mean(axis=1).max()
    darker = (contrast <= -_CONTRAST).mean(axis=1).max()
    return np.array([lighter, darker])


def _measured(grey: NDArray[np.float32], stack: _Stack) -> Bar | None:
    """Return a stack as a bar, with ends where the grey is half-way to the outside.

    `None` where the grey changes along the stack, as it does in objects.
    """
    rows = slice(stack.top, stack.bottom)
    if stack.bottom - stack.top > 2:
        rows = slice(stack.top + 1, stack.bottom - 1)
    profile = grey[rows].mean(axis=0)
    if profile[stack.left + 2 : stack.right - 2].std() > _UNEVEN:
        return None
    stack = replace(stack, level=float(np.median(profile[stack.left : stack.right])))
    start = _half_way(profile, stack.left + 2, -1, stack.level)
    stop = _half_way(profile, stack.right - 3, 1, stack.level) + 1
    left, right = _tick(grey, stack, start, 1), _tick(grey, stack, stop - 1, -1)
    return Bar(
        x_start=start,
        x_stop=stop,
        y_top=stack.top,
        y_bottom=stack.bottom,
        level=stack.level,
        left_tick=left,
        right_tick=right,
    )


def _half_way(profile: NDArray[np.float32], inside: int, step: int, level: float) -> float:
    """Return the outer edge of the last pixel of a bar, as a fractional pixel position.

    A pixel that is half covered counts half, as an antialiased drawing does it.
    """
    reach = [inside + step * k for k in range(_REACH + 5)]
    reach = [x for x in reach if 0 <= x < len(profile)]
    values = np.abs(profile[reach] - level)
    outside = float(values[3:].max(initial=1.0))
    first = next(
        (k for k, value in enumerate(values) if value >= 0.9 * outside), len(reach)
    )
    covered = 1 - np.clip(values[:first] / outside, 0, 1)
    covered[covered > 0.9] = 1
    return inside + step * (float(covered.sum()) - 1)


def _tick(grey: NDArray[np.float32], stack: _Stack, end: float, step: int) -> float | None:
    """Return the middle of a tick that sticks out above and below at an end of a bar."""
    column = round(end)
    reach = max(_REACH, stack.bottom - stack.top)
    zone = [
        column + step * k for k in range(-1, max(5, 2 * (stack.bottom - stack.top) + 3))
    ]
    zone = [x for x in zone if 0 <= x < grey.shape[1]]
    weight = np.minimum(
        _sticking_out(grey, stack, zone, range(stack.top - 1, stack.top - 1 - reach, -1)),
        _sticking_out(grey, stack, zone, range(stack.bottom, stack.bottom + reach)),
    )
    if weight.max() < 0.5 or weight[-1] > 0.3:
        return None
    weight[weight < 0.3] = 0  # texture beside a bar is no part of its tick
    return float(np.average(zone, weights=weight)) + 0.5


def _sticking_out(
    grey: NDArray[np.float32], stack: _Stack, columns: list[int], rows: range
) -> NDArray[np.float32]:
    """Return how much each column has the grey of the bar in rows beside it, 0 to 1."""
    middle = slice(stack.left + (stack.right - stack.left) // 4, stack.right - 4)
    weight = np.zeros(len(columns), np.float32)
    for row in rows:
        if not 0 <= row < len(grey):
            break
        base = float(np.median(grey[row, middle]))
        if abs(stack.level - base) >= _CONTRAST:
            share = (grey[row, columns] - base) / (stack.level - base)
            weight = np.maximum(weight, np.clip(share, 0, 1))
    return weight
