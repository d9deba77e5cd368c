"""A training run's choices, made from the pictures and said in plain words."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from segmetry.learn.augment import Appearance
from segmetry.learn.batches import Batches
from segmetry.learn.crops import Geometry
from segmetry.learn.fitting import Plan, Precision
from segmetry.learn.loop import Aim, Schedule, best_precision, train
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import OBJECT_OUTPUTS, SIZES, build
from segmetry.learn.options import TrainingOptions
from segmetry.learn.prepared import Example, prepare, typical_diameter
from segmetry.learn.start import Start
from segmetry.learn.state import State
from segmetry.learn.tasks import task_of

__all__ = ["Configuration", "configure", "measured", "with_duration"]

_SPREAD = 1.5  # of typical diameters, 90th over 10th percentile: beyond, sizes are matched
_FINEST, _COARSEST = 8.0, 64.0  # px; outside, the network sees too little of an object
_MATCHED = (12.0, 48.0)  # px: where such objects are brought
_DIAMETERS_A_SIDE = 8
_SIDES = (96, 256)  # px of a crop
_MULTIPLE = 32  # every network here can take it
_PIXELS_A_BATCH = 8 * 192**2
_BATCHES = (4, 8)

_STEPS_FRESH, _STEPS_GOING_ON = 1500, 300
_RATE_FRESH, _RATE_GOING_ON = 2e-3, 5e-4
_FEWEST_STEPS, _MOST_STEPS = 10, 50_000
_TRAINING_SHARE = 0.75  # of the time; the rest goes to judging, cutoffs and export
_VALIDATIONS = 20
_PATIENCE = 8  # validations
_TIMED_STEPS = 3
_ENOUGH_TO_TIME = 8  # pictures


@dataclass(frozen=True)
class Configuration:
    """A plan, and why it is as it is.

    Parameters
    ----------
    plan : Plan
    reasons : tuple of str
        One sentence for each choice.
    """

    plan: Plan
    reasons: tuple[str, ...]


def configure(
    examples: Sequence[Example],
    options: TrainingOptions,
    *,
    outputs: Sequence[str] = OBJECT_OUTPUTS,
    start: Start | None = None,
) -> Configuration:
    """Choose network, scale, crops and batches from the pictures.

    Parameters
    ----------
    examples : sequence of Example
    options : TrainingOptions
        What it says is kept.
    outputs : sequence of str
        The maps that the network shall give.
    start : Start or None
        Model to go on from: its network, channels and scale are kept.

    Returns
    -------
    Configuration
        With the steps of `options` or the usual number; `with_duration` fits them to time.
    """
    diameters = [typical_diameter(example.labels) for example in examples]
    typical = float(np.nanmedian(diameters))
    diameter, of_scale = None, "Pixels stay as they are."
    if options.task == "objects" or start is not None:
        diameter, of_scale = _scale(diameters, options, start)
    architecture, of_network = _architecture(examples, options, outputs, start)
    side, batch = _crops(examples, diameter or typical, diameter, typical)
    plan = Plan(
        architecture=architecture,
        diameter=diameter,
        side=side,
        batch=batch,
        schedule=Schedule(
            steps=options.steps or (_STEPS_GOING_ON if start else _STEPS_FRESH),
            learning_rate=options.learning_rate
            or (_RATE_GOING_ON if start else _RATE_FRESH),
        ),
        geometry=Geometry() if options.augmentation else Geometry.none(),
        appearance=Appearance() if options.augmentation else Appearance.none(),
        loss=options.loss or task_of(outputs).loss,
        seed=options.seed,
    )
    crops = f"Each step learns from {batch} crops of {side} x {side} px."
    varied = () if options.augmentation else ("Pictures are not varied, as asked.",)
    return Configuration(plan, (of_scale, of_network, crops, *varied))


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


def _scale(
    diameters: Sequence[float], options: TrainingOptions, start: Start | None
) -> tuple[float | None, str]:
    """Choose the diameter to which objects are brought; `None` keeps the pixels."""
    low, typical, high = np.nanpercentile(diameters, [10, 50, 90])
    found = f"Objects are typically {typical:.0f} px across"
    if options.diameter:
        return options.diameter, f"{found}; brought to {options.diameter:.3g} px, as asked."
    if start is not None:
        if start.diameter is None:
            return None, f"{found}; pixels stay as they are, as for {start.card.name}."
        size = f"{start.diameter:.3g} px"
        return start.diameter, f"{found}; brought to {size}, as for {start.card.name}."
    matched = float(np.clip(typical, *_MATCHED))
    if high > _SPREAD * low:
        reason = (
            f"{found}, but from {low:.0f} to {high:.0f} px in different pictures: each is "
            f"resampled to {matched:.0f} px."
        )
        return matched, reason
    if not _FINEST <= typical <= _COARSEST:
        reason = f"{found}: each picture is resampled to {matched:.0f} px."
        return matched, reason
    return None, f"{found} in all pictures: pixels stay as they are."


def _architecture(
    examples: Sequence[Example],
    options: TrainingOptions,
    outputs: Sequence[str],
    start: Start | None,
) -> tuple[dict[str, Any], str]:
    if start is not None:
        return dict(start.card.architecture), (
            f"The network is that of {start.card.name}, and goes on from its weights."
        )
    channels = 3 if any(_is_coloured(example) for example in examples) else 1
    colours = "in colour" if channels == 3 else "in grey"
    maps = {"channels": channels, "outputs": list(outputs)}
    if options.encoder:
        weights = "your file's" if options.encoder_weights else "random"
        reason = (
            f"The network has the encoder {options.encoder}, {weights} weights, {colours}."
        )
        return {"kind": "encoder_unet", "encoder": options.encoder, **maps}, reason
    size = options.size if options.size != "auto" else _size(len(examples), options.minutes)
    return {"kind": "unet", **maps, **SIZES[size]}, (
        f"The network is {size}, from random weights, {colours}."
    )


def _size(n_pictures: int, minutes: float | None) -> str:
    if n_pictures < 20 or (minutes is not None and minutes < 10):
        return "small"
    if n_pictures >= 500 and minutes is not None and minutes >= 120:
        return "large"
    return "medium"


def _is_coloured(example: Example) -> bool:
    pixels = example.image.pixels
    if example.image.axes != "YXC" or pixels.shape[-1] != 3:
        return False
    return bool((pixels != pixels[..., :1]).any())


def _crops(
    examples: Sequence[Example], seen: float, diameter: float | None, typical: float
) -> tuple[int, int]:
    """Return side and number of crops: eight objects across, within the pictures."""
    zoom = diameter / typical if diameter else 1.0
    longest = max(max(example.labels.shape) for example in examples) * zoom
    wished = min(max(_DIAMETERS_A_SIDE * seen, _SIDES[0]), _SIDES[1], max(longest, 1))
    side = _MULTIPLE * max(math.ceil(wished / _MULTIPLE - 1e-9), 2)
    return side, int(np.clip(_PIXELS_A_BATCH // side**2, *_BATCHES))
