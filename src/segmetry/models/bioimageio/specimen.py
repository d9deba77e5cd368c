"""A drawn picture on which any network of ours has something to find."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["specimen"]


def specimen(side: int, diameter: float, *, channels: int) -> NDArray[np.float32]:
    """Return a drawn picture: bright discs on the left, dark lines on bright on the right.

    Parameters
    ----------
    side : int
        Height and width in pixels.
    diameter : float
        Of the discs, in pixels. Lines have a fifth of it.
    channels : int

    Returns
    -------
    ndarray of float32, shape (side, side, channels)
        Grey values of 8 bits, with the noise of a camera; always the same.

    Examples
    --------
    >>> specimen(64, 12, channels=3).shape
    (64, 64, 3)
    """
    y, x = np.mgrid[:side, :side].astype(np.float64)
    pitch = 1.5 * diameter
    from_disc = np.hypot((y % pitch) - pitch / 2, (x % pitch) - pitch / 2) - diameter / 2
    discs = 30 + 150 / (1 + np.exp(2 * from_disc))
    wave = np.abs((y + 0.4 * diameter * np.sin(x / diameter)) % pitch - pitch / 2)
    lines = 190 - 110 / (1 + np.exp(2 * (wave - diameter / 10)))
    grey = np.where(x < side / 2, discs, lines)
    noise = np.random.default_rng(0).normal(0, 4, (side, side))
    drawn = (grey + noise).clip(0, 255).round().astype(np.float32)
    return np.repeat(drawn[..., None], channels, axis=-1)
