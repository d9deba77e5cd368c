"""Which values of a picture the eye sees as black and as white."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["color_range", "grey_range"]

_STRETCH = (0.3, 99.7)  # percent: a hot pixel must not set the contrast
_SAMPLES = 200_000  # pixels are enough for a percentile, whatever the picture's size
_FLAT, _DIM = 1.5, 128.0  # grey values that an 8-bit picture spans: stretched in between


def grey_range(values: NDArray[Any], *, keep_8_bits: bool = False) -> tuple[float, float]:
    """Return the grey values that become black and white: nearly all lie between.

    Parameters
    ----------
    values : ndarray
        Of any shape; what is no number does not count.
    keep_8_bits : bool
        Leave values as they are, of 8 bits, unless they span less than half of that range.

    Returns
    -------
    float, float
        The first is below the second.

    Examples
    --------
    >>> grey_range(np.linspace(0, 1000, 1001))
    (3.0, 997.0)
    >>> grey_range(np.arange(200, dtype=np.uint8), keep_8_bits=True)
    (0.0, 255.0)
    """
    low, high = _ends(values.reshape(-1, 1))
    if keep_8_bits and not _FLAT < high - low < _DIM:
        return 0.0, 255.0
    return (low, high) if high > low else (low, low + max(1.0, abs(low)))


def color_range(colors: NDArray[Any]) -> tuple[float, float]:
    """Return the values that become black and full colour, the same for all channels.

    Colours of 8 bits stay as they are, as in any viewer, unless they span less than half
    of their range, as in dim fluorescence. They and all others go from zero on, so that
    no hue changes, to where the brightest channel of nearly all pixels ends: a picture in
    one colour is as bright as a grey one, and does not burn out.

    Parameters
    ----------
    colors : ndarray, shape (..., 3)
        What is no number does not count.

    Returns
    -------
    float, float
        The first is below the second.

    Examples
    --------
    >>> red = np.zeros((20, 20, 3), np.uint8)
    >>> red[..., 0] = 200
    >>> color_range(red)
    (0.0, 255.0)
    >>> color_range(red // 4)
    (0.0, 50.0)
    """
    low, high = _ends(colors.reshape(-1, colors.shape[-1]))
    low = min(low, 0.0)
    if colors.dtype == np.uint8 and not _FLAT < high - low < _DIM:
        return 0.0, 255.0
    return (low, high) if high > low else (low, low + 1.0)


def _ends(pixels: NDArray[Any]) -> tuple[float, float]:
    """Return between which values the brightest channel of nearly all pixels lies."""
    some = pixels[:: max(1, len(pixels) // _SAMPLES)]
    brightest = some.max(axis=1)
    brightest = brightest[np.isfinite(brightest)]
    if brightest.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(brightest, _STRETCH))
    if high <= low:
        return float(brightest.min()), float(brightest.max())
    return low, high
