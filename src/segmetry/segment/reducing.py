"""A reduced copy of a picture, made block by block, and the way back to any window.

Weights depend on where a pixel lies in the whole picture and not on the block in which it
was read, so that a copy made of a file is the copy made in memory.
"""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

from collections.abc import Iterable
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from segmetry.tiled import Window

__all__ = ["Patch", "enlarged", "patch", "reduced_shape", "whole"]

_SHARPNESS = -0.75  # of the cubic curve, as in OpenCV


@dataclass(frozen=True, eq=False)
class Patch:
    """What one block gives to a reduced copy.

    Parameters
    ----------
    values : ndarray of float64, shape (y, x)
        Parts of means; pixels on the rim are completed by neighbouring blocks.
    top, left : int
        Where it lies in the reduced copy.
    """

    values: NDArray[np.float64]
    top: int
    left: int


def reduced_shape(shape: tuple[int, int], factor: float) -> tuple[int, int]:
    """Return the rows and columns of a copy reduced by a factor.

    Examples
    --------
    >>> reduced_shape((100, 3000), 7.5)
    (13, 400)
    """
    height, width = (max(round(side / factor), 1) for side in shape)
    return height, width


def patch(
    values: NDArray[np.generic],
    window: Window,
    shape: tuple[int, int],
    small: tuple[int, int],
) -> Patch:
    """Return what a window gives to the reduced copy of a picture.

    Parameters
    ----------
    values : ndarray, shape (y, x)
        Of the window.
    window : Window
        Where it lies in the picture.
    shape, small : tuple of int
        Of the picture, and of its reduced copy.

    Returns
    -------
    Patch

    Examples
    --------
    >>> left, right = (slice(0, 1), slice(0, 3)), (slice(0, 1), slice(3, 4))
    >>> parts = [
    ...     patch(np.array([[1, 3, 5]]), left, (1, 4), (1, 2)),
    ...     patch(np.array([[7]]), right, (1, 4), (1, 2)),
    ... ]
    >>> whole(parts, (1, 2))
    array([[2., 6.]], dtype=float32)
    """
    (down, top), (across, left) = (
        _shares(side, length, n_small)
        for side, length, n_small in zip(window, shape, small, strict=True)
    )
    narrow = across @ (down @ values.astype(np.float64)).T
    return Patch(np.ascontiguousarray(narrow.T), top, left)


def whole(patches: Iterable[Patch], small: tuple[int, int]) -> NDArray[np.float32]:
    """Return the reduced copy of a picture of which all blocks are there.

    Parameters
    ----------
    patches : iterable of Patch
        In the order of the blocks.
    small : tuple of int
        Rows and columns of the copy.

    Returns
    -------
    ndarray of float32, shape `small`
    """
    total = np.zeros(small)
    for part in patches:
        height, width = part.values.shape
        total[part.top : part.top + height, part.left : part.left + width] += part.values
    return total.astype(np.float32)


def _shares(side: slice, length: int, n_small: int) -> tuple[csr_matrix, int]:
    """Return how much each pixel of a stretch gives to the reduced pixels it touches."""
    factor = length / n_small
    places = np.arange(side.start, side.stop)
    # Of a pixel that lies on the border of two reduced ones, each takes its part.
    own = np.minimum((places / factor).astype(np.intp), n_small - 1)
    own_share = np.minimum((own + 1) * factor - places, 1) / factor
    next_share = 1 / factor - own_share
    first, last = int(own[0]), int(own[-1])
    reaches = next_share > 1e-9 / factor
    last = min(max(last, int((own + 1)[reaches].max(initial=0))), n_small - 1)
    rows = np.concatenate([own, np.minimum(own + 1, last)]) - first
    columns = np.tile(places - side.start, 2)
    weights = np.concatenate([own_share, np.where(reaches, next_share, 0)])
    grid = (last - first + 1, len(places))
    return csr_matrix((weights, (rows, columns)), shape=grid), first


def enlarged(
    small: NDArray[np.float32], shape: tuple[int, int], window: Window
) -> NDArray[np.float32]:
    """Return a window of a reduced copy brought back to the size of the picture.

    Parameters
    ----------
    small : ndarray of float32, shape (Y', X')
    shape : tuple of int
        Rows and columns of the picture.
    window : Window

    Returns
    -------
    ndarray of float32, shape of the window
        Interpolated with cubic curves.

    References
    ----------
    R. G. Keys, IEEE Trans. Acoust. Speech Signal Process. 29, 1981.
    doi:10.1109/TASSP.1981.1163711

    Examples
    --------
    >>> copy = np.float32([[0, 0, 8, 8]])
    >>> enlarged(copy, (1, 8), (slice(0, 1), slice(2, 6))).tolist()
    [[-0.28125, 1.40625, 6.59375, 8.28125]]
    """
    rows, columns = (
        _taps(side, length, n_small)
        for side, length, n_small in zip(window, shape, small.shape, strict=True)
    )
    return np.asarray(_enlarged(np.ascontiguousarray(small), *rows, *columns))


def _taps(
    side: slice, length: int, n_small: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the four reduced pixels that each pixel is made of, and their weights."""
    middles = (np.arange(side.start, side.stop) + 0.5) * (n_small / length) - 0.5
    before = np.floor(middles)
    away = (middles - before)[:, None] + np.array([1.0, 0.0, -1.0, -2.0])
    near, a = np.abs(away), _SHARPNESS
    weights = np.where(
        near <= 1,
        ((a + 2) * near - (a + 3)) * near**2 + 1,
        ((a * near - 5 * a) * near + 8 * a) * near - 4 * a,
    )
    places = before[:, None].astype(np.intp) + np.arange(-1, 3)
    return np.clip(places, 0, n_small - 1), weights.astype(np.float32)


@numba.njit(cache=True)
def _enlarged(small, rows, row_weights, columns, column_weights):  # type: ignore[no-untyped-def] # pragma: no cover
    out = np.empty((len(rows), len(columns)), np.float32)
    line = np.empty(small.shape[1], np.float32)
    for y in range(len(rows)):
        a, b, c, d = rows[y]
        p, q, r, s = row_weights[y]
        for x in range(small.shape[1]):
            line[x] = p * small[a, x] + q * small[b, x] + r * small[c, x] + s * small[d, x]
        for x in range(len(columns)):
            a, b, c, d = columns[x]
            p, q, r, s = column_weights[x]
            out[y, x] = p * line[a] + q * line[b] + r * line[c] + s * line[d]
    return out
