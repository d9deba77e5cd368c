"""The losses of the published trainings on neurons, against sums by hand."""

import math

import pytest
import torch

from segmetry.learn.losses import (
    bce,
    density_loss,
    focal_tversky_loss,
    tversky_loss,
    weighted_bce,
)

EVERYWHERE = torch.ones(1, 1, 2, 3)


def chances(*values):
    return torch.tensor(values).reshape(1, 1, 2, 3)


def logits(*values):
    return torch.logit(chances(*values))


WANTED = chances(1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
FOUND = (0.8, 0.3, 0.4, 0.1, 0.1, 0.2)


def entropies():
    return [-math.log(p if k < 2 else 1 - p) for k, p in enumerate(FOUND)]


def test_weighted_cross_entropy_is_the_sum_by_hand():
    weight = chances(1.0, 2.0, 0.5, 1.0, 0.0, 3.0)
    own = [1.5, 3.0, 0.5, 1.0, 0.0, 3.0]
    total = sum(w * e for w, e in zip(own, entropies(), strict=True))
    found = weighted_bce(logits(*FOUND), WANTED, weight)
    assert found.item() == pytest.approx(total / 5, rel=1e-5)  # one pixel does not count


@pytest.mark.parametrize("factor", [0.26, 2.0])
def test_heavier_pixels_cost_more_in_weighted_cross_entropy_alone(factor):
    once, more = (
        [loss(logits(*FOUND), WANTED, w * EVERYWHERE).item() for w in (1.0, factor)]
        for loss in (weighted_bce, bce)
    )
    assert once[1] == pytest.approx(factor * once[0], rel=1e-5)
    assert more[1] == pytest.approx(more[0], rel=1e-5)


def test_objects_that_count_once_give_cross_entropy():
    found = weighted_bce(logits(*FOUND), WANTED, EVERYWHERE, of_objects=1)
    assert found.item() == pytest.approx(bce(logits(*FOUND), WANTED, EVERYWHERE).item())


def test_focal_tversky_is_the_power_of_tversky_by_hand():
    right = 0.8 + 0.3
    penalty = 0.7 * (0.2 + 0.7) + 0.3 * (0.4 + 0.1 + 0.1 + 0.2)
    tversky = penalty / (right + penalty + 0.5)
    plain = tversky_loss(logits(*FOUND), WANTED, EVERYWHERE).item()
    assert plain == pytest.approx(tversky, rel=1e-5)
    found = focal_tversky_loss(logits(*FOUND), WANTED, EVERYWHERE).item()
    assert found == pytest.approx(tversky**0.75, rel=1e-3)


def test_focal_tversky_pulls_harder_where_little_is_wrong():
    def pull(loss, chance):
        start = logits(*([chance] * 2 + [1 - chance] * 4)).requires_grad_()
        (slope,) = torch.autograd.grad(loss(start, WANTED, EVERYWHERE), start)
        return slope.abs().sum().item()

    assert pull(focal_tversky_loss, 0.99) > pull(tversky_loss, 0.99)
    assert pull(focal_tversky_loss, 0.5) < pull(tversky_loss, 0.5)


def test_a_density_that_is_met_costs_nothing_and_otherwise_the_divergence():
    wanted = chances(0.25, 0.1, 0.0, 0.2, 1.0, 0.01)
    met = torch.logit(wanted, eps=1e-6)
    assert density_loss(met, wanted, EVERYWHERE).item() == pytest.approx(0, abs=1e-5)
    half = density_loss(torch.zeros_like(wanted), wanted, EVERYWHERE).item()
    by_hand = [
        math.log(2) + sum(q * math.log(q) for q in (p, 1 - p) if q)
        for p in (0.25, 0.1, 0.0, 0.2, 1.0, 0.01)
    ]
    assert half == pytest.approx(sum(by_hand) / 6, rel=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_density_with_least_loss_has_the_mean_of_what_is_wanted(seed):
    """Pixels that look alike get one answer, and their sum is right."""
    random = torch.Generator().manual_seed(seed)
    wanted = torch.rand((1, 1, 20, 20), generator=random) ** 4
    everywhere = torch.ones_like(wanted)
    answer = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([answer], max_iter=50)

    def closure():
        optimizer.zero_grad()
        loss = density_loss(answer.expand_as(wanted), wanted, everywhere)
        loss.backward()
        return loss

    optimizer.step(closure)
    assert torch.sigmoid(answer).item() == pytest.approx(wanted.mean().item(), rel=1e-3)
