import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from segmetry.dataset.duplicates import (
    NEAR_BITS,
    NearDuplicate,
    join_groups,
    near_duplicates,
    picture_hash,
)
from segmetry.image import Image
from segmetry.io import read

SEEDS = st.integers(0, 10_000)


def draw(seed, shape=(200, 260)):
    """Bright blobs of any shape on an uneven ground."""
    rng = np.random.default_rng(seed)
    ground = gaussian_filter(rng.normal(size=shape), 40) * 1200
    blobs = gaussian_filter(rng.normal(size=shape), 9) > 0.03
    picture = 60 + ground + 90 * gaussian_filter(blobs.astype(float), 1)
    return picture.clip(0, 255).astype(np.uint8)


def jpeg(pixels, quality):
    coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)


def resized(pixels, factor):
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def noisy(pixels):
    noise = np.random.default_rng(1).normal(0, 5, pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


ALTERED = {
    "darker": lambda pixels: (pixels * 0.6).astype(np.uint8),
    "brighter": lambda pixels: pixels.astype(np.uint16) + 1000,
    "flatter": lambda pixels: (pixels * 0.5 + 60).astype(np.uint8),
    "JPEG": lambda pixels: jpeg(pixels, 50),
    "half as large": lambda pixels: resized(pixels, 0.5),
    "of another size": lambda pixels: resized(pixels, 0.77),
    "twice as large": lambda pixels: resized(pixels, 2.0),
    "noisy": noisy,
    "blurred": lambda pixels: cv2.GaussianBlur(pixels, (0, 0), 2),
}


def bits_between(first, second):
    hashes = np.stack(
        [picture_hash(Image(np.ascontiguousarray(p))) for p in (first, second)]
    )
    return near_duplicates(hashes, bits=64)[0].bits


@pytest.mark.parametrize("change", ALTERED)
@given(seed=SEEDS)
@settings(max_examples=15, deadline=None)
def test_an_altered_copy_is_a_near_duplicate(change, seed):
    picture = draw(seed)
    assert bits_between(picture, ALTERED[change](picture)) <= NEAR_BITS


@given(SEEDS, st.integers(0, 3), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_turned_or_flipped_copy_is_a_near_duplicate(seed, turns, flipped):
    picture = draw(seed)
    other = np.rot90(picture[:, ::-1] if flipped else picture, turns)
    assert bits_between(picture, other) <= 1


@given(SEEDS, SEEDS)
@settings(max_examples=60, deadline=None)
def test_different_pictures_are_no_near_duplicates(first, second):
    if first != second:
        assert bits_between(draw(first), draw(second)) > NEAR_BITS


@given(SEEDS, SEEDS)
@settings(max_examples=20, deadline=None)
def test_the_distance_is_the_same_from_both_sides(first, second):
    pictures = draw(first), draw(second)
    assert bits_between(*pictures) == bits_between(*pictures[::-1])


def test_the_hash_in_place_is_that_of_the_turned_picture():
    picture = draw(3, shape=(128, 128))
    own = set(picture_hash(Image(picture)).tolist())
    turned = picture_hash(Image(np.ascontiguousarray(np.rot90(picture))))
    assert set(turned.tolist()) == own


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_picture_of_one_grey_has_a_hash_of_zeros(value):
    assert picture_hash(Image(np.full((50, 70), value, np.uint8))).tolist() == [0] * 8


def test_very_small_pictures_have_a_hash():
    assert picture_hash(Image(np.array([[1, 9]], np.uint8))).shape == (8,)


def test_colour_counts_by_its_brightness():
    grey = draw(5)
    colour = np.repeat(grey[..., None], 3, axis=2)
    same = picture_hash(Image(colour, axes="YXC")) == picture_hash(Image(grey))
    assert same.all()


def test_of_a_stack_the_middle_slice_counts():
    slices = np.stack([draw(1), draw(2), draw(3)])
    same = picture_hash(Image(slices, axes="ZYX")) == picture_hash(Image(slices[1]))
    assert same.all()


def test_what_is_excluded_does_not_count():
    picture = draw(8)
    excluded = np.zeros(picture.shape, dtype=bool)
    excluded[150:] = True
    other = np.where(excluded, 255 - draw(9), picture)
    first, second = (Image(pixels, excluded=excluded) for pixels in (picture, other))
    assert np.array_equal(picture_hash(first), picture_hash(second))
    stacks = [
        Image(image.pixels[None], axes="ZYX", excluded=excluded[None])
        for image in (first, second)
    ]
    assert np.array_equal(picture_hash(stacks[0]), picture_hash(stacks[1]))


def test_a_picture_that_is_all_excluded_has_a_hash():
    excluded = np.ones((200, 260), dtype=bool)
    whole = picture_hash(Image(draw(1)))
    assert np.array_equal(picture_hash(Image(draw(1), excluded=excluded)), whole)


def test_no_picture_and_one_picture_have_no_duplicates():
    assert near_duplicates(np.zeros((0, 8), np.uint64)) == []
    assert near_duplicates(np.zeros((1, 8), np.uint64)) == []


def test_all_pairs_are_found_in_order():
    hashes = np.zeros((3, 8), np.uint64)
    hashes[2] = 1
    assert near_duplicates(hashes) == [
        NearDuplicate(0, 1, 0),
        NearDuplicate(0, 2, 1),
        NearDuplicate(1, 2, 1),
    ]


def test_groups_are_joined_through_chains_of_duplicates():
    groups = ["d", "b", "c", "a", "e"]
    pairs = [NearDuplicate(0, 1, 3), NearDuplicate(1, 2, 0)]
    assert join_groups(groups, pairs) == ("b", "b", "b", "a", "e")


def test_without_duplicates_groups_stay():
    assert join_groups(["x", "y", "x"], []) == ("x", "y", "x")


@given(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=12), st.data())
def test_joined_groups_do_not_depend_on_the_order_of_pictures(groups, data):
    places = st.integers(0, len(groups) - 1)
    links = data.draw(st.lists(st.tuples(places, places), max_size=6))
    pairs = [NearDuplicate(i, j, 0) for i, j in links]
    last = len(groups) - 1
    turned = [NearDuplicate(last - j, last - i, 0) for i, j in reversed(links)]
    joined = join_groups(groups, pairs)
    assert join_groups(groups[::-1], turned) == joined[::-1]
    assert all(joined[i] == joined[j] for i, j in links)


@pytest.mark.slow
def test_real_pictures_are_told_apart_in_seconds_and_their_copies_found(data):
    folders = [data(f"{name}/train/images") for name in ("dsb2018", "emps")]
    pictures = [read(path) for folder in folders for path in sorted(folder.iterdir())]
    start = time.perf_counter()
    hashes = np.stack([picture_hash(picture) for picture in pictures])
    assert near_duplicates(hashes) == []
    assert time.perf_counter() - start < 10
    copies = [
        picture_hash(Image(jpeg(picture.grey.clip(0, 255).astype(np.uint8).T, 50)))
        for picture in pictures
    ]
    bits = np.bitwise_count(hashes[:, :1] ^ np.stack(copies)).min(axis=1)
    assert bits.max() <= NEAR_BITS
