"""A pixel size goes to all pictures of a project, but over no file's own."""

import numpy as np
import pytest
import tifffile

from segmetry.errors import CalibrationError
from segmetry.project import look_at
from segmetry.project.looks import pixel_size_of
from segmetry.project.shared_scale import share_pixel_size


@pytest.fixture
def add(project, simple):
    """Add a picture to the project, and look at it."""

    def add(path):
        picture = project.pictures.add(path)
        chosen = project.pictures.recipe(picture, simple)
        project.pictures.keep_look(picture, look_at(path, chosen))
        return picture

    return add


@pytest.fixture
def imagej(home):
    """Write a picture whose file says its pixel size in µm."""

    def write(name, size):
        pixels = np.arange(1200, dtype=np.uint16).reshape(30, 40)
        tifffile.imwrite(
            home / name,
            pixels,
            imagej=True,
            resolution=(1 / size, 1 / size),
            metadata={"unit": "um", "spacing": 1.0},
        )
        return home / name

    return write


def size_of(project, picture):
    return pixel_size_of(project.pictures.record(picture).look["pixel_size"])


def test_pictures_that_say_nothing_or_the_same_take_it_over(project, add, draw, imagej):
    first, plain = add(draw("a.png")), add(draw("b.png"))
    same = add(imagej("same.tif", 0.25))
    other = add(imagej("other.tif", 0.5))
    unread = project.pictures.add(draw("c.png"))
    line = {"from": [0, 0], "to": [20, 0], "length": 5, "unit": "µm"}
    project.calibrate(first, choice="typed", pixel_size="5 um / 20 px", drawn=line)

    shared = share_pixel_size(project, first)
    assert shared.used == [plain, same]
    assert (shared.differing, shared.unread) == ([other], [unread])
    assert size_of(project, plain) == size_of(project, first)  # its uncertainty, too
    assert "drawn" not in project.pictures.record(plain).choices
    assert size_of(project, other).in_um.x == 0.5
    assert project.pictures.record(unread).status == "new"


def test_a_better_size_replaces_what_was_shared_before(project, add, draw):
    first, second = add(draw("a.png")), add(draw("b.png"))
    for size in ("4 nm", "5 nm"):
        project.calibrate(first, choice="typed", pixel_size=size)
        assert share_pixel_size(project, first).used == [second]
        assert size_of(project, second) == size_of(project, first)


def test_labels_that_are_there_follow(project, add, draw, labels):
    (picture,) = project.pictures.records()
    add(picture.path)
    typed = add(draw("b.png"))
    project.calibrate(typed, choice="typed", pixel_size="0.5 um")
    labels.close()
    share_pixel_size(project, typed)
    (record,) = project.labels.records(picture.id)
    assert "area_um2" in project.labels.open(record.id).table


def test_what_nobody_typed_is_not_shared(project, add, draw, imagej):
    for picture in (add(draw("a.png")), add(imagej("b.tif", 0.25))):
        with pytest.raises(CalibrationError, match="typed or drew"):
            share_pixel_size(project, picture)
