"""Pictures are brought to the scale of the training by the size of their objects."""

from dataclasses import replace

import numpy as np
import pytest

from segmetry.models.looks import Evidence, Picture, evidence, fitted
from segmetry.models.scale import LARGEST_FACTOR, SMALLEST_FACTOR
from segmetry.segment import Maps
from segmetry.segment.flows import towards_middles

NOTHING = Evidence(np.zeros((0, 2)), np.zeros(0), np.zeros(0))


class Watched:
    """A picture of equal objects at given places, which notes how it was looked at."""

    def __init__(self, diameter, centres, shape, *, visible=(0, np.inf), wanted=20):
        self.diameter, self.centres = diameter, np.asarray(centres, float)
        self.visible, self.wanted = visible, wanted
        self.factors, self.windows, self.runs = [], [], []
        self.picture = Picture(shape, self.run, self.judge, self.liveliest)
        self.asked = 0

    def run(self, factor, window):
        self.runs.append((factor, window))
        return f"at {factor:.3g}"

    def judge(self, found, factor, window):
        assert found == f"at {factor:.3g}"
        self.factors.append(factor)
        self.windows.append(window)
        there = self.diameter * factor
        if not self.visible[0] <= there <= self.visible[1]:
            return NOTHING
        rows, columns = window
        y, x = self.centres.T
        inside = (y >= rows.start) & (y < rows.stop)
        inside &= (x >= columns.start) & (x < columns.stop)
        n = int(inside.sum())
        fits = np.exp(-0.5 * (np.log2(there / self.wanted) / 0.5) ** 2)
        weights = np.full(n, self.diameter**0.5 * fits)
        areas = np.full(n, np.pi * self.diameter**2 / 4)
        return Evidence(self.centres[inside], areas, weights)

    def liveliest(self, _):
        self.asked += 1
        return tuple(self.centres[-1])

    def seen_pixels(self):
        return [
            (rows.stop - rows.start) * (columns.stop - columns.start) * factor**2
            for factor, (rows, columns) in zip(self.factors, self.windows, strict=True)
        ]


def small(diameter, side=360, **options):
    """Ten objects in a picture that is always seen whole."""
    centres = np.random.default_rng(0).uniform(0, side, (10, 2))
    return Watched(diameter, centres, (side, side), **options)


def large(diameter, n=400, shape=(2000, 3000), seed=0, **options):
    centres = np.random.default_rng(seed).uniform(0, 1, (n, 2)) * shape
    return Watched(diameter, centres, shape, **options)


@pytest.mark.parametrize("make", [small, large])
@pytest.mark.parametrize("diameter", [9, 20, 55, 130])
def test_objects_of_any_size_are_brought_to_the_diameter_of_the_training(make, diameter):
    watched = make(diameter)
    done = fitted(watched.picture, wanted=20)
    assert done.diameter == pytest.approx(diameter)
    assert done.factor * diameter == pytest.approx(20, rel=0.2)
    assert len(watched.factors) <= 6
    assert done.found in {None, f"at {done.factor:.3g}"}


def test_a_small_picture_is_seen_as_it_is_and_then_from_far_by_octaves():
    watched = small(20)
    assert fitted(watched.picture, wanted=20).factor == 1
    assert watched.factors == [1, 1 / 4, 1 / 2]
    assert len(watched.runs) == 3


def test_a_large_picture_is_seen_from_far_first():
    watched = large(20)
    assert fitted(watched.picture, wanted=20).factor == 1
    assert watched.factors == sorted(watched.factors)


@pytest.mark.parametrize(
    ("diameter", "n", "sureness", "looks"),
    [(21, 10, 0.5, 1), (21, 10, 0.1, 3), (21, 4, 0.5, 3), (27, 10, 0.5, 3)],
)
def test_sure_objects_that_fit_need_no_look_from_far(diameter, n, sureness, looks):
    watched = small(diameter)
    watched.centres = watched.centres[:n]

    def judge(found, factor, window):
        told = watched.judge(found, factor, window)
        return replace(told, sureness=np.full(len(told.areas), sureness))

    seen = Picture((360, 360), watched.run, judge, watched.liveliest)
    done = fitted(seen, wanted=20)
    assert done.factor * diameter == pytest.approx(20, rel=0.1)
    assert (len(watched.factors) == 1) == (looks == 1)


