from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import DatasetError, ModelError
from segmetry.evaluate import dsb_score, f1_at, match_objects
from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.losses import LOSSES
from segmetry.learn.networks import FLOW_OUTPUTS
from segmetry.learn.scores import class_dice, foreground_dice
from segmetry.learn.tasks import (
    OBJECTS,
    PIXELS,
    cut_objects,
    outputs_for,
    task_of,
)
from segmetry.models.outputs import Cutoffs, named_maps
from segmetry.segment import Maps


def example(labels, *, excluded=None):
    labels = np.array(labels, np.uint32)
    return Example(Image(np.zeros(labels.shape), excluded=excluded), labels)


def discs(radius, *, n=3, gap=2):
    """A grid of discs, a little apart from each other."""
    pitch = 2 * radius + gap
    y, x = np.mgrid[: n * pitch, : n * pitch + 5]
    away = np.hypot(y % pitch - (pitch - 1) / 2, x % pitch - (pitch - 1) / 2)
    numbers = y // pitch * n + np.minimum(x // pitch, n) + 1
    return np.where((away <= radius) & (x < n * pitch), numbers, 0).astype(np.uint32)


def objects_score(maps, one):
    """Return how well the objects cut in the maps are those of the picture."""
    matches = match_objects(cut_objects(maps, one), one.labels)
    return {"dsb_score": dsb_score(matches), "f1_50": f1_at(matches)}


