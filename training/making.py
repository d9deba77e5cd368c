"""Train a model, or go on with it, and write its file where shipped models lie."""

import argparse
import hashlib
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from sets import summary
from torch import Tensor

import segmetry
from segmetry.learn.checkpoint import State
from segmetry.learn.examples import Example
from segmetry.learn.export import start_weights
from segmetry.learn.finishing import Origin, finish
from segmetry.learn.fitting import fit
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.loop import Progress
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan
from segmetry.learn.tasks import MIN_AREA, mean_scores
from segmetry.models import TrainingData, find_model, read_model, write_model
from segmetry.models.outputs import Cutoffs

ROOT = Path(__file__).parents[1]
SHIPPED = Path(segmetry.__file__).parent / "models" / "shipped"


def make(
    name: str,
    parts: tuple[Sequence[Example], Sequence[Example]],
    plans: Sequence[Plan],
    *,
    data: Sequence[TrainingData],
    start: str | None = None,
    seeds: Sequence[int] = (0,),
    best_by: str = "",
) -> None:
    """Train, choose, score on validation pictures, and write the model's file.

    Parameters
    ----------
    name : str
    parts : two sequences of Example
        Pictures to train on, and pictures held out for every choice.
    plans : sequence of Plan
        Turns of the training; each begins from the best weights of the one before.
    data : sequence of TrainingData
    start : str or None
        Name of a model whose weights are the start.
    seeds : sequence of int
        Of random starts, of which the best on the pictures held out is kept.
    best_by : str
        The score that says which is best; empty takes the one that turns are judged by.
    """
    parser = argparse.ArgumentParser(description=f"Train the shipped model {name}.")
    parser.add_argument("--runs", type=Path, default=ROOT / "training" / "runs")
    parser.add_argument("--start", default=start, help="model whose weights are the start")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(seeds))
    options = parser.parse_args()
    weights = None if options.start is None else weights_of(options.start)
    options.runs.mkdir(parents=True, exist_ok=True)
    training, validation = parts
    say = speaker()
    say(f"training: {summary(training)}; validation: {summary(validation)}")
    starts = [
        _turns(
            name if seed == 0 else f"{name}.seed{seed}",
            parts,
            plans,
            seed,
            weights,
            runs=options.runs,
            say=say,
        )
        for seed in options.seeds
    ]
    best = 0
    if len(starts) > 1:
        by = best_by or plans[-1].task.score
        worth = [
            judged(turns[-1].best_weights, plans[-1], validation)[by] for turns in starts
        ]
        best = max(range(len(starts)), key=worth.__getitem__)
        for seed, value in zip(options.seeds, worth, strict=True):
            say(f"start {seed}: {by} {value:.4f}")
    states, seed = starts[best], options.seeds[best]
    plans = [replace(plan, seed=seed) for plan in plans]
    weights = states[-1].best_weights
    origin = Origin(
        name=name,
        data=data,
        commit=commit(),
        started_from=options.start,
        steps=sum(int(state.best["step"]) for state in states),
        seconds=sum(state.seconds for state in states),
        precision="mixed bfloat16" if torch.cpu.is_available() else "float32",
    )
    card, files = finish(
        weights, plans[-1], validation, origin, training=training, tell=say
    )
    turns = [asdict(plan) for plan in plans]
    training_told = card.training.model_copy(update={"options": {"turns": turns}})
    card = card.model_copy(update={"training": training_told})
    SHIPPED.mkdir(exist_ok=True)
    path = SHIPPED / f"{name}.segmodel"
    write_model(path, card, files)
    write_curve(options.runs / f"{name}.csv", states)
    say(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def _turns(
    name: str,
    parts: tuple[Sequence[Example], Sequence[Example]],
    plans: Sequence[Plan],
    seed: int,
    weights: dict[str, Tensor] | None,
    *,
    runs: Path,
    say: Callable[[str], None],
) -> list[State]:
    """Train from one random start, turn by turn."""
    states: list[State] = []
    for turn, plan in enumerate(plans, start=1):
        state = fit(
            *parts,
            replace(plan, seed=seed),
            checkpoint=runs / f"{name}.{turn}.checkpoint",
            start=weights,
            report=lambda progress: say(told(progress, plans[0].task.score)),
        )
        states.append(state)
        weights = state.best_weights
        best = f"{plan.task.score} {state.best['score']:.4f}"
        say(f"start {seed}, turn {turn}: {best} at step {int(state.best['step'])}")
    return states


def judged(
    weights: dict[str, Tensor], plan: Plan, validation: Sequence[Example]
) -> dict[str, float]:
    """Return the mean of each score over pictures."""
    network = build(plan.architecture)
    network.load_state_dict(weights)
    channels = int(plan.architecture["channels"])
    held = hold(validation, channels=channels, diameter=plan.diameter)
    maps = map_pictures(network, held, plan.task, precision=torch.float32)
    rows = [
        plan.task.judged(found, one, Cutoffs(), MIN_AREA)
        for found, one in zip(maps, validation, strict=True)
    ]
    return {name: score.value for name, score in mean_scores(rows, validation).items()}


def weights_of(name: str) -> dict[str, Tensor]:
    return start_weights(read_model(find_model(name)))


def told(progress: Progress, name: str) -> str:
    score = "" if progress.score is None else f", {name} {progress.score:.4f}"
    return (
        f"step {progress.step} of {progress.steps}, loss {progress.loss:.4f}, "
        f"{progress.seconds_left / 60:.1f} min left{score}"
    )


def speaker() -> Callable[[str], None]:
    started = time.monotonic()

    def say(sentence: str) -> None:
        print(f"{time.monotonic() - started:7.0f} s  {sentence}", flush=True)

    return say


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def set_hash(folder: Path) -> str:
    """Hash the sorted hashes of all files of a set's part."""
    hashes = sorted(
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    )
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def write_curve(path: Path, states: Sequence[State]) -> None:
    rows = [
        f"{turn},{row['step']},{row['loss']:.5f},{row['score']:.5f}"
        for turn, state in enumerate(states, start=1)
        for row in state.curve
    ]
    path.write_text("\n".join(["turn,step,loss,score", *rows]) + "\n", encoding="utf-8")
