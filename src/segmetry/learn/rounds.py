"""The trainings of one run, each with its state on disk, its curve and its progress."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from torch import Tensor

from segmetry.learn.fitting import Plan, fit
from segmetry.learn.loop import Progress
from segmetry.learn.parts import Part
from segmetry.learn.state import State
from segmetry.learn.stopped import Stopped

__all__ = ["Rounds", "TrainingProgress"]


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
        Forecast for all trainings that are to come, this one included.
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
class Rounds:
    """Trains one part after the other.

    Parameters
    ----------
    plan : Plan
    weights : mapping of str to Tensor, or None
        To start from.
    stopped : Stopped
        Where states are kept, and found again.
    n_trainings : int
        How many there will be.
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
    n_trainings: int
    report: Callable[[TrainingProgress], None]
    curves: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    seconds: float = 0.0

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
        to_come = self.n_trainings - len(self.curves) - 1
        best: list[float] = []
        each = 0.0  # seconds of a step, from the last report that tells

        def tell(progress: Progress) -> None:
            nonlocal each
            score = progress.score if with_score else None
            if score is not None:
                best.append(score)
            left = progress.seconds_left
            if progress.step < progress.steps:
                each = left / (progress.steps - progress.step)
            left += each * progress.steps * to_come
            self.report(
                TrainingProgress(
                    training=name,
                    step=progress.step,
                    steps=progress.steps,
                    loss=progress.loss,
                    score=score,
                    score_name=self.plan.task.score,
                    best=max(best) if best else None,
                    seconds_left=left,
                )
            )

        return tell
