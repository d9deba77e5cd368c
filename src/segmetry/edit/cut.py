"""Cutting objects by one stroke, without losing a pixel."""

from collections.abc import Iterator

import cv2
import numpy as np

from segmetry.edit.act import Edit
from segmetry.edit.parts import Banks, banks_of, parts_of
from segmetry.edit.plan import Ground, Plan, numbered, stroke_of, under
from segmetry.edit.runs import LABEL, Runs, find, in_order, paint, place_in
from segmetry.edit.spans import ROW, START, STOP, join, subtract

__all__ = ["share_out", "split"]

_AT_ONCE = 2**20  # px of a box around a cut that is shared out in one go
_BAND = 256  # rows of a part of a longer cut
_REACH = 64  # px by which shores grow into such a part before the next is looked at

_STEPS = (  # by turns, so that what is as near grows by octagons
    cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)),
    cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)),
)


def split(ground: Ground, edit: Edit) -> Plan:
    """Plan to cut every object that a stroke crosses from side to side."""
    taken = under(ground, stroke_of(ground, edit))
    if len(taken) == 0:
        return Plan()
    banks = banks_of(ground.data, taken)
    leaving: list[Runs] = []
    for label, gaps in banks.seeds().items():
        groups = tuple(group for group in gaps.values() if len(group) > 1)
        if groups:
            of_label = taken[taken[:, LABEL] == label]
            leaving += parts_of(
                *(ground.data, of_label, groups),
                label=label,
                box=ground.box(label),
                limit=np.inf,
            )[0]
    if not leaving:
        return Plan()
    parts = numbered(leaving, ground.next_id)
    return Plan(np.concatenate([*parts, *_under_the_stroke(banks, np.concatenate(parts))]))


def share_out(cut: Runs, shores: Runs) -> Runs:
    """Return the runs of a cut with the number of the shore that is nearer.

    Shores grow into the cut step by step, at the same speed, and never leave it: what
    they get hangs together with them. Where two meet at once, the smaller number wins.

    Parameters
    ----------
    cut : ndarray of int64, shape (k, 3 or more)
        In reading order; every joined set of it touches a shore.
    shores : ndarray of int64, shape (b, 4)
        Runs beside the cut with the numbers they have, in reading order.

    Examples
    --------
    >>> share_out(np.array([[0, 2, 6]]), np.array([[0, 1, 2, 7], [0, 6, 9, 4]])).tolist()
    [[0, 2, 4, 7], [0, 4, 6, 4]]
    """
    left = join(cut[:, :LABEL])
    shared = [np.empty((0, LABEL + 1), dtype=np.int64)]
    while len(left):
        found = np.concatenate(list(_bands(left.astype(np.int64), shores)))
        left = subtract(left, join(found[:, :LABEL]))
        shores = in_order(np.concatenate([shores, found]))
        shared.append(found)
    return in_order(np.concatenate(shared))


def _under_the_stroke(banks: Banks, parts: Runs) -> Iterator[Runs]:
    """Yield the runs under the stroke that go to new parts, before and after."""
    parts = in_order(parts)
    beside = banks.beside
    place = place_in(parts, beside[:, ROW], beside[:, START])
    numbers = np.where(place >= 0, parts[place, LABEL + 1], beside[:, LABEL])
    for gap in np.unique(banks.across[place >= 0]):
        is_here = banks.across == gap
        cut = banks.taken[banks.gap == gap]
        shores = np.column_stack([beside[is_here, :LABEL], numbers[is_here]])
        shared = share_out(cut, shores)
        moved = shared[shared[:, LABEL] != cut[0, LABEL]]
        before = np.full(len(moved), cut[0, LABEL])
        yield np.column_stack([moved[:, :LABEL], before, moved[:, LABEL]])


def _bands(cut: Runs, shores: Runs) -> Iterator[Runs]:
    """Yield what shores get of a cut: all of it, or of a long one what is near them."""
    top, bottom = int(cut[0, ROW]), int(cut[-1, ROW]) + 1
    width = int(cut[:, STOP].max() - cut[:, START].min())
    if (bottom - top) * width <= _AT_ONCE:
        yield _grown(cut, shores, top, bottom, (bottom - top) * width)
        return
    for row in range(top, bottom, _BAND):
        yield _grown(cut, shores, row, row + _BAND, _REACH)


def _grown(cut: Runs, shores: Runs, top: int, bottom: int, reach: int) -> Runs:
    """Return what shores get of the rows of a cut within so many steps."""
    cut = _rows(cut, top - reach, bottom + reach)
    if len(cut) == 0:
        return np.empty((0, LABEL + 1), dtype=np.int64)
    y, x = int(cut[0, ROW]) - 1, int(cut[:, START].min()) - 1
    shape = int(cut[-1, ROW]) + 2 - y, int(cut[:, STOP].max()) + 1 - x
    # The larger code wins where shores meet, so codes fall where numbers rise.
    numbers, codes = np.unique(-shores[:, LABEL], return_inverse=True)
    canvas, free = np.zeros(shape, np.float32), np.zeros(shape, np.bool_)
    paint(canvas, shores, codes + 1, row=y, column=x)
    paint(free, cut, np.ones(len(cut)), row=y, column=x)
    is_cut = free.copy()
    n_left = -1
    for step in range(reach):
        if step % len(_STEPS) == 0:
            n_before, n_left = n_left, int(np.count_nonzero(free))
            if n_left in {0, n_before}:
                break
        np.copyto(canvas, cv2.dilate(canvas, _STEPS[step % len(_STEPS)]), where=free)
        free &= canvas == 0
    canvas[~is_cut] = 0
    runs = _rows(find(canvas.astype(np.int32), row=y, column=x), top, bottom)
    runs[:, LABEL] = -numbers[runs[:, LABEL] - 1]
    return runs


def _rows(runs: Runs, top: int, bottom: int) -> Runs:
    low, high = np.searchsorted(runs[:, ROW], [top, bottom])
    return runs[low:high]
