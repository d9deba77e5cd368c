"""Tile by tile gives what the whole picture gives."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from scipy.ndimage import maximum_filter, uniform_filter

from segmetry.models.card import Card
from segmetry.models.tiling import _spans, blended, tile_sizes


def blur(radius):
    """A network that looks `radius` pixels far, and gives its input and a blurred one."""

    def predict(tensor):
        size = 2 * radius + 1
        blurred = uniform_filter(tensor, (0, 0, size, size), mode="constant")
        return np.concatenate([tensor[:, :1], blurred[:, :1]], axis=1)

    return predict


@pytest.mark.parametrize("seed", range(25))
def test_tiles_give_what_the_whole_picture_gives(seed):
    rng = np.random.default_rng(seed)
    multiple = int(rng.choice([1, 2, 4, 8]))
    overlap = multiple * int(rng.integers(2, 5)) * 2
    tile = 2 * overlap + int(rng.integers(0, 40))
    pixels = rng.random((*rng.integers(1, 230, 2), int(rng.choice([1, 3])))).astype(
        np.float32
    )
    reach = min(overlap * 7 // 16, 12)
    options = {"n_outputs": 2, "multiple": multiple}
    whole = blended(blur(reach), pixels, tile=10_000, overlap=overlap, **options)
    tiled = blended(blur(reach), pixels, tile=tile, overlap=overlap, **options)
    assert tiled.shape == (*pixels.shape[:2], 2)
    assert tiled.dtype == np.float32
    np.testing.assert_allclose(tiled, whole, atol=2e-6)
    np.testing.assert_allclose(tiled[..., 0], pixels[..., 0], atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_network_that_looks_too_far_differs_only_near_seams(seed):
    rng = np.random.default_rng(seed)
    pixels = rng.random((150, 170, 1)).astype(np.float32)
    options = {"n_outputs": 2, "overlap": 16, "multiple": 4}
    whole = blended(blur(14), pixels, tile=1000, **options)
    tiled = blended(blur(14), pixels, tile=64, **options)
    differs = np.abs(tiled - whole)[..., 1] > 1e-5
    near = np.zeros((150, 170), bool)
    for axis, length in enumerate((150, 170)):
        spans = _spans(length, 64, 16, 4)
        for before, after in pairwise(spans):
            # The wrong part of a tile ends 14 px from its cut edge.
            low, high = before.stop - 14, after.start + 14
            np.moveaxis(near, axis, 0)[low:high] = True
    assert differs.any()
    assert not (differs & ~near).any()


def test_pooling_stays_in_step_with_the_whole_picture():
    def pooled(tensor):
        n, c, y, x = tensor.shape
        blocks = tensor.reshape(n, c, y // 8, 8, x // 8, 8).max(axis=(3, 5))
        return blocks.repeat(8, axis=2).repeat(8, axis=3)

    pixels = np.random.default_rng(0).random((203, 171, 1)).astype(np.float32)
    whole = blended(pooled, pixels, n_outputs=1, tile=1024, overlap=16, multiple=8)
    tiled = blended(pooled, pixels, n_outputs=1, tile=64, overlap=16, multiple=8)
    np.testing.assert_allclose(tiled, whole, atol=1e-6)
    inside = whole[:200, :168, 0].reshape(25, 8, 21, 8)
    assert (inside == inside[:, :1, :, :1]).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (1, 40), (17, 2)])
def test_what_a_tiny_picture_lacks_is_reflected(shape):
    seen = []

    def predict(tensor):
        seen.append(tensor)
        return tensor

    pixels = np.random.default_rng(1).random((*shape, 1)).astype(np.float32)
    maps = blended(predict, pixels, n_outputs=1)
    np.testing.assert_array_equal(maps, pixels)
    (tensor,) = seen
    height, width = (-(-side // 16) * 16 for side in shape)
    assert tensor.shape == (1, 1, height, width)
    assert set(tensor.ravel()) == set(pixels.ravel())


@pytest.mark.parametrize("seed", range(40))
def test_spans_cover_the_axis_with_weights_of_one(seed):
    rng = np.random.default_rng(seed)
    multiple = int(rng.choice([1, 4, 16]))
    overlap = multiple * int(rng.integers(0, 5))
    tile = (max(2 * overlap, multiple) + int(rng.integers(0, 100))) // multiple * multiple
    length = int(rng.integers(1, 900))
    spans = _spans(length, tile, overlap, multiple)
    total = np.zeros(length)
    for span in spans:
        total[span.start : span.stop] += span.weight
        assert span.size <= tile
        assert span.size % multiple == span.start % multiple == 0
        assert 0 <= span.start < span.stop <= length
    np.testing.assert_allclose(total, 1, atol=1e-6)
    assert len({span.size for span in spans}) == 1
    for before, after in pairwise(spans):
        assert before.start + before.size - after.start >= overlap


def test_pixels_near_the_cut_edge_of_a_tile_are_not_used():
    for before, after in zip(*[_spans(400, 128, 32, 1)[k:] for k in (0, 1)], strict=False):
        margin = 32 * 7 // 16
        assert not before.weight[-margin:].any()
        assert not after.weight[:margin].any()


SIZED = {
    "created": "2026-01-31",
    "architecture": {},
    "channels": 1,
    "outputs": ["foreground"],
    "scale": "native",
}


@pytest.mark.parametrize("seed", range(12))
def test_a_network_that_takes_one_size_gets_no_other(seed):
    rng = np.random.default_rng(seed)
    side = int(rng.integers(32, 90))
    pixels = rng.random((*rng.integers(1, 200, 2), 1)).astype(np.float32)

    def fussy(tiles):
        assert tiles.shape[2:] == (side, side)
        return blur(3)(tiles)

    sizes = tile_sizes(
        Card(name="a", multiple=1, shortest_px=side, longest_px=side, **SIZED)
    )
    tiled = blended(fussy, pixels, n_outputs=2, **sizes)
    np.testing.assert_allclose(tiled[..., 0], pixels[..., 0], atol=1e-6)
    if min(pixels.shape[:2]) > side:
        whole = blended(blur(3), pixels, n_outputs=2, tile=1000, overlap=8, multiple=1)
        np.testing.assert_allclose(tiled, whole, atol=2e-6)


@pytest.mark.parametrize("shape", [(5, 7), (63, 90), (300, 20)])
def test_no_tile_is_smaller_than_a_network_takes(shape):
    def fussy(tiles):
        assert min(tiles.shape[2:]) >= 64
        return tiles

    pixels = np.random.default_rng(0).random((*shape, 1)).astype(np.float32)
    sizes = tile_sizes(Card(name="a", multiple=16, shortest_px=64, **SIZED))
    tiled = blended(fussy, pixels, n_outputs=1, **sizes)
    np.testing.assert_allclose(tiled, pixels, atol=1e-6)


def test_networks_of_segmetry_have_the_usual_tiles():
    sizes = tile_sizes(Card(name="a", multiple=16, **SIZED))
    assert sizes == {"tile": 1024, "overlap": 128, "multiple": 16, "shortest": 1}


def test_memory_holds_the_maps_once_and_one_batch():
    pixels = np.zeros((3000, 500, 1), np.float32)
    tracemalloc.start()
    maps = blended(lambda tensor: tensor, pixels, n_outputs=1, tile=128, overlap=16)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A batch has at most 2**20 pixels, as tiles, as part of its row and times its weight.
    assert peak < maps.nbytes + 3 * 2**20 * 4


@pytest.mark.parametrize(
    "options",
    [{"tile": 64, "overlap": 40}, {"multiple": 0}, {"overlap": -16}, {"n_outputs": 0}],
)
def test_tiles_that_do_not_fit_together_are_refused(options):
    pixels = np.zeros((9, 9, 1), np.float32)
    with pytest.raises(ValueError, match="at least two overlaps and one multiple"):
        blended(lambda x: x, pixels, **{"n_outputs": 1, **options})


def test_a_network_that_gives_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"must give maps of shape \(1, 2, 16, 16\)"):
        blended(lambda x: x, np.zeros((9, 9, 1), np.float32), n_outputs=2)


def test_maxima_at_seams_are_neither_lost_nor_doubled():
    rng = np.random.default_rng(3)
    pixels = np.zeros((180, 180, 1), np.float32)
    pixels[tuple(rng.integers(0, 180, (2, 60)))] = 1
    maps = blended(
        lambda x: maximum_filter(x, (0, 0, 5, 5)), pixels, n_outputs=1, tile=64, overlap=16
    )
    np.testing.assert_allclose(
        maps[..., 0], maximum_filter(pixels[..., 0], 5, mode="constant"), atol=1e-6
    )
