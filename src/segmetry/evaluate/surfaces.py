"""How far the surface of a found volume lies from the true one, and how wrong its size is.

References
----------
.. [1] T. Heimann and others, "Comparison and evaluation of methods for liver segmentation
       from CT datasets", IEEE Trans. Med. Imaging 28, 2009. doi:10.1109/TMI.2009.2013851
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SURFACE_SCORES", "JudgedSurface", "judge_surface"]

SURFACE_SCORES = ("mean", "p95", "max")

Spacing = tuple[float, float, float]


@dataclass(frozen=True)
class JudgedSurface:
    """Distances between two surfaces, and the error of the volume.

    Parameters
    ----------
    unit : {"mm", "px"}
    mean : float
        Average distance of the voxels of either surface from the other, both ways together.
        NaN where one of both is empty and the other is not.
    p95 : float
        Distance within which 95 % of them lie: the 95 % Hausdorff distance.
    max : float
        Hausdorff distance.
    volume_error_percent : float
        Of the true volume; NaN where there is none.
    """

    unit: str
    mean: float
    p95: float
    max: float
    volume_error_percent: float

    def scores(self) -> dict[str, float]:
        """Return the scores by name."""
        distances = {
            f"surface_distance_{name}_{self.unit}": getattr(self, name)
            for name in SURFACE_SCORES
        }
        return {**distances, "volume_error_percent": self.volume_error_percent}


def judge_surface(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    spacing: Spacing | None = None,
) -> JudgedSurface:
    """Compare the surfaces of a found and a true volume.

    A surface is made of the voxels that have a neighbour outside, beside, before or above.
    Where the volume ends, so does what lies in it.

    Parameters
    ----------
    predicted, truth : ndarray of bool, shape (Z, Y, X)
    spacing : tuple of float or None
        Distance of voxels along z, y and x, in mm. `None` counts in voxels.

    Returns
    -------
    JudgedSurface

    Raises
    ------
    ValueError
        If the shapes differ, or an array is not boolean or has not three axes.

    Examples
    --------
    >>> truth = np.zeros((5, 9, 9), bool)
    >>> truth[1:4, 2:7, 2:7] = True
    >>> judge_surface(np.roll(truth, 1, axis=0), truth, spacing=(5.0, 1.0, 1.0)).max
    5.0
    """
    from scipy.ndimage import distance_transform_edt

    for mask in (predicted, truth):
        if mask.dtype != bool or mask.ndim != 3 or mask.shape != truth.shape:
            msg = f"expected two boolean masks of a volume, got {mask.dtype} {mask.shape}"
            raise ValueError(msg)
    unit = "px" if spacing is None else "mm"
    found, true = np.count_nonzero(predicted), np.count_nonzero(truth)
    error = 100 * (found - true) / true if true else (0.0 if not found else math.nan)
    if not found and not true:
        return JudgedSurface(unit, 0.0, 0.0, 0.0, error)
    if not found or not true:
        return JudgedSurface(unit, math.nan, math.nan, math.nan, error)
    box = _box(predicted | truth)
    surfaces = [_surface(mask[box]) for mask in (predicted, truth)]
    sides = spacing or (1.0, 1.0, 1.0)
    away = [distance_transform_edt(~one, sampling=sides) for one in surfaces]
    distances = np.concatenate([away[1][surfaces[0]], away[0][surfaces[1]]])
    mean, p95, most = distances.mean(), np.quantile(distances, 0.95), distances.max()
    return JudgedSurface(unit, float(mean), float(p95), float(most), float(error))


def _surface(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy.ndimage import binary_erosion

    return np.asarray(mask & ~binary_erosion(mask, border_value=0))


def _box(mask: NDArray[np.bool_]) -> tuple[slice, ...]:
    places = np.nonzero(mask)
    return tuple(slice(int(one.min()), int(one.max()) + 1) for one in places)
