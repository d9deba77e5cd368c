import numpy as np
import pytest
import torch

from segmetry.image import Image
from segmetry.learn.held_out import (
    Answer,
    answers,
    evaluated,
    network_of,
    pooled_cutoffs,
    scores,
)
from segmetry.learn.networks import build
from segmetry.learn.prepared import Example
from segmetry.learn.targets import object_targets
from segmetry.segment.hills import Cutoffs


@pytest.fixture
def right(annotated):
    """Answers that are what the network should say."""
    made = []
    for seed in range(6):
        picture, labels = annotated(seed=seed)
        example = Example(Image(picture), labels, name=f"d{seed}", group=f"g{seed}")
        made.append(Answer(example, object_targets(labels)))
    return made


def test_right_maps_score_1_and_empty_ones_0(right):
    assert scores(right) == [1.0] * 6
    blank = [Answer(one.example, np.zeros_like(one.maps)) for one in right]
    assert scores(blank) == [0.0] * 6


def test_objects_below_the_least_area_do_not_count(right):
    assert scores(right, min_area=10_000) == [0.0] * 6


def test_pooled_cutoffs_undo_a_network_that_is_too_shy(right):
    shy = [
        Answer(one.example, (one.maps * [0.45, 1, 1]).astype(np.float32)) for one in right
    ]
    assert scores(shy) == [0.0] * 6
    chosen = pooled_cutoffs(shy)
    assert chosen.foreground < 0.45
    assert scores(shy, cutoffs=chosen) == [1.0] * 6


def test_all_scores_have_intervals_from_whole_groups(right):
    found = evaluated(right, Cutoffs())
    assert found["dsb_score"].value == 1
    assert found["dsb_score"].low == 1
    assert found["count_mae"].value == 0
    one_dish = [
        Answer(
            Example(
                one.example.image, one.example.labels, name=one.example.name, group="g"
            ),
            one.maps,
        )
        for one in right
    ]
    assert np.isnan(evaluated(one_dish, Cutoffs())["dsb_score"].low)


def test_maps_have_the_size_of_their_pictures_one_at_a_time(annotated):
    architecture = {"kind": "unet", "channels": 1, "outputs": ["foreground"] * 3}
    architecture |= {"base": 2, "levels": 2}
    torch.manual_seed(0)
    network = network_of(architecture, build(architecture).state_dict())
    assert not network.training
    drawn = [annotated(seed=k, shape=(40 + 3 * k, 50), n_discs=2) for k in range(3)]
    examples = [
        Example(Image(p), labels, name=str(k)) for k, (p, labels) in enumerate(drawn)
    ]
    for diameter in (None, 20.0):
        given = answers(network, examples, channels=1, diameter=diameter)
        for example in examples:
            answer = next(given)
            assert answer.example is example
            assert answer.maps.shape == (*example.labels.shape, 3)
            assert 0 <= answer.maps.min() <= answer.maps.max() <= 1
