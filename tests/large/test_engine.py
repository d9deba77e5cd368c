import re
import warnings
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.large.drawn import Kept, pictures

from segmetry.errors import PictureError, RecipeError
from segmetry.image import Image, PixelSize
from segmetry.large import Options, Store, finds_by_tile, segment_large
from segmetry.large.median import count_in_tile
from segmetry.measure import measure
from segmetry.segment import segmenter
from segmetry.segment.threshold import Threshold
from segmetry.tiled import InMemory
from segmetry.workers import open_workers

METHODS = ("threshold", "local", "auto")


class Shuffled:
    """Workers that take items in any order."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def run_all(self, work, items, **_):
        items = list(items)
        for number in self.rng.permutation(len(items)):
            yield items[number], work(items[number])


@st.composite
def chosen(draw):
    return {
        "min_area": draw(st.sampled_from([1, 5, 16, 60])),
        "min_share": draw(st.sampled_from([0, 0, 0.05, 0.3])),
        "fill_holes": draw(st.booleans()),
        "separate": draw(st.booleans()),
        "edges": draw(st.sampled_from(["halfway", "cutoff"])),
    }


def by_tiles(image, method, folder, *, side, workers=None, **options):
    kept, store = Kept(image.spatial_shape), Store(Path(folder) / "state")
    store.begin("this")
    with open_workers() as here:
        found = segment_large(
            InMemory(image),
            method,
            store=store,
            workers=workers or here,
            options=Options(side=side, **options),
            writer=kept,
        )
    return found, kept.labels


@pytest.mark.parametrize("name", METHODS)
@given(
    image=pictures(most=140),
    options=chosen(),
    side=st.sampled_from([24, 32, 48, 64, 96]),
    seed=st.integers(0, 99),
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_tiles_give_what_the_whole_picture_gives(name, image, options, side, seed):
    method = segmenter(name, **options)
    whole, error = whole_of(method, image)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if whole is None:
            with pytest.raises(PictureError, match=re.escape(error)):
                by_tiles(image, method, folder, side=side)
            return
        workers = Shuffled(seed)
        found, labels = by_tiles(image, method, folder, side=side, workers=workers)
    assert np.array_equal(labels, whole.data)
    pd.testing.assert_frame_equal(found.objects, measure(whole), check_exact=True)
    assert found.covered == np.count_nonzero(whole.data)
    assert found.included == np.count_nonzero(image.included)


def whole_of(method, image):
    """The objects of a picture seen as a whole, or why there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return method(image), ""
        except PictureError as error:
            return None, str(error)


def ring():
    """A ring over all tiles, with a disc in it, and two squares that touch."""
    y, x = np.mgrid[:160, :200]
    radius = np.hypot(y - 80, x - 90)
    pixels = np.where((abs(radius - 60) < 8) | (radius < 12), 180, 30)
    pixels[4:30, 150:176] = pixels[26:50, 172:196] = 180
    size = PixelSize(y=0.5, x=0.5, unit="um", source="typed")
    return Image(pixels.astype(np.uint8), pixel_size=size, name="ring")


def test_objects_over_many_tiles_are_measured_in_micrometres(tmp_path):
    method = segmenter("threshold", fill_holes=False, separate=False)
    found, _ = by_tiles(ring(), method, tmp_path, side=32)
    assert found.objects["euler_number"].tolist() == [1, 0, 1]
    ring_area = found.objects["area_um2"][1]
    assert ring_area == pytest.approx(np.pi * (68**2 - 52**2) / 4, rel=0.01)


def test_a_hole_over_many_tiles_is_filled_with_what_lies_in_it(tmp_path):
    found, labels = by_tiles(
        ring(), segmenter("threshold", separate=False), tmp_path, side=32
    )
    assert len(found.objects) == 2
    assert labels[80, 90] == labels[80, 60] == labels[80, 30] == 2


def test_the_copy_to_look_at_is_the_picture_where_it_is_small(tmp_path):
    image = ring()
    found, labels = by_tiles(image, segmenter("threshold"), tmp_path, side=48)
    assert np.array_equal(found.pixels, image.pixels)
    assert np.array_equal(found.labels, labels)


def test_crowded_objects_are_compared_with_the_background_of_all(tmp_path):
    """Objects that fill the picture leave no background beside most of them."""
    for kind in ("uint8", "uint16", "float32"):
        pixels = np.full((90, 96), 200.0) + np.arange(96) / 3
        pixels[::8], pixels[:, ::9] = 20.25, 22.5
        image = Image(pixels.astype(kind))
        method = segmenter("threshold", denoise=0)
        found, _ = by_tiles(image, method, tmp_path / kind, side=48)
        table = measure(method(image))
        assert len(table) > 100
        pd.testing.assert_frame_equal(found.objects, table, check_exact=True)


def test_an_object_that_does_not_fit_the_memory_is_named(tmp_path):
    with pytest.raises(PictureError, match="137 x 137 pixels.*give more with --memory"):
        by_tiles(ring(), segmenter("threshold"), tmp_path, side=32, memory=10**6)


