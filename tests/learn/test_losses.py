import math

import pytest
import torch
from torch.nn import functional

from segmetry.learn.losses import (
    LOSSES,
    bce,
    bce_cldice,
    bce_dice,
    class_entropy,
    class_loss,
    flow_loss,
    focal_loss,
    soft_cldice,
    soft_dice,
    soft_skeleton,
    tversky_loss,
    weighted_mean,
)
from segmetry.models.outputs import FLOW_REACH

SHAPE = (2, 3, 12, 16)
CERTAIN = 30.0  # a logit whose probability is 1 in single precision


def drawn(seed):
    return torch.Generator().manual_seed(seed)


def targets_for(name, seed=0):
    """Random targets of the kind that a loss is meant for, and logits that meet them."""
    chance = torch.rand(SHAPE, generator=drawn(seed))
    if name == "classes":
        wanted = functional.one_hot(chance.argmax(dim=1), 3).permute(0, 3, 1, 2).float()
        return wanted, CERTAIN * wanted
    wanted = (chance > 0.6).float()
    met = CERTAIN * (2 * wanted - 1)
    return wanted, met


def weights(seed=0):
    return (torch.rand((2, 1, 12, 16), generator=drawn(seed + 50)) > 0.3).float()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("seed", range(4))
def test_perfect_maps_cost_nothing_and_worse_ones_more(name, seed):
    wanted, met = targets_for(name, seed)
    guess = torch.randn(SHAPE, generator=drawn(seed + 9))
    perfect, guessed, opposite = (
        LOSSES[name](logits, wanted, weights(seed)).item() for logits in (met, guess, -met)
    )
    assert 0 <= perfect < 1e-4
    assert perfect < 0.1 < guessed < opposite


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("share", [0.2, 0.9])
def test_perfect_maps_cost_nothing_where_pixels_count_in_part(name, share):
    wanted, met = targets_for(name)
    assert LOSSES[name](met, wanted, share * weights()).item() < 1e-4


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("size", [0.0, 1.0, 50.0, 1e4])
def test_gradients_are_finite_at_extremes(name, size):
    wanted, _ = targets_for(name)
    logits = size * torch.randn(SHAPE, generator=drawn(1))
    logits.requires_grad_()
    loss = LOSSES[name](logits, wanted, weights())
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()
    assert size > 1 or logits.grad.any()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("seed", range(4))
def test_pixels_of_no_weight_do_not_count(name, seed):
    wanted, met = targets_for(name, seed)
    others, _ = targets_for(name, seed + 1)
    weight = weights(seed)
    logits = torch.randn(SHAPE, generator=drawn(seed), requires_grad=True)
    loss = LOSSES[name](logits, wanted, weight)
    changed = torch.where(weight > 0, logits, met)
    same = LOSSES[name](changed, torch.where(weight > 0, wanted, others), weight)
    assert loss.item() == pytest.approx(same.item(), rel=1e-5)
    loss.backward()
    assert not logits.grad[(weight == 0).expand(SHAPE)].any()


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_without_weight_costs_nothing(name):
    wanted, _ = targets_for(name)
    logits = torch.randn(SHAPE, generator=drawn(0), requires_grad=True)
    loss = LOSSES[name](logits, wanted, torch.zeros(2, 1, 12, 16))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


@pytest.mark.parametrize("name", LOSSES)
def test_order_and_orientation_do_not_matter(name):
    wanted, _ = targets_for(name)
    logits, weight = torch.randn(SHAPE, generator=drawn(3)), weights()
    expected = LOSSES[name](logits, wanted, weight).item()
    for dims in ((0,), (2,), (2, 3)):
        flipped = (each.flip(dims) for each in (logits, wanted, weight))
        assert LOSSES[name](*flipped).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_pictures_without_objects_are_learned_as_such(name):
    wanted = torch.zeros(SHAPE)
    if name == "classes":
        wanted[:, 0] = 1
    logits = torch.zeros(SHAPE, requires_grad=True)
    LOSSES[name](logits, wanted, torch.ones(2, 1, 12, 16)).backward()
    downhill = -logits.grad
    assert (downhill[:, 1:] < 0).all()
    assert (downhill[:, 0] > 0).all() == (name == "classes")


def test_the_mean_is_over_pixels_that_count():
    values = torch.tensor([[[[1.0, 5.0, 9.0]]]])
    assert weighted_mean(values, torch.tensor([[[[1.0, 1.0, 0.0]]]])) == 3


