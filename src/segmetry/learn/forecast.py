"""How long a training takes on this machine, and how many steps fit into a time."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from segmetry.learn.batches import Batches
from segmetry.learn.checkpoint import State
from segmetry.learn.examples import Example, prepare
from segmetry.learn.loop import Aim, best_precision, train
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan, Precision, Schedule

__all__ = ["duration", "forecast", "measured", "steps_for", "with_duration"]

_FEWEST_STEPS, _MOST_STEPS = 10, 50_000
_TRAINING_SHARE = 0.75  # of the time; the rest goes to judging, cutoffs and export
_VALIDATIONS = 20
_PATIENCE = 8  # validations
_TIMED_STEPS = 3
_ENOUGH_TO_TIME = 8  # pictures


def measured(plan: Plan, examples: Sequence[Example]) -> tuple[Plan, float]:
    """Return the plan with the faster precision, and the seconds that a step takes.

    The first steps are made and thrown away, on this machine with these pictures.
    """
    channels = int(plan.architecture["channels"])
    batches = Batches(
        sources=prepare(
            examples[:_ENOUGH_TO_TIME],
            channels=channels,
            diameter=plan.diameter,
            targets=plan.task.targets,
            places=plan.task.places,
        ),
        channels=channels,
        size=plan.batch,
        side=plan.side,
        geometry=plan.geometry,
        appearance=plan.appearance,
        seed=plan.seed,
    )
    network = build(plan.architecture)
    precision = best_precision(network, batches.batch(0)[0])
    aim = Aim(loss=LOSSES[plan.loss], score=lambda _: 0.0, precision=precision)
    state = State.new(network, weight_decay=plan.schedule.weight_decay)
    train(state, batches, Schedule(steps=1), aim)
    started = time.perf_counter()
    train(state, batches, Schedule(steps=1 + _TIMED_STEPS), aim)
    seconds = (time.perf_counter() - started) / _TIMED_STEPS
    faster: Precision = "float32" if precision == torch.float32 else "bfloat16"
    return replace(plan, precision=faster), seconds


def steps_for(minutes: float, seconds_per_step: float, n_trainings: int) -> int:
    """Return how many steps each training has, so that all are done in a time.

    Examples
    --------
    >>> steps_for(10, seconds_per_step=0.5, n_trainings=1)
    900
    """
    steps = minutes * 60 * _TRAINING_SHARE / (seconds_per_step * n_trainings)
    return int(np.clip(steps, _FEWEST_STEPS, _MOST_STEPS))


def with_duration(plan: Plan, steps: int, *, stops_early: bool) -> Plan:
    """Return a plan with another number of steps, and all that goes with it.

    Parameters
    ----------
    plan : Plan
    steps : int
    stops_early : bool
        Whether validations choose when to stop; without, half as many are only looked at.
    """
    validations = _VALIDATIONS if stops_early else _VALIDATIONS // 2
    schedule = replace(
        plan.schedule,
        steps=steps,
        warm_up=min(100, steps // 10),
        validate_every=max(math.ceil(steps / validations), 1),
        patience=_PATIENCE if stops_early else 0,
    )
    return replace(plan, schedule=schedule)


def forecast(plan: Plan, seconds_per_step: float, n_trainings: int) -> str:
    """Return how long all of it will take, in a sentence."""
    steps = plan.schedule.steps
    seconds = steps * seconds_per_step * n_trainings / _TRAINING_SHARE
    each = (
        f"{n_trainings} trainings of {steps} steps" if n_trainings > 1 else f"{steps} steps"
    )
    return (
        f"{each}: about {duration(seconds)} on this machine, where a step takes "
        f"{seconds_per_step:.2f} s."
    )


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> duration(20), duration(150), duration(9000)
    ('20 s', '2.5 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.2g} min"
    return f"{seconds / 3600:.2g} h"
