"""What networks answer on pictures that they were not trained on, and how good it is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segmetry.evaluate import MeanScore, evaluate_set, judge_objects, match_objects
from segmetry.learn.cutoffs import best_cutoffs
from segmetry.learn.densities import count_scores, found_and_true
from segmetry.learn.examples import Example, typical_diameter
from segmetry.learn.networks import build
from segmetry.learn.scores import mean_scores
from segmetry.learn.tasks import MIN_AREA, OBJECTS, Task, cut_objects
from segmetry.models.normalization import normalized
from segmetry.models.outputs import Cutoffs, density_spread, named_maps
from segmetry.models.scale import resampled
from segmetry.segment import Maps

__all__ = [
    "Answer",
    "Held",
    "answers",
    "evaluated",
    "hold",
    "map_pictures",
    "network_of",
    "pooled_cutoffs",
    "scores",
]

_MOST_TO_CHOOSE_ON = 50  # pictures: more do not change the cutoffs, but take long


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
    network: nn.Module, held: Sequence[Held], task: Task, *, precision: torch.dtype
) -> list[Maps]:
    """Return the maps of held-out pictures, each at its picture's own size.

    Parameters
    ----------
    network : Module
        Gives logits; it is left in the mode for judging.
    held : sequence of Held
    task : Task
        That of the network.
    precision : torch.dtype
        In which the network computes: float32 or bfloat16.

    Returns
    -------
    list of Maps
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
        chances = torch.softmax(logits, 0) if task.has_classes else torch.sigmoid(logits)
        answer = np.ascontiguousarray(chances.permute(1, 2, 0).numpy())
        rows, columns = one.example.labels.shape
        maps.append(named_maps(task.outputs, answer, shape=(rows, columns)))
    return maps


@dataclass(frozen=True, eq=False)
class Answer:
    """A held-out picture and the maps that a network gave for it.

    Parameters
    ----------
    example : Example
    maps : Maps
    task : Task
        What the maps tell.
    """

    example: Example
    maps: Maps
    task: Task = OBJECTS


def network_of(architecture: Mapping[str, Any], weights: Mapping[str, Tensor]) -> nn.Module:
    """Return a network with weights, ready to judge pictures."""
    network = build(architecture)
    network.load_state_dict(dict(weights))
    return network.eval()


def answers(
    network: nn.Module,
    examples: Sequence[Example],
    *,
    channels: int,
    diameter: float | None,
    task: Task = OBJECTS,
) -> Iterator[Answer]:
    """Yield the maps of each picture; memory holds only what the caller keeps.

    Parameters
    ----------
    network : Module
    examples : sequence of Example
    channels : int
    diameter : float or None
        To which objects are brought, by their true sizes; `None` leaves the pixels.
    task : Task
        That of the network.
    """
    for example in examples:
        held = hold([example], channels=channels, diameter=diameter)
        maps = map_pictures(network, held, task, precision=torch.float32)
        yield Answer(example, maps[0], task)


def scores(
    judged: Iterator[Answer] | Sequence[Answer],
    *,
    cutoffs: Cutoffs | None = None,
    min_area: int = MIN_AREA,
) -> list[float]:
    """Return the score of each picture, of the kind that its task has."""
    return [
        one.task.value(one.maps, one.example, cutoffs=cutoffs, min_area=min_area)
        for one in judged
    ]


def pooled_cutoffs(judged: Sequence[Answer]) -> Cutoffs:
    """Return the cutoffs that suit pictures best that different networks were not shown.

    At most 50 pictures, spread over all, are looked at.
    """
    n = min(len(judged), _MOST_TO_CHOOSE_ON)
    some = [judged[k] for k in np.linspace(0, len(judged) - 1, n).astype(int)]
    return best_cutoffs(
        lambda cutoffs: float(np.mean(scores(some, cutoffs=cutoffs))),
        choices=judged[0].task.choices,
    )[0]


def evaluated(judged: Sequence[Answer], cutoffs: Cutoffs) -> Mapping[str, MeanScore]:
    """Return all scores of pictures, with intervals."""
    task = judged[0].task
    if task.name != "objects":
        told = [task.judged(one.maps, one.example, cutoffs, MIN_AREA) for one in judged]
        examples = [one.example for one in judged]
        spread = density_spread(task.outputs)
        if spread is None:
            return mean_scores(told, examples)
        counts = [found_and_true(one.maps, one.example, spread=spread) for one in judged]
        return {**mean_scores(told, examples), **count_scores(counts, examples)}
    rows = {
        one.example.name: judge_objects(
            match_objects(
                cut_objects(one.maps, one.example, cutoffs=cutoffs), one.example.labels
            )
        )
        for one in judged
    }
    clusters = {one.example.name: one.example.group or one.example.name for one in judged}
    return evaluate_set(rows, task="objects", clusters=clusters).scores
