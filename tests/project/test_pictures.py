import os
import sys

import numpy as np
import pytest

from segmetry.errors import (
    PictureError,
    ProjectError,
    ReadError,
    RecipeError,
    WriteError,
)
from segmetry.image import Image
from segmetry.io import read, write_ome_zarr
from segmetry.project import Project
from segmetry.project.looks import Look, look_at
from segmetry.recipe import Recipe
from segmetry.tiled import InMemory


def test_a_local_picture_stays_where_it_is(project, draw):
    path = draw("a.png")
    record = project.pictures.record(project.pictures.add(path))
    assert (record.name, record.path, record.is_upload) == ("a.png", path, False)
    assert record.status == "new"
    assert project.pictures.file(record.id) == path
    assert not list((project.folder / "uploads").iterdir())


def test_a_picture_is_added_once(project, draw):
    first = project.pictures.add(draw("a.png"))
    assert project.pictures.add(draw("b.png")) != first
    assert project.pictures.add(draw("a.png")) == first
    assert [record.name for record in project.pictures.records()] == ["a.png", "b.png"]


def test_a_project_moves_with_its_folder(project, draw, tmp_path):
    picture = project.pictures.add(draw("a.png"))
    project.close()
    moved = (tmp_path / "powders").rename(tmp_path / "moved")
    with Project.open(moved) as again:
        assert again.pictures.file(picture) == moved / "a.png"


def test_a_picture_outside_the_folder_keeps_its_path(project, draw, tmp_path):
    outside = draw("a.png").rename(tmp_path / "outside.png")
    assert project.pictures.file(project.pictures.add(outside)) == outside


def test_a_project_without_a_folder_takes_local_pictures_too(draw):
    path = draw("a.png")
    with Project.create(None, "Loose") as project:
        assert project.pictures.file(project.pictures.add(path)) == path


def test_a_file_that_is_gone_is_told(project, draw):
    path = draw("a.png")
    picture = project.pictures.add(path)
    path.unlink()
    with pytest.raises(PictureError, match=r"a.png is no longer .* folder powders"):
        project.pictures.file(picture)


def test_a_file_that_changed_is_told(project, draw):
    picture = project.pictures.add(draw("a.png", value=50))
    draw("a.png", value=51)
    with pytest.raises(PictureError, match=r"a.png has changed since it was added"):
        project.pictures.file(picture)


def test_a_file_of_equal_size_that_changed_is_told(project, draw):
    path = draw("a.png")
    picture = project.pictures.add(path)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(PictureError, match="has changed"):
        project.pictures.file(picture)


def test_a_file_that_was_only_touched_is_the_same(project, draw):
    path = draw("a.png")
    picture = project.pictures.add(path)
    os.utime(path, ns=(1, 1))
    assert project.pictures.file(picture) == path
    os.utime(path, ns=(1, 1))
    assert project.pictures.file(picture) == path


def test_a_picture_that_was_moved_can_be_put_back_or_added_where_it_is(
    project, draw, tmp_path
):
    path = draw("a.png")
    picture = project.pictures.add(path)
    moved = path.rename(tmp_path / "far.png")
    with pytest.raises(PictureError, match="put it back, or add it from where it is now"):
        project.pictures.file(picture)
    assert project.pictures.file(project.pictures.add(moved)) == moved
    moved.rename(path)
    assert project.pictures.file(picture) == path


def test_a_missing_picture_is_not_added(project, home):
    with pytest.raises(ReadError, match=r"absent.png"):
        project.pictures.add(home / "absent.png")


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_a_name_that_is_no_text_is_told(project, draw, home):
    odd = draw("a.png").rename(home / "a\udcff.png")
    with pytest.raises(PictureError, match=r"a\?.png is no text"):
        project.pictures.add(odd)


def pieces(content, size=100):
    return (content[start : start + size] for start in range(0, len(content), size))


def test_an_upload_is_kept_under_a_name_of_our_own(project, draw):
    content = draw("a.png").read_bytes()
    picture = project.pictures.upload("../../etc/C:\\a\x00b\n.png", pieces(content))
    record = project.pictures.record(picture)
    assert (record.name, record.is_upload) == ("ab.png", True)
    assert record.path.parent == project.folder / "uploads"
    assert record.path.name == picture
    assert project.pictures.file(picture).read_bytes() == content
    assert np.array_equal(read(record.path).pixels, np.full((20, 30), 50))


@pytest.mark.parametrize("name", ["", "..", "/", "\x07"])
def test_an_upload_without_a_name_gets_one(project, draw, name):
    picture = project.pictures.upload(name, [draw("a.png").read_bytes()])
    assert project.pictures.record(picture).name in {"picture", ".."}


