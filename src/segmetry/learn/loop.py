"""The training loop: steps, validation, checkpoints, early stop, resume."""

import copy
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from segmetry.errors import ModelError
from segmetry.learn.batches import Batches
from segmetry.learn.checkpoint import State, load_state, save_state
from segmetry.learn.plan import Schedule

__all__ = ["Aim", "Progress", "best_precision", "learning_rate", "train"]


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a network shall get better at.

    Parameters
    ----------
    loss : callable
        Of logits, targets and weights; see `segmetry.learn.losses`.
    score : callable
        Of a network; higher is better. It is asked with the averaged weights.
    precision : torch.dtype
        float32, or bfloat16 for mixed precision.
    """

    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    score: Callable[[nn.Module], float]
    precision: torch.dtype = torch.float32


@dataclass(frozen=True)
class Progress:
    """What a running training tells.

    Parameters
    ----------
    step, steps : int
        Done, and in all.
    loss : float
        Mean since the last validation.
    seconds_left : float
        Forecast from the speed so far.
    score : float or None
        The newest validation score, where one was just made.
    best : float or None
        The best of all validations so far, before a stop as well.
    """

    step: int
    steps: int
    loss: float
    seconds_left: float
    score: float | None = None
    best: float | None = None


def learning_rate(step: int, schedule: Schedule, scores: Sequence[float] = ()) -> float:
    """Return the learning rate of a step: linear rise, then half a cosine, or by scores.

    Parameters
    ----------
    step : int
        Steps done.
    schedule : Schedule
    scores : sequence of float
        Of all validations so far; without `slower_after` they do not matter.

    References
    ----------
    I. Loshchilov and F. Hutter, ICLR 2017. arXiv:1608.03983

    Examples
    --------
    >>> schedule = Schedule(steps=1000, learning_rate=1.0, warm_up=100)
    >>> [round(learning_rate(step, schedule), 2) for step in (0, 99, 550, 999)]
    [0.01, 1.0, 0.5, 0.0]
    >>> by_score = Schedule(learning_rate=1.0, warm_up=0, slower_after=2, slower_by=0.5)
    >>> [learning_rate(9, by_score, [0.6, 0.5, 0.6, 0.7, 0.7][:n]) for n in range(6)]
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """
    rise = (step + 1) / max(schedule.warm_up, 1)
    if schedule.slower_after:
        slower = schedule.slower_by ** _plateaus(scores, schedule.slower_after)
        return schedule.learning_rate * min(rise, 1.0) * slower
    share = (step - schedule.warm_up) / max(schedule.steps - schedule.warm_up, 1)
    fall = 0.5 * (1 + math.cos(math.pi * min(max(share, 0.0), 1.0)))
    return schedule.learning_rate * min(rise, fall if step >= schedule.warm_up else rise)


def _plateaus(scores: Sequence[float], length: int) -> int:
    """Return how often so many scores in a row were no better than all before."""
    best, since, found = -math.inf, 0, 0
    for score in scores:
        since = 0 if score > best else since + 1
        best = max(best, score)
        if since == length:
            since, found = 0, found + 1
    return found


def best_precision(network: nn.Module, batch: Tensor) -> torch.dtype:
    """Return bfloat16 where this processor trains faster with it, else float32.

    Parameters
    ----------
    network : Module
        A copy of it is timed.
    batch : Tensor, shape (N, C, Y, X)

    Returns
    -------
    torch.dtype
        Times vary, so two calls may answer differently where both are about as fast.
    """
    trial = copy.deepcopy(network).train()  # steps move its running statistics
    seconds = {}
    for precision in (torch.float32, torch.bfloat16):
        for _ in range(2):  # the first call of each compiles its kernels
            started = time.perf_counter()
            with torch.autocast("cpu", dtype=precision, enabled=precision != torch.float32):
                trial(batch).float().mean().backward()
            seconds[precision] = time.perf_counter() - started
        trial.zero_grad(set_to_none=True)
    return min(seconds, key=lambda kind: seconds[kind])


def train(
    state: State,
    batches: Batches,
    schedule: Schedule,
    aim: Aim,
    *,
    checkpoint: Path | None = None,
    about: Mapping[str, Any] | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> State:
    """Train a network until its steps are done or its score stops rising.

    Parameters
    ----------
    state : State
        New, or of a run to go on with; it is trained in place.
    batches : Batches
    schedule : Schedule
    aim : Aim
    checkpoint : Path or None
        File to which the state is written every few minutes, and from which it is read
        first when it is there.
    about : mapping
        JSON values that describe the run; a checkpoint of another run is refused.
    report : callable
        Gets a `Progress` after each validation, and every 25 steps between them.

    Returns
    -------
    State
        The same, with the weights of the best validation in `best_weights`.

    Raises
    ------
    ModelError
        If the checkpoint is damaged or belongs to another run, or the loss is not finite
        any more. A checkpoint then keeps the weights of the best validation until then.
    """
    told = {**(about or {}), "schedule": asdict(schedule), "seed": batches.seed}
    if checkpoint is not None and checkpoint.exists():
        load_state(checkpoint, state, about=told)
    clock = _Clock(state, schedule)
    while state.step < schedule.steps and not _stalled(state, schedule):
        state.losses.append(_step(state, batches, schedule, aim))
        is_due = state.step % schedule.validate_every == 0 or state.step == schedule.steps
        if is_due or len(state.losses) % 25 == 0:
            loss = sum(state.losses) / len(state.losses)
            score = _validate(state, loss, aim) if is_due else None
            report(clock.progress(loss, score))
        if checkpoint is not None and (is_due or clock.checkpoint_is_due()):
            clock.count()
            save_state(checkpoint, state, about=told)
    clock.count()
    return state


def _step(state: State, batches: Batches, schedule: Schedule, aim: Aim) -> float:
    state.network.train()
    pictures, targets, weight = batches.batch(state.step)
    rate = learning_rate(state.step, schedule, [row["score"] for row in state.curve])
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    mixed = aim.precision != torch.float32
    with torch.autocast("cpu", dtype=aim.precision, enabled=mixed):
        logits = state.network(pictures)
    value = aim.loss(logits.float(), targets, weight)
    if not math.isfinite(float(value.detach())):
        msg = (
            f"The loss is no number any more after {state.step} steps, so training stops; "
            "begin anew with another seed or a lower learning rate."
        )
        raise ModelError(msg)
    state.optimizer.zero_grad(set_to_none=True)
    value.backward()
    nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimizer.step()
    state.step += 1
    state.average(schedule.averaging)
    return float(value.detach())


def _validate(state: State, loss: float, aim: Aim) -> float:
    row = {"step": state.step, "loss": loss, "score": aim.score(state.averaged)}
    state.curve.append(row)
    state.losses = []
    if not state.best or row["score"] > state.best["score"]:
        state.best = row
        weights = state.averaged.state_dict()
        state.best_weights = {name: tensor.clone() for name, tensor in weights.items()}
    return row["score"]


def _stalled(state: State, schedule: Schedule) -> bool:
    if not schedule.patience or not state.best:
        return False
    since = [row for row in state.curve if row["step"] > state.best["step"]]
    return len(since) >= schedule.patience


class _Clock:
    """Time spent, time left, and when the next checkpoint is due."""

    def __init__(self, state: State, schedule: Schedule) -> None:
        self.state, self.schedule = state, schedule
        self.first_step = state.step
        self.started = self.counted = time.monotonic()

    def checkpoint_is_due(self) -> bool:
        return time.monotonic() - self.counted > 60 * self.schedule.checkpoint_minutes

    def count(self) -> None:
        """Add the time since the last count to that of the run."""
        now = time.monotonic()
        self.state.seconds += now - self.counted
        self.counted = now

    def progress(self, loss: float, score: float | None) -> Progress:
        done = self.state.step - self.first_step
        each = (time.monotonic() - self.started) / max(done, 1)
        left = each * (self.schedule.steps - self.state.step)
        best = self.state.best.get("score")
        return Progress(self.state.step, self.schedule.steps, loss, left, score, best)
