"""Regions are kept with their pictures, for others too."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import PictureError, RegionError
from segmetry.project import Project, look_at
from segmetry.project.regions import (
    add_regions,
    as_kept,
    boxes_around,
    copy_regions,
    regions_of,
    set_regions,
    told_regions,
)
from segmetry.region import Region


def rectangle(name, x, y, width, height, **more):
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Region(name, (np.array(corners, float),), **more)


@pytest.fixture
def look(project, draw, simple):
    """Add a picture that was looked at, and return its identifier."""

    def add(name, shape=(20, 30)):
        path = draw(name, shape=shape)
        picture = project.pictures.add(path)
        project.pictures.keep_look(picture, look_at(path, simple))
        return picture

    return add


def names(project, picture):
    return [one.name for one in regions_of(project.pictures.record(picture))]


def test_regions_are_there_again_after_the_project_was_closed(project, look, home):
    picture = look("a.png")
    kept = [
        rectangle("CA1", 0.25, 2, 5.5, 6),
        rectangle("CA3", 9, 1, 3, 3, classification="b"),
    ]
    set_regions(project, picture, kept)
    told = told_regions(project.pictures.record(picture))
    project.close()
    with Project.open(home) as again:
        record = again.pictures.record(picture)
        found = regions_of(record)
        assert told_regions(record) == told
    assert as_kept(found) == as_kept(kept)
    assert [one.area for one in found] == [33, 9]
    assert record.status == "ready"


def test_regions_leave_banner_rectangles_and_recipe_as_they_are(project, look):
    picture = look("a.png")
    project.exclude(picture, banner=(15, 20), rectangles=[(1, 2, 3, 4)])
    before = project.pictures.recipe(picture, project.recipe)
    add_regions(project, picture, [rectangle("CA1", 0, 0, 5, 5)])
    add_regions(project, picture, [rectangle("CA3", 5, 0, 5, 5)])
    assert names(project, picture) == ["CA1", "CA3"]
    assert project.pictures.recipe(picture, project.recipe) == before
    assert project.pictures.record(picture).look["banner_rows"] == [15, 20]


def test_objects_can_be_looked_for_in_the_rectangles_around_regions_only(project, look):
    picture = look("a.png")
    triangle = Region("CA1", (np.array([[2.5, 3], [9.2, 3], [5, 8.1]]),))
    project.exclude(picture, banner=None, regions=[triangle], only=True)
    assert project.pictures.recipe(picture, project.recipe).area.only == ((2, 3, 8, 6),)
    add_regions(project, picture, [rectangle("CA3", 20, 0, 5, 5)])
    area = project.pictures.recipe(picture, project.recipe).area
    assert area.only == ((2, 3, 8, 6), (20, 0, 5, 5))
    set_regions(project, picture, [])
    assert project.pictures.recipe(picture, project.recipe).area.only == ()


def test_two_regions_of_one_name_and_regions_beyond_the_picture_are_refused(project, look):
    picture = look("a.png")
    add_regions(project, picture, [rectangle("CA1", 0, 0, 5, 5)])
    with pytest.raises(RegionError, match="2 regions are called CA1"):
        add_regions(project, picture, [rectangle("CA1", 5, 0, 5, 5)])
    with pytest.raises(RegionError, match="30 x 20 pixels"):
        add_regions(project, picture, [rectangle("CA3", 25, 0, 9, 5)])
    assert names(project, picture) == ["CA1"]


def test_only_pictures_without_regions_take_over_those_of_another(project, look):
    one, two, other, small = (
        look(name, shape)
        for name, shape in (
            ("a.png", (20, 30)),
            ("b.png", (40, 50)),
            ("c.png", (20, 30)),
            ("d.png", (5, 5)),
        )
    )
    set_regions(project, one, [rectangle("CA1", 0, 0, 20, 10)])
    set_regions(project, other, [rectangle("DG", 0, 0, 5, 5)])
    copied = copy_regions(project, one)
    assert (list(copied.used), list(copied.other)) == ([two], [small])
    assert names(project, two) == ["CA1"]
    assert names(project, other) == ["DG"]
    assert names(project, small) == []


def test_a_picture_that_is_not_read_yet_takes_over_nothing(project, look, draw):
    one = look("a.png")
    set_regions(project, one, [rectangle("CA1", 0, 0, 5, 5)])
    unread = project.pictures.add(draw("b.png"))
    assert list(copy_regions(project, one).other) == [unread]
    with pytest.raises(PictureError, match="not read yet"):
        set_regions(project, unread, [])


def test_rectangles_to_stay_within_of_early_versions_are_regions(project, look):
    picture = look("a.png")
    project.pictures.choose(picture, {"area": {"exclude": [], "only": [[1, 2, 3, 4]]}})
    (region,) = regions_of(project.pictures.record(picture))
    assert (region.name, region.bounds) == ("Region 1", (1, 2, 4, 6))


places = st.floats(-20, 60, allow_nan=False).map(lambda at: round(at, 2))
sides = st.floats(0.5, 60, allow_nan=False)


@given(places, places, sides, sides)
def test_a_rectangle_around_holds_all_of_the_region_that_lies_in_the_picture(
    x, y, width, height
):
    region = rectangle("any", x, y, width, height)
    found = boxes_around([region], width=30, height=20)
    columns, rows = np.arange(30), np.arange(20)
    inside = [
        places[(places + 1 > start) & (places < start + length)]
        for places, start, length in ((columns, x, width), (rows, y, height))
    ]
    if not all(map(len, inside)):
        assert found == []
        return
    (box,) = found
    expected = [inside[0][0], inside[1][0], len(inside[0]), len(inside[1])]
    assert list(box) == expected
