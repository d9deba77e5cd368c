"""What follows from which runs of neighbouring rows touch: pieces, holes, Crofton counts.

Pixels that share a side or a corner are neighbours (8-connectivity) throughout.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled
from segmetry.measure.runs import OBJECT, ROW, START, STOP

__all__ = ["Neighbours", "crofton_perimeter", "neighbours"]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """How the pixels of N objects are joined.

    Parameters
    ----------
    n_runs : ndarray of int64, shape (N,)
    n_touching : ndarray of int64, shape (N,)
        Pairs of runs in neighbouring rows that touch.
    n_below, n_right, n_left : ndarray of int64, shape (N,)
        Pairs of pixels one row apart: straight, to the lower right, to the lower left.
    piece_starts : ndarray of int32, shape (P, 3)
        x and y of the leftmost pixel in the top row of each piece, and its object.
    piece_runs : ndarray of int32, shape (R,)
        Numbers of the runs, piece after piece, from top to bottom.
    piece_offsets : ndarray of int64, shape (P + 1,)
        Where each piece begins in `piece_runs`, and where the last ends.
    """

    n_runs: NDArray[np.int64]
    n_touching: NDArray[np.int64]
    n_below: NDArray[np.int64]
    n_right: NDArray[np.int64]
    n_left: NDArray[np.int64]
    piece_starts: NDArray[np.int32]
    piece_runs: NDArray[np.int32]
    piece_offsets: NDArray[np.int64]

    @property
    def euler_number(self) -> NDArray[np.int64]:
        """Pieces less holes: every run is a piece, every touch joins two or ends a hole."""
        return self.n_runs - self.n_touching


def neighbours(runs: NDArray[np.int32], *, n_objects: int) -> Neighbours:
    """Return how the pixels of each object are joined.

    Parameters
    ----------
    runs : ndarray of int32, shape (R, 4)
        See `find_runs`.
    n_objects : int

    Examples
    --------
    A ring has one piece and one hole.

    >>> ring = np.array([[0, 0, 3, 0], [1, 0, 1, 0], [1, 2, 3, 0], [2, 0, 3, 0]], np.int32)
    >>> neighbours(ring, n_objects=1).euler_number.tolist()
    [0]
    """
    counts = np.zeros((n_objects, 5), dtype=np.int64)
    parents = np.arange(len(runs), dtype=np.int32)
    _join_runs(runs, counts, parents)
    is_first = parents == np.arange(len(runs))
    starts = np.ascontiguousarray(runs[is_first][:, [START, ROW, OBJECT]])
    piece_runs = np.empty(len(runs), dtype=np.int32)
    offsets = np.zeros(len(starts) + 1, dtype=np.int64)
    _group_runs(parents, np.cumsum(is_first) - 1, piece_runs, offsets)
    n_runs, n_touching, n_below, n_right, n_left = np.ascontiguousarray(counts.T)
    return Neighbours(
        n_runs, n_touching, n_below, n_right, n_left, starts, piece_runs, offsets
    )


def crofton_perimeter(
    area: NDArray[np.int64], joined: Neighbours, *, dx: float, dy: float
) -> NDArray[np.float64]:
    """Return the perimeter by the Crofton formula in four directions.

    Lines along x, y and both diagonals are crossed with the object; the number of times
    they enter it, weighted by their distance and by the angle each direction stands for,
    is the perimeter [1]_. Holes and all pieces count. For square pixels this equals
    scikit-image's `perimeter_crofton`.

    Parameters
    ----------
    area : ndarray of int64, shape (N,)
        Number of pixels.
    joined : Neighbours
    dx, dy : float
        Width and height of a pixel.

    References
    ----------
    .. [1] D. Legland, K. Kiêu, M.-F. Devaux, "Computation of Minkowski measures on 2D and
           3D binary images", Image Analysis & Stereology 26, 2007.
           doi:10.5566/ias.v26.p83-92

    Examples
    --------
    >>> joined = neighbours(np.array([[0, 0, 1, 0]], np.int32), n_objects=1)
    >>> crofton_perimeter(np.array([1]), joined, dx=1, dy=1).round(3).tolist()
    [2.682]
    """
    diagonal = np.arctan2(dy, dx)
    spacing = dx * dy / np.hypot(dx, dy)
    along_x = joined.n_runs * dy * diagonal
    along_y = (area - joined.n_below) * dx * (np.pi / 2 - diagonal)
    diagonals = (2 * area - joined.n_right - joined.n_left) * spacing * np.pi / 4
    return np.asarray(along_x + along_y + diagonals, dtype=np.float64)


@compiled
def _root(parents: NDArray[np.int32], k: int) -> int:
    while parents[k] != k:
        parents[k] = parents[parents[k]]
        k = parents[k]
    return k


@compiled
def _join_runs(
    runs: NDArray[np.int32], counts: NDArray[np.int64], parents: NDArray[np.int32]
) -> None:
    above = 0
    for k in range(runs.shape[0]):
        row, start, stop, i = runs[k, ROW], runs[k, START], runs[k, STOP], runs[k, OBJECT]
        counts[i, 0] += 1
        while runs[above, ROW] < row - 1 or (
            runs[above, ROW] == row - 1 and runs[above, STOP] < start
        ):
            above += 1
        j = above
        while runs[j, ROW] == row - 1 and runs[j, START] <= stop:
            if runs[j, OBJECT] == i:
                first, last = runs[j, START], runs[j, STOP]
                counts[i, 1] += 1
                counts[i, 2] += max(0, min(last, stop) - max(first, start))
                counts[i, 3] += max(0, min(last + 1, stop) - max(first + 1, start))
                counts[i, 4] += max(0, min(last - 1, stop) - max(first - 1, start))
                here, there = _root(parents, k), _root(parents, j)
                parents[max(here, there)] = min(here, there)
            j += 1


@compiled
def _group_runs(
    parents: NDArray[np.int32],
    numbers: NDArray[np.int64],
    piece_runs: NDArray[np.int32],
    offsets: NDArray[np.int64],
) -> None:
    """Sort the runs by piece, by counting; `numbers` has the piece of each first run."""
    for k in range(parents.shape[0]):
        # A parent comes before its children, and is its own root's child by now.
        parents[k] = parents[parents[k]]
        offsets[numbers[parents[k]] + 1] += 1
    for piece in range(offsets.shape[0] - 1):
        offsets[piece + 1] += offsets[piece]
    place = offsets.copy()
    for k in range(parents.shape[0]):
        piece = numbers[parents[k]]
        piece_runs[place[piece]] = k
        place[piece] += 1
