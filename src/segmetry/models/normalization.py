"""Grey values as a network wants them: the same at training and at running.

What has to be known of the whole picture, a few numbers, is found first; with it, any part
of the picture is scaled as the whole would be.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = [
    "FEWEST",
    "HIGH",
    "LOW",
    "MOST",
    "Scaling",
    "ScalingKind",
    "normalized",
    "scaled",
    "scaling_of",
    "values_for",
]

ScalingKind = Literal["percentiles", "range", "mean", "none"]

LOW, HIGH = 0.5, 99.8  # percentiles that become 0 and 1
FEWEST, MOST = -0.5, 1.5  # nothing outside is passed on


@dataclass(frozen=True)
class Scaling:
    """How the grey values of one picture become those that a network wants.

    Parameters
    ----------
    offsets, divisors : tuple of float
        One for all channels, or one for each: (value - offset) / divisor, in single
        precision.
    limited : bool
        Whether values end at -0.5 and 1.5.
    filling : tuple of float
        What excluded pixels hold once all is scaled: the median of the others.
    """

    offsets: tuple[float, ...] = (0.0,)
    divisors: tuple[float, ...] = (1.0,)
    limited: bool = True
    filling: tuple[float, ...] = (0.0,)


def normalized(
    image: Image,
    *,
    channels: int,
    low: float = LOW,
    high: float = HIGH,
    kind: ScalingKind = "percentiles",
    per_channel: bool = False,
    epsilon: float = 0.0,
) -> NDArray[np.float32]:
    """Return a picture's values on the scale that networks are trained on.

    Percentiles are taken over the whole picture and, as networks of Segmetry want it, over
    all channels together, so that colours keep their hue.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    channels : int
        1 or 3. A grey picture is repeated for 3; a coloured one becomes grey for 1, and
        for 3 when it has another number of channels.
    low, high : float
        Percentiles of the included pixels that become 0 and 1.
    kind : {"percentiles", "range", "mean", "none"}
        Networks made elsewhere may want percentiles without an end at -0.5 and 1.5
        ("range"), the mean as 0 and the standard deviation as 1 ("mean"), or the grey
        values as they are ("none").
    per_channel : bool
        Scale each channel by itself.
    epsilon : float
        Added to what is divided by.

    Returns
    -------
    ndarray of float32, shape (Y, X, channels)
        From -0.5 to 1.5, unless the kind is another. Excluded pixels hold the median of
        the others; a flat picture is 0 everywhere.

    Examples
    --------
    >>> ramp = np.tile(np.arange(101, dtype=np.float32), (2, 1))
    >>> float(normalized(Image(ramp), channels=1, low=0, high=100)[0, 50, 0])
    0.5
    """
    scaling = scaling_of(
        image,
        channels=channels,
        low=low,
        high=high,
        kind=kind,
        per_channel=per_channel,
        epsilon=epsilon,
    )
    return scaled(image, scaling, channels=channels)


def scaling_of(
    image: Image,
    *,
    channels: int,
    low: float = LOW,
    high: float = HIGH,
    kind: ScalingKind = "percentiles",
    per_channel: bool = False,
    epsilon: float = 0.0,
) -> Scaling:
    """Return what has to be known of a whole picture to scale any part of it.

    Takes what `normalized` takes.

    Examples
    --------
    >>> ramp = np.tile(np.arange(101, dtype=np.float32), (2, 1))
    >>> scaling_of(Image(ramp), channels=1, low=0, high=50).divisors
    (50.0,)
    """
    values, included = values_for(image, channels), image.included
    if not included.any():
        return Scaling()
    everything = bool(included.all())
    sample = values if everything else values[included]
    # Alone or together: one row of numbers for each channel, or a single one.
    sample = sample.reshape(-1, values.shape[-1] if per_channel else 1)
    if kind in {"percentiles", "range"}:
        first, last = np.percentile(sample, [low, high], axis=0).astype(np.float32)
        spans = last - first
    elif kind == "mean":
        first = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
        spans = sample.std(axis=0, dtype=np.float64).astype(np.float32)
    else:
        first, spans = np.zeros(1, np.float32), np.ones(1, np.float32)
    spans = spans + np.float32(epsilon)
    divisors = np.where(spans > 0, spans, np.float32(1))
    scaling = Scaling(_told(first), _told(divisors), kind == "percentiles")
    if everything:
        return scaling
    middle = np.median(_applied(values[included], scaling), axis=0 if per_channel else None)
    return Scaling(
        scaling.offsets, scaling.divisors, scaling.limited, _told(np.atleast_1d(middle))
    )


def scaled(image: Image, scaling: Scaling, *, channels: int) -> NDArray[np.float32]:
    """Return a picture, or a part of one, as the scaling of the whole makes it.

    Parameters
    ----------
    image : Image
    scaling : Scaling
        Of the whole picture.
    channels : int
        As for `normalized`.

    Returns
    -------
    ndarray of float32, shape (Y, X, channels)

    Examples
    --------
    >>> scaled(Image(np.full((1, 1), 30)), Scaling((10.0,), (40.0,)), channels=1).item()
    0.5
    """
    result = _applied(values_for(image, channels), scaling)
    if image.excluded is not None:
        result[~image.included] = np.array(scaling.filling, np.float32)
    return np.repeat(result, channels // result.shape[-1], axis=-1)


def values_for(image: Image, channels: int) -> NDArray[Any]:
    """Return the values that a network of so many channels looks at, shape (Y, X, C)."""
    is_colour = image.axes == "YXC" and image.pixels.shape[-1] == 3 and channels == 3
    return image.pixels if is_colour else image.grey[..., None]


def _applied(values: NDArray[Any], scaling: Scaling) -> NDArray[np.float32]:
    # Single precision throughout: twice as wide, a large picture would not fit into memory.
    result = values.astype(np.float32)
    result -= np.array(scaling.offsets, np.float32)
    result /= np.array(scaling.divisors, np.float32)
    if scaling.limited:
        np.clip(result, FEWEST, MOST, out=result)
    return result


def _told(values: NDArray[np.float32]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
