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
    down, across = (
        _shares(side, length, n_small)
        for side, length, n_small in zip(window, shape, small, strict=True)
    )
    low = _summed(np.ascontiguousarray(values), down.own, down.in_own, down.in_next)
    turned = np.ascontiguousarray(low.T)
    narrow = _summed(turned, across.own, across.in_own, across.in_next)
    return Patch(np.ascontiguousarray(narrow.T), down.first, across.first)


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


@dataclass(frozen=True, eq=False)
class _Shares:
    """How much each pixel of a stretch gives to the reduced pixels it touches.

    Parameters
    ----------
    first : int
        The first reduced pixel that is touched.
    own : ndarray of intp, shape (n,)
        The reduced pixel in which each begins, counted from the first.
    in_own, in_next : ndarray of float64, shape (n,)
        What is given to that one, and to the next one.
    """

    first: int
    own: NDArray[np.intp]
    in_own: NDArray[np.float64]
    in_next: NDArray[np.float64]


def _shares(side: slice, length: int, n_small: int) -> _Shares:
    factor = length / n_small
    places = np.arange(side.start, side.stop)
    own = np.minimum((places / factor).astype(np.intp), n_small - 1)
    in_own = np.minimum((own + 1) * factor - places, 1) / factor
    in_next = 1 / factor - in_own
    in_next[(in_next < 1e-9 / factor) | (own == n_small - 1)] = 0
    return _Shares(int(own[0]), own - own[0], in_own, in_next)


@numba.njit(cache=True)
def _summed(values, own, in_own, in_next):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return weighted sums of rows."""
    n_small = own[-1] + (2 if in_next[-1] > 0 else 1)
    sums = np.zeros((n_small, values.shape[1]))
    for y in range(len(values)):
        row = values[y]
        here, share = sums[own[y]], in_own[y]
        for x in range(len(row)):
            here[x] += share * row[x]
        share = in_next[y]
        if share > 0:
            behind = sums[own[y] + 1]
            for x in range(len(row)):
                behind[x] += share * row[x]
    return sums


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
    [[-0.84375, 1.8125, 6.1875, 8.84375]]
    """
    rows, columns = (
        _taps(side, length, n_small)
        for side, length, n_small in zip(window, shape, small.shape, strict=True)
    )
    framed = np.pad(small, 2, mode="edge")  # a cubic curve goes through four pixels
    return np.asarray(_enlarged(framed, *rows, *columns))


def _taps(
    side: slice, length: int, n_small: int
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the first of the four reduced pixels around each pixel, and their weights."""
    middles = (np.arange(side.start, side.stop) + 0.5) * (n_small / length) - 0.5
    before = np.floor(middles)
    near = np.abs((middles - before) - np.array([[-1.0], [0.0], [1.0], [2.0]]))
    a = _SHARPNESS
    weights = np.where(
        near <= 1,
        ((a + 2) * near - (a + 3)) * near**2 + 1,
        ((a * near - 5 * a) * near + 8 * a) * near - 4 * a,
    )
    return before.astype(np.intp) + 1, weights.astype(np.float32)


@numba.njit(cache=True)
def _enlarged(small, rows, row_weights, columns, column_weights):  # type: ignore[no-untyped-def] # pragma: no cover
    out = np.empty((len(rows), len(columns)), np.float32)
    line = np.empty(small.shape[1], np.float32)
    first, second = column_weights[0], column_weights[1]
    third, fourth = column_weights[2], column_weights[3]
    for y in range(len(rows)):
        k = rows[y]
        a, b, c, d = small[k], small[k + 1], small[k + 2], small[k + 3]
        p, q = row_weights[0, y], row_weights[1, y]
        r, s = row_weights[2, y], row_weights[3, y]
        for x in range(len(line)):
            line[x] = p * a[x] + q * b[x] + r * c[x] + s * d[x]
        own = out[y]
        for x in range(len(columns)):
            k = columns[x]
            own[x] = (
                first[x] * line[k]
                + second[x] * line[k + 1]
                + third[x] * line[k + 2]
                + fourth[x] * line[k + 3]
            )
    return out
