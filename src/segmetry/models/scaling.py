"""The scaling of a picture's grey values, of one that may be larger than memory."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segmetry.models.card import Normalization
from segmetry.models.normalization import FEWEST, MOST, Scaling, values_for
from segmetry.segment.histogram import Histogram, histogram, joined
from segmetry.segment.windows import Over, blocks
from segmetry.tiled import TiledImage, Window

__all__ = ["scaling_in"]

_FINE = 4096  # bins, or more, that shall lie between the two percentiles
_MOST_PASSES = 4  # each of them looks at bins up to 65,536 times finer


@dataclass(frozen=True, eq=False)
class _Sums:
    """What a block tells of one channel, or of all together.

    Parameters
    ----------
    values : Histogram
    total, squares : float
        Sums of the values and of their squares.
    """

    values: Histogram
    total: float
    squares: float


def scaling_in(
    tiled: TiledImage, told: Normalization, *, channels: int, over: Over = map
) -> Scaling:
    """Return how the grey values of a picture become those that a network wants.

    Parameters
    ----------
    tiled : TiledImage
    told : Normalization
        What the network wants.
    channels : int
        As for `segmetry.models.normalization.normalized`.
    over : callable
        `map`, or what does the same in several processes.

    Returns
    -------
    Scaling
        Percentiles are exact for whole numbers below 2**16, and else to less than a
        thousandth of the range between them.
    """
    work = partial(_sums_in, tiled, channels, told.per_channel, None)
    sums = list(zip(*over(work, blocks(tiled.spatial_shape)), strict=True))
    coarse = [joined(one.values for one in parts) for parts in sums]
    if told.kind in {"percentiles", "range"}:
        fine = _finer(tiled, told, channels, coarse, over)
        first, last = (
            np.array([one.percentile(percent) for one in fine], np.float32)
            for percent in (told.low, told.high)
        )
        spans = last - first
    elif told.kind == "mean":
        n = np.array([one.n for one in coarse])
        means = np.array([sum(one.total for one in parts) for parts in sums]) / n
        squares = np.array([sum(one.squares for one in parts) for parts in sums]) / n
        first = means.astype(np.float32)
        spans = np.sqrt(np.maximum(squares - means**2, 0)).astype(np.float32)
    else:
        first, spans = np.zeros(1, np.float32), np.ones(1, np.float32)
    spans = spans + np.float32(told.epsilon)
    divisors = np.where(spans > 0, spans, np.float32(1))
    medians = np.array([one.median for one in coarse], np.float32)
    middles = (medians - first) / divisors
    limited = told.kind == "percentiles"
    if limited:
        middles = np.clip(middles, np.float32(FEWEST), np.float32(MOST))
    return Scaling(_told(first), _told(divisors), limited, _told(middles))


def _finer(
    tiled: TiledImage,
    told: Normalization,
    channels: int,
    coarse: list[Histogram],
    over: Over,
) -> list[Histogram]:
    """Return histograms that are fine where the percentiles are; a pass for each."""
    for _ in range(_MOST_PASSES):
        ends = [
            (one.percentile(told.low), one.percentile(told.high), 2.0**one.exponent)
            for one in coarse
        ]
        if all(last - first >= _FINE * width for first, last, width in ends) or all(
            one.exponent <= 0 and _is_whole(tiled) for one in coarse
        ):
            break
        limits = [(first - 2 * width, last + 2 * width) for first, last, width in ends]
        work = partial(_sums_in, tiled, channels, told.per_channel, limits)
        sums = zip(*over(work, blocks(tiled.spatial_shape)), strict=True)
        coarse = [joined(one.values for one in parts) for parts in sums]
    return coarse


def _is_whole(tiled: TiledImage) -> bool:
    """Return whether grey values are whole numbers, which no finer bins tell better."""
    corner = tiled.read((slice(0, 1), slice(0, 1)))
    return corner.axes == "YX" and corner.pixels.dtype.kind in "bui"


def _sums_in(
    tiled: TiledImage,
    channels: int,
    per_channel: bool,
    limits: list[tuple[float, float]] | None,
    window: Window,
) -> list[_Sums]:
    image = tiled.read(window)
    values = values_for(image, channels)
    sample = values if image.excluded is None else values[image.included]
    rows = sample.reshape(-1, values.shape[-1] if per_channel else 1).astype(np.float32)
    found = []
    for number, own in enumerate(np.ascontiguousarray(rows.T)):
        within = own if limits is None else np.clip(own, *limits[number])
        found.append(_Sums(histogram(within), *_moments(own)))
    return found


def _moments(values: NDArray[np.float32]) -> tuple[float, float]:
    wide = values.astype(np.float64)
    return float(wide.sum()), float((wide**2).sum())


def _told(values: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
