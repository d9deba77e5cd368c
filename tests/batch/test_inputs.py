import hashlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.batch.inputs import file_hash, find_pictures, recipe_inputs, unique_names
from segmetry.errors import ReadError, RecipeError
from segmetry.image import Image
from segmetry.io import write_ome_zarr
from segmetry.recipe.model import Input
from segmetry.tiled import InMemory


def files(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return folder


def test_a_folder_stands_for_the_pictures_in_it(tmp_path):
    files(tmp_path, "b.tif", "a.PNG", "notes.txt", ".hidden.png", "deeper/c.png")
    found = find_pictures([tmp_path])
    assert [picture.shown for picture in found] == ["a.PNG", "b.tif"]
    assert [picture.key for picture in found] == ["a", "b"]


def test_a_pattern_reaches_deeper_folders(tmp_path):
    files(tmp_path, "x/a.tif", "y/a.tif", "y/a.txt")
    found = find_pictures([str(tmp_path / "**" / "*.tif")])
    assert [picture.shown for picture in found] == ["x/a.tif", "y/a.tif"]


def test_two_files_of_one_stem_keep_apart(tmp_path):
    files(tmp_path, "a.png", "a.tif", "A.jpg")
    keys = [picture.key for picture in find_pictures([tmp_path])]
    assert len({key.casefold() for key in keys}) == 3


def test_a_file_named_twice_is_taken_once(tmp_path):
    files(tmp_path, "a.png")
    assert len(find_pictures([tmp_path / "a.png", tmp_path, str(tmp_path / "*.png")])) == 1


def test_a_name_with_brackets_is_a_name_before_it_is_a_pattern(tmp_path):
    files(tmp_path, "a[1].png", "a1.png")
    assert [p.path.name for p in find_pictures([str(tmp_path / "a[1].png")])] == [
        "a[1].png"
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cells.ome.tif", "cells"),
        ("jeol.tif.gz", "jeol"),
        ("第一张🔬.png", "第一张🔬"),
        ("dots. .png", "dots"),
        ("objects.csv.png", "objects.csv-2"),
    ],
)
def test_the_name_of_the_results(tmp_path, name, key):
    files(tmp_path, name)
    assert [p.key for p in find_pictures([tmp_path / name])] == [key]


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(RecipeError, match="matches nothing"):
        find_pictures([tmp_path / "none.tif"])


def test_a_folder_without_pictures_is_told(tmp_path):
    files(tmp_path, "notes.txt")
    with pytest.raises(RecipeError, match="holds no pictures"):
        find_pictures([tmp_path])


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a folder it may not list"
)
def test_a_folder_that_may_not_be_listed_is_told(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    with pytest.raises(RecipeError, match="Cannot list the folder locked"):
        find_pictures([locked])


def test_a_recipe_names_pictures_relative_to_itself(tmp_path):
    files(tmp_path, "pictures/a.tif")
    folder = tmp_path / "results"
    found = recipe_inputs([Input(path="../pictures/a.tif", sha256="12")], folder)
    assert found[0].path.read_bytes() == b"pictures/a.tif"
    assert (found[0].shown, found[0].sha256) == ("a.tif", "12")


@pytest.mark.parametrize(
    ("inputs", "said"), [([], "names no pictures"), ([Input(path="a.tif")], "not where")]
)
def test_a_recipe_without_its_pictures_is_told(tmp_path, inputs, said):
    with pytest.raises(RecipeError, match=said):
        recipe_inputs(inputs, tmp_path)


def test_the_hash_is_the_files(tmp_path):
    files(tmp_path, "a.png")
    assert file_hash(tmp_path / "a.png") == hashlib.sha256(b"a.png").hexdigest()


def test_a_file_that_cannot_be_hashed_is_told(tmp_path):
    with pytest.raises(ReadError, match="Cannot read none.png"):
        file_hash(tmp_path / "none.png")


@given(st.lists(st.sampled_from(["a", "A", "a-2", "a-3", "summary.json", "é"])))
def test_unique_names_are_unique_whatever_the_case(given_names):
    names = unique_names(given_names)
    assert len({name.casefold() for name in names}) == len(given_names)
    assert all(name.startswith(old) for name, old in zip(names, given_names, strict=True))


def test_an_empty_name_is_told(tmp_path):
    with pytest.raises(RecipeError, match="got an empty name"):
        find_pictures([files(tmp_path, "a.png"), ""])


def test_results_of_an_earlier_run_are_no_pictures_of_the_next(tmp_path):
    files(tmp_path, "a.png", "out/a/overlay.png", "out/a/labels.tif")
    everything, out = str(tmp_path / "**" / "*.*"), tmp_path / "out"
    assert [one.shown for one in find_pictures([everything], out=out)] == ["a.png"]
    with pytest.raises(RecipeError, match="Nothing but earlier results"):
        find_pictures([str(out / "*" / "*.*")], out=out)
    named = str(out / "a" / "overlay.png")  # who names it wants it
    assert len(find_pictures([named], out=out)) == 1


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux")
def test_a_file_that_fails_while_it_is_read_is_told():
    with pytest.raises(ReadError, match="Cannot read mem"):
        file_hash(Path("/proc/self/mem"))


@pytest.fixture
def slide(tmp_path):
    """An OME-Zarr picture of four chunks."""
    path = tmp_path / "slide.ome.zarr"
    pixels = np.arange(400, dtype=np.uint16).reshape(20, 20) + 1
    write_ome_zarr(path, InMemory(Image(pixels)), chunk=10)
    return path


def test_a_folder_of_ome_zarr_is_one_picture(tmp_path, slide):
    files(tmp_path, "a.png")
    for named in ([slide], [str(tmp_path / "*.zarr")]):
        (found,) = find_pictures(named)
        assert (found.key, found.path, found.shown) == ("slide", slide, "slide.ome.zarr")
    assert [one.key for one in find_pictures([tmp_path])] == ["a", "slide"]


def test_the_hash_of_ome_zarr_is_that_of_all_its_files(slide, tmp_path):
    before = file_hash(slide)
    moved = slide.rename(tmp_path / "moved.zarr")
    assert file_hash(moved) == before
    chunk = moved / "0" / "1" / "0"
    content = chunk.read_bytes()
    chunk.write_bytes(content[:-1] + b"x")
    assert file_hash(moved) != before
    chunk.write_bytes(content)
    assert file_hash(moved) == before
    chunk.rename(chunk.with_name("7"))
    assert file_hash(moved) != before


def test_an_address_is_one_picture_that_lies_nowhere_here(slide):
    import fsspec

    place = fsspec.filesystem("memory")
    place.put(str(slide), "/lab/slide.zarr", recursive=True)
    (found,) = find_pictures(["memory://lab/slide.zarr"])
    assert (found.key, found.shown) == ("slide", "slide.zarr")
    assert not found.path.is_absolute()
    before = file_hash(found.path)
    assert before == file_hash(found.path)
    place.rm("/lab", recursive=True)
    with pytest.raises(ReadError, match="is no Zarr group"):
        file_hash(found.path)
