"""A pixel size goes to all pictures of a project that have none of their own."""

import numpy as np
import pytest
import tifffile

from segmetry.errors import CalibrationError
from segmetry.project import Look, look_at
from segmetry.project.looks import pixel_size_of
from segmetry.project.shared_scale import share_pixel_size

_DIFFERENT = [(4.0, "scale bar"), (9.0, "zeiss")]  # nm, by two sources


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


def test_only_pictures_that_say_nothing_take_it_over(project, add, draw, imagej):
    first, plain = add(draw("a.png")), add(draw("b.png"))
    same = add(imagej("same.tif", 0.2575))  # within what may differ, but kept exactly
    other = add(imagej("other.tif", 0.5))
    unread = project.pictures.add(draw("c.png"))
    line = {"from": [0, 0], "to": [20, 0], "length": 5, "unit": "µm"}
    project.calibrate(first, choice="typed", pixel_size="5 um / 20 px", drawn=line)
    project.calibrate(same, choice="metadata")

    shared = share_pixel_size(project, first)
    assert (shared.used, shared.agreeing) == ([plain], [same])
    assert (shared.differing, shared.unread) == ([other], [unread])
    assert size_of(project, plain) == size_of(project, first)  # its uncertainty, too
    assert "drawn" not in project.pictures.record(plain).choices
    assert size_of(project, same).in_um.x == pytest.approx(0.2575)
    assert project.pictures.record(same).choices["calibration"]["choice"] == "metadata"
    assert size_of(project, other).in_um.x == 0.5
    assert project.pictures.record(unread).status == "new"


def test_what_a_person_typed_or_drew_on_another_picture_stays(project, add, draw, imagej):
    names = ("a.png", "same.png", "other.png", "drawn.png")
    first, same, other, drawn = (add(draw(name)) for name in names)
    over = add(imagej("over.tif", 0.5))
    line = {"from": [0, 0], "to": [20, 0], "length": 9, "unit": "nm"}
    for picture, size in [(first, "4 nm"), (same, "4.02 nm"), (other, "99 nm")]:
        project.calibrate(picture, choice="typed", pixel_size=size)
    project.calibrate(drawn, choice="typed", pixel_size="9 nm / 20 px", drawn=line)
    project.calibrate(over, choice="typed", pixel_size="4 nm")
    before = {one.id: one.choices for one in project.pictures.records()}

    shared = share_pixel_size(project, first)
    assert (shared.used, shared.agreeing) == ([], [same, over])
    assert shared.differing == [other, drawn]
    assert {one.id: one.choices for one in project.pictures.records()} == before


@pytest.mark.parametrize("shared", ["4 nm", "9 nm"])
def test_a_picture_whose_sources_differ_or_are_set_aside_keeps_that(
    project, add, draw, imagej, shared
):
    first, aside, torn = add(draw("a.png")), add(imagej("b.tif", 0.5)), add(draw("c.png"))
    project.calibrate(aside, choice="none")
    sizes = [{"y": n, "x": n, "unit": "nm", "source": told} for n, told in _DIFFERENT]
    facts = project.pictures.record(torn).look
    facts = {**facts, "candidates": sizes, "pixel_size": sizes[0], "conflict": True}
    project.pictures.keep_look(torn, Look(facts, None))
    project.calibrate(first, choice="typed", pixel_size=shared)
    assert share_pixel_size(project, first).differing == [aside, torn]
    assert project.pictures.record(torn).look["conflict"]


def test_a_better_size_replaces_what_was_shared_before(project, add, draw):
    first, second = add(draw("a.png")), add(draw("b.png"))
    for size in ("4 nm", "5 nm"):
        project.calibrate(first, choice="typed", pixel_size=size)
        assert share_pixel_size(project, first).used == [second]
        assert size_of(project, second) == size_of(project, first)


def test_what_came_from_one_picture_is_not_replaced_from_another(project, add, draw):
    first, second, third = (add(draw(name)) for name in ("a.png", "b.png", "c.png"))
    project.calibrate(first, choice="typed", pixel_size="4 nm")
    share_pixel_size(project, first)
    project.calibrate(third, choice="typed", pixel_size="9 nm")
    assert share_pixel_size(project, third).differing == [first, second]
    project.calibrate(second, choice="typed", pixel_size="4 nm")  # by a person now
    project.calibrate(first, choice="typed", pixel_size="5 nm")
    assert share_pixel_size(project, first).used == []
    project.calibrate(second, choice="auto")  # and now by nobody
    assert share_pixel_size(project, third).used == [second]


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
