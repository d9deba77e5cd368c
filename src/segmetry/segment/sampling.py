"""A few pixels that stand for all: what groups of pixels are found from.

A sample drawn by chance says little of a group that holds one pixel of a hundred. Here
pixels are drawn evenly along the direction in which they differ most, and where weights
can be taken, those far from the mean more often: a lightweight coreset [1]_.

References
----------
.. [1] O. Bachem, M. Lucic and A. Krause, "Scalable k-means clustering via lightweight
       coresets", Proc. 24th ACM SIGKDD, 2018. doi:10.1145/3219819.3219973
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.clusters import n_groups

__all__ = ["points_to_fit", "weighted_points"]

Points = NDArray[np.float64]


def points_to_fit(
    values: NDArray[np.float32], included: NDArray[np.bool_], *, sample: int, clusters: int
) -> Points:
    """Return values of pixels drawn evenly along the direction in which they differ most.

    No chance is in it. Where a sample shows fewer different values than there shall be
    groups, all pixels are taken.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    included : ndarray of bool, shape (Y, X)
    sample : int
        Most pixels; 0 takes all.
    clusters : int

    Returns
    -------
    ndarray of float64, shape (N, C)

    Examples
    --------
    >>> ramp = np.arange(100, dtype=np.float32).reshape(10, 10, 1)
    >>> whole = np.ones((10, 10), bool)
    >>> points_to_fit(ramp, whole, sample=4, clusters=2).ravel().tolist()
    [12.0, 37.0, 62.0, 87.0]
    """
    points = values[included]
    if not 0 < sample < len(points):
        return points.astype(np.float64)
    ranks = ((np.arange(sample) + 0.5) * (len(points) / sample)).astype(np.intp)
    few = _in_order(points)[ranks]
    return (few if n_groups(few, clusters) == clusters else points).astype(np.float64)


def weighted_points(
    values: NDArray[np.float32], included: NDArray[np.bool_], *, sample: int, clusters: int
) -> tuple[Points, NDArray[np.float64]]:
    """Return the same, but pixels far from the mean more often, and what each stands for.

    Half of the chance is even, half goes with the square of the distance from the mean.

    Parameters
    ----------
    values, included, sample, clusters
        See `points_to_fit`.

    Returns
    -------
    points : ndarray of float64, shape (N, C)
    weights : ndarray of float64, shape (N,)
        For how many pixels each stands.

    Examples
    --------
    >>> values = np.zeros((10, 100, 2), np.float32)
    >>> values[0, :10] = 1
    >>> whole = np.ones((10, 100), bool)
    >>> points, weights = weighted_points(values, whole, sample=50, clusters=2)
    >>> int(points[:, 0].sum()), int(weights.sum().round())
    (25, 1000)
    """
    points = values[included]
    n = len(points)
    if 0 < sample < n:
        points = _in_order(points)
        away = ((points - points.mean(axis=0, dtype=np.float64)) ** 2).sum(axis=1)
        chance = 0.5 / n + 0.5 * away / max(float(away.sum()), np.finfo(np.float64).tiny)
        upto = np.cumsum(chance)
        steps = (np.arange(sample) + 0.5) * (upto[-1] / sample)
        drawn = np.minimum(np.searchsorted(upto, steps), n - 1)
        if n_groups(points[drawn], clusters) == clusters:
            return points[drawn].astype(np.float64), upto[-1] / (sample * chance[drawn])
    return points.astype(np.float64), np.ones(n)


def _in_order(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return points sorted along the direction in which they differ most."""
    if points.shape[1] == 1:
        return np.sort(points, axis=0)
    centred = points - points.mean(axis=0, dtype=np.float64).astype(np.float32)
    directions = np.linalg.eigh(centred.T.astype(np.float64) @ centred)[1]
    along = centred @ directions[:, -1].astype(np.float32)
    return np.asarray(points[np.argsort(along, kind="stable")])
