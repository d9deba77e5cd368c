"""How usual the sizes of a picture's objects are among the other pictures of a set.

A network that looks at a picture at a wrong scale finds things that look like its objects:
specks that are far smaller, or glows that are far larger, each by itself plausible. What
betrays them is their size, which objects of no other picture have.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import norm

__all__ = ["doubts_by_size"]

# Standard deviations of the natural logarithm of areas.
_ALIKE = 0.4  # of right objects, in pictures of one kind
_ANY = 2.0  # of wrong ones, which may have any size

_STEP = 0.1  # of the logarithm, in which sizes are counted
_SURE = 0.003  # a smaller doubt could hardly be raised

Floats = NDArray[np.float64]


def doubts_by_size(doubt: ArrayLike, area: ArrayLike, *, picture: ArrayLike) -> Floats:
    """Raise the doubts of objects whose size is rare in the other pictures of their set.

    By Bayes' rule: the odds of being wrong are multiplied by how much more often wrong
    objects have such a size than right ones of the other pictures, but never lowered.
    Where many other pictures hold such objects nothing changes, and with one picture
    there is nothing to compare. In a set with few pictures of another kind, right objects
    of these are doubted too much, until verdicts tell better.

    Parameters
    ----------
    doubt : array of float, shape (n,)
        How likely each object is wrong, as a method says: 0 to 1.
    area : array of float, shape (n,)
        Above 0; of all objects in the same unit.
    picture : array of int, shape (n,)
        Number of each object's picture.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    ValueError
        If the arrays are not equally long, or an area is not above 0.

    Examples
    --------
    >>> picture = np.repeat(np.arange(21), 5)
    >>> area = np.where(picture == 20, 40.0, 900.0)  # a picture of specks
    >>> told = doubts_by_size(np.full(105, 0.05), area, picture=picture)
    >>> told[[0, -1]].round(2).tolist()
    [0.05, 0.51]
    """
    doubts, areas = np.asarray(doubt, np.float64), np.asarray(area, np.float64)
    pictures = np.asarray(picture)
    if not doubts.shape == areas.shape == pictures.shape or doubts.ndim != 1:
        msg = (
            "doubt, area and picture must have one value for each object, got shapes "
            f"{doubts.shape}, {areas.shape} and {pictures.shape}"
        )
        raise ValueError(msg)
    if not (areas > 0).all():
        msg = "an area must be above 0; got another value or none"
        raise ValueError(msg)
    if not len(doubts):
        return doubts
    raised = logit(np.clip(doubts, _SURE, 1 - _SURE))
    raised += _rarity(doubts, np.log(areas), np.unique(pictures, return_inverse=True)[1])
    return np.maximum(doubts, np.where(raised > logit(_SURE), expit(raised), 0.0))


def _rarity(doubts: Floats, sizes: Floats, numbers: NDArray[np.intp]) -> Floats:
    """Return by how much the log odds of an error rise for each object's size.

    Each picture counts as much as another one, and an object as much as it is right. One
    picture more, of any size, stands for what was not seen yet.
    """
    bins = ((sizes - sizes.min()) / _STEP).astype(np.intp)
    n_bins, n_pictures = int(bins.max()) + 1, int(numbers.max()) + 1
    counts = np.bincount(numbers * n_bins + bins, 1 - doubts, n_pictures * n_bins)
    shares = counts.reshape(n_pictures, n_bins) / np.bincount(numbers)[:, None]
    away = _STEP * np.subtract.outer(np.arange(n_bins), np.arange(n_bins))
    everywhere = np.maximum(shares.sum(axis=0), np.finfo(np.float64).tiny)
    wide = everywhere / everywhere.sum() @ norm.pdf(away, scale=_ANY)
    own = shares @ norm.pdf(away, scale=_ALIKE)
    others = own.sum(axis=0) - own
    rights = shares.sum() - shares.sum(axis=1, keepdims=True)
    rarity = np.log(wide * (rights + 1) / (others + wide))
    return np.asarray(np.maximum(rarity[numbers, bins], 0))
