"""From annotated pictures to a trained network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from segmetry.learn.augment import Appearance
from segmetry.learn.batches import Batches
from segmetry.learn.crops import Geometry
from segmetry.learn.judging import hold, map_pictures, score_objects
from segmetry.learn.loop import Aim, Progress, Schedule, best_precision, train
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import OBJECT_OUTPUTS, SIZES, build
from segmetry.learn.prepared import Example, prepare
from segmetry.learn.state import State

__all__ = ["Plan", "fit"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every choice of a training run.

    Parameters
    ----------
    architecture : mapping
        See `segmetry.learn.networks.build`.
    diameter : float or None
        Diameter to which the typical object of a picture is brought; `None` trains on the
        pixels as they are.
    side, batch : int
        Height and width of a crop, and crops in a batch.
    schedule : Schedule
    geometry : Geometry
    appearance : Appearance
    loss : str
        A name of `segmetry.learn.losses.LOSSES`.
    precision : {"auto", "float32", "bfloat16"}
        "auto" times both and takes the faster.
    seed : int
    """

    architecture: Mapping[str, Any] = field(
        default_factory=lambda: {
            "kind": "unet",
            "channels": 3,
            "outputs": list(OBJECT_OUTPUTS),
            **SIZES["medium"],
        }
    )
    diameter: float | None = 24.0
    side: int = 192
    batch: int = 8
    schedule: Schedule = field(default_factory=Schedule)
    geometry: Geometry = field(default_factory=Geometry)
    appearance: Appearance = field(default_factory=Appearance)
    loss: str = "objects"
    precision: str = "auto"
    seed: int = 0


def fit(
    training: Sequence[Example],
    validation: Sequence[Example],
    plan: Plan,
    *,
    checkpoint: Path | None = None,
    start: Mapping[str, torch.Tensor] | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> State:
    """Train a network; the best of its validations is kept.

    Parameters
    ----------
    training, validation : sequence of Example
    plan : Plan
    checkpoint : Path or None
        Written every few minutes; if it is there, the run goes on from it.
    start : mapping of str to Tensor, or None
        Weights to start from; `None` starts from random ones.
    report : callable
        Gets a `Progress` now and then.

    Returns
    -------
    State
    """
    torch.manual_seed(plan.seed)
    channels = int(plan.architecture["channels"])
    network = build(plan.architecture).to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(start)
    state = State.new(network, weight_decay=plan.schedule.weight_decay)
    batches = Batches(
        sources=prepare(training, channels=channels, diameter=plan.diameter),
        channels=channels,
        size=plan.batch,
        side=plan.side,
        geometry=plan.geometry,
        appearance=plan.appearance,
        seed=plan.seed,
    )
    precision = _precision(plan, network, batches)
    held = hold(validation, channels=channels, diameter=plan.diameter)

    def score(judged: torch.nn.Module) -> float:
        rows = score_objects(map_pictures(judged, held, precision=precision), held)
        return float(np.mean([row["dsb_score"] for row in rows]))

    aim = Aim(loss=LOSSES[plan.loss], score=score, precision=precision)
    about = {
        "plan": {**asdict(plan), "architecture": dict(plan.architecture)},
        "pictures": [example.name for example in training],
        "held out": [example.name for example in validation],
    }
    return train(
        state,
        batches,
        plan.schedule,
        aim,
        checkpoint=checkpoint,
        about=about,
        report=report,
    )


def _precision(plan: Plan, network: torch.nn.Module, batches: Batches) -> torch.dtype:
    if plan.precision == "auto":
        weights = {name: value.clone() for name, value in network.state_dict().items()}
        chosen = best_precision(network, batches.batch(0)[0])
        network.load_state_dict(weights)  # timing moved the running statistics
        return chosen
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[plan.precision]
