"""Train the shipped model `particles`, from the weights of `nuclei`.

The file that comes with Segmetry began from the `nuclei` of commit 3cc9e46, which lacked
its last, gentle turn.
"""

from making import make, set_hash
from nuclei import NETWORK
from sets import DATA, particles

from segmetry.learn.augment import Appearance
from segmetry.learn.crops import Geometry
from segmetry.learn.plan import Plan, Schedule
from segmetry.models import TrainingData

PLAN = Plan(
    architecture=NETWORK,
    diameter=32.0,
    side=192,
    batch=8,
    schedule=Schedule(steps=6000, validate_every=500, learning_rate=1.5e-3),
    geometry=Geometry(octaves=0.35, stretch=0.2, shear=0.15),
    appearance=Appearance(invert=0.3, blur=0.35, gamma=1.0),
)

if __name__ == "__main__":
    training, validation = particles()
    data = [
        TrainingData(
            name=name,
            license=license_name,
            source=source,
            split="train part; some of it held out for validation",
            n_pictures=sum(one.kind == kind for one in training),
            sha256=set_hash(DATA / folder / "train"),
        )
        for kind, folder, name, license_name, source in (
            (
                "emps",
                "emps",
                "EMPS",
                "MIT; the pictures are figures of journal articles",
                "https://github.com/by256/emps",
            ),
            (
                "powder",
                "ampis_powder",
                "AMPIS powder",
                "MIT",
                "https://github.com/rccohn/AMPIS",
            ),
        )
    ]
    make("particles", (training, validation), (PLAN,), data=data, start="nuclei")
