"""Grey values as a network wants them: the same at training and at running."""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = ["HIGH", "LOW", "normalized"]

LOW, HIGH = 0.5, 99.8  # percentiles that become 0 and 1
_FEWEST, _MOST = -0.5, 1.5  # nothing outside is passed on


def normalized(
    image: Image, *, channels: int, low: float = LOW, high: float = HIGH
) -> NDArray[np.float32]:
    """Return a picture's values on the scale that networks are trained on.

    Percentiles are taken over the whole picture and all channels together, so that
    colours keep their hue.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    channels : int
        1 or 3. A grey picture is repeated for 3; a coloured one becomes grey for 1, and
        for 3 when it has another number of channels.
    low, high : float
        Percentiles of the included pixels that become 0 and 1.

    Returns
    -------
    ndarray of float32, shape (Y, X, channels)
        From -0.5 to 1.5. Excluded pixels hold the median of the others; a flat picture is
        0 everywhere.

    Examples
    --------
    >>> ramp = np.tile(np.arange(101, dtype=np.float32), (2, 1))
    >>> float(normalized(Image(ramp), channels=1, low=0, high=100)[0, 50, 0])
    0.5
    """
    is_colour = image.axes == "YXC" and image.pixels.shape[-1] == 3 and channels == 3
    values = image.pixels if is_colour else image.grey[..., None]
    included = image.included
    if not included.any():
        return np.zeros((*values.shape[:2], channels), np.float32)
    everything = bool(included.all())
    # Single precision throughout: twice as wide, a large picture would not fit into memory.
    sample = values if everything else values[included]
    dark, bright = np.percentile(sample, [low, high]).astype(np.float32)
    scaled = values.astype(np.float32)
    scaled -= dark
    scaled /= bright - dark if bright > dark else np.float32(1)
    np.clip(scaled, _FEWEST, _MOST, out=scaled)
    if not everything:
        scaled[~included] = np.median(scaled[included])
    return np.repeat(scaled, channels // scaled.shape[-1], axis=-1)