def test_only_flows_can_convince():
    labels = np.zeros((90, 130), np.uint32)
    for number in range(6):
        row, column = 5 + 30 * (number // 3), 5 + 40 * (number % 3)
        labels[row : row + 18, column : column + 18] = number + 1
    sure = Maps(np.ones(labels.shape, np.float32))
    assert not evidence(labels, sure, wanted=20).convinces(20)
    flows = replace(sure, flows=towards_middles(labels))
    told = evidence(labels, flows, wanted=20)
    assert told.convinces(20)
    assert not told.convinces(30)
    assert not told.inside((slice(0, 20), slice(0, 130))).convinces(20)


def test_a_scale_at_which_less_is_found_does_not_end_the_search():
    """Clumps may pass for large objects, and what is in them be seen from near only."""
    watched = small(20)
    clumps = Evidence(np.array([[180.0, 180.0]]), np.array([5000.0]), np.array([9.0]))

    def judge(found, factor, window):
        told = watched.judge(found, factor, window)
        if factor == 0.25:
            return clumps
        return NOTHING if factor == 0.5 else told

    seen = Picture((360, 360), watched.run, judge, watched.liveliest)
    assert fitted(seen, wanted=20).factor == 1


@pytest.mark.parametrize("diameter", [18.6, 21.4])
def test_a_difference_that_networks_bear_needs_no_further_look(diameter):
    watched = small(diameter, side=64)
    assert fitted(watched.picture, wanted=20).factor == 1
    assert watched.factors == [1]


def test_where_nothing_is_found_the_picture_counts_as_it_is():
    watched = small(20, side=128, visible=(np.inf, np.inf))
    done = fitted(watched.picture, wanted=20)
    assert (done.found, done.factor, done.diameter) == ("at 1", 1, None)
    assert watched.factors == [1, 0.5, 2]


def test_where_the_refined_look_finds_nothing_the_one_before_counts():
    watched = small(60, side=64, visible=(27, np.inf))
    done = fitted(watched.picture, wanted=20)
    assert watched.factors == pytest.approx([1, (1 / 3) ** 1.3])
    assert (done.factor, done.diameter) == (1, pytest.approx(60))


@pytest.mark.parametrize(("diameter", "factor"), [(1, 4), (1000, 1 / 8)])
def test_pictures_are_not_resampled_beyond_limits(diameter, factor):
    assert fitted(small(diameter, side=200).picture, wanted=20).factor == factor


@pytest.mark.parametrize("side", [100, 360, 1024])
@pytest.mark.parametrize("diameter", [5, 20, 80])
def test_a_small_picture_is_seen_whole_at_each_look_and_never_run_twice(side, diameter):
    watched = small(diameter, side=side)
    fitted(watched.picture, wanted=20)
    everywhere = (slice(0, side), slice(0, side))
    assert all(window == everywhere for window in watched.windows)
    assert len(watched.runs) == len(watched.factors)


@pytest.mark.parametrize("diameter", [6, 20, 55, 130])
@pytest.mark.parametrize("seed", range(5))
def test_looks_at_a_large_picture_cost_little_and_tell_whether_one_saw_all(diameter, seed):
    watched = large(diameter, seed=seed)
    done = fitted(watched.picture, wanted=20)
    assert max(watched.seen_pixels()) <= 2**20
    saw_all = (done.factor, (slice(0, 2000), slice(0, 3000))) in watched.runs
    assert (done.found is not None) == saw_all


@pytest.mark.parametrize("seed", range(5))
def test_near_looks_see_where_far_ones_found_most_objects(seed):
    random = np.random.default_rng(seed)
    cluster = random.uniform(0, 400, (30, 2)) + random.uniform(0, 2400, 2)
    few = random.uniform(0, 3000, (5, 2))
    watched = Watched(20, [*few, *cluster], (3000, 3000))
    fitted(watched.picture, wanted=20)
    (rows, columns) = watched.windows[watched.factors.index(1)]
    middle = cluster.mean(axis=0)
    assert rows.start < middle[0] < rows.stop
    assert columns.start < middle[1] < columns.stop
    assert watched.asked == 0


def test_where_far_looks_find_nothing_the_liveliest_part_is_looked_at():
    watched = Watched(6, [(1900, 2400)], (2000, 2500), visible=(5, np.inf))
    done = fitted(watched.picture, wanted=20)
    assert watched.asked == 1
    assert done.diameter == pytest.approx(6)


def test_objects_that_the_edge_of_a_part_may_have_cut_are_not_counted():
    shape = (2400, 2400)
    y, x = np.mgrid[10:2400:20, 10:2400:20]
    watched = Watched(20, np.stack([y.ravel(), x.ravel()], axis=1), shape)
    whole = watched.judge

    def judge(found, factor, window):
        told = whole(found, factor, window)
        edges = [
            np.abs(told.centres[:, axis] - edge) < 10
            for axis, span in enumerate(window)
            for edge in (span.start, span.stop)
            if 0 < edge < 2400
        ]
        cut = np.any(edges, axis=0) if edges else np.zeros(len(told.areas), bool)
        return Evidence(told.centres, np.where(cut, 1.0, told.areas), told.weights)

    picture = Picture(shape, watched.run, judge, watched.liveliest)
    assert fitted(picture, wanted=20).diameter == pytest.approx(20)


@pytest.mark.parametrize("seed", range(20))
def test_factors_stay_within_limits_whatever_is_found(seed):
    random = np.random.default_rng(seed)

    def judge(_, __, window):
        n = int(random.integers(0, 4))
        starts = [window[0].start, window[1].start]
        return Evidence(
            random.uniform(0, 50, (n, 2)) + starts,
            random.uniform(1, 5000, n),
            random.uniform(0, 1, n),
        )

    side = int(random.integers(3, 900))
    picture = Picture((side, side), lambda factor, _: factor, judge, lambda _: (1.0, 1.0))
    done = fitted(picture, wanted=20)
    assert SMALLEST_FACTOR <= done.factor <= LARGEST_FACTOR
    assert done.found == done.factor


@pytest.mark.parametrize("seed", range(10))
def test_evidence_is_a_sum_over_objects_and_wants_sure_ones_that_fit(seed):
    random = np.random.default_rng(seed)
    labels = np.zeros((60, 90), np.uint32)
    labels[5:25, 5:25], labels[5:25, 40:60], labels[30:36, 5:11] = 4, 1, 9
    sure = np.ones(labels.shape, np.float32)
    apart = sum(
        evidence(np.where(labels == k, labels, 0), Maps(sure), wanted=20).total
        for k in (1, 4, 9)
    )
    assert evidence(labels, Maps(sure), wanted=20).total == pytest.approx(apart)
    doubtful = random.uniform(0.5, 0.9, labels.shape).astype(np.float32)
    assert evidence(labels, Maps(doubtful), wanted=20).total < apart
    assert evidence(labels, Maps(sure), wanted=80).total < 0.1 * apart
    assert evidence(np.zeros_like(labels), Maps(sure), wanted=20).total == 0
    # What speaks for objects does not depend on the scale at which they were seen.
    larger, sure = (np.kron(one, np.ones((2, 2), one.dtype)) for one in (labels, sure))
    assert evidence(larger, Maps(sure), wanted=40, factor=2).total == pytest.approx(apart)


@pytest.mark.parametrize("seed", range(4))
def test_objects_to_whose_middles_flows_lead_speak_louder(seed):
    labels = np.zeros((60, 90), np.uint32)
    labels[5:25, 5:25], labels[5:25, 40:60], labels[30:50, 5:25] = 1, 2, 3
    foreground = np.ones(labels.shape, np.float32)
    inward = towards_middles(labels)
    random = np.random.default_rng(seed).uniform(-1, 1, inward.shape).astype(np.float32)

    def total(flows):
        return evidence(labels, Maps(foreground, flows=flows), wanted=20).total

    alone = evidence(labels, Maps(foreground), wanted=20).total
    assert alone > total(inward) > 0.4 * alone
    assert total(random) < 0.01 * alone
    assert total(-inward) == 0
    one = np.where(labels[..., None] == 2, random, inward)
    assert total(one) == pytest.approx(2 / 3 * total(inward), rel=0.05)


def test_the_higher_the_power_the_more_a_large_object_outweighs_small_ones():
    labels = np.zeros((200, 200), np.uint32)
    labels[:100, :100] = 1
    for k in range(20):
        labels[150:160, 10 * k : 10 * k + 10] = k + 2
    sure = np.ones(labels.shape, np.float32)
    just_large, just_small = (
        np.where(kept, labels, 0) for kept in (labels == 1, labels > 1)
    )
    for_large, for_small = (
        [
            evidence(one, Maps(sure), wanted=wanted, power=power).total
            for power in (0.5, 1.0, 1.5)
        ]
        for one, wanted in ((just_large, 113), (just_small, 11.3))
    )
    assert for_small[0] > for_large[0]
    assert for_large[2] > for_small[2]


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("origin", [(0, 0), (30, 70)])
def test_evidence_tells_where_objects_are_in_the_picture_and_how_large(factor, origin):
    labels = np.zeros((60, 90), np.uint32)
    labels[10:20, 40:60] = 1
    labels[30:40, 0:10] = 3
    sure = np.ones(labels.shape, np.float32)
    told = evidence(labels, Maps(sure), wanted=15, factor=factor, origin=origin)
    expected = np.array([[15, 50], [35, 5]]) / factor + origin
    np.testing.assert_allclose(told.centres, expected)
    np.testing.assert_allclose(told.areas, np.array([200, 100]) / factor**2)
    assert told.diameter == pytest.approx(2 * np.sqrt(150 / np.pi) / factor)


def test_evidence_inside_a_window_is_that_of_objects_centred_there():
    centres = np.array([[5.0, 5.0], [5.0, 25.0], [25.0, 5.0]])
    told = Evidence(centres, np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0]))
    assert told.inside((slice(0, 10), slice(0, 30))).total == 11
    assert told.inside((slice(5, 30), slice(0, 25))).areas.tolist() == [1, 3]
    assert told.inside((slice(10, 20), slice(0, 30))).diameter is None
