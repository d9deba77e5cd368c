import numpy as np
import pytest
import torch
from heads_flows import (
    FLOWS,
    GAIN,
    Options,
    disagreement,
    follow,
    loss,
    objects_of,
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


def test_an_object_whose_vectors_disagree_is_dropped(ellipses):
    labels = ellipses((30, 24, 12, 12), (30, 70, 12, 12))
    logits = told_truly(labels)
    whirl = logits[:, 48:, 1:].copy()
    half = np.sqrt(0.75)  # turned by 60 degrees: a whirl still ends in the middle
    logits[:, 48:, 1:] = whirl / 2 + half * whirl[..., ::-1] * [-1, 1]
    assert found(logits, labels, error=np.inf).max() == 2
    assert np.array_equal(found(logits, labels, error=0.4), labels == 1)
    flows = logits[..., 1:] / GAIN
    assert disagreement(labels, flows)[1:] == pytest.approx([0, 1], abs=0.02)


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
