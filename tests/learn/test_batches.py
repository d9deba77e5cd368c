from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch

from segmetry import Image
from segmetry.learn.augment import Appearance
from segmetry.learn.batches import Batches, sampling_shares
from segmetry.learn.crops import Geometry
from segmetry.learn.examples import Example, prepare


def example(level=200, *, name="", group="", kind="", colour=False, seed=0):
    """A picture of random discs, and of one grey value where there is no disc."""
    rng = np.random.default_rng(seed)
    y, x = np.ogrid[:50, :60]
    labels = np.zeros((50, 60), np.uint32)
    for number in range(1, 6):
        row, column = rng.uniform(0, 50), rng.uniform(0, 60)
        labels[(y - row) ** 2 + (x - column) ** 2 < 36] = number
    pixels = np.where(labels > 0, level, 40).astype(np.uint8)
    if colour:
        pixels = np.stack([pixels, pixels // 2, pixels // 3], axis=-1)
    image = Image(pixels, axes="YXC" if colour else "YX")
    return Example(image, labels, name=name, group=group, kind=kind)


def batches(examples=None, *, channels=3, **options):
    sources = prepare(
        examples or [example(seed=seed, colour=seed == 1) for seed in range(3)],
        channels=channels,
        diameter=None,
    )
    usual = {
        "size": 4,
        "side": 24,
        "geometry": Geometry(),
        "appearance": Appearance(),
        "seed": 0,
    }
    return Batches(sources=sources, channels=channels, **(usual | options))


def shares(*kinds_and_groups):
    """Shares of pictures of these kinds and groups, named by their place."""
    examples = [
        example(name=str(place), group=group, kind=kind)
        for place, (kind, group) in enumerate(kinds_and_groups)
    ]
    return sampling_shares(prepare(examples, channels=1, diameter=None)).tolist()


def test_pictures_without_group_or_kind_are_drawn_alike():
    assert shares(*[("", "")] * 5) == pytest.approx([0.2] * 5)


def test_a_group_of_four_counts_as_two():
    found = shares(*[("", "plate")] * 4, ("", ""))
    assert found == pytest.approx([1 / 6] * 4 + [1 / 3])


def test_a_kind_of_nine_counts_as_three():
    found = shares(*[("fluorescence", "")] * 9, ("tissue", ""))
    assert sum(found[:9]) == pytest.approx(3 / 4)
    assert found[9] == pytest.approx(1 / 4)


def test_groups_and_kinds_count_both():
    found = shares(("a", "x"), ("a", "x"), ("a", "y"), ("b", "z"))
    expected = np.array([6, 6, 3, 1]) ** -0.5
    assert found == pytest.approx(expected / expected.sum())


def test_pictures_without_any_name_count_as_one_group():
    examples = [example(), example(), example(name="other")]
    found = sampling_shares(prepare(examples, channels=1, diameter=None))
    assert found[2] == pytest.approx(2**0.5 * found[0])


@pytest.mark.parametrize("number", [0, 7, 123_456])
def test_a_batch_depends_on_its_number_and_seed_alone(number):
    first = batches().batch(number)
    used = batches()
    used.batch(3)
    for tensors in (used.batch(number), batches().batch(number)):
        assert all(torch.equal(a, b) for a, b in zip(first, tensors, strict=True))


def test_other_numbers_and_seeds_give_other_batches():
    seen = [batches(seed=seed).batch(number) for seed in (0, 1) for number in (0, 1)]
    for k in range(4):
        for other in range(k):
            assert not torch.allclose(seen[k][0], seen[other][0], atol=1e-2)
            assert not torch.equal(seen[k][1], seen[other][1])


def test_the_random_numbers_of_others_are_left_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002 - the state that must not be touched
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    batches().batch(0)
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("channels", [1, 3])
def test_a_batch_has_the_shapes_and_types_of_a_networks_input(channels):
    pictures, targets, weight = batches(channels=channels, size=5).batch(0)
    assert pictures.shape == (5, channels, 24, 24)
    assert targets.shape == (5, 1, 24, 24)
    assert weight.shape == (5, 1, 24, 24)
    for each in (pictures, targets, weight):
        assert each.dtype == torch.float32
        assert each.isfinite().all()
    assert 0 <= targets.min() < targets.max() <= 1
    assert set(weight.unique().tolist()) <= {0.0, 1.0}


def test_grey_pictures_are_repeated_and_coloured_ones_keep_their_colours():
    still = {"appearance": Appearance.none(), "size": 6}
    grey, _, _ = batches([example()], **still).batch(0)
    assert torch.allclose(grey[:, :1].expand_as(grey), grey)
    coloured, _, _ = batches([example(colour=True)], **still).batch(0)
    bright = coloured[:, 0] > 0.9
    assert bright.any()
    assert (coloured[:, 1][bright] < 0.75 * coloured[:, 0][bright]).all()
    assert (coloured[:, 2][bright] < coloured[:, 1][bright]).all()


def test_without_changes_bright_pixels_are_foreground():
    still = {"appearance": Appearance.none(), "geometry": Geometry.none(), "size": 8}
    pictures, targets, weight = batches([example()], channels=1, **still).batch(4)
    assert weight.all()
    assert ((pictures > 0.5) == (targets[:, :1] > 0.5)).float().mean() > 0.995


def test_crops_come_from_pictures_by_their_shares():
    examples = [example(seed=0, name="few", kind="few", level=80)]
    examples += [example(seed=k, name=str(k), kind="many", level=80) for k in range(4)]
    for k, one in enumerate(examples):
        pixels = np.full((50, 60), 10 * k, np.uint8)
        pixels[:3], pixels[-3:] = 0, 200
        examples[k] = replace(one, image=Image(pixels))
    sources = prepare(examples, channels=1, diameter=None)
    levels = np.array([source.pixels[25, 30, 0] / 65535 * 2 - 0.5 for source in sources])
    made = batches(
        examples,
        channels=1,
        size=50,
        geometry=Geometry.none(),
        appearance=Appearance.none(),
    )
    seen = Counter()
    for number in range(8):
        pictures, _, _ = made.batch(number)
        middle = pictures[:, 0, 12, 12].numpy()
        seen.update(np.abs(middle[:, None] - levels).argmin(axis=1).tolist())
    assert seen[0] / 400 == pytest.approx(1 / 3, abs=0.1)
    assert all(seen[k] / 400 == pytest.approx(1 / 6, abs=0.08) for k in range(1, 5))
