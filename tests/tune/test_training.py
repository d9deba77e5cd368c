"""What is asked of a training; trainings themselves are tested where they live."""

import shutil

import numpy as np
import pytest

from segmetry.dataset import find_pairs, read_pairs
from segmetry.errors import DatasetError, RecipeError
from segmetry.image import Image
from segmetry.models import find_model
from segmetry.tune.training import NetworkTraining


@pytest.fixture
def asked(monkeypatch):
    """Take down what a training is asked for, and give a model that is there already."""
    pytest.importorskip("torch")
    import segmetry.learn

    taken = []

    def train_model(images, masks, model, *, options):
        parts = {"teach": (images, masks), "judge": options.validation}
        read = {
            part: [one.labels for one in read_pairs(find_pairs(*folders).pairs)]
            for part, folders in parts.items()
        }
        taken.append((read, options))
        shutil.copy(find_model("particles"), model)

    monkeypatch.setattr(segmetry.learn, "train_model", train_model, raising=False)
    return taken


def pictures(n):
    truths = [np.full((40, 40), k, np.uint16) for k in range(n)]
    for truth in truths:
        truth[:20] = 0
    images = [Image(np.full((40, 40), 10 * k, np.uint8)) for k in range(n)]
    return images, truths


def test_pictures_that_choose_cutoffs_are_not_learned_from(asked, tmp_path):
    training = NetworkTraining(steps=7, size="small", learning_rate=0.001)
    trained = training.changed({"folder": str(tmp_path)}).fit(*pictures(7), seed=5)
    ((read, options),) = asked
    seen = {part: [int(one.max()) for one in rows] for part, rows in read.items()}
    assert sorted([*seen["teach"], *seen["judge"]]) == list(range(7))
    assert len(seen["judge"]) == 1
    assert (options.steps, options.size, options.seed) == (7, "small", 5)
    assert (options.learning_rate, options.start, options.task) == (
        0.001,
        "none",
        "objects",
    )
    assert trained.name == "network"
    assert trained.model.startswith(str(tmp_path))


def test_a_lone_picture_does_both(asked, tmp_path):
    NetworkTraining(folder=str(tmp_path)).fit(*pictures(1))
    ((read, options),) = asked
    assert [len(rows) for rows in read.values()] == [1, 1]
    assert options.learning_rate is None


def test_an_earlier_network_is_not_overwritten(asked, tmp_path):
    training = NetworkTraining(folder=str(tmp_path))
    one, other = (training.fit(*pictures(2)) for _ in range(2))
    assert one.model != other.model
    assert len(asked) == 2


def test_training_needs_pictures_and_a_folder(tmp_path):
    with pytest.raises(DatasetError, match="at least one picture"):
        NetworkTraining(folder=str(tmp_path)).fit([], [])
    with pytest.raises(RecipeError, match="needs a folder"):
        NetworkTraining().fit(*pictures(1))
