"""What a method sees in a window is what it sees there in the whole picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment import segmenter, segmenters_of_tiles, windows
from segmetry.tiled import InMemory

KINDS = ("8 bits", "16 bits", "fractions", "colours", "two channels")


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Read small pictures in several blocks, as large ones are."""
    monkeypatch.setattr(windows, "_BLOCK", 96)


def picture_of_discs(seed):
    """Return a picture of discs under uneven light, of any size and kind of numbers."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(20, 260, 2)
    y, x = np.indices(shape)
    light = 60 + x * rng.uniform(0, 0.3)
    for _ in range(shape.prod() // 900 + 2):
        middle, radius = rng.uniform((0, 0), shape), rng.uniform(2, 14)
        light[np.hypot(y - middle[0], x - middle[1]) < radius] += rng.uniform(20, 90)
    light += rng.normal(0, rng.uniform(0, 6), shape)
    excluded = None
    if rng.random() < 0.4:
        excluded = np.zeros(shape, bool)
        excluded[-(shape[0] // 5) :] = True
        excluded[:, : rng.integers(0, 5)] = True
    pixels = in_numbers(np.clip(light, 0, 400), KINDS[rng.integers(len(KINDS))])
    return Image(pixels, axes="YXC" if pixels.ndim == 3 else "YX", excluded=excluded)


def in_numbers(light, kind):
    """Return grey values as one of the kinds of numbers that files hold."""
    if kind == "8 bits":
        return np.minimum(light, 255).astype(np.uint8)
    if kind == "16 bits":
        return (light * 150).astype(np.uint16)
    if kind == "fractions":
        return (light * 1e-3).astype(np.float32)
    if kind == "colours":
        channels = np.stack([light, light * 0.8, light * 0.5 + 9], axis=-1)
        return np.minimum(channels, 255).astype(np.uint8)
    return np.stack([light, light * 0.7], axis=-1)


def windows_of(image, seed, n=5):
    """Yield windows of any place and size in a picture."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        sides = [np.sort(rng.choice(n + 1, 2, replace=False)) for n in image.spatial_shape]
        yield tuple(slice(int(start), int(stop)) for start, stop in sides)


def check_windows(method, image, seed):
    """Compare all maps of windows of a picture with those of the picture."""
    tiled = InMemory(image)
    maps, survey = method.maps(image), method.survey(tiled)
    for window in windows_of(image, seed):
        part = method.maps_in(tiled, window, survey)
        assert np.array_equal(part.foreground, maps.foreground[window])
        if maps.edge_grey is not None:
            assert np.array_equal(part.edge_grey, maps.edge_grey[window])
        assert (part.edge_grey is None) == (maps.edge_grey is None)
        assert part.found == maps.found
        assert (part.cutoff, part.contrast) == (maps.cutoff, maps.contrast)


SEEDS = st.integers(0, 2**31)
SHARED = {
    "denoise": st.sampled_from([0, 0.5, 1, 2.7]),
    "flatten": st.sampled_from([0, 0, 30, 200]),
    "polarity": st.sampled_from(["auto", "bright", "dark"]),
    "edges": st.sampled_from(["halfway", "cutoff"]),
}


@given(
    SEEDS,
    st.fixed_dictionaries(
        {
            "method": st.sampled_from(["otsu", "li", "triangle", "yen", "manual"]),
            **SHARED,
        }
    ),
)
@settings(max_examples=30, deadline=None)
def test_a_window_has_the_maps_of_the_whole_picture_by_one_cutoff(seed, options):
    check_windows(segmenter("threshold", **options), picture_of_discs(seed), seed)


@given(
    SEEDS,
    st.fixed_dictionaries(
        {
            "method": st.sampled_from(["mean", "gauss", "sauvola"]),
            "window": st.sampled_from([0, 15, 41, 301]),
            **SHARED,
        }
    ),
)
@settings(max_examples=30, deadline=None)
def test_a_window_has_the_maps_of_the_whole_picture_by_local_cutoffs(seed, options):
    check_windows(segmenter("local", **options), picture_of_discs(seed), seed)


@pytest.mark.filterwarnings("ignore:The method auto is in doubt")
@given(SEEDS)
@settings(max_examples=6, deadline=None)
def test_a_window_has_the_maps_of_the_whole_picture_by_the_chosen_method(seed):
    check_windows(segmenter("auto"), picture_of_discs(seed), seed)


def test_the_first_pass_may_be_done_in_any_order():
    image = picture_of_discs(3)
    method = segmenter("threshold", flatten=60)

    def last_first(work, items):
        items = list(items)
        return reversed([work(item) for item in reversed(items)])

    one = method.survey(InMemory(image))
    other = method.survey(InMemory(image), over=last_first)
    assert (one.cutoff, one.polarity, one.contrast) == (
        other.cutoff,
        other.polarity,
        other.contrast,
    )
    assert np.array_equal(one.smooth.ground.light, other.smooth.ground.light)


def test_a_method_that_needs_the_whole_picture_says_which_do_not():
    image = picture_of_discs(1)
    with pytest.raises(RecipeError, match=r"'ridge' needs the whole .* are .*threshold"):
        segmenter("ridge").survey(InMemory(image))
    with pytest.raises(RecipeError, match="needs the whole picture"):
        segmenter("ridge").maps_in(InMemory(image), (slice(0, 9), slice(0, 9)), None)
    assert "ridge" not in segmenters_of_tiles()
