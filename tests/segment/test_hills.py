import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from segmetry.segment.hills import Cutoffs, cut_hills
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


def same_partition(one, other):
    """Whether two label images differ in their numbers alone."""
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1)
    return pairs.shape[1] == len(np.unique(one)) == len(np.unique(other))


@settings(max_examples=100, deadline=None)
@given(st.data(), hnp.array_shapes(min_dims=2, max_dims=2, max_side=20))
def test_no_pixel_is_lost_whatever_the_maps_say(data, shape):
    mask = data.draw(hnp.arrays(bool, shape))
    values = st.floats(-0.5, 1.5, width=32)
    distance, border = (
        data.draw(hnp.arrays(np.float32, shape, elements=values)) for _ in "ab"
    )
    cutoffs = Cutoffs(
        waist=data.draw(st.floats(0, 1)),
        depth=data.draw(st.floats(0, 1)),
        border=data.draw(st.floats(0, 1)),
    )
    labels = cut_hills(mask, distance, border, cutoffs=cutoffs)
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


@pytest.mark.parametrize("seed", range(10))
def test_objects_of_apart_discs_are_the_same_after_turning(seed):
    rng = np.random.default_rng(seed)
    discs = [
        disc((15 + 30 * (k // 2), 20 + 40 * (k % 2)), rng.uniform(4, 13)) for k in range(4)
    ]
    mask, hills, truth = together(*discs)
    for turns in range(4):
        labels = cut_hills(*(np.rot90(each, turns).copy() for each in (mask, hills)))
        assert same_partition(labels, np.rot90(truth, turns))


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
    cutoffs = Cutoffs(depth=depth, waist=1.0)
    assert cut_hills(*pass_of(0.7), cutoffs=cutoffs).max() == expected


@pytest.mark.parametrize(("weight", "expected"), [(0.0, 1), (0.2, 1), (0.6, 2), (1.0, 2)])
def test_a_border_cuts_hills_that_are_joined_by_as_much_as_it_weighs(weight, expected):
    mask, hills = pass_of(0.95)
    border = np.zeros(mask.shape, np.float32)
    border[:, 19:22] = 1
    cutoffs = Cutoffs(border=weight, waist=0.7)
    assert cut_hills(mask, hills, border, cutoffs=cutoffs).max() == expected
    assert cut_hills(mask, hills, cutoffs=cutoffs).max() == 1


@pytest.mark.parametrize("seed", range(10))
def test_a_lower_waist_cuts_no_more(seed):
    counts = [
        cut_hills(*smooth(seed), cutoffs=Cutoffs(waist=waist)).max()
        for waist in (0.0, 0.5, 0.8, 1.0)
    ]
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


def test_cutoffs_are_stored_as_json_by_name():
    cutoffs = Cutoffs(foreground=0.4, waist=0.9, depth=0.05, border=0.3)
    assert Cutoffs(**json.loads(json.dumps(cutoffs.as_json()))) == cutoffs


def test_a_foreground_of_probabilities_is_refused():
    with pytest.raises(ValueError, match="foreground must be boolean"):
        cut_hills(np.ones((3, 4), np.float32), np.ones((3, 4), np.float32))


def test_maps_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"and of shape \(3, 1\)"):
        cut_hills(np.ones((3, 1), bool), np.ones((3, 4), np.float32))