def test_an_upload_that_is_too_large_is_refused_while_it_comes(project):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield bytes(1000)

    with pytest.raises(ReadError, match="more than the 5,000 bytes"):
        project.pictures.upload("a.png", endless(), most_bytes=5000)
    assert len(taken) == 6
    assert not list((project.folder / "uploads").iterdir())
    assert not project.pictures.records()


def test_an_upload_of_nothing_is_refused(project):
    with pytest.raises(ReadError, match=r"a.png is empty"):
        project.pictures.upload("a.png", [])
    assert not list((project.folder / "uploads").iterdir())


def test_an_upload_that_breaks_off_leaves_nothing(project):
    def broken():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(WriteError, match=r"a.png cannot be kept"):
        project.pictures.upload("a.png", broken())
    assert not list((project.folder / "uploads").iterdir())


def test_what_a_crash_left_of_an_upload_is_removed(project, home):
    (project.folder / "uploads" / "01.part").write_bytes(b"half")
    project.close()
    with Project.open(home):
        assert not list((project.folder / "uploads").iterdir())


def test_what_was_chosen_for_a_picture_joins_the_recipe(project, draw):
    picture = project.pictures.add(draw("a.png"))
    parts = {"banner": {"exclude": "5"}, "area": {"exclude": [[0, 0, 4, 4]]}}
    project.pictures.choose(picture, parts)
    project.pictures.choose(picture, {"calibration": {"pixel_size": "3 nm"}})
    recipe = project.pictures.recipe(picture, Recipe(segmentation={"name": "local"}))
    assert recipe.banner.exclude == "5"
    assert recipe.area.exclude == ((0, 0, 4, 4),)
    assert recipe.calibration.pixel_size == "3 nm"
    assert recipe.segmentation.name == "local"
    project.pictures.choose(picture, {"banner": None, "area": None})
    assert set(project.pictures.record(picture).choices) == {"calibration"}


def test_what_no_recipe_may_hold_is_not_chosen(project, draw):
    picture = project.pictures.add(draw("a.png"))
    with pytest.raises(RecipeError, match="exclude"):
        project.pictures.choose(picture, {"banner": {"exclude": "all"}})
    with pytest.raises(ProjectError, match="'statistics' is not chosen by picture"):
        project.pictures.choose(picture, {"statistics": {"seed": 1}})
    assert not project.pictures.record(picture).choices


def test_what_was_seen_of_a_picture_is_kept(project, draw):
    path = draw("a.png")
    picture = project.pictures.add(path)
    project.pictures.keep_look(picture, look_at(path, Recipe()))
    record = project.pictures.record(picture)
    assert record.status == "ready"
    assert (record.look["width_px"], record.look["height_px"]) == (30, 20)
    assert read(project.pictures.thumbnail(picture)).spatial_shape == (20, 30)
    project.pictures.choose(picture, {"reading": {"page": 0}})
    assert project.pictures.record(picture).status == "new"


def test_a_picture_that_cannot_be_read_says_why(project, draw):
    picture = project.pictures.add(draw("a.png"))
    project.pictures.keep_look(picture, Look({"error": "It is cut off."}, None))
    record = project.pictures.record(picture)
    assert (record.status, record.look["error"]) == ("failed", "It is cut off.")
    assert not project.pictures.thumbnail(picture).exists()


def test_a_picture_is_removed_with_its_copy_but_a_local_file_stays(project, draw):
    path = draw("a.png")
    local = project.pictures.add(path)
    upload = project.pictures.upload("b.png", [path.read_bytes()])
    copy = project.pictures.file(upload)
    project.pictures.keep_look(upload, look_at(copy, Recipe()))
    for picture in (local, upload):
        project.pictures.remove(picture)
    assert path.exists()
    assert not copy.exists()
    assert not list((project.folder / "thumbnails").iterdir())
    with pytest.raises(ProjectError, match="no such picture"):
        project.pictures.record(local)


def test_a_folder_of_ome_zarr_is_a_picture_that_may_not_change(project, home):
    path = home / "slide.ome.zarr"
    pixels = np.arange(400, dtype=np.uint16).reshape(20, 20) + 1
    write_ome_zarr(path, InMemory(Image(pixels)), chunk=10)
    picture = project.pictures.add(path)
    assert project.pictures.record(picture).name == "slide.ome.zarr"
    assert np.array_equal(read(project.pictures.file(picture)).pixels, pixels)
    write_ome_zarr(path, InMemory(Image(pixels + 1)), chunk=10)
    with pytest.raises(PictureError, match=r"slide\.ome\.zarr has changed since"):
        project.pictures.file(picture)
