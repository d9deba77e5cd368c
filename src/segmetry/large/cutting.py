"""Objects of a window, cut as they are cut in the whole picture.

Connected foreground is cut as a whole. What is larger than a tile's margin is cut once, in
a window of its own, and kept; all other foreground is cut in each window that shows it.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.large.boxes import Boxes, as_boxes, grown, hull, meet
from segmetry.large.painting import boxes_of, paint, runs_of
from segmetry.large.work import Work
from segmetry.segment.objects import fill_holes
from segmetry.tiled import Window

__all__ = ["Known", "Scene", "cut_unit", "cut_window", "known_of"]

_NO_OBJECT = np.uint32(2**32 - 1)


def _nothing() -> NDArray[Any]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of all parts of a picture when its objects are cut.

    Parameters
    ----------
    small, large : ndarray of int64, shape (n, 4)
        Boxes of units up to `Work.longest`, and of longer ones.
    pieces : ndarray of int64, shape (m, 4)
        Boxes of the objects into which the long units were cut.
    unit, place : ndarray of int64, shape (m,)
        Which of the long units each of them is of, and its number there, from 1.
    area : ndarray of int64, shape (m,)
    brightness : ndarray of float32, shape (m,)
        Of pieces that are longer than `Work.longest`, where edges are placed.
    least_area : float
        Objects below are dropped as specks.
    longest : int
    """

    small: Boxes
    large: Boxes
    pieces: Boxes = field(default_factory=lambda: as_boxes([]))
    unit: NDArray[np.int64] = field(default_factory=_nothing)
    place: NDArray[np.int64] = field(default_factory=_nothing)
    area: NDArray[np.int64] = field(default_factory=_nothing)
    brightness: NDArray[np.float32] = field(default_factory=_nothing)
    least_area: float = 0.0
    longest: int = 0

    @cached_property
    def is_long(self) -> NDArray[np.bool_]:
        """Which pieces are objects that are seen in a window of their own."""
        sides = self.pieces[:, 2:] - self.pieces[:, :2]
        return np.asarray(sides.max(axis=1, initial=0) > self.longest)

    @cached_property
    def short(self) -> Boxes:
        """Boxes of all that has to lie in a window as a whole to be seen in it."""
        return np.concatenate([self.small, self.pieces[~self.is_long]])

    def around(self, window: Window, shape: tuple[int, int]) -> Window:
        """Return a window grown until what it meets lies in it as a whole."""
        met = self.short[meet(self.short, window)]
        rows, columns = window
        own = [[rows.start, columns.start, rows.stop, columns.stop]]
        return grown(hull(np.concatenate([np.array(own), met])), 1, shape)


def known_of(work: Work) -> Known:
    """Return what is known so far."""
    store = work.store
    boxes = store.read("units")["boxes"]
    is_large = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0) > work.longest
    known = Known(boxes[~is_large], boxes[is_large], longest=work.longest)
    if not store.has("pieces"):
        return known
    kept = store.read("pieces")
    return replace(
        known,
        pieces=kept["pieces"],
        unit=kept["unit"],
        place=kept["place"],
        area=kept["area"],
        brightness=kept["brightness"],
    )


@dataclass(frozen=True, eq=False)
class Scene:
    """Objects of a window before their edges are placed.

    Parameters
    ----------
    window : Window
    labels : ndarray of uint32, shape (y, x)
        Those of small units first, then pieces of long ones.
    n_small : int
        Numbers up to this are of small units.
    pieces : ndarray of int64, shape (k,)
        Which pieces the others are, in the order of their numbers.
    included, holes : ndarray of bool, shape (y, x)
        What is part of the sample; and what was filled.
    """

    window: Window
    labels: NDArray[np.uint32]
    n_small: int
    pieces: NDArray[np.int64]
    included: NDArray[np.bool_]
    holes: NDArray[np.bool_]

    @property
    def n_labels(self) -> int:
        """The highest number in use."""
        return self.n_small + len(self.pieces)


def cut_window(work: Work, known: Known, window: Window) -> Scene:
    """Cut the objects of a window.

    Parameters
    ----------
    work : Work
    known : Known
    window : Window
        Objects that lie in it as a whole come out as in the whole picture.

    Returns
    -------
    Scene
    """
    foreground = work.foreground(window)
    included = work.included(window)
    pieces = np.flatnonzero(meet(known.pieces, window))
    canvas = np.zeros(foreground.shape, np.uint32)
    for unit in np.flatnonzero(meet(known.large, window)).tolist():
        runs = work.store.read_runs(f"unit-{unit}", window[0])
        own = pieces[known.unit[pieces] == unit]
        n_places = int(known.place[known.unit == unit].max(initial=0))
        names = np.full(n_places + 1, _NO_OBJECT, np.uint32)
        names[known.place[own]] = np.searchsorted(pieces, own) + 1
        paint(canvas, window, runs, names)
    taken = canvas > 0
    small = foreground & ~taken
    filled = fill_holes(small) & included if work.segmenter.fill_holes else small
    labels = np.array(work.cut(filled, window))
    n_small = int(labels.max(initial=0))
    if known.least_area > 0:
        labels = without_small(labels, known.least_area)
    kept = np.concatenate([[0], known.area[pieces] >= known.least_area]).astype(np.uint32)
    names = (np.arange(len(pieces) + 1) + n_small).astype(np.uint32) * kept
    canvas[canvas == _NO_OBJECT] = 0
    labels[taken] = names[canvas[taken]]
    holes = (filled | taken) & ~foreground
    return Scene(window, labels, n_small, pieces, included, holes)


def without_small(labels: NDArray[np.uint32], least_area: float) -> NDArray[np.uint32]:
    """Drop objects below an area; the others keep their numbers."""
    is_kept = np.bincount(labels.ravel()) >= least_area
    return labels * is_kept[labels]


def cut_unit(work: Work, unit: int) -> None:
    """Cut a unit that is longer than a tile's margin, and keep its objects as runs.

    Their numbers begin at 1; runs of 0 are of the unit, but of no object.

    Parameters
    ----------
    work : Work
    unit : int
        Number among the long units.
    """
    box = known_of(work).large[unit]
    window = grown(hull(box[None]), 1, work.shape)
    foreground = work.foreground(window)
    filled = fill_holes(foreground) if work.segmenter.fill_holes else foreground
    own = _part_in(filled, box - [window[0].start, window[1].start] * 2)
    del foreground, filled
    own &= work.included(window)
    labels = np.array(work.cut(own, window))
    labels[own] += 1
    n_objects = max(int(labels.max(initial=1)) - 1, 0)
    runs = runs_of(labels, window, np.arange(1, n_objects + 2, dtype=np.uint32))
    area = np.bincount(labels[own], minlength=n_objects + 2)[2:]
    boxes = boxes_of(runs, n_objects + 1)[1:]
    work.store.write_runs(f"unit-{unit}", runs)
    work.store.write(f"unit-{unit}", {"boxes": boxes, "area": area})


def _part_in(filled: NDArray[np.bool_], box: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the part that fits a box: two that reach all its sides would meet."""
    _, parts, sums, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(filled).view(np.uint8), connectivity=8
    )
    top, left, bottom, right = box.tolist()
    wanted = [left, top, right - left, bottom - top]
    numbers = np.flatnonzero((sums[1:, :4] == wanted).all(axis=1)) + 1
    return np.asarray(parts == numbers[0])
