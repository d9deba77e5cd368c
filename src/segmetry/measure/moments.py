"""Area, place and ellipse of each object, from the moments of its pixels.

The pixels of a run are summed in closed form, in integers, relative to the object's first
pixel: nothing is lost by rounding, however far from the origin an object lies.

Each pixel counts as a small rectangle, not as a point. This adds 1/12 of a squared pixel
side to the variances, so that a single pixel has axes, and is the one difference from
scikit-image's axes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.compiled import compiled
from segmetry.measure.runs import OBJECT, ROW, START, STOP

__all__ = ["Moments", "ellipse_axes", "moments"]

_ROUND = 1e-9  # variances closer than this share have no long direction but rounding


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the pixels of N objects.

    Parameters
    ----------
    area : ndarray of int64, shape (N,)
        Number of pixels.
    centroid : ndarray of float64, shape (N, 2)
        x and y, in pixels; the centre of the first pixel of a picture is (0, 0).
    variances : ndarray of float64, shape (N, 3)
        Mean of squared x, of x times y, and of squared y about the centroid, in squared
        pixels, of pixel centres.
    first_pixel : ndarray of int32, shape (N, 2)
        x and y of the leftmost pixel of the top row.
    box : ndarray of int32, shape (N, 4)
        First x, first y, and exclusive last x, last y.
    """

    area: NDArray[np.int64]
    centroid: NDArray[np.float64]
    variances: NDArray[np.float64]
    first_pixel: NDArray[np.int32]
    box: NDArray[np.int32]


def moments(runs: NDArray[np.int32], *, n_objects: int) -> Moments:
    """Return area, centroid, variances and bounding box of each object.

    Parameters
    ----------
    runs : ndarray of int32, shape (R, 4)
        See `find_runs`.
    n_objects : int

    Examples
    --------
    >>> runs = np.array([[5, 2, 6, 0], [6, 2, 6, 0]], dtype=np.int32)
    >>> found = moments(runs, n_objects=1)
    >>> found.area.tolist(), found.centroid.tolist(), found.box.tolist()
    ([8], [[3.5, 5.5]], [[2, 5, 6, 7]])
    """
    sums = np.zeros((n_objects, 6), dtype=np.int64)
    first = np.empty((n_objects, 2), dtype=np.int32)
    box = np.empty((n_objects, 4), dtype=np.int32)
    _sum_runs(runs, sums, first, box)
    area = np.ascontiguousarray(sums[:, 0])
    mean_x, mean_y = sums[:, 1] / area, sums[:, 2] / area
    variances = np.stack(
        [
            sums[:, 3] / area - mean_x**2,
            sums[:, 4] / area - mean_x * mean_y,
            sums[:, 5] / area - mean_y**2,
        ],
        axis=1,
    )
    centroid = np.stack([first[:, 0] + mean_x, first[:, 1] + mean_y], axis=1)
    return Moments(area, centroid, variances, first, box)


def ellipse_axes(
    variances: NDArray[np.float64], *, dx: float, dy: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return major axis, minor axis and orientation of the ellipse of equal moments.

    Parameters
    ----------
    variances : ndarray of float64, shape (N, 3)
        See `Moments`.
    dx, dy : float
        Width and height of a pixel.

    Returns
    -------
    major, minor : ndarray of float64, shape (N,)
        Full lengths, in the unit of `dx` and `dy`.
    orientation : ndarray of float64, shape (N,)
        Angle of the major axis from the x axis in degrees, counter-clockwise as seen on
        the screen, 0 <= angle < 180. NaN for an object without a long direction.

    Examples
    --------
    >>> major, minor, orientation = ellipse_axes(np.array([[1.0, 0, 4]]), dx=1, dy=1)
    >>> float(orientation[0])
    90.0
    """
    along_x = (variances[:, 0] + 1 / 12) * dx**2
    across = variances[:, 1] * dx * dy
    along_y = (variances[:, 2] + 1 / 12) * dy**2
    mean = (along_x + along_y) / 2
    spread = np.hypot((along_x - along_y) / 2, across)
    angle = np.degrees(np.arctan2(-2 * across, along_x - along_y)) / 2
    angle = np.where(angle < 0, angle + 180, angle)
    # A tiny negative angle rounds to 180 when 180 is added.
    angle = np.where(angle >= 180, 0.0, angle)
    orientation = np.where(spread <= _ROUND * mean, np.nan, angle)
    major = 4 * np.sqrt(mean + spread)
    minor = 4 * np.sqrt(np.maximum(mean - spread, 0))
    return major, minor, orientation


@compiled
def _sum_runs(
    runs: NDArray[np.int32],
    sums: NDArray[np.int64],
    first: NDArray[np.int32],
    box: NDArray[np.int32],
) -> None:
    for k in range(runs.shape[0]):
        row, start, stop, i = runs[k, ROW], runs[k, START], runs[k, STOP], runs[k, OBJECT]
        if sums[i, 0] == 0:
            first[i, 0], first[i, 1] = start, row
            box[i, 0], box[i, 1], box[i, 2] = start, row, stop
        box[i, 0] = min(box[i, 0], start)
        box[i, 2] = max(box[i, 2], stop)
        box[i, 3] = row + 1
        n = np.int64(stop - start)
        x, y = np.int64(start - first[i, 0]), np.int64(row - first[i, 1])
        sum_x = n * x + n * (n - 1) // 2
        sums[i, 0] += n
        sums[i, 1] += sum_x
        sums[i, 2] += n * y
        sums[i, 3] += n * x * x + x * n * (n - 1) + (n - 1) * n * (2 * n - 1) // 6
        sums[i, 4] += sum_x * y
        sums[i, 5] += n * y * y
