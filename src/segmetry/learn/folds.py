"""The trainings of one run, fold by fold, and what they found on held-out pictures."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from torch import Tensor

from segmetry.evaluate import mean_score
from segmetry.learn.checkpoint import State, Stopped
from segmetry.learn.choices import SHARES, Chosen
from segmetry.learn.division import Part, nested
from segmetry.learn.fitting import fit
from segmetry.learn.forecast import Pace, Timetable
from segmetry.learn.gate import Verdict, compare
from segmetry.learn.judging import Answer, answers, network_of, scores
from segmetry.learn.loop import Progress
from segmetry.learn.outcome import LearningPoint
from segmetry.learn.plan import Plan

__all__ = ["Judged", "TrainingProgress", "Trainings", "judge", "learning_curve"]


@dataclass(frozen=True)
class TrainingProgress:
    """What a running training tells.

    Parameters
    ----------
    training : str
        Which of the trainings it is.
    step, steps : int
        Done, and in this training.
    loss : float
    score : float or None
        The newest validation score, where one was just made.
    best : float or None
        The best so far in this training.
    seconds_left : float
        Forecast for all that is to come, up to the model file.
    score_name : str
        What the score is called.
    """

    training: str
    step: int
    steps: int
    loss: float
    score: float | None
    best: float | None
    seconds_left: float
    score_name: str = "dsb_score"


@dataclass(kw_only=True, eq=False)
class Trainings:
    """Trains one part after the other.

    Parameters
    ----------
    plan : Plan
    weights : mapping of str to Tensor, or None
        To start from.
    stopped : Stopped
        Where states are kept, and found again.
    timetable : Timetable
        How long they are forecast to take.
    report : callable
        Gets a `TrainingProgress` now and then.
    curves : dict
        Of each training that is done: its rows of step, loss and score.
    seconds : float
        Time spent so far.
    """

    plan: Plan
    weights: Mapping[str, Tensor] | None
    stopped: Stopped
    timetable: Timetable
    report: Callable[[TrainingProgress], None]
    curves: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Begin to compare the time that passes with the forecast."""
        self._pace = Pace(self.timetable)

    def train(self, name: str, part: Part) -> State:
        """Train on one part; where stopping early is planned, its held-out pictures choose.

        Without it, `best_weights` are those after the last step: nothing is then chosen on
        the pictures that judge.
        """
        state = fit(
            part.training,
            part.held_out,
            self.plan,
            checkpoint=self.stopped.state(name),
            start=self.weights,
            report=self._teller(name),
        )
        if not self.plan.schedule.patience:
            kept = state.averaged.state_dict()
            state.best_weights = {key: value.clone() for key, value in kept.items()}
        self._count(name, state, with_score=True)
        return state

    def train_unjudged(self, name: str, part: Part) -> State:
        """Train on pictures with none held out, to the last step."""
        schedule = replace(
            self.plan.schedule, validate_every=self.plan.schedule.steps, patience=0
        )
        state = fit(
            part.training,
            part.training[:1],  # the loop wants a picture; its score is not used
            replace(self.plan, schedule=schedule),
            checkpoint=self.stopped.state(name),
            start=self.weights,
            report=self._teller(name, with_score=False),
        )
        self._count(name, state, with_score=False)
        return state

    def _count(self, name: str, state: State, *, with_score: bool) -> None:
        keys = ("step", "loss", "score") if with_score else ("step", "loss")
        self.curves[name] = [{key: row[key] for key in keys} for row in state.curve]
        self.seconds += state.seconds

    def _teller(self, name: str, *, with_score: bool = True) -> Callable[[Progress], None]:
        def tell(progress: Progress) -> None:
            left = self._pace.seconds_left(
                len(self.curves), progress.step / progress.steps, now=time.monotonic()
            )
            self.report(
                TrainingProgress(
                    training=name,
                    step=progress.step,
                    steps=progress.steps,
                    loss=progress.loss,
                    score=progress.score if with_score else None,
                    score_name=self.plan.task.score,
                    best=progress.best if with_score else None,
                    seconds_left=left,
                )
            )

        return tell


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """The held-out pictures of all parts, judged.

    Parameters
    ----------
    states : list of State
        One for each part.
    kept : list of Answer
        Where there are folds: what the networks gave for pictures new to them.
    pictures : dict
        For each held-out picture its score by name, and "old" that of the start.
    verdict : Verdict or None
        Comparison with the start; `None` without one.
    plain : list of float
        Score of each held-out picture with the usual cutoffs.
    """

    states: list[State]
    kept: list[Answer]
    pictures: dict[str, dict[str, float]]
    verdict: Verdict | None
    plain: list[float]