def test_undecided_pixels_cost_what_the_formulas_say():
    undecided, wanted = torch.zeros(SHAPE), (torch.rand(SHAPE) > 0.5).float()
    everywhere = torch.ones(2, 1, 12, 16)
    focal = focal_loss(undecided, wanted, everywhere)
    assert focal.item() == pytest.approx(0.25 * math.log(2), rel=1e-5)
    classes, _ = targets_for("classes")
    entropy = class_entropy(undecided, classes, everywhere)
    assert entropy.item() == pytest.approx(math.log(3))


def test_a_vector_that_is_not_seen_costs_as_much_as_in_the_paper():
    """Half the squared error of vectors of length 5, averaged over both directions."""
    vectors = torch.tensor([0.6, -0.8])[:, None, None].expand(2, 12, 16)
    wanted = torch.cat([torch.ones(1, 12, 16), 0.5 + FLOW_REACH * vectors])[None]
    logits = torch.zeros(1, 3, 12, 16)
    logits[:, 0] = CERTAIN
    everywhere = torch.ones(1, 1, 12, 16)
    cost = flow_loss(logits, wanted, everywhere).item()
    assert cost == pytest.approx(0.5 * 5**2 * (0.6**2 + 0.8**2) / 2, rel=1e-3)
    met = torch.logit(wanted)
    met[:, 0] = CERTAIN
    assert flow_loss(met, wanted, everywhere).item() == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("angle", [0.3, 1.0, 2.0, 3.1])
def test_a_vector_costs_the_more_the_further_it_points_astray(angle):
    def cost(turned):
        ways = torch.tensor([math.sin(turned), math.cos(turned)])[:, None, None]
        maps = torch.cat([torch.ones(1, 6, 8), (0.5 + FLOW_REACH * ways).expand(2, 6, 8)])
        logits = torch.logit(maps.clamp(1e-6, 1 - 1e-6))[None]
        return flow_loss(logits, wanted, torch.ones(1, 1, 6, 8)).item()

    still = 0.5 + FLOW_REACH * torch.tensor([0.0, 1.0])[:, None, None].expand(2, 6, 8)
    wanted = torch.cat([torch.ones(1, 6, 8), still])[None]
    assert cost(0) < cost(angle / 2) < cost(angle)
    # The chord between unit vectors, squared, and half of it on each of two maps.
    chord = 2 * math.sin(angle / 2)
    assert cost(angle) - cost(0) == pytest.approx(12.5 * chord**2 / 2, rel=1e-3)


def test_focal_loss_without_focus_is_cross_entropy():
    wanted, _ = targets_for("focal")
    logits = torch.randn(SHAPE, generator=drawn(0))
    found = focal_loss(logits, wanted, torch.ones(2, 1, 12, 16), gamma=0)
    expected = functional.binary_cross_entropy_with_logits(logits, wanted)
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.8])
def test_focal_loss_is_least_where_a_soft_target_is_met(probability):
    wanted = torch.full((1, 1, 2, 2), probability)
    costs = [
        focal_loss(torch.logit(wanted + change), wanted, torch.ones(1, 1, 2, 2)).item()
        for change in (-0.05, 0.0, 0.05)
    ]
    assert costs[1] == pytest.approx(0, abs=1e-6)
    assert min(costs[0], costs[2]) > 1e-4


def counted(right, invented, missed):
    """A picture of 24 pixels: so many of each kind, and the rest is found background."""
    wanted = torch.zeros(24)
    wanted[: right + missed] = 1
    found = torch.zeros(24)
    found[:right] = 1
    found[right + missed : right + missed + invented] = 1
    shape = (1, 1, 4, 6)
    return (
        CERTAIN * (2 * found - 1).reshape(shape),
        wanted.reshape(shape),
        torch.ones(shape),
    )


def test_tversky_loss_weighs_missed_and_invented_pixels():
    found = tversky_loss(*counted(right=6, invented=2, missed=4))
    assert found.item() == pytest.approx(1 - 6.5 / (6 + 0.3 * 2 + 0.7 * 4 + 0.5), rel=1e-5)
    missed = tversky_loss(*counted(right=6, invented=0, missed=4))
    invented = tversky_loss(*counted(right=6, invented=4, missed=0))
    assert missed > invented
    assert tversky_loss(*counted(6, 0, 4), missed=0.2) < tversky_loss(
        *counted(6, 4, 0), missed=0.2
    )


