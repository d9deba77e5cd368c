"""Which found centre is which true centre: one to one, within a distance.

A found object counts once: one blob between two cells is one hit and one miss, and a cell
found in three fragments is one hit and two inventions.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from segmetry.evaluate.assignment import assign
from segmetry.measure.moments import moments
from segmetry.measure.runs import find_runs

__all__ = ["match_centres", "object_centres"]


def match_centres(
    predicted: NDArray[np.floating], truth: NDArray[np.floating], *, max_distance: float
) -> NDArray[np.intp]:
    """Pair found with true centres, each with one other at most.

    Parameters
    ----------
    predicted, truth : ndarray of float, shapes (n, 2) and (m, 2)
        Centres as y, x, in one unit.
    max_distance : float
        Greatest distance of a pair, in that unit; equal is near enough.

    Returns
    -------
    ndarray of int, shape (n_pairs, 2)
        Places in `predicted` and in `truth`, ascending by the first: the greatest number
        of pairs that is possible and, of that number, the least sum of distances.

    Raises
    ------
    ValueError
        If an array is not of pairs of finite numbers, or the distance not above 0.

    Notes
    -----
    Memory grows with the number of centres that lie within the distance of each other: a
    distance as large as the picture holds every pair.

    Examples
    --------
    >>> between, two_cells = np.array([[0.0, 5.0]]), np.array([[0.0, 1.0], [0.0, 10.0]])
    >>> match_centres(between, two_cells, max_distance=6).tolist()
    [[0, 0]]
    """
    found, true = _as_points(predicted), _as_points(truth)
    if not (math.isfinite(max_distance) and max_distance > 0):
        msg = f"max_distance must be a number above 0, got {max_distance}"
        raise ValueError(msg)
    if not (found.size and true.size):
        return np.empty((0, 2), np.intp)
    near = cKDTree(found).sparse_distance_matrix(
        cKDTree(true), max_distance, output_type="ndarray"
    )
    # The tree gives pairs in no set order; of equal choices, the same one is to win.
    near = near[np.lexsort((near["j"], near["i"]))]
    pairs = np.stack([near["i"], near["j"]], axis=1).astype(np.intp, copy=False)
    return pairs[assign(pairs[:, 0], pairs[:, 1], near["v"])]


def object_centres(labels: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return the centre of mass of each object.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        0 is background. Numbers may have gaps.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        y, x in pixels, in the order of the numbers; the centre of the first pixel of the
        picture is (0, 0).

    Raises
    ------
    ValueError
        If the labels are no picture of uint32.

    Examples
    --------
    >>> object_centres(np.array([[0, 7, 7], [3, 0, 0]], np.uint32)).tolist()
    [[1.0, 0.0], [0.0, 1.5]]
    """
    if labels.ndim != 2 or labels.dtype != np.uint32:
        msg = (
            f"labels must be uint32 with the axes Y, X; got {labels.dtype} of the shape "
            f"{labels.shape}"
        )
        raise ValueError(msg)
    fixed = np.ascontiguousarray(labels).view()
    fixed.flags.writeable = False
    runs, ids = find_runs(fixed)
    return np.ascontiguousarray(moments(runs, n_objects=len(ids)).centroid[:, ::-1])


def _as_points(points: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(points, np.float64)
    if values.ndim != 2 or values.shape[1] != 2 or not np.isfinite(values).all():
        msg = (
            f"centres must be finite numbers of shape (n, 2), as y, x; got the shape "
            f"{values.shape}"
        )
        raise ValueError(msg)
    return values
