"""Train the shipped model `vessels`; stopped, it goes on where it was.

It learns from DRIVE's training pictures alone, at their own resolution, and every fifth of
them is held out for all choices. The best of three random starts is kept, and when all has
been chosen it learns on from all of them.
"""

from dataclasses import replace

from making import make, set_hash
from sets import DATA, vessels

from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.networks import SIZES
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import TrainingData

NETWORK = {"kind": "unet", "channels": 3, "outputs": ["foreground"], **SIZES["medium"]}

# The thinnest vessels are hardly brighter than noise: little may be added or blurred.
APPEARANCE = Appearance(
    brightness=0.1,
    contrast=0.3,
    gamma=0.4,
    colour=0.15,
    shuffle=0.0,
    invert=0.0,
    blur=0.1,
    noise=0.3,
    noise_sd=0.02,
)
PLAN = Plan(
    architecture=NETWORK,
    diameter=None,
    side=96,
    batch=16,
    schedule=Schedule(
        steps=5000,
        validate_every=500,
        learning_rate=2e-3,
        checkpoint_minutes=2.0,
    ),
    geometry=Geometry(octaves=0.2, elastic=1.0),
    appearance=APPEARANCE,
    precision="bfloat16",
)

# Pixels between pixels are blurred: the last turn sees them as they are, only mirrored and
# turned by quarters. Without Dice in its loss, all pixels come in the right order.
SHARP = replace(
    PLAN,
    schedule=replace(PLAN.schedule, steps=2500, validate_every=500, learning_rate=1e-3),
    geometry=replace(Geometry.none(), flips=True, quarters=True),
    appearance=replace(APPEARANCE, blur=0.0),
    loss="bce",
)

LAST = replace(SHARP, schedule=replace(SHARP.schedule, steps=2000))

if __name__ == "__main__":
    training, validation = vessels()
    data = TrainingData(
        name="DRIVE",
        license="none stated; registration at the source, research use",
        source="https://drive.grand-challenge.org",
        split="train part; of 20 pictures every fifth held out but for the last turn",
        n_pictures=len(training) + len(validation),
        sha256=set_hash(DATA / "drive" / "train"),
    )
    make(
        "vessels",
        (training, validation),
        (PLAN, SHARP),
        data=[data],
        seeds=(0, 1, 2),
        last=LAST,
    )
