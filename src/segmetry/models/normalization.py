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
    values = image.pixels.astype(np.float32) if is_colour else image.grey[..., None]
    included = image.included
    sample = values[included] if included.any() else values.reshape(-1, values.shape[-1])
    dark, bright = np.percentile(sample, [low, high])
    span = bright - dark if bright > dark else 1.0
    scaled = np.clip((values - dark) / span, _FEWEST, _MOST).astype(np.float32)
    if not included.all():
        scaled[~included] = np.median(scaled[included]) if included.any() else 0
    return np.broadcast_to(scaled, (*scaled.shape[:2], channels)).copy()
