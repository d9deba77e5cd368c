import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from segmetry.segment.flooding import LEVELS_PER_PIXEL, flood, number

EIGHT = np.ones((3, 3), int)
HEIGHTS = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
    elements=st.integers(0, 6).map(float),
)


def hills(seed, shape=(40, 50)):
    """Smooth hills in multiples of a level, and a background of 0."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.random(shape), 2)
    field = (field - np.quantile(field, 0.3)).clip(0) / np.ptp(field) * 10
    return (np.rint(field * LEVELS_PER_PIXEL) / LEVELS_PER_PIXEL).astype(np.float32)


def partition(basins):
    """Return which pixels are in a basin together, whatever its number."""
    first = {}
    for place, value in enumerate(basins.ravel().tolist()):
        first.setdefault(value, place)
    return [first[value] if value >= 0 else -1 for value in basins.ravel().tolist()]


def slowly(distance, waist, depth):
    """Flood the same with dictionaries, one pixel after the other."""
    level = (distance * LEVELS_PER_PIXEL).astype(int)
    places = np.argwhere(level > 0)
    order = places[np.argsort(-level[tuple(places.T)], kind="stable")]
    home, parent, top = {}, {}, {}

    def root(basin):
        return basin if parent[basin] == basin else root(parent[basin])

    for y, x in map(tuple, order.tolist()):
        # The order in which neighbours are looked at decides between equal ones.
        steps = [(-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]
        near = [(y + a, x + b) for a, b in steps if (y + a, x + b) in home]
        if not near:
            parent[y, x], top[y, x], home[y, x] = (y, x), level[y, x], (y, x)
            continue
        home[y, x] = home[max(near, key=lambda place: level[place])]
        for place in near:
            one, other = root(home[y, x]), root(home[place])
            low = min(top[one], top[other])
            apart = level[y, x] < waist * low
            apart = apart and low - level[y, x] > int(depth * LEVELS_PER_PIXEL)
            if one != other and not apart:
                high, small = (one, other) if top[one] >= top[other] else (other, one)
                parent[small] = high
    basins = np.full(distance.shape, -1)
    for place, basin in home.items():
        y, x = root(basin)
        basins[place] = y * distance.shape[1] + x
    return basins


@settings(max_examples=40, deadline=None)
@given(HEIGHTS, st.sampled_from([0.0, 0.5, 0.85, 1.0]), st.sampled_from([0.0, 0.75, 2.0]))
def test_it_does_as_a_slow_version_does(distance, waist, depth):
    found, _ = flood(distance, waist, depth)
    assert partition(found) == partition(slowly(distance, waist, depth))


@settings(max_examples=40, deadline=None)
@given(HEIGHTS, st.floats(0, 1), st.floats(0, 3))
def test_every_pixel_above_0_is_in_a_basin_and_basins_are_in_one_piece(
    distance, waist, depth
):
    basins, bound = flood(distance, waist, depth)
    assert np.array_equal(basins >= 0, distance > 0)
    assert basins.max() < bound
    for basin in np.unique(basins[basins >= 0]):
        assert ndimage.label(basins == basin, EIGHT)[1] == 1


@pytest.mark.parametrize("seed", range(5))
def test_without_waists_basins_are_the_connected_pieces(seed):
    distance = hills(seed)
    basins, _ = flood(distance, 0.0, 0.0)
    pieces, n_pieces = ndimage.label(distance > 0, EIGHT)
    assert partition(basins) == partition(pieces - 1)
    assert len(np.unique(basins[basins >= 0])) == n_pieces


@pytest.mark.parametrize("seed", range(5))
def test_a_lower_waist_and_a_wanted_depth_cut_no_more(seed):
    distance = hills(seed)

    def counted(waist, depth):
        return len(np.unique(flood(distance, waist, depth)[0]))

    by_waist = [counted(waist, 0.0) for waist in (0.0, 0.5, 0.9, 1.0)]
    by_depth = [counted(1.0, depth) for depth in (0.0, 0.5, 2.0, 20.0)]
    assert by_waist == sorted(by_waist)
    assert by_depth == sorted(by_depth, reverse=True)
    assert by_waist[0] == by_depth[-1]


@pytest.mark.parametrize("seed", range(5))
def test_the_wanted_depth_is_in_units_of_the_heights(seed):
    one, eight = (
        flood(hills(seed) * scale, 0.95, 0.0625 * float(scale))[0]
        for scale in (np.float32(1), np.float32(8))
    )
    assert np.array_equal(one, eight)


@pytest.mark.parametrize(("depth", "expected"), [(0.0, 2), (2.9, 2), (3.0, 1), (8.0, 1)])
def test_a_pass_as_shallow_as_the_wanted_depth_is_a_rough_edge(depth, expected):
    basins, _ = flood(np.array([[4, 8, 5, 8, 4]], np.float32), 1.0, depth)
    assert len(np.unique(basins)) == expected


@pytest.mark.parametrize(("waist", "expected"), [(0.6, 1), (0.65, 2), (1.0, 2)])
def test_hills_part_where_the_pass_is_narrow_against_the_smaller(waist, expected):
    basins, _ = flood(np.array([[4, 16, 5, 8, 4]], np.float32), waist, 0.0)
    assert len(np.unique(basins)) == expected


@pytest.mark.parametrize("seed", range(5))
def test_numbers_are_in_reading_order_without_gaps_and_small_basins_are_dropped(seed):
    rng = np.random.default_rng(seed)
    basins = rng.integers(-1, 12, (9, 14)).astype(np.int32)
    area = np.bincount(basins[basins >= 0], minlength=12)
    labels = number(basins, 12, 9)
    assert labels.dtype == np.uint32
    assert np.array_equal(labels > 0, (basins >= 0) & (area[basins] >= 9))
    assert partition(labels.astype(int) - 1) == partition(np.where(labels, basins, -1))
    first = [np.flatnonzero(labels == k)[0] for k in range(1, int(labels.max()) + 1)]
    assert first == sorted(first)
