"""Precision and recall of automatic objects, from a few pictures that were corrected."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from segmetry.measure.intervals import Estimate, normal_quantile, wilson

__all__ = ["share_over_pictures"]


def share_over_pictures(
    part: Sequence[float] | ArrayLike,
    whole: Sequence[float] | ArrayLike,
    *,
    n_pictures: int,
    level: float = 0.95,
) -> Estimate:
    """Return which share of all objects of all pictures is right, with its interval.

    The share is a ratio of totals. Objects of one picture are alike, so they count for
    fewer independent ones: as many as would give the scatter from picture to picture, and
    as Student's t of (pictures - 1) asks for [1]_. With these Wilson's interval is taken,
    which has a width also where every object is right.

    Parameters
    ----------
    part, whole : array_like of float, shape (k,)
        Of each corrected picture: objects that are right, and all. With automatic objects
        for the whole this is precision, with corrected ones recall.
    n_pictures : int
        Pictures of which the k were chosen at random.
    level : float

    Returns
    -------
    Estimate
        `n` is the number of corrected pictures. Without a value where there are no
        objects, without an interval for fewer than two pictures.

    Raises
    ------
    ValueError
        If there is not one part for each whole, a part is larger than its whole or
        negative, or there are more corrected pictures than pictures.

    References
    ----------
    .. [1] E. L. Korn, B. I. Graubard, "Confidence intervals for proportions with small
           expected number of positive counts estimated from survey data", Survey
           Methodology 24, 1998.

    Examples
    --------
    >>> recall = share_over_pictures([18, 9, 27], [20, 10, 30], n_pictures=40)
    >>> recall.value, round(recall.low, 2), round(recall.high, 2)
    (0.9, 0.64, 0.98)
    """
    right, all_of_them = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    if right.shape != all_of_them.shape or right.ndim != 1:
        msg = f"expected one part for each whole, got {right.shape} and {all_of_them.shape}"
        raise ValueError(msg)
    if not ((right >= 0) & (right <= all_of_them)).all():
        msg = "a part must lie between 0 and its whole"
        raise ValueError(msg)
    n, total = right.size, float(all_of_them.sum())
    if n > n_pictures:
        msg = f"of {n_pictures} pictures at most as many can be corrected, got {n}"
        raise ValueError(msg)
    if not total:
        return Estimate(None, None, None, n)
    share = float(right.sum()) / total
    if n == n_pictures:
        return Estimate(share, share, share, n)
    if n < 2:
        return Estimate(share, None, None, n)
    variance = n / (n - 1) * float(((right - share * all_of_them) ** 2).sum()) / total**2
    independent = min(share * (1 - share) / variance, total) if variance else total
    z, t = normal_quantile((1 + level) / 2), float(stdtrit(n - 1, (1 + level) / 2))
    independent *= (z / t) ** 2 / (1 - n / n_pictures)
    return Estimate(share, *wilson(share, independent, level=level), n)
