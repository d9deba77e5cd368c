"""What is decided before the first step of a training, said in plain words.

The choices are stored, and taken up again when a stopped training goes on.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from segmetry.dataset.class_truths import class_names
from segmetry.evaluate import typical_of_set
from segmetry.learn.annotated import Annotated
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.division import Part, divide
from segmetry.learn.examples import Example, typical_diameter
from segmetry.learn.forecast import (
    Timetable,
    Work,
    forecast,
    measured,
    steps_within,
    with_duration,
)
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.options import PUBLISHED, TrainingOptions
from segmetry.learn.plain_network import PLAIN, receptive_field
from segmetry.learn.plan import Plan, Schedule, plan_from_json
from segmetry.learn.recipes import recipe_plan
from segmetry.learn.start import Start, best_start, open_start
from segmetry.learn.tasks import outputs_for
from segmetry.models import installed_models

__all__ = [
    "SHARES",
    "Chosen",
    "Configuration",
    "choices_as_json",
    "choose",
    "configure",
    "n_trainings",
]

SHARES = (1 / 8, 1 / 4, 1 / 2)  # of the pictures, for the learning curve

_SMALL_SET = 50  # pictures; more have less to gain from another model's weights

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """What is decided before the first step.

    Parameters
    ----------
    plan : Plan
    start : Start or None
        Model to go on from.
    parts : tuple of Part
        One, or one for each fold.
    timetable : Timetable
    sentences : tuple of str
        Every choice and why.
    """

    plan: Plan
    start: Start | None
    parts: tuple[Part, ...]
    timetable: Timetable
    sentences: tuple[str, ...]

    @property
    def in_folds(self) -> bool:
        """Whether each picture is held out once, and a last training has them all."""
        return len(self.parts) > 1


def choose(
    examples: Sequence[Example],
    validation: Annotated | None,
    options: TrainingOptions,
    found: Mapping[str, Any] | None,
    *,
    begun: float | None = None,
) -> Chosen:
    """Choose everything, or take up again what a stopped training had chosen.

    Parameters
    ----------
    examples : sequence of Example
    validation : Annotated or None
        Pictures that judge; `None` holds some of the examples out.
    options : TrainingOptions
    found : mapping or None
        What `choices_as_json` stored of a stopped training.
    begun : float or None
        When the run began, by `time.monotonic`: since then the minutes of the options
        count. `None` begins now.

    Returns
    -------
    Chosen

    Raises
    ------
    DatasetError
        If there are too few pictures, or groups of them.
    ModelError
        If the model to start from cannot be used.
    """
    begun = time.monotonic() if begun is None else begun
    held_out = validation.examples if validation else ()
    names = class_names(options.class_names or None)
    outputs = outputs_for(options.task, [*examples, *held_out], names=names)
    if validation is not None:
        n_held = len(validation.examples)
        of_parts = f"The {n_held} validation pictures judge the model."
        parts: tuple[Part, ...] = (Part(tuple(examples), validation.examples),)
    else:
        parts, of_parts = divide(examples, options)
    if found is not None:
        return Chosen(
            plan=plan_from_json(found["plan"]),
            start=open_start(found["start"], outputs) if found["start"] else None,
            parts=parts,
            timetable=Timetable(**found["timetable"]),
            sentences=tuple(found["sentences"]),
        )
    start, of_start = _start(examples, options, outputs)
    configured = configure(examples, options, outputs=outputs, start=start)
    plan, costs = measured(configured.plan, examples, _all_held_out(parts))
    work = _work(parts, options)
    # A model that is to be compared with its start is not chosen on the same pictures.
    stops_early = len(parts) == 1 and start is None
    steps, minutes = plan.schedule.steps, None
    if options.minutes is not None:
        seconds = 60 * options.minutes - (time.monotonic() - begun)
        minutes = seconds / 60
        steps = steps_within(seconds, plan, costs, work, stops_early=stops_early)
    plan = with_duration(plan, steps, stops_early=stops_early)
    timetable = Timetable.of(plan, costs, work)
    of_time = forecast(plan, costs, timetable, minutes=minutes)
    return Chosen(
        plan=plan,
        start=start,
        parts=parts,
        timetable=timetable,
        sentences=(*(of_parts, *of_start, *configured.reasons), of_time),
    )


def _all_held_out(parts: Sequence[Part]) -> list[Example]:
    return [example for part in parts for example in part.held_out]


def _work(parts: Sequence[Part], options: TrainingOptions) -> Work:
    n_held_out = len(_all_held_out(parts))
    in_folds = len(parts) > 1
    return Work(
        n_trainings=n_trainings(parts, options) - in_folds,
        n_held_out=n_held_out / len(parts),
        n_chosen_on=n_held_out,
        ends_with_all=in_folds,
    )


def _start(
    examples: Sequence[Example], options: TrainingOptions, outputs: Sequence[str]
) -> tuple[Start | None, list[str]]:
    if options.start not in {"auto", "none"}:
        start = open_start(options.start, outputs)
        return start, [f"It starts from {start.card.name}, as asked."]
    plain = options.network != "unet"
    own_network = (
        plain or options.encoder or options.size != "auto" or options.recipe == PUBLISHED
    )
    if options.start == "none" or own_network or len(examples) >= _SMALL_SET:
        return None, []
    shipped = [model.path for model in installed_models() if model.shipped]
    best = best_start(shipped, examples, outputs)
    if best is None:
        return None, []
    told = (
        f"It starts from {best.card.name}, which of the shipped models does best on these "
        "pictures as it is."
    )
    return best, [told]


def n_trainings(parts: Sequence[Part], options: TrainingOptions) -> int:
    """Return how many trainings there will be, at most."""
    shares = 1 + (len(SHARES) if options.learning_curve else 0)
    return len(parts) * shares + (len(parts) > 1)


def choices_as_json(chosen: Chosen) -> dict[str, Any]:
    """Return what must be the same when a stopped training goes on."""
    return {
        "plan": chosen.plan.as_json(),
        "timetable": asdict(chosen.timetable),
        "start": None if chosen.start is None else str(chosen.start.path.absolute()),
        "sentences": list(chosen.sentences),
    }


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
    outputs: Sequence[str] = FLOW_OUTPUTS,
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
    if options.recipe == PUBLISHED:
        return Configuration(*recipe_plan(examples, options, outputs=outputs))
    diameters = [typical_diameter(example.labels) for example in examples]
    typical = typical_of_set(diameters)
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
        geometry=_geometry(options),
        appearance=Appearance() if options.augmentation else Appearance.none(),
        loss=options.loss,
        seed=options.seed,
    )
    crops = f"Each step learns from {batch} crops of {side} x {side} px."
    varied = () if options.augmentation else ("Pictures are not varied, as asked.",)
    return Configuration(plan, (of_scale, of_network, crops, *varied))


def _geometry(options: TrainingOptions) -> Geometry:
    if not options.augmentation:
        return Geometry.none()
    # A density that is enlarged with its picture would tell of more objects.
    return replace(Geometry(), octaves=0.0) if options.task == "counts" else Geometry()


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
    if options.network == "cnn":
        reach = receptive_field(**PLAIN)
        return {"kind": "cnn", **maps, **PLAIN}, (
            f"The network is a plain one of {PLAIN['layers']} convolutions {colours}, from "
            f"random weights; it sees {reach} x {reach} px around a pixel."
        )
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
