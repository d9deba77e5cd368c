from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from segmetry.segment.flows import (
    MARGIN,
    FlowFrame,
    end_cells,
    ends,
    follow_flows,
    sinks,
    towards_middles,
)
from segmetry.segment.objects import fill_each, in_reading_order

EIGHT = np.ones((3, 3))


def drawn(*ellipses, shape=(72, 96)):
    """Draw labels 1 to n of ellipses, each (row, column, half height, half width)."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number, (row, column, high, wide) in enumerate(ellipses, start=1):
        labels[((y - row) / high) ** 2 + ((x - column) / wide) ** 2 <= 1] = number
    return labels


def crowd(seed):
    """Draw a dozen ellipses on a jittered grid; some touch."""
    rng = np.random.default_rng(seed)
    places = [(row, column) for row in (14, 37, 60) for column in (14, 36, 58, 80)]
    return drawn(*((*rng.normal(place, 1), *rng.uniform(8, 12.5, 2)) for place in places))


def random_field(seed, shape=(64, 80)):
    rng = np.random.default_rng(seed)
    sigma = rng.uniform(1, 5)
    flows = ndimage.gaussian_filter(rng.normal(size=(*shape, 2)), (sigma, sigma, 0))
    flows /= np.linalg.norm(flows, axis=-1, keepdims=True)
    noise = ndimage.gaussian_filter(rng.random(shape), 3)
    return noise > np.quantile(noise, 0.4), flows.astype(np.float32)


def quarter_turn(flows):
    """Turn a field to the left: what pointed right then points up."""
    turned = np.rot90(flows)
    return np.stack([-turned[..., 1], turned[..., 0]], axis=-1)


def mirrored(flows):
    return flows[:, ::-1] * np.array([1, -1], np.float32)


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


def assert_whole(labels, **options):
    found = follow_flows(labels > 0, towards_middles(labels), **options)
    assert found.max() == np.unique(labels[labels > 0]).size
    for number in np.unique(labels[labels > 0]):
        truth = labels == number
        most = np.bincount(found[truth]).argmax()
        assert overlap(found == most, truth) > 0.95


def slowly(foreground, flows, *, least, steps):
    """Do the same with SciPy alone, and drop no object."""
    limits = np.array(foreground.shape)[:, None] - 1
    places = np.argwhere(foreground).T.astype(float)
    for k in range(steps):
        if k % 6 == 0:
            places = np.rint(2 * places) / 2
        step = [
            ndimage.map_coordinates(flows[..., axis].astype(float), places, order=1)
            for axis in (0, 1)
        ]
        places = np.clip(places + np.rint(np.array(step) * 2**20) / 2**20, 0, limits)
    cells = np.rint(places).astype(int)
    counts = np.zeros(foreground.shape)
    np.add.at(counts, tuple(cells), 1)
    peaks = (counts == ndimage.maximum_filter(counts, 5)) & (counts > least)
    where = np.argwhere(peaks)
    n_regions, number = connected_components(cdist(where, where, "chebyshev") <= 2)
    regions = np.zeros(foreground.shape, int)
    regions[peaks] = number + 1
    fullness = ndimage.maximum(counts, regions, range(n_regions + 1))
    fullness[0] = -1
    grown = fullness.argsort(kind="stable").argsort(kind="stable")[regions]
    for _ in range(5):
        wider = ndimage.maximum_filter(grown, 3)
        grown = np.where((grown == 0) & (counts >= 3), wider, grown)
    labels = np.zeros(foreground.shape, np.uint32)
    labels[foreground] = grown[tuple(cells)]
    return in_reading_order(np.where(foreground, fill_each(labels), np.uint32(0)))


def piece_by_piece(cut, foreground, flows):
    """Cut each connected piece by itself, in a box with 8 pixels of flows around it."""
    pieces = ndimage.label(foreground, EIGHT)[0]
    labels = np.zeros(foreground.shape, np.uint32)
    for number, box in enumerate(ndimage.find_objects(pieces), start=1):
        wide = tuple(slice(max(side.start - 8, 0), side.stop + 8) for side in box)
        found = cut(pieces[wide] == number, flows[wide])
        labels[wide][found > 0] = found[found > 0] + labels.max()
    return in_reading_order(labels)


@pytest.mark.parametrize("gap", [-4, -2, 0, 3])
@pytest.mark.parametrize("radius", [8, 12, 17])
def test_touching_discs_come_back_whole(radius, gap):
    left, right = 24, 24 + 2 * radius + gap
    assert_whole(drawn((36, left, radius, radius), (36, right, radius, radius)))


@pytest.mark.parametrize("seed", range(8))
def test_crowded_ellipses_come_back_whole(seed):
    assert_whole(crowd(seed))


def test_objects_of_different_size_that_touch_come_back_whole():
    assert_whole(drawn((36, 36, 30, 30), (36, 72, 7, 7), (10, 66, 8, 16)))


@pytest.mark.parametrize("place", [(0, 0), (0, 48), (71, 95), (36, 95), (71, 20)])
def test_objects_that_the_edge_of_the_picture_cuts_come_back_whole(place):
    assert_whole(drawn((*place, 12, 12), (34, 34, 11, 9)))


@pytest.mark.parametrize("radius", [60, 130, 180])
def test_wide_objects_come_back_whole(radius):
    side = 2 * radius + 21
    disc = drawn((radius + 10, radius + 10, radius, radius), shape=(side, side))
    y, x = np.mgrid[:side, :side]
    inward = np.stack([radius + 10 - y, radius + 10 - x], axis=-1).astype(np.float32)
    inward /= np.maximum(np.linalg.norm(inward, axis=-1, keepdims=True), 1)
    assert np.array_equal(follow_flows(disc > 0, inward, least=40), disc)


def test_a_bent_object_stays_one():
    labels = np.zeros((40, 40), np.uint32)
    labels[5:35, 5:10] = 1
    labels[30:35, 5:35] = 1
    assert_whole(labels, least=5)


def test_a_disc_in_the_hollow_of_a_crescent_is_told_apart():
    labels = drawn((36, 36, 24, 24), (36, 48, 16, 16))
    assert_whole(labels)


@pytest.mark.parametrize("seed", range(20))
def test_it_does_as_a_slow_version_does(seed):
    foreground, flows = random_field(seed)
    found = follow_flows(foreground, flows, least=10, steps=60)
    assert found.any()
    slow = partial(slowly, least=10, steps=60)
    assert np.array_equal(found, piece_by_piece(slow, foreground, flows))


@pytest.mark.parametrize("seed", range(8))
def test_objects_turn_with_the_picture(seed):
    labels = crowd(seed)
    flows = towards_middles(labels)
    found = follow_flows(labels > 0, flows)
    for _ in range(3):
        labels, flows, found = np.rot90(labels), quarter_turn(flows), np.rot90(found)
        assert np.array_equal(follow_flows(labels > 0, flows), in_reading_order(found))


@pytest.mark.parametrize("seed", range(8))
def test_objects_are_mirrored_with_the_picture(seed):
    labels = crowd(seed)
    flows = towards_middles(labels)
    found = follow_flows(labels > 0, flows)[:, ::-1]
    again = follow_flows((labels > 0)[:, ::-1], mirrored(flows))
    assert np.array_equal(again, in_reading_order(found))


@pytest.mark.parametrize("seed", range(20))
def test_a_pixel_stays_0_only_where_too_few_others_end(seed):
    foreground, flows = random_field(seed)

    def unfilled(piece, around):
        cells = end_cells(np.argwhere(piece), around, steps=400)
        sink = np.zeros(piece.shape, np.uint32)
        sink[piece] = sinks(cells, piece.shape, least=10).ravel()[cells]
        return sink

    sink = piece_by_piece(unfilled, foreground, flows)
    found = follow_flows(foreground, flows)
    assert not found[~foreground].any()
    assert np.array_equal(found[sink > 0], sink[sink > 0])
    rest = (found > 0) & (sink == 0)
    assert np.array_equal(fill_each(sink)[rest] > 0, found[rest] > 0)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 12), st.integers(1, 12), st.floats(0, 4))
def test_any_flows_give_numbers_in_reading_order_within_the_foreground(
    data, height, width, least
):
    foreground = data.draw(hnp.arrays(bool, (height, width)))
    numbers = st.floats(-50, 50, width=32)
    flows = data.draw(hnp.arrays(np.float32, (height, width, 2), elements=numbers))
    found = follow_flows(foreground, flows, least=least, min_area=2, steps=10)
    assert found.dtype == np.uint32
    assert not found[~foreground].any()
    first = [np.flatnonzero(found == k)[0] for k in range(1, found.max() + 1)]
    assert first == sorted(first)
    assert (np.bincount(found.ravel())[1:] >= 2).all()
    again = follow_flows(foreground, flows, least=least, min_area=2, steps=10)
    assert np.array_equal(found, again)


def test_nothing_is_found_in_an_empty_foreground():
    foreground, flows = random_field(0)
    assert not follow_flows(np.zeros_like(foreground), flows).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (4, 4)])
def test_one_pixel_is_an_object_if_one_is_enough(shape):
    foreground = np.zeros(shape, bool)
    foreground[-1, -1] = True
    flows = np.zeros((*shape, 2), np.float32)
    assert np.array_equal(follow_flows(foreground, flows, least=0), foreground)
    assert not follow_flows(foreground, flows, least=1).any()


def test_objects_below_the_least_area_are_dropped_and_the_others_numbered_anew():
    labels = drawn((12, 20, 6, 6), (40, 50, 14, 14))
    found = follow_flows(labels > 0, towards_middles(labels), min_area=300)
    assert np.array_equal(found, labels == 2)


def test_what_the_ground_parts_is_apart():
    labels = drawn((36, 48, 16, 16))
    foreground = labels > 0
    foreground[:, 43] = False
    pieces = ndimage.label(foreground, EIGHT)[0].astype(np.uint32)
    found = follow_flows(foreground, towards_middles(labels))
    assert np.array_equal(found, in_reading_order(pieces))


@pytest.mark.parametrize("scale", [0.6, 1, 1.7])
@pytest.mark.parametrize("seed", range(6))
def test_a_piece_is_cut_in_a_window_as_it_is_in_the_picture(seed, scale):
    rng = np.random.default_rng(seed)
    foreground, _ = random_field(seed, shape=(90, 110))
    grid = tuple(round(scale * length) for length in foreground.shape)
    flows = random_field(seed, shape=grid)[1]
    found = follow_flows(foreground, flows, least=3)
    pieces = ndimage.label(foreground, EIGHT)[0]
    for number, box in enumerate(ndimage.find_objects(pieces), start=1):
        before, behind = rng.integers(0, 9, (2, 2))
        window = tuple(
            slice(max(side.start - a, 0), min(side.stop + b, length))
            for side, a, b, length in zip(
                box, before, behind, foreground.shape, strict=True
            )
        )
        own = tuple(
            slice(
                max(int(side.start * scale) - MARGIN - 2, 0),
                min(int(side.stop * scale) + MARGIN + 3, length),
            )
            for side, length in zip(window, grid, strict=True)
        )
        frame = FlowFrame(
            foreground.shape,
            grid,
            tuple(side.start for side in window),
            tuple(side.start for side in own),
        )
        part = follow_flows(pieces[window] == number, flows[own], least=3, frame=frame)
        alone = np.where(pieces[window] == number, found[window], 0).astype(np.uint32)
        assert np.array_equal(part, in_reading_order(alone))


def test_flows_may_lie_in_memory_as_a_network_gives_them():
    labels = crowd(0)
    flows = towards_middles(labels)
    planes = np.ascontiguousarray(np.moveaxis(flows, -1, 0)).astype(np.float64)
    found = follow_flows(labels > 0, np.moveaxis(planes, 0, -1))
    assert np.array_equal(found, follow_flows(labels > 0, flows))


@pytest.mark.parametrize("factor", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_flows_may_be_coarser_or_finer_than_the_foreground(seed, factor):
    labels, block = crowd(seed), np.ones((factor, factor), np.uint32)
    fine = np.kron(labels, block)
    found = follow_flows(fine > 0, towards_middles(labels))
    assert found.max() == labels.max()
    assert (in_reading_order(fine) == found).mean() > 0.99
    found = follow_flows(labels > 0, towards_middles(fine))
    assert (in_reading_order(labels) == found).mean() > 0.99


@pytest.mark.parametrize("seed", range(4))
def test_points_that_meet_end_where_each_would_have(seed):
    labels = crowd(seed)
    flows, starts = towards_middles(labels), np.argwhere(labels)
    alone = np.rint(ends(starts, flows, steps=100))
    met = np.divmod(end_cells(starts, flows, steps=100), labels.shape[1])
    away = np.linalg.norm(np.stack(met, axis=-1) - alone, axis=-1)
    assert np.quantile(away, 0.99) <= 2


def test_too_few_steps_gather_only_the_middle():
    labels = drawn((36, 48, 20, 20))
    found = follow_flows(labels > 0, towards_middles(labels), steps=8)
    assert found[36, 48]
    assert not found[36, 29]


def test_pixels_that_do_not_move_are_no_object():
    labels = crowd(0)
    assert not follow_flows(labels > 0, np.zeros((*labels.shape, 2), np.float32)).any()


def test_points_follow_between_pixels_and_stop_at_the_edge():
    flows = np.zeros((5, 9, 2), np.float32)
    flows[..., 1] = np.arange(9) / 8
    assert ends(np.array([[2.0, 4.5]]), flows, steps=1)[0] == pytest.approx([2, 5.0625])
    assert ends(np.array([[2.0, 4.5]]), flows, steps=40)[0] == pytest.approx([2, 8])


def test_the_fuller_of_two_sinks_takes_the_cell_between():
    cells = np.repeat(np.arange(5), [9, 3, 3, 3, 11])
    assert sinks(cells, (1, 5), least=8).tolist() == [[1, 1, 2, 2, 2]]
    assert sinks(cells, (5, 1), least=8).T.tolist() == [[1, 1, 2, 2, 2]]
    assert sinks(4 - cells, (1, 5), least=8).tolist() == [[2, 2, 2, 1, 1]]
    assert not sinks(cells, (1, 5), least=11).any()


@pytest.mark.parametrize(
    ("apart", "expected"), [((0, 2), 1), ((2, 2), 1), ((2, 1), 1), ((0, 3), 2), ((3, 1), 2)]
)
def test_two_cells_that_tie_are_one_sink_if_they_are_within_2(apart, expected):
    counts = np.zeros((12, 12), int)
    counts[4, 4] = counts[4 + apart[0], 4 + apart[1]] = 30
    cells = np.repeat(np.arange(144), counts.ravel())
    assert sinks(cells, (12, 12), least=20).max() == expected


@settings(max_examples=40, deadline=None)
@given(hnp.arrays(np.int64, (9, 11), elements=st.integers(0, 3)))
def test_no_two_sinks_begin_within_2_cells(counts):
    cells = np.repeat(np.arange(counts.size), 10 * counts.ravel())
    found = sinks(cells, counts.shape, least=15)
    peaks = (counts == ndimage.maximum_filter(counts, 5)) & (counts > 1)
    for one in np.argwhere(peaks):
        for other in np.argwhere(peaks):
            if abs(one - other).max() <= 2:
                assert found[tuple(one)] == found[tuple(other)] > 0
    turned = np.repeat(np.arange(counts.size), 10 * np.rot90(counts).ravel())
    assert sinks(turned, counts.T.shape, least=15).max() == found.max()


def test_an_object_with_two_middles_that_tie_is_not_split():
    foreground = np.ones((20, 23), bool)
    flows = np.zeros((20, 23, 2), np.float32)
    flows[..., 0] = np.clip(9 - np.arange(20), -1, 1)[:, None]
    flows[:, :10, 1], flows[:, 13:, 1] = 1, -1
    flows[:, 11, 1] = 0
    flows[:, 10, 1] = flows[:, 12, 1] = 0  # both halves stop one column off the middle
    assert follow_flows(foreground, flows).max() == 1


def test_points_that_count_less_need_to_be_more():
    cells = np.repeat(np.arange(5), [20, 8, 1, 8, 24])
    assert sinks(cells, (1, 5), least=5, weight=0.25).tolist() == [[0, 0, 0, 0, 1]]
    assert sinks(cells, (1, 5), least=4, weight=0.25).tolist() == [[1, 0, 0, 0, 2]]
    assert sinks(cells, (1, 5), least=4, weight=0.3).tolist() == [[1, 1, 0, 2, 2]]


@pytest.mark.parametrize("seed", range(4))
def test_vectors_are_of_length_1_in_objects_and_nothing_outside(seed):
    labels = crowd(seed)
    lengths = np.linalg.norm(towards_middles(labels), axis=-1)
    assert not lengths[labels == 0].any()
    assert (np.abs(lengths[labels > 0] - 1) > 1e-5).sum() <= labels.max()


def test_vectors_in_a_disc_point_to_its_middle():
    labels = drawn((30, 40, 12, 12))
    rows, columns = np.nonzero(labels)
    straight = np.stack([30 - rows, 40 - columns], axis=-1)
    far = np.linalg.norm(straight, axis=-1) > 2
    units = straight[far] / np.linalg.norm(straight[far], axis=-1, keepdims=True)
    along = (towards_middles(labels)[rows, columns][far] * units).sum(axis=-1)
    assert along.min() > 0.85
    assert along.mean() > 0.98


@pytest.mark.parametrize("radius", [61, 64, 100, 300])
def test_vectors_in_a_wide_disc_point_to_its_middle_up_to_the_rim(radius):
    side = 2 * radius + 9
    labels = drawn((radius + 4, radius + 4, radius, radius), shape=(side, side))
    straight = radius + 4 - np.stack(np.nonzero(labels), axis=-1)
    lengths = np.linalg.norm(straight, axis=-1, keepdims=True)
    along = (towards_middles(labels)[labels > 0] * straight / np.maximum(lengths, 1)).sum(
        -1
    )
    assert along[lengths[:, 0] > 20].min() > 0.9
    assert along.mean() > 0.99


@pytest.mark.parametrize("seed", range(4))
def test_wide_objects_of_any_shape_come_back_whole_by_their_own_vectors(seed):
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.random((300, 340)), 30)
    pieces = ndimage.label(field > np.quantile(field, 0.6))[0]
    labels = (pieces == np.bincount(pieces[pieces > 0]).argmax()).astype(np.uint32)
    assert max(box.stop - box.start for box in ndimage.find_objects(labels)[0]) > 128
    assert_whole(labels)


@pytest.mark.parametrize("shape", [(130, 20), (12, 257), (129, 129), (140, 300)])
def test_a_wide_object_in_a_corner_has_vectors_everywhere(shape):
    labels = np.zeros((150, 310), np.uint32)
    labels[: shape[0], : shape[1]] = 1
    vectors = towards_middles(labels)
    lengths = np.linalg.norm(vectors, axis=-1)
    assert not lengths[labels == 0].any()
    assert np.mean(lengths[labels > 0] > 0.99) > 0.95


@pytest.mark.parametrize("side", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_vectors_know_nothing_of_numbers_other_objects_or_places(seed, side):
    labels = np.kron(crowd(seed), np.ones((side, side), np.uint32))
    vectors = towards_middles(labels)
    others = np.random.default_rng(seed).permutation(int(labels.max())) + 20
    renamed = np.concatenate([[0], others]).astype(np.uint32)[labels]
    assert np.array_equal(towards_middles(renamed), vectors)
    alone = np.where(labels == 5, labels, np.uint32(0))
    assert np.array_equal(towards_middles(alone)[alone > 0], vectors[alone > 0])
    moved = np.pad(labels, ((3, 0), (11, 2)))
    assert np.array_equal(towards_middles(moved)[3:, 11:-2], vectors)


@pytest.mark.parametrize("radius", [40, 150])
def test_vectors_turn_with_the_object(radius):
    side = 2 * radius + 9
    middle = radius + 4
    labels = drawn((middle, middle, radius, radius / 2), shape=(side, side))
    vectors = towards_middles(labels)
    turned = towards_middles(np.rot90(labels).copy())
    along = (turned * quarter_turn(vectors)).sum(axis=-1)[np.rot90(labels) > 0]
    # Blocks of a wide object begin at its top left, so they do not turn with it.
    assert np.quantile(along, 0.02) > 0.9
    assert along.mean() > 0.99


def test_vectors_of_a_bent_object_lead_around_the_bend():
    labels = np.zeros((40, 40), np.uint32)
    labels[5:35, 5:10] = 3  # numbers may have gaps
    labels[30:35, 5:35] = 3
    vectors = towards_middles(labels)
    assert vectors[6, 7, 0] > 0.9  # down the arm, not across the gap
    assert vectors[32, 33, 1] < -0.9


@pytest.mark.parametrize(
    "foreground", [np.ones((4, 5), np.uint8), np.ones((2, 4, 5), bool), np.ones(5, bool)]
)
def test_a_foreground_is_boolean_and_has_two_axes(foreground):
    with pytest.raises(ValueError, match="foreground must be boolean with the two axes"):
        follow_flows(foreground, np.zeros((*foreground.shape, 2), np.float32))


@pytest.mark.parametrize("shape", [(4, 5), (2, 4, 5, 2), (4, 5, 3)])
def test_flows_are_two_numbers_for_each_pixel(shape):
    with pytest.raises(ValueError, match=r"flows must be finite .* \(Y, X, 2\), got"):
        follow_flows(np.ones((4, 5), bool), np.zeros(shape, np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_flows_are_finite(value):
    flows = np.zeros((4, 5, 2), np.float32)
    flows[1, 1, 0] = value
    with pytest.raises(ValueError, match="flows must be finite"):
        follow_flows(np.ones((4, 5), bool), flows)
