"""Pictures are brought to the scale of the training by the size of their objects."""

import numpy as np
import pytest

from segmetry.models.scale import (
    Look,
    allowed_factor,
    evidence,
    fitted,
    resampled,
    typical_diameter,
)


@pytest.mark.parametrize("seed", range(15))
def test_resampling_keeps_the_range_and_flat_pictures(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.integers(1, 60, (2, 2))
    channels = int(rng.integers(1, 5))
    values = rng.random((*before, channels)).astype(np.float32)
    changed = resampled(values, tuple(after))
    assert changed.shape == (*after, channels)
    assert changed.dtype == np.float32
    assert values.min() - 1e-6 <= changed.min() <= changed.max() <= values.max() + 1e-6
    flat = resampled(np.full_like(values, 0.3), tuple(after))
    np.testing.assert_allclose(flat, 0.3, atol=1e-6)


@pytest.mark.parametrize(("down", "across"), [(2, 3), (4, 1), (1, 5), (3, 3)])
def test_shrinking_averages_pixels(down, across):
    values = np.random.default_rng(0).random((12 * down, 10 * across, 2)).astype(np.float32)
    mean = values.reshape(12, down, 10, across, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(resampled(values, (12, 10)), mean, atol=1e-6)


def test_one_axis_may_shrink_while_the_other_grows():
    values = np.repeat([[[0.0], [2.0]]], 4, axis=0).astype(np.float32)  # (4, 2, 1)
    changed = resampled(values, (2, 4))
    np.testing.assert_allclose(changed[..., 0], [[0, 0.5, 1.5, 2]] * 2, atol=1e-6)


def test_enlarging_leaves_a_ramp_a_ramp():
    ramp = np.linspace(0, 1, 21, dtype=np.float32)[:, None, None]
    larger = resampled(ramp, (210, 1))[5:-5, 0, 0]
    np.testing.assert_allclose(np.diff(larger), 0.005, atol=1e-5)


def test_the_same_size_changes_nothing():
    values = np.random.default_rng(0).random((5, 6, 1)).astype(np.float32)
    assert resampled(values, (5, 6)) is values


def test_a_smooth_picture_survives_enlarging_and_shrinking():
    y, x = np.mgrid[:30, :40]
    values = (0.5 + 0.5 * np.sin(y / 6) * np.cos(x / 6)).astype(np.float32)[..., None]
    back = resampled(resampled(values, (90, 120)), (30, 40))
    assert np.abs(back - values).max() < 0.02


def test_the_typical_diameter_is_the_median_over_numbers_in_use():
    labels = np.zeros((60, 60), np.uint32)
    labels[:2, :2] = 3  # 4 pixels
    labels[10:20, 10:20] = 5  # 100
    labels[30:60, 30:60] = 9  # 900
    assert typical_diameter(labels) == pytest.approx(2 * np.sqrt(100 / np.pi))
    assert typical_diameter(np.zeros((4, 4), np.uint32)) is None


def seen(true_diameter, *, visible=(0, np.inf), wanted=20):
    """Look at a picture of ten equal objects, and note at which scales that was."""
    factors = []

    def look(factor):
        factors.append(factor)
        there = true_diameter * factor
        if not visible[0] <= there <= visible[1]:
            return Look(f"at {factor:.3g}", None, 0.0)
        fits = np.exp(-0.5 * (np.log2(there / wanted) / 0.5) ** 2)
        return Look(f"at {factor:.3g}", there, 10 * true_diameter**0.5 * fits)

    return look, factors


@pytest.mark.parametrize("true_diameter", [5, 9, 20, 55, 130])
def test_objects_of_any_size_are_brought_to_the_diameter_of_the_training(true_diameter):
    look, factors = seen(true_diameter)
    done = fitted(look, n_pixels=2**18, wanted=20)
    assert done.diameter == pytest.approx(true_diameter)
    assert done.factor * true_diameter == pytest.approx(20, rel=0.15)
    assert done.n_passes == len(factors) <= 6
    assert done.found == f"at {done.factor:.3g}"


def test_a_picture_is_seen_from_far_first_and_nearer_by_octaves():
    look, factors = seen(20)
    assert fitted(look, n_pixels=2**18, wanted=20).factor == 1
    assert factors == [1 / 8, 1 / 4, 1 / 2, 1]


def test_nearer_looks_end_where_less_speaks_for_them():
    look, factors = seen(160)
    assert fitted(look, n_pixels=2**18, wanted=20).factor == 1 / 8
    assert factors == [1 / 8, 1 / 4]


@pytest.mark.parametrize("true_diameter", [18.6, 21.4])
def test_a_difference_that_networks_bear_needs_no_further_look(true_diameter):
    look, factors = seen(true_diameter)
    assert fitted(look, n_pixels=2**12, wanted=20).factor == 1
    assert factors == [1]


def test_a_large_picture_is_first_seen_reduced():
    look, factors = seen(80)
    done = fitted(look, n_pixels=2**24, wanted=20)
    assert max(factors) == 0.25
    assert done.diameter == 80


def test_parts_of_objects_and_specks_do_not_outweigh_the_objects():
    whole, _ = seen(100)

    def look(factor):
        one = whole(factor)
        if factor < 0.5:
            return one
        return Look("specks", 3.0, 5.0)  # many, but far from the wanted diameter

    done = fitted(look, n_pixels=2**18, wanted=20)
    assert done.diameter == pytest.approx(100)
    assert done.factor == pytest.approx(0.2, rel=0.3)


def test_where_nothing_is_found_the_picture_counts_as_it_is():
    look, factors = seen(20, visible=(np.inf, np.inf))
    done = fitted(look, n_pixels=2**14, wanted=20)
    assert (done.found, done.factor, done.diameter) == ("at 1", 1, None)
    assert factors == [0.5, 1, 2]
    assert done.n_passes == 3


def test_where_the_refined_look_finds_nothing_the_one_before_counts():
    look, factors = seen(60, visible=(27, np.inf))
    done = fitted(look, n_pixels=2**12, wanted=20)
    assert factors == pytest.approx([1, (1 / 3) ** 1.3])
    assert (done.factor, done.diameter) == (1, 60)


@pytest.mark.parametrize("seed", range(10))
def test_evidence_is_a_sum_over_objects_and_wants_sure_ones_that_fit(seed):
    random = np.random.default_rng(seed)
    labels = np.zeros((60, 90), np.uint32)
    labels[5:25, 5:25], labels[5:25, 40:60], labels[30:36, 5:11] = 4, 1, 9
    sure = np.ones(labels.shape, np.float32)
    apart = sum(
        evidence(np.where(labels == k, labels, 0), sure, wanted=20) for k in (1, 4, 9)
    )
    assert evidence(labels, sure, wanted=20) == pytest.approx(apart)
    doubtful = random.uniform(0.5, 0.9, labels.shape).astype(np.float32)
    assert evidence(labels, doubtful, wanted=20) < apart
    assert evidence(labels, sure, wanted=80) < 0.1 * apart
    assert evidence(np.zeros_like(labels), sure, wanted=20) == 0
    # What speaks for objects does not depend on the scale at which they were seen.
    larger, sure = (np.kron(one, np.ones((2, 2), one.dtype)) for one in (labels, sure))
    assert evidence(larger, sure, wanted=40, factor=2) == pytest.approx(apart)


def test_the_higher_the_power_the_more_a_large_object_outweighs_small_ones():
    labels = np.zeros((200, 200), np.uint32)
    labels[:100, :100] = 1
    for k in range(20):
        labels[150:160, 10 * k : 10 * k + 10] = k + 2
    sure = np.ones(labels.shape, np.float32)
    large, small = np.where(labels == 1, labels, 0), np.where(labels > 1, labels, 0)
    for_large, for_small = (
        [evidence(one, sure, wanted=wanted, power=power) for power in (0.5, 1.0, 1.5)]
        for one, wanted in ((large, 113), (small, 11.3))
    )
    assert for_small[0] > for_large[0]
    assert for_large[2] > for_small[2]


@pytest.mark.parametrize(("true_diameter", "factor"), [(1, 4), (1000, 1 / 8)])
def test_pictures_are_not_resampled_beyond_limits(true_diameter, factor):
    look, _ = seen(true_diameter)
    assert fitted(look, n_pixels=10_000, wanted=20).factor == factor


def test_what_a_large_picture_may_grow_to_is_bounded():
    assert allowed_factor(4, 2**25) == 1
    assert allowed_factor(4, 2**23) == 2
    assert allowed_factor(0.5, 2**40) == 0.5
