"""Scores of pixels: how much of the foreground is right."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["dice"]


def dice(
    predicted: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    included: NDArray[np.bool_] | None = None,
) -> float:
    """Return the Dice coefficient of the FOREGROUND, 2 TP / (2 TP + FP + FN).

    The background's Dice, which some programs report, is near 1 even for a method that
    finds nothing.

    Parameters
    ----------
    predicted, truth : ndarray of bool, same shape
    included : ndarray of bool, same shape, or None
        Pixels to count; `None` counts all.

    Returns
    -------
    float
        0 to 1. If there is no foreground in either: 1.

    Raises
    ------
    ValueError
        If the shapes differ, or an array is not boolean.

    Examples
    --------
    >>> dice(np.array([True, True, False]), np.array([True, False, False]))
    0.6666666666666666
    """
    arrays = [predicted, truth] + ([] if included is None else [included])
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        msg = f"all masks must have one shape, got {sorted(shapes)}"
        raise ValueError(msg)
    if any(array.dtype != bool for array in arrays):
        msg = f"masks must be boolean, got {[str(array.dtype) for array in arrays]}"
        raise ValueError(msg)
    counted = np.ones(1, bool) if included is None else included
    both = int((predicted & truth & counted).sum())
    total = int((predicted & counted).sum()) + int((truth & counted).sum())
    return 2 * both / total if total else 1.0
