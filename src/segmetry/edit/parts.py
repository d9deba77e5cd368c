"""Whether an object falls into parts when pixels are taken away, by looking nearby.

Only pixels beside those taken away matter. Beside every joined set of taken pixels, what
is left of the object is a number of *banks*. One bank or none: nothing was parted. Two or
more may still be joined further off, around a hole; a window around them grows until it
shows that they are, or that all but one of them end inside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.edit.change import Seeds
from segmetry.edit.runs import (
    LABEL,
    Runs,
    components,
    find,
    order_of,
    paint,
    place_in,
    read,
    touching,
)
from segmetry.edit.spans import ROW, START, grow, join, subtract

__all__ = ["NEARBY", "Banks", "Group", "banks_of", "joined_by", "parts_of"]

NEARBY = 2**20  # px of a window in which an edit may look; 1024 by 1024 takes some ms
_WHOLE = 2**14  # px of an object's box that is looked at as a whole from the start
_MARGIN = 32  # px around the banks in the first window

Box = tuple[int, int, int, int]
Group = tuple[tuple[int, int], ...]

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Banks:
    """What is left beside pixels that are taken away.

    Parameters
    ----------
    taken : ndarray of int64, shape (k, 4)
        Runs of the pixels taken away, in reading order, with the labels they had.
    gap : ndarray of int32, shape (k,)
        For each of these runs, the joined set that it belongs to.
    beside : ndarray of int64, shape (b, 4)
        Runs of pixels beside them, of the same objects, in reading order.
    bank, across : ndarray of int32, shape (b,)
        For each of these runs, its bank, and the joined set that it lies beside. A set
        and its banks have one number: sets that share a bank are one set.
    """

    taken: Runs
    gap: NDArray[np.int32]
    beside: Runs
    bank: NDArray[np.int32]
    across: NDArray[np.int32]

    def seeds(self) -> dict[int, dict[int, Group]]:
        """Return, for each label and gap, the first pixel (x, y) of each bank."""
        found: dict[int, dict[int, list[tuple[int, int]]]] = {}
        first = np.unique(self.bank, return_index=True)[1]
        runs = self.beside[first].tolist()
        for run, gap in zip(runs, self.across[first].tolist(), strict=True):
            gaps = found.setdefault(run[LABEL], {})
            gaps.setdefault(gap, []).append((run[START], run[ROW]))
        return {
            label: {gap: tuple(group) for gap, group in gaps.items()}
            for label, gaps in found.items()
        }

    def moved(self, groups: Seeds, seeds: dict[int, Group]) -> Seeds:
        """Return groups of pixels, those taken away replaced by the banks beside them."""
        gaps = [self._gaps_at(group) for group in groups]
        # A part that vanishes may be the one by which two groups hung together.
        return tuple(
            tuple(sorted(set(kept).union(*(seeds.get(gap, ()) for gap in hit))))
            for kept, hit in joined_by(gaps)
        )

    def _gaps_at(self, group: Group) -> tuple[list[tuple[int, int]], set[int]]:
        """Return the pixels that stay, and the gaps in which the others lie."""
        x, y = np.array(group).T
        places = place_in(self.taken, y, x)
        kept = [pixel for pixel, k in zip(group, places, strict=True) if k < 0]
        return kept, set(self.gap[places[places >= 0]].tolist())


def banks_of(data: NDArray[np.uint32], taken: Runs) -> Banks:
    """Return the banks of pixels that are to be taken away.

    Parameters
    ----------
    data : ndarray of uint32, shape (Y, X)
        Labels before anything is taken away.
    taken : ndarray of int64, shape (k, 4)
        In reading order, with the labels they have; none is background.

    Examples
    --------
    A bar that loses its middle has two banks.

    >>> banks_of(np.full((1, 9), 5, np.uint32), np.array([[0, 4, 5, 5]])).seeds()
    {5: {0: ((3, 0), (5, 0))}}
    """
    spans = join(taken[:, :LABEL])
    around = read(data, subtract(grow(spans, shape=(data.shape[0], data.shape[1])), spans))
    beside = around[np.isin(around[:, LABEL], taken[:, LABEL])]
    both = np.concatenate([taken, beside])
    order = order_of(both)
    both = both[order]
    first, second = touching(both)
    is_same = both[first, LABEL] == both[second, LABEL]
    first, second = first[is_same], second[is_same]
    gaps = components(len(both), first, second)
    is_left = order >= len(taken)
    left = is_left[first] & is_left[second]
    banks = components(len(both), first[left], second[left])
    # An object may also lie beside pixels that only others lose: that is no bank.
    is_bank = is_left & np.isin(gaps, gaps[~is_left])
    return Banks(
        both[~is_left], gaps[~is_left], both[is_bank], banks[is_bank], gaps[is_bank]
    )


def joined_by(
    pairs: Iterable[tuple[list[_T], set[int]]],
) -> list[tuple[list[_T], set[int]]]:
    """Return lists with their keys, those that share a key as one.

    Examples
    --------
    >>> joined_by([(["a"], {1, 2}), (["b"], {3}), (["c"], {2, 4})])
    [(['b'], {3}), (['a', 'c'], {1, 2, 4})]
    """
    joined: list[tuple[list[_T], set[int]]] = []
    for things, keys in pairs:
        for other in [other for other in joined if other[1] & keys]:
            joined.remove(other)
            things, keys = other[0] + things, other[1] | keys  # noqa: PLW2901
        joined.append((things, keys))
    return joined


def parts_of(
    data: NDArray[np.uint32],
    taken: Runs,
    groups: Seeds,
    *,
    label: int,
    box: Box,
    limit: float = NEARBY,
) -> tuple[list[Runs], Seeds]:
    """Return the parts that must leave an object, and what could not be decided nearby.

    Parameters
    ----------
    data : ndarray of uint32, shape (Y, X)
        Labels before anything is taken away.
    taken : ndarray of int64, shape (k, 4)
        Runs that are taken away, in reading order.
    groups : tuple of tuple of (int, int)
        For each gap with several banks, a pixel (x, y) of each bank.
    label : int
        The object.
    box : tuple of int
        First x, first y, exclusive last x, last y of the object.
    limit : float
        Most pixels of a window in which to look.

    Returns
    -------
    parts : list of ndarray of int64, shape (k, 4)
        Runs of each part but the largest of those that hung together.
    undecided : tuple
        Groups of which this is not known.

    Examples
    --------
    >>> parts, undecided = parts_of(
    ...     np.full((1, 9), 5, np.uint32),
    ...     np.array([[0, 6, 7, 5]]),
    ...     (((5, 0), (7, 0)),),
    ...     label=5,
    ...     box=(0, 0, 9, 1),
    ... )
    >>> parts[0].tolist(), undecided
    ([[0, 7, 9, 5]], ())
    """
    window = _first_window(groups, box)
    while True:
        view = _look(data, taken, label, window, box)
        leaving, undecided = view.judge(groups)
        larger = _larger(window, box)
        if not undecided or larger == window or _area(larger) > limit:
            return [view.runs(part, label) for part in leaving], undecided
        window = larger


@dataclass(frozen=True, eq=False)
class _View:
    """The pieces of an object in a window."""

    pieces: NDArray[np.int32]
    stats: NDArray[np.int32]
    is_open: NDArray[np.bool_]
    x: int
    y: int

    def judge(self, groups: Seeds) -> tuple[list[int], Seeds]:
        """Return the pieces that must leave, and the groups that the window cannot tell."""
        leaving: list[int] = []
        undecided: list[Group] = []
        of_group = [([group], {self._piece(*pixel) for pixel in group}) for group in groups]
        for joined, pieces in joined_by(of_group):
            keeper = self._keeper(sorted(pieces))
            if keeper is None:
                undecided += joined
                continue
            leaving += [piece for piece in pieces if piece != keeper]
        return leaving, tuple(undecided)

    def runs(self, piece: int, label: int) -> Runs:
        left, top, width, height = self.stats[piece, : cv2.CC_STAT_HEIGHT + 1].tolist()
        mask = self.pieces[top : top + height, left : left + width] == piece
        return find(mask, row=self.y + top, column=self.x + left, label=label)

    def _piece(self, x: int, y: int) -> int:
        return int(self.pieces[y - self.y, x - self.x])

    def _keeper(self, pieces: list[int]) -> int | None:
        """Return the piece that keeps the number; `None` if the window does not tell."""
        areas = self.stats[pieces, cv2.CC_STAT_AREA]
        going_on = [piece for piece in pieces if self.is_open[piece]]
        if len(pieces) == 1:
            return pieces[0]
        if not going_on:
            largest = [
                p for p, area in zip(pieces, areas, strict=True) if area == areas.max()
            ]
            return min(largest, key=self._first_pixel)
        if len(going_on) > 1:
            return None
        others = [self.stats[p, cv2.CC_STAT_AREA] for p in pieces if p != going_on[0]]
        seen = self.stats[going_on[0], cv2.CC_STAT_AREA]
        return going_on[0] if seen > max(others) else None

    def _first_pixel(self, piece: int) -> tuple[int, int]:
        top = int(self.stats[piece, cv2.CC_STAT_TOP])
        return top, int(np.argmax(self.pieces[top] == piece))


def _look(
    data: NDArray[np.uint32], taken: Runs, label: int, window: Box, box: Box
) -> _View:
    x0, y0, x1, y1 = window
    mask = (data[y0:y1, x0:x1] == label).view(np.uint8)
    low, high = np.searchsorted(taken[:, ROW], [y0, y1])
    inside = taken[low:high]
    paint(mask, inside, np.zeros(len(inside), np.uint8), row=y0, column=x0)
    n, pieces, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    is_open = np.zeros(n, dtype=np.bool_)
    if y0 > box[1]:
        is_open[pieces[0]] = True
    if y1 < box[3]:
        is_open[pieces[-1]] = True
    if x0 > box[0]:
        is_open[pieces[:, 0]] = True
    if x1 < box[2]:
        is_open[pieces[:, -1]] = True
    return _View(pieces, stats, is_open, x0, y0)


def _first_window(groups: Seeds, box: Box) -> Box:
    if _area(box) <= _WHOLE:
        return box
    x, y = np.array([pixel for group in groups for pixel in group]).T
    return _inside(
        (
            x.min() - _MARGIN,
            y.min() - _MARGIN,
            x.max() + _MARGIN + 1,
            y.max() + _MARGIN + 1,
        ),
        box,
    )


def _larger(window: Box, box: Box) -> Box:
    x0, y0, x1, y1 = window
    dx, dy = (x1 - x0 + 1) // 2, (y1 - y0 + 1) // 2
    return _inside((x0 - dx, y0 - dy, x1 + dx, y1 + dy), box)


def _inside(window: tuple[Any, ...], box: Box) -> Box:
    x0, y0, x1, y1 = (int(side) for side in window)
    return max(x0, box[0]), max(y0, box[1]), min(x1, box[2]), min(y1, box[3])


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
