import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry import Image, PixelSize
from segmetry.errors import MaskError, PictureError, ReadError, SegmetryWarning
from segmetry.io import LabelsWriter, write_ome_zarr
from segmetry.io.exchange import (
    Annotation,
    read_label_zarr,
    write_annotations,
    write_label_zarr,
    write_label_zarr_05,
)
from segmetry.io.exchange import ome_zarr as module
from segmetry.tiled import InMemory

WRITERS = {"ome-zarr": write_label_zarr, "ome-zarr-0.5": write_label_zarr_05}


@pytest.mark.parametrize("to", WRITERS)
@settings(max_examples=8)
@given(
    numbers=st.lists(
        st.integers(1, 2**32 - 1) | st.sampled_from([1, 255, 65_535, 65_536]), max_size=6
    ),
    depth=st.sampled_from([0, 2, 3]),
    seed=st.integers(0, 99),
)
def test_every_object_comes_back_with_its_number_and_area(
    tmp_path_factory, to, numbers, depth, seed
):
    shape = (depth, 20, 30) if depth else (20, 30)
    rng = np.random.default_rng(seed)
    labels = rng.choice(np.array([0, 0, *numbers], np.uint32), shape)
    path = tmp_path_factory.mktemp("any") / "a_labels.ome.zarr"
    WRITERS[to](path, Annotation("a", labels))
    found = read_label_zarr(path)
    assert np.array_equal(found.labels, labels)
    assert found.labels.dtype == np.uint32


@pytest.mark.parametrize("to", WRITERS)
def test_more_objects_than_16_bits_hold_come_back(tmp_path, to):
    labels = np.arange(66_000, dtype=np.uint32).reshape(200, 330) * 3
    (path,) = write_annotations(tmp_path, [Annotation("a", labels)], to=to)
    assert path.name == "a_labels.ome.zarr"
    assert np.array_equal(read_label_zarr(path).labels, labels)


@pytest.mark.parametrize("to", WRITERS)
def test_measurements_and_pixel_size_come_back(tmp_path, to):
    labels = np.array([[1, 0, 5], [1, 0, 5]])
    told = {1: {"area_um2": 2.5, "n": 2}, 5: {"area_um2": float("nan"), "n": 3}}
    size = PixelSize(0.5, 0.25, "um", "typed")
    one = Annotation("a", labels, pixel_size=size, measurements=told)
    WRITERS[to](tmp_path / "a.ome.zarr", one)
    found = read_label_zarr(tmp_path / "a.ome.zarr")
    assert found.name == "a"
    assert found.measurements == {1: {"area_um2": 2.5, "n": 2}, 5: {"n": 3}}
    assert (found.pixel_size.y, found.pixel_size.x) == (0.5, 0.25)


def test_measurements_too_many_for_metadata_are_left_out_with_a_note(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MOST_VALUES", 3)
    told = {1: {"area": 2.5, "n": 2}, 5: {"area": 1.0, "n": 3}}
    one = Annotation("a", np.array([[1, 5]]), measurements=told)
    with pytest.warns(SegmetryWarning, match="a has 4 measured values, too many"):
        write_label_zarr(tmp_path / "a.ome.zarr", one)
    found = read_label_zarr(tmp_path / "a.ome.zarr")
    assert found.measurements == {}
    assert found.labels.tolist() == [[1, 5]]


def _beside(path, *names):
    picture = Image(np.zeros((8, 9), np.uint8) + 3, name="cells")
    write_ome_zarr(path, InMemory(picture))
    for number, name in enumerate(names, start=1):
        writer = LabelsWriter.create(path / "labels" / name, (8, 9))
        writer.write((slice(0, 8), slice(0, 9)), np.full((8, 9), number))
        writer.finish()


def test_the_labels_of_a_picture_are_found_in_it(tmp_path):
    path = tmp_path / "cells.ome.zarr"
    _beside(path, "nuclei")
    found = read_label_zarr(path)
    assert found.name == "cells"
    assert (found.labels == 1).all()


def test_of_several_label_images_one_is_to_be_named(tmp_path):
    path = tmp_path / "cells.ome.zarr"
    _beside(path, "nuclei", "spots")
    with pytest.raises(MaskError, match="label images nuclei, spots; name one of them"):
        read_label_zarr(path)
    assert (read_label_zarr(path / "labels" / "spots").labels == 2).all()


def test_a_picture_without_labels_has_none(tmp_path):
    _beside(tmp_path / "cells.ome.zarr")
    with pytest.raises(MaskError, match=r"cells\.ome\.zarr has no label image"):
        read_label_zarr(tmp_path / "cells.ome.zarr")


def test_names_that_lead_out_of_the_folder_are_refused(tmp_path):
    path = tmp_path / "cells.ome.zarr"
    _beside(path, "nuclei")
    told = path / "labels" / ".zattrs"
    told.write_text(json.dumps({"labels": ["../../other.zarr"]}))
    with pytest.raises(ReadError, match="outside of its own folder"):
        read_label_zarr(path)


@pytest.mark.parametrize("properties", [3, [3], [{"label-value": "x"}], [{}], None])
def test_odd_properties_are_left_out(tmp_path, properties):
    path = tmp_path / "a.ome.zarr"
    write_label_zarr(path, Annotation("a", np.array([[1, 2]])))
    fields = json.loads((path / ".zattrs").read_text())
    fields["image-label"]["properties"] = properties
    (path / ".zattrs").write_text(json.dumps(fields))
    assert read_label_zarr(path).measurements == {}


def test_a_folder_that_holds_no_zarr_is_told(tmp_path):
    with pytest.raises(ReadError, match="is no Zarr group"):
        read_label_zarr(tmp_path)


@pytest.mark.parametrize("to", WRITERS)
def test_two_pictures_of_one_name_are_refused(tmp_path, to):
    one = Annotation("a", np.array([[1]]))
    with pytest.raises(PictureError, match="two pictures are called a"):
        write_annotations(tmp_path, [one, one], to=to)
