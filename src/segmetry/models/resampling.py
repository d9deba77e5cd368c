"""A picture at another scale, for any window of it: the same as all of it at that scale."""

# ruff: noqa: ANN001, ANN202 - types of compiled functions are inferred

from collections.abc import Callable

import numba
import numpy as np
from numpy.typing import NDArray

from segmetry.tiled import Window

__all__ = ["resampled_in"]

_SHARPNESS = -0.75  # of the cubic curve, as in OpenCV

Taps = tuple[NDArray[np.intp], NDArray[np.float32]]


def resampled_in(
    read: Callable[[Window], NDArray[np.float32]],
    shape: tuple[int, int],
    scaled: tuple[int, int],
    window: Window,
    *,
    cubic: bool = False,
) -> NDArray[np.float32]:
    """Return a window of a picture that has been brought to another number of pixels.

    Pixels are averaged where there are to be fewer, and interpolated where there are to be
    more; see `segmetry.models.scale.resampled`.

    Parameters
    ----------
    read : callable
        Returns a window of the picture, shape (y, x, C).
    shape, scaled : tuple of int
        Rows and columns of the picture, and those wanted.
    window : Window
        In pixels of the scaled picture.
    cubic : bool
        Enlarge with cubic curves, not linearly.

    Returns
    -------
    ndarray of float32, shape (y', x', C)

    Examples
    --------
    >>> values = np.array([[[0], [2], [4], [6]]], np.float32)
    >>> window = (slice(0, 1), slice(1, 2))
    >>> resampled_in(lambda window: values[window], (1, 4), (1, 2), window).ravel()
    array([5.], dtype=float32)
    """
    if shape == scaled:
        return read(window)
    rows, columns = (
        _taps(side, length, wanted, cubic=cubic)
        for side, length, wanted in zip(window, shape, scaled, strict=True)
    )
    (top, bottom), (left, right) = (
        (max(int(first.min()), 0), min(int(first.max()) + weights.shape[1], length))
        for (first, weights), length in zip((rows, columns), shape, strict=True)
    )
    values = np.ascontiguousarray(
        read((slice(top, bottom), slice(left, right))), np.float32
    )
    n_channels = values.shape[2]
    low = _weighted(values.reshape(len(values), -1), rows[0] - top, rows[1])
    turned = low.reshape(len(low), -1, n_channels).swapaxes(0, 1)
    flat = np.ascontiguousarray(turned).reshape(len(turned), -1)
    narrow = _weighted(flat, columns[0] - left, columns[1])
    return narrow.reshape(len(narrow), -1, n_channels).swapaxes(0, 1)


def _taps(side: slice, length: int, wanted: int, *, cubic: bool) -> Taps:
    """Return the first pixel of which each wanted one is made, and the weights from it."""
    places, factor = np.arange(side.start, side.stop), length / wanted
    if wanted < length:
        starts, stops = places * factor, (places + 1) * factor
        first = np.floor(starts).astype(np.intp)
        pixels = first[:, None] + np.arange(int(np.ceil(factor)) + 1)
        # As much of each pixel as lies within the wanted one.
        share = np.minimum(pixels + 1, stops[:, None]) - np.maximum(pixels, starts[:, None])
        return first, (np.maximum(share, 0) / factor).astype(np.float32)
    middles = (places + 0.5) * factor - 0.5
    before = np.floor(middles)
    steps = np.arange(-1, 3) if cubic else np.arange(2)
    near = np.abs((middles - before)[:, None] - steps)
    weights = _cubic(near) if cubic else 1 - near
    return before.astype(np.intp) + steps[0], weights.astype(np.float32)


def _cubic(near: NDArray[np.float64]) -> NDArray[np.float64]:
    a = _SHARPNESS
    return np.where(
        near <= 1,
        ((a + 2) * near - (a + 3)) * near**2 + 1,
        ((a * near - 5 * a) * near + 8 * a) * near - 4 * a,
    )


@numba.njit(cache=True)
def _weighted(values, first, weights):  # type: ignore[no-untyped-def] # pragma: no cover
    """Return weighted sums of rows; before the first and behind the last they repeat."""
    sums = np.zeros((len(first), values.shape[1]), np.float32)
    last = len(values) - 1
    for y in range(len(first)):
        total = sums[y]
        for k in range(weights.shape[1]):
            weight = weights[y, k]
            if weight == 0:
                continue
            row = values[min(max(first[y] + k, 0), last)]
            for x in range(len(total)):
                total[x] += weight * row[x]
    return sums
