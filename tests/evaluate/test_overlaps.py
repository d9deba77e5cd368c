from collections import Counter

import numpy as np
import pytest

from segmetry.evaluate.overlaps import count_pairs


def pairs_of(first, second):
    """Pairs of numbers with their pixels, as a dictionary, and that they are in order."""
    left, right, counts = count_pairs(first, second)
    pairs = list(zip(left.tolist(), right.tolist(), strict=True))
    assert pairs == sorted(pairs)
    assert len(set(pairs)) == len(pairs)
    return dict(zip(pairs, counts.tolist(), strict=True))


def counted_one_by_one(first, second):
    pairs = Counter(zip(first.ravel().tolist(), second.ravel().tolist(), strict=True))
    del pairs[0, 0]
    return dict(pairs)


@pytest.mark.parametrize("seed", range(20))
def test_pairs_are_those_counted_pixel_by_pixel(seed):
    rng = np.random.default_rng(seed)
    highest = int(rng.choice([1, 3, 40, 70_000, 2**32 - 1]))
    first, second = rng.integers(0, highest, (2, 30, 37), np.uint32, endpoint=True)
    assert pairs_of(first, second) == counted_one_by_one(first, second)


@pytest.mark.parametrize("seed", range(5))
def test_the_table_grows_with_the_pairs(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.permutation(20_000).astype(np.uint32).reshape(2, 100, 100)
    assert pairs_of(first, second) == counted_one_by_one(first, second)


def test_no_pixel_is_lost():
    rng = np.random.default_rng(1)
    first, second = rng.integers(1, 9, (2, 50, 60)).astype(np.uint32)
    assert sum(pairs_of(first, second).values()) == 3000


def test_numbers_that_share_their_lower_bits_stay_apart():
    ids = (np.arange(1, 65, dtype=np.uint64) << 26).astype(np.uint32)
    assert pairs_of(ids, ids[::-1].copy()) == counted_one_by_one(ids, ids[::-1])


def test_background_alone_is_no_pair():
    assert pairs_of(*np.zeros((2, 4, 4), np.uint32)) == {}


def test_a_picture_without_pixels_has_no_pair():
    assert pairs_of(*np.zeros((2, 0, 4), np.uint32)) == {}


def test_read_only_and_strided_arrays_will_do():
    first = np.arange(24, dtype=np.uint32).reshape(4, 6)[:, ::2]
    second = first.copy()
    second.flags.writeable = False
    assert pairs_of(first, second) == counted_one_by_one(first, second)


def test_volumes_are_counted_as_pictures_are():
    first = np.zeros((3, 4, 5), np.uint32)
    first[1:, 1:3, 2:] = 7
    assert pairs_of(first, first) == {(7, 7): 12}
