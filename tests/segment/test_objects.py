import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from segmetry.segment.objects import (
    fill_each,
    fill_holes,
    in_reading_order,
    large_objects,
    number_objects,
    without_specks,
)

EIGHT = np.ones((3, 3), dtype=int)


def random_mask(seed):
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.random((64, 80)), rng.uniform(0.3, 3))
    return noise > np.quantile(noise, rng.uniform(0.2, 0.95))


def disc(shape, centre, radius):
    y, x = np.ogrid[: shape[0], : shape[1]]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def along(angle, length, width, *, ellipse):
    size = int(2 * np.hypot(length, width)) + 8
    y, x = np.mgrid[:size, :size] - size / 2 + 0.3
    u = (x * np.cos(angle) + y * np.sin(angle)) / length
    v = (y * np.cos(angle) - x * np.sin(angle)) / width
    return u**2 + v**2 <= 1 if ellipse else (abs(u) <= 1) & (abs(v) <= 1)


@pytest.mark.parametrize("seed", range(300))
def test_no_foreground_pixel_is_lost(seed):
    mask = random_mask(seed)
    assert np.array_equal(number_objects(mask) > 0, mask)


@pytest.mark.parametrize("seed", range(100))
def test_every_object_is_one_piece_and_numbers_have_no_gaps(seed):
    labels = number_objects(random_mask(seed))
    assert np.unique(labels[labels > 0]).tolist() == list(range(1, labels.max() + 1))
    for number in range(1, labels.max() + 1):
        assert ndimage.label(labels == number, EIGHT)[1] == 1


@pytest.mark.parametrize("seed", range(100))
def test_turning_a_picture_does_not_change_the_count(seed):
    mask = random_mask(seed)
    counts = {number_objects(np.rot90(mask, turns).copy()).max() for turns in range(4)}
    counts.add(number_objects(mask.T.copy()).max())
    assert len(counts) == 1


@settings(max_examples=100, deadline=None)
@given(
    hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=24)),
    st.floats(0, 1),
    st.booleans(),
)
def test_no_pixel_is_lost_in_any_mask_at_any_waist(mask, waist, separate):
    labels = number_objects(mask, waist=waist, separate=separate)
    assert np.array_equal(labels > 0, mask)
    assert labels.max() >= ndimage.label(mask, EIGHT)[1]


@pytest.mark.parametrize("seed", range(30))
def test_joined_objects_are_the_connected_components(seed):
    mask = random_mask(seed)
    assert number_objects(mask, separate=False).max() == ndimage.label(mask, EIGHT)[1]
    assert np.array_equal(
        number_objects(mask, separate=False), number_objects(mask, waist=0)
    )


@pytest.mark.parametrize("seed", range(30))
def test_a_narrower_waist_asked_for_cuts_no_more(seed):
    mask = random_mask(seed)
    counts = [number_objects(mask, waist=waist).max() for waist in (0.3, 0.6, 0.85, 1)]
    assert counts == sorted(counts)


@pytest.mark.parametrize("radius", [6, 9, 15, 30])
@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 7)[:-1])
def test_touching_discs_are_cut_in_two(radius, angle):
    size = 5 * radius
    offset = 0.8 * radius * np.array([np.sin(angle), np.cos(angle)])
    middle = np.array([size / 2, size / 2])
    mask = disc((size, size), middle - offset, radius)
    mask |= disc((size, size), middle + offset, radius)
    labels = number_objects(mask)
    assert labels.max() == 2
    areas = np.bincount(labels.ravel())[1:]
    assert areas.min() > 0.85 * areas.max()


def test_discs_in_a_row_are_cut_at_their_waists():
    mask = np.zeros((40, 200), dtype=bool)
    for centre in range(20, 200, 32):
        mask |= disc(mask.shape, (20, centre), 18)
    labels = number_objects(mask)
    assert labels.max() == 6
    assert labels[20, 20] != labels[20, 52]


@pytest.mark.parametrize("ratio", [1, 2, 3, 5])
@pytest.mark.parametrize("width", [5, 8, 15])
@pytest.mark.parametrize("angle", [0.0, 0.2, 0.5, 0.78])
def test_rods_and_ellipses_stay_in_one_piece(ratio, width, angle):
    assert number_objects(along(angle, ratio * width, width, ellipse=True)).max() == 1
    assert number_objects(along(angle, ratio * width, width, ellipse=False)).max() == 1


def test_the_smaller_of_two_touching_discs_is_cut_off():
    mask = disc((80, 100), (40, 40), 30) | disc((80, 100), (40, 76), 10)
    assert number_objects(mask).max() == 2


def test_a_single_pixel_at_the_corner_of_an_odd_mask_is_one_object():
    mask = np.zeros((10, 3), dtype=bool)
    mask[9, 2] = True
    assert np.array_equal(number_objects(mask, separate=False) > 0, mask)


def test_pixels_that_touch_over_a_corner_are_one_object():
    mask = np.eye(6, dtype=bool)
    assert number_objects(mask).max() == 1
    assert number_objects(mask, separate=False).max() == 1