def judge(chosen: Chosen, trainings: Trainings) -> Judged:
    """Train on each part, and judge its held-out pictures, beside the old model's."""
    states, kept, plain = [], [], []
    score = chosen.plan.task.score
    pictures: dict[str, dict[str, float]] = {}
    new: list[float] = []
    for name, part in _named(chosen.parts):
        state = trainings.train(name, part)
        states.append(state)
        for answer in _answers(state, part, chosen.plan):
            plain += scores([answer])
            pictures[answer.example.name] = {score: plain[-1]}
            if chosen.start is not None:
                # Cut alike, so that only the networks differ.
                start = chosen.start
                new += scores([answer], cutoffs=start.cutoffs, min_area=start.min_area)
            if chosen.in_folds:
                kept.append(answer)
    verdict = None
    if chosen.start is not None:
        held = [example for part in chosen.parts for example in part.held_out]
        old = chosen.start.scores(held)
        groups = [example.group or example.name for example in held]
        name = chosen.start.card.name
        verdict = compare(new, old, name=name, score=score, groups=groups)
        for example, here, there in zip(held, new, old, strict=True):
            pictures[example.name] = {score: here, "old": there}
    return Judged(states=states, kept=kept, pictures=pictures, verdict=verdict, plain=plain)


def _named(parts: Sequence[Part]) -> Iterator[tuple[str, Part]]:
    if len(parts) == 1:
        yield "training", parts[0]
        return
    for number, part in enumerate(parts, start=1):
        yield f"fold {number} of {len(parts)}", part


def _answers(state: State, part: Part, plan: Plan) -> Iterator[Answer]:
    network = network_of(plan.architecture, state.best_weights)
    channels = int(plan.architecture["channels"])
    return answers(
        network,
        part.held_out,
        channels=channels,
        diameter=plan.diameter,
        task=plan.task,
    )


def learning_curve(
    chosen: Chosen, trainings: Trainings, judged: Judged
) -> list[LearningPoint]:
    """Train on nested shares of the pictures, judged by the same held-out ones."""
    held = [example for part in chosen.parts for example in part.held_out]
    groups = [example.group or example.name for example in held]
    points = []
    shares = [*SHARES, 1.0]
    sizes = [_sizes(chosen, share) for share in shares]
    for (share, size), (_, larger) in pairwise(zip(shares, sizes, strict=True)):
        if size == larger:
            continue
        values: list[float] = []
        for name, part in _named(chosen.parts):
            some = nested(part.training, share, seed=chosen.plan.seed)
            fewer = Part(some, part.held_out)
            state = trainings.train(f"{share:g} of {name}", fewer)
            values += scores(_answers(state, fewer, chosen.plan))
        n_pictures = sum(size) / len(size)
        points.append(LearningPoint(n_pictures, mean_score(values, clusters=groups)))
    n_all = sum(sizes[-1]) / len(sizes[-1])
    return [*points, LearningPoint(n_all, mean_score(judged.plain, clusters=groups))]


def _sizes(chosen: Chosen, share: float) -> list[int]:
    seed = chosen.plan.seed
    return [len(nested(part.training, share, seed=seed)) for part in chosen.parts]
