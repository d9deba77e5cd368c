"""What is decided before the first step of a training, and taken up again after a stop."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from segmetry.learn.annotated import Annotated
from segmetry.learn.configure import configure, forecast, measured, steps_for, with_duration
from segmetry.learn.fitting import Plan
from segmetry.learn.options import TrainingOptions
from segmetry.learn.parts import Part, divide
from segmetry.learn.prepared import Example
from segmetry.learn.start import Start, best_start, open_start
from segmetry.learn.stopped import plan_from_json
from segmetry.learn.tasks import outputs_for
from segmetry.models import installed_models

__all__ = ["SHARES", "Chosen", "choices_as_json", "choose", "n_trainings"]

SHARES = (1 / 8, 1 / 4, 1 / 2)  # of the pictures, for the learning curve

_SMALL_SET = 50  # pictures; more have less to gain from another model's weights


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
    sentences : tuple of str
        Every choice and why.
    """

    plan: Plan
    start: Start | None
    parts: tuple[Part, ...]
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
    held_out = validation.examples if validation else ()
    outputs = outputs_for(options.task, [*examples, *held_out])
    if validation is not None:
        n_held = len(validation.examples)
        of_parts = f"The {n_held} validation pictures judge the model."
        parts: tuple[Part, ...] = (Part(tuple(examples), validation.examples),)
    else:
        parts, of_parts = divide(examples, options)
    if found is not None:
        start = open_start(found["start"], outputs) if found["start"] else None
        sentences = tuple(found["sentences"])
        plan = plan_from_json(found["plan"])
        return Chosen(plan=plan, start=start, parts=parts, sentences=sentences)
    start, of_start = _start(examples, options, outputs)
    configured = configure(examples, options, outputs=outputs, start=start)
    plan, seconds = measured(configured.plan, examples)
    n_all = n_trainings(parts, options)
    steps = plan.schedule.steps
    if options.minutes is not None:
        steps = steps_for(options.minutes, seconds, n_all)
    # A model that is to be compared with its start is not chosen on the same pictures.
    plan = with_duration(plan, steps, stops_early=len(parts) == 1 and start is None)
    sentences = (
        *(of_parts, *of_start, *configured.reasons),
        forecast(plan, seconds, n_all),
    )
    return Chosen(plan=plan, start=start, parts=parts, sentences=sentences)


def _start(
    examples: Sequence[Example], options: TrainingOptions, outputs: Sequence[str]
) -> tuple[Start | None, list[str]]:
    if options.start not in {"auto", "none"}:
        start = open_start(options.start, outputs)
        return start, [f"It starts from {start.card.name}, as asked."]
    own_network = options.encoder or options.size != "auto"
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
        "plan": asdict(chosen.plan),
        "start": None if chosen.start is None else str(chosen.start.path.absolute()),
        "sentences": list(chosen.sentences),
    }
