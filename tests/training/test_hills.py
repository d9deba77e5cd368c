import math

import numpy as np
import pytest
import torch
from hills import cut_hills, object_loss, object_targets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from segmetry.segment.objects import number_objects

EIGHT = np.ones((3, 3), dtype=int)


def disc(centre, radius, shape=(60, 80)):
    """The true maps of a disc: where it is, and a cone of height 1."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    cone = 1 - np.hypot(y - centre[0], x - centre[1]) / (radius + 1)
    return cone > 1 / (radius + 1), np.maximum(cone, 0).astype(np.float32)


def together(*discs):
    """Foreground, hills and true numbers of several discs."""
    cones = np.stack([np.where(inside, cone, 0) for inside, cone in discs])
    truth = np.where(cones.max(axis=0) > 0, cones.argmax(axis=0) + 1, 0)
    return truth > 0, cones.max(axis=0), truth


def smooth(seed, shape=(48, 64)):
    """A random foreground, and smooth hills that have nothing to do with it."""
    rng = np.random.default_rng(seed)
    fields = [ndimage.gaussian_filter(rng.random(shape), 3) for _ in range(2)]
    mask = fields[0] > np.quantile(fields[0], rng.uniform(0.2, 0.7))
    hills = (fields[1] - fields[1].min()) / np.ptp(fields[1])
    return mask, hills.astype(np.float32)


@settings(max_examples=100, deadline=None)
@given(st.data(), hnp.array_shapes(min_dims=2, max_dims=2, max_side=20))
def test_no_pixel_is_lost_whatever_the_maps_say(data, shape):
    mask = data.draw(hnp.arrays(bool, shape))
    values = st.floats(-0.5, 1.5, width=32)
    distance, border = (
        data.draw(hnp.arrays(np.float32, shape, elements=values)) for _ in "ab"
    )
    options = {name: data.draw(st.floats(0, 1)) for name in ("waist", "depth", "lowered")}
    labels = cut_hills(mask, distance, border, **options)
    assert np.array_equal(labels > 0, mask)
    assert labels.max() >= ndimage.label(mask, EIGHT)[1]
    assert labels.dtype == np.uint32


@pytest.mark.parametrize("seed", range(20))
def test_every_object_is_one_piece_and_numbers_have_no_gaps(seed):
    labels = cut_hills(*smooth(seed))
    assert np.unique(labels[labels > 0]).tolist() == list(range(1, labels.max() + 1))
    for number in range(1, labels.max() + 1):
        assert ndimage.label(labels == number, EIGHT)[1] == 1


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 7))
@pytest.mark.parametrize("apart", [12, 16, 19])
def test_two_touching_discs_are_cut_where_they_meet(angle, apart):
    step = np.array([np.sin(angle), np.cos(angle)]) * apart / 2
    middle = np.array([30.2, 40.3])
    mask, hills, truth = together(disc(middle - step, 10), disc(middle + step, 10))
    labels = cut_hills(mask, hills)
    assert labels.max() == 2
    best = max(
        np.mean(labels[mask] == truth[mask]), np.mean(3 - labels[mask] == truth[mask])
    )
    assert best > 0.97


def test_discs_that_overlap_too_far_for_a_waist_are_cut_by_their_hills():
    mask, hills, _ = together(disc((30, 34), 12), disc((30, 46), 12))
    assert number_objects(mask).max() == 1
    assert cut_hills(mask, hills).max() == 2


@pytest.mark.parametrize("radius", [2, 5, 12, 25])
def test_one_disc_is_one_object(radius):
    mask, hills = disc((30.3, 39.8), radius)
    assert np.array_equal(cut_hills(mask, hills), mask)


@pytest.mark.parametrize("seed", range(10))
def test_one_disc_with_a_little_noise_is_one_object(seed):
    mask, hills = disc((30, 40), 15)
    noise = np.random.default_rng(seed).uniform(-0.04, 0.04, hills.shape)
    assert cut_hills(mask, (hills + noise).astype(np.float32)).max() == 1


def test_an_object_without_any_hill_is_one_object():
    mask = np.zeros((20, 30), bool)
    mask[5:15, 4:26] = True
    assert np.array_equal(cut_hills(mask, np.zeros((20, 30), np.float32)), mask)
    assert np.array_equal(cut_hills(mask, np.full((20, 30), 0.7, np.float32)), mask)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_the_maps_turns_the_objects(seed, turns):
    # A pixel beside two hills of one level goes to the one that is looked at first.
    mask, hills = smooth(seed)
    labels = cut_hills(mask, hills)
    turned = cut_hills(*(np.rot90(each, turns).copy() for each in (mask, hills)))
    back = np.rot90(turned, -turns)
    assert back.max() == labels.max()
    pairs = np.unique(np.stack([labels[mask], back[mask]]), axis=1, return_counts=True)[1]
    ties = mask.sum() - np.sort(pairs)[::-1][: labels.max()].sum()
    assert ties <= 0.03 * mask.sum()


def pass_of(height, *, hill=1.0):
    """Two hills with a pass of a height between them, as a strip."""
    profile = [0.3, hill, height, 1.0, 0.3]
    strip = np.interp(np.arange(41) / 10, range(5), profile).astype(np.float32)
    return np.ones((3, 41), bool), np.tile(strip, (3, 1))


@pytest.mark.parametrize(
    ("height", "hill", "expected"),
    [(0.5, 1.0, 2), (0.75, 1.0, 2), (0.85, 1.0, 1), (0.45, 0.5, 1), (0.2, 0.5, 2)],
)
def test_hills_are_two_objects_where_the_pass_is_low_against_the_smaller(
    height, hill, expected
):
    assert cut_hills(*pass_of(height, hill=hill)).max() == expected


@pytest.mark.parametrize(("depth", "expected"), [(0.05, 2), (0.2, 2), (0.35, 1)])
def test_a_pass_must_be_deep_enough(depth, expected):
    assert cut_hills(*pass_of(0.7), depth=depth, waist=1.0).max() == expected


@pytest.mark.parametrize(("weight", "expected"), [(0.0, 1), (0.2, 1), (0.6, 2), (1.0, 2)])
def test_a_border_cuts_hills_that_are_joined_by_as_much_as_it_weighs(weight, expected):
    mask, hills = pass_of(0.95)
    border = np.zeros(mask.shape, np.float32)
    border[:, 19:22] = 1
    assert cut_hills(mask, hills, border, lowered=weight, waist=0.7).max() == expected
    assert cut_hills(mask, hills, lowered=weight, waist=0.7).max() == 1


@pytest.mark.parametrize("seed", range(10))
def test_a_lower_waist_cuts_no_more(seed):
    counts = [cut_hills(*smooth(seed), waist=waist).max() for waist in (0.0, 0.5, 0.8, 1.0)]
    assert counts == sorted(counts)
    assert counts[0] == ndimage.label(smooth(seed)[0], EIGHT)[1]


def test_small_objects_are_dropped():
    mask, hills, _ = together(disc((15, 15), 3), disc((35, 50), 10))
    assert cut_hills(mask, hills, min_area=1).max() == 2
    assert cut_hills(mask, hills, min_area=60).max() == 1


def test_values_beyond_0_and_1_count_as_those():
    mask, hills = smooth(3)
    steep = 3 * hills - 1
    assert np.array_equal(cut_hills(mask, steep), cut_hills(mask, np.clip(steep, 0, 1)))


def test_maps_are_not_changed_in_place():
    mask, hills = smooth(0)
    border = hills[::-1].copy()
    kept = [each.copy() for each in (mask, hills, border)]
    cut_hills(mask, hills, border)
    for each, before in zip((mask, hills, border), kept, strict=True):
        assert np.array_equal(each, before)


LABELS = hnp.arrays(
    np.uint32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14),
    elements=st.integers(0, 3),
)


def discs(seed, *, n=9, shape=(60, 70)):
    """Discs at random places, later ones over earlier ones."""
    rng = np.random.default_rng(seed)
    y, x = np.ogrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number in range(1, n + 1):
        row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        radius = rng.uniform(3, 12)
        labels[(y - row) ** 2 + (x - column) ** 2 <= radius**2] = number
    return labels


def border_by_force(labels, reach):
    """Whether two objects have pixels within reach, for each pixel."""
    places = np.argwhere(np.ones(labels.shape, bool))
    near = np.linalg.norm(places[:, None] - places[None], axis=-1) <= reach
    seen = [np.unique(labels.ravel()[row & (labels.ravel() > 0)]).size for row in near]
    return (np.array(seen) > 1).reshape(labels.shape)


def depth_by_force(labels):
    """Distance to the own pixels that have a side neighbour of another number, and 1."""
    padded = np.pad(labels.astype(np.int64), 1, mode="edge")
    beside = [padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]]
    rim = np.any([each != labels for each in beside], axis=0)
    depth = np.zeros(labels.shape)
    for row, column in np.argwhere(labels > 0):
        own = np.argwhere(rim & (labels == labels[row, column]))
        if len(own):
            depth[row, column] = 1 + np.linalg.norm(own - (row, column), axis=1).min()
        else:
            depth[row, column] = 1
    return depth


def share_by_force(labels):
    depth = depth_by_force(labels)
    share = np.zeros(labels.shape)
    for number in np.unique(labels[labels > 0]):
        own = labels == number
        share[own] = depth[own] / depth[own].max()
    return share


def same(found, expected):
    """Equal, but for the last bit that OpenCV's distances owe to their place in memory."""
    return np.allclose(found, expected, rtol=1e-6, atol=0)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_distances_are_those_found_pixel_by_pixel(labels):
    found = object_targets(labels)[..., 2]
    assert np.allclose(found, share_by_force(labels), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_foreground_is_where_a_number_is(labels):
    assert np.array_equal(object_targets(labels)[..., 0], labels > 0)


@settings(max_examples=60, deadline=None)
@given(LABELS, st.sampled_from([0.4, 1.0, 1.5, 2.0, 3.0]))
def test_borders_are_where_two_objects_are_in_reach(labels, reach):
    found = object_targets(labels, border_px=reach)[..., 1]
    assert np.array_equal(found, border_by_force(labels, reach))


@pytest.mark.parametrize("radius", [3, 6.5, 12])
def test_a_disc_is_a_cone(radius):
    y, x = np.mgrid[:41, :41] - 20
    from_middle = np.hypot(y, x)
    share = object_targets((from_middle <= radius).astype(np.uint32))[..., 2]
    assert share[20, 20] == 1
    cone = 1 - from_middle / (math.floor(radius) + 1)
    inside = from_middle <= radius
    assert abs(share - cone)[inside].max() < 0.7 / radius + 0.05
    assert not share[~inside].any()


def test_the_frame_is_no_edge():
    labels = np.zeros((9, 12), np.uint32)
    labels[:, :6] = 1
    share = object_targets(labels)[4, :, 2]
    assert share.tolist() == pytest.approx([1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6] + 6 * [0])


def test_an_empty_picture_wants_nothing():
    assert not object_targets(np.zeros((6, 5), np.uint32)).any()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_a_picture_turns_its_maps(seed, turns):
    labels = discs(seed)
    found = object_targets(np.rot90(labels, turns).copy())
    assert same(found, np.rot90(object_targets(labels), turns))


@pytest.mark.parametrize("seed", range(6))
def test_other_numbers_of_the_same_objects_change_nothing(seed):
    labels = discs(seed)
    expected = object_targets(labels)
    rng = np.random.default_rng(seed)
    shuffled = np.concatenate([[0], 1 + rng.permutation(int(labels.max()))])
    assert same(object_targets(shuffled[labels].astype(np.uint32)), expected)
    gaps = np.arange(labels.max() + 1) * 1_000_003
    assert same(object_targets(gaps[labels].astype(np.uint32)), expected)


def test_the_largest_number_there_is_needs_no_more_memory():
    labels = discs(0)
    high = np.where(labels > 0, labels + (2**32 - 1 - labels.max()), 0).astype(np.uint32)
    assert high.max() == 2**32 - 1
    assert same(object_targets(high), object_targets(labels))


@pytest.mark.parametrize("seed", range(6))
def test_an_object_far_from_others_does_not_know_of_them(seed):
    rng = np.random.default_rng(seed)
    alone = np.zeros((40, 90), np.uint32)
    alone[8:30, 5:35] = np.where(rng.random((22, 30)) < 0.8, 3, 0)
    both = alone.copy()
    both[:, 45:] = discs(seed, shape=(40, 45)) * 10
    assert same(object_targets(both)[:, :40], object_targets(alone)[:, :40])


def test_perfect_maps_cost_nothing_and_worse_ones_more():
    generator = torch.Generator().manual_seed(0)
    wanted = (torch.rand((2, 3, 12, 16), generator=generator) > 0.6).float()
    wanted[:, 2] = torch.rand((2, 12, 16), generator=generator).clamp(0.01, 0.99)
    met = 30 * (2 * wanted - 1)
    met[:, 2] = torch.logit(wanted[:, 2])
    weight = (torch.rand((2, 1, 12, 16), generator=generator) > 0.3).float()
    perfect, undecided, opposite = (
        object_loss(logits, wanted, weight).item() for logits in (met, 0 * met, -met)
    )
    assert 0 <= perfect < 1e-4
    assert 0.1 < undecided < opposite
    assert object_loss(-met, wanted, 0 * weight).item() == 0
