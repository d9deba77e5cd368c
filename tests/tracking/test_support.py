"""Only what moves most of the scene is a drift."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.tracking import Objects, find_shift
from segmetry.tracking.support import Support, centre_support, shift_support

PLACES = ((60, 60), (120, 160), (60, 240), (180, 80), (180, 250), (110, 270))
OWN_WAYS = ((0, 0), (4, 2), (-3, 4), (-4, 3), (2, -6), (5, -3))


def discs(steps, time, *, noise=3.0):
    """Return a noisy picture of discs that grow on an empty ground, and their centres."""
    y, x = np.mgrid[:240, :320].astype(float)
    labels = np.zeros(y.shape, np.uint32)
    picture = 40 + np.random.default_rng(time).normal(0, noise, y.shape)
    for number, ((row, column), (dy, dx)) in enumerate(zip(PLACES, steps, strict=False)):
        far = np.hypot(y - row - time * dy, x - column - time * dx)
        inside = np.clip((8 + number % 4) * 1.03**time + 0.5 - far, 0, 1)
        picture += 150 * inside
        labels[inside > 0.5] = number + 1
    return picture.astype(np.float32), Objects.of(labels).centres


def test_a_small_object_that_stands_counts_as_much_as_large_ones_that_move():
    y, x = np.mgrid[:120, :160]
    shown, centres = [], []
    for time in range(5):
        labels = np.zeros(y.shape, np.uint32)
        for number, (row, column, radius) in enumerate(
            (
                (35, 50, 8),
                (60 + 2 * time, 100 - 4 * time, 11),
                (85 + 2 * time, 45 - 4 * time, 9),
            )
        ):
            labels[np.hypot(y - row, x - column) <= radius * 1.05**time] = number + 1
        shown.append(np.where(labels > 0, 200.0, 30.0).astype(np.float32))
        centres.append(Objects.of(labels).centres)
    for at in range(4):
        found = find_shift(*shown[at : at + 2], centres=tuple(centres[at : at + 2]))
        assert (found.y, found.x) == (0, 0)


def drift(steps, *, n=3):
    """Return how far the scene is said to drift over n pictures, as y and x."""
    pictures, centres = zip(*(discs(steps, time) for time in range(n)), strict=True)
    found = [
        find_shift(*pictures[at : at + 2], centres=centres[at : at + 2])
        for at in range(n - 1)
    ]
    return sum(one.y for one in found), sum(one.x for one in found)


@pytest.mark.parametrize(
    "steps", [OWN_WAYS, OWN_WAYS[:3], [(0, 0), (2, -4), (2, -4)], [(0, 0)] * 3]
)
def test_objects_that_move_past_one_that_stands_are_no_drift(steps):
    assert drift(steps) == pytest.approx((0, 0), abs=0.5)


@pytest.mark.parametrize("step", [(3, -2), (0.4, -0.3)])
def test_what_moves_all_objects_is_a_drift(step):
    assert drift([step] * 6) == pytest.approx((2 * step[0], 2 * step[1]), abs=0.3)


def test_a_few_objects_of_their_own_ways_do_not_hide_a_drift():
    steps = [(3, -2)] * 4 + [(-2, 4), (0, 5)]
    assert drift(steps) == pytest.approx((6, -4), abs=0.5)


def test_the_ground_tells_the_drift_where_every_object_goes_its_own_way():
    ground = np.random.default_rng(1).normal(0, 15, (260, 340)).astype(np.float32)
    shown = [
        discs(OWN_WAYS, time)[0] + ground[10 - 3 * time : 250 - 3 * time, 5:325]
        for time in (0, 1)
    ]
    found = find_shift(*shown)
    assert (found.y, found.x) == pytest.approx((3, 0), abs=0.3)


def test_a_flat_picture_supports_nothing():
    assert shift_support(np.zeros((70, 70)), np.zeros((70, 70)), (2, 3)) == Support(0, 0, 0)
    none = np.zeros((0, 2))
    assert not centre_support(none, none, (2, 3))[0].is_drift


@given(order=st.permutations(range(6)), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_every_object_has_one_vote_in_any_order(order, seed):
    before = np.array(PLACES, float)
    after = before + np.random.default_rng(seed).uniform(-6, 6, before.shape)
    one, moved = centre_support(before, after, (3, 2))
    other, same = centre_support(before, after[list(order)], (3, 2))
    assert one == other
    assert moved == same
    assert one.moved + one.stood + one.other == 6