@pytest.mark.parametrize("seed", range(4))
def test_tversky_loss_of_equal_weights_is_dice(seed):
    wanted, _ = targets_for("tversky", seed)
    logits = torch.randn(SHAPE, generator=drawn(seed))
    found = tversky_loss(logits, wanted, weights(seed), missed=0.5)
    expected = soft_dice(logits, wanted, weights(seed))
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_class_loss_does_not_see_a_constant_added_to_all_classes():
    wanted, _ = targets_for("classes")
    logits = torch.randn(SHAPE, generator=drawn(0))
    expected = class_loss(logits, wanted, weights())
    found = class_loss(logits + 100, wanted, weights())
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_class_that_is_not_in_the_batch_costs_no_dice():
    wanted = torch.zeros(SHAPE)
    wanted[:, 0] = 1
    logits = torch.randn(SHAPE, generator=drawn(1))
    more = class_loss(logits, wanted, weights()) - class_entropy(logits, wanted, weights())
    found = torch.softmax(logits, dim=1)[:, :1] * weights()
    total = (found + weights()).sum()
    assert more.item() == pytest.approx((1 - (2 * found.sum() + 1) / (total + 1)).item())


def test_a_rare_class_that_is_missed_costs_as_much_as_a_common_one():
    wanted = torch.zeros(SHAPE)
    wanted[:, 0] = 1
    wanted[:, :, 0, 0] = torch.tensor([0.0, 1.0, 0.0])
    everywhere = torch.ones(2, 1, 12, 16)
    missed = torch.zeros(SHAPE)
    missed[:, 0] = CERTAIN
    assert class_loss(missed, wanted, everywhere) > 0.3 + class_entropy(
        missed, wanted, everywhere
    )


def test_class_entropy_is_that_of_pytorch():
    wanted, _ = targets_for("classes")
    logits = torch.randn(SHAPE, generator=drawn(0))
    weight = weights()
    numbers = wanted.argmax(dim=1).masked_fill(weight[:, 0] == 0, -1)
    expected = functional.cross_entropy(logits, numbers, ignore_index=-1)
    assert class_entropy(logits, wanted, weight).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("seed", range(3))
def test_cross_entropy_is_pytorch_s_over_the_pixels_that_count(seed):
    wanted, _ = targets_for("bce", seed)
    logits = torch.randn(SHAPE, generator=drawn(seed))
    weight = weights(seed)
    counted = weight.expand(SHAPE) > 0
    known = functional.binary_cross_entropy_with_logits(logits[counted], wanted[counted])
    assert bce(logits, wanted, weight).item() == pytest.approx(known.item(), rel=1e-5)
    both = bce_dice(logits, wanted, weight) - soft_dice(logits, wanted, weight)
    assert both.item() == pytest.approx(known.item(), rel=1e-5)


def bar(width, *, shape=(24, 40)):
    """A bar of so many rows, from the left edge to the right."""
    mask = torch.zeros(1, 1, *shape)
    top = (shape[0] - width) // 2
    mask[..., top : top + width, :] = 1
    return mask


def costs(found, wanted, *, loss=soft_cldice):
    """What a mask costs that is found with certainty."""
    everywhere = torch.ones(1, 1, *wanted.shape[2:])
    return loss(CERTAIN * (2 * found - 1), wanted, everywhere).item()


def cldice_loss(precision, recall):
    return 1 - 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("width", [1, 3, 5, 7, 9, 13])
def test_the_skeleton_of_a_bar_is_its_middle_and_reaches_the_edges(width):
    mask = bar(width, shape=(25, 40))
    assert torch.equal(soft_skeleton(mask), bar(1, shape=(25, 40)))
    turned = soft_skeleton(mask.transpose(2, 3))
    assert torch.equal(turned, bar(1, shape=(25, 40)).transpose(2, 3))


@pytest.mark.parametrize("width", [2, 4, 12])
def test_the_skeleton_of_a_bar_of_even_width_is_two_pixels_wide(width):
    assert torch.equal(soft_skeleton(bar(width)), bar(2))


def test_a_structure_that_is_too_wide_has_no_skeleton():
    assert not soft_skeleton(bar(9, shape=(25, 40)), n_erosions=3).any()
    assert soft_skeleton(bar(8), n_erosions=3).any()


