from dataclasses import asdict, replace

import heads_training
import numpy as np
import pytest
import torch
from heads_flows import FLOWS
from heads_maps import MAPS, maps_of
from heads_stars import STARS
from heads_training import HeadBatches, judged, labels_of, located, trained
from scipy.special import expit

from segmetry import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.batches import Batches
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example, prepare
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.networks import FLOW_OUTPUTS
from segmetry.learn.tasks import task_of
from segmetry.models.outputs import decoded_flows

NAMES = list(FLOW_OUTPUTS)
HEADS = pytest.mark.parametrize(
    "head", [MAPS, FLOWS, STARS], ids=["maps", "flows", "stars"]
)


@pytest.fixture(scope="module")
def pictures(crowd):
    """Return examples of which crops are drawn enlarged, as they are, and shrunk."""
    examples = []
    for seed in range(6):
        labels = np.kron(crowd(seed), np.ones((1 + seed % 2, 1 + seed % 2), np.uint32))
        image = Image(np.where(labels > 0, 180, 40).astype(np.uint8))
        examples.append(Example(image, labels, name=str(seed), group=str(seed)))
    return examples


def batches(head, sources, *, side=48, seed=0):
    crops = Batches(
        sources=sources,
        channels=3,
        size=8,
        side=side,
        geometry=Geometry(),
        appearance=Appearance.none(),
        seed=seed,
    )
    seen = [head.seen(labels_of(one)) for one in sources]
    return HeadBatches(crops=crops, seen=seen, targets=head.targets)


@pytest.mark.parametrize("seed", range(3))
def test_labels_lie_where_the_crop_shows_their_objects(pictures, seed):
    head = replace(MAPS, targets=lambda crop: (crop.seen > 0)[..., None])
    shown, found, weight = batches(head, located(pictures), seed=seed).batch(seed)
    differs = ((shown[:, :1] > 0.5) != found) & (weight > 0)
    assert 0.1 < found.float().mean() < 0.9
    assert differs.float().mean() < 0.03  # pixels that an edge cuts


def test_all_heads_see_the_same_crops(pictures):
    sources = located(pictures)
    first, *others = [batches(head, sources).batch(3) for head in (MAPS, FLOWS, STARS)]
    for other in others:
        assert torch.equal(first[0], other[0])
        assert torch.equal(first[2], other[2])


def test_the_foreground_is_the_one_that_the_program_trains_with(pictures):
    sources = prepare(pictures, channels=3, diameter=heads_training.DIAMETER)
    told = batches(MAPS, located(pictures)).batch(0)
    usual = replace(batches(MAPS, located(pictures)).crops, sources=sources).batch(0)
    assert torch.equal(told[0], usual[0])
    apart = (told[1][:, :1] - usual[1]).abs()  # OpenCV places bytes to 1/32 of a pixel
    assert apart.max() < 0.05
    assert apart.mean() < 0.002


@HEADS
def test_batches_hold_as_many_maps_as_the_head_has(pictures, head):
    shown, targets, weight = batches(head, located(pictures)).batch(1)
    assert targets.shape == (8, head.n_maps, 48, 48)
    assert targets.dtype == torch.float32
    value = head.loss(torch.zeros_like(targets), targets, weight)
    assert 0 < float(value) < 100
    assert shown.shape[1] == 3


def test_logits_are_those_of_which_the_program_makes_maps(pictures):
    network = heads_training.build(
        {"kind": "unet", "channels": 3, "outputs": NAMES, "base": 4, "levels": 4}
    )
    held = hold(pictures[:1], channels=3, diameter=24.0)
    expected = map_pictures(
        network, held, task_of(NAMES), precision=heads_training.PRECISION
    )[0]
    logits = heads_training.logits_of(network, held[0].values)
    assert logits.shape[:2] == held[0].values.shape[:2]
    maps, _ = maps_of(logits, pictures[0])
    assert np.abs(maps[..., 0] - expected.foreground).max() < 1e-5
    flows = decoded_flows(expit(logits[..., 1:]))
    assert np.abs(flows - expected.flows).max() < 1e-5


@HEADS
@pytest.mark.slow
def test_a_head_learns_bright_ellipses(monkeypatch, pictures, head):
    monkeypatch.setattr(heads_training, "SIDE", 48)
    monkeypatch.setattr(heads_training, "BATCH", 4)
    sources = located(pictures)
    seen = [head.seen(labels_of(one)) for one in sources]
    network = trained(head, sources, seen, steps=120, seed=0)
    held = hold(pictures[:2], channels=3, diameter=heads_training.DIAMETER)
    told = judged(head, network, tuning=held, held=held)
    assert len(told["scores"]) == 2
    assert np.mean(told["scores"]) > 0.3
    assert set(told["options"]) == set(asdict(head.options))
    assert told["network_s"] > 0
    assert told["cutting_s"] > 0
