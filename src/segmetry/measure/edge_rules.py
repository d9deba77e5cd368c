"""What to do with objects that the edge of the picture cuts, and what it costs.

An object is more likely to be cut the larger it is, so both dropping the cut ones and
counting them as they look make a distribution too small. Weights mend this: an object of
box x by y lies wholly inside a frame of Z1 by Z2 with probability
(Z1 - x)(Z2 - y) / (Z1 Z2), and counts for the reciprocal [1]_.

References
----------
.. [1] R. E. Miles, "On the elimination of edge effects in planar sampling", in Stochastic
       Geometry, 1974; C. Lantuejoul, "On the estimation of mean values in individual
       analysis of particles", Microscopica Acta S4, 1980.
.. [2] H. J. G. Gundersen, "Notes on the estimation of the numerical density of arbitrary
       profiles: the edge effect", Journal of Microscopy 111, 1977.
       doi:10.1111/j.1365-2818.1977.tb00062.x
"""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from segmetry.measure.distribution import Floats

__all__ = [
    "EDGE_RULES",
    "MENDS_SIZES",
    "EdgeRule",
    "edge_weights",
    "miles_lantuejoul_weights",
]

EdgeRule = Literal["keep", "drop", "two-sides", "miles-lantuejoul", "truncated-log-normal"]

EDGE_RULES: Mapping[EdgeRule, str] = {
    "keep": (
        "Objects cut by the edge are counted as they look; sizes are too small, counts per "
        "area too high."
    ),
    "drop": (
        "Objects that touch the edge are left out; large ones are lost more often, so "
        "sizes and counts per area are too small."
    ),
    "two-sides": (
        "Objects that touch the left or upper edge count as they look, those that touch "
        "the right or lower edge do not: right for counts per area, but sizes are too "
        "small."
    ),
    "miles-lantuejoul": (
        "Objects that touch the edge are left out, and each other one is weighted by the "
        "reciprocal of its chance of lying wholly inside the frame (Miles-Lantuéjoul)."
    ),
    "truncated-log-normal": (
        "Objects that touch the edge are left out, and a log-normal distribution is fitted "
        "to the others that allows for the large ones lost; right only where sizes are "
        "log-normal."
    ),
}

# The other rules leave a bias of the sizes, or add one.
MENDS_SIZES: frozenset[EdgeRule] = frozenset({"miles-lantuejoul", "truncated-log-normal"})


def edge_weights(
    rule: EdgeRule,
    boxes: Floats,
    frames: Floats,
    *,
    touches: NDArray[np.bool_],
    touches_far: NDArray[np.bool_],
) -> Floats:
    """Return how many objects of the sample each object stands for; 0 leaves it out.

    Parameters
    ----------
    rule : {"keep", "drop", "two-sides", "miles-lantuejoul", "truncated-log-normal"}
        `EDGE_RULES` describes them. "truncated-log-normal" needs no weights but its own
        fit (`log_normal.fit_truncated_log_normal`); here it leaves out the same objects
        as "drop".
    boxes : ndarray of float64, shape (n, 2)
        Sides of the objects' bounding boxes along x and y.
    frames : ndarray of float64, shape (images, 2)
        Sides of the images' frames along x and y, in the same unit. All images that were
        looked at, those without objects included.
    touches : ndarray of bool, shape (n,)
        Whether the object touches the edge of its frame.
    touches_far : ndarray of bool, shape (n,)
        Whether it touches the right or the lower edge.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    ValueError
        If the rule is not known.

    Examples
    --------
    >>> boxes, frames = np.array([[10.0, 20.0], [5.0, 5.0]]), np.array([[100.0, 100.0]])
    >>> cut = np.array([False, True])
    >>> edge_weights("miles-lantuejoul", boxes, frames, touches=cut, touches_far=cut)
    array([1.38888889, 0.        ])
    """
    if rule not in get_args(EdgeRule):
        msg = f"edge rule must be one of {', '.join(EDGE_RULES)}, got {rule!r}"
        raise ValueError(msg)
    if rule == "keep":
        return np.ones(len(boxes))
    if rule == "two-sides":
        return np.where(touches_far, 0.0, 1.0)
    if rule == "miles-lantuejoul":
        return np.where(touches, 0.0, miles_lantuejoul_weights(boxes, frames))
    return np.where(touches, 0.0, 1.0)


def miles_lantuejoul_weights(boxes: Floats, frames: Floats) -> Floats:
    """Return the reciprocal of each object's chance of lying wholly inside a frame.

    With frames of different sizes an object may be seen in any that is large enough, so
    the chance is over all of them: sum of (Z1 - x)(Z2 - y) over sum of Z1 Z2. Images of
    one sample taken at different magnifications are pooled without bias in this way, and
    the sum of weights over the summed area of the frames is the number per area.

    Parameters
    ----------
    boxes : ndarray of float64, shape (n, 2)
        Sides of the objects' bounding boxes along x and y.
    frames : ndarray of float64, shape (images, 2)
        Sides of the frames along x and y, in the same unit.

    Returns
    -------
    ndarray of float64, shape (n,)
        At least 1. 0 for an object that could lie inside no frame.

    Examples
    --------
    >>> miles_lantuejoul_weights(np.array([[50.0, 50.0]]), np.array([[100.0, 100.0]]))
    array([4.])
    """
    sizes, counts = np.unique(frames, axis=0, return_counts=True)
    room = np.clip(sizes[:, np.newaxis, :] - boxes, 0, None).prod(axis=2)
    inside = counts @ room
    area = counts @ sizes.prod(axis=1)
    return np.where(inside > 0, area / np.where(inside > 0, inside, 1), 0.0)
