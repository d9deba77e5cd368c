"""Which bar belongs to which label.

A bar lies under, over or beside its label, close to it and in the colour of its letters,
or its two halves lie on both sides of the label. Whatever is not clear is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from segmetry.calibrate.bar_geometry import Bar
from segmetry.calibrate.bar_text import Label
from segmetry.calibrate.ocr import Text

__all__ = ["Match", "match_bars"]

_ALIKE = 40  # grey levels by which two halves of a bar, or a bar and its label, may differ
# Zeiss and FEI draw a line with thin ticks centred on its ends, TVIPS a box with thick
# ticks inside; the half width goes into the uncertainty, since nobody says which it is.
_THIN_TICK = 4.5  # pixels
_LONG_TICK = 6  # rows beyond the bar; grains of noise are shorter
_INKED = 0.4  # of the way from the ground to the bar's grey; thin letters are paler
_INK_SHARE = (0.04, 0.5)  # of a label's box that is ink, from thin to bold letters


@dataclass(frozen=True)
class Match:
    """A label with the bar that belongs to it.

    Parameters
    ----------
    label : Label
    x_start, x_stop : float
        Ends of the bar in pixels, half-open; middles of thin ticks where it has two.
    y_top, y_bottom : int
        Rows of the bar, half-open.
    method : str
        "bar", "bar with ticks", "split bar" or "ruler".
    gap : float
        Distance of bar and label in pixels.
    uncertainty_px : float
        Of the length, in pixels.
    """

    label: Label
    x_start: float
    x_stop: float
    y_top: int
    y_bottom: int
    method: str
    gap: float
    uncertainty_px: float = 1.0


def match_bars(
    grey: NDArray[np.float32], bars: Sequence[Bar], labels: Sequence[Label]
) -> Match | None:
    """Return the one clear pair of a bar and a label, or `None`.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
        Grey levels from 0 to 255.
    bars : sequence of Bar
    labels : sequence of Label

    Returns
    -------
    Match or None
    """
    found = [match for label in labels for match in _of_label(grey, bars, label)]
    if not found:
        return None
    best = min(found, key=lambda match: match.gap)
    if not all(_agrees(best, other) for other in found):
        return None
    # The same bar may be found twice, whole and as its blurred first row.
    return max(found, key=lambda match: match.y_bottom - match.y_top)


def _agrees(one: Match, other: Match) -> bool:
    near = abs(one.x_start - other.x_start) + abs(one.x_stop - other.x_stop) <= 2
    return near and one.label.says == other.label.says


def _of_label(grey: NDArray[np.float32], bars: Sequence[Bar], label: Label) -> list[Match]:
    box = label.box
    bars = [bar for bar in bars if bar.length_px >= 0.5 * box.height]
    bars = [bar for bar in bars if _same_colour(grey, bar, box)]
    split = [
        _split(label, left, right)
        for left, right in permutations(bars, 2)
        if _are_halves(left, right, box)
    ]
    if split:
        return split
    found = sorted(_single(grey, bars, label), key=lambda match: match.gap)
    # A bar hides what lies behind it, but not what lies on the other side of the label.
    return [match for match in found if match.gap <= 2 * found[0].gap + 0.3 * box.height]


def _same_colour(grey: NDArray[np.float32], bar: Bar, box: Text) -> bool:
    """Return whether letters stand out from their ground to the same side as a bar."""
    if bar.kind == "ruler":
        return True  # ticks are too thin to show their grey
    top, left = max(0, int(box.y_min)), max(0, int(box.x_min))
    rows = np.arange(top, min(int(box.y_max) + 1, len(grey)))
    rows = rows[(rows < bar.y_top - 1) | (rows > bar.y_bottom)]
    patch = grey[rows, left : int(box.x_max) + 1]
    if patch.size == 0:
        return False
    ground = float(np.median(patch))
    if abs(bar.level - ground) <= _ALIKE:
        return False
    inked = (patch - ground) / (bar.level - ground) >= _INKED
    return bool(_INK_SHARE[0] <= inked.mean() <= _INK_SHARE[1])


def _are_halves(left: Bar, right: Bar, box: Text) -> bool:
    gap = right.x_start - left.x_stop
    middle = (box.x_min + box.x_max) / 2
    longer = max(left.length_px, right.length_px)
    return (
        abs(left.y_top - right.y_top) <= 2
        and abs(left.level - right.level) <= _ALIKE
        and left.x_stop < middle < right.x_start
        and box.width <= 1.3 * gap
        and gap <= box.width + 3 * box.height
        and abs(left.length_px - right.length_px) <= 0.25 * longer + 6
        and _on_line(left, box)
    )


def _on_line(bar: Bar, box: Text) -> bool:
    middle = (bar.y_top + bar.y_bottom) / 2
    return abs(middle - (box.y_min + box.y_max) / 2) <= 0.4 * box.height


def _split(label: Label, left: Bar, right: Bar) -> Match:
    whole = replace(left, x_stop=right.x_stop, right_tick=right.right_tick)
    return replace(_match(label, whole, gap=0.0), method="split bar")


def _single(
    grey: NDArray[np.float32], bars: Sequence[Bar], label: Label
) -> Iterator[Match]:
    for bar in bars:
        gap = _gap(grey, bar, label.box)
        if gap is None or _has_lone_tick(grey, bar) or _goes_on(grey, bar):
            continue
        yield _match(label, bar, gap=gap)


def _match(label: Label, bar: Bar, *, gap: float) -> Match:
    match = Match(label, bar.x_start, bar.x_stop, bar.y_top, bar.y_bottom, bar.kind, gap)
    if bar.left_tick is None or bar.right_tick is None:
        return match
    half = (bar.left_tick - bar.x_start + bar.x_stop - bar.right_tick) / 2
    match = replace(match, method="bar with ticks", uncertainty_px=max(1.0, half))
    if 2 * half > _THIN_TICK:
        return match
    return replace(match, x_start=bar.left_tick, x_stop=bar.right_tick)


def _gap(grey: NDArray[np.float32], bar: Bar, box: Text) -> float | None:
    """Return the distance of a bar and a label, `None` if they do not belong together."""
    overlap = min(bar.x_stop, box.x_max) - max(bar.x_start, box.x_min)
    if overlap >= 0.5 * min(bar.length_px, box.width):
        apart = max(bar.y_top - box.y_max, box.y_min - bar.y_bottom)
        return max(apart, 0.0) if -0.4 * box.height <= apart <= 1.3 * box.height else None
    apart = max(bar.x_start - box.x_max, box.x_min - bar.x_stop)
    beside = _on_line(bar, box) and -0.3 * box.height <= apart <= 1.5 * box.height
    if not beside or _has_other_half(grey, bar, box):
        return None
    return max(apart, 0.0)


def _has_other_half(grey: NDArray[np.float32], bar: Bar, box: Text) -> bool:
    """Return whether a bar seems to go on behind its label."""
    reach = int(max(2 * box.height, 0.5 * bar.length_px))
    if box.x_min > bar.x_start:
        columns = slice(int(box.x_max), int(box.x_max) + reach)
    else:
        columns = slice(max(0, int(box.x_min) - reach), max(0, int(box.x_min)))
    return _longest_run(grey, bar, columns) >= 8


def _has_lone_tick(grey: NDArray[np.float32], bar: Bar) -> bool:
    """Return whether a bar has a long tick at one end only.

    Then it is half of a split bar, or a letter hides the other tick.
    """
    ticks = [tick for tick in (bar.left_tick, bar.right_tick) if tick is not None]
    if len(ticks) != 1:
        return False
    column = int(ticks[0])
    above = grey[max(0, bar.y_top - _LONG_TICK) : bar.y_top, column]
    below = grey[bar.y_bottom : bar.y_bottom + _LONG_TICK, column]
    return bool((np.abs(np.append(above, below) - bar.level) <= _ALIKE).all())


def _goes_on(grey: NDArray[np.float32], bar: Bar) -> bool:
    """Return whether a bar seems to go on beyond an end, after a gap."""
    if bar.kind == "ruler":
        return False
    reach = int(min(24 + 0.3 * bar.length_px, 120))
    long = max(10.0, 0.25 * bar.length_px)
    first, last = int(bar.x_start) - 2, int(np.ceil(bar.x_stop)) + 2
    before = slice(max(0, first - reach), max(0, first))
    after = slice(last, last + reach)
    return any(_longest_run(grey, bar, columns) >= long for columns in (before, after))


def _longest_run(grey: NDArray[np.float32], bar: Bar, columns: slice) -> int:
    """Return how many columns in a row have a bar's grey in all of its rows."""
    alike = np.abs(grey[bar.y_top : bar.y_bottom, columns] - bar.level) <= _ALIKE
    run = longest = 0
    for inside in alike.all(axis=0):
        run = run + 1 if inside else 0
        longest = max(longest, run)
    return longest
