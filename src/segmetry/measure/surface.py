"""The surface area of objects in a volume, counted with lines in thirteen directions.

A surface that is cut along the faces of voxels is up to half too large, and does not get
better with finer voxels. Cauchy and Crofton: lines of all directions cross a surface so
often as its area says, whatever its shape. Lines through the centres of neighbouring
voxels have thirteen directions; each stands for the directions nearer to it than to the
others [1]_ [2]_, which depends on how much longer a voxel is than wide.

Of bodies of at least 10 voxels across, the area is on average right to 1 % where voxels are
cubes, and of balls to 2 % where voxels are up to five times as long as wide. Ellipsoids
twice as long as wide are about 6 % off there, most where they lie along the long sides of
the voxels, and single small ones up to 9 %. Flat faces along the grid are the worst case
of cubes: 10 % off.

References
----------
.. [1] J. Ohser and F. Muecklich, Statistical Analysis of Microstructures in Materials
       Science, Wiley, 2000.
.. [2] G. Lehmann and D. Legland, "Efficient N-Dimensional surface estimation using Crofton
       formula and run-length encoding", Insight Journal, 2012. doi:10.54294/wdu86d
"""

from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

__all__ = ["direction_weights", "surface_areas"]

Floats = NDArray[np.float64]
Spacing = tuple[float, float, float]

# One of each pair of opposite neighbours: the first step that is not 0 is 1.
_STEPS = tuple(step for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0))


def surface_areas(
    numbers: NDArray[np.int32], *, n_objects: int, spacing: Spacing
) -> Floats:
    """Return the surface area of each object; the faces at the volume's border count.

    Parameters
    ----------
    numbers : ndarray of int32, shape (Z, Y, X)
        0 is background; objects are 1 to n.
    n_objects : int
    spacing : tuple of float
        Distance between voxels along z, y and x.

    Returns
    -------
    ndarray of float64, shape (n_objects,)
        In the square of the unit of `spacing`.

    Examples
    --------
    A ball of 9 voxels across, of area 4 pi 4.5² = 254.5:

    >>> z, y, x = np.ogrid[-6:7, -6:7, -6:7]
    >>> ball = (z**2 + y**2 + x**2 < 4.5**2).astype(np.int32)
    >>> round(float(surface_areas(ball, n_objects=1, spacing=(1, 1, 1))[0]))
    258
    """
    framed = np.pad(numbers, 1)
    weights = direction_weights(spacing)
    volume = float(np.prod(spacing))
    areas = np.zeros(n_objects + 1)
    for step, weight in zip(_STEPS, weights, strict=True):
        length = float(np.linalg.norm(np.multiply(step, spacing)))
        crossings = _crossings(framed, step, n_objects)
        areas += 2 * weight * volume / length * crossings
    return areas[1:]


def _crossings(
    framed: NDArray[np.int32], step: tuple[int, ...], n_objects: int
) -> NDArray[np.int64]:
    """Return how often lines of one direction enter or leave each object."""
    here = tuple(slice(max(0, -d), size - max(0, d)) for d, size in _sides(step, framed))
    there = tuple(slice(max(0, d), size - max(0, -d)) for d, size in _sides(step, framed))
    total = np.zeros(n_objects + 1, np.int64)
    # Slice by slice: a whole volume of comparisons would take as much memory as the volume.
    for first, second in zip(framed[here], framed[there], strict=True):
        differs = first != second
        for one in (first, second):
            total += np.bincount(one[differs], minlength=n_objects + 1)
    return total


def _sides(step: tuple[int, ...], framed: NDArray[np.int32]) -> list[tuple[int, int]]:
    return list(zip(step, framed.shape, strict=True))


@lru_cache(maxsize=64)
def direction_weights(spacing: Spacing) -> tuple[float, ...]:
    """Return the share of all directions for which each of the thirteen stands.

    Parameters
    ----------
    spacing : tuple of float
        Distance between voxels along z, y and x.

    Returns
    -------
    tuple of float
        They sum to 1.

    Examples
    --------
    >>> round(sum(direction_weights((5.0, 0.7, 0.7))), 6)
    1.0
    """
    from scipy.spatial import SphericalVoronoi

    steps = np.array(_STEPS) * np.array(spacing, dtype=np.float64)
    ways = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    areas = SphericalVoronoi(np.concatenate([ways, -ways])).calculate_areas()
    share = (areas[: len(ways)] + areas[len(ways) :]) / (4 * np.pi)
    return tuple(float(value) for value in share)
