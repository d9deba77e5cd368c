"""From annotated pictures to a trained network."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from segmetry.errors import DatasetError, RecipeError
from segmetry.learn.batches import Batches, batches_of
from segmetry.learn.checkpoint import State
from segmetry.learn.examples import Example
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.loop import Aim, Progress, best_precision, train
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan

__all__ = ["fit"]

# Logits of a density before it is learned. From a half in every pixel, the sum over all
# that is no object falls so slowly that 200 steps still counted twenty times too many.
_NEARLY_NOTHING = -7.0


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

    Raises
    ------
    DatasetError
        If there are no pictures to train or to validate on.
    RecipeError
        If the side of the crops does not suit the network.
    ModelError
        If the architecture is not known, or the checkpoint is of another run.
    """
    if not training or not validation:
        msg = (
            "training needs pictures to learn from and others to validate on, got "
            f"{len(training)} and {len(validation)}; add annotated pictures"
        )
        raise DatasetError(msg)
    channels, task = int(plan.architecture["channels"]), plan.task
    network = _started(plan, start)
    state = State.new(network, weight_decay=plan.schedule.weight_decay)
    batches = batches_of(training, plan)
    precision = _precision(plan, network, batches)
    held = hold(validation, channels=channels, diameter=plan.diameter)

    def score(judged: nn.Module) -> float:
        maps = map_pictures(judged, held, task, precision=precision)
        scores = [
            task.value(its_maps, one.example)
            for its_maps, one in zip(maps, held, strict=True)
        ]
        return float(np.mean(scores))

    aim = Aim(loss=LOSSES[plan.loss], score=score, precision=precision)
    about = {
        "plan": plan.as_json(),
        "pictures": [_identity(example) for example in training],
        "held out": [_identity(example) for example in validation],
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


def _identity(example: Example) -> str:
    """Return the name of a picture, and a hash of its pixels and its mask."""
    parts = (example.image.pixels, example.image.included, example.labels)
    digest = hashlib.sha256(repr([part.shape for part in parts]).encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part).data)
    return f"{example.name} {digest.hexdigest()}"


def _started(plan: Plan, start: Mapping[str, torch.Tensor] | None) -> nn.Module:
    """Return the network before its first step, with the same weights for a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        network = build(plan.architecture)
    if plan.task.name == "counts":
        nn.init.constant_(network.get_parameter("head.bias"), _NEARLY_NOTHING)
    if start is not None:
        network.load_state_dict(start)
    multiple = int(getattr(network, "multiple", 1))
    if plan.side % multiple:
        msg = f"side must be a multiple of {multiple} for this network, got {plan.side}"
        raise RecipeError(msg)
    return network


def _precision(plan: Plan, network: nn.Module, batches: Batches) -> torch.dtype:
    if plan.precision == "auto":
        return best_precision(network, batches.batch(0)[0])
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[plan.precision]
