from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, distance_transform_edt, label
from scipy.ndimage import zoom as enlarged

from segmetry.learn.crowding import Crowding, cleaned, crowding_weights

SMALL = Crowding(width=5, reach=21, min_area=4, min_hole=3)


def discs(places, radius, *, shape=(80, 100)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number, (row, column) in enumerate(places, start=1):
        labels[np.hypot(y - row, x - column) <= radius] = number
    return labels


def directly(labels, crowding):
    """Every cell against every pixel, with the exact distance."""
    sums = sum(
        np.exp(-(distance_transform_edt(labels != number) ** 2) / (2 * crowding.width**2))
        for number in np.unique(labels[labels > 0])
    )
    square = np.ones((round(crowding.reach),) * 2, bool)
    near = binary_dilation(labels > 0, square) & (labels == 0)
    weights = np.maximum(np.where(near, sums, 0), 1)
    weights[labels > 0] = crowding.inside
    return weights / crowding.divisor


@pytest.mark.parametrize("seed", range(4))
def test_weights_are_those_of_a_direct_calculation(seed):
    random = np.random.default_rng(seed)
    labels = discs(random.uniform(0, 80, (int(random.integers(1, 9)), 2)), 5)
    crowding = replace(SMALL, width=random.uniform(2, 12), inside=random.uniform(1, 3))
    expected = directly(labels, crowding)
    assert np.allclose(crowding_weights(labels, crowding), expected, atol=1e-5)


def test_the_published_weights_between_two_cells_follow_from_their_distances():
    labels = np.zeros((60, 120), np.uint32)
    labels[20:40, 20:40], labels[20:40, 48:68] = 1, 2
    weights = 3.8177538 * crowding_weights(labels)
    # Pixels of column 43 are 4 from the left cell and 5 from the right one.
    assert weights[30, 43] == pytest.approx(
        np.exp(-16 / 1250) + np.exp(-25 / 1250), rel=1e-4
    )
    assert weights[30, 30] == pytest.approx(1.5, rel=1e-5)
    assert weights[30, 119] == pytest.approx(1, rel=1e-5)


def test_the_more_cells_there_are_about_a_pixel_the_more_it_counts():
    wide = replace(SMALL, width=12)
    ring = [
        (40 + 14 * np.cos(a), 50 + 14 * np.sin(a))
        for a in np.linspace(0, 2 * np.pi, 6, endpoint=False)
    ]
    middle = [
        crowding_weights(discs(ring[:n], 5), wide)[40, 50] * SMALL.divisor
        for n in (1, 2, 4, 6)
    ]
    assert middle[0] == pytest.approx(1)
    assert middle[0] < middle[1] < middle[2] < middle[3]


def test_a_cell_by_itself_leaves_its_surroundings_at_1():
    labels = discs([(40, 50)], 8)
    weights = crowding_weights(labels, SMALL) * SMALL.divisor
    assert np.allclose(weights[labels == 0], 1)
    assert np.allclose(weights[labels == 1], 1.5)


@pytest.mark.parametrize("seed", range(3))
def test_weights_turn_and_mirror_with_the_picture(seed):
    random = np.random.default_rng(seed)
    labels = discs(random.uniform(10, 70, (6, 2)), 5)
    odd = replace(SMALL, reach=31)  # a square of an even side has no middle
    weights = crowding_weights(labels, odd)
    for change in (np.rot90, np.flipud, np.fliplr):
        assert np.allclose(
            crowding_weights(change(labels), odd), change(weights), atol=1e-6
        )


def test_finer_pixels_see_the_same_weights():
    labels = discs([(30, 30), (30, 46), (48, 38)], 6)
    finer = enlarged(labels, 3, order=0)
    coarse = crowding_weights(labels, replace(SMALL, pixel_um=0.9))
    fine = crowding_weights(finer, replace(SMALL, pixel_um=0.9).scaled(0.3))
    # Distances count from the middle of a pixel to that of the nearest of a cell.
    assert np.abs(fine[1::3, 1::3] - coarse).max() < 0.1
    assert np.abs(fine[1::3, 1::3] - coarse).mean() < 0.01


def test_lengths_stay_the_same_in_micrometres_and_unknown_pixels_change_nothing():
    fine = Crowding().scaled(0.315 / 2)
    assert (fine.width, fine.reach) == pytest.approx((50, 200))
    assert (fine.min_area, fine.min_hole) == pytest.approx((400, 800))
    assert fine.scaled(0.315).width == pytest.approx(25)
    assert Crowding().scaled(None) == Crowding()


def test_specks_go_and_pinholes_are_filled_before():
    mask = np.zeros((40, 40), np.uint32)
    mask[5:25, 5:25] = 7
    mask[10:12, 10] = 0  # a pinhole, and below a hole that stays
    mask[15:18, 15:18] = 0
    mask[30:33, 30] = 9  # a speck, and beside it a cell
    mask[30:34, 35:39] = 9
    found = cleaned(mask, SMALL)
    assert found.max() == 2
    assert (found[10:12, 10] > 0).all()
    assert not found[15:18, 15:18].any()
    assert not found[30:33, 30].any()
    assert (found[30:34, 35:39] == found[30, 35]).all()


def test_cells_that_touch_by_a_corner_stay_two_and_an_empty_mask_stays_empty():
    mask = np.zeros((20, 20), np.uint32)
    mask[4:8, 4:8] = mask[8:12, 8:12] = 1
    assert cleaned(mask, SMALL).max() == 2
    assert not cleaned(np.zeros((20, 20), np.uint32), SMALL).any()
    nothing = crowding_weights(np.zeros((20, 20), np.uint32), SMALL)
    assert np.allclose(nothing, 1 / SMALL.divisor)


def test_more_than_255_cells_each_keep_their_weight():
    labels = np.zeros((170, 170), np.uint32)
    for number in range(289):
        row, column = divmod(number, 17)
        labels[10 * row + 2 : 10 * row + 8, 10 * column + 2 : 10 * column + 8] = number + 1
    crowding = replace(SMALL, width=2)
    assert label(cleaned(labels, crowding) > 0)[1] == 289
    assert np.allclose(
        crowding_weights(labels, crowding), directly(labels, crowding), atol=1e-5
    )


@pytest.mark.parametrize("seed", range(5))
def test_every_pixel_counts_and_those_of_cells_alike(seed):
    random = np.random.default_rng(seed)
    labels = discs(random.uniform(0, 80, (12, 2)), 4)
    weights = crowding_weights(labels, SMALL) * SMALL.divisor
    assert weights.min() >= 1 - 1e-5
    assert np.allclose(weights[labels > 0], 1.5)
