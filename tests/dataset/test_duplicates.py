import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from segmetry.dataset.duplicates import (
    Fingerprint,
    NearDuplicate,
    _signs,
    _symmetries,
    fingerprint,
    join_groups,
    near_duplicates,
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


def prints_of(*pictures):
    return [fingerprint(Image(np.ascontiguousarray(pixels))) for pixels in pictures]


def hashes_of(image):
    return fingerprint(image).hashes.tolist()


@pytest.mark.parametrize("change", ALTERED)
@given(seed=SEEDS)
@settings(max_examples=6, deadline=None)
def test_an_altered_copy_is_a_near_duplicate(change, seed):
    picture = draw(seed)
    assert len(near_duplicates(prints_of(picture, ALTERED[change](picture)))) == 1


@given(SEEDS, st.integers(0, 3), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_turned_or_flipped_copy_is_a_near_duplicate(seed, turns, flipped):
    picture = draw(seed)
    other = np.rot90(picture[:, ::-1] if flipped else picture, turns)
    assert near_duplicates(prints_of(picture, other))[0].bits <= 1


@given(st.lists(SEEDS, min_size=8, max_size=8, unique=True))
@settings(max_examples=5, deadline=None)
def test_different_pictures_are_no_near_duplicates(seeds):
    assert near_duplicates(prints_of(*[draw(seed) for seed in seeds])) == []


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_one_bright_patch_in_the_dark_is_not_like_any_other(seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:128, :128]
    patches = [
        200 * np.exp(-((y - 40) ** 2 / size**2 + (x - 90) ** 2 / size**2)) + noise
        for size, noise in zip((4, 25), rng.normal(20, 2, (2, 128, 128)), strict=True)
    ]
    assert near_duplicates(prints_of(*patches)) == []


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_a_pair_is_near_from_both_sides(seed):
    picture = draw(seed)
    pair = prints_of(picture, noisy(picture.T))
    assert near_duplicates(pair) == near_duplicates(pair[::-1])


def test_the_eight_hashes_of_a_turned_picture_are_the_same():
    picture = draw(3, shape=(128, 128))
    turned = Image(np.ascontiguousarray(np.rot90(picture)))
    assert set(hashes_of(turned)) == set(hashes_of(Image(picture)))
    assert hashes_of(turned)[0] != hashes_of(Image(picture))[0]


@pytest.mark.parametrize("value", [0, 7, 255])
def test_a_picture_of_one_grey_has_an_empty_fingerprint(value):
    found = fingerprint(Image(np.full((50, 70), value, np.uint8)))
    assert found.hashes.tolist() == [0] * 8
    assert not found.small.any()


def test_pictures_of_one_grey_are_like_each_other_and_no_other():
    blanks = [np.full((50, 70), value, np.uint8) for value in (9, 200)]
    prints = [*prints_of(*blanks), Fingerprint(np.zeros(8, np.uint64), draw(0)[:64, :64])]
    assert near_duplicates(prints) == [NearDuplicate(0, 1, 0)]


def test_very_small_pictures_have_a_fingerprint():
    assert fingerprint(Image(np.array([[1, 9]], np.uint8))).hashes.shape == (8,)


def test_colour_counts_by_its_brightness():
    grey = draw(5)
    colour = np.repeat(grey[..., None], 3, axis=2)
    assert hashes_of(Image(colour, axes="YXC")) == hashes_of(Image(grey))


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_one_transform_gives_the_hashes_of_all_symmetries(seed):
    small = np.random.default_rng(seed).normal(100, 30, (32, 32)).astype(np.float32)
    expected = [
        _signs(np.ascontiguousarray(table[::down, ::right]))
        for table in (small, small.T)
        for down, right in ((1, 1), (-1, 1), (1, -1), (-1, -1))
    ]
    assert np.array_equal(_symmetries(_signs(small)), expected)


def test_of_a_stack_the_middle_slice_counts():
    slices = np.stack([draw(1), draw(2), draw(3)])
    assert hashes_of(Image(slices, axes="ZYX")) == hashes_of(Image(slices[1]))


def test_what_is_excluded_does_not_count():
    picture = draw(8)
    excluded = np.zeros(picture.shape, dtype=bool)
    excluded[150:] = True
    other = np.where(excluded, 255 - draw(9), picture)
    first, second = (Image(pixels, excluded=excluded) for pixels in (picture, other))
    assert hashes_of(first) == hashes_of(second) != hashes_of(Image(other))
    stacks = [
        Image(image.pixels[None], axes="ZYX", excluded=excluded[None])
        for image in (first, second)
    ]
    assert hashes_of(stacks[0]) == hashes_of(stacks[1])


def test_a_picture_that_is_all_excluded_has_a_fingerprint():
    excluded = np.ones((200, 260), dtype=bool)
    assert hashes_of(Image(draw(1), excluded=excluded)) == hashes_of(Image(draw(1)))


def test_no_picture_and_one_picture_have_no_duplicates():
    assert near_duplicates([]) == []
    assert near_duplicates(prints_of(draw(0))) == []


def test_all_pairs_are_found_in_order():
    prints = prints_of(draw(1), draw(2), draw(1), jpeg(draw(1), 60))
    pairs = [(pair.first, pair.second) for pair in near_duplicates(prints)]
    assert pairs == [(0, 2), (0, 3), (2, 3)]


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
def test_real_pictures_are_told_apart_and_their_copies_found(data):
    folders = [data(f"{name}/train/images") for name in ("dsb2018", "emps")]
    pictures = [read(path) for folder in folders for path in sorted(folder.iterdir())]
    prints = [fingerprint(picture) for picture in pictures]
    assert near_duplicates(prints) == []
    for original, picture in zip(prints, pictures, strict=True):
        turned = jpeg(picture.grey.clip(0, 255).astype(np.uint8).T, 50)
        assert len(near_duplicates([original, fingerprint(Image(turned))])) == 1


@pytest.mark.slow
def test_no_picture_of_a_real_test_part_shows_what_a_training_picture_shows(data):
    folders = [data(f"dsb2018/{part}/images") for part in ("train", "test")]
    paths = [path for folder in folders for path in sorted(folder.iterdir())]
    assert near_duplicates([fingerprint(read(path)) for path in paths]) == []


def cut(pixels, share):
    rows, columns = (round(share * length) for length in pixels.shape)
    return np.ascontiguousarray(pixels[rows:, columns:])


@pytest.mark.slow
def test_real_copies_are_found_as_often_as_the_documentation_says(data):
    folder = data("emps/train/images")
    greys = [read(path).grey.astype(np.uint8) for path in sorted(folder.iterdir())]
    prints = [fingerprint(Image(pixels)) for pixels in greys]

    def found(change):
        copies = [fingerprint(Image(change(pixels))) for pixels in greys]
        pairs = zip(prints, copies, strict=True)
        return np.mean([len(near_duplicates(pair)) for pair in pairs])

    assert found(lambda pixels: (255 * (pixels / 255) ** 1.5).astype(np.uint8)) == 1
    assert found(lambda pixels: cut(pixels, 0.01)) == 1
    assert found(lambda pixels: cut(pixels, 0.02)) > 0.9
    assert found(lambda pixels: cut(pixels, 0.05)) < 0.5
    assert found(lambda pixels: 255 - pixels) == 0


@pytest.mark.slow
def test_different_retinas_are_no_copies_and_their_copies_are_found(data):
    folder = data("drive/train/images")
    greys = [read(path).grey.clip(0, 255).astype(np.uint8) for path in folder.iterdir()]
    prints = [fingerprint(Image(pixels)) for pixels in greys]
    assert near_duplicates(prints) == []
    for change in ("darker", "JPEG", "of another size", "noisy", "blurred"):
        for pixels, original in zip(greys[:5], prints[:5], strict=True):
            copy = fingerprint(Image(ALTERED[change](pixels)))
            assert len(near_duplicates([original, copy])) == 1, change
    copies = [fingerprint(Image(cut(pixels, 0.02))) for pixels in greys]
    pairs = zip(prints, copies, strict=True)
    assert np.mean([len(near_duplicates(pair)) for pair in pairs]) > 0.9
