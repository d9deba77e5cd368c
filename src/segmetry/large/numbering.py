"""Numbers of objects: as one reads the whole picture, whatever tile found them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmetry.large.boxes import Boxes, as_boxes
from segmetry.large.work import Work
from segmetry.segment.objects import large_objects

__all__ = ["Finds", "least_area_of", "number_all"]


class Finds:
    """All objects that were found, and their numbers in the picture.

    Parameters
    ----------
    names : sequence of str
        Of the pieces of work that found them.
    numbers : sequence of ndarray of uint32
        For each: the numbers of its objects.
    boxes : sequence of ndarray of int64, shape (n, 4)
        And the boxes around them.
    """

    def __init__(
        self,
        names: Sequence[str],
        numbers: Sequence[NDArray[np.uint32]],
        boxes: Sequence[Boxes],
    ) -> None:
        self.names, self.numbers, self.boxes = names, numbers, boxes
        self.hulls = as_boxes([_hull(own) for own in boxes])

    @property
    def n_objects(self) -> int:
        """How many objects there are."""
        return sum(len(own) for own in self.numbers)


def _hull(boxes: Boxes) -> NDArray[np.int64]:
    if not len(boxes):
        return np.zeros(4, np.int64)
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def number_all(work: Work, names: Sequence[str]) -> Finds:
    """Give all objects numbers from 1, in the order of their first pixels as one reads.

    Parameters
    ----------
    work : Work
    names : sequence of str
        Of the pieces of work that found them.

    Returns
    -------
    Finds
    """
    kept = [work.store.read(name) for name in names]
    firsts = np.concatenate([np.zeros((0, 2), np.int64), *(one["firsts"] for one in kept)])
    order = np.lexsort((firsts[:, 1], firsts[:, 0]))
    numbers = np.empty(len(firsts), np.uint32)
    numbers[order] = np.arange(1, len(firsts) + 1, dtype=np.uint32)
    ends = np.cumsum([len(one["firsts"]) for one in kept])
    return Finds(names, np.split(numbers, ends[:-1]), [one["boxes"] for one in kept])


def least_area_of(areas: NDArray[np.int64], min_share: float) -> float:
    """Return the smallest area that is no speck; see `segmetry.segment.objects`."""
    if min_share <= 0 or not areas.size:
        return 0.0
    return float(areas[large_objects(areas.astype(np.float64), min_share)].min())
