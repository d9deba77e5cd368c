import numpy as np
import pytest

from segmetry.segment.polarity import LONG_SIDE, polarity_of, reduction


def packed(seed, *, shape=(200, 260), pitch=36):
    """Large discs that fill most of the picture and cross its frame."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    mask = np.zeros(shape, dtype=bool)
    for row in range(0, shape[0] + pitch, pitch):
        for column in range(0, shape[1] + pitch, pitch):
            centre = np.array([row, column]) + rng.uniform(-1, 1, 2)
            mask |= np.hypot(y - centre[0], x - centre[1]) <= 0.47 * pitch
    return mask


def told(mask, *, included=None):
    noise = np.random.default_rng(0).normal(0, 5, mask.shape)
    grey = (60 + 120 * mask + noise).astype(np.float32)
    everything = np.ones(mask.shape, dtype=bool)
    return polarity_of(mask, grey, everything if included is None else included)


@pytest.mark.parametrize("seed", range(8))
def test_discs_are_objects_even_where_they_fill_most_of_the_picture(seed):
    mask = packed(seed)
    assert mask.mean() > 0.5
    assert told(mask) == "bright"
    assert told(~mask) == "dark"


def test_a_single_object_is_told_from_its_ground():
    mask = np.zeros((90, 90), dtype=bool)
    mask[30:60, 30:60] = True
    assert told(mask) == "bright"
    assert told(~mask) == "dark"


def test_a_large_picture_gives_the_same_answer_as_a_small_one():
    mask = packed(0, shape=(1200, 1500), pitch=200)
    assert reduction(mask.shape) == 1500 / LONG_SIDE
    assert told(mask) == "bright"
    assert told(~mask) == "dark"


def test_the_excluded_area_has_no_say():
    mask = packed(1)
    mask[150:] = False
    mask[160:190, 20:60] = True
    included = np.ones(mask.shape, dtype=bool)
    included[150:] = False
    assert told(mask, included=included) == "bright"


def test_where_neither_part_has_objects_the_frame_decides():
    mask = np.zeros((9, 9), dtype=bool)
    mask[4, 4] = True
    assert told(mask) == "bright"
    assert told(~mask) == "dark"


def test_small_pictures_are_not_reduced():
    assert reduction((100, LONG_SIDE)) == 1


@pytest.mark.parametrize("rows", [slice(5, 6), slice(1201, 1202)])
def test_a_strip_thinner_than_a_reduced_pixel_is_told_by_its_frame(rows):
    mask = np.zeros((2000, 2000), dtype=bool)
    mask[:, 900:1000] = True
    included = np.zeros(mask.shape, dtype=bool)
    included[rows] = True
    assert told(mask, included=included) == "bright"
    assert told(~mask, included=included) == "dark"


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_turning_a_picture_does_not_change_which_part_is_objects(seed, turns):
    mask = np.rot90(packed(seed), turns).copy()
    assert told(mask) == "bright"
    assert told(~mask) == "dark"


@pytest.mark.parametrize(("gain", "offset"), [(0.01, 0), (50, 0), (1, -400), (1, 30_000)])
def test_neither_gain_nor_offset_of_the_camera_decides(gain, offset):
    mask, everything = packed(2), np.ones((200, 260), bool)
    noise = np.random.default_rng(0).normal(0, 5, mask.shape)
    grey = ((60 + 120 * mask + noise) * gain + offset).astype(np.float32)
    assert polarity_of(mask, grey, everything) == "bright"
