import numpy as np
import pytest

from segmetry.errors import DatasetError
from segmetry.image import Image
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import OBJECT_OUTPUTS
from segmetry.learn.prepared import Example
from segmetry.learn.tasks import OBJECTS, PIXELS, outputs_for, task_of
from segmetry.segment.hills import Cutoffs


def example(labels):
    return Example(Image(np.zeros(np.shape(labels), np.uint8)), np.array(labels, np.uint32))


@pytest.mark.parametrize(
    ("task", "outputs"),
    [
        ("objects", OBJECT_OUTPUTS),
        ("pixels", ("foreground",)),
        ("classes", ("class:background", "class:3", "class:9")),
    ],
)
def test_a_task_is_known_by_the_outputs_that_it_asks_for(task, outputs):
    examples = [example([[0, 9]]), example([[3, 3]])]
    assert outputs_for(task, examples) == outputs
    found = task_of(list(outputs))
    assert found.name == task
    assert found.loss in LOSSES
    assert found.has_classes == (task == "classes")
    assert found.targets(examples[0].labels, 1.5).shape == (1, 2, len(outputs))


def test_masks_without_background_still_have_that_class():
    assert outputs_for("classes", [example([[1, 2]])])[0] == "class:background"


def test_32_classes_are_the_most():
    numbers = np.arange(1, 34)[None]
    assert len(outputs_for("classes", [example(numbers[:, :32])])) == 33
    with pytest.raises(DatasetError, match="hold 33 different numbers, but at most 32"):
        outputs_for("classes", [example(numbers)])


@pytest.mark.parametrize("seed", range(5))
def test_the_wanted_maps_of_every_task_score_1(seed):
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 4, (4, 5)) * 7
    blocks[0, 0] = 7
    one = example(np.kron(blocks, np.ones((6, 6), int)))
    for task in ("pixels", "classes"):
        found = task_of(outputs_for(task, [one]))
        assert found.value(found.targets(one.labels, 1.5), one) == 1
        assert found.value(1 - found.targets(one.labels, 1.5), one) < 0.5
    alone = example(np.kron(np.arange(9).reshape(3, 3), np.ones((8, 8), int)))
    assert OBJECTS.value(OBJECTS.targets(alone.labels, 1.5), alone) > 0.9


def test_the_cutoff_of_the_foreground_is_used():
    one = example([[0, 5, 5, 0]])
    maps = np.array([[[0.1], [0.6], [0.6], [0.5]]], np.float32)
    assert PIXELS.value(maps, one, cutoffs=Cutoffs(foreground=0.55)) == 1
    assert PIXELS.value(maps, one, cutoffs=Cutoffs(foreground=0.45)) == pytest.approx(0.8)
    assert PIXELS.value(maps, one, cutoffs=Cutoffs(foreground=0.7)) == 0
