"""Pictures of OME-Zarr, in folders and behind addresses, go through a run as files do."""

import json

import fsspec
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from segmetry import Image, PixelSize
from segmetry.cli import app
from segmetry.io import read, write_ome_tiff, write_ome_zarr
from segmetry.tiled import InMemory

QUICK = ("--segmenter", "threshold", "--no-scale-bar", "--jobs", "1")


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in (*words, *QUICK)])


@pytest.fixture
def picture(discs):
    pixels = discs([10, 14, 8, 12, 9, 11])
    size = PixelSize(0.5, 0.5, "um", "typed")
    return InMemory(Image(pixels, pixel_size=size, name="cells"))


def objects_of(out):
    table = pd.read_csv(out / "objects.csv")
    return {key: part.drop(columns="image") for key, part in table.groupby("image")}


@pytest.mark.slow
def test_the_objects_are_those_of_the_same_picture_in_other_files(tmp_path, picture):
    folder = tmp_path / "in"
    folder.mkdir()
    write_ome_zarr(folder / "a.ome.zarr", picture, chunk=64)
    write_ome_tiff(folder / "b.ome.tif", picture, tile=64)
    done = run("run", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    objects = objects_of(tmp_path / "out")
    assert list(objects) == ["a", "b"]
    first, second = (part.reset_index(drop=True) for part in objects.values())
    assert len(first) == 6
    assert "area_um2" in first
    pd.testing.assert_frame_equal(second, first)
    chunk = folder / "a.ome.zarr" / "0" / "0" / "0"
    chunk.unlink()
    changed = run("run", folder, "--out", tmp_path / "out", "--resume")
    assert changed.exit_code == 0, changed.output
    left = objects_of(tmp_path / "out")
    assert not left["a"].reset_index(drop=True).equals(first)
    assert left["b"].reset_index(drop=True).equals(first)


@pytest.mark.slow
def test_a_picture_behind_an_address_is_run_and_run_again_by_its_recipe(tmp_path, picture):
    write_ome_zarr(tmp_path / "a.zarr", picture, chunk=64)
    place = fsspec.filesystem("memory")
    place.put(str(tmp_path / "a.zarr"), "/runs/far.zarr", recursive=True)
    assert np.array_equal(read("memory://runs/far.zarr").pixels, picture.image.pixels)
    done = run("run", "memory://runs/far.zarr", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "memory://runs/far.zarr" in (tmp_path / "out" / "recipe.toml").read_text()
    (objects,) = objects_of(tmp_path / "out").values()
    assert len(objects) == 6
    recipe = tmp_path / "out" / "recipe.toml"
    again = run("run", "--recipe", recipe, "--out", tmp_path / "again")
    assert again.exit_code == 0, again.output
    (same,) = objects_of(tmp_path / "again").values()
    pd.testing.assert_frame_equal(same, objects)


def test_an_address_without_a_picture_is_a_failure_with_its_reason(tmp_path):
    done = run("run", "memory://runs/none.zarr", "--out", tmp_path / "out", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)
    (row,) = pd.read_csv(tmp_path / "out" / "images.csv").to_dict("records")
    assert row["status"] == "failed"
    assert "none.zarr is no Zarr group" in row["reason"]
