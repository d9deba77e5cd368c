"""Judging networks on held-out pictures, one picture at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segmetry.evaluate import MeanScore, evaluate_set, judge_objects, match_objects
from segmetry.learn.choosing import best_cutoffs
from segmetry.learn.judging import MIN_AREA, cut_objects, hold, map_pictures
from segmetry.learn.networks import build
from segmetry.learn.pixel_scores import mean_scores
from segmetry.learn.prepared import Example
from segmetry.learn.tasks import OBJECTS, Task
from segmetry.segment.hills import Cutoffs

__all__ = ["Answer", "answers", "evaluated", "network_of", "pooled_cutoffs", "scores"]

_MOST_TO_CHOOSE_ON = 50  # pictures: more do not change the cutoffs, but take long


@dataclass(frozen=True, eq=False)
class Answer:
    """A held-out picture and the maps that a network gave for it.

    Parameters
    ----------
    example : Example
    maps : ndarray of float32, shape (Y, X, K)
    task : Task
        What the maps tell.
    """

    example: Example
    maps: NDArray[np.float32]
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
        maps = map_pictures(
            network, held, precision=torch.float32, has_classes=task.has_classes
        )
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
        return mean_scores(told, [one.example for one in judged])
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
