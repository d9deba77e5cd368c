import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate import judge_pixels
from segmetry.evaluate.surfaces import judge_surface

SPACING = (4.0, 1.0, 2.0)
MASKS = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).random((4, 5, 6)) > 0.6
)


def box():
    mask = np.zeros((8, 14, 14), bool)
    mask[2:6, 4:10, 4:10] = True
    return mask


def test_a_box_that_is_moved_is_as_far_away_as_it_was_moved():
    for axis, step in enumerate(SPACING):
        found = judge_surface(np.roll(box(), 1, axis), box(), spacing=SPACING)
        assert found.max == step
        assert 0 < found.mean < step
        assert found.volume_error_percent == 0


def test_a_box_that_is_one_voxel_larger_everywhere():
    found = np.zeros((8, 14, 14), bool)
    found[1:7, 3:11, 3:11] = True
    judged = judge_surface(found, box())
    assert 1 <= judged.mean < 1.2
    assert judged.p95 == pytest.approx(math.sqrt(2))
    assert judged.max == pytest.approx(math.sqrt(3))
    assert judged.volume_error_percent == pytest.approx(100 * (6 * 8 * 8 / 144 - 1))
    assert set(judged.scores()) == {
        "surface_distance_mean_px",
        "surface_distance_p95_px",
        "surface_distance_max_px",
        "volume_error_percent",
    }


@given(MASKS, MASKS)
@settings(max_examples=20)
def test_both_ways_are_the_same_and_distances_are_in_order(one, other):
    there = judge_surface(one, other, spacing=SPACING)
    back = judge_surface(other, one, spacing=SPACING)
    assert (there.mean, there.p95, there.max) == pytest.approx(
        (back.mean, back.p95, back.max)
    )
    assert 0 <= there.mean <= there.max
    assert there.p95 <= there.max


@given(MASKS, MASKS, st.permutations(range(3)), st.floats(0.1, 10))
@settings(max_examples=20)
def test_turning_changes_nothing_and_scale_scales(one, other, order, scale):
    before = judge_surface(one, other, spacing=SPACING)
    sides = tuple(scale * SPACING[axis] for axis in order)
    after = judge_surface(one.transpose(order), other.transpose(order), spacing=sides)
    assert after.mean == pytest.approx(scale * before.mean)
    assert after.volume_error_percent == pytest.approx(before.volume_error_percent)


def test_a_perfect_mask_has_no_error_and_nothing_is_no_surface():
    nothing = np.zeros((3, 4, 5), bool)
    assert judge_surface(box(), box()).max == 0
    assert judge_surface(nothing, nothing).mean == 0
    lost = judge_surface(nothing, ~nothing)
    assert math.isnan(lost.mean)
    assert lost.volume_error_percent == -100
    assert math.isnan(judge_surface(~nothing, nothing).volume_error_percent)


def test_what_are_no_masks_of_one_volume_is_refused():
    with pytest.raises(ValueError, match="boolean masks of a volume"):
        judge_surface(box().astype(int), box())
    with pytest.raises(ValueError, match="boolean masks of a volume"):
        judge_surface(box()[0], box())


def test_only_volumes_have_surfaces_and_only_inside_what_is_looked_at():
    scores = judge_pixels(box()[3], box()[3]).scores(specificity=0.9)
    assert not [name for name in scores if name.startswith("surface")]
    found = box()
    found[2:6, 0:2] = True
    view = np.ones(found.shape, bool)
    view[:, :3] = False
    judged = judge_pixels(found, box(), included=view, spacing=SPACING)
    assert judged.surface.max == 0
