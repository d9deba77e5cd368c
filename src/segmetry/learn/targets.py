"""What a network shall answer for each pixel, made from labels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["class_targets", "foreground_targets"]


def foreground_targets(labels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return 1 where anything is marked, in one map.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        0 is background.

    Returns
    -------
    ndarray of float32, shape (Y, X, 1)
    """
    return (labels > 0).astype(np.float32)[..., None]


def class_targets(
    labels: NDArray[np.uint32], *, numbers: Sequence[int]
) -> NDArray[np.float32]:
    """Return a map for each class, 1 where a pixel is of it.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Numbers of classes.
    numbers : sequence of int
        That of each map.

    Returns
    -------
    ndarray of float32, shape (Y, X, K)

    Examples
    --------
    >>> class_targets(np.array([[0, 7]], dtype=np.uint32), numbers=(0, 7))[0]
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return (labels[..., None] == np.asarray(numbers)).astype(np.float32)
