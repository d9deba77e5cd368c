from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from segmetry import Image
from segmetry.learn.examples import Example
from segmetry.learn.judging import (
    Answer,
    answers,
    evaluated,
    hold,
    map_pictures,
    network_of,
    pooled_cutoffs,
    scores,
)
from segmetry.learn.networks import UNet, build
from segmetry.learn.tasks import OBJECTS, PIXELS, task_of
from segmetry.models.outputs import Cutoffs


class Repeat(nn.Module):
    """Gives the grey value of a picture as the logit of each of its maps."""

    def __init__(self, n_maps, multiple):
        super().__init__()
        self.n_maps, self.multiple = n_maps, multiple
        self.seen = []

    def forward(self, pictures):
        self.seen.append(tuple(pictures.shape))
        return pictures[:, :1].repeat(1, self.n_maps, 1, 1)


def discs(radius, *, n=3, gap=2):
    """A grid of discs, a little apart from each other."""
    pitch = 2 * radius + gap
    y, x = np.mgrid[: n * pitch, : n * pitch + 5]
    away = np.hypot(y % pitch - (pitch - 1) / 2, x % pitch - (pitch - 1) / 2)
    numbers = y // pitch * n + np.minimum(x // pitch, n) + 1
    return np.where((away <= radius) & (x < n * pitch), numbers, 0).astype(np.uint32)


def example(labels, *, colour=False, excluded=None):
    pixels = np.where(labels > 0, 200, 30).astype(np.uint8)
    if colour:
        pixels = np.stack([pixels, pixels, 255 - pixels], axis=-1)
    return Example(Image(pixels, axes="YXC" if colour else "YX", excluded=excluded), labels)


def held(labels, *, diameter=None, channels=1, **options):
    return hold([example(labels, **options)], channels=channels, diameter=diameter)


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


@pytest.mark.parametrize("radius", [4, 10, 25])
def test_pictures_are_held_at_the_scale_of_training(radius):
    labels = discs(radius)
    one = held(labels, diameter=16.0)[0]
    scale = 8 / radius
    for found, side in zip(one.values.shape, labels.shape, strict=False):
        assert found == pytest.approx(side * scale, rel=0.04, abs=1)
    share = (one.values > 0.5).mean()
    assert share == pytest.approx((labels > 0).mean(), rel=0.1)
    assert one.values.min() >= -0.5
    assert one.values.max() <= 1.5


@pytest.mark.parametrize(("radius", "factor"), [(60, 1 / 8), (2, 4)])
def test_scales_have_limits(radius, factor):
    labels = discs(radius, n=2)
    one = held(labels, diameter=2.0 if factor < 1 else 100.0)[0]
    assert one.values.shape[0] == round(labels.shape[0] * factor)


@pytest.mark.parametrize("diameter", [None, 16.0])
def test_a_picture_without_objects_keeps_its_pixels(diameter):
    empty = np.zeros((20, 33), np.uint32)
    assert held(empty, diameter=diameter)[0].values.shape == (20, 33, 1)


@pytest.mark.parametrize(("colour", "channels"), [(False, 3), (True, 3), (True, 1)])
def test_pictures_have_as_many_channels_as_the_network(colour, channels):
    one = held(discs(8), colour=colour, channels=channels, diameter=20.0)[0]
    assert one.values.shape[-1] == channels
    if not colour:
        assert (one.values == one.values[..., :1]).all()


@pytest.mark.parametrize("n_maps", [1, 2, 3, 5])
@pytest.mark.parametrize("multiple", [1, 8, 32])
def test_maps_of_any_size_are_padded_and_cut_back(n_maps, multiple):
    one = held(discs(7))[0]
    network = Repeat(n_maps, multiple)
    task = task_of([f"class:{k}" for k in range(n_maps)])
    task = replace(task, name="objects")  # each map is its own
    maps = map_pictures(network, [one], task, precision=torch.float32)[0].classes
    height, width = one.values.shape[:2]
    assert network.seen[0][2] % multiple == network.seen[0][3] % multiple == 0
    assert network.seen[0][2] - height < multiple
    assert network.seen[0][3] - width < multiple
    expected = np.repeat(sigmoid(one.values), n_maps, axis=-1)
    assert maps.shape == (height, width, n_maps)
    assert np.abs(maps - expected).max() < 1e-6


@pytest.mark.parametrize("diameter", [9.0, 48.0])
def test_maps_come_back_to_the_size_of_the_picture(diameter):
    labels = discs(12)
    one = held(labels, diameter=diameter)[0]
    assert one.values.shape[:2] != labels.shape
    maps = map_pictures(Repeat(3, 8), [one], OBJECTS, precision=torch.float32)[0]
    assert maps.foreground.shape == labels.shape
    bright = maps.foreground > sigmoid(0.5)
    assert np.mean(bright == (labels > 0)) > 0.96
    assert maps.flows.shape[:2] == one.values.shape[:2]  # the network's own scale


def test_bfloat16_gives_nearly_the_same_maps():
    torch.manual_seed(0)
    network = UNet(channels=1, outputs=["foreground"], base=4, levels=3)
    one = held(discs(8))
    exact, rough = (
        map_pictures(network, one, PIXELS, precision=precision)[0].foreground
        for precision in (torch.float32, torch.bfloat16)
    )
    assert exact.dtype == rough.dtype == np.float32
    assert 0 < np.abs(exact - rough).max() < 0.03


def test_judging_leaves_weights_and_statistics_alone():
    network = UNet(channels=1, outputs=["a"], base=2, levels=2).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    map_pictures(network, held(discs(8)), PIXELS, precision=torch.float32)
    assert not network.training
    assert all(
        torch.equal(value, before[name]) for name, value in network.state_dict().items()
    )
    assert all(weights.requires_grad for weights in network.parameters())


def test_maps_of_classes_add_up_to_1():
    one = held(discs(8))[0]
    task = task_of([f"class:{k}" for k in range(4)])
    maps = map_pictures(Repeat(4, 8), [one], task, precision=torch.float32)[0]
    assert np.abs(maps.classes - 0.25).max() < 1e-6


@pytest.fixture
def right(annotated):
    """Answers that are what the network should say."""
    made = []
    for seed in range(6):
        picture, labels = annotated(seed=seed)
        example = Example(Image(picture), labels, name=f"d{seed}", group=f"g{seed}")
        made.append(Answer(example, OBJECTS.wanted(labels)))
    return made


def fainter(answer, factor):
    foreground = np.float32(factor) * answer.maps.foreground
    return replace(answer, maps=replace(answer.maps, foreground=foreground))


def test_right_maps_score_1_and_empty_ones_0(right):
    assert scores(right) == [1.0] * 6
    blank = [fainter(one, 0) for one in right]
    assert scores(blank) == [0.0] * 6


def test_objects_below_the_least_area_do_not_count(right):
    assert scores(right, min_area=10_000) == [0.0] * 6


def test_pooled_cutoffs_undo_a_network_that_is_too_shy(right):
    shy = [fainter(one, 0.45) for one in right]
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
            one.task,
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
            assert answer.maps.foreground.shape == example.labels.shape
            assert 0 <= answer.maps.foreground.min() <= answer.maps.foreground.max() <= 1
