"""A coarser grid to work on, and the way back from it."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["enlarged", "reduced"]


def reduced(
    values: NDArray[np.float32], factors: tuple[int, ...], *, fill: float
) -> NDArray[np.float32]:
    """Return the means of blocks of voxels.

    Parameters
    ----------
    values : ndarray of float32
    factors : tuple of int
        Voxels in a block along each axis; 1 leaves an axis as it is.
    fill : float
        What is beyond the end of the volume, where blocks reach over it.

    Returns
    -------
    ndarray of float32

    Examples
    --------
    >>> reduced(np.float32([[1, 3, 5, 7]]), (1, 2), fill=0).tolist()
    [[2.0, 6.0]]
    """
    from skimage.measure import block_reduce

    if all(factor == 1 for factor in factors):
        return values
    return np.asarray(block_reduce(values, factors, np.mean, cval=fill), np.float32)


def enlarged(
    values: NDArray[np.float32], factors: tuple[int, ...], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return values of blocks at the places of the voxels, linear between their middles.

    Parameters
    ----------
    values : ndarray of float32
    factors : tuple of int
        As in `reduced`.
    shape : tuple of int
        Of the volume before it was reduced.

    Returns
    -------
    ndarray of float32

    Examples
    --------
    >>> enlarged(np.float32([[2, 6]]), (1, 2), (1, 4)).tolist()
    [[2.0, 3.0, 5.0, 6.0]]
    """
    from scipy.ndimage import affine_transform

    if all(factor == 1 for factor in factors):
        return values
    scale = 1 / np.array(factors, dtype=np.float64)
    return np.asarray(
        affine_transform(
            values,
            scale,
            offset=scale / 2 - 0.5,
            output_shape=shape,
            order=1,
            mode="nearest",
        )
    )
