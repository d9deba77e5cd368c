"""A person says which parts of a picture are no sample."""

import numpy as np
import pytest

from segmetry.io import write_png
from segmetry.project import look_at
from segmetry.recipe import Recipe

SIMPLE = Recipe.model_validate(
    {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}
)
BOX = {"x": 5, "y": 15, "width": 30, "height": 30}


@pytest.fixture
def project(store):
    return store.project(store.create("Powder"))


@pytest.fixture
def picture(project, tmp_path):
    """A picture of three squares that was looked at."""
    pixels = np.full((80, 120), 40, np.uint8)
    for left in (10, 50, 90):
        pixels[20:40, left : left + 20] = 200
    write_png(tmp_path / "a.png", pixels)
    picture = project.pictures.add(tmp_path / "a.png")
    project.pictures.keep_look(picture, look_at(tmp_path / "a.png", SIMPLE))
    return picture


def put(client, picture, banner=None, rectangles=(), **more):
    body = {"banner": banner, "rectangles": list(rectangles), **more}
    return client.put(f"/api/v1/images/{picture}/roi", json=body)


def n_found(project, picture):
    return project.labels.n_objects(project.labels.run(picture, SIMPLE))


def test_objects_in_an_excluded_rectangle_are_not_found(client, project, picture):
    assert n_found(project, picture) == 3
    answer = put(client, picture, rectangles=[BOX])
    assert answer.status_code == 200
    assert answer.json()["excluded"]["rectangles"] == [BOX]
    assert n_found(project, picture) == 2
    put(client, picture)
    assert n_found(project, picture) == 3


def test_objects_outside_of_all_regions_are_not_found(client, project, picture):
    answer = put(client, picture, regions=[BOX])
    assert answer.json()["excluded"]["regions"] == [BOX]
    assert n_found(project, picture) == 1


def test_a_banner_is_set_and_taken_away(client, project, picture):
    answer = put(client, picture, banner=[30, 80])
    assert answer.json()["excluded"]["banner"] == [30, 80]
    found = project.labels.open(project.labels.run(picture, SIMPLE))
    assert found.labels.image.excluded[30:].all()
    assert not found.labels.image.excluded[:30].any()
    assert put(client, picture).json()["excluded"]["banner"] is None
    assert project.pictures.recipe(picture, SIMPLE).banner.exclude == "none"


def test_a_banner_that_stays_is_still_looked_for_by_itself(client, project, picture):
    put(client, picture, rectangles=[BOX])
    assert project.pictures.recipe(picture, SIMPLE).banner.exclude == "auto"


@pytest.mark.parametrize(
    ("banner", "box"),
    [
        ([0, 80], BOX),
        ([70, 81], BOX),
        ([70, 70], BOX),
        (None, BOX | {"width": 116}),
        (None, BOX | {"y": 80, "height": 1}),
    ],
)
def test_what_lies_outside_is_refused_and_changes_nothing(
    client, project, picture, banner, box
):
    before = project.pictures.record(picture)
    for parts in ({"rectangles": [box]}, {"regions": [box]}):
        answer = put(client, picture, banner=banner, **parts)
        assert answer.status_code == 409
        assert "draw them again" in answer.json()["error"]["message"]
    assert project.pictures.record(picture) == before


@pytest.mark.parametrize("box", [{}, BOX | {"x": -1}, BOX | {"width": 0}, BOX | {"x": 1.5}])
def test_what_is_no_box_is_refused(client, picture, box):
    assert put(client, picture, rectangles=[box]).status_code == 422
