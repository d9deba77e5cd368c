"""Train a model, or go on with it, and write its file where shipped models lie."""

import argparse
import hashlib
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from sets import summary
from torch import Tensor

import segmetry
from segmetry.learn.checkpoint import State
from segmetry.learn.examples import Example
from segmetry.learn.export import start_weights
from segmetry.learn.finishing import Origin, finish, model_files, with_fidelity
from segmetry.learn.fitting import fit
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.loop import Progress
from segmetry.learn.networks import build
from segmetry.learn.plan import Plan
from segmetry.learn.scores import mean_scores
from segmetry.learn.tasks import MIN_AREA
from segmetry.models import TrainingData, find_model, read_model, write_model
from segmetry.models.outputs import Cutoffs

ROOT = Path(__file__).parents[1]
SHIPPED = Path(segmetry.__file__).parent / "models" / "shipped"
BEFORE_LAST = "validation pictures, before a last turn of training that saw them too"


def make(
    name: str,
    parts: tuple[Sequence[Example], Sequence[Example]],
    plans: Sequence[Plan],
    *,
    data: Sequence[TrainingData],
    start: str | None = None,
    seeds: Sequence[int] = (0,),
    last: Plan | None = None,
) -> Path:
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
    last : Plan or None
        A further turn, on all pictures, once everything has been chosen and judged. No
        picture is left to judge it, so it is as long as planned.

    Returns
    -------
    Path
        Of the model's file.
    """
    options = _options(name, start, seeds)
    last = None if options.without_last else last
    shape = plans[0].architecture
    weights = None if options.start is None else weights_of(options.start, shape)
    options.runs.mkdir(parents=True, exist_ok=True)
    training, validation = parts
    say = speaker()
    say(f"training: {summary(training)}; validation: {summary(validation)}")
    names = [name if seed == 0 else f"{name}.seed{seed}" for seed in options.seeds]
    starts = [
        _turns(one, parts, plans, seed, weights, runs=options.runs, say=say)
        for one, seed in zip(names, options.seeds, strict=True)
    ]
    best = 0 if len(starts) == 1 else _best(starts, plans[-1], parts, options.seeds, say)
    states, seed = starts[best], options.seeds[best]
    plans = [replace(plan, seed=seed) for plan in plans]
    chosen = states[-1].best_weights
    if last is not None:
        last = replace(last, seed=seed)
        end = _on_all(names[best], parts, last, chosen, runs=options.runs, say=say)
        states = [*states, end]
    card, files = finish(
        chosen,
        plans[-1],
        validation,
        _origin(name, data, options.start, states),
        training=training,
        tell=say,
    )
    if last is not None:
        plans, everything = [*plans, last], [*training, *validation]
        made = model_files(states[-1].best_weights, last, everything)
        # Lighter numbers are checked with the weights that are shipped, which needs no
        # picture that they have not seen.
        card, files = with_fidelity(card, made, everything)
        say(f"after the last turn, lighter variants: {card.fidelity}")
        card = card.model_copy(update={"scores_on": BEFORE_LAST})
    told_options = {"turns": [plan.as_json() for plan in plans]}
    if options.note:
        told_options["note"] = options.note
    training_told = card.training.model_copy(update={"options": told_options})
    card = card.model_copy(update={"training": training_told})
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / f"{name}.segmodel"
    write_model(path, card, files)
    write_curve(options.runs / f"{name}.csv", states)
    say(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return path


def _options(name: str, start: str | None, seeds: Sequence[int]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=f"Train the shipped model {name}.")
    parser.add_argument("--runs", type=Path, default=ROOT / "training" / "runs")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the file")
    parser.add_argument("--start", default=start, help="model whose weights are the start")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(seeds))
    parser.add_argument("--without-last", action="store_true", help="no last turn")
    parser.add_argument("--note", help="in what the training differed, for the card")
    return parser.parse_args()


def comparison_options(about: str | None, name: str) -> argparse.ArgumentParser:
    """Return a parser of the options that scripts have which compare trainings."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(
        "--out",
        type=Path,
        default=ROOT / "training" / "runs" / name,
        help="folder of results, from which a stopped run goes on",
    )
    parser.add_argument(
        "--starts", type=_several, default=3, help="random starts, two or more"
    )
    return parser


def _several(text: str) -> int:
    if int(text) < 2:
        msg = "must be 2 or more: one run of each says nothing"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


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


def _best(
    starts: Sequence[Sequence[State]],
    plan: Plan,
    parts: tuple[Sequence[Example], Sequence[Example]],
    seeds: Sequence[int],
    say: Callable[[str], None],
) -> int:
    """Return which start is best on the pictures held out."""
    scores = [judged(states[-1].best_weights, plan, parts[1]) for states in starts]
    # Where maps have it, by the score that depends on no cutoff.
    by = "auc_roc" if "auc_roc" in scores[0] else plan.task.score
    for seed, found in zip(seeds, scores, strict=True):
        say(f"start {seed}: {by} {found[by]:.5f}")
    return max(range(len(scores)), key=lambda k: scores[k][by])


def _on_all(
    name: str,
    parts: tuple[Sequence[Example], Sequence[Example]],
    plan: Plan,
    weights: dict[str, Tensor],
    *,
    runs: Path,
    say: Callable[[str], None],
) -> State:
    """Train on all pictures; the weights of the last step are kept."""
    training, validation = parts
    return fit(
        [*training, *validation],
        validation,  # judged at the last step alone, which chooses nothing
        replace(plan, schedule=replace(plan.schedule, validate_every=plan.schedule.steps)),
        checkpoint=runs / f"{name}.last.checkpoint",
        start=weights,
        report=lambda progress: say(told(replace(progress, score=None), "")),
    )


def _origin(
    name: str, data: Sequence[TrainingData], start: str | None, states: Sequence[State]
) -> Origin:
    return Origin(
        name=name,
        data=data,
        commit=commit(),
        started_from=start,
        steps=sum(int(state.best["step"]) for state in states),
        seconds=sum(state.seconds for state in states),
        precision="mixed bfloat16" if torch.cpu.is_available() else "float32",
    )


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


def weights_of(name: str, architecture: Mapping[str, Any]) -> dict[str, Tensor]:
    """Return the weights of a model for a network that may see grey instead of colour."""
    model = read_model(find_model(name))
    weights = start_weights(model)
    colours, channels = model.card.channels, architecture["channels"]
    if colours == channels:
        return weights
    # What a network of colours gives for a grey picture: each channel is the same there.
    first = weights["down.0.0.weight"]
    shape = (len(first), colours, first.shape[1] // colours, *first.shape[2:])
    return {**weights, "down.0.0.weight": first.reshape(shape).sum(dim=1)}


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
