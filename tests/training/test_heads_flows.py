import numpy as np
import pytest
import torch
from heads_flows import (
    FLOWS,
    GAIN,
    Options,
    follow,
    loss,
    objects_of,
    turned,
)

from segmetry import Image
from segmetry.evaluate import dsb_score, match_objects
from segmetry.learn.examples import Example
from segmetry.segment.flows import towards_middles


def told_truly(labels):
    """What a perfect network would give."""
    logits = np.full((*labels.shape, 3), -6, np.float32)
    logits[labels > 0, 0] = 6
    logits[..., 1:] = GAIN * towards_middles(labels)
    return logits


def example(labels):
    return Example(Image(np.zeros(labels.shape, np.uint8)), labels)


def found(logits, labels, **options):
    one = example(labels)
    return objects_of(follow(logits, one), one, Options(**options))


@pytest.mark.parametrize("seed", range(8))
def test_true_vectors_give_back_the_objects(crowd, seed):
    labels = crowd(seed)
    assert match(found(told_truly(labels), labels), labels) > 0.97


def match(labels, truth):
    return dsb_score(match_objects(labels, truth))


@pytest.mark.parametrize("factor", [2, 3])
def test_objects_have_the_size_of_the_picture_not_of_the_network(crowd, factor):
    small = crowd(1)
    large = np.kron(small, np.ones((factor, factor), np.uint32))
    assert match(found(told_truly(small), large), large) > 0.7
    seen_enlarged = told_truly(large)
    assert match(found(seen_enlarged, small, error=np.inf), small) > 0.9


def test_an_object_whose_vectors_were_not_told_so_is_dropped(ellipses):
    labels = ellipses((30, 24, 12, 12), (30, 70, 12, 12))
    logits = told_truly(labels)
    right = logits[:, 48:, 1:]
    angle = np.deg2rad(60)  # a whirl still ends in the middle
    row = np.cos(angle) * right[..., 0] - np.sin(angle) * right[..., 1]
    column = np.sin(angle) * right[..., 0] + np.cos(angle) * right[..., 1]
    logits[:, 48:, 1:] = np.stack([row, column], axis=-1)
    assert found(logits, labels, error=np.inf).max() == 2
    assert found(logits, labels, error=0.4).max() == 1


def test_nothing_is_found_where_nothing_is_foreground(ellipses):
    labels = ellipses((30, 24, 12, 12))
    logits = told_truly(labels)
    logits[..., 0] = -6
    assert not found(logits, labels).any()


@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("scale", [0.6, 1.0, 1.7])
def test_vectors_turn_with_the_picture(ellipses, degrees, mirrored, scale):
    labels = ellipses((36, 48, 20, 14))
    angle = np.deg2rad(degrees)
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = scale * matrix @ np.diag([1, -1 if mirrored else 1])
    offsets = np.stack(np.mgrid[-16:17, -16:17], axis=-1)
    places = (offsets @ matrix.T + (36, 48)).astype(np.float32)
    row, column = np.moveaxis(np.rint(places).astype(int).clip(0, (71, 95)), -1, 0)
    crop = labels[row, column]
    own = turned(towards_middles(labels)[row, column], places)
    ends = (places - (36, 48)) @ np.linalg.inv(matrix).T  # in the crop, from the middle
    far = (crop > 0) & (np.linalg.norm(ends, axis=-1) > 3)
    inward = -ends / np.maximum(np.linalg.norm(ends, axis=-1, keepdims=True), 1)
    assert np.linalg.norm(own[far], axis=-1) == pytest.approx(1, abs=1e-4)
    assert (own * inward).sum(axis=-1)[far].mean() > 0.9


def test_the_loss_is_least_where_vectors_are_true(crowd):
    targets = np.concatenate(
        [(crowd(0) > 0)[..., None], towards_middles(crowd(0))], axis=-1, dtype=np.float32
    )
    wanted = torch.from_numpy(targets).permute(2, 0, 1)[None]
    weight = torch.ones_like(wanted[:, :1])
    truth = torch.from_numpy(told_truly(crowd(0))).permute(2, 0, 1)[None]
    best = loss(truth, wanted, weight)
    assert best < 0.02
    assert loss(truth * torch.tensor([1, -1, 1])[:, None, None], wanted, weight) > 1
    assert loss(truth * torch.tensor([-1, 1, 1])[:, None, None], wanted, weight) > 1
    assert FLOWS.n_maps == wanted.shape[1]
