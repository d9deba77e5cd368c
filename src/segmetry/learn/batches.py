"""Batches of crops, the same for the same seed and step, on every machine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from segmetry.learn.augment import Appearance, vary
from segmetry.learn.crops import Geometry, draw_crop, grid_of
from segmetry.learn.examples import Example, Prepared, prepare
from segmetry.learn.plan import Plan

__all__ = ["Batches", "batches_of", "sampling_shares"]


def sampling_shares(sources: Sequence[Prepared]) -> NDArray[np.float64]:
    """Return how often a crop is drawn from each picture.

    Pictures of one group are alike, and so are those of one kind: both count less the more
    of them there are, by the square root of their number. Each counts as often as its
    `draws` say.
    """
    groups = Counter(source.example.group or source.example.name for source in sources)
    kinds = Counter(source.example.kind for source in sources)
    shares = np.array(
        [
            source.draws
            * (
                groups[source.example.group or source.example.name]
                * kinds[source.example.kind]
            )
            ** -0.5
            for source in sources
        ]
    )
    return shares / shares.sum()


@dataclass(frozen=True, kw_only=True)
class Batches:
    """All batches of a training run, each made when it is asked for.

    A batch depends on the seed and its own number alone, so a run that was stopped goes
    on as if it had not been.

    Parameters
    ----------
    sources : sequence of Prepared
    channels : int
    size : int
        Crops in a batch.
    side : int
        Height and width of a crop.
    geometry : Geometry
    appearance : Appearance
    seed : int
    """

    sources: Sequence[Prepared]
    channels: int
    size: int
    side: int
    geometry: Geometry
    appearance: Appearance
    seed: int

    def batch(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return pictures (N, C, Y, X), targets (N, K, Y, X) and weights (N, 1, Y, X)."""
        random = np.random.default_rng([self.seed, number])
        shares = sampling_shares(self.sources)
        chosen = random.choice(len(self.sources), size=self.size, p=shares)
        crops = [
            draw_crop(
                self.sources[index], side=self.side, geometry=self.geometry, random=random
            )
            for index in chosen
        ]
        pictures = _stacked([self._coloured(values) for values, _, _ in crops])
        targets = _stacked([targets for _, targets, _ in crops])
        weight = _stacked([weight[..., None] for _, _, weight in crops])
        look = torch.Generator().manual_seed(int(random.integers(2**62)))
        return vary(pictures, self.appearance, look), targets, weight

    def _coloured(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        shape = (self.side, self.side, self.channels)
        return np.broadcast_to(values, shape)


def batches_of(examples: Sequence[Example], plan: Plan) -> Batches:
    """Return the batches of a training on these pictures.

    Parameters
    ----------
    examples : sequence of Example
    plan : Plan
    """
    task, channels = plan.task, int(plan.architecture["channels"])
    sources = prepare(
        examples,
        channels=channels,
        diameter=plan.diameter,
        targets=task.targets,
        places=task.places,
        has_flows=task.has_flows,
        crowding=plan.crowding,
    )
    if plan.stride is not None:
        grids = (grid_of(one, side=plan.side, stride=plan.stride) for one in sources)
        sources = [crop for grid in grids for crop in grid]
    return Batches(
        sources=sources,
        channels=channels,
        size=plan.batch,
        side=plan.side,
        geometry=plan.geometry,
        appearance=plan.appearance,
        seed=plan.seed,
    )


def _stacked(arrays: Sequence[NDArray[np.float32]]) -> Tensor:
    batch = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2)
    return batch.to(memory_format=torch.channels_last)