@pytest.mark.parametrize(
    ("task", "outputs"),
    [
        ("objects", FLOW_OUTPUTS),
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
    assert found.outputs == outputs
    n_maps = len(outputs) - 2 * found.has_flows  # flows are made where crops are drawn
    assert found.targets(examples[0].labels).shape == (1, 2, n_maps)


def test_objects_and_pixels_have_one_task_each():
    assert task_of(list(FLOW_OUTPUTS)) is OBJECTS
    assert task_of(["foreground"]) is PIXELS


@pytest.mark.parametrize("outputs", [("foreground", "flow_x", "flow_y"), ("mask",)])
def test_maps_of_no_known_task_are_refused(outputs):
    with pytest.raises(ModelError, match="none of the known sets of maps"):
        task_of(outputs)


def test_masks_without_background_still_have_that_class():
    assert outputs_for("classes", [example([[1, 2]])])[0] == "class:background"


@given(st.sets(st.integers(1, 2**32 - 1), max_size=32))
def test_the_classes_of_a_model_are_the_numbers_in_its_masks(numbers):
    outputs = outputs_for("classes", [example([[0, *numbers]]), example([[0]])])
    assert len(outputs) == 1 + len(numbers)
    task = task_of(outputs)
    assert task.outputs == outputs
    labels = np.array([[0, *sorted(numbers)]], np.uint32)
    assert np.array_equal(task.targets(labels)[0], np.eye(1 + len(numbers)))


@pytest.mark.parametrize("seed", range(5))
def test_objects_are_cut_by_the_flows_alone_and_never_outside_the_foreground(seed):
    random = np.random.default_rng(seed)
    labels = discs(7, n=4)
    wanted = OBJECTS.wanted(labels)
    faint = np.where(random.random(labels.shape) < 0.1, 0, wanted.foreground)
    found = cut_objects(replace(wanted, foreground=faint), example(labels))
    assert found.max() == 16
    assert not found[labels == 0].any()
    one = replace(wanted, flows=np.zeros_like(wanted.flows))
    assert cut_objects(one, example(labels)).max() == 0


def test_32_classes_are_the_most():
    numbers = np.arange(1, 34)[None]
    assert len(outputs_for("classes", [example(numbers[:, :32])])) == 33
    with pytest.raises(DatasetError, match="hold 33 different numbers, but at most 32"):
        outputs_for("classes", [example(numbers)])


def test_classes_that_are_named_are_all_there_in_the_order_of_their_numbers():
    names = ("background", "epithelium", "stroma", "fat")
    one = example([[0, 1, 3]])
    outputs = outputs_for("classes", [one], names=names)
    assert outputs == ("class:background", "class:epithelium", "class:stroma", "class:fat")
    task = task_of(outputs)
    assert task.targets(one.labels)[0].argmax(axis=-1).tolist() == [0, 1, 3]
    scores = task.judged(task.wanted(one.labels), one, None, 0)
    assert scores == {"dice": 1, "dice_epithelium": 1, "dice_fat": 1}


@pytest.mark.parametrize("names", [("background",), ("background", "epithelium")])
def test_a_class_without_a_name_is_refused(names):
    with pytest.raises(DatasetError, match="masks hold classes up to 2, but there are"):
        outputs_for("classes", [example([[0, 2]])], names=names)


def test_pixels_of_which_nobody_knows_the_class_are_no_class_and_count_for_nothing():
    labels = np.array([[0, 1, 255, 255]])
    one = replace(example(labels), unknown=labels == 255)
    assert outputs_for("classes", [one]) == ("class:background", "class:1")
    found = (np.array([[0, 1, 1, 0]])[..., None] == [0, 1]).astype(np.float32)
    assert class_dice(found, one, numbers=(0, 1)) == {"dice": 1, "dice_1": 1}
    assert foreground_dice(found[..., 1], one, cutoff=0.5) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_wanted_maps_of_every_task_score_1(seed):
    random = np.random.default_rng(seed)
    blocks = random.integers(0, 4, (4, 5)) * 7
    blocks[0, 0] = 7
    one = example(np.kron(blocks, np.ones((6, 6), int)))
    for task in ("pixels", "classes"):
        found = task_of(outputs_for(task, [one]))
        assert found.value(found.wanted(one.labels), one) == 1
        wrong = named_maps(found.outputs, 1 - found.targets(one.labels))
        assert found.value(wrong, one) < 0.5
    alone = example(np.kron(np.arange(9).reshape(3, 3), np.ones((8, 8), int)))
    assert OBJECTS.value(OBJECTS.wanted(alone.labels), alone) > 0.9


def test_the_cutoff_of_the_foreground_is_used():
    one = example([[0, 5, 5, 0]])
    maps = Maps(np.array([[0.1, 0.6, 0.6, 0.5]], np.float32))
    assert PIXELS.value(maps, one, cutoffs=Cutoffs(foreground=0.55)) == 1
    assert PIXELS.value(maps, one, cutoffs=Cutoffs(foreground=0.45)) == pytest.approx(0.8)
    assert PIXELS.value(maps, one, cutoffs=Cutoffs(foreground=0.7)) == 0


@pytest.mark.parametrize("radius", [6, 11])
def test_perfect_maps_score_one(radius):
    labels = discs(radius)
    row = objects_score(OBJECTS.wanted(labels), example(labels))
    assert row == {"dsb_score": 1.0, "f1_50": 1.0}


def test_perfect_maps_of_touching_objects_score_one():
    labels = np.zeros((30, 62), np.uint32)
    y, x = np.ogrid[:30, :62]
    for number, column in enumerate((16, 31, 46)):
        nearer = abs(x - column) <= 7
        labels[(np.hypot(y - 15, x - column) <= 9) & nearer] = number + 1
    row = objects_score(OBJECTS.wanted(labels), example(labels))
    assert row["f1_50"] == 1
    assert row["dsb_score"] > 0.9


def test_empty_maps_score_nothing_but_where_there_is_nothing():
    labels = discs(8)
    nothing = named_maps(OBJECTS.outputs, np.zeros((*labels.shape, 3), np.float32))
    assert objects_score(nothing, example(labels)) == {"dsb_score": 0, "f1_50": 0}
    empty = np.zeros_like(labels)
    assert objects_score(nothing, example(empty)) == {"dsb_score": 1, "f1_50": 1}


def test_half_of_the_objects_score_a_half():
    labels = discs(8, n=4)
    half = np.where(labels % 2 == 1, labels, 0).astype(np.uint32)
    row = objects_score(OBJECTS.wanted(half), example(labels))
    assert row["dsb_score"] == pytest.approx(0.5)
    assert row["f1_50"] == pytest.approx(2 / 3)


def test_nothing_is_found_where_the_picture_is_excluded():
    labels = discs(8)
    excluded = np.zeros(labels.shape, bool)
    excluded[: labels.shape[0] // 3] = True
    one = example(labels, excluded=excluded)
    found = cut_objects(OBJECTS.wanted(labels), one)
    assert found.max() == 6
    assert not found[excluded].any()


def test_cutoffs_and_the_smallest_area_are_used():
    labels = discs(8)
    maps, one = OBJECTS.wanted(labels), example(labels)
    fainter = replace(maps, foreground=np.float32(0.6) * maps.foreground)
    assert cut_objects(maps, one).max() == 9
    assert cut_objects(fainter, one, cutoffs=Cutoffs(foreground=0.7)).max() == 0
    assert cut_objects(maps, one, min_area=400).max() == 0


def test_holes_in_the_foreground_are_filled():
    labels = discs(9, n=1)
    maps = OBJECTS.wanted(labels)
    maps.foreground[8:11, 8:11] = 0
    assert np.array_equal(cut_objects(maps, example(labels)) > 0, labels > 0)


def test_a_foreground_is_judged_at_its_cutoff_and_by_its_order_where_pixels_count():
    excluded = np.array([[False, False, False, True]])
    one = example([[5, 0, 3, 0]], excluded=excluded)
    maps = Maps(np.array([[0.8, 0.3, 0.4, 0.9]], np.float32))
    scores = PIXELS.judged(maps, one, Cutoffs(foreground=0.5), 1)
    assert scores == {"dice": pytest.approx(2 / 3), "auc_roc": 1}