class _Counting(Shuffled):
    """Workers that note how many items of each kind they are given at once."""

    def __init__(self):
        super().__init__(0)
        self.given = {}

    def run_all(self, work, items, **_):
        items = list(items)
        if isinstance(work, partial):
            self.given.setdefault(work.func.__name__, []).append(len(items))
        yield from super().run_all(work, items)


@pytest.mark.parametrize(("sharing", "at_once"), [(1, [2]), (3, [0, 1, 1])])
def test_long_objects_that_share_memory_are_seen_one_after_the_other(
    tmp_path, sharing, at_once
):
    pixels = np.full((100, 220), 30, np.uint8)
    pixels[10:90, 10:90] = pixels[10:90, 130:210] = 180
    workers, method = _Counting(), segmenter("threshold")
    found, labels = by_tiles(
        Image(pixels),
        method,
        tmp_path,
        side=32,
        workers=workers,
        memory=180 * 100 * 90,
        sharing=sharing,
    )
    for step in ("cut_unit", "brightness_of", "place_long", "measure_long"):
        assert workers.given[step] == at_once, step
    assert np.array_equal(labels, method(Image(pixels)).data)
    assert len(found.objects) == 2


def test_a_method_that_needs_all_of_a_picture_says_so(tmp_path):
    with pytest.raises(RecipeError, match="needs the whole picture in memory"):
        by_tiles(ring(), segmenter("watershed"), tmp_path, side=32)


def test_workers_find_the_same_as_one_process(tmp_path):
    method = segmenter("threshold", min_share=0.01)
    store = Store(tmp_path / "state")
    store.begin("this")
    with open_workers(jobs=2) as workers:
        found = segment_large(
            InMemory(ring()),
            method,
            store=store,
            workers=workers,
            options=Options(side=96),
        )
    table = measure(method(ring()))
    pd.testing.assert_frame_equal(found.objects, table, check_exact=True)


class _Judging(Threshold):
    """A method that looks at all objects together, as networks with confidence do."""

    judges_together = True


def test_a_method_that_judges_objects_together_is_not_run_in_tiles(tmp_path):
    assert not finds_by_tile(_Judging())
    with pytest.raises(RecipeError, match="judges all objects of a picture together"):
        by_tiles(ring(), _Judging(), tmp_path, side=32)


class _Telling(Threshold):
    """A method that tells kinds of objects apart."""

    def maps_in(self, tiled, window, survey):
        return replace(super().maps_in(tiled, window, survey), class_names=("ground", "a"))


def test_a_method_that_tells_kinds_of_objects_apart_is_refused(tmp_path):
    with pytest.raises(PictureError, match="tells kinds of objects apart"):
        by_tiles(ring(), _Telling(), tmp_path, side=32)


@pytest.mark.parametrize("side", [64, 128])
def test_a_network_finds_in_tiles_what_it_finds_in_the_whole_picture(tmp_path, side):
    rng = np.random.default_rng(side)
    y, x = np.mgrid[:210, :260]
    light = rng.normal(30, 4, y.shape)
    for middle in rng.uniform((0, 0), y.shape, (60, 2)):
        light[np.hypot(y - middle[0], x - middle[1]) < rng.uniform(6, 10)] += 120
    image = Image(light.clip(0, 255).astype(np.uint8))
    method = segmenter("nuclei", diameter=16, min_confidence=0)
    found, labels = by_tiles(image, method, tmp_path, side=side)
    whole = method(image)
    assert len(whole.ids) > 20
    assert np.array_equal(labels, whole.data)
    pd.testing.assert_frame_equal(found.objects, measure(whole), check_exact=True)
    assert not finds_by_tile(segmenter("nuclei"))


class EndedError(Exception):
    """As a kill ends a run."""


class Fragile(Shuffled):
    """Workers that end after so many items."""

    def __init__(self, seed, after=10**9):
        super().__init__(seed)
        self.left, self.done = after, set()

    def run_all(self, work, items, **_):
        for item, result in super().run_all(work, items):
            if isinstance(item, int) and work.func is not count_in_tile:
                self.done.add((work.func.__name__, item))
            self.left -= 1
            if not self.left:
                raise EndedError
            yield item, result


@given(image=pictures(most=100), after=st.integers(1, 60), seed=st.integers(0, 99))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_work_that_was_ended_goes_on_at_the_tile(image, after, seed):
    method = segmenter("threshold", min_share=0.05)
    whole, _ = whole_of(method, image)
    assume(whole is not None)
    first, second = Fragile(seed, after), Fragile(seed)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with suppress(EndedError):
            by_tiles(image, method, folder, side=32, workers=first)
        found, _ = by_tiles(image, method, folder, side=32, workers=second)
    assert not first.done & second.done
    pd.testing.assert_frame_equal(found.objects, measure(whole), check_exact=True)
