"""Labels that are written window by window come back exactly, and others can read them."""

import importlib
import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry import Image, PixelSize
from segmetry.errors import ReadError, WriteError
from segmetry.io import (
    LabelsWriter,
    open_tiled,
    read,
    read_labels,
    write_ome_zarr,
    write_ome_zarr_labels,
)
from segmetry.tiled import InMemory

VERSIONS = ["0.4", "0.5"]
IDS = [0, 0, 1, 7, 255, 65_535, 65_536, 250_000, 2**32 - 1]


def drawn(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.choice(IDS, (*shape[:-2], *(-(-side // 4) for side in shape[-2:])))
    wide = coarse.repeat(4, axis=-2).repeat(4, axis=-1)
    return wide[..., : shape[-2], : shape[-1]].astype(np.uint32)


@pytest.fixture(scope="module")
def model() -> Any:
    """Return the models of another program that check files of a version."""
    pytest.importorskip("ome_zarr_models", reason="ome-zarr-models is not installed")

    def find(version: str, kind: str) -> Any:
        package = f"ome_zarr_models.v{version.replace('.', '')}"
        return getattr(importlib.import_module(package), kind)

    return find


@settings(max_examples=10)
@given(
    depth=st.integers(0, 3),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    version=st.sampled_from(VERSIONS),
    chunk=st.sampled_from([16, 64]),
    seed=st.integers(0, 99),
)
def test_labels_come_back_exactly(
    tmp_path_factory, depth, height, width, version, chunk, seed
):
    labels = drawn((*([depth] if depth > 1 else []), height, width), seed)
    path = tmp_path_factory.mktemp("any") / "a.ome.zarr"
    writer = LabelsWriter.create(path, labels.shape, chunk=chunk, version=version)
    for rows, columns in writer.levels.windows(0):
        writer.write((rows, columns), labels[..., rows, columns])
    writer.finish()
    assert np.array_equal(read_labels(path, allow_empty=True), labels)


def test_several_processes_write_one_label_image(tmp_path):
    writer = LabelsWriter.create(tmp_path / "a.ome.zarr", (64, 128), chunk=32)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        windows = [(slice(0, 64), slice(left, left + 32)) for left in range(0, 128, 32)]
        parts = [drawn((64, 128))[window] for window in windows]
        list(pool.map(LabelsWriter.write, [writer] * 4, windows, parts))
    writer.finish()
    assert np.array_equal(read_labels(writer.path), drawn((64, 128)))
    assert len(pickle.dumps(writer)) < 2_000


def test_until_it_is_finished_it_is_no_picture(tmp_path):
    writer = LabelsWriter.create(tmp_path / "a.ome.zarr", (8, 8))
    writer.write((slice(0, 8), slice(0, 8)), drawn((8, 8)))
    with pytest.raises(ReadError, match="no picture by its metadata"):
        read_labels(writer.path)
    writer.finish()
    assert np.array_equal(read_labels(writer.path), drawn((8, 8)))


@pytest.mark.parametrize(
    "window",
    [
        (slice(1, 32), slice(0, 32)),
        (slice(0, 31), slice(0, 32)),
        (slice(0, 32), slice(32, 80)),
        (slice(0, 96), slice(0, 32)),
    ],
)
def test_windows_that_share_chunks_are_refused(tmp_path, window):
    writer = LabelsWriter.create(tmp_path / "a.ome.zarr", (64, 100), chunk=32)
    with pytest.raises(ValueError, match="a window must hold whole chunks of 32 pixels"):
        writer.write(window, np.zeros((96, 96), np.uint32))


def test_windows_end_with_the_picture(tmp_path):
    writer = LabelsWriter.create(tmp_path / "a.ome.zarr", (40, 50), chunk=32)
    writer.write((slice(32, 40), slice(0, 50)), drawn((8, 50)))
    writer.finish()
    assert np.array_equal(read_labels(writer.path)[32:], drawn((8, 50)))


def test_what_is_there_is_not_written_over(tmp_path):
    LabelsWriter.create(tmp_path / "a.ome.zarr", (4, 4))
    with pytest.raises(WriteError, match=r"a\.ome\.zarr is there already"):
        LabelsWriter.create(tmp_path / "a.ome.zarr", (4, 4))


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(WriteError, match="cannot be written"):
        LabelsWriter.create(tmp_path / "file" / "a.ome.zarr", (4, 4))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("shape", [(70, 90), (3, 40, 50)])
def test_another_program_finds_nothing_wrong(tmp_path, model, version, shape):
    labels = drawn(shape)
    path = tmp_path / "a.ome.zarr"
    size = PixelSize(0.5, 0.25, "um", "typed", z=2.0 if len(shape) == 3 else None)
    told = {7: {"area_um2": 3.5, "bad": float("nan")}, 1: {"area_um2": 2.0}}
    write_ome_zarr_labels(
        path, labels, pixel_size=size, name="cells", properties=told, version=version
    )
    found = model(version, "ImageLabel").from_zarr(zarr.open_group(path, mode="r"))
    fields = found.attributes if version == "0.4" else found.ome_attributes
    label_image = fields.image_label
    numbers = [number for number in np.unique(labels) if number]
    assert [color.label_value for color in label_image.colors] == numbers
    assert len({color.rgba for color in label_image.colors}) == len(numbers)
    one = next(part for part in label_image.properties if part.label_value == 7)
    assert (one.area_um2, one.bad) == (3.5, None)
    scale = fields.multiscales[0].datasets[0].coordinateTransformations[0].scale
    assert list(scale)[-2:] == [0.5, 0.25]
    assert read(path).pixel_size.in_um == PixelSize(0.5, 0.25, "um", "ome", z=size.z)


@pytest.mark.parametrize("version", VERSIONS)
def test_labels_beside_a_picture_are_entered_there(tmp_path, model, version):
    path = tmp_path / "cells.ome.zarr"
    picture = Image(drawn((50, 60)).astype(np.uint16), name="cells")
    write_ome_zarr(path, InMemory(picture), chunk=32, version=version)
    for name in ("cells", "nuclei", "cells"):
        place = path / "labels" / name
        if place.exists():
            continue
        writer = LabelsWriter.create(place, (50, 60), chunk=32, version=version)
        writer.write((slice(0, 50), slice(0, 60)), drawn((50, 60)))
        writer.finish(objects=[1, 7])
    found = model(version, "Image").from_zarr(zarr.open_group(path, mode="r"))
    attributes = found.labels.attributes
    names = attributes.labels if version == "0.4" else attributes.ome.labels
    assert list(names) == ["cells", "nuclei"]
    told = zarr.open_group(path / "labels" / "cells", mode="r").attrs.asdict()
    told = told if version == "0.4" else told["ome"]
    assert told["image-label"]["source"] == {"image": "../../"}
    assert np.array_equal(read_labels(path / "labels" / "nuclei"), drawn((50, 60)))
    assert np.array_equal(read(path).pixels, picture.pixels)


@pytest.mark.parametrize("version", VERSIONS)
def test_smaller_copies_have_no_new_numbers(tmp_path, version):
    labels = drawn((100, 130))
    path = tmp_path / "a.ome.zarr"
    writer = LabelsWriter.create(path, labels.shape, chunk=32, version=version)
    for rows, columns in writer.levels.windows(0):
        writer.write((rows, columns), labels[rows, columns])
    writer.finish(source="../picture.ome.zarr")
    group = zarr.open_group(path, mode="r")
    assert np.array_equal(group["2"][...], labels[::4, ::4])


def test_empty_labels_are_labels(tmp_path):
    write_ome_zarr_labels(tmp_path / "a.ome.zarr", np.zeros((30, 40), np.uint32))
    found = read_labels(tmp_path / "a.ome.zarr", allow_empty=True)
    assert found.shape == (30, 40)
    assert not found.any()
    assert open_tiled(tmp_path / "a.ome.zarr").spatial_shape == (30, 40)


def test_the_metadata_are_plain_json(tmp_path):
    told = {7: {"x": float("inf"), "name": "Zelle ä"}}
    write_ome_zarr_labels(tmp_path / "a.ome.zarr", np.full((3, 3), 7), properties=told)
    text = (tmp_path / "a.ome.zarr" / ".zattrs").read_text(encoding="utf-8")
    assert "Infinity" not in text
    (one,) = json.loads(text)["image-label"]["properties"]
    assert one == {"label-value": 7, "x": None, "name": "Zelle ä"}


def test_an_older_one_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.ome.zarr"
    write_ome_zarr_labels(path, drawn((40, 40), 1))
    (path / "old.txt").write_text("old")
    write_ome_zarr_labels(path, drawn((30, 20), 2))
    assert np.array_equal(read_labels(path), drawn((30, 20), 2))
    assert not (path / "old.txt").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["a.ome.zarr"]


def test_nothing_stays_behind_where_it_fails(tmp_path):
    class Broken(InMemory):
        def read(self, window):
            if window[0].start:
                raise OSError(28, "full")
            return super().read(window)

    picture = Broken(Image(np.ones((40, 20), np.uint8)))
    with pytest.raises(
        WriteError, match=r"a\.ome\.zarr cannot be written: the disk is full"
    ):
        write_ome_zarr(tmp_path / "a.ome.zarr", picture, chunk=16)
    assert list(tmp_path.iterdir()) == []
