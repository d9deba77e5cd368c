"""What a pixel's surroundings look like, as numbers: for clusters and classifiers."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.prepare.background import blurred

__all__ = ["FEATURES", "feature_stack"]

FEATURES = ("grey", "gradient", "laplacian", "spread")

_WINDOW = 2.0  # standard deviation of the window of the spread, in scales


def feature_stack(
    grey: NDArray[np.float32], *, scales: Sequence[float] = (1.0,)
) -> NDArray[np.float32]:
    """Return what each pixel's surroundings look like at one or several scales.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
    scales : sequence of float
        Standard deviations of the blur before, in pixels, each above 0.

    Returns
    -------
    ndarray of float32, shape (Y, X, 4 * n_scales)
        For each scale the features of `FEATURES`: blurred grey values; the length of
        their gradient; their Laplacian, below 0 in bright spots; and the standard
        deviation of the blurred grey values around, under a window twice as wide. In grey
        values; the gradient per pixel, the Laplacian per pixel squared.

    Examples
    --------
    >>> slope = np.tile(np.arange(40, dtype=np.float32), (30, 1))
    >>> feature_stack(slope)[15, 20, :2].round(2).tolist()
    [20.0, 1.0]
    """
    # From the middle of its range: squares of values far from 0 lose what differs.
    level = np.float32((float(grey.min()) + float(grey.max())) / 2)
    layers = [layer for scale in scales for layer in _at_scale(grey - level, scale)]
    stack = np.stack(layers, axis=-1)
    stack[..., :: len(FEATURES)] += level
    return stack


def _at_scale(grey: NDArray[np.float32], scale: float) -> list[NDArray[np.float32]]:
    smooth = blurred(grey, scale)
    down, right = np.gradient(smooth)
    laplacian = cv2.Laplacian(smooth, cv2.CV_32F, borderType=cv2.BORDER_REFLECT)
    window = _WINDOW * scale
    mean = blurred(smooth, window)
    variance = blurred(smooth**2, window) - mean**2
    return [smooth, np.hypot(down, right), laplacian, np.sqrt(np.maximum(variance, 0))]
