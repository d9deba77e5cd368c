import numpy as np
import pytest
import torch
from heads_stars import (
    DIRECTIONS,
    N_RAYS,
    RADIUS,
    Options,
    loss,
    objects_of,
    polygons_of,
    rays_of,
)
from hills import object_targets

from segmetry import Image
from segmetry.evaluate import dsb_score, match_objects
from segmetry.learn.examples import Example


def told_truly(labels):
    """What a perfect network would give; the frame ends objects."""
    rays = rays_of(np.pad(labels, 1))[1:-1, 1:-1]
    probability = np.clip(object_targets(labels)[..., 2:], 0.001, 0.999)
    logits = np.log(probability / (1 - probability))
    return np.concatenate([logits, rays / RADIUS], axis=-1).astype(np.float32)


def found(logits, labels, **options):
    one = Example(Image(np.zeros(labels.shape, np.uint8)), labels)
    return objects_of(polygons_of(logits, one), one, Options(**options))


@pytest.mark.parametrize("radius", [4, 9, 15])
def test_rays_from_the_middle_of_a_disc_are_its_radius(ellipses, radius):
    rays = rays_of(ellipses((30, 40, radius, radius)))
    assert rays[30, 40] == pytest.approx(radius, abs=1)
    assert not rays[30, 40 + radius + 1].any()


@pytest.mark.parametrize("seed", range(4))
def test_rays_end_in_the_object_and_not_before_its_edge(crowd, seed):
    labels = np.pad(crowd(seed), 1)
    rays = rays_of(labels)
    for row, column in np.argwhere(labels)[::97]:
        for k in range(N_RAYS):
            length = rays[row, column, k]
            assert length > 0
            inside, beyond = (
                tuple(np.floor((row, column) + step * DIRECTIONS[k] + 0.5).astype(int))
                for step in (length - 0.5, length + 0.5)
            )
            assert labels[inside] == labels[row, column] != labels[beyond]


def test_rays_that_leave_the_picture_are_not_known():
    rays = rays_of(np.ones((5, 5), np.uint32))
    assert (rays == -1).all()
    labels = np.zeros((9, 9), np.uint32)
    labels[:5, 2:7] = 1
    rays = rays_of(labels)[2, 4]
    assert rays[N_RAYS // 4] == pytest.approx(2.5)  # down
    assert rays[0] == pytest.approx(2.5)  # to the right
    assert rays[3 * N_RAYS // 4] == -1  # up


@pytest.mark.parametrize("seed", range(8))
def test_true_rays_give_back_the_objects(crowd, seed):
    labels = crowd(seed)
    answer = found(told_truly(labels), labels)
    assert answer.max() == labels.max()
    assert dsb_score(match_objects(answer, labels)) > 0.75


@pytest.mark.parametrize("factor", [2, 3])
def test_polygons_have_the_size_of_the_picture_not_of_the_network(ellipses, factor):
    small = ellipses((20, 20, 12, 9), (50, 60, 10, 14))
    large = np.kron(small, np.ones((factor, factor), np.uint32))
    for seen, labels in ((small, large), (large, small)):
        answer = found(told_truly(seen), labels)
        assert dsb_score(match_objects(answer, labels)) > 0.75


def test_the_less_sure_of_two_polygons_that_overlap_is_dropped():
    labels = np.zeros((60, 60), np.uint32)
    logits = np.full((60, 60, 1 + N_RAYS), -6, np.float32)
    logits[..., 1:] = 10 / RADIUS
    logits[21, 21, 0], logits[21, 33, 0] = 3, 2  # 12 px apart: a quarter is shared
    assert found(logits, labels, overlap=0.5).max() == 2
    answer = found(logits, labels, overlap=0.1)
    assert answer.max() == 1
    assert answer[21, 21] == 1
    assert answer[21, 33] == 0
    assert found(logits, labels, probability=0.9).max() == 1
    assert found(logits, labels, probability=0.97).max() == 0


def test_polygons_smaller_than_any_object_are_not_drawn():
    logits = np.full((20, 20, 1 + N_RAYS), 6, np.float32)
    logits[..., 1:] = 1 / RADIUS
    one = Example(Image(np.zeros((20, 20), np.uint8)), np.zeros((20, 20), np.uint32))
    assert len(polygons_of(logits, one).probability) == 0
    assert not found(logits, one.labels).any()


def test_the_loss_leaves_out_rays_that_are_not_known(crowd):
    targets = torch.from_numpy(
        np.concatenate([object_targets(crowd(0))[..., 2:], rays_of(crowd(0))], axis=-1)
    )
    targets = targets.permute(2, 0, 1)[None]
    weight = torch.ones_like(targets[:, :1])
    logits = torch.cat([torch.zeros_like(weight), targets[:, 1:] / RADIUS], dim=1)
    exact = loss(logits, targets, weight)
    hidden = torch.where(targets[:, :] < 0, 7.0, logits)
    assert float(loss(hidden, targets, weight)) == pytest.approx(float(exact))
    assert float(exact) == pytest.approx(np.log(2), abs=1e-5)
    longer = logits + torch.cat([torch.zeros(1), torch.ones(N_RAYS)])[:, None, None]
    assert float(loss(longer, targets, weight)) > float(exact) + 0.1
