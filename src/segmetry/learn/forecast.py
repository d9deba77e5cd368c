"""How long a run takes on this machine, and how many steps fit into a time.

A few steps and the judging of a few pictures are timed. The forecast is made of their
times, so validations, the choice of cutoffs and the model file count with the steps.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from segmetry.learn.batches import batches_of
from segmetry.learn.checkpoint import State
from segmetry.learn.examples import Example
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.loop import Aim, best_precision, train
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan, Precision, Schedule

__all__ = [
    "Costs",
    "Pace",
    "Timetable",
    "Work",
    "duration",
    "forecast",
    "measured",
    "steps_within",
    "with_duration",
]

_FEWEST_STEPS, _MOST_STEPS = 10, 50_000
_VALIDATIONS = 20
_PATIENCE = 8  # validations
_TIMED_STEPS = 3
_TIMED_PICTURES = 2  # of those that are judged
_ENOUGH_TO_TIME = 8  # pictures
_CUTS = 50  # of each picture, while cutoffs are chosen
_MAPS = 6  # of each picture, while its scale is chosen and lighter variants are checked
_TRUST = 0.1  # of the forecast: what was seen counts as much after this share of it
_EXPORT = 20.0  # seconds to write the network whole and with 8 bits


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the parts of a training take on this machine, in seconds.

    Parameters
    ----------
    step : float
    maps : float
        The answer of the network for one picture.
    score : float
        Making objects of one picture's maps, and matching them with the true ones.
    """

    step: float
    maps: float = 0.0
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a run does besides steps.

    Parameters
    ----------
    n_trainings : int
        Those whose held-out pictures are judged.
    n_held_out : float
        Pictures that one of them holds out, on average.
    n_chosen_on : int
        Pictures on which cutoffs are chosen in the end.
    ends_with_all : bool
        Whether a last training has all pictures.
    """

    n_trainings: int
    n_held_out: float
    n_chosen_on: int
    ends_with_all: bool = False


@dataclass(frozen=True, kw_only=True)
class Timetable:
    """How long the parts of a run are forecast to take, in seconds.

    Parameters
    ----------
    training : float
        One training with its validations and its judging.
    n_trainings : int
    last : float
        The training on all pictures; 0 where there is none.
    finishing : float
        Choosing cutoffs, scoring and writing the model.
    """

    training: float
    n_trainings: int
    last: float
    finishing: float

    @classmethod
    def of(cls, plan: Plan, costs: Costs, work: Work) -> "Timetable":
        """Forecast a run from what its parts cost."""
        steps = plan.schedule.steps
        judgings = math.ceil(steps / plan.schedule.validate_every) + 1
        judging = work.n_held_out * (costs.maps + costs.score)
        n_cuts = 2 * _CUTS if work.ends_with_all else _CUTS  # for the card once more
        return cls(
            training=steps * costs.step + judgings * judging,
            n_trainings=work.n_trainings,
            last=steps * costs.step if work.ends_with_all else 0.0,
            finishing=_EXPORT
            + work.n_chosen_on * (_MAPS * costs.maps + n_cuts * costs.score),
        )

    @property
    def total(self) -> float:
        """Seconds of everything."""
        return self.n_trainings * self.training + self.last + self.finishing


class Pace:
    """Tells the time left: from the forecast first, then more and more from what was.

    Parameters
    ----------
    timetable : Timetable
    """

    def __init__(self, timetable: Timetable) -> None:
        self.timetable = timetable
        self._forecast = self._taken = _TRUST * timetable.total
        self._mark: tuple[float, float] | None = None

    def seconds_left(self, n_done: int, share: float, *, now: float) -> float:
        """Return the seconds until the model is written.

        Parameters
        ----------
        n_done : int
            Trainings done.
        share : float
            Part of the steps done of the training that runs.
        now : float
            Seconds on a clock; only differences between calls count.
        """
        table = self.timetable
        n_judged = min(n_done, table.n_trainings)
        running = table.training if n_done < table.n_trainings else table.last
        position = n_judged * table.training + share * running
        if self._mark is not None:
            self._forecast += position - self._mark[0]
            self._taken += now - self._mark[1]
        self._mark = (position, now)
        return (table.total - position) * self._taken / max(self._forecast, 1e-9)


def measured(
    plan: Plan, examples: Sequence[Example], judged: Sequence[Example] = ()
) -> tuple[Plan, Costs]:
    """Return the plan with the faster precision, and what its parts cost.

    The first steps are made and thrown away, on this machine with these pictures.

    Parameters
    ----------
    plan : Plan
    examples : sequence of Example
        Pictures to train on.
    judged : sequence of Example
        Pictures that are held out; without any, judging costs nothing.
    """
    batches = batches_of(examples[:_ENOUGH_TO_TIME], plan)
    network = build(plan.architecture)
    precision = best_precision(network, batches.batch(0)[0])
    aim = Aim(loss=LOSSES[plan.loss], score=lambda _: 0.0, precision=precision)
    state = State.new(network, weight_decay=plan.schedule.weight_decay)
    train(state, batches, Schedule(steps=1), aim)
    started = time.perf_counter()
    train(state, batches, Schedule(steps=1 + _TIMED_STEPS), aim)
    step = (time.perf_counter() - started) / _TIMED_STEPS
    faster: Precision = "float32" if precision == torch.float32 else "bfloat16"
    maps, score = _judging_seconds(state, plan, judged, precision)
    return replace(plan, precision=faster), Costs(step=step, maps=maps, score=score)


def _judging_seconds(
    state: State, plan: Plan, judged: Sequence[Example], precision: torch.dtype
) -> tuple[float, float]:
    """Return the seconds for the maps of a typical picture, and for their score."""
    by_size = sorted(judged, key=lambda one: one.labels.size)
    middle = (len(by_size) - 1) // 2
    some = by_size[middle : middle + _TIMED_PICTURES]
    if not some:
        return 0.0, 0.0
    task, channels = plan.task, int(plan.architecture["channels"])

    def answer(one: Example) -> None:
        held = hold([one], channels=channels, diameter=plan.diameter)
        map_pictures(state.averaged, held, task, precision=precision)

    def score(one: Example) -> None:
        # The wanted maps: those of an untrained network hold no objects to cut.
        task.value(task.wanted(one.labels), one)

    return _seconds_each(answer, some), _seconds_each(score, some)


def _seconds_each(work: Callable[[Example], None], examples: Sequence[Example]) -> float:
    """Return the seconds that work on a picture takes, once what it needs is loaded."""
    work(examples[0])
    started = time.perf_counter()
    for example in examples:
        work(example)
    return (time.perf_counter() - started) / len(examples)


def steps_within(
    seconds: float, plan: Plan, costs: Costs, work: Work, *, stops_early: bool
) -> int:
    """Return how many steps each training has, so that all is done in a time.

    Never fewer than 10: `forecast` says so where the time is too short for them.

    Parameters
    ----------
    seconds : float
        For everything.
    plan : Plan
    costs : Costs
    work : Work
    stops_early : bool
        As for `with_duration`.
    """
    low, high = _FEWEST_STEPS, _MOST_STEPS
    while low < high:
        steps = (low + high + 1) // 2
        tried = with_duration(plan, steps, stops_early=stops_early)
        if Timetable.of(tried, costs, work).total <= seconds:
            low = steps
        else:
            high = steps - 1
    return low


def with_duration(plan: Plan, steps: int, *, stops_early: bool) -> Plan:
    """Return a plan with another number of steps, and all that goes with it.

    Parameters
    ----------
    plan : Plan
    steps : int
    stops_early : bool
        Whether validations choose when to stop; without, half as many are only looked at.
    """
    if plan.schedule.slower_after:  # a published training has its own rounds
        every = min(plan.schedule.validate_every, steps)
        patience = plan.schedule.patience if stops_early else 0
        own = replace(plan.schedule, steps=steps, validate_every=every, patience=patience)
        return replace(plan, schedule=own)
    validations = _VALIDATIONS if stops_early else _VALIDATIONS // 2
    schedule = replace(
        plan.schedule,
        steps=steps,
        warm_up=min(100, steps // 10),
        validate_every=max(math.ceil(steps / validations), 1),
        patience=_PATIENCE if stops_early else 0,
    )
    return replace(plan, schedule=schedule)


def forecast(
    plan: Plan, costs: Costs, timetable: Timetable, *, minutes: float | None = None
) -> str:
    """Return how long all of it will take, in a sentence.

    Parameters
    ----------
    plan : Plan
    costs : Costs
    timetable : Timetable
    minutes : float or None
        The time that was left of what was asked for; where it is too short, this is said.
    """
    steps, n = plan.schedule.steps, timetable.n_trainings + (timetable.last > 0)
    each = f"{n} trainings of {steps} steps" if n > 1 else f"{steps} steps"
    seconds = timetable.total
    if minutes is not None and seconds > max(60 * minutes, 1e-9):
        return (
            f"The time asked for is too short: {duration(max(60 * minutes, 0))} of it are "
            f"left after reading and timing, but {each}, the fewest that are made, with "
            f"judging and the model file take about {duration(seconds)} on this machine, "
            "and so long it will take. So few steps seldom make a better model: stop it "
            "and give more minutes, or, on the command line, a smaller network (--size "
            "small) or fewer trainings (--folds 2, or --validation)."
        )
    return (
        f"{each}, judging and the model file: about {duration(seconds)} on this machine, "
        f"where a step takes {costs.step:.2f} s."
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
