"""Foreground, border and distance, cut where the hills of the distance are parted."""

from dataclasses import dataclass

import numpy as np
from heads_training import Head
from hills import cut_hills, object_loss
from numpy.typing import NDArray
from scipy.special import expit

from segmetry.learn.examples import Example
from segmetry.learn.judging import MIN_AREA
from segmetry.models.scale import resampled
from segmetry.segment.objects import fill_holes


@dataclass(frozen=True)
class Options:
    """How maps become objects.

    Parameters
    ----------
    foreground, waist, depth, border : float
        See `hills.cut_hills`, whose `lowered` is `border`.
    least : float
        Pixels of the smallest object, at the scale of training. The other heads have such
        a limit too; the program drops doubtful objects by their confidence instead.
    """

    foreground: float = 0.5
    waist: float = 0.8
    depth: float = 0.1
    border: float = 0.5
    least: float = 10


def maps_of(
    logits: NDArray[np.float32], example: Example
) -> tuple[NDArray[np.float32], float]:
    """Return the maps (Y, X, 3) of a picture, and its pixels per pixel that was seen."""
    maps = resampled(expit(logits), example.labels.shape)
    return maps, example.labels.size / (logits.shape[0] * logits.shape[1])


def objects_of(
    told: tuple[NDArray[np.float32], float], example: Example, options: Options
) -> NDArray[np.uint32]:
    """Return the objects (Y, X) in the maps."""
    maps, pixels = told
    foreground = (maps[..., 0] > options.foreground) & example.image.included
    return cut_hills(
        fill_holes(foreground),
        maps[..., 2],
        maps[..., 1],
        waist=options.waist,
        depth=options.depth,
        lowered=options.border,
        min_area=max(MIN_AREA, round(options.least * pixels)),
    )


MAPS = Head(
    name="foreground, border, distance",
    n_maps=3,
    seen=lambda labels: labels,
    targets=lambda crop: crop.maps,
    loss=object_loss,
    begin=maps_of,
    cut=objects_of,
    options=Options(),
    choices={
        "foreground": (0.4, 0.5, 0.6, 0.7),
        "waist": (0.7, 0.8, 0.9),
        "depth": (0.05, 0.1, 0.2),
        "border": (0.0, 0.3, 0.6),
        "least": (10, 20, 40, 80),
    },
)