def slanted(width, *, side=60):
    """A line from corner to corner, as wide as said across it, without its ends."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    return ((x - y).abs() / math.sqrt(2) <= width / 2).float()[None, None]


@pytest.mark.parametrize("n_erosions", [2, 4, 6])
def test_a_slanted_line_has_a_skeleton_along_its_middle(n_erosions):
    found = soft_skeleton(slanted(1.4 * n_erosions + 1), n_erosions=n_erosions)
    inner = found[0, 0, 20:40, 20:40]
    assert inner.diagonal().all()
    assert (inner.sum(dim=1) <= 3).all()
    wider = soft_skeleton(slanted(1.5 * n_erosions + 3), n_erosions=n_erosions)
    assert not wider[0, 0, 20:40, 20:40].any()


@pytest.mark.parametrize("seed", range(6))
def test_a_skeleton_lies_in_its_map(seed):
    maps = torch.rand(SHAPE, generator=drawn(seed))
    for one in (maps, (maps > 0.4).float(), maps**4):
        skeleton = soft_skeleton(one)
        assert (skeleton >= 0).all()
        assert (skeleton <= one + 1e-6).all()
        assert skeleton.any()
        turned = soft_skeleton(one.transpose(2, 3)).transpose(2, 3)
        assert torch.allclose(turned, skeleton)


@pytest.mark.parametrize("width", [1, 2, 3, 6, 7])
def test_a_mask_that_is_met_has_no_loss_of_centrelines(width):
    assert costs(bar(width), bar(width)) == 0
    assert costs(torch.zeros(SHAPE), torch.zeros(SHAPE)) == 0


@pytest.mark.parametrize("width", [1, 3, 7])
@pytest.mark.parametrize("gap", [1, 4, 10])
def test_a_gap_costs_its_share_of_the_centreline_whatever_the_width(width, gap):
    found = bar(width)
    found[..., 15 : 15 + gap] = 0
    recall = (40 - gap + 1) / (40 + 1)
    assert costs(found, bar(width)) == pytest.approx(cldice_loss(1, recall), abs=1e-6)


@pytest.mark.parametrize("length", [5, 20, 40])
def test_an_invented_line_costs_its_share_of_what_was_found(length):
    found = bar(3)
    found[..., 3, :length] = 1
    precision = (40 + 1) / (40 + length + 1)
    assert costs(found, bar(3)) == pytest.approx(cldice_loss(precision, 1), abs=1e-6)


@pytest.mark.parametrize("n_columns", [2, 4])
def test_a_broken_line_costs_more_than_as_many_pixels_lost_at_its_edge(n_columns):
    wanted, broken, thinner = bar(7), bar(7), bar(7)
    broken[..., 20 : 20 + n_columns] = 0
    top = (24 - 7) // 2
    thinner[..., top, : 7 * n_columns] = 0
    assert broken.sum() == thinner.sum()
    assert costs(thinner, wanted) == 0
    assert costs(broken, wanted) > 0.02
    assert costs(broken, wanted, loss=bce_cldice) > costs(thinner, wanted, loss=bce_cldice)
    for blind in (bce, soft_dice):
        assert costs(broken, wanted, loss=blind) == pytest.approx(
            costs(thinner, wanted, loss=blind)
        )


@pytest.mark.parametrize("seed", range(4))
def test_the_loss_of_centrelines_lies_between_0_and_1(seed):
    wanted, _ = targets_for("bce_cldice", seed)
    logits = 3 * torch.randn(SHAPE, generator=drawn(seed))
    assert 0 < soft_cldice(logits, wanted, weights(seed)).item() < 1


def test_learning_from_centrelines_alone_closes_a_gap_and_takes_an_invented_line_away():
    wanted, start = bar(3), bar(3)
    start[..., 18:22] = 0
    start[..., 3, :] = 1
    logits, everywhere = 4 * start - 2, torch.ones(1, 1, 24, 40)
    for _ in range(40):
        logits = logits.detach().requires_grad_()
        loss = soft_cldice(logits, wanted, everywhere)
        (gradient,) = torch.autograd.grad(loss, logits)
        logits = logits - 0.2 * gradient.sign()
    found = logits > 0
    assert found[..., 11, :].all()
    assert not found[..., 3, :].any()


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("size", [1.0, 50.0, 1e4])
def test_half_precision_loses_no_more_than_the_input(precision, size):
    """More than 65504 pixels: their number is no number in float16."""
    shape = (17, 1, 64, 64)
    wanted = (torch.rand(shape, generator=drawn(0)) > 0.7).to(precision)
    logits = (size * torch.randn(shape, generator=drawn(1))).to(precision)
    logits.requires_grad_()
    everywhere = torch.ones(shape, dtype=precision)
    loss = bce_cldice(logits, wanted, everywhere)
    loss.backward()
    single = bce_cldice(logits.float(), wanted.float(), everywhere.float())
    assert loss.dtype == torch.float32
    assert loss.item() == single.item()
    assert logits.grad.isfinite().all()
    assert logits.grad.any()


@pytest.mark.parametrize("seed", range(3))
def test_the_loss_with_centrelines_is_cross_entropy_and_that_of_centrelines(seed):
    wanted, _ = targets_for("bce_cldice", seed)
    logits, weight = torch.randn(SHAPE, generator=drawn(seed)), weights(seed)
    parts = [loss(logits, wanted, weight).item() for loss in (bce, soft_cldice)]
    assert bce_cldice(logits, wanted, weight).item() == pytest.approx(sum(parts))
