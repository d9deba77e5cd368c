from dataclasses import replace

import numpy as np
import pytest
import torch

from segmetry import Image
from segmetry.errors import DatasetError, ModelError, RecipeError
from segmetry.evaluate import dsb_score, f1_at, match_objects
from segmetry.learn.augment import Appearance
from segmetry.learn.examples import Example
from segmetry.learn.fitting import _started, fit
from segmetry.learn.judging import hold, map_pictures
from segmetry.learn.networks import FLOW_OUTPUTS, build
from segmetry.learn.plan import Plan, Schedule
from segmetry.learn.tasks import cut_objects
from segmetry.models.outputs import regressed_count
from segmetry.segment.objects import number_objects

TINY = {
    "kind": "unet",
    "channels": 1,
    "outputs": list(FLOW_OUTPUTS),
    "base": 4,
    "levels": 3,
}
PLAN = Plan(
    architecture=TINY,
    diameter=12.0,
    side=32,
    batch=2,
    schedule=Schedule(steps=4, validate_every=2, warm_up=2),
    precision="float32",
)


def example(seed):
    """Pairs of discs that touch each other, noisy."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:66, :88]
    labels = np.zeros(y.shape, np.uint32)
    for number in range(6):
        row, column = 11 + 22 * (number // 2), 22 + 44 * (number % 2)
        angle = rng.uniform(0, np.pi)
        for side in (-1, 1):
            away = np.hypot(
                y - row - side * 5 * np.sin(angle) * 0.8,
                x - column - side * 5.5 * np.cos(angle),
            )
            labels[(away < 5.5) & (labels == 0)] = 2 * number + (side + 3) // 2
    pixels = np.where(labels > 0, 180, 60) + rng.normal(0, 15, y.shape)
    return Example(Image(pixels.clip(0, 255).astype(np.uint8)), labels, name=f"{seed}.png")


def fitted(plan=PLAN, **options):
    return fit([example(0), example(1)], [example(2)], plan, **options)


def same_weights(one, other):
    first, second = one.network.state_dict(), other.network.state_dict()
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.slow
def test_a_tiny_network_learns_to_tell_discs_apart():
    schedule = Schedule(
        steps=120, validate_every=30, learning_rate=0.01, warm_up=10, averaging=0.95
    )
    plan = replace(
        PLAN,
        architecture={**TINY, "base": 8},
        diameter=20.0,
        side=64,
        batch=4,
        schedule=schedule,
        appearance=Appearance.none(),
    )
    state = fit([example(seed) for seed in range(3)], [example(9)], plan)
    truth = example(9).labels
    joined = number_objects(truth > 0, separate=False)
    baseline = dsb_score(match_objects(joined, truth))
    assert state.best["score"] > 3 * baseline
    network = build(plan.architecture)
    network.load_state_dict(state.best_weights)
    held = hold([example(9)], channels=1, diameter=20.0)
    maps = map_pictures(network, held, plan.task, precision=torch.float32)[0]
    matches = match_objects(cut_objects(maps, example(9)), truth)
    assert dsb_score(matches) == pytest.approx(state.best["score"])
    assert f1_at(matches) > 0.5


def test_a_seed_gives_the_same_training_and_another_one_another():
    first, second, other = fitted(), fitted(), fitted(replace(PLAN, seed=1))
    assert same_weights(first, second)
    assert first.curve == second.curve
    assert not same_weights(first, other)


def test_random_numbers_of_others_are_left_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    fitted()
    assert torch.equal(torch.rand(2), expected)


def test_a_checkpoint_is_gone_on_with_and_tells_the_plan(tmp_path):
    path = tmp_path / "run.checkpoint"
    first = fitted(checkpoint=path)
    again = fitted(checkpoint=path)
    assert again.step == 4
    assert same_weights(first, again)
    with pytest.raises(ModelError, match="other options .plan, seed."):
        fitted(replace(PLAN, seed=2), checkpoint=path)
    with pytest.raises(ModelError, match="other options .held out."):
        fit([example(0), example(1)], [example(3)], PLAN, checkpoint=path)


def test_a_checkpoint_is_not_gone_on_with_when_pixels_or_masks_have_changed(tmp_path):
    path = tmp_path / "run.checkpoint"
    fitted(checkpoint=path)
    other_mask = replace(example(1), labels=example(1).labels[:, ::-1])
    brighter = Image(example(1).image.pixels + 1)
    excluded = replace(example(1).image, excluded=example(1).labels > 3)
    changed = (
        other_mask,
        replace(example(1), image=brighter),
        replace(example(1), image=excluded),
    )
    for one in changed:
        with pytest.raises(ModelError, match="other options .pictures."):
            fit([example(0), one], [example(2)], PLAN, checkpoint=path)
        with pytest.raises(ModelError, match="other options .held out."):
            fit(
                [example(0), example(1)],
                [replace(one, name="2.png")],
                PLAN,
                checkpoint=path,
            )
    assert fitted(checkpoint=path).step == 4


def test_training_starts_from_given_weights():
    start = {name: value + 0.25 for name, value in build(TINY).state_dict().items()}
    still = replace(PLAN, schedule=replace(PLAN.schedule, learning_rate=0.0))
    state = fitted(still, start=start)
    for name, weights in state.network.named_parameters():
        assert torch.equal(weights, start[name])


@pytest.mark.parametrize("precision", ["auto", "float32", "bfloat16"])
def test_every_precision_trains(precision):
    state = fitted(replace(PLAN, precision=precision))
    assert [row["step"] for row in state.curve] == [2, 4]
    assert all(weights.isfinite().all() for weights in state.network.parameters())


def test_timing_the_precisions_does_not_change_the_training():
    found = fitted(replace(PLAN, precision="auto"))
    expected = [fitted(replace(PLAN, precision=name)) for name in ("float32", "bfloat16")]
    assert any(same_weights(found, one) for one in expected)


def test_progress_is_told():
    told = []
    fitted(report=told.append)
    assert [progress.step for progress in told] == [2, 4]


@pytest.mark.parametrize(("n_training", "n_validation"), [(0, 1), (1, 0), (0, 0)])
def test_pictures_are_needed_to_train_and_to_validate_on(n_training, n_validation):
    pictures = [example(0)]
    with pytest.raises(DatasetError, match=f"got {n_training} and {n_validation}; add"):
        fit(pictures[:n_training], pictures[:n_validation], PLAN)


def test_crops_must_suit_the_network():
    with pytest.raises(RecipeError, match="side must be a multiple of 4 .* got 30"):
        fitted(replace(PLAN, side=30))


def test_coloured_and_grey_pictures_train_one_network_of_three_channels():
    grey = example(0)
    pixels = np.stack(
        [grey.image.pixels, grey.image.pixels // 2, grey.image.pixels], axis=-1
    )
    coloured = replace(grey, image=Image(pixels, axes="YXC"), name="coloured.png")
    plan = replace(PLAN, architecture={**TINY, "channels": 3})
    state = fit([grey, coloured], [coloured, example(2)], plan)
    assert [row["step"] for row in state.curve] == [2, 4]


@pytest.mark.parametrize("diameter", [None, 6.0, 24.0])
def test_any_scale_trains(diameter):
    assert fitted(replace(PLAN, diameter=diameter)).step == 4


def test_a_network_that_is_not_known_is_refused():
    with pytest.raises(ModelError, match="expected a network of kind"):
        fitted(replace(PLAN, architecture={**TINY, "kind": "oracle"}))


@pytest.mark.parametrize("kind", ["unet", "c_resunet"])
def test_a_network_that_counts_begins_with_next_to_no_objects(kind):
    sizes = {"base": 8, "levels": 3} if kind == "unet" else {"base": 8}
    outputs = {"channels": 1, "outputs": ["density:6.0"]}
    plan = Plan(architecture={"kind": kind, **outputs, **sizes}, side=64)
    network = _started(plan, None).eval()
    pictures = torch.rand((1, 1, 256, 256), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        density = torch.sigmoid(network(pictures))[0, 0].numpy()
    everywhere = np.ones(density.shape, bool)
    assert regressed_count(density, spread=6.0, included=everywhere) < 5
    # A start from a model keeps what that had learned.
    learned = {name: torch.zeros_like(v) for name, v in network.state_dict().items()}
    assert not _started(plan, learned).head.bias.any()
