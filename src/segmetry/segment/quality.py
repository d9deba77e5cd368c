"""How much a segmentation looks like objects on a background, without knowing the truth.

Five traits are measured. Their weights were fitted on the training parts of two sets of
electron micrographs, so that the better of two segmentations of one picture gets the
higher score; `benchmarks/fit_auto.py` repeats that. A score says nothing across pictures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["WEIGHTS", "Objects", "Traits", "object_sums", "score", "traits"]

_SMALL = 0.05  # of the typical area: about a fifth of the typical diameter


@dataclass(frozen=True)
class Traits:
    """What tells objects from background, each on its own scale.

    Parameters
    ----------
    regular : float
        Mean over objects of area over the area of the ellipse of the same moments: 1 for
        ellipses, 0.955 for rectangles, less for ragged and concave shapes, such as the
        background between round objects.
    largest : float
        Share of the largest object in the area of all: 1 for one object.
    filled : float
        Share of filled holes in the area of all objects.
    uneven : float
        Standard deviation of grey values of the background, over that of the picture.
    small : float
        Share of the objects that are below 5 % of the typical area.
    """

    regular: float
    largest: float
    filled: float
    uneven: float
    small: float


WEIGHTS = Traits(regular=2.0, largest=-0.2, filled=-0.4, uneven=-0.22, small=-0.16)


@dataclass(frozen=True, eq=False)
class Objects:
    """Sums over the pixels of each object, from which traits of any choice of them follow.

    Parameters
    ----------
    area, regular, filled, total, squares : ndarray of float64, shape (n_objects,)
        Number of pixels; area over that of the ellipse of the same moments; number of
        pixels that were holes; sums of the grey values and of their squares.
    n, mean, variance : float
        Number, mean and variance of the picture's grey values.
    """

    area: NDArray[np.float64]
    regular: NDArray[np.float64]
    filled: NDArray[np.float64]
    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    n: int
    mean: float
    variance: float


def object_sums(
    labels: NDArray[np.uint32],
    grey: NDArray[np.float32],
    *,
    before_filling: NDArray[np.bool_],
    included: NDArray[np.bool_],
) -> Objects:
    """Return the sums over each object's pixels.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects 1 to n.
    grey : ndarray of float32, shape (Y, X)
    before_filling : ndarray of bool, shape (Y, X)
        Foreground before holes were filled.
    included : ndarray of bool, shape (Y, X)
        True where a pixel belongs to the sample.

    Returns
    -------
    Objects
    """
    n_bins = int(labels.max()) + 1
    places = np.flatnonzero(labels)
    owner = labels.ravel()[places]
    y, x = np.divmod(places, labels.shape[1])

    def sums(weights: NDArray[np.generic] | None = None) -> NDArray[np.float64]:
        return np.bincount(owner, weights, minlength=n_bins)[1:].astype(np.float64)

    area = sums()
    mean_y, mean_x = sums(y) / area, sums(x) / area
    # A pixel is a square, not a point: its own variance is 1/12 along each axis.
    var_y = sums(y * y) / area - mean_y**2 + 1 / 12
    var_x = sums(x * x) / area - mean_x**2 + 1 / 12
    covariance = sums(x * y) / area - mean_x * mean_y
    ellipse = 4 * np.pi * np.sqrt(np.maximum(var_y * var_x - covariance**2, 1e-6))
    values = grey.ravel()[places].astype(np.float64)
    sample = grey[included].astype(np.float64)
    return Objects(
        area=area,
        regular=np.minimum(area / ellipse, 1.05),
        filled=sums(~before_filling.ravel()[places]),
        total=sums(values),
        squares=sums(values**2),
        n=sample.size,
        mean=float(sample.mean()),
        variance=float(sample.var()),
    )


def traits(objects: Objects, keep: NDArray[np.bool_] | None = None) -> Traits | None:
    """Return the traits of some of the objects.

    Parameters
    ----------
    objects : Objects
    keep : ndarray of bool, shape (n_objects,), or None
        The objects that count, the others being background; `None` counts all.

    Returns
    -------
    Traits or None
        `None` if there is no object or hardly any background.
    """
    keep = np.ones(objects.area.size, bool) if keep is None else keep
    area = objects.area[keep]
    covered = area.sum()
    n_background = objects.n - covered
    if not area.size or n_background < 0.02 * objects.n:
        return None
    mean = (objects.n * objects.mean - objects.total[keep].sum()) / n_background
    squares = objects.n * (objects.variance + objects.mean**2) - objects.squares[keep].sum()
    variance = max(squares / n_background - mean**2, 0.0)
    typical = (area**2).sum() / covered
    return Traits(
        regular=float(objects.regular[keep].mean()),
        largest=float(area.max() / covered),
        filled=float(objects.filled[keep].sum() / covered),
        uneven=float(np.sqrt(variance / max(objects.variance, 1e-12))),
        small=float((area < _SMALL * typical).mean()),
    )


def score(found: Traits | None) -> float:
    """Return the weighted sum of traits; minus infinity where there are none."""
    if found is None:
        return float("-inf")
    return (
        WEIGHTS.regular * found.regular
        + WEIGHTS.largest * found.largest
        + WEIGHTS.filled * found.filled
        + WEIGHTS.uneven * found.uneven
        + WEIGHTS.small * found.small
    )
