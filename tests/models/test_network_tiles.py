"""What a network sees in a window is what it sees there in the whole picture."""

from dataclasses import replace

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.models import tiling
from segmetry.segment import segmenter, segmenters_of_tiles, windows
from segmetry.tiled import InMemory


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    """Take small pictures apart as large ones are."""
    monkeypatch.setattr(windows, "_BLOCK", 96)
    monkeypatch.setattr(tiling, "_TILE", 192)
    monkeypatch.setattr(tiling, "_OVERLAP", 64)


def discs(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(int(length) for length in rng.integers(200, 330, 2))
    y, x = np.indices(shape)
    light = np.full(shape, 30.0)
    for _ in range(40):
        middle, radius = rng.uniform((0, 0), shape), rng.uniform(6, 10)
        light[np.hypot(y - middle[0], x - middle[1]) < radius] = rng.uniform(120, 200)
    light += rng.normal(0, 4, shape)
    excluded = None
    if seed % 2:
        excluded = np.zeros(shape, bool)
        excluded[-40:] = True
    return Image(light.clip(0, 255).astype(np.uint8), excluded=excluded)


def random_window(rng, shape):
    ends = [np.sort(rng.choice(length + 1, 2, replace=False)) for length in shape]
    return tuple(slice(int(start), int(stop)) for start, stop in ends)


@pytest.mark.parametrize(
    ("name", "diameter", "seed"),
    [("nuclei", 16, 0), ("nuclei", 30, 1), ("nuclei", 0, 2), ("particles", 0, 3)],
)
def test_a_window_has_the_maps_of_the_whole_picture(name, diameter, seed, tmp_path):
    image, rng = discs(seed), np.random.default_rng(seed)
    method, tiled = segmenter(name, diameter=diameter), InMemory(image)
    maps = method.maps(image)
    # As of a picture so large that no look sees all of it.
    survey = replace(method.survey(tiled), values=None, objects=None)
    for kept in (None, tmp_path, tmp_path):
        window = random_window(rng, image.spatial_shape)
        part = method.maps_in(tiled, window, replace(survey, kept=kept))
        assert np.array_equal(part.foreground, maps.foreground[window])
        top, left = part.flow_frame.grid_origin
        height, width = part.flows.shape[:2]
        own = (slice(top, top + height), slice(left, left + width))
        assert np.array_equal(part.flows, maps.flows[own])
        assert part.found == maps.found
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy"}


def test_an_object_is_cut_in_a_window_as_in_the_whole_picture():
    image = discs(4)
    method, tiled = segmenter("nuclei", diameter=16), InMemory(image)
    labels, maps = method.labels_and_maps(image)
    survey = method.survey(tiled)
    whole = method.cut_apart(maps.foreground > maps.cutoff, maps)
    for row in range(0, image.spatial_shape[0] - 120, 60):
        window = (slice(row, row + 120), slice(0, image.spatial_shape[1]))
        part = method.maps_in(tiled, window, survey)
        found = method.cut_apart(part.foreground > part.cutoff, part)
        inside = np.setdiff1d(whole[window], whole[window][[0, -1]])  # whole pieces only
        for number in inside[inside > 0]:
            own = whole[window] == number
            assert len(np.unique(found[own])) == 1
    assert len(labels.ids) > 5


def test_networks_work_window_by_window():
    assert {"nuclei", "particles", "vessels"} <= set(segmenters_of_tiles())
