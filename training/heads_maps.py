"""The head that is shipped: foreground, border and distance, cut as every model is."""

import numpy as np
from heads_training import Head
from numpy.typing import NDArray
from scipy.special import expit

from segmetry.learn.examples import Example
from segmetry.learn.judging import MIN_AREA
from segmetry.learn.losses import object_loss
from segmetry.models.scale import resampled
from segmetry.segment.hills import Cutoffs, cut_hills
from segmetry.segment.objects import fill_holes


def maps_of(logits: NDArray[np.float32], example: Example) -> NDArray[np.float32]:
    """Return the maps (Y, X, 3) at the size of the picture."""
    return resampled(expit(logits), example.labels.shape)


def objects_of(
    maps: NDArray[np.float32], example: Example, cutoffs: Cutoffs
) -> NDArray[np.uint32]:
    """Return the objects (Y, X) in the maps."""
    foreground = (maps[..., 0] > cutoffs.foreground) & example.image.included
    return cut_hills(
        fill_holes(foreground),
        maps[..., 2],
        maps[..., 1],
        cutoffs=cutoffs,
        min_area=MIN_AREA,
    )


MAPS = Head(
    name="foreground, border, distance",
    n_maps=3,
    seen=lambda labels: labels,
    targets=lambda crop: crop.maps,
    loss=object_loss,
    begin=maps_of,
    cut=objects_of,
    options=Cutoffs(),
    choices={
        "foreground": (0.4, 0.5, 0.6, 0.7),
        "waist": (0.7, 0.8, 0.9),
        "depth": (0.05, 0.1, 0.2),
        "border": (0.0, 0.3, 0.6),
    },
)
