"""Training on each part of a set, and judging what it was not trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from segmetry.evaluate import mean_score
from segmetry.learn.chosen import SHARES, Chosen
from segmetry.learn.fitting import Plan
from segmetry.learn.gate import Verdict, compare
from segmetry.learn.held_out import Answer, answers, network_of, scores
from segmetry.learn.outcome import LearningPoint
from segmetry.learn.parts import Part, nested
from segmetry.learn.rounds import Rounds
from segmetry.learn.state import State

__all__ = ["Judged", "judge", "learning_curve"]


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


def judge(chosen: Chosen, rounds: Rounds) -> Judged:
    """Train on each part, and judge its held-out pictures, beside the old model's."""
    states, kept, plain = [], [], []
    score = chosen.plan.task.score
    pictures: dict[str, dict[str, float]] = {}
    new: list[float] = []
    for name, part in _named(chosen.parts):
        state = rounds.train(name, part)
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


def learning_curve(chosen: Chosen, rounds: Rounds, judged: Judged) -> list[LearningPoint]:
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
            state = rounds.train(f"{share:g} of {name}", fewer)
            values += scores(_answers(state, fewer, chosen.plan))
        n_pictures = sum(size) / len(size)
        points.append(LearningPoint(n_pictures, mean_score(values, clusters=groups)))
    n_all = sum(sizes[-1]) / len(sizes[-1])
    return [*points, LearningPoint(n_all, mean_score(judged.plain, clusters=groups))]


def _sizes(chosen: Chosen, share: float) -> list[int]:
    seed = chosen.plan.seed
    return [len(nested(part.training, share, seed=seed)) for part in chosen.parts]
