"""Telling a picture from a label image by how its numbers lie side by side.

An object is a flat region: nearly all of its pixels lie in some square of two by two pixels
of one number, and nearly all steps between numbers are to the background. In a photograph
neighbours differ, and so does everything beside them.

How far apart masks and pictures of eight sets lie is told in docs/datasets.md.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_photograph"]

_FEW_VALUES = 16  # as many numbers tell nothing: drawings and classes have them too
_FLAT = 0.88  # of the pixels that are not 0
_APART = 0.5  # of the steps between numbers touch 0: points and thin lines are labels too


def is_photograph(numbers: NDArray[Any]) -> bool:
    """Return whether numbers are those of a picture, not of numbered objects.

    Parameters
    ----------
    numbers : ndarray of a whole-number type, shape (..., Y, X)

    Returns
    -------
    bool
        True where there are more than 16 numbers and hardly any flat regions. A picture
        of plain areas, as computers draw them, is taken for labels.

    Examples
    --------
    >>> ramp = np.arange(1, 401).reshape(20, 20)
    >>> is_photograph(ramp), is_photograph(ramp.repeat(4, axis=0).repeat(4, axis=1))
    (True, False)
    """
    if np.unique(numbers).size <= _FEW_VALUES:
        return False
    across = numbers[..., :, 1:] == numbers[..., :, :-1]
    down = numbers[..., 1:, :] == numbers[..., :-1, :]
    is_set = numbers > 0
    if _share_in_squares(is_set, across, down) >= _FLAT:
        return False
    steps = (~across).sum() + (~down).sum()
    beside = is_set[..., :, 1:] & is_set[..., :, :-1] & ~across
    below = is_set[..., 1:, :] & is_set[..., :-1, :] & ~down
    return bool(beside.sum() + below.sum() > _APART * steps)


def _share_in_squares(
    is_set: NDArray[np.bool_], across: NDArray[np.bool_], down: NDArray[np.bool_]
) -> float:
    """Return the share of pixels that lie in a square of 2 x 2 pixels of one number."""
    square = across[..., 1:, :] & across[..., :-1, :] & down[..., :, 1:]
    inside = np.zeros(is_set.shape, dtype=bool)
    for rows in (slice(1, None), slice(None, -1)):
        for columns in (slice(1, None), slice(None, -1)):
            inside[..., rows, columns] |= square
    return float(inside[is_set].mean())