def test_small_objects_are_dropped_and_numbers_closed():
    mask = np.zeros((20, 20), dtype=bool)
    mask[2:4, 2:4] = True
    mask[8:14, 8:14] = True
    mask[16:19, 2:5] = True
    labels = number_objects(mask, min_area=9)
    assert np.unique(labels).tolist() == [0, 1, 2]
    assert labels[10, 10] == 1
    assert labels[17, 3] == 2
    assert np.array_equal(labels, number_objects(mask, min_area=9, separate=False))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (5, 1), (7, 4)])
def test_full_and_empty_masks_are_one_object_and_none(shape):
    assert number_objects(np.ones(shape, dtype=bool)).tolist() == np.ones(shape).tolist()
    assert not number_objects(np.zeros(shape, dtype=bool)).any()
    assert not number_objects(np.zeros(shape, dtype=bool), separate=False).any()


def test_an_object_at_the_frame_is_not_cut_by_the_frame():
    mask = disc((60, 60), (0, 30), 25)
    assert number_objects(mask).max() == 1


def test_masks_may_be_read_only_and_not_contiguous():
    mask = np.zeros((40, 40), dtype=bool)
    mask[::2, ::2][5:10, 5:10] = True
    view = mask[::2, ::2].T
    view.flags.writeable = False
    assert number_objects(view).max() == 1


def test_a_mask_that_is_not_boolean_is_refused():
    with pytest.raises(ValueError, match="must be boolean, got float64"):
        number_objects(np.zeros((3, 3)))


def test_a_stack_is_refused():
    with pytest.raises(ValueError, match="two axes Y and X, got 3"):
        number_objects(np.zeros((3, 3, 3), dtype=bool))


def test_a_minimum_below_one_pixel_is_refused():
    with pytest.raises(ValueError, match="at least 1 pixel, got 0"):
        number_objects(np.zeros((3, 3), dtype=bool), min_area=0)


@pytest.mark.parametrize("seed", range(50))
def test_holes_are_those_that_scipy_fills(seed):
    mask = random_mask(seed)
    assert np.array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask))


def test_a_bay_that_reaches_the_frame_is_no_hole():
    mask = np.ones((9, 9), dtype=bool)
    mask[4, 4:] = False
    assert np.array_equal(fill_holes(mask), mask)


def test_holes_of_a_mask_that_is_not_boolean_are_refused():
    with pytest.raises(ValueError, match="must be boolean"):
        fill_holes(np.zeros((3, 3)))


def test_specks_are_below_a_share_of_the_typical_area():
    mask = np.zeros((60, 60), dtype=bool)
    mask[5:25, 5:25] = True
    mask[30:50, 30:50] = True
    mask[50:52, 5:7] = True
    labels = number_objects(mask)
    assert labels.max() == 3
    assert without_specks(labels, 0.02).max() == 2
    assert without_specks(labels, 0.009).max() == 3
    assert without_specks(labels, 0) is labels


@pytest.mark.parametrize("seed", range(20))
def test_dropping_specks_leaves_other_objects_as_they_are(seed):
    labels = number_objects(random_mask(seed))
    kept = without_specks(labels, 0.1)
    pairs = np.unique(np.stack([labels[kept > 0], kept[kept > 0]]), axis=1)
    assert np.array_equal(pairs[1], np.arange(1, kept.max() + 1))
    areas = np.bincount(labels.ravel())[1:]
    dropped = np.setdiff1d(np.arange(1, labels.max() + 1), pairs[0])
    assert areas[dropped - 1].max(initial=0) < areas[pairs[0] - 1].min()


def test_without_objects_there_are_no_specks():
    empty = np.zeros((4, 4), np.uint32)
    assert without_specks(empty, 0.1) is empty
    assert large_objects(np.zeros(0), 0.1).size == 0


def test_a_hole_is_filled_in_one_object_and_left_between_two():
    labels = np.zeros((12, 24), np.uint32)
    labels[2:10, 2:10] = 5
    labels[4:7, 4:7] = 0
    labels[2:10, 12:17] = 3
    labels[2:10, 17:22] = 8
    labels[5:7, 16:18] = 0
    filled = fill_each(labels)
    assert (filled[4:7, 4:7] == 5).all()
    assert np.array_equal(filled[:, 11:], labels[:, 11:])


@pytest.mark.parametrize("seed", range(10))
def test_filling_each_object_alone_is_filling_its_mask(seed):
    """By hand: fill every object for itself, but where another one lies."""
    noise = np.random.default_rng(seed).random((40, 50)).astype(np.float32)
    foreground = cv2.GaussianBlur(noise, (0, 0), 1) > 0.49
    labels = number_objects(foreground)
    filled = fill_each(labels)
    assert np.array_equal(filled[foreground], labels[foreground])
    for value in np.unique(filled[(filled > 0) & ~foreground]):
        gained = (filled == value) & ~foreground
        assert fill_holes(labels == value)[gained].all()


@pytest.mark.parametrize("seed", range(10))
def test_numbers_follow_the_first_pixel_of_each_object(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 40, (15, 20)).astype(np.uint32)
    ordered = in_reading_order(labels, min_area=6)
    kept, first = np.unique(ordered[ordered > 0], return_index=True)
    assert kept.tolist() == list(range(1, kept.size + 1))
    assert (np.diff(first) > 0).all()
    area = np.bincount(labels.ravel())
    assert np.array_equal(ordered > 0, (labels > 0) & (area[labels] >= 6))
