"""Pictures that were run by tiles are shown by parts."""

import numpy as np
import pandas as pd
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from segmetry.batch import run_batch
from segmetry.errors import ProjectError
from segmetry.image import Image
from segmetry.io import LabelsWriter, read_labels
from segmetry.napari_plugin import large
from segmetry.napari_plugin.large import Level, levels_of
from segmetry.napari_plugin.sending import send_back
from segmetry.recipe import Recipe
from segmetry.tiled import InMemory

sides = st.tuples(st.integers(1, 40), st.integers(1, 40))


@st.composite
def parts(draw, n):
    first, last = sorted((draw(st.integers(0, n)), draw(st.integers(0, n))))
    return slice(first, last, draw(st.sampled_from([None, 1, 2, 3])))


@given(
    shape=sides,
    step=st.sampled_from([1, 2, 4]),
    colours=st.sampled_from([0, 3]),
    data=st.data(),
)
def test_a_part_is_that_of_the_whole(shape, step, colours, data):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (*shape, 3) if colours else shape).astype(np.uint8)
    picture = Image(pixels, axes="YXC" if colours else "YX")
    level = Level(InMemory(picture), step, colours, pixels.dtype)
    whole = pixels[::step, ::step]
    assert level.shape == whole.shape
    key = tuple(data.draw(parts(n)) for n in whole.shape[:2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "_HELD", 0)
        patch.setattr(large, "_STRIP", 50)
        assert np.array_equal(level[key], whole[key])
        assert np.array_equal(np.asarray(level), whole)
        assert np.array_equal(level[0], whole[0])


def test_copies_are_made_until_one_fits_a_screen():
    picture = Image(np.broadcast_to(np.uint8(0), (3000, 5000)))
    shapes = [level.shape for level in levels_of(InMemory(picture))]
    assert shapes == [(3000, 5000), (1500, 2500), (750, 1250), (375, 625)]


@pytest.fixture
def large_run(tmp_path, discs):
    """A run of one tiled picture whose labels lie in an OME-Zarr folder."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, discs([10] * 12), tile=(64, 64))
    recipe = Recipe.model_validate(
        {
            "segmentation": {"name": "threshold"},
            "calibration": {"pixel_size": "50 nm", "scale_bar": False},
        }
    )
    run_batch(recipe, [path], tmp_path / "run")
    folder = tmp_path / "run" / "a"
    labels = read_labels(folder / "labels.tif")
    writer = LabelsWriter.create(folder / "labels.ome.zarr", labels.shape, chunk=64)
    for top in range(0, labels.shape[0], 64):
        for left in range(0, labels.shape[1], 64):
            window = slice(top, min(top + 64, 200)), slice(left, min(left + 64, 300))
            writer.write(window, labels[window])
    writer.finish()
    return tmp_path / "run", labels


def test_a_picture_that_was_run_by_tiles_is_shown_in_several_resolutions(
    viewer, large_run, discs
):
    run, labels = large_run
    viewer.open(str(run), plugin="segmetry")
    picture, objects = viewer.layers
    assert picture.multiscale
    assert objects.multiscale
    assert np.array_equal(np.asarray(picture.data[0]), discs([10] * 12))
    assert np.array_equal(np.asarray(objects.data[0]), labels)
    assert len(objects.data) > 1
    for layer in (picture, objects):
        assert layer.scale == pytest.approx([0.05, 0.05])
    table = pd.read_csv(run / "objects.csv")
    assert objects.features["index"].tolist() == table["label"].tolist()


def test_its_objects_are_not_sent_back_by_halves(viewer, large_run):
    viewer.open(str(large_run[0]), plugin="segmetry")
    with pytest.raises(ProjectError, match="run by tiles"):
        send_back(viewer.layers["a objects"])
