"""Objects linked through time: the same one in each picture, divisions and mergers.

Two pictures are linked in four steps, each for objects that those before left over:

1. objects that overlap by more than half (of both together), which no other pair can;
2. of the others that overlap by at least `min_overlap`, as many as possible;
3. an object half of which lies in one that is linked already: a split, and seen from the
   other side a merger;
4. centres within `max_distance`, as many as possible with the least sum of distances [1]_;
   then splits and mergers within that distance, where the areas add up.

All steps are the same forwards and backwards: reversed in time, splits are mergers. Objects
that move by more than their size between two pictures among others like them cannot be told
apart by place alone: take pictures more often.

References
----------
.. [1] K. Jaqaman et al., "Robust single-particle tracking in live-cell time-lapse
       sequences", Nature Methods 5, 2008. doi:10.1038/nmeth.1237
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.assignment import assign
from segmetry.evaluate.centres import match_centres, object_centres
from segmetry.evaluate.overlaps import count_pairs
from segmetry.tracking.registration import Motion, move_labels

__all__ = ["LinkOptions", "Links", "Objects", "link_objects"]

_HALF = 0.5
_SMALLER = 0.75  # of the parent's area: a daughter that is larger was no division
_AREA_ERROR = 0.35  # of the parent's area, by which those of its daughters may be off

_Places = NDArray[np.intp]


@dataclass(frozen=True)
class LinkOptions:
    """How objects of two pictures are linked.

    Parameters
    ----------
    max_distance : float
        In pixels, after registration: farther ones are never linked by distance. 0 links
        by overlap alone.
    min_overlap : float
        Intersection over union from which overlap alone is enough, above 0.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    max_distance: float
    min_overlap: float = 0.1

    def __post_init__(self) -> None:
        """Refuse options that mean nothing."""
        if not (np.isfinite(self.max_distance) and self.max_distance >= 0):
            msg = f"max_distance must be a number from 0 up, got {self.max_distance}"
            raise ValueError(msg)
        if not 0 < self.min_overlap <= 1:
            msg = f"min_overlap must be above 0 and at most 1, got {self.min_overlap}"
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of one picture.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
    ids : ndarray of uint32, shape (n,)
        Ascending.
    centres : ndarray of float64, shape (n, 2)
        y, x in pixels.
    areas : ndarray of int64, shape (n,)
    """

    labels: NDArray[np.uint32]
    ids: NDArray[np.uint32]
    centres: NDArray[np.float64]
    areas: NDArray[np.int64]

    @classmethod
    def of(cls, labels: NDArray[np.integer]) -> "Objects":
        """Return the objects of a label image."""
        data = np.ascontiguousarray(labels, dtype=np.uint32)
        ids, areas = np.unique(data[data > 0], return_counts=True)
        return cls(data, ids, object_centres(data), areas.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Links:
    """What became of the objects of one picture in a later one; places in their lists.

    Parameters
    ----------
    continued : ndarray of int, shape (n, 2)
        Place of an object before and after.
    splits : ndarray of int, shape (n, 2)
        Parent and daughter, where there are two daughters or more.
    mergers : ndarray of int, shape (n, 2)
        Parent and child, where there are two parents or more.
    """

    continued: _Places
    splits: _Places
    mergers: _Places


def link_objects(
    earlier: Objects, later: Objects, options: LinkOptions, motion: Motion | None = None
) -> Links:
    """Link the objects of two pictures.

    Parameters
    ----------
    earlier, later : Objects
        Of one shape.
    options : LinkOptions
    motion : Motion or None
        How the scene moved between them.

    Returns
    -------
    Links

    Examples
    --------
    >>> before = np.zeros((20, 20), np.uint32)
    >>> before[2:8, 2:8], before[12:18, 4:16] = 5, 9
    >>> after = np.zeros((20, 20), np.uint32)
    >>> after[3:9, 3:9], after[12:18, 3:9], after[12:18, 11:17] = 1, 2, 3
    >>> options = LinkOptions(max_distance=6)
    >>> links = link_objects(Objects.of(before), Objects.of(after), options)
    >>> links.continued.tolist(), links.splits.tolist()
    ([[0, 0]], [[1, 1], [1, 2]])
    """
    before = _brought(earlier, motion or Motion())
    pairs, shared = _overlaps(before, later)
    own, other = before.areas[pairs[:, 0]], later.areas[pairs[:, 1]]
    union_share = shared / (own + other - shared)
    linked = _by_overlap(pairs, union_share, options.min_overlap)
    splits = _inside(pairs, shared / other, linked, child=1)
    mergers = _inside(pairs, shared / own, linked, child=0)
    taken = [
        np.concatenate([part[:, side] for part in (linked, splits, mergers)])
        for side in (0, 1)
    ]
    near = _near(before, later, options.max_distance, taken)
    linked = np.concatenate([linked, near])
    taken = [np.concatenate([taken[side], near[:, side]]) for side in (0, 1)]
    splits = np.concatenate([splits, _dividing(before, later, linked, taken[1], options)])
    back = _dividing(later, before, linked[:, ::-1], taken[0], options)
    mergers = np.concatenate([mergers, back[:, ::-1]])
    return _sorted_out(linked, splits, mergers)


def _brought(objects: Objects, motion: Motion) -> Objects:
    """Return objects as they are expected in the later picture."""
    if motion.flow is None and not (motion.y or motion.x):
        return objects
    moved = move_labels(objects.labels, motion)
    centres = objects.centres + np.array([motion.y, motion.x])
    if motion.flow is not None:
        seen = np.isin(objects.ids, moved)
        centres[seen] = object_centres(moved)
    return Objects(moved, objects.ids, centres, objects.areas)


def _overlaps(before: Objects, later: Objects) -> tuple[_Places, NDArray[np.int64]]:
    """Return places of the objects that overlap, and by how many pixels."""
    first, second, shared = count_pairs(before.labels, later.labels)
    both = (first > 0) & (second > 0)
    places = (
        np.searchsorted(before.ids, first[both]),
        np.searchsorted(later.ids, second[both]),
    )
    return np.stack(places, axis=1).astype(np.intp), shared[both]


def _by_overlap(pairs: _Places, share: NDArray[np.float64], least: float) -> _Places:
    sure = pairs[share > _HALF]
    free = ~np.isin(pairs[:, 0], sure[:, 0]) & ~np.isin(pairs[:, 1], sure[:, 1])
    left = free & (share >= least)
    chosen = assign(pairs[left, 0], pairs[left, 1], 1 - share[left])
    return np.concatenate([sure, pairs[left][chosen]])


def _inside(
    pairs: _Places, share: NDArray[np.float64], linked: _Places, *, child: int
) -> _Places:
    """Return pairs whose child is not linked, and lies in a parent that is."""
    free = ~np.isin(pairs[:, child], linked[:, child])
    known = np.isin(pairs[:, 1 - child], linked[:, 1 - child])
    # More than half: no child can lie in two.
    return pairs[free & known & (share > _HALF)]


def _near(
    before: Objects, later: Objects, distance: float, taken: Sequence[_Places]
) -> _Places:
    if not distance:
        return np.empty((0, 2), np.intp)
    left = np.setdiff1d(np.arange(len(before.ids)), taken[0])
    right = np.setdiff1d(np.arange(len(later.ids)), taken[1])
    found = match_centres(before.centres[left], later.centres[right], max_distance=distance)
    return np.stack([left[found[:, 0]], right[found[:, 1]]], axis=1)


def _dividing(
    parents: Objects,
    children: Objects,
    linked: _Places,
    taken: _Places,
    options: LinkOptions,
) -> _Places:
    """Return parents with a second daughter near by, where areas add up."""
    none = np.empty((0, 2), np.intp)
    free = np.setdiff1d(np.arange(len(children.ids)), taken)
    parent, first = linked[:, 0], linked[:, 1]
    whole, half = parents.areas[parent], children.areas[first]
    shrunk = half < _SMALLER * whole
    parent, whole, half = parent[shrunk], whole[shrunk], half[shrunk]
    if not (options.max_distance and free.size and parent.size):
        return none
    found = match_centres(
        parents.centres[parent], children.centres[free], max_distance=options.max_distance
    )
    second = children.areas[free[found[:, 1]]]
    of, rest = whole[found[:, 0]], half[found[:, 0]]
    fits = (np.abs(rest + second - of) <= _AREA_ERROR * of) & (second < _SMALLER * of)
    found = found[fits]
    return np.stack([parent[found[:, 0]], free[found[:, 1]]], axis=1)


def _sorted_out(linked: _Places, splits: _Places, mergers: _Places) -> Links:
    """Return links in which each pair is of one kind."""
    divides = np.isin(linked[:, 0], splits[:, 0])
    merges = np.isin(linked[:, 1], mergers[:, 1])
    return Links(
        _in_order(linked[~divides & ~merges]),
        _in_order(np.concatenate([splits, linked[divides]])),
        _in_order(np.concatenate([mergers, linked[merges]])),
    )


def _in_order(pairs: _Places) -> _Places:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
