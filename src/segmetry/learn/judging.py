"""What a network answers on pictures that it was not trained on, and its objects."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from segmetry.learn.prepared import Example, typical_diameter
from segmetry.models.normalization import normalized
from segmetry.models.scale import resampled
from segmetry.segment.hills import Cutoffs, cut_hills
from segmetry.segment.objects import fill_holes

__all__ = ["MIN_AREA", "Held", "cut_objects", "hold", "map_pictures"]

MIN_AREA = 16  # pixels of the picture: smaller objects are dropped


@dataclass(frozen=True, eq=False)
class Held:
    """A held-out picture as the network sees it.

    Parameters
    ----------
    values : ndarray of float32, shape (Y', X', C)
        Normalised, at the scale of training.
    example : Example
    """

    values: NDArray[np.float32]
    example: Example


def hold(
    examples: Sequence[Example], *, channels: int, diameter: float | None
) -> list[Held]:
    """Bring held-out pictures to the scale of training by their true objects.

    Parameters
    ----------
    examples : sequence of Example
    channels : int
        1 or 3.
    diameter : float or None
        Diameter in pixels to which the typical object of each picture is brought; `None`
        keeps the pixels as they are, and so does a picture without objects.

    Returns
    -------
    list of Held
    """
    held = []
    for example in examples:
        values = normalized(example.image, channels=channels)
        typical = typical_diameter(example.labels)
        if diameter and not math.isnan(typical):
            factor = float(np.clip(diameter / typical, 1 / 8, 4))
            height, width = (max(round(side * factor), 8) for side in values.shape[:2])
            values = resampled(values, (height, width), cubic=True)
        held.append(Held(values, example))
    return held


@torch.no_grad()
def map_pictures(
    network: nn.Module,
    held: Sequence[Held],
    *,
    precision: torch.dtype,
    has_classes: bool = False,
) -> list[NDArray[np.float32]]:
    """Return the maps of held-out pictures, each at its picture's own size.

    Parameters
    ----------
    network : Module
        Gives logits; it is left in the mode for judging.
    held : sequence of Held
    precision : torch.dtype
        In which the network computes: float32 or bfloat16.
    has_classes : bool
        Whether the maps exclude each other (softmax), or each is its own (sigmoid).

    Returns
    -------
    list of ndarray of float32, shape (Y, X, K)
        From 0 to 1.
    """
    network.eval()
    maps = []
    for one in held:
        values, (height, width) = one.values, one.values.shape[:2]
        multiple = int(getattr(network, "multiple", 32))
        below, right = -height % multiple, -width % multiple
        padded = np.pad(values, ((0, below), (0, right), (0, 0)), mode="symmetric")
        batch = torch.from_numpy(padded).permute(2, 0, 1)[None]
        batch = batch.to(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=precision, enabled=precision != torch.float32):
            logits = network(batch)
        logits = logits[0, :, :height, :width].float()
        chances = torch.softmax(logits, dim=0) if has_classes else torch.sigmoid(logits)
        answer = np.ascontiguousarray(chances.permute(1, 2, 0).numpy())
        rows, columns = one.example.labels.shape
        maps.append(resampled(answer, (rows, columns)))
    return maps


def cut_objects(
    answer: NDArray[np.float32],
    example: Example,
    *,
    cutoffs: Cutoffs | None = None,
    min_area: int = MIN_AREA,
) -> NDArray[np.uint32]:
    """Return the objects in the maps of a picture, of shape (Y, X, K)."""
    chosen = cutoffs or Cutoffs()
    foreground = (answer[..., 0] > chosen.foreground) & example.image.included
    return cut_hills(
        fill_holes(foreground),
        answer[..., 2],
        answer[..., 1],
        cutoffs=chosen,
        min_area=min_area,
    )
